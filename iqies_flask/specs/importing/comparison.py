"""Holding two writings of one edit to the same verdict, on generated records."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from iqies_flask.specs.dates import parse_date
from iqies_flask.specs.edits import tree
from iqies_flask.specs.edits.compiler import CompiledEdits, can_fail, compile_edits
from iqies_flask.specs.importing.edge_records import EdgeMaker
from iqies_flask.specs.pack import BLANK, DASH, Item, Pack

RECORDS = 3_000
"""Records on which two writings of one edit are compared; more where they have many clauses."""

CLAUSES = 5
"""So many clauses, of the two writings together, share the records; more clauses have more records."""

_TODAY = "20260601"
_DATES = (
    "20251231",
    "20260101",
    "20260114",
    "20260115",
    "20260116",
    "20260502",
    "20260531",
    _TODAY,
    "20260602",
)
_BIRTH_DATES = ("1900", "193505", "19350521")
_ICD_CODES = ("I10.", "E11.9", "Z79.4", "W19.XXXA", "v00.01XA")
_TEXTS = ("TEST", "0000000000")
_MOST_VALUES = 12
_EDGE_SHARE = 0.85
_AGAIN_SHARE = 0.5
_ASTRAY_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of comparing two writings of one edit.

    Attributes:
        records: How many records were compared.
        failed: On how many both say that the edit fails.
        differing: On how many they disagree.
        example: The items of the first record on which they disagree, those not blank; None where there is
            none.
        subset: Its item subset.
        first_fails: Whether the first writing refuses it.
        untried: Labels of the clauses, of either writing, that no record failed though some could.
    """

    records: int
    failed: int
    differing: int
    example: Mapping[str, str] | None = None
    subset: str = ""
    first_fails: bool = False
    untried: tuple[str, ...] = ()

    @property
    def agree(self) -> bool:
        """Whether the verdicts are always the same, and not only because no record failed some clause."""
        return self.differing == 0 and self.failed > 0 and not self.untried


def compare(first: tree.Edit, second: tree.Edit, pack: Pack, records: int = RECORDS) -> Comparison:
    """Compare two writings of one edit on generated records of every item subset.

    The records hold nothing but the items that either names. Most lie at the edge of one of the clauses:
    there it holds or fails by one item, one value, one day or one number. The others are drawn at random from
    the values that the edit asks for, those next to them, and those of the items. They are always the same
    for the same edit.

    Args:
        first: One writing.
        second: The other.
        pack: Whose items they name.
        records: How many to generate; in proportion more for more than five clauses.
    """
    chance = random.Random(first.id)  # noqa: S311 - not for secrets
    edits = (first, second)
    items = [pack.items[name] for name in dict.fromkeys((*first.items, *second.items))]
    clauses = [clause for edit in edits for clause in edit.clauses]
    subsets = [
        _Subset(code, edits, [item for item in pack.active(code) if item in items], pack)
        for code in pack.subsets
    ]
    subsets = [subset for subset in subsets if subset.items]
    if not subsets:
        return Comparison(0, 0, 0)
    makers = _RecordMaker(edits, items, chance)
    records = records * max(CLAUSES, len(clauses)) // CLAUSES
    failed = differing = 0
    untried = {
        (place, number)
        for place, edit in enumerate(edits)
        for number, clause in enumerate(edit.clauses)
        if any(can_fail(clause, pack.items, subset.names) for subset in subsets)
    }
    example: tuple[dict[str, str], str, bool] | None = None
    for number in range(records):
        subset = subsets[number % len(subsets)]
        record = makers.record(subset, chance.choice(clauses))
        found = [check(record, _TODAY) for check in subset.checks]
        untried -= {(place, clause) for place, failures in enumerate(found) for _, clause in failures}
        fails = bool(found[0]), bool(found[1])
        failed += all(fails)
        if fails[0] != fails[1]:
            differing += 1
            example = example or (record, subset.code, fails[0])
    labels = tuple(sorted({edits[place].clauses[clause].label for place, clause in untried}))
    if example is None:
        return Comparison(records, failed, differing, untried=labels)
    record, code, first_fails = example
    filled = {name: value for name, value in record.items() if value != BLANK}
    return Comparison(records, failed, differing, filled, code, first_fails, labels)


class _Subset:
    """One item subset: the items of the edits that are active in it, and both writings compiled for it."""

    def __init__(self, code: str, edits: tuple[tree.Edit, tree.Edit], items: list[Item], pack: Pack) -> None:
        self.code = code
        self.items = items
        self.names = [item.id for item in items]
        self.checks: list[CompiledEdits] = [compile_edits([edit], pack.items, self.names) for edit in edits]
        self.last: dict[str, str] = {}


class _RecordMaker:
    """Makes the records on which two writings of an edit are compared."""

    def __init__(self, edits: tuple[tree.Edit, tree.Edit], items: list[Item], chance: random.Random) -> None:
        self._chance = chance
        self._mentioned = {value for edit in edits for value in _mentioned(edit)}
        self._deciding = {name for edit in edits for name in _deciding(edit)}
        today = parse_date(_TODAY)
        assert today is not None
        self._choices = {item.id: _choices(item, self._mentioned) for item in items}
        self._edge = EdgeMaker(items, lambda item: self._choices[item.id], today, chance)

    def record(self, subset: _Subset, clause: tree.Clause) -> dict[str, str]:
        """Make a record of a subset, most often at the edge of a clause."""
        chance = self._chance
        if chance.random() > _EDGE_SHARE:
            return self._drawn(subset.items)
        again = subset.last and chance.random() < _AGAIN_SHARE
        record = dict(subset.last) if again else self._drawn(subset.items)
        self._edge.aim(record, clause)
        if chance.random() < _ASTRAY_SHARE:
            name = chance.choice(subset.names)
            record[name] = chance.choice(self._choices[name])
        subset.last = record
        return record

    def _drawn(self, items: list[Item]) -> dict[str, str]:
        """Draw a record; some hold nearly one value, or one of two, in all items but those of conditions.

        Edits ask for all items of a list and for any of them, and count those that hold a value.
        """
        chance = self._chance
        values = {value for item in items for value in item.special_values[:_MOST_VALUES]}
        usual = chance.choice(sorted(self._mentioned | {BLANK, DASH}))
        second = chance.choice(sorted(self._mentioned | values | {BLANK}))
        share, second_share = chance.choice((0.0, 0.5, 0.9, 0.97)), chance.choice((0.0, 0.9))
        record = {}
        for item in items:
            choices = self._choices[item.id]
            if item.id not in self._deciding and usual in choices and chance.random() < share:
                record[item.id] = usual
            elif item.id not in self._deciding and second in choices and chance.random() < second_share:
                record[item.id] = second
            else:
                record[item.id] = chance.choice(choices)
        return record


def _choices(item: Item, mentioned: set[str]) -> list[str]:
    """Values for an item; those that the edit mentions come twice."""
    match item.type:
        case "Date":
            forms = (*_BIRTH_DATES, *_DATES) if "YYYY" in item.values else _DATES
            return [*item.special_values, BLANK, *forms]
        case "Number":
            digits = {value for value in mentioned if value.isdigit() and len(value) <= item.length}
            return sorted({*item.special_values, BLANK, "0", "1", "2", "9", "0".zfill(item.length), *digits})
        case "ICD":
            beginnings = sorted(value for value in mentioned if len(value) == 1 and value.isalpha())
            return [BLANK, *_ICD_CODES, *(f"{letter}00.0" for letter in beginnings)]
        case "Text":
            return [BLANK, *_TEXTS, *item.special_values]
    asked = [value for value in item.special_values if value in mentioned]
    return [*asked, *item.special_values[:_MOST_VALUES], BLANK]


def _deciding(edit: tree.Edit) -> Iterator[str]:
    """The items that conditions name by themselves, and not in a list."""
    for clause in edit.clauses:
        if clause.condition is not None:
            for part in tree.parts_of(clause.condition):
                if not isinstance(part, tree.ListTest | tree.Counted | tree.Active):
                    yield from tree.items_of(part)


def _mentioned(edit: tree.Edit) -> Iterator[str]:
    for part in _parts(edit):
        match part:
            case tree.ItemTest(test=test) | tree.Counted(test=test):
                yield from _values_of_test(test)
            case tree.ListTest(test=test, rest=rest):
                yield from _values_of_test(test)
                if rest is not None:
                    yield from _values_of_test(rest)


def _parts(edit: tree.Edit) -> Iterator[tree.Condition]:
    for clause in edit.clauses:
        for condition in (clause.condition, clause.requirement):
            if condition is not None:
                yield from tree.parts_of(condition)


def _values_of_test(test: tree.Test) -> Iterator[str]:
    match test:
        case tree.Among(values=values):
            yield from values
        case tree.Against(number=number):
            yield from (str(max(number - 1, 0)), str(number), str(number + 1))
        case tree.StartsWith(characters=characters):
            yield from characters
