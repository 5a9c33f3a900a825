"""From the English of CMS's edits to the edit language, wherever the English follows a pattern.

Nothing is guessed: one word out of pattern, and the edit is left to a person.
"""

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken, VisitError

from iqies_flask.model import EditType, Severity
from iqies_flask.specs.edits import tree
from iqies_flask.specs.edits.parser import EditSyntaxError, parse_edits
from iqies_flask.specs.importing.references import spelled_out
from iqies_flask.specs.importing.release import OfficialEdit
from iqies_flask.specs.pack import Item

_TYPES = {
    EditType.CONSISTENCY: "consistency",
    EditType.SKIP_PATTERN: "skip",
    EditType.NONE_OF_ABOVE: "none-of-above",
}
_SEVERITIES = {Severity.FATAL: "fatal", Severity.WARNING: "warning"}
# What CMS puts before some edits to tell what they are about.
_HEADING = re.compile(
    r"DATE ITEM CONSISTENCY: PATTERN \d |[A-Z]{1,2}\d{4} (Consistency|Column \d skip patterns): ?"
    r"|PATIENT AGE |Total Severity Score Calculation: "
)
_CELL = re.compile(r"([A-Z]{1,2}\d{4})[A-Z]+\d*([A-Z0-9])")
_RANGE_END = re.compile(r"-([0-9]+)")
_MOST_VALUES = 1_000
"""In all ranges of one edit together: CMS's have fifty or so."""

_LINE = 110
_MOST_DIGITS = 6
_MOST_CHARACTERS = 20_000
_MOST_PARENTHESES = 50
_INDENT = "  "
_COUNTS = ("one", "two", "three", "four", "five")


class UntranslatableError(ValueError):
    """The English follows no pattern that is known. The text says from where on."""


@dataclass(frozen=True, slots=True)
class Translation:
    """An edit in the edit language.

    Attributes:
        text: As it stands in a pack's ``consistency.edits``.
        edit: The same as syntax tree.
    """

    text: str
    edit: tree.Edit


def translate(official: OfficialEdit, items: Mapping[str, Item]) -> Translation:
    """Translate one of CMS's edits.

    Args:
        official: With its text.
        items: All items of the data specification, in the order of the record.

    Raises:
        UntranslatableError: It cannot be done; the reason is for the person who then writes the edit.
    """
    translator = _Translator(items)
    words = spelled_out(_HEADING.sub("", " ".join(official.text.split()), count=1), official.items)
    if len(words) > _MOST_CHARACTERS or words.count("(") > _MOST_PARENTHESES:
        raise UntranslatableError("it is longer, or has more parentheses, than any edit that is known")
    try:
        clauses: list[_Clause] = translator.transform(_english().parse(words))
    except UnexpectedInput as error:
        raise UntranslatableError(_where(error, words)) from None
    except VisitError as error:
        raise UntranslatableError(str(error.orig_exc)) from None
    if official.type not in _TYPES or official.severity not in _SEVERITIES:
        raise UntranslatableError("it is no consistency edit, skip pattern or none-of-above edit")
    head = f"{official.id} {_TYPES[official.type]} {_SEVERITIES[official.severity]} {official.version}"
    text = "\n".join([head, *(clause.text() for clause in clauses)]) + "\n"
    try:
        (edit,) = parse_edits(text, list(items), official.id)
    except EditSyntaxError as error:
        raise UntranslatableError(str(error).partition(": ")[2] or str(error)) from None
    unlisted = translator.within_ranges - set(official.items)
    together = {subset for item in _deciding(edit) for subset in _subsets(items[item])}
    wrong = [item for item in items if item in unlisted and not _subsets(items[item]).isdisjoint(together)]
    if wrong:
        few = ", ".join(wrong[:6])
        raise UntranslatableError(f"its ranges hold {few} in the record, which its page does not list")
    return Translation(text, edit)


@dataclass(frozen=True, slots=True)
class _Clause:
    label: str
    conditions: tuple[str, ...]
    requirement: str

    def text(self) -> str:
        label = f"({self.label}) " if self.label else ""
        condition = " and ".join(self.conditions)
        sentence = f"if {condition} then {self.requirement}" if condition else self.requirement
        return textwrap.fill(
            label + sentence,
            _LINE,
            initial_indent=_INDENT,
            subsequent_indent=_INDENT * 3,
            break_long_words=False,
            break_on_hyphens=False,
        )


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What must hold of an item.

    Attributes:
        sign: ``=``, ``<>``, or how it is compared.
        operand: Values in brackets, a number, or an item.
        quantity: Of how many, where there are several.
        options: Where any of several verdicts will do; then nothing else is set.
    """

    sign: str = ""
    operand: str = ""
    quantity: str = "all"
    options: tuple["_Verdict", ...] = ()


@dataclass(frozen=True, slots=True)
class _Exemption:
    """When the other clauses do not apply."""

    condition: str


@dataclass(frozen=True, slots=True)
class _Count:
    """A condition on how many items of a list pass a test."""

    names: tuple[str, ...]
    values: str
    low: int
    high: int
    is_exact: bool


@lru_cache(maxsize=1)
def _english() -> Lark:
    text = resources.files(__package__).joinpath("english.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr")


def _where(error: UnexpectedInput, words: str) -> str:
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return "its sentence ends before it says what must hold"
    if isinstance(error, UnexpectedToken | UnexpectedCharacters) and error.pos_in_stream is not None:
        rest = words[error.pos_in_stream :]
        return f"not understood from “{textwrap.shorten(rest, 60, placeholder=' …')}” on"
    return "not understood"


def _column(item: str) -> tuple[str, str] | None:
    """The table and the column of an item such as K0520B1 or O0110C4A; None for others."""
    found = _CELL.fullmatch(item)
    return (found[1], found[2]) if found else None


def _subsets(item: Item) -> frozenset[str]:
    return item.subsets | item.state_optional


def _deciding(edit: tree.Edit) -> tuple[str, ...]:
    """The items of an edit's conditions, or all its items where it has none."""
    conditions = [clause.condition for clause in edit.clauses if clause.condition is not None]
    return tuple(item for one in conditions for item in tree.items_of(one)) or edit.items


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 and "," not in names[0] else f"({', '.join(names)})"


def _is_single(names: tuple[str, ...]) -> bool:
    return len(names) == 1 and " " not in names[0]


@v_args(inline=True)
class _Translator(Transformer[Token, Any]):
    """Writes the edit language while it walks the English."""

    def __init__(self, items: Mapping[str, Item]) -> None:
        super().__init__()
        self._items = items
        self._order = list(items)
        self.within_ranges: set[str] = set()
        """Items that stand between the ends of ranges, and that the English itself does not name."""
        self._listed_before: tuple[str, ...] = ()
        """The list that the sentence named last: what "these items" are."""
        self._values = 0
        self._counts: list[_Count] = []

    # Words

    def SET(self, token: Token) -> str:  # noqa: N802 - lark calls it by the name of the terminal
        # From 0 on, the end of a range is the number of its values.
        self._values += sum(int(end[:_MOST_DIGITS]) for end in _RANGE_END.findall(token))
        if self._values > _MOST_VALUES:
            raise UntranslatableError(f"{token} is a range of too many values")
        return token.removeprefix("dash ").replace(" ", "")

    def COMPARATOR(self, token: Token) -> str:  # noqa: N802
        words = token.lower()
        if "than" not in words:
            return str(token)
        return ("<" if "less" in words else ">") + ("=" if "equal" in words else "")

    def AND_COMPARATOR(self, token: Token) -> str:  # noqa: N802
        return self.COMPARATOR(token)

    def LABEL(self, token: Token) -> str:  # noqa: N802
        return token.strip("()")

    def number(self, token: str) -> str:
        digits = token.strip("[]").lower().replace("zero", "0")
        if not digits.isdigit():
            raise UntranslatableError(f"a number is compared with {token}")
        return str(int(digits))

    def one_item(self, item: Token) -> str:
        return str(item)

    def item_range(self, first: Token, _: Token, last: Token) -> str:
        if first not in self._items or last not in self._items:
            return f"{first} through {last}"
        inside = self._order[self._order.index(first) : self._order.index(last) + 1]
        column = _column(first)
        if column is None or column != _column(last) or first == last:
            self.within_ranges.update(inside[1:-1])
            return f"{first} through {last}"
        # Down one column of a table, whose columns alternate in the record.
        rows = [item for item in inside if _column(item) == column]
        self.within_ranges.update(rows[1:-1])
        return ", ".join(rows)

    def names(self, *parts: str) -> tuple[str, ...]:
        return tuple(part for part in parts if getattr(part, "type", "") not in {"AND", "OR"})

    def date(self, item: Token) -> str:
        return str(item)

    def today(self, *_: Token) -> str:
        return "today"

    # Clauses

    def start(self, *parts: Any) -> list[_Clause]:
        self._check_counts()
        exemptions = tuple(f"not ({part.condition})" for part in parts if isinstance(part, _Exemption))
        common: tuple[str, ...] = exemptions
        clauses: list[_Clause] = []
        for part in parts:
            if isinstance(part, _Clause):
                clauses.append(_Clause(part.label, common + part.conditions, part.requirement))
            elif isinstance(part, list):
                neither = tuple(self._contrary(clause) for clause in clauses)
                clauses += [
                    _Clause(one.label, common + neither + one.conditions, one.requirement) for one in part
                ]
            elif isinstance(part, str) and not isinstance(part, Token):
                common = (*exemptions, self._bracketed(part))
        return clauses

    def otherwise(self, *clauses: Any) -> list[_Clause]:
        if not all(isinstance(clause, _Clause) for clause in clauses):
            raise UntranslatableError("an exemption stands after “otherwise”")
        return list(clauses)

    @staticmethod
    def _contrary(clause: _Clause) -> str:
        if not clause.conditions:
            raise UntranslatableError("“otherwise” follows a sentence without a condition")
        return f"not ({' and '.join(clause.conditions)})"

    def _check_counts(self) -> None:
        """Take "one of" for exactly one only where the next sentences go on counting, up to "or more"."""
        for count in self._counts:
            goes_on = any(
                (other.names, other.values, other.low) == (count.names, count.values, count.high + 1)
                for other in self._counts
            )
            if count.is_exact and not goes_on:
                raise UntranslatableError(
                    f"“{_COUNTS[count.low - 1]} of” may mean exactly or at least so many"
                )

    def prefix(self, _: Token, condition: str, *__: Token) -> str:
        return condition

    def lettered(self, label: str, clause: _Clause | _Exemption) -> _Clause | _Exemption:
        if isinstance(clause, _Exemption):
            return clause
        return _Clause(label, clause.conditions, clause.requirement)

    def sentence(self, *parts: Any) -> _Clause:
        self._listed_before = ()
        requirement: tuple[tuple[str, ...], str] = parts[-1]
        conditions = (self._bracketed(parts[1]),) if len(parts) > 1 else ()
        return _Clause("", conditions + requirement[0], requirement[1])

    def exemption(self, *parts: Any) -> _Exemption:
        return _Exemption(parts[1])

    def no_duplicates(self, _: Token, condition: str, *parts: Any) -> _Clause:
        names: tuple[str, ...] = parts[1]
        if parts[3] != "[^]":
            raise UntranslatableError("more than blanks may stand there twice")
        return _Clause("", (self._bracketed(condition),), f"distinct {_listed(names)}")

    @staticmethod
    def _bracketed(condition: str) -> str:
        return f"({condition})" if " or " in condition and not condition.startswith("(") else condition

    # Conditions

    def either(self, *parts: str) -> str:
        conditions = [part for part in parts if getattr(part, "type", "") != "OR"]
        if len(conditions) > 1 and any(" and " in one and not one.startswith("(") for one in conditions):
            raise UntranslatableError("“and” and “or” stand side by side without parentheses")
        return " or ".join(conditions)

    def both(self, *parts: str) -> str:
        return " and ".join(part for part in parts if getattr(part, "type", "") != "AND")

    def parenthesised(self, condition: str) -> str:
        return f"({condition})"

    def among(self, item: Token, _: Token, values: str) -> str:
        return f"{item} = {values}"

    def not_among(self, item: Token, _: Token, values: str) -> str:
        return f"{item} <> {values}"

    def against(self, item: Token, sign: str, number: str) -> str:
        return f"{item} {sign} {number}"

    def starts(self, _: Token, item: Token, __: Token, values: str) -> str:
        return f"{item} starts with {values}"

    def starts_not(self, _: Token, item: Token, __: Token, values: str) -> str:
        return f"{item} starts not with {values}"

    def days_against(self, last: Token, _: Token, first: Token, sign: str, number: str, *__: Token) -> str:
        at_most = int(number) - (sign in {"<", ">="})
        return f"{'not ' if sign[0] == '>' else ''}days {first} to {last} at most {at_most}"

    def all_equal(self, *parts: Any) -> str:
        names: tuple[str, ...] = next(part for part in parts if isinstance(part, tuple))
        values = parts[-1]
        self._listed_before = names
        return f"all of {_listed(names)} = {values}"

    def any_equal(self, _: Token, names: tuple[str, ...], __: Token, values: str) -> str:
        return f"any of {_listed(names)} = {values}"

    def some_not_all(self, _: Token, names: tuple[str, ...], __: Token, values: str) -> str:
        return f"any of {_listed(names)} = {values} and not all of {_listed(names)} = {values}"

    def counted(self, words: Token, names: tuple[str, ...], _: Token, values: str) -> str:
        number, *direction = words.lower().split()[:3]
        low = high = _COUNTS.index(number) + 1
        is_exact = direction[0] != "or"
        if direction == ["or", "more"]:
            high = sum(self._size(name) for name in names)
        elif direction == ["or", "fewer"]:
            low = 0
        self._listed_before = names
        self._counts.append(_Count(names, values, low, high, is_exact))
        return f"count of {_listed(names)} = {values} in {low} to {high}"

    def _size(self, part: str) -> int:
        """How many items a part of a list stands for."""
        first, _, last = part.partition(" through ")
        if last in self._items and first in self._items:
            return self._order.index(last) - self._order.index(first) + 1
        return len(part.split(", "))

    def active_numbers(self, _: Token, names: tuple[str, ...], *__: Token) -> str:
        # What is no number never passes a comparison.
        return f"{_listed(names)} are active and all of {_listed(names)} >= 0"

    def is_active(self, item: Token, _: Token) -> str:
        return f"{item} is active"

    def is_not_active(self, item: Token, _: Token) -> str:
        return f"not {item} is active"

    def are_active(self, names: tuple[str, ...], _: Token) -> str:
        return f"{_listed(names)} are active"

    def active_dates(self, names: tuple[str, ...], *_: Token) -> str:
        return f"{_listed(names)} are active and all of {_listed(names)} <> [^]"

    # Requirements: what must hold, and conditions that belong to them

    def requirement(self, *parts: Any) -> tuple[tuple[str, ...], str]:
        rules = [part for part in parts if getattr(part, "type", "") != "AND"]
        conditional = [rule for rule in rules if isinstance(rule, tuple)]
        if not conditional:
            return (), " and ".join(rules)
        if len(rules) > 1:
            raise UntranslatableError("a condition stands between requirements")
        return (conditional[0][0],), conditional[0][1]

    def all_of(self, *parts: Any) -> str:
        verdicts: list[_Verdict] = parts[-1]
        names: tuple[str, ...] = next(part for part in parts if isinstance(part, tuple))
        return " and ".join(self._holds(names, verdict) for verdict in verdicts)

    def all_of_active(
        self, _: Token, names: tuple[str, ...], __: Token, ___: Token, verdicts: list[_Verdict]
    ) -> tuple[str, str]:
        return f"{_listed(names)} are active", self.all_of(names, verdicts)

    def any_of(self, _: Token, names: tuple[str, ...], __: Token, values: str, rest: str = "") -> str:
        return f"any of {_listed(names)} = {values}{rest}"

    def rest(self, _: Token, __: Token, values: str) -> str:
        return f", the rest = {values}"

    def following(self, _: Token, __: Token, values: str, names: tuple[str, ...]) -> str:
        return self._holds(names, _Verdict("=", values))

    def following_not(self, _: Token, __: Token, values: str, names: tuple[str, ...]) -> str:
        return self._holds(names, _Verdict("<>", values))

    def one_following(self, _: Token, __: Token, values: str, *parts: Any) -> str:
        rest = parts[0] if len(parts) == 2 else ""
        return f"any of {_listed(parts[-1])} = {values}{rest}"

    def one_following_against(
        self, _: Token, __: Token, sign: str, number: str, names: tuple[str, ...]
    ) -> str:
        return f"any of {_listed(names)} {sign} {number}"

    def none_following(self, _: Token, __: Token, values: str, names: tuple[str, ...]) -> str:
        return f"none of {_listed(names)} = {values}"

    def not_both(self, names: tuple[str, ...], _: Token, values: str) -> str:
        return f"not ({' and '.join(f'{name} = {values}' for name in names)})"

    def one_of_these(self, _: Token, *parts: Any) -> str:
        rules = [part for part in parts if isinstance(part, str) and " " in part]
        return f"({' or '.join(f'({rule})' for rule in rules)})"

    def ordered_if(self, *parts: Any) -> tuple[str, str]:
        return parts[2], parts[-1]

    def order(self, *parts: str) -> str:
        if not {"<", "<="}.issuperset(parts[1::2]):
            raise UntranslatableError("dates stand in an order other than from early to late")
        return f"order {' '.join(parts)}"

    def days(self, last: str, _: Token, first: str, limits: str) -> str:
        return f"days {first} to {last} {limits}"

    def limits(self, _: Token, *parts: str) -> str:
        limits = [part for part in parts if getattr(part, "type", "") != "DAYS"]
        match limits:
            case [">=", low, "<=", high]:
                return f"in {low} to {high}"
            case ["<=", high]:
                return f"at most {high}"
        raise UntranslatableError("days have limits of another kind")

    def age_at_most(
        self, _: Token, birth: Token, __: Token, at: Token, ___: Token, years: str, *____: Token
    ) -> str:
        return f"age of {birth} at {at} at most {years}"

    def age_at_least(
        self, _: Token, birth: Token, __: Token, at: Token, ___: Token, years: str, *____: Token
    ) -> str:
        return f"age of {birth} at {at} at least {years}"

    # Verdicts

    def verdict(self, *verdicts: _Verdict) -> list[_Verdict]:
        return list(verdicts)

    def must(self, _: Token, values: str) -> _Verdict:
        return _Verdict("=", values)

    def must_not(self, _: Token, values: str) -> _Verdict:
        return _Verdict("<>", values)

    def these(self, _: Token, __: Token, values: str) -> _Verdict:
        return _Verdict("=", values, quantity="any")

    def compared(self, *parts: str) -> _Verdict:
        return _Verdict(parts[-2], str(parts[-1]))

    def sum(self, _: Token, names: tuple[str, ...]) -> str:
        return f"sum of {_listed(names)}"

    def sum_of_these(self, _: Token, __: Token, factor: str = "") -> str:
        if not self._listed_before:
            raise UntranslatableError("a sum of “these items” follows no list of items")
        return f"sum of {_listed(self._listed_before)}{factor}"

    def factor(self, words: Token) -> str:
        return f" times {words.split()[1].partition('(')[0]}"

    def must_be_sum(self, _: Token, total: str) -> _Verdict:
        return _Verdict("=", total)

    def sum_or_must(self, _: Token, total: str, __: Token, values: str) -> _Verdict:
        return _Verdict(options=(_Verdict("=", total), _Verdict("=", values)))

    def options(self, *parts: Any) -> _Verdict:
        return _Verdict(options=tuple(part for part in parts if isinstance(part, _Verdict)))

    def _holds(self, names: tuple[str, ...], verdict: _Verdict) -> str:
        if verdict.options:
            return f"({' or '.join(self._holds(names, option) for option in verdict.options)})"
        if verdict.operand.startswith("sum of "):
            if not _is_single(names):
                raise UntranslatableError("several items equal one sum")
            return f"{names[0]} = {verdict.operand}"
        if verdict.operand in self._items or verdict.operand[0].isalpha():
            return self._compared_items(names, verdict)
        if _is_single(names):
            return f"{names[0]} {verdict.sign} {verdict.operand}"
        return f"{verdict.quantity} of {_listed(names)} {verdict.sign} {verdict.operand}"

    def _compared_items(self, names: tuple[str, ...], verdict: _Verdict) -> str:
        """Dates are put in order, which passes blank ones over; numbers are compared."""
        if not _is_single(names):
            raise UntranslatableError("several items are compared with one")
        pair = (names[0], verdict.operand)
        types = {self._items[name].type for name in pair if name in self._items}
        if types == {"Number"}:
            return f"{names[0]} {verdict.sign} {verdict.operand}"
        if types == {"Date"}:
            first, last = pair if verdict.sign[0] == "<" else pair[::-1]
            return f"order {first} {verdict.sign.replace('>', '<')} {last}"
        raise UntranslatableError(
            f"{pair[0]} and {pair[1]} are compared, which are neither numbers nor dates"
        )
