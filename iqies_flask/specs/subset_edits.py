"""Edits that compare items with each other, ready for one item subset, and what they find."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date

from iqies_flask.model import EditType, Finding, ItemValue, Severity
from iqies_flask.specs.edits.compiler import as_submitted, compile_edits
from iqies_flask.specs.edits.evaluation import Situation
from iqies_flask.specs.edits.predicates import NOTHING_SUPPLIED, PREDICATES, Supplied
from iqies_flask.specs.edits.tree import Clause, Days, Edit
from iqies_flask.specs.edits.wording import explain
from iqies_flask.specs.pack import Item

REMEDIES = {
    EditType.CONSISTENCY: "Compare these items with the patient's record, and correct the one that is wrong.",
    EditType.SKIP_PATTERN: "Correct the answer that leads here, or what is skipped or answered after it.",
    EditType.NONE_OF_ABOVE: "Correct the list or its “none of the above”: the two contradict each other.",
    EditType.ADVICE: "The record is not rejected for this. "
    "Compare these items with the patient's record, and correct the one that is wrong.",
}
"""What to do about an edit of each type."""

_WRITTEN_BY_SOFTWARE = (
    "Your software writes these items, not the assessor: correct them in its settings, or ask its vendor."
)
_TOO_LATE = (
    "Check the date. If it is right, nothing in the record needs to be corrected: it was sent late. "
    "Send the next ones sooner."
)


class SubsetEdits:
    """Some edits, ready for the records of one item subset.

    Args:
        edits: In the order in which findings are listed.
        system: Whose numbers their ids are.
        items: Every item of the pack.
        active: Those that each record of the subset holds.
        allowed: Those that it may hold.
    """

    def __init__(
        self,
        edits: Sequence[Edit],
        system: str,
        items: Mapping[str, Item],
        active: Mapping[str, Item],
        allowed: Mapping[str, Item],
    ) -> None:
        self._edits = edits
        self._system = system
        self._active = active
        self._allowed = allowed
        self._places = {name: place for place, name in enumerate(items)}
        self._compiled = compile_edits(edits, items, active, allowed.keys() - active.keys())

    def failed_clauses(
        self, items: Mapping[str, str], today: date, supplied: Supplied = NOTHING_SUPPLIED
    ) -> list[tuple[Edit, Clause]]:
        """Run the edits.

        Args:
            items: Item to value.
            today: The day on which the record was received.
            supplied: Who answers what no record tells.
        """
        edits = self._edits
        return [
            (edits[place], edits[place].clauses[clause])
            for place, clause in self._compiled(items, as_submitted(today), supplied)
        ]

    def findings(
        self, items: Mapping[str, str], today: date, supplied: Supplied = NOTHING_SUPPLIED
    ) -> Iterator[Finding]:
        """Run the edits, and say in words which failed. One that names a missing item is not judged.

        Args:
            items: Item to submitted text, in the order of the record.
            today: The day on which the record was received.
            supplied: Who answers what no record tells.
        """
        missing = self._active.keys() - items.keys()
        failed: dict[str, tuple[Edit, list[Clause]]] = {}
        for edit, clause in self.failed_clauses(items, today, supplied):
            if missing.isdisjoint(edit.items):
                failed.setdefault(edit.id, (edit, []))[1].append(clause)
        for edit, clauses in failed.values():
            yield self._finding(edit, clauses, items, today, supplied)

    def _finding(
        self,
        edit: Edit,
        clauses: list[Clause],
        items: Mapping[str, str],
        today: date,
        supplied: Supplied,
    ) -> Finding:
        named = frozenset(edit.items) & self._allowed.keys()
        situation = Situation(
            items=items,
            active=frozenset(self._active) | (self._allowed.keys() & items.keys()),
            today=today,
            must="must" if edit.severity is Severity.FATAL else "should",
            numbers=frozenset(name for name in named if self._allowed[name].type == "Number"),
            supplied=supplied,
            labels={name: self._allowed[name].label for name in named},
            places=self._places,
        )
        return Finding(
            edit_id=edit.id,
            system=self._system,
            severity=edit.severity,
            edit_type=edit.type,
            message=" ".join(explain(clause, situation) for clause in clauses),
            remedy=_remedy(edit, clauses, {self._allowed[name].group for name in named}),
            items=tuple(
                ItemValue(name, self._allowed[name].label, value)
                for name, value in items.items()
                if name in named
            ),
        )


def _remedy(edit: Edit, failed: Sequence[Clause], groups: AbstractSet[str]) -> str:
    """What to do about an edit: what it asks, and of whom, tells more than its type.

    Args:
        edit: The edit.
        failed: Its clauses that failed.
        groups: The groups of its items.
    """
    if edit.predicates:
        return PREDICATES[edit.predicates[0]].remedy
    if groups == {"Control"}:
        return _WRITTEN_BY_SOFTWARE
    if all(isinstance(one.requirement, Days) and one.requirement.last == "today" for one in failed):
        return _TOO_LATE
    return REMEDIES[edit.type]
