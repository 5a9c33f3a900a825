"""The plugins and packs as commands without the application load them, and the settings that these go by."""

import tomllib
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from iqies_flask.config import OfflineSettings, SettingsError
from iqies_flask.pipeline.offline import OfflineValidator
from iqies_flask.pipeline.plugins import PluginHost
from iqies_flask.specs.pack import Pack


def plugin_folder_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option ``--plugin-folder``."""
    return click.option(
        "--plugin-folder",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        envvar="IQIES_PLUGIN_FOLDER",
        show_envvar=True,
        help="A folder with plugins of your own.",
    )(function)


def pack_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option ``--pack``."""
    return click.option("--pack", "pack_name", metavar="NAME", help="Of this data specification only.")(
        function
    )


def chosen_packs(host: PluginHost, name: str | None) -> list[Pack]:
    """Choose among the installed packs.

    Args:
        host: What is installed.
        name: Name of a pack, in upper or lower case; None for all of them.

    Raises:
        ClickException: There is none.
    """
    installed = host.specs.packs
    chosen = [pack for pack in installed if name is None or pack.name.casefold() == name.casefold()]
    if not chosen:
        names = ", ".join(pack.name for pack in installed) or "none"
        raise click.ClickException(f"There is no such specification pack. Installed: {names}.")
    return chosen


def plugin_debugging_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options ``--option`` and ``--debug``, for the authors of plugins."""
    debug = click.option(
        "--debug",
        is_flag=True,
        help="Show the whole error where a plugin fails. It may hold what stands in the records.",
    )
    option = click.option(
        "--option",
        "plugin_options",
        multiple=True,
        callback=_read_plugin_options,
        metavar="PLUGIN.NAME=VALUE",
        help="An option of a plugin, over that of the settings; as often as needed. "
        "VALUE is as in TOML, or text.",
    )
    return option(debug(function))


def load_settings() -> OfflineSettings:
    """Read the settings that go for checking files.

    Raises:
        ClickException: One is unknown or cannot be used.
    """
    try:
        return OfflineSettings.load()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


def load_host(plugin_folder: Path | None, *, debug: bool = False) -> PluginHost:
    """Load the built-in plugins, those installed beside the package, and those of a folder.

    Also the packs of the operator's folder, as the settings name it.

    Args:
        plugin_folder: The operator's folder; None for that of the settings, if there is one.
        debug: Whether to show the whole error where a plugin fails.

    Raises:
        ClickException: As for `load_settings`.
    """
    settings = load_settings()
    folder = plugin_folder or settings.plugin_folder
    return PluginHost.load(
        [folder] if folder else [],
        seconds=settings.plugin_seconds,
        packs_folder=settings.packs_folder,
        debug=debug,
    )


def make_validator(
    host: PluginHost,
    settings: OfflineSettings,
    plugin_options: Mapping[str, Mapping[str, Any]] | None = None,
) -> OfflineValidator:
    """Make what checks files, with "today" as it is now.

    Args:
        host: The plugins.
        settings: The limits, the time zone, and the options of plugins.
        plugin_options: Options of plugins over those: plugin to name to value.
    """
    options = {plugin: dict(values) for plugin, values in settings.plugin_options.items()}
    for plugin, values in (plugin_options or {}).items():
        options.setdefault(plugin, {}).update(values)
    return OfflineValidator(host, settings.limits, datetime.now().astimezone(settings.zone), options=options)


def _read_plugin_options(
    context: click.Context, parameter: click.Parameter, given: tuple[str, ...]
) -> dict[str, dict[str, Any]]:
    options: dict[str, dict[str, Any]] = {}
    for text in given:
        name, equals, value = text.partition("=")
        plugin, dot, key = name.partition(".")
        if not (equals and dot and plugin and key):
            raise click.BadParameter(f"{text!r} is not like house_rules.level=3", context, parameter)
        options.setdefault(plugin, {})[key] = _as_toml(value)
    return options


def _as_toml(value: str) -> Any:
    try:
        return tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return value
