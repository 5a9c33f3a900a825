"""Failed clauses in plain words, with the values that broke them."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from iqies_flask.specs.dates import parse_date
from iqies_flask.specs.edits import tree, values
from iqies_flask.specs.pack import BLANK, DASH
from iqies_flask.specs.wording import shown

_MOST_NAMED = 12
_COMPARATORS = {
    tree.Comparator.LESS: "less than",
    tree.Comparator.AT_MOST: "at most",
    tree.Comparator.GREATER: "greater than",
    tree.Comparator.AT_LEAST: "at least",
    tree.Comparator.EQUAL: "equal to",
    tree.Comparator.DIFFERENT: "different from",
}
_QUANTITIES = {
    tree.Quantity.ANY: "at least one of {items} {must} {test}",
    tree.Quantity.NONE: "none of {items} may {test}",
    tree.Quantity.ONE: "exactly one of {items} {must} {test}",
}


@dataclass(frozen=True, slots=True)
class Situation:
    """What a record holds at the moment of its check.

    Attributes:
        items: Item to submitted value.
        active: Ids of the items that the record's subset may hold.
        today: The day on which the record was received.
        must: "must" for fatal edits, "should" for warnings.
    """

    items: Mapping[str, str]
    active: frozenset[str]
    today: date
    must: str = "must"

    def value(self, item: str) -> str | None:
        """The value of an item, or of ``today``, as records write it."""
        if item == "today":
            return self.today.strftime("%Y%m%d")
        return self.items.get(item)

    def of(self, items: Iterable[str]) -> list[str]:
        """Those of some items that are active."""
        return [item for item in items if item in self.active]


def explain(clause: tree.Clause, situation: Situation) -> str:
    """Say why a clause failed.

    Args:
        clause: A clause that failed.
        situation: The record.

    Returns:
        One sentence, or a few.
    """
    reasons = _reasons(clause.condition, situation) if clause.condition is not None else []
    faults = _faults(clause.requirement, situation)
    sentence = "; ".join(faults)
    if reasons:
        sentence = f"{_listing(reasons)}, so {sentence}"
    return f"{sentence[0].upper()}{sentence[1:]}."


def _reasons(condition: tree.Condition, situation: Situation) -> list[str]:  # noqa: PLR0911 - likewise
    """What holds in the record and makes a clause apply."""
    match condition:
        case tree.Both(parts=parts):
            return [reason for part in parts for reason in _reasons(part, situation)]
        case tree.Either(parts=parts):
            holding = [part for part in parts if _holds(part, situation)]
            return _reasons(holding[0], situation) if holding else []
        case tree.ItemTest(item=item):
            return [_is(item, situation)]
        case tree.ListTest(items=items) | tree.Counted(items=items):
            return [_are(situation.of(items), situation)]
        case tree.Compared(left=left, right=right):
            return [_is(left, situation), _is(right, situation)]
        case tree.Not(part=part):
            return [_is(item, situation) for item in dict.fromkeys(situation.of(tree.items_of(part)))]
        case _:
            return []


def _holds(condition: tree.Condition, situation: Situation) -> bool:
    match condition:
        case tree.Both(parts=parts):
            return all(_holds(part, situation) for part in parts)
        case tree.Either(parts=parts):
            return any(_holds(part, situation) for part in parts)
        case tree.Not(part=part):
            return not _holds(part, situation)
        case tree.ItemTest(item=item, test=test):
            return item in situation.active and passes(situation.value(item), test)
        case tree.ListTest(quantity=quantity, items=items, test=test):
            passing = [passes(situation.value(item), test) for item in situation.of(items)]
            return {
                tree.Quantity.ALL: all(passing),
                tree.Quantity.ANY: any(passing),
                tree.Quantity.NONE: not any(passing),
                tree.Quantity.ONE: sum(passing) == 1,
            }[quantity]
        case _:
            return True


def passes(value: str | None, test: tree.Test) -> bool:
    """Whether a value passes a test; numbers count by their value, however many zeroes lead them.

    Args:
        value: As submitted; None where the item is missing.
        test: The test.
    """
    match test:
        case tree.Among(values=wanted, negated=negated):
            same = value in wanted or (
                value is not None
                and value.isdigit()
                and any(one.isdigit() and int(one) == int(value) for one in wanted)
            )
            return same != negated
        case tree.StartsWith(characters=characters, negated=negated):
            return ((value or "")[:1].upper() in {one.upper() for one in characters}) != negated
        case tree.Against(comparator=comparator, number=limit):
            return _compare(values.number(value), comparator, limit)


def _compare(left: float, comparator: tree.Comparator, right: float) -> bool:
    return {
        tree.Comparator.LESS: left < right,
        tree.Comparator.AT_MOST: left <= right,
        tree.Comparator.GREATER: left > right,
        tree.Comparator.AT_LEAST: left >= right,
        tree.Comparator.EQUAL: left == right,
        tree.Comparator.DIFFERENT: left < right or left > right,
    }[comparator]


def _faults(condition: tree.Condition, situation: Situation) -> list[str]:  # noqa: PLR0911 - one for each kind
    must = situation.must
    match condition:
        case tree.Both(parts=parts):
            return [
                fault for part in parts if not _certain(part, situation) for fault in _faults(part, situation)
            ]
        case tree.Either(parts=parts):
            return [" or ".join("; ".join(_faults(part, situation)) for part in parts)]
        case tree.ItemTest(item=item, test=test):
            return [f"{item} {must} {_be(test)}, but it is {_value(item, situation)}"]
        case tree.ListTest():
            return _list_faults(condition, situation)
        case tree.Counted(items=items, test=test, low=low, high=high):
            wanted = str(low) if low == high else f"{low} to {high}"
            return [f"{wanted} of {_names(items)} {must} {_be(test)}; {_are(situation.of(items), situation)}"]
        case tree.Ordered():
            return _order_faults(condition, situation)
        case tree.Days(first=first, last=last, low=low, high=high):
            return [_days_fault(first, last, low, high, situation)]
        case tree.Age(birth=birth, at=at, low=low, high=high):
            age = values.age_at(situation.value(birth), situation.value(at))
            return [
                f"the age on {_day(at, situation)} ({at}) is {age} years by the birth date "
                f"{_value(birth, situation)} ({birth}); it {must} be {low} to {high}"
            ]
        case tree.Equals(item=item, number=number):
            total = values.scaled_sum(
                [situation.value(one) for one in situation.of(number.items)], number.times, number.over
            )
            scaled = (
                f", times {number.times}/{number.over} and rounded" if number.times != number.over else ""
            )
            return [
                f"{item} {must} be {total}, the sum of {_names(number.items)}{scaled}, "
                f"but it is {_value(item, situation)}"
            ]
        case tree.Compared(left=left, comparator=comparator, right=right):
            return [
                f"{left} {must} be {_COMPARATORS[comparator]} {right}, which is {_value(right, situation)}, "
                f"but it is {_value(left, situation)}"
            ]
        case tree.Distinct(items=items):
            return [_twice(items, situation)]
        case _:
            return [
                f"this combination of values is not allowed ({_are(_named(condition, situation), situation)})"
            ]


def _certain(part: tree.Condition, situation: Situation) -> bool:
    """Whether a part of a requirement is known to hold, so that it need not be named."""
    if isinstance(part, tree.ItemTest | tree.ListTest | tree.Either | tree.Both | tree.Not):
        return _holds(part, situation) or not situation.of(tree.items_of(part))
    return False


def _list_faults(condition: tree.ListTest, situation: Situation) -> list[str]:
    items = situation.of(condition.items)
    must = situation.must
    if condition.quantity is tree.Quantity.ALL:
        wrong = [item for item in items if not passes(situation.value(item), condition.test)]
        return [f"{_names(wrong)} {must} {_be(condition.test)}, but {_are(wrong, situation)}"]
    if not _holds(condition, situation):
        sentence = _QUANTITIES[condition.quantity].format(
            items=_names(items), must=must, test=_be(condition.test)
        )
        return [f"{sentence}, but {_are(items, situation)}"]
    assert condition.rest is not None
    others = [
        item
        for item in items
        if not passes(situation.value(item), condition.test)
        and not passes(situation.value(item), condition.rest)
    ]
    return [
        f"those of {_names(items)} that are not {_be(condition.test).removeprefix('be ')} {must} "
        f"{_be(condition.rest)}, but {'; '.join(_is(item, situation) for item in others)}"
    ]


def _order_faults(condition: tree.Ordered, situation: Situation) -> list[str]:
    kept = [item for item in condition.items if item == "today" or item in situation.active]
    filled = [item for item in kept if not values.is_blank(situation.value(item))]
    strict = dict(zip(condition.items[1:], condition.strict, strict=True))
    faults = []
    for earlier, later in itertools.pairwise(filled):
        between = condition.items[condition.items.index(earlier) + 1 : condition.items.index(later) + 1]
        must_be_later = any(strict[item] for item in between)
        if not values.in_order([situation.value(earlier), situation.value(later)], [must_be_later]):
            sign = "be before" if must_be_later else "not be after"
            faults.append(f"{_dated(earlier, situation)} {situation.must} {sign} {_dated(later, situation)}")
    return faults or [f"these dates {situation.must} stand in order: {_are(filled, situation)}"]


def _days_fault(first: str, last: str, low: int | None, high: int | None, situation: Situation) -> str:
    days = values.days_between(situation.value(first), situation.value(last)) or 0
    apart = f"{abs(days)} day{'' if abs(days) == 1 else 's'} {'before' if days < 0 else 'after'}"
    wanted = f"at most {high}" if low is None else f"{low} to {high}"
    return (
        f"{_dated(last, situation)} is {apart} {_dated(first, situation)}; "
        f"it {situation.must} be {wanted} days after"
    )


def _twice(items: Sequence[str], situation: Situation) -> str:
    by_value: dict[str, list[str]] = {}
    for item in situation.of(items):
        value = situation.value(item)
        if value is not None and value != BLANK:
            by_value.setdefault(value.upper(), []).append(item)
    doubled = "; ".join(
        f"{_names(same)} are both {shown(value)}" for value, same in by_value.items() if len(same) > 1
    )
    return f"no two of {_names(items)} may hold the same value, but {doubled}"


def _named(condition: tree.Condition, situation: Situation) -> list[str]:
    return situation.of(dict.fromkeys(tree.items_of(condition)))


def _be(test: tree.Test) -> str:
    match test:
        case tree.Among(values=(one,), negated=negated) if one in {BLANK, DASH}:
            word = "blank (^)" if one == BLANK else "a dash (-)"
            return f"not be {word}" if negated else f"be {word}"
        case tree.Among(values=wanted, negated=negated):
            return f"{'not be' if negated else 'be'} {_alternatives(wanted)}"
        case tree.Against(comparator=comparator, number=limit):
            return f"be {_COMPARATORS[comparator]} {limit}"
        case tree.StartsWith(characters=characters, negated=negated):
            return f"{'not begin' if negated else 'begin'} with {_alternatives(characters)}"


def _alternatives(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}"


def _listing(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def _names(items: Sequence[str]) -> str:
    if len(items) <= _MOST_NAMED:
        return _listing(items) if items else "none"
    return f"{items[0]} through {items[-1]}"


def _value(item: str, situation: Situation) -> str:
    value = situation.value(item)
    if value is None:
        return "missing"
    return {BLANK: "blank (^)", DASH: "a dash (-)"}.get(value) or shown(value)


def _is(item: str, situation: Situation) -> str:
    return f"{item} is {_value(item, situation)}"


def _are(items: Sequence[str], situation: Situation) -> str:
    if items and len({situation.value(item) for item in items}) == 1:
        verb = "it is" if len(items) == 1 else "they are"
        return f"{verb} {_value(items[0], situation)}"
    return "; ".join(_is(item, situation) for item in items[:_MOST_NAMED])


def _day(item: str, situation: Situation) -> str:
    day = parse_date(situation.value(item) or "")
    return day.isoformat() if day else _value(item, situation)


def _dated(item: str, situation: Situation) -> str:
    name = "the day of submission" if item == "today" else item
    return f"{name} {_day(item, situation)}"
