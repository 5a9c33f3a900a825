"""Compiled edits against a plain reading of the same tree, for any tree and any record."""

import itertools
from collections.abc import Callable, Mapping
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iqies_flask.model import EditType, Severity
from iqies_flask.specs.edits import tree
from iqies_flask.specs.edits.compiler import as_submitted, compile_edits
from iqies_flask.specs.edits.evaluation import Situation, holds
from iqies_flask.specs.edits.parser import parse_edits
from iqies_flask.specs.edits.predicates import NOTHING_SUPPLIED, PREDICATES, Answer, Ask, Supplied
from iqies_flask.specs.edits.wording import explain
from iqies_flask.specs.pack import Item

TODAY = date(2026, 5, 20)
CODES = ("CODE_A", "CODE_B", "CODE_C", "CODE_D")
NUMBERS = ("NUMBER_A", "NUMBER_B", "NUMBER_C")
DATES = ("DATE_A", "DATE_B", "DATE_C")
ORDER = (*CODES, *NUMBERS, *DATES)
INACTIVE = frozenset({"CODE_D", "NUMBER_C", "DATE_C"})
OPTIONAL = frozenset({"CODE_C", "NUMBER_B", "DATE_B"})
ASKED = tuple(PREDICATES)[:3]
ALWAYS = frozenset(ORDER) - INACTIVE - OPTIONAL
SUBMITTED = {
    "Code": ("00", "01", "0", "1", "2", "-", "^"),
    "Number": ("0", "00", "1", "01", "2", "02", "-", "^"),
    "Date": ("20260518", "20260519", "20260520", "20260521", "20261301", "^", "--------"),
}


def _item(name: str) -> Item:
    kind = {"CODE": "Code", "NUMBER": "Number", "DATE": "Date"}[name.split("_", maxsplit=1)[0]]
    return Item(
        id=name,
        label=name,
        section="A",
        group="Asmt",
        type=kind,
        length={"Code": 1, "Number": 2, "Date": 8}[kind],
        first_byte=1,
        last_byte=1,
        subsets=frozenset(),
        state_optional=frozenset(),
        values={},
    )


ITEMS = {name: _item(name) for name in ORDER}


# ------------------------------------------------------------------ the plain reading


def _plain_number(value: str | None) -> int | None:
    return int(value) if value is not None and value.isdigit() else None


def _plain_date(value: str | None) -> date | None:
    try:
        return datetime.strptime(value or "", "%Y%m%d").date()
    except ValueError:
        return None


_SIGNS: dict[tree.Comparator, Callable[[int, int], bool]] = {
    tree.Comparator.LESS: lambda left, right: left < right,
    tree.Comparator.AT_MOST: lambda left, right: left <= right,
    tree.Comparator.GREATER: lambda left, right: left > right,
    tree.Comparator.AT_LEAST: lambda left, right: left >= right,
    tree.Comparator.EQUAL: lambda left, right: left == right,
    tree.Comparator.DIFFERENT: lambda left, right: left != right,
}


_OF_CLASS: dict[str, Callable[[str], bool]] = {
    "digits": lambda one: one in "0123456789",
    "letters": lambda one: one.isascii() and one.isalpha(),
    "capitals": lambda one: one.isascii() and one.isupper(),
    "hyphens": lambda one: one == "-",
}
_AT_PLACE: dict[str, Callable[[str], bool]] = {
    "9": _OF_CLASS["digits"],
    "A": _OF_CLASS["letters"],
    "X": lambda one: one.isascii() and one.isalnum(),
}


class _Reading:
    def __init__(self, record: Mapping[str, str], supplied: Supplied) -> None:
        self.record = record
        self.supplied = supplied
        self.active = ALWAYS | (OPTIONAL & record.keys())

    def value(self, item: str) -> str | None:
        return as_submitted(TODAY) if item == "today" else self.record.get(item)

    def test(self, item: str, test: tree.Test) -> bool:  # noqa: PLR0911 - each kind in turn
        value = self.value(item)
        number = _plain_number(value)
        match test:
            case tree.Among(values=wanted, negated=negated):
                if ITEMS[item].type == "Number" and number is not None:
                    return (number in {_plain_number(one) for one in wanted}) != negated
                return (value in wanted) != negated
            case tree.Against(comparator=sign, number=limit):
                return number is not None and _SIGNS[sign](number, limit)
            case tree.StartsWith(characters=characters, negated=negated):
                return ((value or "")[:1] in characters) != negated
            case tree.Length(low=low, high=high):
                size = len(value or "")
                return (low is None or size >= low) and (high is None or size <= high)
            case tree.ConsistsOf(classes=classes):
                return bool(value) and all(
                    any(_OF_CLASS[name](one) for name in classes) for one in value or ""
                )
            case tree.Picture(form=form):
                return len(value or "") == len(form) and all(
                    _AT_PLACE.get(place, place.__eq__)(one)
                    for place, one in zip(form, value or "", strict=True)
                )

    def true(self, condition: tree.Condition) -> bool | None:  # noqa: PLR0911, PLR0912 - each kind in turn
        """True, false, or None for a test that says nothing."""
        match condition:
            case tree.ItemTest(item=item, test=test):
                return self.test(item, test) if item in self.active else None
            case tree.ListTest(quantity=quantity, items=items, test=test, rest=rest):
                present = [item for item in items if item in self.active]
                if not present:
                    return None
                right = [item for item in present if self.test(item, test)]
                enough = {
                    "all": len(right) == len(present),
                    "any": len(right) > 0,
                    "none": len(right) == 0,
                    "one": len(right) == 1,
                }[quantity.value]
                left = [item for item in present if item not in right]
                return enough and (rest is None or all(self.test(item, rest) for item in left))
            case tree.Received(comparator=sign, day=day):
                return _SIGNS[sign](int(as_submitted(TODAY)), int(day))
            case tree.Active(items=items):
                return set(items) <= self.active
            case tree.Known(items=items, predicate=name):
                asked = [self.record[item] for item in items if item in self.active]
                answer = self.supplied[name](asked) if asked and name in self.supplied else None
                return None if answer is None else answer.holds
            case tree.Counted(items=items, test=test, low=low, high=high):
                return (
                    low
                    <= len([item for item in items if item in self.active and self.test(item, test)])
                    <= high
                )
            case tree.Distinct(items=items):
                filled = [
                    self.value(item) for item in items if item in self.active and self.value(item) != "^"
                ]
                return len(filled) == len(set(filled))
            case tree.Equals(item=item, number=number):
                if item not in self.active:
                    return None
                added = sum(_plain_number(self.value(one)) or 0 for one in number.items if one in self.active)
                exact = added * number.times / number.over
                return _plain_number(self.value(item)) == int(exact + 0.5)
            case tree.Ordered(items=items, strict=strict):
                return self.in_order(items, strict)
        if not set(tree.items_of(condition)) <= self.active:
            return None
        match condition:
            case tree.Compared(left=first, comparator=sign, right=second):
                one, other = _plain_number(self.value(first)), _plain_number(self.value(second))
                return one is not None and other is not None and _SIGNS[sign](one, other)
            case tree.Days(first=first, last=last, low=low, high=high):
                start, end = _plain_date(self.value(first)), _plain_date(self.value(last))
                computed = None if start is None or end is None else (end - start).days
            case tree.Age(birth=birth, at=at, low=low, high=high):
                start, end = _plain_date(self.value(birth)), _plain_date(self.value(at))
                computed = None
                if start is not None and end is not None:
                    computed = end.year - start.year - (end.strftime("%m%d") < start.strftime("%m%d"))
        if computed is None:
            return None
        return (low is None or computed >= low) and (high is None or computed <= high)

    def in_order(self, items: tuple[str, ...], strict: tuple[bool, ...]) -> bool:
        places = [
            place
            for place, item in enumerate(items)
            if (item == "today" or item in self.active) and self.value(item) not in {None, "^", "--------"}
        ]
        days = {place: _plain_date(self.value(items[place])) for place in places}
        if None in days.values():
            return False
        for before, after in itertools.pairwise(places):
            later = any(strict[before:after])
            if days[after] < days[before] or (later and days[after] == days[before]):  # type: ignore[operator]
                return False
        return True

    def holds(self, condition: tree.Condition, unknown: bool) -> bool:
        match condition:
            case tree.Both(parts=parts):
                return all(self.holds(part, unknown) for part in parts)
            case tree.Either(parts=parts):
                return any(self.holds(part, unknown) for part in parts)
            case tree.Not(part=part):
                return not self.holds(part, not unknown)
        verdict = self.true(condition)
        return unknown if verdict is None else verdict

    def fails(self, clause: tree.Clause) -> bool:
        applies = clause.condition is None or self.holds(clause.condition, False)
        return applies and not self.holds(clause.requirement, True)


# ------------------------------------------------------------------ any tree, any record


def _some(items: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(items), min_size=1, max_size=4, unique=True).map(tuple)


_comparators = st.sampled_from(tree.Comparator)
_code_tests = st.builds(tree.Among, _some(SUBMITTED["Code"]), st.booleans()) | st.builds(
    tree.StartsWith, _some(("0", "1", "-")), st.booleans()
)
_text_tests = (
    st.sampled_from([tree.Length(None, 1), tree.Length(2, None), tree.Length(1, 2)])
    | st.builds(tree.ConsistsOf, _some(("digits", "letters", "capitals", "hyphens")))
    | st.builds(tree.Picture, st.sampled_from(("9", "X", "A9", "-", "0X", "99")))
)
_number_tests = st.builds(tree.Among, _some(("0", "1", "02", "-", "^")), st.booleans()) | st.builds(
    tree.Against, _comparators, st.integers(0, 2)
)
_limits = st.sampled_from([(None, 0), (None, 1), (0, None), (1, None), (0, 0), (0, 1), (-1, 0)])
_dates = st.sampled_from((*DATES, "today"))


def _about(items: tuple[str, ...], tests: st.SearchStrategy[tree.Test]) -> st.SearchStrategy[tree.Condition]:
    return (
        st.builds(tree.ItemTest, st.sampled_from(items), tests)
        | st.builds(tree.ListTest, st.sampled_from(tree.Quantity), _some(items), tests, st.none() | tests)
        | st.builds(tree.Counted, _some(items), tests, st.integers(0, 1), st.integers(1, 3))
    )


_ordered = st.lists(_dates, min_size=2, max_size=4, unique=True).flatmap(
    lambda items: st.builds(
        tree.Ordered,
        st.just(tuple(items)),
        st.lists(st.booleans(), min_size=len(items) - 1, max_size=len(items) - 1).map(tuple),
    )
)
_leaves = (
    _about(CODES, _code_tests | _text_tests)
    | st.builds(tree.Received, _comparators, st.sampled_from(("20000101", as_submitted(TODAY), "20990101")))
    | _about(NUMBERS, _number_tests)
    | _ordered
    | st.builds(tree.Active, _some(ORDER))
    | st.builds(tree.Distinct, _some(CODES))
    | st.builds(tree.Known, _some(CODES), st.sampled_from(ASKED))
    | st.builds(tree.Compared, st.sampled_from(NUMBERS), _comparators, st.sampled_from(NUMBERS))
    | st.builds(
        tree.Equals,
        st.sampled_from(NUMBERS),
        st.builds(tree.Sum, _some(NUMBERS), st.sampled_from([1, 9]), st.sampled_from([1, 8, 7])),
    )
    | st.builds(lambda first, last, limits: tree.Days(first, last, *limits), _dates, _dates, _limits)
    | st.builds(
        lambda birth, at, limits: tree.Age(birth, at, *limits), st.sampled_from(DATES), _dates, _limits
    )
)
_conditions = st.recursive(
    _leaves,
    lambda parts: (
        st.builds(tree.Not, parts)
        | st.builds(tree.Both, st.lists(parts, min_size=2, max_size=3).map(tuple))
        | st.builds(tree.Either, st.lists(parts, min_size=2, max_size=3).map(tuple))
    ),
    max_leaves=5,
)
_clauses = st.builds(tree.Clause, st.just(""), st.none() | _conditions, _conditions)
_records = st.fixed_dictionaries(
    {name: st.sampled_from(SUBMITTED[ITEMS[name].type]) for name in sorted(ALWAYS)},
    optional={name: st.sampled_from(SUBMITTED[ITEMS[name].type]) for name in sorted(OPTIONAL)},
)


def _ask(right: str | None) -> Ask:
    """A predicate that holds for one value, or cannot tell."""
    return lambda submitted: None if right is None else Answer(submitted[-1] == right, "it is known")


_supplied = st.dictionaries(
    st.sampled_from(ASKED), st.none() | st.sampled_from(SUBMITTED["Code"]).map(str), max_size=2
).map(lambda answers: {name: _ask(right) for name, right in answers.items()})


def _failed(clause: tree.Clause, record: Mapping[str, str], supplied: Supplied = NOTHING_SUPPLIED) -> bool:
    edit = tree.Edit("-0001", EditType.CONSISTENCY, Severity.FATAL, "V1", (clause,))
    check = compile_edits([edit], ITEMS, ALWAYS, OPTIONAL)
    return check(record, as_submitted(TODAY), supplied) == [(0, 0)]


@settings(max_examples=600)
@given(_clauses, _records, _supplied)
def test_a_compiled_clause_fails_where_its_plain_reading_does(
    clause: tree.Clause, record: dict[str, str], supplied: Supplied
) -> None:
    assert _failed(clause, record, supplied) == _Reading(record, supplied).fails(clause)


@settings(max_examples=600)
@given(_clauses, _records, _supplied)
def test_what_fails_is_explained_with_the_values_at_hand(
    clause: tree.Clause, record: dict[str, str], supplied: Supplied
) -> None:
    numbers = frozenset(item.id for item in ITEMS.values() if item.type == "Number")
    active = ALWAYS | (OPTIONAL & record.keys())
    situation = Situation(record, active, TODAY, numbers=numbers, supplied=supplied)
    applies = clause.condition is None or holds(clause.condition, situation, unknown=False)
    fails = applies and not holds(clause.requirement, situation, unknown=True)
    assert fails == _failed(clause, record, supplied)
    if fails:
        sentence = explain(clause, situation)
        assert sentence.endswith(".")
        assert len(sentence) > len(".")


# ------------------------------------------------------------------ particular cases


def _broken(text: str, record: Mapping[str, str]) -> bool:
    edits = parse_edits(f"-0001 consistency fatal V1\n{text}", ORDER)
    return bool(compile_edits(edits, ITEMS, ALWAYS, OPTIONAL)(record, as_submitted(TODAY)))


@pytest.mark.parametrize(
    "condition", ["CODE_D = [1]", "CODE_D <> [1]", "all of CODE_D = [1]", "not CODE_D = [1]"]
)
def test_a_condition_on_an_inactive_item_never_applies(condition: str) -> None:
    assert not _broken(f"if {condition} then CODE_A = [1]", {"CODE_A": "0", "CODE_D": "1"})


def test_a_requirement_on_an_inactive_item_always_holds() -> None:
    assert not _broken("CODE_D = [1]", {"CODE_D": "0"})


def test_a_predicate_that_nobody_supplies_says_nothing() -> None:
    assert not _broken("CODE_A is known as submission-id", {"CODE_A": "1"})
    assert not _broken(
        "if CODE_A is known as submission-id then CODE_B = [1]", {"CODE_A": "1", "CODE_B": "0"}
    )
    assert not _broken("if not CODE_A is known as submission-id then CODE_B = [1]", {"CODE_A": "1"})


@pytest.mark.parametrize(
    "requirement", ["CODE_C = [1]", "any of CODE_C = [1]", "all of (CODE_B, CODE_C) = [1]"]
)
def test_an_item_that_may_be_left_out_counts_only_where_it_is_there(requirement: str) -> None:
    assert not _broken(requirement, {"CODE_B": "1"})
    assert _broken(requirement, {"CODE_B": "1", "CODE_C": "0"})


@pytest.mark.parametrize(
    ("first", "last", "limits", "breaks"),
    [
        ("20260513", "20260520", "at least 7", False),
        ("20260514", "20260520", "at least 7", True),
        ("20260514", "20260520", "at most 6", False),
        ("20260513", "20260520", "at most 6", True),
        ("20240228", "20240301", "in 2 to 2", False),
        ("20250228", "20250301", "in 2 to 2", True),
        ("^", "20250301", "at least 7", False),
    ],
)
def test_days_are_those_of_the_calendar(first: str, last: str, limits: str, breaks: bool) -> None:
    record = {"DATE_A": first, "DATE_B": last}
    assert _broken(f"days DATE_A to DATE_B {limits}", record) is breaks


@pytest.mark.parametrize(
    ("birth", "breaks"),
    [
        ("18860520", False),
        ("18860521", False),
        ("18850520", True),
        ("18850521", False),
        ("188505", True),
        ("188506", False),
        ("1885", False),
        ("1884", True),
        ("^", False),
    ],
)
def test_an_age_is_counted_to_the_day_of_submission(birth: str, breaks: bool) -> None:
    """On 2026-05-20; of a month the 15th is taken, of a year July 2."""
    assert _broken("age of DATE_A at today at most 140", {"DATE_A": birth}) is breaks
