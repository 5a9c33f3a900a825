"""Durations as persons say them."""

import math
from datetime import timedelta


def duration_in_words(duration: timedelta) -> str:
    """Say how long to wait: in seconds below a minute, then in minutes, then in hours, rounded up."""
    seconds = math.ceil(duration.total_seconds())
    if seconds < 60:
        return _counted(seconds, "second")
    minutes = math.ceil(seconds / 60)
    if minutes < 120:
        return _counted(minutes, "minute")
    return _counted(math.ceil(minutes / 60), "hour")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
