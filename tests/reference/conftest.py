from pathlib import Path

import pytest

from iqies_flask.catalogue import OWN_MESSAGES
from iqies_flask.reference.exporting.export import export_reference
from iqies_flask.specs.pack import Pack
from tests.packs import all_packs


@pytest.fixture(scope="session")
def packs() -> list[Pack]:
    return all_packs()


@pytest.fixture(scope="session")
def exported(packs: list[Pack], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The export of every pack; tests read it and change nothing."""
    folder = tmp_path_factory.mktemp("reference") / "exported"
    export_reference(packs, OWN_MESSAGES, folder)
    return folder
