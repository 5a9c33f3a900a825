"""The syntax tree of the edit language: what an edit says, apart from how it is written.

Whatever uses edits works on this tree: the compiler, the explanations of findings, the makers of samples.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from iqies_flask.model import EditType, Severity


class Comparator(StrEnum):
    """How two numbers or dates are compared."""

    LESS = "<"
    AT_MOST = "<="
    GREATER = ">"
    AT_LEAST = ">="
    EQUAL = "=="
    DIFFERENT = "!="


class Quantity(StrEnum):
    """Of how many items of a list a test must hold."""

    ALL = "all"
    ANY = "any"
    NONE = "none"
    ONE = "one"


@dataclass(frozen=True, slots=True)
class Among:
    """A test of one value: it is, or is not, one of some values.

    Attributes:
        values: As a record submits them; ``01-09`` in the text is nine values here.
        negated: True for "is none of them".
    """

    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Against:
    """A test of one number against a constant. A value that is no number does not pass.

    Attributes:
        comparator: How.
        number: The constant.
    """

    comparator: Comparator
    number: int


@dataclass(frozen=True, slots=True)
class StartsWith:
    """A test of the first character of a value.

    Attributes:
        characters: Those it may be, either case.
        negated: True for "it is none of them".
    """

    characters: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Length:
    """A test of the number of characters of a value.

    Attributes:
        low: Least number; None where there is none.
        high: Greatest number; likewise.
    """

    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class ConsistsOf:
    """A test of the characters of a value: each belongs to one of some classes.

    Attributes:
        classes: Names from `iqies_flask.specs.edits.characters`.
    """

    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A test of the form of a value, character by character.

    Attributes:
        form: ``9`` stands for a digit, ``A`` for a letter, ``X`` for either, others for themselves.
    """

    form: str


Test = Among | Against | StartsWith | Length | ConsistsOf | Picture


@dataclass(frozen=True, slots=True)
class ItemTest:
    """One item passes a test."""

    item: str
    test: Test


@dataclass(frozen=True, slots=True)
class ListTest:
    """Some or all of a list of items pass a test.

    Attributes:
        quantity: How many must pass.
        items: In the order of the record. Only those active in the record's subset count.
        test: The test.
        rest: A test for those that do not pass `test`; None where nothing is asked of them.
    """

    quantity: Quantity
    items: tuple[str, ...]
    test: Test
    rest: Test | None = None


@dataclass(frozen=True, slots=True)
class Active:
    """All of these items are active in the record's subset."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Both:
    """Every part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part holds."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class Ordered:
    """Dates stand in order; blank and inactive ones are passed over, and what is no date breaks the order.

    Attributes:
        items: The items; ``today`` for the day on which the record was received.
        strict: For each item but the first, whether it must be later and not just no earlier.
    """

    items: tuple[str, ...]
    strict: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class Days:
    """The days from one date to another lie within limits. Says nothing where either is no date.

    Attributes:
        first: Item, or ``today``.
        last: Likewise.
        low: Least number of days; None where there is none.
        high: Greatest number; likewise.
    """

    first: str
    last: str
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Age:
    """The age in whole years at a date lies within limits (OASIS -3390 tells how it is computed).

    Attributes:
        birth: Item of the birth date, perhaps partial.
        at: Item of the date, or ``today``.
        low: Least age; None where there is none.
        high: Greatest age; likewise.
    """

    birth: str
    at: str
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum of items, perhaps scaled for those that are missing.

    Attributes:
        items: Those added; what is no number counts as 0.
        times: Numerator of a factor.
        over: Denominator; the result is rounded to the nearest whole number, halves up.
    """

    items: tuple[str, ...]
    times: int = 1
    over: int = 1


@dataclass(frozen=True, slots=True)
class Equals:
    """A number item equals a computed number."""

    item: str
    number: Sum


@dataclass(frozen=True, slots=True)
class Compared:
    """Two number items compared. Where either is no number it does not hold."""

    left: str
    comparator: Comparator
    right: str


@dataclass(frozen=True, slots=True)
class Counted:
    """The number of items that pass a test lies within limits.

    Attributes:
        items: The items.
        test: The test.
        low: Least number.
        high: Greatest number.
    """

    items: tuple[str, ...]
    test: Test
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Distinct:
    """No two of these items hold the same value, blanks aside."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """Items are what only the application can tell. Says nothing where nobody answers.

    Attributes:
        items: What the question is about. Only those active in the record's subset count.
        predicate: Name of the question, one of `iqies_flask.specs.edits.predicates`.
    """

    items: tuple[str, ...]
    predicate: str


@dataclass(frozen=True, slots=True)
class Received:
    """The day on which the record was received, compared with a fixed one.

    Attributes:
        comparator: How.
        day: The fixed day, YYYYMMDD.
    """

    comparator: Comparator
    day: str


Condition = (
    ItemTest
    | ListTest
    | Active
    | Both
    | Either
    | Not
    | Ordered
    | Days
    | Age
    | Equals
    | Compared
    | Counted
    | Distinct
    | Known
    | Received
)


@dataclass(frozen=True, slots=True)
class Clause:
    """One sentence of an edit.

    Attributes:
        label: Its letter; empty where the edit has only one.
        condition: When it applies; None for always.
        requirement: What must then hold.
        line: Where it stands in its file.
    """

    label: str
    condition: Condition | None
    requirement: Condition
    line: int = 0


@dataclass(frozen=True)
class Edit:
    """One edit of a data specification.

    Attributes:
        id: CMS's number, or an id of another system.
        type: The kind of rule.
        severity: Fatal rejects the record.
        since: Version of the data specification that it was taken from.
        clauses: Each applies by itself.
    """

    id: str
    type: EditType
    severity: Severity
    since: str
    clauses: tuple[Clause, ...]

    @cached_property
    def items(self) -> tuple[str, ...]:
        """Every item that the edit names, each once, in the order in which it names them."""
        named: dict[str, None] = {}
        for clause in self.clauses:
            for condition in (clause.condition, clause.requirement):
                if condition is not None:
                    named.update(dict.fromkeys(items_of(condition)))
        return tuple(named)

    @cached_property
    def predicates(self) -> tuple[str, ...]:
        """The names of the predicates that the edit asks, each once; none for one that a record decides."""
        named: dict[str, None] = {}
        for clause in self.clauses:
            for condition in (clause.condition, clause.requirement):
                if condition is not None:
                    named.update(dict.fromkeys(predicates_of(condition)))
        return tuple(named)


def items_of(condition: Condition) -> Iterator[str]:
    """Name the items of a condition, perhaps more than once."""
    match condition:
        case ItemTest(item=item):
            yield item
        case ListTest(items=items) | Active(items=items) | Counted(items=items) | Distinct(items=items):
            yield from items
        case Known(items=items):
            yield from items
        case Both(parts=parts) | Either(parts=parts):
            for part in parts:
                yield from items_of(part)
        case Not(part=part):
            yield from items_of(part)
        case Ordered(items=items):
            yield from (item for item in items if item != "today")
        case Days(first=first, last=last):
            yield from (item for item in (first, last) if item != "today")
        case Age(birth=birth, at=at):
            yield from (item for item in (birth, at) if item != "today")
        case Equals(item=item, number=number):
            yield item
            yield from number.items
        case Compared(left=left, right=right):
            yield from (left, right)


def predicates_of(condition: Condition) -> Iterator[str]:
    """Name the predicates that a condition asks, perhaps more than once."""
    match condition:
        case Known(predicate=predicate):
            yield predicate
        case Both(parts=parts) | Either(parts=parts):
            for part in parts:
                yield from predicates_of(part)
        case Not(part=part):
            yield from predicates_of(part)


def parts_of(condition: Condition) -> Iterator[Condition]:
    """Take a condition apart, down to what has no parts."""
    match condition:
        case Both(parts=parts) | Either(parts=parts):
            for part in parts:
                yield from parts_of(part)
        case Not(part=part):
            yield from parts_of(part)
        case _:
            yield condition
