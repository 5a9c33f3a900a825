"""Texts in a notation of their own: the time zone, rate limits, the log level."""

from dataclasses import fields
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from iqies_flask.config.errors import SettingsError
from iqies_flask.config.variables import variable

if TYPE_CHECKING:
    from iqies_flask.config.settings import Settings

_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_RATE_LIMIT = "_limit_"
"""What the names of all settings in Flask-Limiter's notation have in them."""


def check(settings: "Settings") -> None:
    """Refuse what is not in the notation.

    Raises:
        SettingsError: Something is not.
    """
    check_time_zone(settings.time_zone)
    _check_rate_limits(settings)
    if settings.log_level not in _LOG_LEVELS:
        raise SettingsError(f"{variable('log_level')} must be one of {', '.join(_LOG_LEVELS)}.")


def check_time_zone(name: str) -> None:
    """Refuse what names no time zone.

    Raises:
        SettingsError: It names none.
    """
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise SettingsError(
            f"{variable('time_zone')} is {name!r}, which is no IANA time zone such as America/New_York."
        ) from None


def _check_rate_limits(settings: "Settings") -> None:
    from limits import parse_many  # noqa: PLC0415

    for name in (entry.name for entry in fields(settings) if _RATE_LIMIT in entry.name):
        try:
            parse_many(getattr(settings, name))
        except ValueError:
            # Left to Flask-Limiter, a limit that it cannot read would be no limit.
            raise SettingsError(
                f"{variable(name)} is {getattr(settings, name)!r}, and must be like '10 per 5 minutes'."
            ) from None
