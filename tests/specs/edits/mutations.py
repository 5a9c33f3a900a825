"""Edits that differ from a right one in one step: what a slip in writing it would make of it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from iqies_flask.specs.edits import tree
from iqies_flask.specs.edits.tree import Clause, Comparator, Condition, Edit, Quantity, Test
from iqies_flask.specs.pack import Item

Mutation = tuple[str, Edit]
"""What was changed, and the edit as it then is."""

EQUIVALENT = {
    r".*: then (part \d )?rest without [1-]": "the rest hold another value than this anyway",
    r"-4431: then without M2005_MDCTN_INTRVTN": "M2005 has no value for blank",
    r"-5630b: then part 2 list with \^": "the first half says that none is blank",
    r"-(5610|5620|5630|5790|7020)b: if \w+ with -": "(c) asks for dashes then, which are not blank either",
    r"-5800[ab]: if (without part 1|part 1 .*)": "the BIMS items are active all, or none",
    r"-5800[ab]: if part 3 count with [-^]": "neither dashes nor blanks are left to be counted",
    r"-5800b: if (without part 3|part 3 low -1|part 3 count with 1)": "(a) asks for more than (b)",
    r"-5800b: if part 2 list without -": "(c) asks for 99 then",
    r"-7060d: if part \d part \d \w+ with [23-]": "(e) and (f) ask for the same",
    r"-7060[ef]: if part \d \w+ with [3-]": "(f) and (e) ask for the same",
    r"-7061c: if part 1 not part \d \w+ with -": "by -7070, -7071, A2 or B2 is then blank",
    r"-7061c: if part 2 .* with [-^]": "all nine must be numbers",
    r"-707\db: if \w+ with 0": "(a) asks for 0, which is one of the values of (b)",
}
"""Slips in OASIS edits that make no difference to any record, and why."""

_T = TypeVar("_T")
_MOST_CODES = 4
_COMPARATORS = {
    Comparator.LESS: (Comparator.AT_MOST, Comparator.GREATER),
    Comparator.AT_MOST: (Comparator.LESS, Comparator.AT_LEAST),
    Comparator.GREATER: (Comparator.AT_LEAST, Comparator.LESS),
    Comparator.AT_LEAST: (Comparator.GREATER, Comparator.AT_MOST),
    Comparator.EQUAL: (Comparator.DIFFERENT, Comparator.AT_LEAST),
    Comparator.DIFFERENT: (Comparator.EQUAL, Comparator.GREATER),
}
_QUANTITIES = {
    Quantity.ALL: (Quantity.ANY, Quantity.NONE),
    Quantity.ANY: (Quantity.ALL, Quantity.NONE, Quantity.ONE),
    Quantity.NONE: (Quantity.ANY,),
    Quantity.ONE: (Quantity.ANY, Quantity.ALL),
}


def mutations(edit: Edit, items: Mapping[str, Item]) -> Iterator[Mutation]:
    """Change one thing at a time: a limit, a value, an item, a comparison, "and" for "or", a condition.

    Args:
        edit: The edit.
        items: All items of the data specification.
    """
    for place, clause in enumerate(edit.clauses):
        for what, changed in _of_clause(clause, items):
            clauses = (*edit.clauses[:place], changed, *edit.clauses[place + 1 :])
            yield f"{edit.id}{clause.label}: {what}", replace(edit, clauses=clauses)


def makes_no_difference(slip: str) -> bool:
    """Whether it is known why a slip in an OASIS edit makes no difference."""
    return any(re.fullmatch(pattern, slip) for pattern in EQUIVALENT)


def _of_clause(clause: Clause, items: Mapping[str, Item]) -> Iterator[tuple[str, Clause]]:
    for what, requirement in _of(clause.requirement, items):
        yield f"then {what}", replace(clause, requirement=requirement)
    if clause.condition is not None:
        yield "no condition", replace(clause, condition=None)
        for what, condition in _of(clause.condition, items):
            yield f"if {what}", replace(clause, condition=condition)


def _of(condition: Condition, items: Mapping[str, Item]) -> Iterator[tuple[str, Condition]]:  # noqa: PLR0912
    match condition:
        case tree.Both(parts=parts) | tree.Either(parts=parts):
            yield from _of_parts(condition, parts, items)
        case tree.Not(part=part):
            yield "no not", part
            for what, changed in _of(part, items):
                yield f"not {what}", tree.Not(changed)
        case tree.ItemTest(item=item, test=test):
            for what, changed_test in _of_test(test, [items[item]]):
                yield f"{item} {what}", replace(condition, test=changed_test)
        case tree.ListTest():
            yield from _of_list(condition, items)
        case tree.Active(items=named) | tree.Distinct(items=named):
            yield from _without_one(named, lambda kept: replace(condition, items=kept))
        case tree.Ordered(items=named, strict=strict):
            for place, later in enumerate(strict):
                changed = (*strict[:place], not later, *strict[place + 1 :])
                yield f"strictness of {named[place + 1]}", replace(condition, strict=changed)
            for place in range(len(named)):
                kept = (*named[:place], *named[place + 1 :])
                left = place if place < len(strict) else place - 1
                yield f"without {named[place]}", tree.Ordered(kept, (*strict[:left], *strict[left + 1 :]))
        case tree.Days(low=low, high=high) | tree.Age(low=low, high=high):
            for name, limit in (("low", low), ("high", high)):
                for step in (-1, 1) if limit is not None else ():
                    yield f"{name} {step:+}", replace(condition, **{name: limit + step})
        case tree.Equals(number=number):
            yield from _of_sum(condition, number)
        case tree.Compared(comparator=comparator):
            for other in _COMPARATORS[comparator]:
                yield f"{other}", replace(condition, comparator=other)
        case tree.Counted():
            yield from _of_count(condition, items)


def _of_parts(
    whole: tree.Both | tree.Either, parts: tuple[Condition, ...], items: Mapping[str, Item]
) -> Iterator[tuple[str, Condition]]:
    other = tree.Either if isinstance(whole, tree.Both) else tree.Both
    yield f"{other.__name__.lower()}", other(parts)
    for place, part in enumerate(parts):
        rest = (*parts[:place], *parts[place + 1 :])
        yield f"without part {place + 1}", rest[0] if len(rest) == 1 else replace(whole, parts=rest)
        for what, changed in _of(part, items):
            yield (
                f"part {place + 1} {what}",
                replace(whole, parts=(*parts[:place], changed, *parts[place + 1 :])),
            )


def _of_list(condition: tree.ListTest, items: Mapping[str, Item]) -> Iterator[tuple[str, Condition]]:
    for quantity in _QUANTITIES[condition.quantity]:
        yield f"{quantity}", replace(condition, quantity=quantity)
    yield from _without_one(condition.items, lambda kept: replace(condition, items=kept))
    known = [items[item] for item in condition.items]
    for what, test in _of_test(condition.test, known):
        yield f"list {what}", replace(condition, test=test)
    if condition.rest is not None:
        yield "without the rest", replace(condition, rest=None)
        for what, test in _of_test(condition.rest, known):
            yield f"rest {what}", replace(condition, rest=test)


def _of_count(condition: tree.Counted, items: Mapping[str, Item]) -> Iterator[tuple[str, Condition]]:
    for name, limit in (("low", condition.low), ("high", condition.high)):
        for step in (-1, 1):
            # No count is below 0 or above the number of items.
            if 0 <= limit + step <= len(condition.items):
                yield f"{name} {step:+}", replace(condition, **{name: limit + step})
    yield from _without_one(condition.items, lambda kept: replace(condition, items=kept))
    for what, test in _of_test(condition.test, [items[item] for item in condition.items]):
        yield f"count {what}", replace(condition, test=test)


def _of_sum(condition: tree.Equals, number: tree.Sum) -> Iterator[tuple[str, Condition]]:
    yield from _without_one(number.items, lambda kept: replace(condition, number=replace(number, items=kept)))
    yield "times +1", replace(condition, number=replace(number, times=number.times + 1))
    for step in (-1, 1) if number.over > 1 else (1,):
        yield f"over {step:+}", replace(condition, number=replace(number, over=number.over + step))


def _without_one(named: Sequence[str], make: Callable[[tuple[str, ...]], _T]) -> Iterator[tuple[str, _T]]:
    for place, item in enumerate(named if len(named) > 1 else ()):
        yield f"without {item}", make((*named[:place], *named[place + 1 :]))


def _of_test(test: Test, items: Sequence[Item]) -> Iterator[tuple[str, Test]]:
    match test:
        case tree.Among(values=values, negated=negated):
            yield "negated", replace(test, negated=not negated)
            for value in values if len(values) > 1 else ():
                yield f"without {value}", replace(test, values=tuple(one for one in values if one != value))
            for value in _more_values(values, items):
                yield f"with {value}", replace(test, values=(*values, value))
        case tree.Against(comparator=comparator, number=number):
            for other in _COMPARATORS[comparator]:
                yield f"{other}", replace(test, comparator=other)
            yield "number +1", replace(test, number=number + 1)
            if number:
                yield "number -1", replace(test, number=number - 1)
        case tree.StartsWith(characters=characters, negated=negated):
            yield "negated", replace(test, negated=not negated)
            for one in characters if len(characters) > 1 else ():
                kept = tuple(other for other in characters if other != one)
                yield f"without {one}", replace(test, characters=kept)


def _more_values(values: tuple[str, ...], items: Sequence[Item]) -> list[str]:
    """Values that all items have and the test has not: all of a few, or those next to its own."""
    possible = [
        value for value in items[0].special_values if all(value in item.special_values for item in items)
    ]
    others = [value for value in possible if value not in values]
    if len(others) <= _MOST_CODES:
        return others
    own = {place for place, value in enumerate(possible) if value in values}
    near = [value for place, value in enumerate(possible) if {place - 1, place + 1} & own]
    return [value for value in near if value not in values][:_MOST_CODES] or others[:1]
