"""The bundled packs, read once."""

import pytest

from iqies_flask.plugin import bundled_packs
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.registry import SpecRegistry


@pytest.fixture(scope="session")
def specs() -> SpecRegistry:
    return SpecRegistry([*bundled_packs("oasis"), *bundled_packs("mds")])


@pytest.fixture(scope="session")
def oasis(specs: SpecRegistry) -> Pack:
    pack = specs.get("OASIS", "3.02")
    assert pack is not None
    return pack


@pytest.fixture(scope="session")
def mds(specs: SpecRegistry) -> Pack:
    pack = specs.get("MDS", "3.10")
    assert pack is not None
    return pack
