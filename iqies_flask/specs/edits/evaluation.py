"""Which parts of an edit hold in one record. For the explanations; records are checked by compiled edits."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from iqies_flask.specs.edits import tree, values
from iqies_flask.specs.edits.characters import consists_of, has_form
from iqies_flask.specs.edits.predicates import NOTHING_SUPPLIED, Answer, Supplied, consult


@dataclass(frozen=True, slots=True)
class Situation:
    """What a record holds at the moment of its check.

    Attributes:
        items: Item to submitted value.
        active: Ids of the items that the record's subset may hold, without those that it rightly leaves out.
        today: The day on which the record was received.
        must: "must" for fatal edits, "should" for warnings.
        numbers: Ids of the Number items, whose values count as numbers; a code is another one with a zero
            before it.
        supplied: Who answers what the record does not tell.
        labels: Item to its short label, to name it by; those without one are named by their ids alone.
        places: Item to its place in the order of the data specification; empty for that of `items`.
    """

    items: Mapping[str, str]
    active: frozenset[str]
    today: date
    must: str = "must"
    numbers: frozenset[str] = frozenset()
    supplied: Supplied = field(default_factory=lambda: NOTHING_SUPPLIED)
    labels: Mapping[str, str] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)

    def value(self, item: str) -> str | None:
        """The value of an item, or of ``today``, as records write it."""
        if item == "today":
            return self.today.strftime("%Y%m%d")
        return self.items.get(item)

    def passes(self, item: str, test: tree.Test) -> bool:
        """Whether the value of an item passes a test."""
        if isinstance(test, tree.Among) and item not in self.numbers:
            return (self.value(item) in test.values) != test.negated
        return passes(self.value(item), test)

    def answer(self, known: tree.Known) -> Answer | None:
        """What the application says; None where it says nothing."""
        return consult(self.supplied, known.predicate, [self.value(item) for item in self.of(known.items)])

    def of(self, items: Iterable[str]) -> list[str]:
        """Those of some items that are active."""
        return [item for item in items if item in self.active]


def holds(  # noqa: PLR0911 - one for each kind
    condition: tree.Condition, situation: Situation, *, unknown: bool
) -> bool:
    """Whether a condition holds.

    Args:
        condition: A condition, or a requirement.
        situation: The record.
        unknown: What a test of inactive items gives: False for a condition, True for a requirement.
    """
    match condition:
        case tree.Both(parts=parts):
            return all(holds(part, situation, unknown=unknown) for part in parts)
        case tree.Either(parts=parts):
            return any(holds(part, situation, unknown=unknown) for part in parts)
        case tree.Not(part=part):
            return not holds(part, situation, unknown=not unknown)
        case tree.Active(items=items):
            return situation.active.issuperset(items)
        case tree.ListTest():
            return _list_holds(condition, situation, unknown)
        case tree.Counted(items=items, test=test, low=low, high=high):
            return low <= sum(situation.passes(item, test) for item in situation.of(items)) <= high
        case tree.Distinct(items=items):
            return values.all_distinct([situation.value(item) for item in situation.of(items)])
        case tree.Known():
            answer = situation.answer(condition)
            return unknown if answer is None else answer.holds
        case tree.Received(comparator=comparator, day=day):
            return _compare(values.number(situation.value("today")), comparator, int(day))
        case tree.Ordered():
            return not misplaced(condition, situation)
        case tree.Equals(item=item):
            known = item in situation.active
        case _:
            known = situation.active.issuperset(tree.items_of(condition))
    return _single_holds(condition, situation, unknown) if known else unknown


def _single_holds(condition: tree.Condition, situation: Situation, unknown: bool) -> bool:
    """Whether what says nothing of inactive items holds; all that it needs are active."""
    value = situation.value
    match condition:
        case tree.ItemTest(item=item, test=test):
            return situation.passes(item, test)
        case tree.Compared(left=left, comparator=comparator, right=right):
            return _compare(values.number(value(left)), comparator, values.number(value(right)))
        case tree.Equals(item=item, number=number):
            return values.number(value(item)) == total(number, situation)
        case tree.Days(first=first, last=last, low=low, high=high):
            return _within(values.days_between(value(first), value(last)), low, high, unknown)
        case tree.Age(birth=birth, at=at, low=low, high=high):
            return _within(values.age_at(value(birth), value(at)), low, high, unknown)
    raise TypeError(f"{type(condition).__name__} is no condition")


def _list_holds(condition: tree.ListTest, situation: Situation, unknown: bool) -> bool:
    items = situation.of(condition.items)
    if not items:
        return unknown
    passing = [situation.passes(item, condition.test) for item in items]
    enough = {
        tree.Quantity.ALL: all(passing),
        tree.Quantity.ANY: any(passing),
        tree.Quantity.NONE: not any(passing),
        tree.Quantity.ONE: sum(passing) == 1,
    }[condition.quantity]
    rest = condition.rest
    return enough and (
        rest is None
        or all(passed or situation.passes(item, rest) for passed, item in zip(passing, items, strict=True))
    )


def misplaced(condition: tree.Ordered, situation: Situation) -> list[tuple[str, str, bool]]:
    """Name what breaks an order.

    Args:
        condition: The order.
        situation: The record.

    Returns:
        Two items whose dates do not follow each other, and whether the second had to be later; where an item
        holds no date, that item twice.
    """
    strict = dict(zip(condition.items[1:], condition.strict, strict=True))
    pairs: list[tuple[str, str, bool]] = []
    last: str | None = None
    must_be_later = False
    for item in condition.items:
        must_be_later = must_be_later or strict.get(item, False)
        value = situation.value(item) if item == "today" or item in situation.active else None
        if values.is_blank(value):
            continue
        if not values.in_order([value], []):
            pairs.append((item, item, must_be_later))
            continue
        if last is not None and not values.in_order([situation.value(last), value], [must_be_later]):
            pairs.append((last, item, must_be_later))
        last, must_be_later = item, False
    return pairs


@lru_cache(maxsize=4096)
def _numbers(wanted: tuple[str, ...]) -> frozenset[float]:
    """What the values of a rule are as numbers; rules are few, and asked often."""
    return frozenset(number for number in map(values.number, wanted) if not math.isnan(number))


def passes(value: str | None, test: tree.Test) -> bool:
    """Whether a value passes a test; numbers count by their value, however many zeroes lead them.

    Args:
        value: As submitted; None where the item is missing.
        test: The test.
    """
    match test:
        case tree.Among(values=wanted, negated=negated):
            return (value in wanted or values.number(value) in _numbers(wanted)) != negated
        case tree.StartsWith(characters=characters, negated=negated):
            return ((value or "")[:1].upper() in {one.upper() for one in characters}) != negated
        case tree.Against(comparator=comparator, number=limit):
            return _compare(values.number(value), comparator, limit)
        case tree.Length(low=low, high=high):
            return _within(len(value or ""), low, high, False)
        case tree.ConsistsOf(classes=classes):
            return consists_of(classes)(value or "") is not None
        case tree.Picture(form=form):
            return has_form(form)(value or "") is not None


def total(number: tree.Sum, situation: Situation) -> int:
    """Compute a sum.

    Args:
        number: The sum.
        situation: The record.
    """
    submitted = [situation.value(item) for item in situation.of(number.items)]
    return values.scaled_sum(submitted, number.times, number.over)


def _compare(left: float, comparator: tree.Comparator, right: float) -> bool:
    return {
        tree.Comparator.LESS: left < right,
        tree.Comparator.AT_MOST: left <= right,
        tree.Comparator.GREATER: left > right,
        tree.Comparator.AT_LEAST: left >= right,
        tree.Comparator.EQUAL: left == right,
        tree.Comparator.DIFFERENT: left < right or left > right,
    }[comparator]


def _within(computed: int | None, low: int | None, high: int | None, unknown: bool) -> bool:
    if computed is None:
        return unknown
    return (low is None or low <= computed) and (high is None or computed <= high)
