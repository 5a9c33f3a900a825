"""The checks of one pack for one item subset, prepared once so that a record costs almost nothing.

A record's items are compared with a set of (item, value) pairs that are in order whatever else the record
holds; only what remains, usually texts and dates, is looked at item by item.
"""

import difflib
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date

from iqies_flask.model import Finding, ItemValue
from iqies_flask.specs.allowed_values import allowed_in_words
from iqies_flask.specs.edits.tree import Clause, Edit
from iqies_flask.specs.formats import FormatCheck, build_check
from iqies_flask.specs.messages import (
    CALCULATED_ITEM,
    EMPTY_ITEM,
    INACTIVE_ITEM,
    MISSING_ITEM,
    MORE_MISSING_ITEMS,
    MORE_UNKNOWN_ITEMS,
    UNKNOWN_ITEM,
)
from iqies_flask.specs.pack import FormatEdit, Item, Pack
from iqies_flask.specs.subset_edits import SubsetEdits
from iqies_flask.specs.wording import shown

LISTED_UNKNOWN_ITEMS = 100
"""Unknown elements of one record that are named; finding the nearest item to each takes its time."""

LISTED_MISSING_ITEMS = 20
"""Missing items of one record that are named. Who lacks more has most often left out whole sections."""


@dataclass(frozen=True, slots=True)
class _PreparedEdit:
    edit: FormatEdit
    check: FormatCheck


class SubsetChecker:
    """Structure and Format edits of one item subset.

    Args:
        pack: The specification pack.
        subset: Item subset code, or None where the reasons for assessment lead to none: then no item that
            the record holds is inactive, and only those are missing that every subset has.
    """

    def __init__(self, pack: Pack, subset: str | None) -> None:
        self._pack = pack
        self._subset_name = (
            "every item subset" if subset is None else f"item subset {subset} ({pack.subsets[subset]})"
        )
        if subset is None:
            active = tuple(item for item in pack.submitted_items if pack.subsets.keys() <= item.subsets)
            allowed = pack.submitted_items
        else:
            active = pack.active(subset)
            allowed = (*active, *pack.optional(subset))
        self._active = {item.id: item for item in active}
        self._allowed = {item.id: item for item in allowed}
        self._edits = {item.id: _prepare(pack, item) for item in allowed}
        self._consistency = SubsetEdits(
            pack.consistency_edits if subset is not None else (),
            pack.system,
            pack.items,
            self._active,
            self._allowed,
        )
        self._in_order = frozenset(
            (item.id, value)
            for item in allowed
            for value in item.special_values
            if all(prepared.check.passes(value) for prepared in self._edits[item.id])
        )

    @property
    def allowed(self) -> Set[str]:
        """Ids of the items that a record of this subset may hold."""
        return self._allowed.keys()

    def check(self, items: Mapping[str, str], today: date) -> list[Finding]:
        """Check a record's items.

        Args:
            items: Element name to submitted text, in the order of the record.
            today: The day on which the record was received.

        Returns:
            Findings on what stands in the record, in its order; then the missing items in CMS's order, the
            first of them by name; then what the items say about each other. Edits that name a missing item
            are not judged.
        """
        return [*self.check_items(items), *self._consistency.findings(items, today)]

    def failed_clauses(self, items: Mapping[str, str], today: date) -> list[tuple[Edit, Clause]]:
        """Run the edits that compare items with each other.

        Args:
            items: Item to value.
            today: The day on which the record was received.
        """
        return self._consistency.failed_clauses(items, today)

    def check_items(self, items: Mapping[str, str]) -> list[Finding]:
        """Check structure and formats, each item by itself.

        Args:
            items: As for `check`.
        """
        in_order = self._in_order
        rest = [entry for entry in items.items() if entry not in in_order]
        unknown = [name for name, _ in rest if self._is_unknown(name)]
        unlisted = set(unknown[LISTED_UNKNOWN_ITEMS:])
        findings = [
            finding
            for name, value in rest
            if name not in unlisted
            for finding in self._check_item(name, value, items)
        ]
        if unlisted:
            findings.append(self._more_unknown(len(unlisted)))
        if self._active.keys() - items.keys():
            findings.extend(self._missing(items))
        return findings

    def accepts(self, name: str, value: str) -> bool:
        """Tell whether an item may hold a value, other items aside.

        Args:
            name: Item id.
            value: Its text.
        """
        return (
            name in self._allowed
            and value != ""
            and all(prepared.check.passes(value) for prepared in self._edits[name])
        )

    def _check_item(self, name: str, value: str, items: Mapping[str, str]) -> Iterator[Finding]:
        item = self._allowed.get(name)
        if item is None:
            yield self._not_allowed(name, value, items)
            return
        clean = True
        for prepared in self._edits[name]:
            if not prepared.check.passes(value):
                clean = False
                yield self._failed(prepared, item, value)
        if clean and value == "":
            yield EMPTY_ITEM.finding(
                ItemValue(name, item.label, value),
                item=name,
                label=item.label,
                allowed=self._allowed_words(item),
            )

    def _failed(self, prepared: _PreparedEdit, item: Item, value: str) -> Finding:
        message, remedy = prepared.check.explain(value)
        return Finding(
            edit_id=prepared.edit.id,
            system=self._pack.system,
            severity=prepared.edit.severity,
            edit_type=prepared.edit.type,
            message=message,
            remedy=remedy,
            items=(ItemValue(item.id, item.label, value),),
        )

    def _not_allowed(self, name: str, value: str, items: Mapping[str, str]) -> Finding:
        if self._is_unknown(name):
            return self._unknown(name, value, items)
        item = self._pack.items[name]
        message = INACTIVE_ITEM if item.submitted else CALCULATED_ITEM
        severity = self._pack.structure["inactive" if item.submitted else "calculated"]
        return message.weighing(severity).finding(
            ItemValue(name, item.label, value),
            item=name,
            label=item.label,
            subset=self._subset_name,
        )

    def _is_unknown(self, name: str) -> bool:
        item = self._pack.items.get(name)
        return item is None or item.group == "Filler"

    def _more_unknown(self, count: int) -> Finding:
        message = MORE_UNKNOWN_ITEMS.weighing(self._pack.structure["unknown"])
        return message.finding(count=f"{count:,}", pack=self._pack.name)

    def _unknown(self, name: str, value: str, items: Mapping[str, str]) -> Finding:
        absent = [item for item in self._allowed if item not in items]
        near = difflib.get_close_matches(name.upper(), absent, n=1, cutoff=0.8)
        return UNKNOWN_ITEM.weighing(self._pack.structure["unknown"]).finding(
            ItemValue(name, value=value),
            item=shown(name).strip("“”"),
            pack=self._pack.name,
            nearest=f" Perhaps {near[0]} was meant." if near else "",
        )

    def _missing(self, items: Mapping[str, str]) -> Iterator[Finding]:
        severity = self._pack.structure["missing"]
        missing = [item for name, item in self._active.items() if name not in items]
        for item in missing[:LISTED_MISSING_ITEMS]:
            yield MISSING_ITEM.weighing(severity).finding(
                ItemValue(item.id, item.label),
                item=item.id,
                label=item.label,
                subset=self._subset_name,
                allowed=self._allowed_words(item),
            )
        more = len(missing) - LISTED_MISSING_ITEMS
        if more > 0:
            yield MORE_MISSING_ITEMS.weighing(severity).finding(count=f"{more:,}", subset=self._subset_name)

    def _allowed_words(self, item: Item) -> str:
        allowed = {value for value in item.special_values if (item.id, value) in self._in_order}
        return allowed_in_words(item, allowed)


def _prepare(pack: Pack, item: Item) -> tuple[_PreparedEdit, ...]:
    return tuple(
        _PreparedEdit(edit, build_check(edit, item)) for edit in pack.format_edits if item.id in edit.items
    )
