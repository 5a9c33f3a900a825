"""From the text of edits to their syntax tree."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any, NoReturn

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from iqies_flask.model import EditType, Severity
from iqies_flask.specs.dates import parse_date
from iqies_flask.specs.edits import tree
from iqies_flask.specs.edits.characters import CLASSES
from iqies_flask.specs.edits.predicates import PREDICATES

_Limits = tuple[int | None, int | None]

TYPES = {
    "format": EditType.FORMAT,
    "consistency": EditType.CONSISTENCY,
    "skip": EditType.SKIP_PATTERN,
    "none-of-above": EditType.NONE_OF_ABOVE,
    "advice": EditType.ADVICE,
}
"""The words of the language for the types of edits."""

SEVERITIES = {"fatal": Severity.FATAL, "warning": Severity.WARNING, "advice-only": Severity.ADVICE}
"""Likewise for severities."""

_WORDS = {
    "ID": "the number of an edit, such as -3060",
    "TYPE": "format, consistency, skip, none-of-above or advice",
    "SEVERITY": "fatal, warning or advice-only",
    "VERSION": "a version, such as V3.02.0",
    "ITEM": "an item",
    "VALUE": "a value",
    "NUMBER": "a number",
    "LABEL": "a letter in parentheses",
    "LSQB": "[",
    "RSQB": "]",
    "LPAR": "(",
    "RPAR": ")",
    "COMMA": ",",
    "EQUAL": "=",
    "DIFFERENT": "<>",
    "COMPARATOR": "<, <=, >, >=, == or !=",
    "EARLIER": "< or <=",
    "PREDICATE": "the name of a predicate",
    "CLASS": f"{', '.join(CLASSES)}",
    "TEXT": "a form in quotation marks",
    "QUANTITY": "all, any, none or one",
    "TO": "to or through",
    "$END": "the end of the file",
}
"""The names of the grammar that are no words of the language."""

_GROUPS = (
    (
        frozenset({"AGE", "COUNT", "DAYS", "DISTINCT", "ITEM", "LPAR", "NOT", "ORDER", "QUANTITY", "TODAY"}),
        "a condition",
    ),
    (frozenset({"EQUAL", "DIFFERENT", "COMPARATOR"}), "a comparison (=, <>, <, <=, >, >=, == or !=)"),
    (frozenset({"ITEM", "LPAR"}), "an item, or several in parentheses,"),
)
"""What is expected together, and its name."""


class EditSyntaxError(ValueError):
    """The text of edits cannot be understood. The message names file, line and what was expected."""


def parse_edits(text: str, order: Sequence[str], source: str = "edits") -> tuple[tree.Edit, ...]:
    """Read edits.

    Args:
        text: In the edit language.
        order: The ids of all items in the order of the record, which ranges of items follow.
        source: Name of the file, for messages.

    Returns:
        The edits in the order of the text.

    Raises:
        EditSyntaxError: The text does not follow the grammar, names an unknown item or predicate, or an edit
            stands there twice.
    """
    try:
        edits: tuple[tree.Edit, ...] = _Builder(order).transform(_grammar().parse(text))
    except VisitError as error:
        raise EditSyntaxError(f"{source}, {error.orig_exc}") from None
    except UnexpectedInput as error:
        raise EditSyntaxError(f"{source}, line {error.line}: {_what_was_expected(error)}") from None
    seen: set[str] = set()
    for edit in edits:
        if edit.id in seen:
            raise EditSyntaxError(f"{source}, line {edit.clauses[0].line}: edit {edit.id} stands there twice")
        seen.add(edit.id)
    return edits


def expand_values(values: Iterable[str]) -> tuple[str, ...]:
    """Write out ranges of values: ``01-03`` is 01, 02 and 03.

    Args:
        values: As they stand between brackets.

    Raises:
        ValueError: A range runs backwards.
    """
    expanded: list[str] = []
    for value in values:
        low, dash, high = value.partition("-")
        if not (dash and low and high):
            expanded.append(str(value))
        elif int(low) > int(high):
            raise ValueError(f"the range {value} runs backwards")
        else:
            expanded.extend(str(number).zfill(len(low)) for number in range(int(low), int(high) + 1))
    return tuple(expanded)


@lru_cache(maxsize=1)
def _grammar() -> Lark:
    text = resources.files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", propagate_positions=True)


def _what_was_expected(error: UnexpectedInput) -> str:
    if isinstance(error, UnexpectedToken):
        found = "the text ends" if error.token.type == "$END" else f"“{error.token}” stands"
        expected = error.accepts or error.expected
    elif isinstance(error, UnexpectedCharacters):
        found, expected = f"“{error.char}” stands", error.allowed or set()
    else:
        found, expected = "the text ends", set()
    words = _in_words(set(expected))
    return f"{found} where {' or '.join(words) or 'nothing'} is expected"


def _in_words(expected: set[str]) -> list[str]:
    words = []
    for names, word in _GROUPS:
        if names <= expected:
            words.append(word)
            expected = expected - names
    return [*words, *sorted(_WORDS.get(name, f"“{name.lower()}”") for name in expected)]


def _fail(token: Token, problem: str) -> NoReturn:
    raise ValueError(f"line {token.line}: {problem}")


@v_args(inline=True)
class _Builder(Transformer[Token, Any]):
    """Builds the tree from the parse."""

    def __init__(self, order: Sequence[str]) -> None:
        super().__init__()
        self._order = order
        self._places = {item: place for place, item in enumerate(order)}

    def start(self, *edits: tree.Edit) -> tuple[tree.Edit, ...]:
        return edits

    def edit(
        self, number: Token, kind: Token, severity: Token, version: Token, *clauses: tree.Clause
    ) -> tree.Edit:
        return tree.Edit(str(number), TYPES[kind], SEVERITIES[severity], str(version), clauses)

    @v_args(meta=True, inline=False)
    def clause(self, meta: Any, parts: list[Any]) -> tree.Clause:
        label = str(parts.pop(0)).strip("()") if isinstance(parts[0], Token) else ""
        condition = parts.pop(0) if len(parts) == 2 else None
        return tree.Clause(label, condition, parts[0], meta.line)

    def disjunction(self, *parts: tree.Condition) -> tree.Either:
        return tree.Either(parts)

    def conjunction(self, *parts: tree.Condition) -> tree.Both:
        return tree.Both(parts)

    def inverted(self, part: tree.Condition) -> tree.Not:
        return tree.Not(part)

    def item_test(self, item: Token, test: tree.Test) -> tree.ItemTest:
        return tree.ItemTest(self._known(item), test)

    def list_test(
        self, quantity: Token, items: tuple[str, ...], test: tree.Test, rest: tree.Test | None = None
    ) -> tree.ListTest:
        return tree.ListTest(tree.Quantity(str(quantity)), items, test, rest)

    def counted(
        self, items: tuple[str, ...], test: tree.Test, low: Token, _: Token, high: Token
    ) -> tree.Counted:
        return tree.Counted(items, test, int(low), int(high))

    def active(self, items: tuple[str, ...]) -> tree.Active:
        return tree.Active(items)

    def known(self, items: tuple[str, ...], predicate: Token) -> tree.Known:
        if predicate not in PREDICATES:
            _fail(predicate, f"there is no predicate {predicate}; there are {', '.join(PREDICATES)}")
        return tree.Known(items, str(predicate))

    def ordered(self, first: Token, *others: Token) -> tree.Ordered:
        items = (first, *others[1::2])
        return tree.Ordered(
            tuple(self._date(item) for item in items), tuple(str(sign) == "<" for sign in others[::2])
        )

    def days(self, first: Token, _: Token, last: Token, limits: _Limits) -> tree.Days:
        return tree.Days(self._date(first), self._date(last), *limits)

    def between(self, low: Token, _: Token, high: Token) -> _Limits:
        return int(low), int(high)

    def at_most(self, high: Token) -> _Limits:
        return None, int(high)

    def at_least(self, low: Token) -> _Limits:
        return int(low), None

    def age(self, birth: Token, at: Token, limits: _Limits) -> tree.Age:
        return tree.Age(self._known(birth), self._date(at), *limits)

    def equals(self, item: Token, items: tuple[str, ...], factor: tuple[int, int] = (1, 1)) -> tree.Equals:
        return tree.Equals(self._known(item), tree.Sum(items, *factor))

    def factor(self, times: Token, over: Token) -> tuple[int, int]:
        for number in (times, over):
            if int(number) <= 0:
                _fail(number, f"a sum cannot be scaled by {times}/{over}: both numbers must be 1 or more")
        return int(times), int(over)

    def compared(self, left: Token, sign: Token, right: Token) -> tree.Compared:
        return tree.Compared(self._known(left), tree.Comparator(str(sign)), self._known(right))

    def received(self, _: Token, sign: Token, day: Token) -> tree.Received:
        if parse_date(day) is None:
            _fail(day, f"{day} is not a date of the calendar in the form YYYYMMDD")
        return tree.Received(tree.Comparator(str(sign)), str(day))

    def distinct(self, items: tuple[str, ...]) -> tree.Distinct:
        return tree.Distinct(items)

    def rest(self, test: tree.Test) -> tree.Test:
        return test

    def among(self, values: tuple[str, ...]) -> tree.Among:
        return tree.Among(values)

    def not_among(self, _: Token, values: tuple[str, ...]) -> tree.Among:
        return tree.Among(values, negated=True)

    def against(self, sign: Token, number: Token) -> tree.Against:
        return tree.Against(tree.Comparator(str(sign)), int(number))

    def length(self, limits: _Limits) -> tree.Length:
        return tree.Length(*limits)

    def consists(self, classes: tuple[str, ...]) -> tree.ConsistsOf:
        return tree.ConsistsOf(classes)

    def classes(self, *names: Token) -> tuple[str, ...]:
        return tuple(dict.fromkeys(map(str, names)))

    def picture(self, form: Token) -> tree.Picture:
        return tree.Picture(form[1:-1])

    def starts(self, values: tuple[str, ...]) -> tree.StartsWith:
        return tree.StartsWith(values)

    def starts_not(self, values: tuple[str, ...]) -> tree.StartsWith:
        return tree.StartsWith(values, negated=True)

    def characters(self, *values: Token) -> tuple[str, ...]:
        for value in values:
            if len(value) > 1:
                _fail(value, f"“starts with” looks at one character, and {value} has {len(value)}")
        return tuple(map(str, values))

    def set(self, *values: Token) -> tuple[str, ...]:
        try:
            return expand_values(values)
        except ValueError as error:
            _fail(values[0], str(error))

    def items(self, *ranges: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(item for one in ranges for item in one))

    def item_range(self, first: Token, _: Token | None = None, last: Token | None = None) -> tuple[str, ...]:
        start = self._places[self._known(first)]
        if last is None:
            return (self._order[start],)
        end = self._places[self._known(last)]
        if end < start:
            _fail(last, f"{last} stands before {first} in the record")
        return tuple(self._order[start : end + 1])

    def _date(self, token: Token) -> str:
        return str(token) if token.type == "TODAY" else self._known(token)

    def _known(self, token: Token) -> str:
        if token not in self._places:
            _fail(token, f"there is no item {token}")
        return str(token)
