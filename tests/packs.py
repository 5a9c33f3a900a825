"""The specification packs of this repository."""

from iqies_flask.resources import schemas_folder
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.registry import SpecRegistry


def all_packs() -> list[Pack]:
    """Load every pack."""
    return SpecRegistry(sorted(path.parent for path in schemas_folder().glob("*/*/pack.toml"))).packs
