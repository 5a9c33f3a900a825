"""Advice: rules of the project's own on what a record says, which never reject it."""

from datetime import date
from functools import lru_cache

from iqies_flask.model import Finding, Record
from iqies_flask.model.finding import OWN_SYSTEM
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.subset_edits import SubsetEdits


def advise_assessment(record: Record, pack: Pack, subset: str, today: date) -> list[Finding]:
    """Give the advice of a pack on a record.

    Args:
        record: The record.
        pack: The pack in force for it.
        subset: The item subset code that it is checked as; empty where there is none, and then no advice.
        today: The day on which it was received.
    """
    if not subset:
        return []
    return list(subset_advice(pack, subset).findings(record.items, today))


@lru_cache(maxsize=256)
def subset_advice(pack: Pack, subset: str) -> SubsetEdits:
    """Prepare the advice for an item subset, once.

    Args:
        pack: The pack.
        subset: Item subset code.

    Raises:
        KeyError: The pack has no such subset.
    """
    active = {item.id: item for item in pack.active(subset)}
    allowed = active | {item.id: item for item in pack.optional(subset)}
    return SubsetEdits(pack.advice_edits, OWN_SYSTEM, pack.items, active, allowed)
