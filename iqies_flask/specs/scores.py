"""The scores of the MDS, computed as the RAI manual says and as the pack's rules demand.

Each function gives the values that the score's item may hold: mostly one, none where the rules leave it open.
What is not in the record counts as blank.
"""

from collections.abc import Mapping, Sequence

from iqies_flask.specs.edits.values import scaled_sum
from iqies_flask.specs.pack import BLANK, DASH

Items = Mapping[str, str]
"""Item to submitted value."""

_BIMS = ("C0200", "C0300A", "C0300B", "C0300C", "C0400A", "C0400B", "C0400C")
_BIMS_ZEROES = 4
"""So many zeroes are a sign of an interview that was not completed."""

_INTERVIEW = tuple(f"D0150{letter}2" for letter in "ABCDEFGHI")
_INTERVIEW_MISSING = 3
"""With so many frequencies missing the interview was not completed."""

_STAFF = tuple(f"D0500{letter}2" for letter in "ABCDEFGHIJ")
_STAFF_MISSING = 3
_NOT_COMPLETED = "99"


def bims_summary_scores(items: Items) -> frozenset[str]:
    """Compute C0500, the summary score of the Brief Interview for Mental Status.

    Args:
        items: The record.

    Returns:
        The sum; 99 for an interview with a part that was not assessed; either where four or more parts are 0,
        since no record tells a wrong answer from one that was refused.
    """
    parts = _of(items, _BIMS)
    dashes = parts.count(DASH)
    if 0 < dashes < len(parts):
        return frozenset({_NOT_COMPLETED})
    if dashes or BLANK in parts:
        return frozenset()
    total = _written(scaled_sum(parts, 1, 1))
    return frozenset({total, _NOT_COMPLETED} if parts.count("0") >= _BIMS_ZEROES else {total})


def mood_interview_scores(items: Items) -> frozenset[str]:
    """Compute D0160, the total severity score of the resident's mood interview (PHQ-2 to 9).

    Args:
        items: The record.

    Returns:
        Blank where neither of the first two questions was answered; their sum where both were answered with
        0 or 1, which ends the interview; else the sum of all, scaled up for one or two that are missing, and
        99 for more.
    """
    first = _of(items, _INTERVIEW[:2])
    if _of(items, ("D0150A1", "D0150B1")) == ["9", "9"]:
        return frozenset({BLANK})
    if all(frequency in {"0", "1"} for frequency in first):
        return frozenset({_written(scaled_sum(first, 1, 1))})
    frequencies = _of(items, _INTERVIEW)
    missing = frequencies.count(DASH) + frequencies.count(BLANK)
    if items.get("D0100") != "1" or missing == len(frequencies):
        return frozenset()
    if missing >= _INTERVIEW_MISSING:
        return frozenset({_NOT_COMPLETED})
    return frozenset({_scaled_up(frequencies, missing)})


def staff_mood_scores(items: Items) -> frozenset[str]:
    """Compute D0600, the total severity score of the staff's assessment of mood (PHQ-9-OV).

    Args:
        items: The record.

    Returns:
        The sum, scaled up for one or two frequencies that are missing; a dash for more.
    """
    frequencies = _of(items, _STAFF)
    missing = frequencies.count(DASH)
    if items.get("D0100") != "0" or BLANK in frequencies:
        return frozenset()
    return frozenset({DASH if missing >= _STAFF_MISSING else _scaled_up(frequencies, missing)})


def _of(items: Items, names: Sequence[str]) -> list[str]:
    return [items.get(name, BLANK) for name in names]


def _scaled_up(frequencies: Sequence[str], missing: int) -> str:
    return _written(scaled_sum(frequencies, len(frequencies), len(frequencies) - missing))


def _written(score: int) -> str:
    return f"{score:02d}"
