"""What is written for a setting, turned into its type."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from iqies_flask.config.environment import Environment
from iqies_flask.config.errors import SettingsError
from iqies_flask.config.variables import variable
from iqies_flask.pipeline.limits import IntakeLimits

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}
_SECRETS = {"secret_key", "encryption_keys", "hash_key", "mail_url"}


def convert(name: str, value: Any, default: Any) -> Any:  # noqa: PLR0911 - one return for each kind of setting
    """Turn a text (environment) or a TOML value into the setting's type.

    Raises:
        SettingsError: The value cannot be turned into it.
    """
    try:
        if name == "environment":
            return Environment(value)
        if name == "limits":
            return intake_limits(value)
        if name in {"encryption_keys", "trusted_hosts", "webauthn_origins"}:
            keys = value.split(",") if isinstance(value, str) else value
            return tuple(key.strip() for key in keys if key.strip())
        if name == "inactive_warnings":
            return tuple(int(day) for day in (value.split(",") if isinstance(value, str) else value) if day)
        if name == "plugin_options":
            return {str(plugin): dict(options) for plugin, options in value.items()}
        if name in {"matrix_file", "plugin_folder", "packs_folder"}:
            return Path(value) if value else None
        if isinstance(default, bool):
            return _boolean(value)
        return type(default)(value)
    except (AttributeError, TypeError, ValueError):
        shown = "a value" if name in _SECRETS else f"the value {value!r}"
        raise SettingsError(f"{variable(name)} has {shown} that cannot be used.") from None


def intake_limits(values: Mapping[str, Any]) -> dict[str, int]:
    """Turn what is written for intake limits into numbers.

    Raises:
        SettingsError: There is no such limit, or it is no number of 1 or more.
    """
    known = {entry.name for entry in fields(IntakeLimits)}
    numbers: dict[str, int] = {}
    for name, value in values.items():
        if name not in known:
            raise SettingsError(
                f"There is no limit {name!r} ({variable('limits_' + name)}). "
                f"The limits are: {', '.join(sorted(known))}."
            )
        try:
            numbers[name] = int(value)
        except (TypeError, ValueError):
            raise SettingsError(f"{variable('limits_' + name)} must be a whole number.") from None
        if numbers[name] < 1:
            raise SettingsError(f"{variable('limits_' + name)} must be 1 or more.")
    return numbers


def _boolean(value: Any) -> bool:
    text = str(value).strip().lower()
    if text not in _TRUE | _FALSE:
        raise ValueError(text)
    return text in _TRUE
