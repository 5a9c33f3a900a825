"""From the syntax tree of an edit to its text: `parse_edits` reads back what is written here."""

import textwrap
from collections.abc import Mapping, Sequence

from iqies_flask.specs.edits import tree
from iqies_flask.specs.edits.parser import SEVERITIES, TYPES
from iqies_flask.specs.edits.runs import item_runs, value_runs

_WIDTH = 100
_TYPE_WORDS = {kind: word for word, kind in TYPES.items()}
_SEVERITY_WORDS = {severity: word for word, severity in SEVERITIES.items()}


def write_edit(edit: tree.Edit, places: Mapping[str, int]) -> str:
    """Write an edit in the edit language.

    Args:
        edit: The edit.
        places: Item to its place in the order of the record, which ranges of items follow.

    Returns:
        Lines, the last one without its end.
    """
    head = f"{edit.id} {_TYPE_WORDS[edit.type]} {_SEVERITY_WORDS[edit.severity]} {edit.since}"
    writer = _Writer(places)
    clauses = [
        textwrap.fill(
            writer.clause(clause),
            _WIDTH,
            initial_indent="  ",
            subsequent_indent="    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        for clause in edit.clauses
    ]
    return "\n".join([head, *clauses])


class _Writer:
    """Writes in the order of one data specification."""

    def __init__(self, places: Mapping[str, int]) -> None:
        self._places = places

    def clause(self, clause: tree.Clause) -> str:
        label = f"({clause.label}) " if clause.label else ""
        condition = f"if {self._condition(clause.condition)} then " if clause.condition else ""
        return f"{label}{condition}{self._condition(clause.requirement)}"

    def _condition(self, condition: tree.Condition) -> str:  # noqa: PLR0911, PLR0912 - one for each kind
        match condition:
            case tree.Either(parts=parts):
                return " or ".join(self._inside(part, tree.Either) for part in parts)
            case tree.Both(parts=parts):
                return " and ".join(self._inside(part, tree.Either, tree.Both) for part in parts)
            case tree.Not(part=part):
                return f"not {self._inside(part, tree.Either, tree.Both)}"
            case tree.ItemTest(item=item, test=test):
                return f"{item} {_test(test)}"
            case tree.ListTest(quantity=quantity, items=items, test=test, rest=rest):
                others = f", the rest {_test(rest)}" if rest is not None else ""
                return f"{quantity} of {self._items(items)} {_test(test)}{others}"
            case tree.Counted(items=items, test=test, low=low, high=high):
                return f"count of {self._items(items)} {_test(test)} in {low} to {high}"
            case tree.Active(items=items):
                return f"{self._items(items)} {'is' if len(items) == 1 else 'are'} active"
            case tree.Known(items=items, predicate=predicate):
                return f"{self._items(items)} {'is' if len(items) == 1 else 'are'} known as {predicate}"
            case tree.Ordered(items=items, strict=strict):
                later = (
                    f" {'<' if apart else '<='} {item}" for item, apart in zip(items[1:], strict, strict=True)
                )
                return f"order {items[0]}{''.join(later)}"
            case tree.Days(first=first, last=last, low=low, high=high):
                return f"days {first} to {last} {_limits(low, high)}"
            case tree.Age(birth=birth, at=at, low=low, high=high):
                return f"age of {birth} at {at} {_limits(low, high)}"
            case tree.Equals(item=item, number=number):
                factor = (
                    f" times {number.times}/{number.over}" if (number.times, number.over) != (1, 1) else ""
                )
                return f"{item} = sum of {self._items(number.items)}{factor}"
            case tree.Compared(left=left, comparator=comparator, right=right):
                return f"{left} {comparator} {right}"
            case tree.Distinct(items=items):
                return f"distinct {self._items(items)}"
            case tree.Received(comparator=comparator, day=day):
                return f"today {comparator} {day}"

    def _inside(self, part: tree.Condition, *looser: type) -> str:
        """Write a part, in parentheses where it binds less than what it is a part of."""
        text = self._condition(part)
        return f"({text})" if isinstance(part, looser) else text

    def _items(self, items: Sequence[str]) -> str:
        runs = [" through ".join(run) for run in item_runs(items, self._places)]
        return runs[0] if len(runs) == 1 else f"({', '.join(runs)})"


def _test(test: tree.Test) -> str:
    match test:
        case tree.Among(values=values, negated=negated):
            return f"{'<>' if negated else '='} {_set(values)}"
        case tree.Against(comparator=comparator, number=number):
            return f"{comparator} {number}"
        case tree.StartsWith(characters=characters, negated=negated):
            return f"starts {'not ' if negated else ''}with [{','.join(characters)}]"
        case tree.Length(low=low, high=high):
            return f"has {_limits(low, high).removeprefix('in ')} characters"
        case tree.ConsistsOf(classes=classes):
            return f"consists of ({', '.join(classes)})"
        case tree.Picture(form=form):
            return f'matches "{form}"'


def _set(values: Sequence[str]) -> str:
    return f"[{','.join('-'.join(run) for run in value_runs(values))}]"


def _limits(low: int | None, high: int | None) -> str:
    if low is None:
        return f"at most {high}"
    if high is None:
        return f"at least {low}"
    return f"in {low} to {high}"
