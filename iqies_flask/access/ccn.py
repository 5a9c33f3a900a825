"""CMS Certification Numbers: what they may be, and what they say. Knows no database.

Two positions name the state, four the kind of provider and its number; a swing-bed unit has a letter in the
third position, and so have some that Medicaid alone pays. There is no check digit. The ranges are data,
``ccn.toml``.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from iqies_flask.access.errors import AccessError
from iqies_flask.access.kinds import KIND_LABELS, ProviderKind

LENGTH = 6
HYPHENS = r"\-\u2010-\u2015\u2212"
"""Hyphens, dashes and the minus sign, for a class of a regular expression."""

_ALLOWED = re.compile(r"[0-9A-Z]*")
_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_FOR_READING = re.compile(rf"[\s{HYPHENS}]")


class CCNError(AccessError):
    """A text is no CCN of a provider that submits here; the message says why, for the person who typed it."""


@dataclass(frozen=True, slots=True)
class CCN:
    """A CCN and what it says.

    Attributes:
        text: The six positions, letters in upper case.
        state: Two-letter code of the state or territory; empty for a number from elsewhere.
        kind: Kind of provider.
    """

    text: str
    state: str
    kind: ProviderKind


def normalized(text: str) -> str:
    """Take out of a typed CCN what people put in for reading: spaces, hyphens, lower case."""
    return _FOR_READING.sub("", without_invisible(text)).upper()


def without_invisible(text: str) -> str:
    """Take out of a text characters without any width, which are copied along from web pages and files."""
    return _INVISIBLE.sub("", text)


def parse_ccn(text: str) -> CCN:
    """Read a CCN.

    Args:
        text: As typed; spaces, hyphens and lower case do no harm.

    Raises:
        CCNError: It is none, or not that of a nursing home, swing-bed hospital or home health agency.
    """
    ccn = normalized(text)
    if not ccn:
        raise CCNError("Enter a CCN: six digits and letters, such as 015001.")
    wrong = _ALLOWED.sub("", ccn)
    if wrong:
        raise CCNError(
            f"{text.strip()} is no CCN: {wrong[0]} cannot stand in one, only digits and letters can."
        )
    if len(ccn) != LENGTH:
        hint = " Did a zero at the front get lost?" if len(ccn) == LENGTH - 1 and ccn.isdigit() else ""
        raise CCNError(f"{ccn} has {_positions(len(ccn))}; a CCN has six.{hint}")
    return CCN(ccn, _state(ccn), _kind(ccn))


def _positions(count: int) -> str:
    return "1 position" if count == 1 else f"{count} positions"


def _state(ccn: str) -> str:
    code = ccn[:2]
    if code in _rules()["elsewhere"]:
        return ""
    state = _states().get(code)
    if state is None:
        raise CCNError(f"{ccn} is no CCN: no state has the code {code}, its first two positions.")
    return state


def _kind(ccn: str) -> ProviderKind:
    rules = _rules()
    letter, number = ccn[2], ccn[2:]
    if number.isdigit():
        for name, ranges in rules["numbers"].items():
            if _within(int(number), ranges):
                return ProviderKind(name)
        whose = next((name for name, ranges in rules["others"].items() if _within(int(number), ranges)), None)
        raise CCNError(_not_here(ccn, f"{number}, its last four positions", whose))
    if not number[1:].isdigit():
        raise CCNError(f"{ccn} is no CCN: its last three positions must be digits.")
    for name, letters in rules["letters"].items():
        if letter in letters:
            return ProviderKind(name)
    whose = rules["other_letters"].get(letter)
    raise CCNError(_not_here(ccn, f"{letter}, its third position", whose))


def _not_here(ccn: str, part: str, whose: str | None) -> str:
    if whose is None:
        return f"{ccn} is no CCN: {part}, is not given to any kind of provider."
    kinds = ", ".join(KIND_LABELS.values())
    return f"{ccn} is the number of another kind of provider ({whose}). Submitting here are: {kinds}."


def _within(number: int, ranges: list[list[int]]) -> bool:
    return any(first <= number <= last for first, last in ranges)


@cache
def _rules() -> Mapping[str, Any]:
    return tomllib.loads(files(__package__).joinpath("ccn.toml").read_text("utf-8"))


@cache
def _states() -> Mapping[str, str]:
    return {code: state for state, codes in _rules()["states"].items() for code in codes}
