"""A release of CMS's data specifications: items, values, item subsets and the official text of every edit."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from lxml import etree, html

from iqies_flask.model import EditType, Severity
from iqies_flask.specs.importing.archive import ReleaseError, ReleaseFiles, ReleaseLimits, Row, read_archive

_TYPES = {
    "format": EditType.FORMAT,
    "consistency": EditType.CONSISTENCY,
    "skip pattern": EditType.SKIP_PATTERN,
    "none of above": EditType.NONE_OF_ABOVE,
    "none of the above": EditType.NONE_OF_ABOVE,
}
_SEVERITIES = {"fatal": Severity.FATAL, "warning": Severity.WARNING}
_DELETED = re.compile(r"\W*THIS EDIT WAS DELETED\b", re.IGNORECASE)
_VERSION = re.compile(r"V(\d+)\.(\d+)(\.\d+)?")
_EFFECTIVE = re.compile(
    r"(?:effective|from|on or after)\s+(\d\d/\d\d/\d{4})(?:\s+(?:through|to)\s+(\d\d/\d\d/\d{4}))?"
)
_PAGE_FIELDS = ("Data System", "Data Specs", "Edit Type", "Severity", "Edit Text")
_ITEM_COLUMNS = (
    "itm_id",
    "sys_cd",
    "itm_srt_id",
    "itm_shrt_label",
    "itm_sect_label",
    "itm_grp_cd",
    "itm_type_cd",
    "fixed_rec_strt_byte",
    "fixed_rec_end_byte",
    "fixed_rec_lngth",
    "isc_active",
)
_MOST_VALUES = 2_000
_MOST_DIGITS = 9
_ITEM_ID = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass(frozen=True, slots=True)
class OfficialEdit:
    """An edit as CMS publishes it.

    Attributes:
        id: CMS's number, ``-3060``.
        type: None for what is no check, such as ``Information``.
        severity: None likewise.
        version: Of the release, ``V3.02.0``.
        text: CMS's own words.
        items: The items that its page lists, in the page's order.
    """

    id: str
    type: EditType | None
    severity: Severity | None
    version: str
    text: str
    items: tuple[str, ...] = ()

    @property
    def deleted(self) -> bool:
        """Whether CMS says of it that it is no longer in force."""
        return _DELETED.match(self.text) is not None

    @property
    def executable(self) -> bool:
        """Whether it is a check at all."""
        return not self.deleted and self.type is not None and self.severity is not None


@dataclass(frozen=True, slots=True)
class Release:
    """A release, read and understood as far as its tables and pages go.

    Attributes:
        system: ``MDS`` or ``OASIS``.
        version: As its pages name it, ``V3.02.0``.
        name: As its files name it, ``V3.02.0 FINAL 10-13-2025``.
        items: Rows of the item table, in the order of the record.
        values: Rows of the value table, in the order of the items.
        subset_labels: Item subset code to label; empty where the release has no table of them.
        subset_rows: Rows of the table from reasons for assessment to item subset code; likewise.
        edits: Number to edit.
    """

    system: str
    version: str
    name: str
    items: tuple[Row, ...]
    values: tuple[Row, ...]
    edits: dict[str, OfficialEdit]
    subset_labels: dict[str, str] = field(default_factory=dict)
    subset_rows: tuple[Row, ...] = ()

    @property
    def spec_version(self) -> str:
        """The version as SPEC_VRSN_CD writes it, ``3.02``."""
        return self.version.removeprefix("V").rpartition(".")[0]

    def effective_dates(self, item: str, value: str) -> tuple[date | None, date | None]:
        """Read the dates between which a version code is in force off its label.

        Args:
            item: ``SPEC_VRSN_CD`` or ``ITM_SET_VRSN_CD``.
            value: One of its values.
        """
        for row in self.values:
            if row["itm_id"] == item and row["val_id"] == value:
                found = _EFFECTIVE.search(row["val_txt"])
                if found:
                    return _american(found[1]), _american(found[2])
        return None, None


def read_release(path: Path, limits: ReleaseLimits | None = None) -> Release:
    """Read a release as CMS publishes it.

    Args:
        path: The zip.
        limits: Bounds on what is read; ample for CMS's releases by default.

    Raises:
        ReleaseError: It is no release, or is damaged, incomplete or contradicts itself.
    """
    files = read_archive(path, limits)
    pages = [_page(name, text) for name, text in sorted(files.pages.items())]
    system = _only("data system", (page["Data System"] for page in pages))
    version = _only("version of the data specifications", (page["Data Specs"] for page in pages))
    if not _VERSION.fullmatch(version):
        raise ReleaseError(f"the pages of the edits name the version {version!r}, not one such as V3.02.0")
    if version.count(".") == 1:
        version += ".0"
    items = _items(files, system)
    known = {row["itm_id"] for row in items}
    return Release(
        system=system,
        version=version,
        name=_release_name(files.name, version),
        items=items,
        values=_values(files, [row["itm_id"] for row in items]),
        edits={edit.id: edit for edit in (_edit(page, version, known) for page in pages)},
        subset_labels={
            row["isc_id"]: row["isc_txt"].replace("--", ", ")
            for row in _checked(files, "isc_mstr", ("isc_id", "isc_txt"))
        },
        subset_rows=tuple(_checked(files, "isc_val", ("isc_id",))),
    )


def _page(name: str, text: str) -> dict[str, str]:
    """Read the fields of an edit's page, and under ``items`` the items that it lists."""
    try:
        root = html.document_fromstring(text)
    except (etree.LxmlError, ValueError) as error:
        raise ReleaseError(f"the page {name} is not readable as HTML: {error}") from None
    etree.strip_elements(root, "script", "style", etree.Comment, with_tail=False)
    fields: dict[str, str] = {}
    items: list[str] = []
    for row in root.iter("tr"):
        cells = [" ".join(str(cell.text_content()).split()) for cell in row.iter("td", "th")]
        if len(cells) != 2:
            continue
        if cells[0] in _PAGE_FIELDS:
            fields.setdefault(*cells)
        elif _ITEM_ID.fullmatch(cells[0]):
            items.append(cells[0])
    missing = [label for label in _PAGE_FIELDS if not fields.get(label)]
    if missing:
        raise ReleaseError(f"the page {name} has no {' and no '.join(missing)}")
    number = re.search(r"\d{4}", name)
    assert number is not None
    return {**fields, "number": f"-{number[0]}", "items": " ".join(items)}


def _edit(page: dict[str, str], version: str, known: set[str]) -> OfficialEdit:
    items = tuple(dict.fromkeys(page["items"].split()))
    unknown = [item for item in items if item not in known]
    if unknown:
        raise ReleaseError(
            f"the page of edit {page['number']} lists {unknown[0]}, which is not in itm_mstr.csv"
        )
    return OfficialEdit(
        id=page["number"],
        type=_TYPES.get(page["Edit Type"].lower()),
        severity=_SEVERITIES.get(page["Severity"].lower()),
        version=version,
        text=page["Edit Text"],
        items=items,
    )


def _only(what: str, found: Iterable[str]) -> str:
    different = sorted(set(found))
    if len(different) > 1:
        raise ReleaseError(f"the pages of the edits name more than one {what}: {', '.join(different)}")
    return different[0]


def _checked(files: ReleaseFiles, table: str, columns: Iterable[str]) -> list[Row]:
    rows = files.tables.get(table, [])
    missing = [column for column in columns if rows and column not in rows[0]]
    if missing:
        raise ReleaseError(f"{table}.csv has no column {' and no column '.join(missing)}")
    return rows


def _items(files: ReleaseFiles, system: str) -> tuple[Row, ...]:
    rows = _checked(files, "itm_mstr", _ITEM_COLUMNS)
    if not rows:
        raise ReleaseError("itm_mstr.csv has no rows")
    strange = {row["sys_cd"] for row in rows} - {system}
    if strange:
        raise ReleaseError(f"itm_mstr.csv has items of {', '.join(sorted(strange))} in a release of {system}")
    for row in rows:
        if not _ITEM_ID.fullmatch(row["itm_id"]):
            raise ReleaseError(f"itm_mstr.csv has an item {row['itm_id']!r}, which is no name of an item")
        for column in ("itm_srt_id", "fixed_rec_strt_byte", "fixed_rec_end_byte", "fixed_rec_lngth"):
            if not _is_number(row[column]):
                raise ReleaseError(f"itm_mstr.csv: {column} of {row['itm_id']} is no number: {row[column]!r}")
    return tuple(sorted(rows, key=lambda row: int(row["itm_srt_id"])))


def _values(files: ReleaseFiles, order: list[str]) -> tuple[Row, ...]:
    rows = _checked(files, "itm_val", ("itm_id", "val_srt_id", "val_id", "val_txt"))
    places = {item: place for place, item in enumerate(order)}
    item, count = next(iter(Counter(row["itm_id"] for row in rows).most_common(1)), ("", 0))
    if count > _MOST_VALUES:
        raise ReleaseError(f"itm_val.csv has {count:,} values of {item}; {_MOST_VALUES:,} is the most")
    for row in rows:
        if row["itm_id"] not in places:
            raise ReleaseError(f"itm_val.csv has values of {row['itm_id']}, which is not in itm_mstr.csv")
        if not _is_number(row["val_srt_id"]):
            raise ReleaseError(
                f"itm_val.csv: val_srt_id of {row['itm_id']} is no number: {row['val_srt_id']!r}"
            )
    return tuple(sorted(rows, key=lambda row: (places[row["itm_id"]], int(row["val_srt_id"]))))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS


def _release_name(file_name: str, version: str) -> str:
    """What follows the version in the name of the files: whether it is a draft, and of which day."""
    rest = " ".join(file_name.replace("(", " ").replace(")", " ").split()).partition(version)[2].strip()
    return re.sub(r"\b(\d\d-\d\d-\d{4})\b", r"(\1)", f"{version} {rest}".strip())


def _american(text: str | None) -> date | None:
    try:
        return datetime.strptime(text, "%m/%d/%Y").date() if text else None
    except ValueError:
        raise ReleaseError(
            f"the label of a version in itm_val.csv names the day {text}, which does not exist"
        ) from None
