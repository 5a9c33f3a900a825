import pytest

from iqies_flask.specs.edits.tree import Edit
from iqies_flask.specs.pack import Pack


@pytest.fixture(scope="session")
def oasis_edits(oasis: Pack) -> dict[str, Edit]:
    return {edit.id: edit for edit in oasis.consistency_edits}
