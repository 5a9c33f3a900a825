"""Dates and times as the site writes them for persons: a month in letters, so that nobody reads another day.

What a file holds is quoted as it stands there. Programs (CSV, XML, JSON), and lists on the command line, get
``2026-11-22``.
"""

from datetime import date, datetime


def date_in_words(day: date) -> str:
    """Write a date: ``Nov 22, 2026``."""
    return f"{day:%b %-d, %Y}"


def moment_in_words(moment: datetime) -> str:
    """Write a moment to the second, in the time zone that it has: ``Nov 22, 2026, 3:41:07 PM UTC``."""
    return f"{moment:%b %-d, %Y, %-I:%M:%S %p %Z}"
