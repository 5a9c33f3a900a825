"""The edits that only an application with a database can judge, as it supplies their predicates."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from iqies_flask.model import Finding
from iqies_flask.specs.edits.predicates import Supplied
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.subset_edits import SubsetEdits


def check_with_database(
    items: Mapping[str, str], pack: Pack, subset: str, today: date, supplied: Supplied
) -> list[Finding]:
    """Check a record with the edits that need the database.

    Args:
        items: Element name to submitted text, in the order of the record.
        pack: The pack in force for the record.
        subset: The item subset code that it is checked as; empty where there is none, and then nothing is
            checked.
        today: The day on which it was received.
        supplied: Who answers. What asks for more than that is not judged.
    """
    if not subset:
        return []
    return list(_subset_edits(pack, subset).findings(items, today, supplied))


@lru_cache(maxsize=256)
def _subset_edits(pack: Pack, subset: str) -> SubsetEdits:
    active = {item.id: item for item in pack.active(subset)}
    allowed = active | {item.id: item for item in pack.optional(subset)}
    return SubsetEdits(pack.database_edits, pack.system, pack.items, active, allowed)
