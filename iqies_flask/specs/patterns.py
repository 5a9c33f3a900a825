"""Regular expressions made from facts: ranges of numbers, dates of the calendar, what a text must not be.

They are written in the part of the language that Python and XML Schema share.
"""

import re
from collections.abc import Iterable

ANY = r"[\s\S]"

_NOT_LEAP = (
    "[0-9]{4}(0[13578]|1[02])(0[1-9]|[12][0-9]|3[01])"
    "|[0-9]{4}(0[469]|11)(0[1-9]|[12][0-9]|30)"
    "|[0-9]{4}02(0[1-9]|1[0-9]|2[0-8])"
)
_LEAP_DAY = "[0-9]{2}(0[48]|[2468][048]|[13579][26])0229|(0[48]|[2468][048]|[13579][26])000229"
_MONTH = "(0[1-9]|1[0-2])"


def not_year_zero(pattern: str) -> str:
    """Restrict a pattern that begins with a four-digit year; the calendar has no year 0000."""
    return pattern.replace("[0-9]{4}", "(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})")


def date_pattern() -> str:
    """Pattern of every date YYYYMMDD of the Gregorian calendar, from the year 0001."""
    return f"{not_year_zero(_NOT_LEAP)}|{_LEAP_DAY}"


def birth_date_pattern() -> str:
    """Pattern of YYYYMMDD, YYYYMM and YYYY."""
    return f"{date_pattern()}|{not_year_zero('[0-9]{4}')}|{not_year_zero('[0-9]{4}')}{_MONTH}"


def mmddyyyy_pattern() -> str:
    """Pattern of a date with the year last."""
    year = not_year_zero("[0-9]{4}")
    leap_year = "([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)"
    return (
        f"(0[13578]|1[02])(0[1-9]|[12][0-9]|3[01]){year}"
        f"|(0[469]|11)(0[1-9]|[12][0-9]|30){year}"
        f"|02(0[1-9]|1[0-9]|2[0-8]){year}"
        f"|0229{leap_year}"
    )


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
            parts.append(f"[0-9]{{1,{free}}}")
            first = 1
        if first <= last:
            digit = str(first) if first == last else f"[{first}-{last}]"
            parts.append(f"{head or ''}{digit}" + (f"[0-9]{{{free}}}" if free else ""))
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
