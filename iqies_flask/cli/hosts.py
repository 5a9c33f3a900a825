"""The plugins as commands without the application load them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from iqies_flask.pipeline.plugins import PluginHost


def plugin_folder_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option ``--plugin-folder``."""
    return click.option(
        "--plugin-folder",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        envvar="IQIES_PLUGIN_FOLDER",
        show_envvar=True,
        help="A folder with plugins of your own.",
    )(function)


def load_host(plugin_folder: Path | None) -> PluginHost:
    """Load the built-in plugins, those installed beside the package, and those of a folder.

    Args:
        plugin_folder: The operator's folder, if there is one.
    """
    return PluginHost.load([plugin_folder] if plugin_folder else [])
