"""``iqies specs``: the data specifications that are installed, and their schemas."""

import json
import sys
from pathlib import Path

import click

from iqies_flask.cli.hosts import load_host, plugin_folder_option
from iqies_flask.cli.tables import print_table
from iqies_flask.specs.coverage import Coverage, coverage_of
from iqies_flask.specs.xsd import outdated_schemas, write_schemas


@click.group(
    epilog="""\b
Examples:
  iqies specs list
  iqies specs coverage --format json
  iqies specs xsd --check"""
)
def specs() -> None:
    """Show the data specifications that are installed."""


@specs.command("list")
@plugin_folder_option
def list_(plugin_folder: Path | None) -> None:
    """List the specification packs with the dates for which they are in force."""
    rows = [
        (pack.name, pack.dates_in_force, str(len(pack.items)), " ".join(pack.subsets))
        for pack in load_host(plugin_folder).specs.packs
    ]
    print_table(("Pack", "In force", "Items", "Item subsets"), rows, empty="No pack is installed.")


@specs.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@plugin_folder_option
def coverage(form: str, plugin_folder: Path | None) -> None:
    """Say how many edits of each data specification run, and why the others do not."""
    counted = {pack.name: coverage_of(pack) for pack in load_host(plugin_folder).specs.packs}
    if form == "json":
        click.echo(json.dumps({name: _as_json(one) for name, one in counted.items()}, indent=2))
        return
    rows = [
        (name, str(one.edits), str(len(one.executable)), str(len(one.database)), str(len(one.left_out)))
        for name, one in counted.items()
    ]
    print_table(
        ("Pack", "Edits", "Executable", "Need the database", "Left out"), rows, empty="No pack is installed."
    )
    for name, one in counted.items():
        for edit, why in (*one.database.items(), *one.left_out.items()):
            click.echo(f"{name}  {edit}  {why}")


def _as_json(counted: Coverage) -> dict[str, object]:
    return {
        "edits": counted.edits,
        "executable": len(counted.executable),
        "database": len(counted.database),
        "left_out": len(counted.left_out),
        "reasons": {**counted.database, **counted.left_out},
    }


@specs.command("xsd")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if a schema is not as it would be made.")
@plugin_folder_option
def xsd(check: bool, plugin_folder: Path | None) -> None:
    """Make the XML Schemas of every pack, one for each item subset, in the pack's folder."""
    packs = load_host(plugin_folder).specs.packs
    if not check:
        for pack in packs:
            click.echo(f"{pack.name}: {len(write_schemas(pack))} schemas written to {pack.folder}")
        return
    outdated = [path for pack in packs for path in outdated_schemas(pack)]
    for path in outdated:
        click.echo(f"{path} is not as `iqies specs xsd` would make it", err=True)
    sys.exit(1 if outdated else 0)
