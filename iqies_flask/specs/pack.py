"""A specification pack and how it is read from its folder.

A pack is a folder of these files::

    pack.toml         name, dates in force, which item plays which role, rules for the target date
    items.tsv         every item: label, section, group, type, length, bytes of the fixed record, subsets
    values.tsv        every value of every item, with its label
    item_subsets.tsv  which reasons for assessment make which item subset code
    edits.toml        the Format edits and the items that each applies to
    consistency.edits the edits that compare items with each other or with what an application knows, in the
                      edit language; may be missing
    advice.edits      the project's own rules, which never reject, in the edit language; may be missing
    readings.toml     words of CMS's edits that cannot be taken as they stand, for imports; may be missing
    official_hashes.tsv  hashes of CMS's words for the edits, to tell when they change; may be missing
    left_out.toml     edits of the data specification that the pack does not run, with reasons; may be missing
"""

import csv
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from iqies_flask.dates import date_in_words
from iqies_flask.model import EditType, Severity
from iqies_flask.specs.edits.parser import EditSyntaxError, parse_edits
from iqies_flask.specs.edits.tree import Edit

BLANK = "^"
DASH = "-"

FREE_VALUES = frozenset(
    {"Text", "YYYYMMDD", "YYYYMM", "YYYY", "MMDDYYYY", "ICD-10", "Minimum value", "Maximum value"}
)
"""Entries of a value table that stand for a form and not for themselves."""

ITEM_COLUMNS = (
    "item",
    "label",
    "section",
    "group",
    "type",
    "length",
    "first_byte",
    "last_byte",
    "subsets",
    "state_optional",
)
"""Of ``items.tsv``, in their order."""

SUBMITTED_GROUPS = frozenset({"Control", "Asmt"})
"""Item groups that a record may hold. Calculated and filler items are never submitted."""


class PackError(Exception):
    """A pack's files can't be read, or contradict each other. The text names the file and the line."""


@dataclass(frozen=True)
class Item:
    """One item of a data specification.

    Attributes:
        id: For example ``M0064_SSN``.
        label: CMS's short label.
        section: Section of the form, ``Control``, ``Calc`` or ``Filler``.
        group: ``Control`` and ``Asmt`` are submitted, ``Calc`` and ``Filler`` never.
        type: ``Code``, ``Checklist``, ``Text``, ``Number``, ``Date``, ``ICD`` or ``Filler``.
        length: Maximum length in characters.
        first_byte: Its place in the fixed-length record, counted from 1.
        last_byte: Likewise, inclusive.
        subsets: Item subset codes for which it is active.
        state_optional: Item subset codes for which a state may ask for it.
        values: Value to label, in CMS's order, forms such as ``Text`` among them.
        minimum: Of a Number, as the table writes it; None for other types.
        maximum: Likewise.
    """

    id: str
    label: str
    section: str
    group: str
    type: str
    length: int
    first_byte: int
    last_byte: int
    subsets: frozenset[str]
    state_optional: frozenset[str]
    values: Mapping[str, str]
    minimum: str | None = None
    maximum: str | None = None

    @property
    def submitted(self) -> bool:
        """Whether a record may hold this item at all."""
        return self.group in SUBMITTED_GROUPS

    @cached_property
    def special_values(self) -> tuple[str, ...]:
        """The values that stand for themselves: codes, ``^``, ``-``; not minimum, maximum or forms."""
        return tuple(value for value in self.values if value not in FREE_VALUES)


@dataclass(frozen=True, slots=True)
class FormatEdit:
    """One Format edit and the items that it applies to.

    Attributes:
        id: CMS's number, for example ``-3060``.
        severity: As CMS gives it.
        check: Name of the check in `iqies_flask.specs.formats`.
        items: Ids of the items.
        options: Arguments of the check.
        since: Version of the data specification that the edit was taken from.
        inferred: Of the items, those on which no published page shows it but whose twins carry it.
        type: Format, but for the rare one that CMS files elsewhere.
    """

    id: str
    severity: Severity
    check: str
    items: frozenset[str]
    options: Mapping[str, Any]
    since: str
    inferred: frozenset[str] = frozenset()
    type: EditType = EditType.FORMAT


@dataclass(frozen=True, slots=True)
class SubsetRule:
    """One line of the item subset table: where each item has one of its codes, the subset follows.

    Attributes:
        conditions: Item to the codes allowed; None where any code does, or none at all.
        subset: The item subset code.
    """

    conditions: Mapping[str, frozenset[str] | None]
    subset: str


@dataclass(frozen=True, slots=True)
class TargetDateRule:
    """Which item holds the date that the system goes by.

    Attributes:
        item: A Date item.
        when: Item to the codes for which the rule holds; all must.
    """

    item: str
    when: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class UpperCaseRule:
    """Which items are stored in upper case, and the number under which CMS says so."""

    edit: str
    items: frozenset[str]


@dataclass(frozen=True, slots=True)
class MovedUpRule:
    """A list in which later rows move up where an earlier one is blank.

    Attributes:
        edit: The number under which CMS says so.
        rows: In their order; the first item of a row tells whether it is blank, the others go with it.
    """

    edit: str
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class LocatorRule:
    """One of the items by which a correction names the record that it corrects.

    Attributes:
        correction_item: The item of the correction.
        record_item: The item of the record to be corrected, whose value it repeats.
        when: Item of that record to codes: where they differ, its value is of no account.
    """

    correction_item: str
    record_item: str
    when: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class SpecVersionDates:
    """The dates for which a value of SPEC_VRSN_CD may be used; None is open."""

    first: date | None
    last: date | None


@dataclass(frozen=True, eq=False)
class Pack:
    """One version of one data specification, ready for use.

    Attributes:
        system: ``MDS`` or ``OASIS``.
        version: As SPEC_VRSN_CD writes it, for example ``3.02``.
        release: CMS's name of the release, for example ``V3.02.0 FINAL (10-13-2025)``.
        in_force_from: First date (of the record) for which it applies.
        in_force_to: Last such date; None while it is open.
        in_force_item: The item that decides, or None where the target date does.
        record_length: Bytes of the fixed-length record.
        items: Item id to item, in the order of the record.
        subsets: Item subset code to label.
        subset_rules: The item subset table, first match wins.
        subset_item: The item in which the subset is submitted.
        subset_edit: Number of the edit that compares the two.
        version_edit: Number of the edit on dates outside those of SPEC_VRSN_CD; empty where there is none.
        spec_versions: Value of SPEC_VRSN_CD to its dates, as far as CMS gives them.
        current_versions: What a record of this version submits in its version items.
        target_dates: Rules for the target date (MDS) or effective date (OASIS), first match wins.
        roles: Field of `RecordSummary` to the items that may hold it; a list of lists is joined by ``/``.
        format_edits: In the order in which findings on one item are listed.
        consistency_edits: Those that compare items with each other, in the order in which they are listed.
        database_edits: Those that ask what only an application with a database knows.
        advice_edits: The project's own rules on what CMS has no known text for; they never reject.
        left_out: Number of each edit that the pack does not run, and why.
        structure: Severity of ``missing``, ``unknown``, ``inactive`` and ``calculated`` items.
        stored_upper_case: What CMS stores in upper case; None where it says nothing of it.
        moved_up: Lists that are stored without gaps.
        locator: How a correction names the record that it corrects; empty where the pack does not say.
        folder: Where it was read from.
    """

    system: str
    version: str
    release: str
    in_force_from: date
    in_force_to: date | None
    in_force_item: str | None
    record_length: int
    items: Mapping[str, Item]
    subsets: Mapping[str, str]
    subset_rules: tuple[SubsetRule, ...]
    subset_item: str
    subset_edit: str
    version_edit: str
    spec_versions: Mapping[str, SpecVersionDates]
    current_versions: Mapping[str, str]
    target_dates: tuple[TargetDateRule, ...]
    roles: Mapping[str, tuple[tuple[str, ...], ...]]
    format_edits: tuple[FormatEdit, ...]
    consistency_edits: tuple[Edit, ...]
    database_edits: tuple[Edit, ...]
    advice_edits: tuple[Edit, ...]
    left_out: Mapping[str, str]
    structure: Mapping[str, Severity]
    stored_upper_case: UpperCaseRule | None
    moved_up: tuple[MovedUpRule, ...]
    locator: tuple[LocatorRule, ...]
    folder: Path
    _active: dict[str, tuple[Item, ...]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def name(self) -> str:
        """System and version, for example ``OASIS 3.02``."""
        return f"{self.system} {self.version}"

    @property
    def dates_in_force(self) -> str:
        """The dates in force, for a person."""
        last = f" to {date_in_words(self.in_force_to)}" if self.in_force_to else " on"
        return f"from {date_in_words(self.in_force_from)}{last}"

    @cached_property
    def submitted_items(self) -> tuple[Item, ...]:
        """The items that some record may hold, in the order of the record."""
        return tuple(item for item in self.items.values() if item.submitted)

    def active(self, subset: str) -> tuple[Item, ...]:
        """List the items that a record of a subset must hold, in the order of the record.

        Args:
            subset: Item subset code.

        Raises:
            KeyError: The pack has no such subset.
        """
        if subset not in self.subsets:
            raise KeyError(subset)
        if subset not in self._active:
            self._active[subset] = tuple(i for i in self.submitted_items if subset in i.subsets)
        return self._active[subset]

    def optional(self, subset: str) -> tuple[Item, ...]:
        """List the items that a record of a subset may hold where its state asks for them."""
        return tuple(i for i in self.submitted_items if subset in i.state_optional)

    def covers(self, day: date) -> bool:
        """Tell whether the pack is in force on a date."""
        return self.in_force_from <= day and (self.in_force_to is None or day <= self.in_force_to)

    def recalculate_subset(self, items: Mapping[str, str]) -> str | None:
        """Derive the item subset code from the reasons for assessment (OASIS -9160, MDS -3914).

        Args:
            items: The record's items.

        Returns:
            The code, or None where the submitted codes do not lead to any.
        """
        for rule in self.subset_rules:
            if all(
                allowed is None or items.get(item, "") in allowed for item, allowed in rule.conditions.items()
            ):
                return rule.subset
        return None

    def target_date_item(self, items: Mapping[str, str]) -> str | None:
        """Name the item that holds the target date (MDS -9017) or the effective date (OASIS -9060)."""
        for rule in self.target_dates:
            if all(items.get(item, "") in codes for item, codes in rule.when.items()):
                return rule.item
        return None


def load_pack(folder: Path) -> Pack:
    """Read a pack from its folder.

    Args:
        folder: Holds the five files named above.

    Raises:
        PackError: A file is missing, malformed, or names an item that the pack does not have.
    """
    path = folder / "pack.toml"
    head = _read_toml(path)
    items = _read_items(folder)
    subset_rules = tuple(_read_subset_rules(folder / "item_subsets.tsv"))
    format_edits = tuple(_read_format_edits(folder / "edits.toml", items))
    written_edits = _read_edits(folder / "consistency.edits", items)
    try:
        subsets: dict[str, str] = dict(head["subsets"])
        return Pack(
            system=head["system"],
            version=head["version"],
            release=head["release"],
            in_force_from=_day(head["in_force"]["from"]),
            in_force_to=_optional_day(head["in_force"].get("to")),
            in_force_item=head["in_force"].get("item"),
            record_length=int(head["record_length"]),
            items=items,
            subsets=subsets,
            subset_rules=subset_rules,
            subset_item=head["item_subset"]["item"],
            subset_edit=head["item_subset"]["edit"],
            version_edit=head.get("spec_versions", {}).get("edit", ""),
            spec_versions={
                version: SpecVersionDates(_optional_day(dates.get("from")), _optional_day(dates.get("to")))
                for version, dates in head.get("spec_versions", {}).get("dates", {}).items()
            },
            current_versions=dict(head["current_versions"]),
            target_dates=tuple(
                TargetDateRule(
                    rule["item"], {item: frozenset(codes) for item, codes in rule.get("when", {}).items()}
                )
                for rule in head["target_date"]
            ),
            roles={role: _alternatives(entry) for role, entry in head["roles"].items()},
            format_edits=format_edits,
            consistency_edits=tuple(edit for edit in written_edits if not edit.predicates),
            database_edits=tuple(edit for edit in written_edits if edit.predicates),
            advice_edits=_read_edits(folder / "advice.edits", items),
            left_out=_read_left_out(folder / "left_out.toml"),
            structure={kind: Severity(severity) for kind, severity in head["structure"].items()},
            stored_upper_case=_read_upper_case(folder, head.get("stored_upper_case"), items),
            moved_up=tuple(
                MovedUpRule(rule["edit"], tuple(tuple(row) for row in rule["rows"]))
                for rule in head.get("moved_up", [])
            ),
            locator=_locator(head.get("locator", {})),
            folder=folder,
        )
    except KeyError as missing:
        raise PackError(f"{path}: the entry {missing} is missing") from missing
    except (AttributeError, TypeError, ValueError) as error:
        raise PackError(f"{path}: {error}") from error


def _day(entry: object) -> date:
    # A time of day has no place here, and such entries could not be compared with dates.
    if type(entry) is not date:
        raise ValueError(f"{entry!r} is not a date, written like 2026-04-01 without quotation marks")
    return entry


def _optional_day(entry: object) -> date | None:
    return None if entry is None else _day(entry)


def _alternatives(entry: str | list[str] | list[list[str]]) -> tuple[tuple[str, ...], ...]:
    if isinstance(entry, str):
        return ((entry,),)
    if all(isinstance(part, str) for part in entry):
        return (tuple(str(part) for part in entry),)
    return tuple(tuple(part) for part in entry)


def _locator(entry: Mapping[str, Any]) -> tuple[LocatorRule, ...]:
    conditions = entry.get("only_where", {})
    return tuple(
        LocatorRule(
            correction_item,
            record_item,
            {item: frozenset(codes) for item, codes in conditions.get(record_item, {}).items()},
        )
        for correction_item, record_item in entry.get("items", {}).items()
    )


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as stream:
            return tomllib.load(stream)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise PackError(f"{path}: {error}") from error


def _read_table(path: Path, *wanted: str) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            reader = csv.reader(stream, delimiter="\t", quoting=csv.QUOTE_NONE)
            header = next(reader, [])
            missing = [column for column in wanted if column not in header]
            if missing:
                raise PackError(f"{path}: the column {missing[0]} is missing")
            for number, row in enumerate(reader, start=2):
                if len(row) != len(header):
                    raise PackError(f"{path}, line {number}: {len(row)} columns instead of {len(header)}")
                yield number, dict(zip(header, row, strict=True))
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(f"{path}: {error}") from error


def _read_items(folder: Path) -> dict[str, Item]:
    values: dict[str, dict[str, str]] = {}
    limits: dict[str, dict[str, str]] = {}
    for _, row in _read_table(folder / "values.tsv", "item", "value", "label"):
        form = row["label"].capitalize()
        if form in {"Minimum value", "Maximum value"}:
            limits.setdefault(row["item"], {})[form] = row["value"]
        else:
            values.setdefault(row["item"], {})[row["value"]] = row["label"]
    items: dict[str, Item] = {}
    path = folder / "items.tsv"
    for number, row in _read_table(path, *ITEM_COLUMNS):
        name = row["item"]
        if name in items:
            raise PackError(f"{path}, line {number}: the item {name} stands there twice")
        try:
            length, first, last = int(row["length"]), int(row["first_byte"]), int(row["last_byte"])
        except ValueError as error:
            raise PackError(f"{path}, line {number}: {error}") from error
        items[name] = Item(
            id=name,
            label=row["label"],
            section=row["section"],
            group=row["group"],
            type=row["type"],
            length=length,
            first_byte=first,
            last_byte=last,
            subsets=frozenset(row["subsets"].split()),
            state_optional=frozenset(row["state_optional"].split()),
            values=values.pop(name, {}),
            minimum=limits.get(name, {}).get("Minimum value"),
            maximum=limits.get(name, {}).get("Maximum value"),
        )
    unknown = (values.keys() | limits.keys()) - items.keys()
    if unknown:
        raise PackError(f"{folder / 'values.tsv'}: values for unknown items {', '.join(sorted(unknown))}")
    return items


def _read_subset_rules(path: Path) -> Iterator[SubsetRule]:
    for _, row in _read_table(path, "subset"):
        subset = row.pop("subset")
        yield SubsetRule(
            {item: None if codes == "*" else frozenset(codes.split()) for item, codes in row.items()}, subset
        )


def _read_upper_case(
    folder: Path, entry: Mapping[str, Any] | None, items: Mapping[str, Item]
) -> UpperCaseRule | None:
    if entry is None:
        return None
    return UpperCaseRule(entry["edit"], _chosen_items(folder / "pack.toml", entry["edit"], entry, items))


def _read_format_edits(path: Path, items: Mapping[str, Item]) -> Iterator[FormatEdit]:
    for number, entry in enumerate(_read_toml(path).get("edit", []), start=1):
        try:
            yield FormatEdit(
                id=entry["id"],
                severity=Severity(entry["severity"]),
                check=entry["check"],
                items=_chosen_items(path, entry["id"], entry, items),
                options=entry.get("options", {}),
                since=entry["since"],
                inferred=frozenset(entry.get("inferred", ())),
            )
        except KeyError as missing:
            raise PackError(f"{path}, edit no. {number}: the entry {missing} is missing") from missing
        except (TypeError, ValueError) as error:
            raise PackError(f"{path}, edit no. {number}: {error}") from error


def _read_edits(path: Path, items: Mapping[str, Item]) -> tuple[Edit, ...]:
    if not path.is_file():
        return ()
    try:
        return parse_edits(path.read_text(encoding="utf-8"), tuple(items), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(f"{path}: {error}") from error
    except EditSyntaxError as error:
        raise PackError(str(error)) from error


def _read_left_out(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    return {number: str(reason) for number, reason in _read_toml(path).items()}


def _chosen_items(
    path: Path, edit: str, entry: Mapping[str, Any], items: Mapping[str, Item]
) -> frozenset[str]:
    """The items that an entry names or selects by type and section, without those that it excepts."""
    named = frozenset(entry.get("items", ())) | frozenset(entry.get("inferred", ()))
    excepted = frozenset(entry.get("except", ()))
    unknown = (named | excepted) - items.keys()
    if unknown:
        raise PackError(f"{path}: edit {edit} names unknown items {', '.join(sorted(unknown))}")
    return (named | frozenset(_selected(entry, items.values()))) - excepted


def _selected(entry: Mapping[str, Any], items: Iterable[Item]) -> Iterator[str]:
    types, sections = entry.get("types"), entry.get("sections")
    if types is None and sections is None:
        return
    skipped = entry.get("except_sections", ())
    for item in items:
        if (
            item.submitted
            and (types is None or item.type in types)
            and (sections is None or item.section in sections)
            and item.section not in skipped
        ):
            yield item.id
