"""What each Format edit asks of an item, in a sentence that holds for all its items."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from iqies_flask.specs.formats import CHARACTER_FAMILIES
from iqies_flask.specs.pack import FormatEdit
from iqies_flask.specs.wording import listed


def format_rule(edit: FormatEdit) -> str:
    """Say what a Format edit asks. The special values of an item, such as ^, are always in order.

    Args:
        edit: The edit.
    """
    return _RULES[edit.check](edit)


def _characters(edit: FormatEdit) -> str:
    return f"The value may hold only {CHARACTER_FAMILIES[edit.options['family']].words}."


def _length_one_of(edit: FormatEdit) -> str:
    lengths = " or ".join(str(length) for length in edit.options["lengths"])
    return f"The value must be {lengths} characters long."


def _forbidden_start(edit: FormatEdit) -> str:
    return f"The value must not begin with {listed(edit.options['starts'])}, in either case."


def _forbidden_value(edit: FormatEdit) -> str:
    return f"The value must not be {listed(edit.options['values'])}: known to be made up."


def _icd10(edit: FormatEdit) -> str:
    return (
        f"The value must be a diagnosis code of 8 characters: a letter, a {edit.options['second']}, "
        "a letter or digit, a point, then up to four letters or digits, filled up with ^."
    )


def _always(sentence: str) -> Callable[[FormatEdit], str]:
    return lambda _: sentence


_RULES: Mapping[str, Callable[[FormatEdit], str]] = MappingProxyType(
    {
        "birth_date": _always("The value must be a date of the calendar, as YYYYMMDD, YYYYMM or YYYY."),
        "characters": _characters,
        "date": _always("The value must be a date of the calendar, as YYYYMMDD."),
        "exact_length": _always("The value must be exactly as long as the item."),
        "forbidden_start": _forbidden_start,
        "forbidden_value": _forbidden_value,
        "icd10": _icd10,
        "integer": _always("The value must be a whole number: digits only, no point and no sign."),
        "length_one_of": _length_one_of,
        "listed_value": _always("The value must be one of the item's codes."),
        "maximum_length": _always("The value must not be longer than the item."),
        "medicare_number": _always(
            "The value must be built like a Medicare number: 11 characters; 1 a digit from 1 to 9; "
            "2, 5, 8 and 9 letters; 4, 7, 10 and 11 digits; 3 and 6 either; no letter S, L, O, I, B or Z."
        ),
        "number_in_range": _always(
            "The value must be a number without a sign, from the item's minimum to its maximum, and not "
            "longer than the item."
        ),
        "required": _always("The value must not be blank."),
        "state_value": _always("Where a state asks for the item, its value must be of the item's type."),
    }
)
