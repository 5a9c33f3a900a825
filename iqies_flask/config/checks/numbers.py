"""Numbers: the least and the most that they can be."""

from dataclasses import fields
from typing import TYPE_CHECKING

from iqies_flask.config.errors import SettingsError
from iqies_flask.config.variables import variable

if TYPE_CHECKING:
    from iqies_flask.config.settings import Settings

_LONGEST = {"days": 36_500, "hours": 876_000, "minutes": 52_560_000, "seconds": 3_153_600_000}
"""By the last word of a setting's name: longer times lead beyond the calendar."""


def check(settings: "Settings") -> None:
    """Refuse numbers that are too small, too large, or out of their order.

    Raises:
        SettingsError: One is.
    """
    _check_least(settings)
    check_plugin_seconds(settings.plugin_seconds)
    _check_longest(settings)
    _check_inactive_warnings(settings)


def check_plugin_seconds(seconds: float) -> None:
    """Refuse calls of plugins that may take no time.

    Raises:
        SettingsError: They may not.
    """
    if not seconds > 0:
        raise SettingsError(f"{variable('plugin_seconds')} must be more than 0.")


def _check_least(settings: "Settings") -> None:
    least = {
        **dict.fromkeys(("worker_count", "batch_records", "lease_seconds", "attempts"), 1),
        **dict.fromkeys(("session_minutes", "session_hours", "step_up_minutes", "proofing_attempts"), 1),
        **dict.fromkeys(("role_reminder_days", "role_escalation_days", "role_request_days"), 1),
        **dict.fromkeys(("role_requests_per_provider", "role_requests_per_day", "recertify_days"), 1),
        "mail_days": 1,
        "inactive_days": 1,
        "vut_at_once": 1,
        "proofing_retry_minutes": 0,
        **dict.fromkeys(("trusted_proxies", "retry_seconds"), 0),
    }
    for name, minimum in least.items():
        if getattr(settings, name) < minimum:
            raise SettingsError(f"{variable(name)} must be {minimum} or more.")


def _check_longest(settings: "Settings") -> None:
    for name, value in ((entry.name, getattr(settings, entry.name)) for entry in fields(settings)):
        most = _LONGEST.get(name.rpartition("_")[2])
        if most is not None and isinstance(value, int | float) and value > most:
            raise SettingsError(f"{variable(name)} must be {most:,} or less, which is a hundred years.")


def _check_inactive_warnings(settings: "Settings") -> None:
    warnings = settings.inactive_warnings
    if list(warnings) != sorted(set(warnings)) or any(
        not 0 < day < settings.inactive_days for day in warnings
    ):
        raise SettingsError(
            f"{variable('inactive_warnings')} must be days in their order, each between 0 and"
            f" {variable('inactive_days')} ({settings.inactive_days}), such as 45,55."
        )
