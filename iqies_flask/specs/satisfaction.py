"""Changing a record until its edits hold, or until one of them does not: the work behind the samples.

Each clause that fails is mended where it says what must hold, or else where it says when that must. That is
repeated until nothing fails, which for the edits of a form takes a few rounds.
"""

import random
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, timedelta

from iqies_flask.specs.dates import parse_date
from iqies_flask.specs.edits import tree, values
from iqies_flask.specs.edits.evaluation import passes
from iqies_flask.specs.pack import BLANK, Item
from iqies_flask.specs.subset_checker import SubsetChecker
from iqies_flask.specs.subset_edits import SubsetEdits

ROUNDS = 40
"""After so many rounds the edits go in circles, and a fresh start is better."""

_SHARE_OF_CONDITIONS = 0.25
_SHARE_OF_FIRST_DATES = 0.5
_YOUNGEST, _OLDEST = 65, 95
TEXTS = ("SAMPLE", "S", "06101", "900000001", "1A27V71NW06", "1234567893")
"""A text for every kind of Text item: each passes what some of them ask for."""

DIAGNOSES = ("I10.^^^^", "E11.65^^", "J44.9^^^", "I50.22^^", "N18.30^^", "M17.11^^", "F03.90^^", "Z79.4^^^")


class Mender:
    """Changes the values of one record.

    Args:
        checker: The checks of its item subset.
        advice: The advice for it.
        items: The items that it holds.
        pinned: Ids of items that stay as they are.
        day: The date to give to dates.
        today: The day on which the record is to be received.
        chance: Where choices come from.
    """

    def __init__(
        self,
        checker: SubsetChecker,
        advice: SubsetEdits,
        items: Mapping[str, Item],
        pinned: Collection[str],
        day: date,
        *,
        today: date,
        chance: random.Random,
    ) -> None:
        self._checker = checker
        self._advice = advice
        self._items = items
        self._pinned = frozenset(pinned)
        self._day = day
        self._today = today
        self._chance = chance
        self._values: dict[str, list[str]] = {}
        self._record: dict[str, str] = {}
        self._held: frozenset[str] = frozenset()

    def mend(self, record: dict[str, str]) -> bool:
        """Change a record in place until no edit fails and there is no advice.

        Args:
            record: Item to value, each in order by itself.

        Returns:
            Whether that came about.
        """
        self._record = record
        for _ in range(ROUNDS):
            failed = self._failed(record)
            if not failed:
                return True
            for _, clause in failed:
                self._mend_clause(clause)
        return False

    def break_alone(
        self, record: dict[str, str], edit: tree.Edit, clause: tree.Clause, *, hold: bool
    ) -> bool:
        """Change a record in place until one clause of an edit fails, and no other edit or advice.

        Args:
            record: A clean record.
            edit: The edit to break.
            clause: Its clause that is to fail.
            hold: Whether the edit's items may not be changed again to mend the others.

        Returns:
            Whether that came about.
        """
        self._record = record
        for _ in range(ROUNDS):
            if clause.condition is not None:
                self._make(clause.condition, True)
            self._make(clause.requirement, False)
            failed = self._failed(record)
            others = [one for other, one in failed if other.id != edit.id]
            if not others and failed:
                return True
            self._held = frozenset(edit.items) if hold else frozenset()
            for other in others:
                self._mend_clause(other)
            self._held = frozenset()
        return False

    def _failed(self, record: dict[str, str]) -> list[tuple[tree.Edit, tree.Clause]]:
        return [
            *self._checker.failed_clauses(record, self._today),
            *self._advice.failed_clauses(record, self._today),
        ]

    def _mend_clause(self, clause: tree.Clause) -> None:
        if clause.condition is None or self._chance.random() > _SHARE_OF_CONDITIONS:
            self._make(clause.requirement, True)
        else:
            self._make(clause.condition, False)

    def _make(self, condition: tree.Condition, wanted: bool) -> None:
        match condition:
            case tree.Both(parts=parts) | tree.Either(parts=parts):
                everything = isinstance(condition, tree.Both) == wanted
                for part in parts if everything else [self._chance.choice(parts)]:
                    self._make(part, wanted)
            case tree.Not(part=part):
                self._make(part, not wanted)
            case tree.ItemTest(item=item, test=test):
                self._set(item, lambda value: passes(value, test) == wanted)
            case tree.ListTest():
                self._make_list(condition, wanted)
            case tree.Counted():
                self._make_counted(condition, wanted)
            case tree.Ordered():
                self._make_ordered(condition, wanted)
            case tree.Days():
                self._make_days(condition, wanted)
            case tree.Age(birth=birth, at=at, low=low, high=high):
                self._set(birth, lambda value: self._age_fits(value, at, low, high) == wanted)
            case tree.Equals(item=item, number=number):
                total = values.scaled_sum(
                    [self._record.get(one) for one in number.items], number.times, number.over
                )
                self._set(item, lambda value: (values.number(value) == total) == wanted)
            case tree.Compared(left=left, right=right):
                test = tree.Against(condition.comparator, self._number_of(right))
                self._set(left, lambda value: passes(value, test) == wanted)
            case tree.Distinct(items=items):
                self._make_distinct(items, wanted)

    def _make_list(self, condition: tree.ListTest, wanted: bool) -> None:
        items = self._free(condition.items)
        test, rest = condition.test, condition.rest
        every = condition.quantity is tree.Quantity.ALL
        none = condition.quantity is tree.Quantity.NONE
        if every or none:
            chosen = items if wanted else self._some(items)
            for item in chosen:
                self._set(item, lambda value: passes(value, test) == (wanted == every))
            return
        passing = set(self._some(items)) if wanted else set()
        for item in items:
            if item in passing:
                self._set(item, lambda value: passes(value, test))
            elif wanted and rest is not None:
                self._set(item, lambda value: passes(value, test) or passes(value, rest))
            elif not wanted or condition.quantity is tree.Quantity.ONE:
                self._set(item, lambda value: not passes(value, test))

    def _make_counted(self, condition: tree.Counted, wanted: bool) -> None:
        items = self._free(condition.items)
        right = [
            count for count in range(len(items) + 1) if (condition.low <= count <= condition.high) == wanted
        ]
        if not right:
            return
        passing = set(self._chance.sample(items, self._chance.choice(right)))
        for item in items:
            self._set(item, lambda value, item=item: passes(value, condition.test) == (item in passing))  # type: ignore[misc]

    def _make_ordered(self, condition: tree.Ordered, wanted: bool) -> None:
        items = [item for item in condition.items if item in self._record]
        filled = [item for item in items if not values.is_blank(self._record[item])]
        if wanted:
            early = {item for item, strict in zip(condition.items, condition.strict, strict=False) if strict}
            for place, item in enumerate(filled):
                if item not in early:
                    self._put(item, self._near([*filled[place + 1 :], *reversed(filled[:place])]))
        elif len(filled) > 1:
            last = parse_date(self._record[filled[-1]]) or self._day
            self._put(self._chance.choice(filled[:-1]), last + timedelta(days=1))

    def _near(self, items: list[str]) -> date:
        """The date of the first of some items that stays as it is; if none does, the record's day."""
        days = (parse_date(self._record[item]) for item in items if not self._is_free(item))
        return next((day for day in days if day is not None), self._day)

    def _make_days(self, condition: tree.Days, wanted: bool) -> None:
        low = condition.low or 0
        days = low if wanted else (condition.high + 1 if condition.high is not None else low - 1)
        first = parse_date(self._record.get(condition.first, ""))
        if condition.last == "today":
            self._put(condition.first, self._today - timedelta(days=days))
        elif first is not None and self._is_free(condition.last) and not self._moves_first(condition, wanted):
            self._put(condition.last, first + timedelta(days=days))
        else:
            last = parse_date(self._record.get(condition.last, "")) or self._day
            self._put(condition.first, last - timedelta(days=days))

    def _moves_first(self, condition: tree.Days, wanted: bool) -> bool:
        """Whether the earlier of two dates is moved: a later one often cannot be, without lying ahead."""
        return not wanted and self._is_free(condition.first) and self._chance.random() < _SHARE_OF_FIRST_DATES

    def _make_distinct(self, items: tuple[str, ...], wanted: bool) -> None:
        filled = [item for item in items if self._record.get(item, BLANK) != BLANK]
        if wanted:
            seen: set[str] = set()
            for item in filled:
                if self._record[item].upper() in seen:
                    self._set(item, lambda value: value.upper() not in seen)
                seen.add(self._record[item].upper())
        elif len(items) > 1 and self._is_free(items[1]):
            self._record[items[1]] = self._record[items[0]]

    def _age_fits(self, birth: str, at: str, low: int | None, high: int | None) -> bool:
        day = self._today.strftime("%Y%m%d") if at == "today" else self._record.get(at)
        age = values.age_at(birth, day)
        return age is not None and (low is None or low <= age) and (high is None or age <= high)

    def _number_of(self, item: str) -> int:
        number = self._record.get(item, "")
        return int(number) if number.isdigit() else 0

    def _put(self, item: str, day: date) -> None:
        if self._is_free(item):
            self._record[item] = day.strftime("%Y%m%d")

    def _set(self, item: str, is_right: Callable[[str], bool]) -> None:
        """Give an item a value that is right, if it has one and does not hold one already."""
        if not self._is_free(item) or is_right(self._record[item]):
            return
        right = [value for value in self._acceptable(item) if is_right(value)]
        if right:
            self._record[item] = self._chance.choice(right)

    def _acceptable(self, name: str) -> list[str]:
        """The values that an item may hold as far as its Format edits go."""
        if name not in self._values:
            item = self._items[name]
            possible = (*item.special_values, *self._ordinary(item))
            self._values[name] = [value for value in possible if self._checker.accepts(name, value)]
        return self._values[name]

    def _ordinary(self, item: Item) -> Iterable[str]:
        match item.type:
            case "Number":
                low, high = int(item.minimum or 0), int(item.maximum or 0)
                width = len(item.maximum or "")
                step = max(1, (high - low) // 40)
                return [str(number).zfill(width) for number in range(low, high + 1, step)]
            case "Date" if "YYYY" in item.values:
                ages = (_YOUNGEST, _OLDEST, 10, 150)
                return [f"{self._day.year - age}0131" for age in ages]
            case "Date":
                return [self._day.strftime("%Y%m%d")]
            case "ICD":
                return DIAGNOSES
            case _:
                return [
                    "SAMPLE",
                    "S",
                    "06101",
                    "900000001",
                    "1A27V71NW06",
                    "1234567893",
                    "SAMPLE@EXAMPLE.ORG",
                ]

    def _free(self, items: Iterable[str]) -> list[str]:
        return [item for item in items if self._is_free(item)]

    def _is_free(self, item: str) -> bool:
        return item in self._record and item not in self._pinned and item not in self._held

    def _some(self, items: list[str]) -> list[str]:
        return [self._chance.choice(items)] if items else []
