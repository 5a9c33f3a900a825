"""The files of a pack, made of a release and of the pack that was installed before it.

A release says nothing of some things that a pack must know, such as which item holds the provider's CCN or
how a Format edit is checked. Those are taken over from the pack before.
"""

import hashlib
import re
import shutil
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import AoT, InlineTable, Table

from iqies_flask.specs.importing.archive import ReleaseError, Row
from iqies_flask.specs.importing.release import Release
from iqies_flask.specs.pack import ITEM_COLUMNS, Pack, load_pack
from iqies_flask.specs.registry import SPEC_VERSION_ITEM
from iqies_flask.specs.xsd import FOLDER as SCHEMA_FOLDER

CONSISTENCY_FILE = "consistency.edits"
LEFT_OUT_FILE = "left_out.toml"
ADVICE_FILE = "advice.edits"
OFFICIAL_TEXTS_FILE = "official_texts.tsv"
OFFICIAL_HASHES_FILE = "official_hashes.tsv"
"""In a pack that may not hold CMS's words themselves: enough to tell when they change."""

_HASH_DIGITS = 16
REPORT_FILES = ("import-report.txt", "import-report.json")


def write_pack_files(release: Release, base: Pack, folder: Path, in_force_from: date | None) -> None:
    """Write everything but the consistency edits and the schemas.

    Args:
        release: The release.
        base: The installed pack of the same system.
        folder: Where to; must not exist.
        in_force_from: First day on which the release is in force; None to read it off the release.

    Raises:
        ReleaseError: The release lacks something that a pack needs.
    """
    texts = (OFFICIAL_TEXTS_FILE, OFFICIAL_HASHES_FILE)
    not_copied = (SCHEMA_FOLDER, CONSISTENCY_FILE, ADVICE_FILE, *texts, *REPORT_FILES)
    shutil.copytree(base.folder, folder, ignore=shutil.ignore_patterns(*not_copied))
    _write_table(folder / "items.tsv", ITEM_COLUMNS, map(_item, release.items))
    _write_table(
        folder / "values.tsv",
        ("item", "value", "label"),
        ((row["itm_id"], row["val_id"], row["val_txt"]) for row in release.values),
    )
    _write_subset_rules(release, base, folder / "item_subsets.tsv")
    _write_table(
        folder / OFFICIAL_TEXTS_FILE,
        ("edit", "text"),
        ((edit.id, edit.text) for edit in release.edits.values()),
    )
    _write_head(release, folder / "pack.toml", in_force_from)
    _write_format_edits(release, folder)


def read_official_texts(pack: Pack) -> dict[str, str]:
    """Read CMS's own words for the edits of a pack.

    Args:
        pack: Any pack.

    Returns:
        Number to text; nothing for a pack that was not imported.
    """
    return _read_column(pack.folder / OFFICIAL_TEXTS_FILE)


def read_official_hashes(pack: Pack) -> dict[str, str]:
    """Read what `text_hash` makes of CMS's own words for the edits of a pack, whether or not it holds them.

    Args:
        pack: Any pack.

    Returns:
        Number to hash; nothing for a pack that does not say.
    """
    texts = read_official_texts(pack)
    if texts:
        return {edit: text_hash(text) for edit, text in texts.items()}
    return _read_column(pack.folder / OFFICIAL_HASHES_FILE)


def text_hash(text: str) -> str:
    """Hash CMS's words for an edit; how they are spaced does not count."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()[:_HASH_DIGITS]


def split_edits(text: str) -> dict[str, str]:
    """Cut a file of edits into the texts of the single edits, with no comments but those inside.

    Args:
        text: In the edit language.

    Returns:
        Number to text.
    """
    starts = list(re.finditer(r"^(-\d{4}|IF-\d{3}) .*$", text, re.MULTILINE))
    ends = [start.start() for start in starts[1:]] + [len(text)]
    return {
        start[1]: re.sub(r"(\n#.*|\n\s*)+\Z", "", text[start.start() : end]) + "\n"
        for start, end in zip(starts, ends, strict=True)
    }


def _read_column(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    return {edit: text for edit, _, text in (line.partition("\t") for line in lines)}


def _item(row: Row) -> tuple[str, ...]:
    return (
        row["itm_id"],
        row["itm_shrt_label"],
        row["itm_sect_label"],
        row["itm_grp_cd"],
        row["itm_type_cd"],
        row["fixed_rec_lngth"],
        row["fixed_rec_strt_byte"],
        row["fixed_rec_end_byte"],
        " ".join(row["isc_active"].replace(",", " ").split()),
        " ".join(row.get("isc_state_opt", "").replace(",", " ").split()),
    )


def _write_table(path: Path, header: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    lines = ["\t".join(cells) for cells in (header, *rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_subset_rules(release: Release, base: Pack, path: Path) -> None:
    """Write CMS's table where there is one and where it differs from the one installed, which is shorter."""
    if not release.subset_rows:
        return
    items = {row["itm_id"] for row in release.items}
    columns = {
        column: column.removesuffix("_val").upper()
        for column in release.subset_rows[0]
        if column.removesuffix("_val").upper() in items
    }
    rules = [
        ({item: row[column] for column, item in columns.items()}, row["isc_id"])
        for row in release.subset_rows
    ]
    if all(base.recalculate_subset(codes) == subset for codes, subset in rules):
        return
    _write_table(path, (*columns.values(), "subset"), ((*codes.values(), subset) for codes, subset in rules))


def _write_head(release: Release, path: Path, in_force_from: date | None) -> None:
    head = tomlkit.parse(_without_first_comment(path.read_text(encoding="utf-8")))
    version = release.spec_version
    first, last = release.effective_dates(SPEC_VERSION_ITEM, version)
    first = in_force_from or first
    if first is None:
        raise ReleaseError(
            f"no label of {SPEC_VERSION_ITEM} says from when on {version} is in force; "
            "say it with --in-force-from"
        )
    in_force = _table(head, "in_force")
    _set(in_force, "from", first)
    if last is not None:
        _set(in_force, "to", last)
    elif "to" in in_force:
        in_force.remove("to")
    _set(head, "version", version)
    _set(head, "release", release.name)
    _set(head, "record_length", max(int(row["fixed_rec_end_byte"]) for row in release.items))
    for code, label in release.subset_labels.items():
        _set(_table(head, "subsets"), code, label)
    current = _table(head, "current_versions")
    for item in list(current):
        _set(current, item, version if item == SPEC_VERSION_ITEM else _current_version(release, item, first))
    if "spec_versions" in head:
        _write_version_dates(release, _table(_table(head, "spec_versions"), "dates"))
    comment = f"# {release.system}, data specifications {release.version}: made by `iqies specs import`.\n"
    path.write_text(comment + tomlkit.dumps(head), encoding="utf-8")


def _write_version_dates(release: Release, dates: Table | InlineTable) -> None:
    for row in release.values:
        if row["itm_id"] != SPEC_VERSION_ITEM:
            continue
        first, last = release.effective_dates(SPEC_VERSION_ITEM, row["val_id"])
        span = {name: day for name, day in (("from", first), ("to", last)) if day is not None}
        if span and dates.unwrap().get(row["val_id"]) != span:
            entry = tomlkit.inline_table()
            entry.update(span)
            dates[row["val_id"]] = entry


def _current_version(release: Release, item: str, first: date) -> str:
    """The value of a version item that begins with the release, or else its last one."""
    values = [row["val_id"] for row in release.values if row["itm_id"] == item]
    if not values:
        raise ReleaseError(
            f"itm_val.csv has no values of {item}, which must say which version a record is of"
        )
    beginning = [value for value in values if release.effective_dates(item, value)[0] == first]
    return (beginning or values)[-1]


def _write_format_edits(release: Release, folder: Path) -> None:
    """Take over the Format edits.

    Without those that CMS deleted, with CMS's severity, and with the items that CMS's pages list beyond those
    that the edit would have applied to.
    """
    path = folder / "edits.toml"
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    entries = document.get("edit", tomlkit.aot())
    assert isinstance(entries, AoT)
    known = {row["itm_id"] for row in release.items}
    for place in reversed(range(len(entries))):
        entry = entries[place]
        official = release.edits.get(str(entry["id"]))
        if official is not None and official.deleted:
            del entries[place]
            continue
        for key in ("items", "inferred", "except"):
            if key in entry and not known.issuperset(entry[key]):
                entry[key] = [name for name in entry[key] if name in known]
        if official is not None:
            _set(entry, "since", release.version)
            if official.severity is not None:
                _set(entry, "severity", str(official.severity))
    path.write_text(tomlkit.dumps(document), encoding="utf-8")
    _add_listed_items(release, folder, document)


def _add_listed_items(release: Release, folder: Path, document: tomlkit.TOMLDocument) -> None:
    pack = load_pack(folder)
    applied = {edit.id: edit.items for edit in pack.format_edits}
    entries = document["edit"]
    assert isinstance(entries, AoT)
    for entry in entries:
        official = release.edits.get(str(entry["id"]))
        listed = official.items if official is not None else ()
        new = [
            name
            for name in listed
            if pack.items[name].submitted
            and name not in applied[entry["id"]]
            and name not in entry.get("except", ())
        ]
        if new:
            entry["items"] = [*entry.get("items", ()), *new]
    (folder / "edits.toml").write_text(tomlkit.dumps(document), encoding="utf-8")


def _without_first_comment(text: str) -> str:
    return re.sub(r"\A(#.*\n)+", "", text)


def _table(parent: Mapping[str, Any], name: str) -> Table:
    table = parent[name]
    assert isinstance(table, Table)
    return table


def _set(table: Any, key: str, value: object) -> None:
    """Change a value only where it differs, so that its comment and its form stay."""
    if table.get(key) != value:
        table[key] = value
