"""Scrubbing: a record is stored as CMS stores it, and each change is listed in the report.

Texts lose spaces at their ends, letters become upper case where CMS says so, numbers get their leading
zeroes, and lists of diagnoses lose their gaps. Beside that the advice of the record's pack is given, which
changes nothing.
"""

import string
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from iqies_flask.plugin import Change, Context, Finding, Item, Pack, Record, advise_assessment, hookimpl

BLANK = "^"

_UPPER_CASE = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)
"""Of other letters some become longer in upper case, longer than the item may be."""


@hookimpl
def scrub(record: Record, context: Context) -> Iterable[Change | Finding]:
    """Propose the normalizations of a record that has a specification pack, and give that pack's advice."""
    identified = context.identification
    if identified is None or identified.pack is None:
        return ()
    return [
        *normalizations(record.items, identified.pack),
        *advise_assessment(record, identified.pack, identified.summary.subset, context.today),
    ]


def normalizations(items: Mapping[str, str], pack: Pack) -> list[Change]:
    """List every normalization of a record's items.

    Args:
        items: Item to submitted value.
        pack: The record's data specification.

    Returns:
        One change for each item that is stored otherwise than it was submitted.
    """
    stored = dict(items)
    reasons: dict[str, list[str]] = {}
    for item, after, reason in _single_items(items, pack):
        stored[item] = after
        reasons.setdefault(item, []).append(reason)
    for item, after, reason in _moved_up(stored, pack):
        stored[item] = after
        reasons.setdefault(item, []).append(reason)
    return [
        Change(item, items[item], stored[item], " ".join(why))
        for item, why in reasons.items()
        if stored[item] != items[item]
    ]


@lru_cache(maxsize=16)
def _changeable(pack: Pack) -> tuple[Item, ...]:
    """The items of which anything but a listed value may be submitted: a minority."""
    return tuple(item for item in pack.submitted_items if item.type in {"Text", "Number", "ICD"})


def _single_items(items: Mapping[str, str], pack: Pack) -> Iterator[tuple[str, str, str]]:
    upper_case = pack.stored_upper_case
    for item in _changeable(pack):
        text = items.get(item.id)
        if text is None or text in item.values:
            continue
        trimmed = text.strip(" ")
        if item.type == "Text" and trimmed not in {"", text}:
            text = trimmed
            yield item.id, text, "Spaces at the start and end are removed."
        if upper_case and item.id in upper_case.items and text != text.translate(_UPPER_CASE):
            text = text.translate(_UPPER_CASE)
            yield item.id, text, f"CMS stores this item in upper case ({upper_case.edit})."
        padded = _with_leading_zeroes(item, text)
        if padded != text:
            yield item.id, padded, "Numbers are stored with leading zeroes, at the item's full length."


def _with_leading_zeroes(item: Item, text: str) -> str:
    if item.type != "Number" or not (text.isascii() and text.isdigit()) or item.maximum is None:
        return text
    return text.zfill(len(item.maximum))


def _moved_up(items: Mapping[str, str], pack: Pack) -> Iterator[tuple[str, str, str]]:
    for rule in pack.moved_up:
        rows = [row for row in rule.rows if all(item in items for item in row)]
        if len(rows) < len(rule.rows):
            continue
        values = [tuple(items[item] for item in row) for row in rows]
        filled = [row for row in values if row[0] != BLANK]
        if values[: len(filled)] == filled:
            continue
        blanks = [row for row in values if row[0] == BLANK]
        for names, after in zip(rows, filled + blanks, strict=True):
            for item, value in zip(names, after, strict=True):
                if value != items[item]:
                    yield item, value, f"The list is stored without gaps ({rule.edit})."
