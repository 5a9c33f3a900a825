"""Dates as CMS's records write them: eight digits, or fewer for a birth date that is only partly known."""

import re
from datetime import date

_EIGHT_DIGITS = re.compile(r"[0-9]{8}")
_BIRTH_DATE = re.compile(r"[0-9]{8}|[0-9]{6}|[0-9]{4}")


def parse_date(text: str) -> date | None:
    """Read a date in the form YYYYMMDD.

    Args:
        text: The submitted text.

    Returns:
        The date, or None where the text is no date of the calendar.
    """
    if not _EIGHT_DIGITS.fullmatch(text):
        return None
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None


def is_birth_date(text: str) -> bool:
    """Tell whether a text is a birth date: YYYYMMDD, YYYYMM or YYYY (MDS -3678, OASIS -3080)."""
    if not _BIRTH_DATE.fullmatch(text):
        return False
    return parse_date(text + "0101"[: 8 - len(text)]) is not None
