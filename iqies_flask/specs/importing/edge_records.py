"""Records at the edge of a clause: there it holds or fails by one item, one day or one number."""

import random
from collections.abc import Callable, Iterable
from datetime import date, timedelta

from iqies_flask.specs.edits import tree, values
from iqies_flask.specs.edits.evaluation import passes
from iqies_flask.specs.pack import BLANK, Item

Choices = Callable[[Item], list[str]]
"""The values that an item may be given."""

_FORMAT = "%Y%m%d"
_ALONE = 0.8
"""How often, of several alternatives, just one is made to differ from the rest."""

_ROUNDS = (1, 2, 3)
_FAR = (-400, -45, 3, 12, 32, 44, 400)
_SOON = 3
_UNKNOWN_BIRTH_DAY = "15"


class EdgeMaker:
    """Changes records until a condition holds by little, or fails by little.

    Args:
        items: All items that the records may hold.
        choices: Says which values an item may be given.
        today: The day on which the records are received.
        chance: Where choices come from.
    """

    def __init__(self, items: Iterable[Item], choices: Choices, today: date, chance: random.Random) -> None:
        self._items = {item.id: item for item in items}
        self._choices = {item.id: choices(item) for item in self._items.values()}
        self._today = today
        self._chance = chance
        self._record: dict[str, str] = {}

    def aim(self, record: dict[str, str], clause: tree.Clause) -> None:
        """Change a record in place: mostly the clause's condition holds, and its requirement as often as not.

        Args:
            record: Item to value; items that it does not hold are inactive.
            clause: The clause.
        """
        self._record = record
        steps = [(clause.requirement, self._chance.random() < 0.5)]
        if clause.condition is not None:
            steps.append((clause.condition, self._chance.random() < _ALONE))
        # What comes last has the last word on the items of both; what it spoils is mended in the next round.
        self._chance.shuffle(steps)
        for condition, wanted in steps * self._chance.choice(_ROUNDS):
            self._make(condition, wanted)

    def _make(self, condition: tree.Condition, wanted: bool) -> None:  # noqa: PLR0912 - one for each kind
        match condition:
            case tree.Both(parts=parts) | tree.Either(parts=parts):
                self._make_parts(parts, isinstance(condition, tree.Both), wanted)
            case tree.Not(part=part):
                self._make(part, not wanted)
            case tree.ItemTest(item=item, test=test):
                self._set(item, test, wanted)
            case tree.ListTest():
                self._make_list(condition, wanted)
            case tree.Counted(items=items, test=test, low=low, high=high):
                held = self._held(items)
                right = [count for count in range(len(held) + 1) if (low <= count <= high) == wanted]
                if right:
                    # Next to the limits, where there is a choice.
                    near = [count for count in right if {count - 1, count, count + 1} & {low, high}] or right
                    self._mark(held, test, self._chance.sample(held, self._chance.choice(near)))
            case tree.Ordered():
                self._make_ordered(condition, wanted)
            case tree.Days():
                self._make_days(condition, wanted)
            case tree.Age():
                self._make_age(condition, wanted)
            case tree.Equals(item=item, number=number) if item in self._record:
                total = values.scaled_sum(
                    [self._record.get(one) for one in number.items], number.times, number.over
                )
                self._number(item, total if wanted else max(0, total + self._chance.choice((-1, 1))))
            case tree.Compared(left=left, right=right) if {left, right} <= self._record.keys():
                other = self._record[right]
                if other.isdigit():
                    self._number(left, max(0, int(other) + self._chance.choice((-1, 0, 1))))
            case tree.Distinct(items=items):
                held = self._held(items)
                if not wanted and len(held) > 1:
                    first, second = self._chance.sample(held, 2)
                    self._record[first] = self._record[second]

    def _make_parts(self, parts: tuple[tree.Condition, ...], both: bool, wanted: bool) -> None:
        if both == wanted:
            for part in parts:
                self._make(part, wanted)
            return
        one = self._chance.choice(parts)
        if self._chance.random() < _ALONE:
            for part in parts:
                if part is not one:
                    self._make(part, not wanted)
        self._make(one, wanted)

    def _make_list(self, condition: tree.ListTest, wanted: bool) -> None:
        items = self._held(condition.items)
        if not items:
            return
        one = [self._chance.choice(items)]
        match condition.quantity:
            case tree.Quantity.ALL:
                self._mark(
                    items, condition.test, items if wanted else [item for item in items if item not in one]
                )
            case tree.Quantity.NONE:
                self._mark(items, condition.test, [] if wanted else one)
            case tree.Quantity.ANY:
                self._mark(items, condition.test, one if wanted else [])
            case tree.Quantity.ONE:
                two = self._chance.sample(items, min(2, len(items)))
                self._mark(items, condition.test, one if wanted else self._chance.choice(([], two)))
        rest = condition.rest
        if rest is None:
            return
        others = [item for item in items if not passes(self._record[item], condition.test)]
        for item in others:
            self._set(item, rest, True)
        if not wanted and others:
            # Either no item passes the test, or one of the rest passes neither.
            wrong = self._chance.choice(others)
            self._set(self._chance.choice(items), condition.test, True)
            self._choose(wrong, lambda value: not passes(value, condition.test) and not passes(value, rest))

    def _make_ordered(self, condition: tree.Ordered, wanted: bool) -> None:
        items = [
            (item, strict)
            for item, strict in zip(condition.items, (True, *condition.strict), strict=False)
            if item in self._record or item == "today"
        ]
        day = self._today
        wrong = None if wanted else self._chance.randrange(max(1, len(items) - 1))
        blanks = self._chance.choice((0.0, 0.0, 0.5, 0.8))
        # From the last to the first: today stays what it is.
        following_strict = False
        for place, (item, strict) in reversed(list(enumerate(items))):
            if item != "today":
                if self._chance.random() < blanks and place != wrong and self._may_be(item, BLANK):
                    self._record[item] = BLANK
                    following_strict = following_strict or strict
                    continue
                least = 1 if following_strict else 0
                step = least - 1 if place == wrong else least + self._chance.choice((0, 0, 1))
                day = day - timedelta(days=step)
                self._record[item] = day.strftime(_FORMAT)
            following_strict = strict

    def _make_days(self, condition: tree.Days, wanted: bool) -> None:
        days = self._next_to(condition.low, condition.high, wanted, _FAR)
        gap = timedelta(days=days)
        if condition.last == "today":
            self._put(condition.first, self._today - gap)
        elif condition.first == "today":
            self._put(condition.last, self._today + gap)
        else:
            last = self._today - timedelta(days=self._chance.randrange(_SOON))
            self._put(condition.last, last)
            self._put(condition.first, last - gap)

    def _make_age(self, condition: tree.Age, wanted: bool) -> None:
        at = self._today
        if condition.at in self._record:
            at = self._today - timedelta(days=self._chance.randrange(_SOON))
            self._put(condition.at, at)
        limits = [limit for limit in (condition.low, condition.high) if limit is not None]
        if condition.birth not in self._record or not limits:
            return
        year = at.year - self._chance.choice(limits) - self._chance.choice((-1, 0, 0, 1))
        day = at + timedelta(days=self._chance.choice((-1, 0, 1)))
        forms = (
            "",
            "01",
            at.strftime("%m"),
            f"{at.month % 12 + 1:02}",
            day.strftime("%m%d"),
            f"{at.month:02}{_UNKNOWN_BIRTH_DAY}",
            "1230",
        )
        self._record[condition.birth] = f"{year:04}" + self._chance.choice(forms)

    def _next_to(self, low: int | None, high: int | None, wanted: bool, far: tuple[int, ...]) -> int:
        limits = [limit for limit in (low, high) if limit is not None]
        near = [limit + step for limit in limits for step in (-1, 0, 1)]
        near += [limit + self._chance.choice(far) for limit in limits]
        right = [
            number
            for number in near
            if ((low is None or low <= number) and (high is None or number <= high)) == wanted
        ]
        return self._chance.choice(right or near)

    def _mark(self, items: list[str], test: tree.Test, passing: list[str]) -> None:
        chosen = set(passing)
        for item in items:
            self._set(item, test, item in chosen)

    def _set(self, item: str, test: tree.Test, wanted: bool) -> None:
        self._choose(item, lambda value: passes(value, test) == wanted)

    def _choose(self, item: str, is_right: Callable[[str], bool]) -> None:
        if item in self._record:
            if is_right(self._record[item]) and self._chance.random() < _ALONE:
                return
            right = [value for value in self._choices[item] if is_right(value)]
            if right:
                self._record[item] = self._chance.choice(right)

    def _put(self, item: str, day: date) -> None:
        if item in self._record:
            self._record[item] = day.strftime(_FORMAT)

    def _number(self, item: str, number: int) -> None:
        text = str(number)
        if len(text) <= self._items[item].length:
            # As wide as the item's other values, where they are codes of two digits.
            codes = {value for value in self._choices[item] if value.isdigit() and int(value) == number}
            self._record[item] = self._chance.choice(sorted(codes)) if codes else text

    def _held(self, items: Iterable[str]) -> list[str]:
        return [item for item in items if item in self._record]

    def _may_be(self, item: str, value: str) -> bool:
        return value in self._choices[item]
