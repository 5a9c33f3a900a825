"""The Format edits: what the text of one item may look like, whatever the other items hold.

Each check is named in a pack's ``edits.toml`` and built once for each item. It answers yes or no as fast as
Python can, and puts what is wrong into words only when asked.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from iqies_flask.specs.dates import is_birth_date, parse_date
from iqies_flask.specs.pack import BLANK, FormatEdit, Item, PackError
from iqies_flask.specs.wording import blank_hint, labelled, listed, shown

Words = tuple[str, str]
"""A message and its remedy."""


@dataclass(frozen=True, slots=True)
class FormatCheck:
    """One edit on one item.

    Attributes:
        passes: Tells whether a submitted text is in order.
        explain: Says what is wrong with a text that is not, and what to do.
    """

    passes: Callable[[str], bool]
    explain: Callable[[str], Words]


@dataclass(frozen=True, slots=True)
class CharacterFamily:
    """A set of characters that CMS allows in text items.

    Attributes:
        pattern: Of a whole value, in the dialect that Python and XML Schema share.
        words: The same for a person.
    """

    pattern: str
    words: str


_MARKS = r"@'/+,._"
_TEXT = rf"A-Za-z0-9\-{_MARKS}"
CHARACTER_FAMILIES: Mapping[str, CharacterFamily] = MappingProxyType(
    {
        "digits": CharacterFamily("[0-9]+", "the digits 0 to 9"),
        "letters_digits": CharacterFamily("[A-Za-z0-9]+", "letters A to Z and digits"),
        "letters_digits_marks": CharacterFamily(
            f"[A-Za-z0-9{_MARKS}]+", "letters A to Z, digits and @ ' / + , . _"
        ),
        "text": CharacterFamily(
            f"[{_TEXT}]+( +[{_TEXT}]+)*",
            "letters A to Z, digits, - @ ' / + , . _ and spaces between them",
        ),
        "text_ampersand": CharacterFamily(
            f"[{_TEXT}&]+( +[{_TEXT}&]+)*",
            "letters A to Z, digits, - & @ ' / + , . _ and spaces between them",
        ),
        "email": CharacterFamily(
            r"[!#-&*+\-./0-9=?@A-Z^_`a-z|~]+",
            "printable characters without spaces, quotation marks, commas, semicolons, colons, "
            "backslashes, brackets or < >",
        ),
    }
)

UNSIGNED_NUMBER = r"[0-9]+(\.[0-9]*)?|\.[0-9]+"
DIGITS = "[0-9]+"
_MBI_LETTER = "AC-HJKMNP-RT-Yac-hjkmnp-rt-y"
MEDICARE_NUMBER = "".join(
    {"C": "[1-9]", "A": f"[{_MBI_LETTER}]", "N": "[0-9]", "E": f"[0-9{_MBI_LETTER}]"}[kind]
    for kind in "CAENAENAANN"
)
"""Eleven characters; of the letters all but S, L, O, I, B and Z (OASIS -5710, MDS -3913)."""

_LETTER_OR_DIGIT = "[A-Za-z0-9]"
ICD10_SECOND = MappingProxyType({"letter or digit": _LETTER_OR_DIGIT, "digit": "[0-9]"})
ICD10_REST = "|".join(_LETTER_OR_DIGIT * used + r"\^" * (4 - used) for used in range(5))


def build_check(edit: FormatEdit, item: Item) -> FormatCheck:
    """Build the check of one edit on one item.

    Args:
        edit: Names the check and its options.
        item: One of the edit's items.

    Raises:
        PackError: The pack names a check that does not exist, or an option that it does not know.
    """
    try:
        return _BUILDERS[edit.check](edit, item)
    except KeyError as error:
        raise PackError(f"edit {edit.id} on {item.id}: unknown check or option {error}") from error
    except TypeError as error:
        raise PackError(f"edit {edit.id} on {item.id}: an option is of the wrong kind: {error}") from error


def icd10_pattern(second: str) -> str:
    """Pattern of an ICD-10 code in its eight-character form, character 4 a point, carets where unused."""
    return rf"[A-Za-z]{ICD10_SECOND[second]}{_LETTER_OR_DIGIT}\.({ICD10_REST})"


def is_mmddyyyy(text: str) -> bool:
    """Tell whether a text is a date with the year last, as one state item has it."""
    return parse_date(text[4:] + text[:4]) is not None


def date_forms(item: Item) -> tuple[str, ...]:
    """The forms that a Date item's value table names, such as ``YYYYMMDD``."""
    return tuple(value for value in item.values if value in _DATE_FORMS)


def in_range(text: str, item: Item) -> bool:
    """Tell whether an unsigned number lies between an item's minimum and maximum.

    Args:
        text: Matches `UNSIGNED_NUMBER`.
        item: A Number.
    """
    low, high = item.minimum, item.maximum
    return (low is None or float(text) >= float(low)) and (high is None or float(text) <= float(high))


_DATE_FORMS: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        "YYYYMMDD": lambda text: parse_date(text) is not None,
        "YYYYMM": lambda text: len(text) == 6 and is_birth_date(text),
        "YYYY": lambda text: len(text) == 4 and is_birth_date(text),
        "MMDDYYYY": is_mmddyyyy,
    }
)

_unsigned = re.compile(UNSIGNED_NUMBER).fullmatch
_digits = re.compile(DIGITS).fullmatch


def _matcher(pattern: str, specials: Collection[str]) -> Callable[[str], bool]:
    either = "|".join([*(re.escape(value) for value in specials), f"(?:{pattern})"])
    match = re.compile(either).fullmatch
    return lambda value: match(value) is not None


def _listed_value(edit: FormatEdit, item: Item) -> FormatCheck:
    codes = item.special_values
    free = "Text" in item.values
    labels = {code: item.values[code] for code in codes}

    def explain(value: str) -> Words:
        near = _nearest_code(value, codes)
        return (
            f"{item.id} is {shown(value)}, which is not one of its codes: {labelled(labels)}.",
            f"Send {near} if that is what was meant." if near else "Send one of the codes of this item.",
        )

    known = frozenset(codes)
    return FormatCheck(lambda value: value in known or (free and value != ""), explain)


def _nearest_code(value: str, codes: Collection[str]) -> str | None:
    bare = value.strip()
    if not bare:
        return BLANK if BLANK in codes else None
    for candidate in (bare, bare.upper(), bare.zfill(2), bare.lstrip("0") or "0"):
        if candidate in codes:
            return candidate
    return None


def _number_in_range(edit: FormatEdit, item: Item) -> FormatCheck:
    specials = frozenset(item.special_values)

    def passes(value: str) -> bool:
        return value in specials or (
            len(value) <= item.length and _unsigned(value) is not None and in_range(value, item)
        )

    def explain(value: str) -> Words:
        hint = blank_hint(item.special_values)
        return (
            f"{item.id} is {shown(value)}; allowed are numbers from {item.minimum} to {item.maximum} "
            f"in at most {item.length} characters, without a sign{hint}.",
            "Send a number within these limits.",
        )

    return FormatCheck(passes, explain)


def _integer(edit: FormatEdit, item: Item) -> FormatCheck:
    def explain(value: str) -> Words:
        return (
            f"{item.id} is {shown(value)}; a whole number in digits only is expected, "
            f"without a decimal point or sign{blank_hint(item.special_values)}.",
            "Round to a whole number and send its digits.",
        )

    return FormatCheck(_matcher(DIGITS, item.special_values), explain)


def _date(edit: FormatEdit, item: Item) -> FormatCheck:
    specials = frozenset(item.special_values)

    def explain(value: str) -> Words:
        return (
            f"{item.id} is {shown(value)}, which is not a date of the calendar in the form YYYYMMDD"
            f"{blank_hint(item.special_values)}.",
            "Send year, month and day as eight digits, for example 20260401.",
        )

    return FormatCheck(lambda value: value in specials or parse_date(value) is not None, explain)


def _birth_date(edit: FormatEdit, item: Item) -> FormatCheck:
    specials = frozenset(item.special_values)

    def explain(value: str) -> Words:
        return (
            f"{item.id} is {shown(value)}, which is not a birth date in the form YYYYMMDD, YYYYMM or YYYY"
            f"{blank_hint(item.special_values)}.",
            "Send as much of the date as is known: 19400131, 194001 or 1940.",
        )

    return FormatCheck(lambda value: value in specials or is_birth_date(value), explain)


def _required(edit: FormatEdit, item: Item) -> FormatCheck:
    def explain(value: str) -> Words:
        return f"{item.id} is {shown(value)}; it may not be blank.", "Send a value."

    return FormatCheck(lambda value: value.strip(" ") not in {"", BLANK}, explain)


def _characters(edit: FormatEdit, item: Item) -> FormatCheck:
    family = CHARACTER_FAMILIES[edit.options["family"]]
    spaces = " " in family.pattern

    def explain(value: str) -> Words:
        if spaces and value != value.strip(" "):
            remedy = "Remove the spaces at the start and end, and any other character that is not allowed."
        else:
            remedy = "Remove every other character."
        return (
            f"{item.id} is {shown(value)}; allowed are {family.words}{blank_hint(item.special_values)}.",
            remedy,
        )

    return FormatCheck(_matcher(family.pattern, item.special_values), explain)


def _exact_length(edit: FormatEdit, item: Item) -> FormatCheck:
    return _lengths(item, (item.length,))


def _length_one_of(edit: FormatEdit, item: Item) -> FormatCheck:
    return _lengths(item, tuple(edit.options["lengths"]))


def _lengths(item: Item, lengths: tuple[int, ...]) -> FormatCheck:
    specials = frozenset(item.special_values)
    words = " or ".join(str(length) for length in lengths)

    def explain(value: str) -> Words:
        return (
            f"{item.id} is {shown(value)}, {len(value)} characters long; exactly {words} are expected"
            f"{blank_hint(item.special_values)}.",
            "Complete or shorten the value, without dashes or spaces.",
        )

    return FormatCheck(lambda value: len(value) in lengths or value in specials, explain)


def _maximum_length(edit: FormatEdit, item: Item) -> FormatCheck:
    def explain(value: str) -> Words:
        return (
            f"{item.id} is {len(value)} characters long; at most {item.length} are allowed. "
            f"It begins {shown(value)}.",
            "Shorten the value.",
        )

    return FormatCheck(lambda value: len(value) <= item.length, explain)


def _medicare_number(edit: FormatEdit, item: Item) -> FormatCheck:
    def explain(value: str) -> Words:
        return (
            f"{item.id} is {shown(value)}, which is not built like a Medicare number: 11 characters; "
            "1 a digit from 1 to 9; 2, 5, 8 and 9 letters; 4, 7, 10 and 11 digits; 3 and 6 either; "
            f"the letters S, L, O, I, B and Z do not occur{blank_hint(item.special_values)}.",
            "Copy the number from the Medicare card, without its dashes.",
        )

    return FormatCheck(_matcher(MEDICARE_NUMBER, item.special_values), explain)


def _forbidden_start(edit: FormatEdit, item: Item) -> FormatCheck:
    starts = tuple(edit.options["starts"])
    both_cases = tuple({form for start in starts for form in (start.upper(), start.lower())})

    def explain(value: str) -> Words:
        return (
            f"{item.id} is {shown(value)}; it may not begin with {listed(starts)}.",
            "Check the value against its source.",
        )

    return FormatCheck(lambda value: not value.startswith(both_cases), explain)


def _forbidden_value(edit: FormatEdit, item: Item) -> FormatCheck:
    values = frozenset(edit.options["values"])

    def explain(value: str) -> Words:
        hint = f" Send {BLANK} if it is not known." if BLANK in item.values else ""
        return (
            f"{item.id} is {shown(value)}, a number that is known to be made up.",
            f"Send the true number.{hint}",
        )

    return FormatCheck(lambda value: value not in values, explain)


def _icd10(edit: FormatEdit, item: Item) -> FormatCheck:
    second = edit.options["second"]
    pattern = icd10_pattern(second)

    def explain(value: str) -> Words:
        return (
            f"{item.id} is {shown(value)}; a diagnosis code has 8 characters: a letter, a {second}, "
            f"a letter or digit, a point, then up to four letters or digits, filled up with {BLANK}"
            f"{blank_hint(item.special_values)}.",
            f"Write the code like I10.{BLANK * 4} or E11.65{BLANK * 2}.",
        )

    return FormatCheck(_matcher(pattern, item.special_values), explain)


def _state_value(edit: FormatEdit, item: Item) -> FormatCheck:
    specials = frozenset(item.special_values)
    forms = [_DATE_FORMS[form] for form in date_forms(item)]

    def passes(value: str) -> bool:
        if value in specials:
            return True
        if item.type == "Number":
            return len(value) <= item.length and _digits(value) is not None and in_range(value, item)
        if item.type == "Date":
            return any(form(value) for form in forms)
        return "Text" in item.values and 0 < len(value) <= item.length

    def explain(value: str) -> Words:
        allowed = [value for value in item.values if value not in {"Text", *_DATE_FORMS}]
        if item.minimum is not None:
            allowed.insert(0, f"whole numbers from {item.minimum} to {item.maximum}")
        allowed.extend(f"a date as {form}" for form in date_forms(item))
        if "Text" in item.values:
            allowed.append(f"text of 1 to {item.length} characters")
        return (
            f"{item.id} is {shown(value)}; where a state asks for it, expected are {listed(allowed)}.",
            "Send what your state asks for.",
        )

    return FormatCheck(passes, explain)


_BUILDERS: Mapping[str, Callable[[FormatEdit, Item], FormatCheck]] = MappingProxyType(
    {
        "birth_date": _birth_date,
        "characters": _characters,
        "date": _date,
        "exact_length": _exact_length,
        "forbidden_start": _forbidden_start,
        "forbidden_value": _forbidden_value,
        "icd10": _icd10,
        "integer": _integer,
        "length_one_of": _length_one_of,
        "listed_value": _listed_value,
        "maximum_length": _maximum_length,
        "medicare_number": _medicare_number,
        "number_in_range": _number_in_range,
        "required": _required,
        "state_value": _state_value,
    }
)
