"""The plugins and packs as commands without the application load them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from iqies_flask.pipeline.plugins import PluginHost
from iqies_flask.specs.pack import Pack

PACKS_FOLDER_VARIABLE = "IQIES_PACKS_FOLDER"
"""Names the folder of imported packs."""


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


def load_host(plugin_folder: Path | None) -> PluginHost:
    """Load the built-in plugins, those installed beside the package, and those of a folder.

    Also the packs of the folder that ``IQIES_PACKS_FOLDER`` names.

    Args:
        plugin_folder: The operator's folder, if there is one.
    """
    packs_folder = os.environ.get(PACKS_FOLDER_VARIABLE)
    return PluginHost.load(
        [plugin_folder] if plugin_folder else [],
        packs_folder=Path(packs_folder) if packs_folder else None,
    )
