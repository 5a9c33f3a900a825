"""``iqies sample``: synthetic assessments to test with."""

import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click

from iqies_flask.catalogue import OWN_MESSAGES
from iqies_flask.cli.hosts import load_host, plugin_folder_option
from iqies_flask.specs.coverage import coverage_of
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.reference import edit_ids
from iqies_flask.specs.sample import UnbreakableEditError, breakable_edits
from iqies_flask.specs.sample_batch import sample_files, write_zip


@click.command(
    epilog="""\b
Examples:
  iqies sample --system oasis --subset 01 --count 100 --out soc.zip
  iqies sample --system mds --subset NC --count 5 --break -3676 --out broken.zip
  iqies sample --system mds --subset NQ --list-edits"""
)
@click.option("--system", type=click.Choice(["mds", "oasis"]), required=True, help="Assessment system.")
@click.option("--subset", required=True, help="Item subset code, such as NC or 01.")
@click.option("--count", type=click.IntRange(min=1), default=1, show_default=True, help="Number of records.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="The zip to write; replaced if it exists."
)
@click.option(
    "--break",
    "break_edit",
    metavar="EDIT",
    help="Break this edit in every record, and no other where that can be.",
)
@click.option(
    "--list-edits",
    is_flag=True,
    help="List the edits that --break can break, with those that it cannot but break as well, and stop.",
)
@click.option(
    "--seed", type=int, default=1, show_default=True, help="The same seed gives the same file, byte for byte."
)
@click.option("--spec", metavar="VERSION", help="Version of the data specification; the newest by default.")
@click.option("--ccn", default="", help="The provider's CMS Certification Number.")
@click.option("--facility-id", default="", help="The provider's submission id (FAC_ID, HHA_AGENCY_ID).")
@click.option("--state", default="", help="The provider's two-letter state code.")
@plugin_folder_option
def sample(
    *,
    system: str,
    subset: str,
    count: int,
    out: Path | None,
    break_edit: str | None,
    list_edits: bool,
    seed: int,
    spec: str | None,
    ccn: str,
    facility_id: str,
    state: str,
    plugin_folder: Path | None,
) -> None:
    """Make synthetic records that satisfy every edit, or that break just one.

    A few edits cannot be broken alone, or not in every record. Which others are broken with them is said.

    The persons are obviously invented: their names begin with SAMPLE and TEST, and their social security
    numbers with a 9, which is never issued. Records of subset XX inactivate records that nobody has: checked
    offline they are in order, submitted they are rejected, as every correction whose original was not sent
    before.
    """
    pack = _pack(load_host(plugin_folder).specs.packs, system.upper(), spec)
    subset = subset.upper()
    if subset not in pack.subsets:
        raise click.ClickException(
            f"{pack.name} has no item subset {subset}. It has {', '.join(pack.subsets)}."
        )
    if list_edits:
        for edit, company in breakable_edits(pack, subset).items():
            click.echo(f"{edit} (with {', '.join(sorted(company))})" if company else edit)
        return
    if out is None:
        raise click.UsageError("Missing option '--out'.")
    break_edit = _edit_of(pack, break_edit) if break_edit else None
    others: Counter[str] = Counter()
    files = sample_files(
        pack,
        subset,
        count,
        seed=seed,
        break_edit=break_edit,
        ccn=ccn,
        facility_id=facility_id,
        state=state,
        accompanied=others.update,
    )
    try:
        _write(files, out)
    except UnbreakableEditError:
        raise click.ClickException(
            f"No {pack.name} record of item subset {subset} can break {break_edit} and no other edit. "
            "--list-edits lists those that can be broken."
        ) from None
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}.") from None
    click.echo(f"{count} {pack.name} record{'' if count == 1 else 's'} of item subset {subset}: {out}")
    if others:
        named = ", ".join(f"{edit} in {times}" for edit, times in sorted(others.items()))
        click.echo(
            f"Not every record could break {break_edit} alone. Broken with it: {named} "
            f"record{'' if list(others.values()) == [1] else 's'}."
        )


def _edit_of(pack: Pack, name: str) -> str:
    """Find the edit that is to be broken, by its number with or without the dash.

    Raises:
        ClickException: There is none, or no record can break it whatever it holds.
    """
    edit = f"-{name}" if name.isdigit() else name.upper()
    coverage = coverage_of(pack)
    if edit in coverage.left_out:
        raise click.ClickException(f"{pack.name} does not run {edit}: {coverage.left_out[edit]}.")
    if edit in coverage.database:
        raise click.ClickException(f"No record alone can break {edit}: it {coverage.database[edit]}.")
    if any(advice.id == edit for advice in pack.advice_edits):
        raise click.ClickException(
            f"{edit} is advice: no record is rejected for it, and none is made for it."
        )
    if edit not in edit_ids(pack, OWN_MESSAGES):
        raise click.ClickException(
            f"{pack.name} has no edit {edit}. --list-edits lists those that can be broken."
        )
    return edit


def _write(files: Iterable[tuple[str, bytes]], out: Path) -> None:
    """Write the zip, and touch what was there before only when every record could be made."""
    with tempfile.TemporaryFile() as made:
        write_zip(files, made)
        made.seek(0)
        with out.open("wb") as stream:
            shutil.copyfileobj(made, stream)


def _pack(packs: list[Pack], system: str, version: str | None) -> Pack:
    found = [pack for pack in packs if pack.system == system and version in {None, pack.version}]
    if not found:
        installed = ", ".join(pack.name for pack in packs) or "none"
        raise click.ClickException(f"There is no such specification pack. Installed: {installed}.")
    return found[-1]
