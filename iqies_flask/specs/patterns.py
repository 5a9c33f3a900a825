"""Regular expressions made from facts: ranges of numbers, dates of the calendar, what a text must not be.

They are written in the part of the language that Python and XML Schema share, and without counted
repetitions: libxml2 accepts too much where alternatives begin alike and one of them counts.
"""

import re
from collections.abc import Iterable

ANY = r"[\s\S]"
DIGIT = "[0-9]"

_YEAR = "(000[1-9]|00[1-9][0-9]|0[1-9][0-9][0-9]|[1-9][0-9][0-9][0-9])"
"""The calendar has no year 0000."""
_LEAP_YEAR = "([0-9][0-9](0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)"
_MONTH = "(0[1-9]|1[0-2])"
_DAYS_OF_EVERY_YEAR = (
    "((0[13578]|1[02])(0[1-9]|[12][0-9]|3[01])|(0[469]|11)(0[1-9]|[12][0-9]|30)|02(0[1-9]|1[0-9]|2[0-8]))"
)


def date_pattern() -> str:
    """Pattern of every date YYYYMMDD of the Gregorian calendar, from the year 0001."""
    return f"{_YEAR}{_DAYS_OF_EVERY_YEAR}|{_LEAP_YEAR}0229"


def birth_date_pattern() -> str:
    """Pattern of YYYYMMDD, YYYYMM and YYYY."""
    return f"{date_pattern()}|{_YEAR}|{_YEAR}{_MONTH}"


def mmddyyyy_pattern() -> str:
    """Pattern of a date with the year last."""
    return f"{_DAYS_OF_EVERY_YEAR}{_YEAR}|0229{_LEAP_YEAR}"


def any_text(length: int) -> str:
    """Pattern of every text of a length."""
    return ANY * length


def integer_range(low: int, high: int) -> str:
    """Pattern of the whole numbers from low to high, with any number of leading zeroes.

    Args:
        low: Not negative.
        high: Not less than low.
    """
    return f"0*({'|'.join(_parts(low, high))})"


def _parts(low: int, high: int) -> list[str]:
    """Cut a range into pieces of one leading digit range and free digits below it."""
    parts: list[str] = []
    while low <= high:
        free = 0
        while low % 10 ** (free + 1) == 0 and low + 10 ** (free + 1) - 1 <= high:
            free += 1
        step = 10**free
        head, first = divmod(low // step, 10)
        last = min(9, first + (high - low + 1) // step - 1)
        low += (last - first + 1) * step
        if head == first == 0 and free:
            parts.extend(DIGIT * width for width in range(1, free + 1))
            first = 1
        if first <= last:
            digit = str(first) if first == last else f"[{first}-{last}]"
            parts.append(f"{head or ''}{digit}" + DIGIT * free)
    return parts


def not_starting_with(starts: Iterable[str]) -> str:
    """Pattern of the texts that begin with none of the given ones.

    Args:
        starts: None of them empty.
    """
    tails = _by_first_character(starts)
    choices = [f"[^{_class(tails)}]{ANY}*"]
    choices.extend(
        re.escape(character) + not_starting_with(rest) for character, rest in tails.items() if "" not in rest
    )
    return f"({'|'.join(choices)})?"


def not_equal_to(values: Iterable[str]) -> str:
    """Pattern of the texts that equal none of the given ones.

    Args:
        values: An empty one among them forbids the empty text.
    """
    values = list(values)
    tails = _by_first_character(value for value in values if value)
    choices = [f"[^{_class(tails)}]{ANY}*" if tails else f"{ANY}+"]
    choices.extend(re.escape(character) + not_equal_to(rest) for character, rest in tails.items())
    return f"({'|'.join(choices)})" + ("" if "" in values else "?")


def _by_first_character(words: Iterable[str]) -> dict[str, list[str]]:
    tails: dict[str, list[str]] = {}
    for word in sorted(words):
        tails.setdefault(word[0], []).append(word[1:])
    return tails


def _class(characters: Iterable[str]) -> str:
    return "".join(re.escape(character) for character in characters)
