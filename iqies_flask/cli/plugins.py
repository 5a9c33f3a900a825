"""``iqies plugins``: what is loaded, from where, and what failed."""

import sys
from pathlib import Path

import click

from iqies_flask.cli.hosts import load_host, plugin_folder_option
from iqies_flask.cli.tables import print_table


@click.command()
@plugin_folder_option
def plugins(plugin_folder: Path | None) -> None:
    """Show which plugins are loaded, from where, and which hooks they implement.

    Ends with status 1 if a plugin, or a part of one, is not in use.
    """
    found = load_host(plugin_folder).names()
    rows = [
        (plugin.name, plugin.origin, " ".join(plugin.hooks), plugin.problem or "in use") for plugin in found
    ]
    print_table(("Plugin", "From", "Hooks", "State"), rows, empty="No plugin is loaded.")
    sys.exit(1 if any(plugin.problem for plugin in found) else 0)
