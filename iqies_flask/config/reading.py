"""What is set, in the file and in the environment."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iqies_flask.config.conversion import convert, intake_limits
from iqies_flask.config.errors import SettingsError
from iqies_flask.config.variables import CONFIG_VARIABLE, LIMITS_PREFIX, PREFIX, variable
from iqies_flask.pipeline.limits import IntakeLimits

_TABLES = {"limits", "plugin_options"}


def read(environ: Mapping[str, str], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Read what is set, from the file and over it from the environment.

    Args:
        environ: The environment.
        defaults: Every setting that there is, with its default.

    Raises:
        SettingsError: A setting is unknown or unusable.
    """
    given = from_file(environ.get(CONFIG_VARIABLE, ""), defaults)
    given.update(_from_environment(environ, defaults))
    limits = {**given.pop("limits", {}), **_limits_from_environment(environ)}
    given["limits"] = IntakeLimits(**limits)
    return given


def from_file(name: str, defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Read settings from a TOML file; none if the name is empty.

    Raises:
        SettingsError: The file cannot be read, or a setting in it is unknown or unusable.
    """
    if not name:
        return {}
    try:
        with Path(name).open("rb") as stream:
            table = tomllib.load(stream)
    except OSError as error:
        raise SettingsError(
            f"{CONFIG_VARIABLE} names {name}, which cannot be read: {error.strerror}."
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{name} is not valid TOML: {error}.") from None
    unknown = sorted(set(table) - set(defaults))
    if unknown:
        raise SettingsError(f"{name} has settings that do not exist: {', '.join(unknown)}.")
    return {key: convert(key, value, defaults[key]) for key, value in table.items()}


def _from_environment(environ: Mapping[str, str], defaults: Mapping[str, Any]) -> dict[str, Any]:
    known = {variable(name): name for name in defaults if name not in _TABLES}
    given: dict[str, Any] = {}
    for key, value in environ.items():
        if key in known:
            name = known[key]
            given[name] = convert(name, value, defaults[name])
        elif key.startswith(LIMITS_PREFIX) or key == CONFIG_VARIABLE:
            continue
        elif key.startswith(PREFIX):
            raise SettingsError(f"There is no setting {key}. docs/configuration.md lists them all.")
    return given


def _limits_from_environment(environ: Mapping[str, str]) -> dict[str, int]:
    return intake_limits(
        {
            key.removeprefix(LIMITS_PREFIX).lower(): value
            for key, value in environ.items()
            if key.startswith(LIMITS_PREFIX)
        }
    )
