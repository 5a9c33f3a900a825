"""Importing a release: from CMS's zip to a pack in the operator's folder, whole or not at all."""

import re
import shutil
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import tomlkit

from iqies_flask.folders import put_in_place
from iqies_flask.specs.importing.advice import AdviceOutcome, settle_advice
from iqies_flask.specs.importing.archive import ReleaseError
from iqies_flask.specs.importing.comparison import RECORDS
from iqies_flask.specs.importing.edits import EditOutcome, Outcome, pack_text, settle_edits
from iqies_flask.specs.importing.pack_files import (
    ADVICE_FILE,
    CONSISTENCY_FILE,
    LEFT_OUT_FILE,
    REPORT_FILES,
    read_official_hashes,
    split_edits,
    write_pack_files,
)
from iqies_flask.specs.importing.readings import load_readings
from iqies_flask.specs.importing.release import Release, read_release
from iqies_flask.specs.importing.report import ImportReport, as_json, as_text
from iqies_flask.specs.integrity import problems
from iqies_flask.specs.pack import Pack, PackError, load_pack
from iqies_flask.specs.xsd import write_schemas

TO_BE_WRITTEN = "to be written by a person"
"""Begins the reason why a pack leaves an edit out that was not understood."""

WORKSHOP = ".importing-"
"""Begins the name of the folder in which a pack is made."""

LONGEST_IMPORT_SECONDS = 3600

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class ImportedPack:
    """What an import made.

    Attributes:
        pack: The pack, where it now lies.
        report: What became of the release's edits.
    """

    pack: Pack
    report: ImportReport


def import_release(
    path: Path,
    installed: Iterable[Pack],
    into: Path,
    *,
    name: str = "",
    in_force_from: date | None = None,
    replace: bool = False,
    records: int = RECORDS,
) -> ImportedPack:
    """Make a pack of a release and install it.

    Args:
        path: The zip as CMS publishes it.
        installed: The packs that there are; that of the same system nearest before the release is the base.
        into: The operator's folder of packs; made where it does not exist.
        name: Of the new pack's folder; by default system and version, ``oasis-3.02``.
        in_force_from: First day on which the release is in force; None to read it off the release.
        replace: Whether a pack of that name may be replaced.
        records: On how many records to compare two writings of one edit.

    Raises:
        ReleaseError: The release cannot be imported. Then nothing is left behind.
    """
    release = read_release(path)
    name = name or f"{release.system.lower()}-{release.spec_version}"
    if not _NAME.fullmatch(name):
        raise ReleaseError(f"{name!r} cannot be the name of a folder: use letters, digits, dots and hyphens")
    target = into / name
    if target.exists() and not replace:
        raise ReleaseError(f"{target} is there already; choose another name, or replace it with --replace")
    base = choose_base(release, installed)
    try:
        into.mkdir(parents=True, exist_ok=True)
        _sweep(into)
        # In the same folder, so that moving it to its place is one step; the dot keeps it from being loaded.
        with tempfile.TemporaryDirectory(prefix=WORKSHOP, dir=into) as workshop:
            staged = Path(workshop) / name
            outcomes, advice = make_pack(release, base, staged, in_force_from=in_force_from, records=records)
            report = ImportReport(release, base.name, outcomes, advice)
            for file, text in zip(REPORT_FILES, (as_text(report), as_json(report)), strict=True):
                (staged / file).write_text(text, encoding="utf-8")
            put_in_place(staged, target, Path(workshop) / "before")
    except OSError as error:
        raise ReleaseError(f"the pack cannot be written to {into}: {error.strerror or error}") from None
    return ImportedPack(load_pack(target), report)


def make_pack(
    release: Release, base: Pack, folder: Path, *, in_force_from: date | None = None, records: int = RECORDS
) -> tuple[list[EditOutcome], list[AdviceOutcome]]:
    """Make a pack of a release in a folder.

    Args:
        release: The release.
        base: The pack from which everything is taken over that a release does not say.
        folder: Must not exist.
        in_force_from: First day on which the release is in force; None to read it off the release.
        records: On how many records to compare two writings of one edit.

    Returns:
        What became of its edits, and of the advice of the pack before.

    Raises:
        ReleaseError: What comes out is no sound pack.
    """
    before = _written(base, CONSISTENCY_FILE)
    try:
        write_pack_files(release, base, folder, in_force_from)
        outcomes = settle_edits(
            release,
            load_pack(folder),
            before,
            records,
            readings=load_readings(base),
            hashes=read_official_hashes(base),
        )
        (folder / CONSISTENCY_FILE).write_text(pack_text(release, outcomes), encoding="utf-8")
        _write_left_out(folder / LEFT_OUT_FILE, base, outcomes)
        advice = settle_advice(_written(base, ADVICE_FILE), load_pack(folder), records)
        if any(rule.text for rule in advice):
            kept = "\n".join(rule.text for rule in advice if rule.text)
            (folder / ADVICE_FILE).write_text(kept, encoding="utf-8")
        pack = load_pack(folder)
        wrong = problems(pack, rules=False)
        if wrong:
            raise ReleaseError(f"the release makes no sound pack: {'; '.join(wrong[:3])}")
        write_schemas(pack)
    except PackError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise ReleaseError(f"the release makes no sound pack: {error}") from None
    return outcomes, advice


def _written(pack: Pack, file: str) -> dict[str, str]:
    path = pack.folder / file
    return split_edits(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _sweep(folder: Path) -> None:
    """Remove what imports left behind that were killed; what is younger may be another import at work."""
    for left in folder.glob(f"{WORKSHOP}*"):
        if time.time() - left.stat().st_mtime > LONGEST_IMPORT_SECONDS:
            shutil.rmtree(left, ignore_errors=True)


def _write_left_out(path: Path, base: Pack, outcomes: Iterable[EditOutcome]) -> None:
    """Say of each edit that the new pack does not run why, so that it is counted and shown all the same."""
    reasons = dict(base.left_out)
    for outcome in outcomes:
        if outcome.text or outcome.outcome is Outcome.FORMAT:
            reasons.pop(outcome.id, None)
        elif outcome.outcome is Outcome.DELETED and outcome.official is not None:
            reasons.setdefault(outcome.id, f"deleted by CMS in {outcome.official.version}")
        elif outcome.outcome in {Outcome.TO_WRITE, Outcome.FORMAT_TO_WRITE}:
            reasons[outcome.id] = "; ".join(part for part in (TO_BE_WRITTEN, outcome.reason) if part)
    for edit in (base.subset_edit, base.version_edit):
        # Checked by code of their own, whatever their words.
        reasons.pop(edit or "", None)
    document = tomlkit.document()
    document.add(
        tomlkit.comment("Edits that this pack does not run, Information aside, each with its reason.")
    )
    for edit, reason in reasons.items():
        document[edit] = reason
    path.write_text(tomlkit.dumps(document), encoding="utf-8")


def choose_base(release: Release, installed: Iterable[Pack]) -> Pack:
    """Choose the pack of the same system and version, or else the newest one before, or else the oldest.

    Args:
        release: The release.
        installed: All packs that there are.

    Raises:
        ReleaseError: None is of the system.
    """
    packs = sorted(
        (pack for pack in installed if pack.system == release.system), key=lambda pack: _order(pack.version)
    )
    if not packs:
        raise ReleaseError(
            f"no pack of {release.system} is installed, from which to take over what a release does not say"
        )
    before = [pack for pack in packs if _order(pack.version) <= _order(release.spec_version)]
    return before[-1] if before else packs[0]


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
