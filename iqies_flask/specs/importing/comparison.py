"""Holding two writings of one edit to the same verdict, on generated records."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from iqies_flask.specs.edits import tree
from iqies_flask.specs.edits.compiler import CompiledEdits, compile_edits
from iqies_flask.specs.edits.values import scaled_sum
from iqies_flask.specs.pack import BLANK, DASH, Item, Pack

RECORDS = 3_000
"""Records on which two writings of one edit are compared."""

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
_COMPUTED_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came of comparing two writings of one edit.

    Attributes:
        records: How many records were compared.
        failed: On how many both say that the edit fails.
        differing: On how many they disagree.
        example: The items of the first record on which they disagree, those not blank; None where they agree.
        subset: Its item subset.
        first_fails: Whether the first writing refuses it.
    """

    records: int
    failed: int
    differing: int
    example: Mapping[str, str] | None = None
    subset: str = ""
    first_fails: bool = False

    @property
    def agree(self) -> bool:
        """Whether the two gave the same verdict on every record, and not only because none ever failed."""
        return self.differing == 0 and self.failed > 0


def compare(first: tree.Edit, second: tree.Edit, pack: Pack, records: int = RECORDS) -> Comparison:
    """Compare two writings of one edit on generated records of every item subset.

    The records hold nothing but the items that either names. Their values are drawn from those that the edit
    asks for, those next to them, and those of the items; in many a sum is right, or an age next to a limit.
    They are always the same for the same edit.

    Args:
        first: One writing.
        second: The other.
        pack: Whose items they name.
        records: How many to generate.
    """
    chance = random.Random(first.id)  # noqa: S311 - not for secrets
    items = [pack.items[name] for name in dict.fromkeys((*first.items, *second.items))]
    checks = [
        (subset, {item.id for item in pack.active(subset)}, *_compiled(first, second, pack, subset))
        for subset in pack.subsets
    ]
    checks = [check for check in checks if any(item.id in check[1] for item in items)]
    failed = differing = 0
    example: tuple[dict[str, str], str, bool] | None = None
    edits = (first, second)
    mentioned = {value for edit in edits for value in _mentioned(edit)}
    deciding = {name for edit in edits for name in _deciding(edit)}
    computed = [part for edit in edits for part in _parts(edit) if isinstance(part, tree.Equals | tree.Age)]
    for number in range(records if checks else 0):
        subset, active, first_check, second_check = checks[number % len(checks)]
        record = _record([item for item in items if item.id in active], mentioned, deciding, chance)
        if computed and chance.random() < _COMPUTED_SHARE:
            _compute(record, chance.choice(computed), chance)
        fails = bool(first_check(record, _TODAY)), bool(second_check(record, _TODAY))
        failed += all(fails)
        if fails[0] != fails[1]:
            differing += 1
            example = example or (record, subset, fails[0])
    if example is None:
        return Comparison(records, failed, differing)
    record, subset, first_fails = example
    filled = {name: value for name, value in record.items() if value != BLANK}
    return Comparison(records, failed, differing, filled, subset, first_fails)


def _compiled(
    first: tree.Edit, second: tree.Edit, pack: Pack, subset: str
) -> tuple[CompiledEdits, CompiledEdits]:
    active = [item.id for item in pack.active(subset)]
    return compile_edits([first], pack.items, active), compile_edits([second], pack.items, active)


def _record(
    items: list[Item], mentioned: set[str], deciding: set[str], chance: random.Random
) -> dict[str, str]:
    """Make a record; some hold nearly the same value, or one of two, in all items but those of conditions.

    Edits ask for all items of a list and for any of them, and count those that hold a value.
    """
    values = {value for item in items for value in item.special_values[:_MOST_VALUES]}
    usual = chance.choice(sorted(mentioned | {BLANK, DASH}))
    second = chance.choice(sorted(mentioned | values | {BLANK}))
    share, second_share = chance.choice((0.0, 0.5, 0.9, 0.97)), chance.choice((0.0, 0.9))
    record = {}
    for item in items:
        choices = _choices(item, mentioned)
        if item.id not in deciding and usual in choices and chance.random() < share:
            record[item.id] = usual
        elif item.id not in deciding and second in choices and chance.random() < second_share:
            record[item.id] = second
        else:
            record[item.id] = chance.choice(choices)
    return record


def _compute(record: dict[str, str], part: tree.Equals | tree.Age, chance: random.Random) -> None:
    """Put a right sum, or a birth date next to a limit of the age, into a record that asks for one."""
    match part:
        case tree.Equals(item=item, number=total) if item in record:
            # Items that the subset does not have are no part of the sum.
            values = [record[name] for name in total.items if name in record]
            record[item] = str(scaled_sum(values, total.times, total.over))
        case tree.Age(birth=birth, at=at, low=low, high=high) if birth in record:
            day = record.get(at, _TODAY)
            if not day.isdigit():
                return
            limit = chance.choice([limit for limit in (low, high) if limit is not None])
            year = f"{int(day[:4]) - limit + chance.choice((-1, 0, 1)):04}"
            record[birth] = year + chance.choice(("", "01", day[4:6], "12", day[4:], "0102", "1230"))


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
            for part in _parts_of(clause.condition):
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
                yield from _parts_of(condition)


def _parts_of(condition: tree.Condition) -> Iterator[tree.Condition]:
    """Take a condition apart, down to what has no parts."""
    match condition:
        case tree.Both(parts=parts) | tree.Either(parts=parts):
            for part in parts:
                yield from _parts_of(part)
        case tree.Not(part=part):
            yield from _parts_of(part)
        case _:
            yield condition


def _values_of_test(test: tree.Test) -> Iterator[str]:
    match test:
        case tree.Among(values=values):
            yield from values
        case tree.Against(number=number):
            yield from (str(max(number - 1, 0)), str(number), str(number + 1))
        case tree.StartsWith(characters=characters):
            yield from characters
