"""``iqies providers``: the registry of providers."""

import sys
from pathlib import Path

import click

from iqies_flask.access.errors import AccessError
from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.models import Provider
from iqies_flask.access.providers.import_report import write_report
from iqies_flask.access.providers.importing import ImportResult, import_file
from iqies_flask.access.registry import add_provider, find_provider, list_providers
from iqies_flask.cli.application import in_application
from iqies_flask.cli.progress import CountProgress
from iqies_flask.cli.tables import print_table

_MOST_LINES = 20
_MOST_LINE_CHARACTERS = 1000
_NEW_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.group(
    epilog="""\b
Examples:
  iqies providers import NH_ProviderInfo.csv
  iqies providers add 015001 --name "Testville Care Center" --state AL --facility-id TESTNH01
  iqies providers list"""
)
def providers() -> None:
    """Manage the registry of providers."""


@providers.command("add")
@click.argument("ccn")
@click.option("--name", required=True, help="Name of the provider.")
@click.option("--state", required=True, help="Two-letter state code.")
@click.option(
    "--facility-id", required=True, help="Its submission id in the state (MDS FAC_ID, OASIS HHA_AGENCY_ID)."
)
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in ProviderKind]),
    help="snf: skilled nursing facility, hha: home health agency, swing_bed: swing-bed hospital.",
)
@in_application
def add(ccn: str, name: str, state: str, facility_id: str, kind: str | None) -> None:
    """Register a provider, or change one that is registered."""
    known = find_provider(ccn)
    before = _shown(known) if known else None
    added = add_provider(ccn, name, state, facility_id, ProviderKind(kind) if kind else None)
    after = _shown(added)
    if before is None:
        click.echo(f"{added.ccn} {added.name} is registered.")
    elif before == after:
        click.echo(f"{added.ccn} {added.name} was registered already. Nothing was changed.")
    else:
        click.echo(f"{added.ccn} {added.name} was registered already, and is changed:")
        for label, value in after.items():
            if value != before[label]:
                click.echo(f"  {label}: {before[label] or '-'} is {value or '-'} now")


def _shown(provider: Provider) -> dict[str, str]:
    return {
        "Name": provider.name,
        "State": provider.state,
        "Facility ID": provider.facility_id,
        "Kind": ProviderKind(provider.kind).value,
    }


@providers.command("list")
@in_application
def list_() -> None:
    """List the providers."""
    rows = [
        (entry.ccn, entry.name, entry.state, entry.facility_id, ProviderKind(entry.kind).value)
        for entry in list_providers()
    ]
    print_table(
        ("CCN", "Name", "State", "Facility ID", "Kind"),
        rows,
        empty="No provider is registered. Register one with: iqies providers add",
    )


@providers.command(
    "import",
    epilog="""\b
Examples:
  iqies providers import NH_ProviderInfo.csv --dry-run
  iqies providers import HH_Provider.csv --skip-refused --report outcome.csv
  iqies providers import own.csv --map ccn=Number --map name="Facility" --map facility_id="State ID\"""",
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path))
@click.option(
    "--map",
    "mapped",
    multiple=True,
    metavar="FIELD=COLUMN",
    help="The column that holds a field, where it is not called as in CMS's files. May be repeated.",
)
@click.option("--skip-refused", is_flag=True, help="Take the other rows where some are wrong.")
@click.option("--dry-run", is_flag=True, help="Change nothing; say what would be changed.")
@click.option("--report", type=_NEW_FILE, help="Write what came of each row to this CSV file.")
@in_application
def import_(
    file: Path, mapped: tuple[str, ...], skip_refused: bool, dry_run: bool, report: Path | None
) -> None:
    """Add and change providers as one of CMS's public provider files says.

    What the file does not say of a provider stays as it is. If a row is wrong, nothing is changed.
    """
    with CountProgress(shown=sys.stderr.isatty()) as progress:
        progress.start(file.name)
        result = import_file(
            file.name,
            file.read_bytes(),
            chosen=_chosen(mapped),
            skip_refused=skip_refused,
            dry_run=dry_run,
            progress=progress.update,
        )
    if report is not None:
        with report.open("w", encoding="utf-8", newline="") as stream:
            write_report(result, stream)
    _tell(result, dry_run=dry_run, report=report)
    if result.refusals and not skip_refused:
        raise click.ClickException(
            "Nothing was changed, as some rows are wrong. Correct them, or take the others: --skip-refused."
        )


def _chosen(mapped: tuple[str, ...]) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for pair in mapped:
        field, equals, column = pair.partition("=")
        if not equals or not column.strip():
            raise AccessError(f"--map {pair}: write a field and its column, such as --map ccn=Number.")
        chosen[field.strip()] = column
    return chosen


def _tell(result: ImportResult, *, dry_run: bool, report: Path | None) -> None:
    for change in result.changed[:_MOST_LINES]:
        values = "; ".join(
            f"{field}: “{change.before[field] or ''}” → “{value}”" for field, value in change.after.items()
        )
        click.echo(_in_a_line(f"line {change.line}: {change.ccn} {change.name}: {values}"))
    _tell_of_more(len(result.changed), "changed", report)
    for refusal in result.refusals[:_MOST_LINES]:
        where = f"{refusal.column} “{refusal.value}”: " if refusal.column else ""
        click.echo(_in_a_line(f"line {refusal.line}: refused: {where}{refusal.why}"))
    _tell_of_more(len(result.refusals), "refused", report)
    for shared in result.shared[:_MOST_LINES]:
        click.echo(_in_a_line(f"warning: {shared.message}"))
    _tell_of_more(len(result.shared), "with a facility ID in common", report)
    for returned in result.returned[:_MOST_LINES]:
        click.echo(_in_a_line(f"line {returned.line}: warning: {returned.message}"))
    _tell_of_more(len(result.returned), "whose certification has ended", report)
    warned = f"; facility IDs of several providers: {len(result.shared):,}" if result.shared else ""
    warned += f"; not certified any more: {len(result.returned):,}" if result.returned else ""
    would = "" if result.stored else "would be " if dry_run else "not "
    click.echo(
        f"{len(result.added):,} {would}added, {len(result.changed):,} {would}changed, "
        f"{result.unchanged:,} unchanged, {result.refused:,} refused{warned}."
    )


def _in_a_line(text: str) -> str:
    """Keep what a file holds from filling the terminal, or from steering it."""
    printable = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text)
    cut = printable[:_MOST_LINE_CHARACTERS]
    return cut if cut == printable else f"{cut} ..."


def _tell_of_more(number: int, what: str, report: Path | None) -> None:
    if number > _MOST_LINES:
        where = f"{report} has them" if report else "--report FILE lists them"
        click.echo(f"... and {number - _MOST_LINES:,} more {what}; {where}.")
