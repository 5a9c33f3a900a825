"""A rule in plain words, as an outline: what belongs together stands together, however deep it goes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from iqies_flask.specs.edits import tree
from iqies_flask.specs.edits.phrases import COMPARATORS, be, be_not, counted, limits, listing, when
from iqies_flask.specs.edits.predicates import PREDICATES
from iqies_flask.specs.edits.runs import item_runs


@dataclass(frozen=True, slots=True)
class Outline:
    """One line, and what stands below it.

    Attributes:
        text: A sentence without its full stop, or with a colon where parts follow.
        parts: The lines below.
    """

    text: str
    parts: tuple["Outline", ...] = ()


def outline_condition(condition: tree.Condition, places: Mapping[str, int]) -> Outline:
    """Say what a condition asks.

    Args:
        condition: When a rule applies.
        places: Item to its place in the order of the record.
    """
    return _Teller(places, "").tell(condition)


def outline_requirement(requirement: tree.Condition, places: Mapping[str, int], must: str) -> Outline:
    """Say what a rule requires.

    Args:
        requirement: What must hold.
        places: As for `outline_condition`.
        must: "must", or "should" for a warning.
    """
    return _Teller(places, must).tell(requirement)


class _Teller:
    """Puts conditions into words: with a verb such as "must" what shall be, without one what is."""

    def __init__(self, places: Mapping[str, int], must: str) -> None:
        self._places = places
        self._must = must

    def tell(self, condition: tree.Condition) -> Outline:  # noqa: PLR0911 - one for each kind
        match condition:
            case tree.Both(parts=parts):
                return Outline("all of this:", tuple(map(self.tell, parts)))
            case tree.Either(parts=parts):
                return Outline("at least one of these:", tuple(map(self.tell, parts)))
            case tree.Not(part=tree.Active(items=items)):
                all_of = "not all of " if len(items) > 1 else ""
                return Outline(f"{all_of}{self._names(items)} {_are(items)}{'' if all_of else ' not'} active")
            case tree.Not(part=tree.ItemTest(item=item, test=test)):
                return Outline(f"{item} {self._be(be_not(test))}")
            case tree.Not(part=part):
                return Outline(
                    f"this {self._must} not hold:" if self._must else "this does not hold:",
                    (_Teller(self._places, "").tell(part),),
                )
            case tree.Ordered(items=items, strict=strict):
                return self._order(items, strict)
            case _:
                return Outline(self._sentence(condition))

    def _sentence(  # noqa: PLR0911, PLR0912 - one for each kind
        self, condition: tree.Condition
    ) -> str:
        match condition:
            case tree.ItemTest(item=item, test=test):
                return f"{item} {self._be(be(test))}"
            case tree.ListTest():
                return self._list(condition)
            case tree.Counted():
                return self._counted(condition)
            case tree.Active(items=items):
                return f"{self._names(items)} {_are(items)} active"
            case tree.Known(items=items, predicate=predicate):
                words = self._be(PREDICATES[predicate].phrase)
                return f"{self._names(items)} {words if len(items) == 1 else words.replace('is ', 'are ', 1)}"
            case tree.Days(first=first, last=last, low=low, high=high):
                if low == high == 0:
                    return f"{_date(last)} {self._be('be')} the same day as {_date(first)}"
                return f"{_date(last)} {self._be('be')} {limits(low, high)} days after {_date(first)}"
            case tree.Age(birth=birth, at=at, low=low, high=high):
                years = f"{limits(low, high)} years"
                return f"the age on {_date(at)}, born on {birth}, {self._be('be')} {years}"
            case tree.Equals(item=item, number=number):
                scaled = (
                    f", times {number.times}/{number.over} and rounded" if number.times != number.over else ""
                )
                return f"{item} {self._be('be')} the sum of {self._names(number.items)}{scaled}"
            case tree.Compared(left=left, comparator=comparator, right=right):
                return f"{left} {self._be('be')} {COMPARATORS[comparator]} {right}"
            case tree.Received():
                return f"the record {f'{self._must} be' if self._must else 'is'} received {when(condition)}"
            case tree.Distinct(items=items):
                hold = "may hold" if self._must else "hold"
                return f"no two of {self._names(items)} {hold} the same value, blanks aside"
            case _:
                raise TypeError(condition)

    def _counted(self, condition: tree.Counted) -> str:
        low, high, names = condition.low, condition.high, self._names(condition.items)
        if self._must:
            return counted(low, high, names, self._must, condition.test)
        return f"{limits(low or None, high)} of {names} {self._be(be(condition.test))}"

    def _list(self, condition: tree.ListTest) -> str:
        names, test = self._names(condition.items), condition.test
        others = f", and each of the others {self._be(be(condition.rest))}" if condition.rest else ""
        match condition.quantity:
            case tree.Quantity.ALL:
                quantity = "each of " if len(condition.items) > 1 else ""
                return f"{quantity}{names} {self._be(be(test))}{others}"
            case tree.Quantity.NONE:
                quantity = "each of " if len(condition.items) > 1 else ""
                return f"{quantity}{names} {self._be(be_not(test))}{others}"
            case tree.Quantity.ANY:
                return f"at least one of {names} {self._be(be(test))}{others}"
            case tree.Quantity.ONE:
                return f"exactly one of {names} {self._be(be(test))}{others}"

    def _order(self, items: Sequence[str], strict: Sequence[bool]) -> Outline:
        later = (
            Outline(f"{'later than that' if apart else 'on that day or later'}: {_date(item)}")
            for item, apart in zip(items[1:], strict, strict=True)
        )
        stand = f"{self._must} stand" if self._must else "stand"
        return Outline(
            f"these dates {stand} in order, blank and inactive ones passed over:",
            (Outline(f"first: {_date(items[0])}"), *later),
        )

    def _be(self, words: str) -> str:
        """Turn "not be 1" into "must not be 1", or into "is not 1"."""
        if self._must:
            return f"{self._must} {words}"
        negated = words.startswith("not ")
        verb, _, rest = words.removeprefix("not ").partition(" ")
        if verb == "be":
            verb = "is not" if negated else "is"
        else:
            verb = f"does not {verb}" if negated else f"{verb}s"
        return f"{verb} {rest}".rstrip()

    def _names(self, items: Sequence[str]) -> str:
        return listing([" through ".join(run) for run in item_runs(items, self._places)])


def _are(items: Sequence[str]) -> str:
    return "is" if len(items) == 1 else "are"


def _date(item: str) -> str:
    return "the day of submission" if item == "today" else item
