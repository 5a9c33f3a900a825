"""What edits compute from submitted values. Shared by the compiled edits and the explanations."""

import math
from collections.abc import Iterable, Sequence
from datetime import date

from iqies_flask.specs.dates import is_birth_date, parse_date
from iqies_flask.specs.pack import BLANK

NOT_A_NUMBER = math.nan
"""Stands for a value that is no number: no comparison with it holds."""

_UNKNOWN_DAY = "15"
_UNKNOWN_MONTH_AND_DAY = "0702"


def number(value: str | None) -> float:
    """Read a whole number; anything else gives `NOT_A_NUMBER`."""
    return int(value) if value and value.isascii() and value.isdigit() else NOT_A_NUMBER


def is_blank(value: str | None) -> bool:
    """Whether a value stands for no date: missing, ``^``, or dashes."""
    return value is None or value == BLANK or not value.strip("-")


def in_order(values: Sequence[str | None], strict: Sequence[bool]) -> bool:
    """Whether dates stand in order, blank ones passed over.

    Args:
        values: Submitted dates; a birth date may be partial and counts as early as it can be.
        strict: For each value but the first, whether it must be later than the one before it.
    """
    last: str | None = None
    must_be_later = False
    for place, value in enumerate(values):
        if place:
            must_be_later = must_be_later or strict[place - 1]
        if is_blank(value):
            continue
        assert value is not None
        if not is_birth_date(value):
            return False
        day = value + "0101"[: 8 - len(value)]
        if last is not None and (day <= last if must_be_later else day < last):
            return False
        last, must_be_later = day, False
    return True


def days_between(first: str | None, last: str | None) -> int | None:
    """Days from one date to another; None where either is no date."""
    start, end = parse_date(first or ""), parse_date(last or "")
    return None if start is None or end is None else (end - start).days


def age_at(birth: str | None, at: str | None) -> int | None:
    """Age in whole years; None where it cannot be computed.

    An unknown day counts as the 15th, an unknown month and day as July 2 (OASIS -3390).

    Args:
        birth: YYYYMMDD, YYYYMM or YYYY.
        at: YYYYMMDD.
    """
    day = parse_date(at or "")
    if day is None or not birth or not is_birth_date(birth):
        return None
    whole = birth + {8: "", 6: _UNKNOWN_DAY, 4: _UNKNOWN_MONTH_AND_DAY}[len(birth)]
    born = date(int(whole[:4]), int(whole[4:6]), int(whole[6:]))
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def scaled_sum(values: Iterable[str | None], times: int, over: int) -> int:
    """Add numbers, what is none counting as 0, scale the sum, and round it to the nearest, halves up."""
    total = sum(int(value) for value in values if value and value.isascii() and value.isdigit())
    return (2 * total * times + over) // (2 * over)


def all_distinct(values: Iterable[str | None]) -> bool:
    """Whether no two values, blanks aside, are the same. Case does not matter."""
    filled = [value.upper() for value in values if value is not None and value != BLANK]
    return len(filled) == len(set(filled))


def submitted_forms(value: str, length: int) -> frozenset[str]:
    """The ways in which a number may be written: with or without leading zeroes, within the item's length.

    Args:
        value: As an edit writes it.
        length: The item's.
    """
    if not value.isdigit():
        return frozenset({value})
    bare = value.lstrip("0") or "0"
    return frozenset(bare.zfill(width) for width in range(len(bare), max(length, len(bare)) + 1))
