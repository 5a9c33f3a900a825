"""``iqies specs``: the data specifications that are installed, and their schemas."""

import json
import signal
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import click

from iqies_flask.cli.hosts import (
    chosen_packs,
    load_host,
    load_settings,
    pack_option,
    plugin_folder_option,
)
from iqies_flask.cli.progress import CountProgress
from iqies_flask.cli.tables import print_table
from iqies_flask.specs.coverage import Coverage, coverage_of
from iqies_flask.specs.importing.archive import ReleaseError
from iqies_flask.specs.importing.difference import compare_packs, differences_as_json, differences_as_text
from iqies_flask.specs.importing.importer import choose_base, import_release, make_pack
from iqies_flask.specs.importing.release import read_release
from iqies_flask.specs.importing.report import as_json, as_text
from iqies_flask.specs.integrity import problems
from iqies_flask.specs.pack import Pack, PackError, load_pack
from iqies_flask.specs.xsd import outdated_schemas, write_schemas

_format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="For a person or for a program.",
)


@click.group(
    epilog="""\b
Examples:
  iqies specs list
  iqies specs coverage --format json
  iqies specs xsd --check
  iqies specs import RELEASE.zip --into /etc/iqies/packs
  iqies specs diff "OASIS 3.02" RELEASE.zip
  iqies specs reference FOLDER"""
)
def specs() -> None:
    """Show the data specifications that are installed, and import others."""


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
@_format_option
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
            try:
                written = write_schemas(pack)
            except PackError as error:
                raise click.ClickException(f"{error}.") from None
            click.echo(f"{pack.name}: {len(written)} schemas written to {pack.folder}")
        return
    outdated = [path for pack in packs for path in outdated_schemas(pack)]
    for path in outdated:
        click.echo(f"{path} is not as `iqies specs xsd` would make it", err=True)
    sys.exit(1 if outdated else 0)


@specs.command("import")
@click.argument("release", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", default="", help="Of the new pack's folder; by default such as oasis-3.02.")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="Your folder of packs; by default that of the setting packs_folder.",
)
@click.option(
    "--in-force-from",
    type=click.DateTime(["%Y-%m-%d"]),
    help="First day of records for which it is in force, where the release does not say.",
)
@click.option("--replace", is_flag=True, help="Replace the pack of that name.")
@_format_option
@plugin_folder_option
def import_(  # noqa: PLR0917 - click passes them by name
    release: Path,
    name: str,
    into: Path | None,
    in_force_from: datetime | None,
    replace: bool,
    form: str,
    plugin_folder: Path | None,
) -> None:
    """Make a pack of a RELEASE, the zip in which CMS publishes data specifications."""
    into = into or load_settings().packs_folder
    if into is None:
        raise click.UsageError("Name your folder of packs with --into, or set IQIES_PACKS_FOLDER.")
    # Whoever ends it gets a clean folder all the same.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    try:
        imported = import_release(
            release,
            load_host(plugin_folder).specs.packs,
            into,
            name=name,
            in_force_from=in_force_from.date() if in_force_from else None,
            replace=replace,
        )
    except ReleaseError as error:
        raise click.ClickException(f"Nothing was imported: {error}.") from None
    click.echo(as_json(imported.report) if form == "json" else as_text(imported.report), nl=False)
    click.echo(f"{imported.pack.name} is installed in {imported.pack.folder}.", err=True)


@specs.command("diff")
@click.argument("old")
@click.argument("new")
@_format_option
@plugin_folder_option
def diff(old: str, new: str, form: str, plugin_folder: Path | None) -> None:
    """Show the items, values and edits that were added, changed and gone from OLD to NEW.

    Each is an installed pack such as "OASIS 3.02", a pack's folder, or a release of CMS.
    """
    installed = load_host(plugin_folder).specs.packs
    with tempfile.TemporaryDirectory() as workshop:
        try:
            before = _named_pack(old, installed, Path(workshop) / "old")
            now = _named_pack(new, installed, Path(workshop) / "new")
        except (PackError, ReleaseError) as error:
            raise click.ClickException(f"{error}.") from None
        if before.system != now.system:
            raise click.ClickException(f"{before.name} and {now.name} have nothing in common.")
        write = differences_as_json if form == "json" else differences_as_text
        # The writing reads the packs' files once more.
        text = write(before, now, compare_packs(before, now))
    click.echo(text, nl=False)


@specs.command("reference")
@click.argument("folder", type=click.Path(path_type=Path))
@pack_option
@plugin_folder_option
def reference(folder: Path, pack_name: str | None, plugin_folder: Path | None) -> None:
    """Write the reference of items and edits into FOLDER as static HTML.

    The pages can be put on any web server, or opened from a disk: begin with index.html. An earlier export in
    the folder is replaced; a folder with anything else in it is left as it is.
    """
    # Imported only here: other commands need no templates.
    from iqies_flask.catalogue import OWN_MESSAGES  # noqa: PLC0415
    from iqies_flask.reference.exporting.export import ExportError, export_reference  # noqa: PLC0415

    packs = chosen_packs(load_host(plugin_folder), pack_name)
    with CountProgress(shown=sys.stderr.isatty()) as progress:
        progress.start("Pages")
        try:
            pages = export_reference(packs, OWN_MESSAGES, folder, progress.update)
        except ExportError as error:
            raise click.ClickException(f"Nothing was written: {error}.") from None
    names = " and ".join(pack.name for pack in packs)
    click.echo(f"{pages:,} pages on {names} are written. Open {folder / 'index.html'}.")


def _named_pack(text: str, installed: list[Pack], workshop: Path) -> Pack:
    """Find an installed pack by its name, or make one of a folder or a release."""
    for pack in installed:
        if text.casefold() == pack.name.casefold():
            return pack
    path = Path(text)
    if path.is_dir():
        pack = load_pack(path)
        wrong = problems(pack, rules=False)
        if wrong:
            raise PackError(f"{path}: {wrong[0]}")
        return pack
    if path.is_file():
        release = read_release(path)
        make_pack(release, choose_base(release, installed), workshop)
        return load_pack(workshop)
    names = ", ".join(pack.name for pack in installed)
    raise PackError(f"{text} is neither an installed pack ({names}) nor a folder nor a file")
