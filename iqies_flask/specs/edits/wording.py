"""Failed clauses in plain words, with the values that broke them."""

import re
from collections.abc import Sequence

from iqies_flask.dates import date_in_words
from iqies_flask.specs.dates import parse_date
from iqies_flask.specs.edits import tree, values
from iqies_flask.specs.edits.evaluation import Situation, holds, misplaced, total
from iqies_flask.specs.edits.phrases import (
    COMPARATORS,
    SPECIAL,
    alternatives,
    be,
    be_not,
    counted,
    limits,
    listing,
    when,
)
from iqies_flask.specs.edits.predicates import PREDICATES
from iqies_flask.specs.edits.runs import item_runs
from iqies_flask.specs.pack import BLANK
from iqies_flask.specs.wording import shown

_MOST_NAMED = 12
_MOST_LABELLED = 4
"""More items than these are a list, in which labels would bury what is wrong."""

_NO_LABEL_OR_ITEM = re.compile(r"“[^”]*”|\b[A-Z][A-Z0-9_]* through [A-Z][A-Z0-9_]*\b|\b[A-Z][A-Z0-9_]*\b")
"""What a record submitted and the ends of runs, which bear no labels; and what may be an item."""
_QUANTITIES = {
    tree.Quantity.ANY: "at least one of {items} {must} {test}",
    tree.Quantity.ONE: "exactly one of {items} {must} {test}",
}


def explain(clause: tree.Clause, situation: Situation) -> str:
    """Say why a clause failed.

    Args:
        clause: A clause that failed.
        situation: The record.

    Returns:
        One sentence, or a few.
    """
    reasons = list(dict.fromkeys(_reasons(clause.condition, situation))) if clause.condition else []
    faults = _faults(clause.requirement, situation)
    sentence = "; ".join(faults)
    if reasons:
        for item in _named(clause.condition, situation) if clause.condition else ():
            if _is(item, situation) in reasons:
                sentence = sentence.replace(_with_value(item, situation), item)
        sentence = f"{listing(reasons)}, so {sentence}"
    return f"{_labelled(sentence[0].upper() + sentence[1:], situation)}."


def _labelled(sentence: str, situation: Situation) -> str:
    """Put the label of each item behind the first mention of it."""
    named = {word for word in _NO_LABEL_OR_ITEM.findall(sentence) if word in situation.labels}
    if len(named) > _MOST_LABELLED:
        return sentence
    waiting = {item: situation.labels[item] for item in named}

    def with_label(found: re.Match[str]) -> str:
        label = waiting.pop(found.group(), None)
        return found.group() if label is None else f"{found.group()} ({label})"

    return _NO_LABEL_OR_ITEM.sub(with_label, sentence)


def _reasons(  # noqa: PLR0911, PLR0912 - one for each kind
    condition: tree.Condition, situation: Situation
) -> list[str]:
    """What holds in the record and makes a clause apply."""
    match condition:
        case tree.Both(parts=parts):
            return [reason for part in parts for reason in _reasons(part, situation)]
        case tree.Either(parts=parts):
            holding = next(part for part in parts if holds(part, situation, unknown=False))
            return _reasons(holding, situation)
        case tree.ItemTest(item=item):
            return [_is(item, situation)]
        case tree.ListTest(quantity=tree.Quantity.ANY, items=items, test=test, rest=None):
            passing = [item for item in situation.of(items) if situation.passes(item, test)]
            return _all_are(passing, situation)
        case tree.ListTest(items=items) | tree.Counted(items=items):
            return _all_are(situation.of(items), situation)
        case tree.Compared(left=left, right=right):
            return [_is(left, situation), _is(right, situation)]
        case tree.Days(first=first, last=last):
            return [_apart(first, last, situation)]
        case tree.Known(items=items, predicate=predicate):
            present = situation.of(items)
            is_so = PREDICATES[predicate].phrase.removeprefix("be ")
            return [f"{_names(present, situation)} {'is' if len(present) == 1 else 'are'} {is_so}"]
        case tree.Received():
            return [f"the record is received {when(condition)}"]
        case tree.Not(part=tree.Active(items=items)):
            left_out = [item for item in items if item not in situation.active]
            return [f"{_names(left_out, situation)} {'is' if len(left_out) == 1 else 'are'} not asked for"]
        case tree.Not(part=tree.ListTest(items=items) | tree.Counted(items=items)):
            return _all_are(situation.of(items), situation)
        case tree.Not(part=part):
            return [_is(item, situation) for item in dict.fromkeys(situation.of(tree.items_of(part)))]
        case _:
            return []


def _faults(  # noqa: PLR0911, PLR0912 - one for each kind
    condition: tree.Condition, situation: Situation
) -> list[str]:
    must = situation.must
    match condition:
        case tree.Both(parts=parts):
            return [
                fault
                for part in parts
                if not holds(part, situation, unknown=True)
                for fault in _faults(part, situation)
            ]
        case tree.Either(parts=parts):
            return [_either_fault(parts, situation)]
        case tree.ItemTest(item=item, test=test):
            return [f"{item} {must} {be(test)}, but it is {_value(item, situation)}"]
        case tree.ListTest():
            return _list_faults(condition, situation)
        case tree.Counted(items=items, test=test, low=low, high=high):
            present = situation.of(items)
            wanted = counted(low, high, _names(present, situation), must, test)
            return [f"{wanted}; {_are(present, situation)}"]
        case tree.Ordered():
            return _order_faults(condition, situation)
        case tree.Days(first=first, last=last, low=low, high=high):
            return [_days_fault(first, last, low, high, situation)]
        case tree.Age(birth=birth, at=at, low=low, high=high):
            age = values.age_at(situation.value(birth), situation.value(at))
            return [
                f"the age on {_dated(at, situation)} {must} be {limits(low, high)} years, but with "
                f"{birth} {_value(birth, situation)} it is {age}"
            ]
        case tree.Equals(item=item, number=number):
            scaled = (
                f", times {number.times}/{number.over} and rounded" if number.times != number.over else ""
            )
            return [
                f"{item} {must} be {total(number, situation)}, the sum of "
                f"{_names(number.items, situation)}{scaled}, but it is {_value(item, situation)}"
            ]
        case tree.Compared(left=left, comparator=comparator, right=right):
            return [
                f"{left} {must} be {COMPARATORS[comparator]} {_with_value(right, situation)}, "
                f"but it is {_value(left, situation)}"
            ]
        case tree.Distinct(items=items):
            return [_twice(items, situation)]
        case tree.Received():
            return [
                f"the record {must} be received {when(condition)}, but it is received on "
                f"{_day('today', situation)}"
            ]
        case tree.Known():
            return [_unknown(condition, situation)]
        case tree.Not(part=tree.Known(items=items, predicate=predicate)):
            be_so = f"{_names(situation.of(items), situation)} {must} not {PREDICATES[predicate].phrase}"
            return [f"{be_so}, but {_are(situation.of(items), situation)}"]
        case _:
            return [
                f"this combination of values is not allowed ({_are(_named(condition, situation), situation)})"
            ]


def _either_fault(parts: Sequence[tree.Condition], situation: Situation) -> str:
    """Say what would be right, and then once what is."""
    wanted: dict[str, list[str]] = {}
    for part in parts:
        match part:
            case tree.ItemTest(item=item, test=test):
                wanted.setdefault(item, []).append(be(test))
            case tree.Compared(left=item, comparator=comparator, right=right):
                than = f"be {COMPARATORS[comparator]} {_with_value(right, situation)}"
                wanted.setdefault(item, []).append(than)
            case _:
                return ", or ".join("; ".join(_faults(part, situation)) for part in parts)
    choices = ", or ".join(
        f"{item} {situation.must} {alternatives(list(dict.fromkeys(tests)))}"
        for item, tests in wanted.items()
    )
    if len(wanted) == 1:
        (item,) = wanted
        return f"{choices}, but it is {_value(item, situation)}"
    return f"{choices}, but {_are(list(wanted), situation)}"


def _unknown(condition: tree.Known, situation: Situation) -> str:
    items = situation.of(condition.items)
    answer = situation.answer(condition)
    known = answer.known if answer is not None else ""
    # Of one item the value is told; of many, such as those that name a person, only what is known of them.
    if len(items) == 1:
        known = f"it is {_value(items[0], situation)}{f'; {known}' if known else ''}"
    phrase = PREDICATES[condition.predicate].phrase
    return f"{_names(items, situation)} {situation.must} {phrase}, but {known or 'they are not'}"


def _list_faults(condition: tree.ListTest, situation: Situation) -> list[str]:
    items = situation.of(condition.items)
    must = situation.must
    if condition.quantity is tree.Quantity.ALL:
        wrong = [item for item in items if not situation.passes(item, condition.test)]
        return [f"{_names(wrong, situation)} {must} {be(condition.test)}, but {_are(wrong, situation)}"]
    passing = [item for item in items if situation.passes(item, condition.test)]
    if condition.quantity is tree.Quantity.NONE:
        return [
            f"{_names(passing, situation)} {must} {be_not(condition.test)}, but {_are(passing, situation)}"
        ]
    enough = len(passing) == 1 if condition.quantity is tree.Quantity.ONE else bool(passing)
    if not enough or condition.rest is None:
        sentence = _QUANTITIES[condition.quantity].format(
            items=_names(items, situation), must=must, test=be(condition.test)
        )
        return [f"{sentence}, but {_are(items, situation)}"]
    rest = condition.rest
    others = [item for item in items if item not in passing and not situation.passes(item, rest)]
    return [
        f"those of {_names(items, situation)} that are not {be(condition.test).removeprefix('be ')} {must} "
        f"{be(rest)}, but {'; '.join(_each_is(others, situation))}"
    ]


def _order_faults(condition: tree.Ordered, situation: Situation) -> list[str]:
    faults = []
    for earlier, later, must_be_later in misplaced(condition, situation):
        if earlier == later:
            faults.append(f"{later} {situation.must} be a date, but it is {_value(later, situation)}")
        else:
            sign = "be before" if must_be_later else "not be after"
            faults.append(f"{_dated(earlier, situation)} {situation.must} {sign} {_dated(later, situation)}")
    return faults


def _days_fault(first: str, last: str, low: int | None, high: int | None, situation: Situation) -> str:
    wanted = "the same day as" if low == high == 0 else f"{limits(low, high)} days after"
    return (
        f"{_dated(last, situation)} {situation.must} be {wanted} {_dated(first, situation)}, "
        f"but it is {_days_after(first, last, situation)} it"
    )


def _apart(first: str, last: str, situation: Situation) -> str:
    return f"{_dated(last, situation)} is {_days_after(first, last, situation)} {_dated(first, situation)}"


def _days_after(first: str, last: str, situation: Situation) -> str:
    days = values.days_between(situation.value(first), situation.value(last)) or 0
    return f"{abs(days)} day{'' if abs(days) == 1 else 's'} {'before' if days < 0 else 'after'}"


def _twice(items: Sequence[str], situation: Situation) -> str:
    by_value: dict[str, list[str]] = {}
    for item in situation.of(items):
        value = situation.value(item)
        if value is not None and value != BLANK:
            by_value.setdefault(value.upper(), []).append(item)
    doubled = "; ".join(
        f"{_names(same, situation)} are both {shown(value)}"
        for value, same in by_value.items()
        if len(same) > 1
    )
    return f"no two of {_names(items, situation)} may hold the same value, but {doubled}"


def _named(condition: tree.Condition, situation: Situation) -> list[str]:
    return situation.of(dict.fromkeys(tree.items_of(condition)))


def _names(items: Sequence[str], situation: Situation) -> str:
    if len(items) <= _MOST_NAMED:
        return listing(items) if items else "none"
    places = situation.places or {item: place for place, item in enumerate(situation.items)}
    runs = list(item_runs(items, places))
    named = [" through ".join(run) for run in runs[:_MOST_NAMED]]
    return listing([*named, f"{len(runs) - _MOST_NAMED} more"] if len(runs) > _MOST_NAMED else named)


def _value(item: str, situation: Situation) -> str:
    value = situation.value(item)
    if value is None:
        return "missing"
    return SPECIAL.get(value) or shown(value)


def _with_value(item: str, situation: Situation) -> str:
    return f"{item}, which is {_value(item, situation)}"


def _is(item: str, situation: Situation) -> str:
    return f"{item} is {_value(item, situation)}"


def _are(items: Sequence[str], situation: Situation) -> str:
    if items and len({situation.value(item) for item in items}) == 1:
        verb = "it is" if len(items) == 1 else "they are"
        return f"{verb} {_value(items[0], situation)}"
    return "; ".join(_each_is(items, situation))


def _each_is(items: Sequence[str], situation: Situation) -> list[str]:
    named = [_is(item, situation) for item in items[:_MOST_NAMED]]
    more = len(items) - _MOST_NAMED
    if more > 0:
        named.append(f"{more} more {'item is' if more == 1 else 'items are'} not listed here")
    return named


def _all_are(items: Sequence[str], situation: Situation) -> list[str]:
    """What items hold, where they have not been named before."""
    if len(items) > 1 and len({situation.value(item) for item in items}) == 1:
        return [f"{_names(items, situation)} are {_value(items[0], situation)}"]
    return _each_is(items, situation)


def _day(item: str, situation: Situation) -> str:
    day = parse_date(situation.value(item) or "")
    return date_in_words(day) if day else _value(item, situation)


def _dated(item: str, situation: Situation) -> str:
    name = "the day of submission" if item == "today" else item
    return f"{name} {_day(item, situation)}"
