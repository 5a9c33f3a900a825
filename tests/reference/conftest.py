from pathlib import Path

import pytest

from iqies_flask.catalogue import OWN_MESSAGES
from iqies_flask.reference.exporting.export import export_reference
from iqies_flask.resources import schemas_folder
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.registry import SpecRegistry


@pytest.fixture(scope="session")
def packs() -> list[Pack]:
    return SpecRegistry(sorted(path.parent for path in schemas_folder().glob("*/*/pack.toml"))).packs


@pytest.fixture(scope="session")
def exported(packs: list[Pack], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export of every pack; tests read it and change nothing."""
    folder = tmp_path_factory.mktemp("reference") / "exported"
    export_reference(packs, OWN_MESSAGES, folder)
    return folder
