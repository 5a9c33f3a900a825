"""Edits compiled to Python, once for each item subset.

The code is straight-line: one ``if`` for each clause, with the tests of inactive items decided beforehand. A
test of an inactive item says nothing: in a condition it does not hold, in a requirement it does.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Protocol

from iqies_flask.specs.edits import tree, values
from iqies_flask.specs.edits.characters import consists_of, has_form
from iqies_flask.specs.edits.predicates import NOTHING_SUPPLIED, Supplied, consult
from iqies_flask.specs.pack import Item

Failed = tuple[int, int]
"""An edit that failed and its clause, by their places."""


class CompiledEdits(Protocol):
    """Edits, ready to run."""

    def __call__(
        self, items: Mapping[str, str], today: str, supplied: Supplied = NOTHING_SUPPLIED
    ) -> list[Failed]:
        """Run them.

        Args:
            items: Item to value.
            today: The day on which the record was received, YYYYMMDD.
            supplied: Who answers what no record tells.

        Returns:
            The clauses that failed.
        """


def compile_edits(
    edits: Iterable[tree.Edit],
    items: Mapping[str, Item],
    active: Iterable[str],
    optional: Iterable[str] = (),
) -> CompiledEdits:
    """Compile edits for one item subset.

    Args:
        edits: The edits, in the order in which findings are listed.
        items: Every item of the pack.
        active: Ids of the items that each record of the subset holds.
        optional: Ids of further items that it may hold: where a record leaves one out, it counts as inactive.
    """
    return _Compiler(items, frozenset(active), frozenset(optional)).compile(edits)


def can_fail(clause: tree.Clause, items: Mapping[str, Item], active: Iterable[str]) -> bool:
    """Whether any record of an item subset could break a clause, judged by its active items alone.

    Args:
        clause: The clause.
        items: Every item of the pack.
        active: Ids of the items that a record of the subset may hold.
    """
    return _Compiler(items, frozenset(active)).clause(clause) != "False"


def as_submitted(day: date) -> str:
    """Write a date as records do."""
    return day.strftime("%Y%m%d")


class _Compiler:
    def __init__(
        self, items: Mapping[str, Item], active: frozenset[str], optional: frozenset[str] = frozenset()
    ) -> None:
        self._items = items
        self._active = active | optional
        self._optional = optional - active
        self._names: dict[str, str] = {"today": "today"}
        self._globals: dict[str, Any] = {
            "number": values.number,
            "in_order": values.in_order,
            "days_between": values.days_between,
            "age_at": values.age_at,
            "scaled_sum": values.scaled_sum,
            "all_distinct": values.all_distinct,
            "consult": consult,
            "NOTHING_SUPPLIED": NOTHING_SUPPLIED,
        }
        self._sets: dict[frozenset[str], str] = {}

    def compile(self, edits: Iterable[tree.Edit]) -> CompiledEdits:
        body: list[str] = []
        for place, edit in enumerate(edits):
            for clause_place, clause in enumerate(edit.clauses):
                code = self.clause(clause)
                if code != "False":
                    body.append(f"    if {code}: failed.append(({place}, {clause_place}))")
        head = [f"    {name} = get({item!r})" for item, name in self._names.items() if item != name]
        source = "\n".join(
            [
                "def check(items, today, supplied=NOTHING_SUPPLIED):",
                "    get = items.get",
                "    failed = []",
                *head,
                *body,
                "    return failed",
            ]
        )
        exec(compile(source, "<edits>", "exec"), self._globals)  # noqa: S102 - made of a parsed tree only
        check: CompiledEdits = self._globals["check"]
        return check

    def clause(self, clause: tree.Clause) -> str:
        """Write the code that is true where a clause fails."""
        requirement = self._code(clause.requirement, unknown=True)
        condition = "True" if clause.condition is None else self._code(clause.condition, unknown=False)
        return _both([condition, _inverted(requirement)])

    def _code(self, condition: tree.Condition, *, unknown: bool) -> str:  # noqa: PLR0911 - one for each kind
        match condition:
            case tree.Both(parts=parts):
                return _both([self._code(part, unknown=unknown) for part in parts])
            case tree.Either(parts=parts):
                return _either([self._code(part, unknown=unknown) for part in parts])
            case tree.Not(part=part):
                return _inverted(self._code(part, unknown=not unknown))
            case tree.Active(items=items):
                return _both([str(self._active.issuperset(items)), *self._held(items)])
            case tree.ItemTest(item=item, test=test):
                return self._guarded(item, test, unknown) if item in self._active else str(unknown)
            case tree.ListTest():
                return self._list_test(condition, unknown)
            case tree.Counted(items=items, test=test, low=low, high=high):
                counted = " + ".join(f"({self._guarded(item, test, False)})" for item in self._of(items))
                return f"{low} <= {counted or 0} <= {high}"
            case tree.Ordered():
                return self._ordered(condition)
            case tree.Received(comparator=comparator, day=day):
                return f"today {comparator.value} {day!r}"
            case tree.Distinct(items=items):
                return f"all_distinct({self._tuple(self._of(items))})"
            case tree.Known(items=items, predicate=predicate):
                asked = f"consult(supplied, {predicate!r}, {self._tuple(self._of(items))})"
                return f"{unknown} if (answer := {asked}) is None else answer.holds"
            case _:
                return self._computed(condition, unknown)

    def _computed(self, condition: tree.Condition, unknown: bool) -> str:
        if not self._active.issuperset(tree.items_of(condition)) and not isinstance(condition, tree.Equals):
            return str(unknown)
        match condition:
            case tree.Days(first=first, last=last, low=low, high=high):
                limits = _limits(f"days_between({self._name(first)}, {self._name(last)})", low, high)
                return _known(limits, unknown)
            case tree.Age(birth=birth, at=at, low=low, high=high):
                return _known(_limits(f"age_at({self._name(birth)}, {self._name(at)})", low, high), unknown)
            case tree.Compared(left=left, comparator=comparator, right=right):
                code = _compared(f"number({self._name(left)})", comparator, f"number({self._name(right)})")
                return self._where_held((left, right), code, unknown)
            case tree.Equals(item=item, number=number):
                if item not in self._active:
                    return str(unknown)
                total = f"scaled_sum({self._tuple(self._of(number.items))}, {number.times}, {number.over})"
                return self._where_held((item,), f"number({self._name(item)}) == {total}", unknown)
        raise TypeError(f"{type(condition).__name__} is no condition")

    def _list_test(self, condition: tree.ListTest, unknown: bool) -> str:
        items = self._of(condition.items)
        if not items:
            return str(unknown)
        passing = [self._guarded(item, condition.test, False) for item in items]
        match condition.quantity:
            case tree.Quantity.ALL:
                code = _both([self._guarded(item, condition.test, True) for item in items])
            case tree.Quantity.ANY:
                code = _either(passing)
            case tree.Quantity.NONE:
                code = _inverted(_either(passing))
            case tree.Quantity.ONE:
                code = f"{' + '.join(f'({one})' for one in passing)} == 1"
        if condition.rest is not None:
            others = [
                _either([one, self._guarded(item, condition.rest, True)])
                for one, item in zip(passing, items, strict=True)
            ]
            code = _both([code, *others])
        if not self._optional.issuperset(items):
            return code
        some_held = _either(self._held(items))
        return _either([_inverted(some_held), code]) if unknown else _both([some_held, code])

    def _ordered(self, condition: tree.Ordered) -> str:
        kept: list[str] = []
        strict: list[bool] = []
        waiting = False
        for place, item in enumerate(condition.items):
            waiting = waiting or (place > 0 and condition.strict[place - 1])
            if item == "today" or item in self._active:
                if kept:
                    strict.append(waiting)
                kept.append(item)
                waiting = False
        return f"in_order({self._tuple(kept)}, {tuple(strict)!r})"

    def _held(self, items: Iterable[str]) -> list[str]:
        """For each item that may be left out, code that is true where it is not."""
        return [f"{self._name(item)} is not None" for item in items if item in self._optional]

    def _where_held(self, items: Iterable[str], code: str, unknown: bool) -> str:
        """Code for a test of items that gives `unknown` where one of them is left out."""
        held = self._held(items)
        return _either([*map(_inverted, held), code]) if unknown else _both([*held, code])

    def _guarded(self, item: str, test: tree.Test, unknown: bool) -> str:
        return self._where_held((item,), self._test(item, test), unknown)

    def _test(self, item: str, test: tree.Test) -> str:  # noqa: PLR0911 - one for each kind
        name = self._name(item)
        match test:
            case tree.Among(values=wanted, negated=negated):
                forms = self._forms(item, wanted)
                if len(forms) == 1:
                    return f"{name} {'!=' if negated else '=='} {next(iter(forms))!r}"
                return f"{name} {'not in' if negated else 'in'} {self._set(forms)}"
            case tree.Against(comparator=comparator, number=limit):
                return _compared(f"number({name})", comparator, str(limit))
            case tree.Length(low=low, high=high):
                limits = ["", f"{low} <= "][low is not None], ["", f" <= {high}"][high is not None]
                return f"{limits[0]}len({name} or ''){limits[1]}"
            case tree.ConsistsOf(classes=classes):
                return self._matched(name, consists_of(classes))
            case tree.Picture(form=form):
                return self._matched(name, has_form(form))
            case tree.StartsWith(characters=characters, negated=negated):
                both_cases = frozenset(form for one in characters for form in (one.upper(), one.lower()))
                return f"({name} or '')[:1] {'not in' if negated else 'in'} {self._set(both_cases)}"

    def _matched(self, name: str, match: Callable[[str], object]) -> str:
        called = f"match{len(self._globals)}"
        self._globals[called] = match
        return f"{called}({name} or '') is not None"

    def _forms(self, item: str, wanted: Iterable[str]) -> frozenset[str]:
        known = self._items[item]
        if known.type != "Number":
            return frozenset(wanted)
        return frozenset(form for value in wanted for form in values.submitted_forms(value, known.length))

    def _of(self, items: Iterable[str]) -> list[str]:
        return [item for item in items if item in self._active]

    def _name(self, item: str) -> str:
        return self._names.setdefault(item, f"v{len(self._names)}")

    def _tuple(self, items: Iterable[str]) -> str:
        return f"({''.join(f'{self._name(item)}, ' for item in items)})"

    def _set(self, texts: frozenset[str]) -> str:
        if texts not in self._sets:
            self._sets[texts] = f"set{len(self._sets)}"
            self._globals[self._sets[texts]] = texts
        return self._sets[texts]


def _both(parts: list[str]) -> str:
    if "False" in parts:
        return "False"
    kept = [part for part in parts if part != "True"]
    return " and ".join(f"({part})" for part in kept) if kept else "True"


def _either(parts: list[str]) -> str:
    if "True" in parts:
        return "True"
    kept = [part for part in parts if part != "False"]
    return " or ".join(f"({part})" for part in kept) if kept else "False"


def _inverted(part: str) -> str:
    return {"True": "False", "False": "True"}.get(part) or f"not ({part})"


def _limits(call: str, low: int | None, high: int | None) -> tuple[str, str]:
    tests = [
        f"{low} <= computed" if low is not None else "",
        f"computed <= {high}" if high is not None else "",
    ]
    return call, " and ".join(test for test in tests if test)


def _known(limits: tuple[str, str], unknown: bool) -> str:
    call, test = limits
    return f"{unknown} if (computed := {call}) is None else {test}"


def _compared(left: str, comparator: tree.Comparator, right: str) -> str:
    if comparator is tree.Comparator.DIFFERENT:
        return f"({left} < {right} or {left} > {right})"
    return f"{left} {comparator.value} {right}"
