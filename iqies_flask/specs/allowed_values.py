"""What an item may hold, in words."""

from collections.abc import Collection

from iqies_flask.specs.formats import date_forms
from iqies_flask.specs.pack import BLANK, Item
from iqies_flask.specs.wording import MOST_LISTED, either, listed


def allowed_in_words(item: Item, allowed: Collection[str]) -> str:
    """Say what an item may hold, and whether a blank is part of it: to be put behind "it may hold".

    Args:
        item: The item.
        allowed: Those of its special values that its Format edits let pass.
    """
    codes = [value for value in item.special_values if value in allowed and value != BLANK]
    parts = [*_form(item), *(codes if len(codes) <= MOST_LISTED else [listed(codes)])]
    if BLANK in allowed:
        return either([*parts, f"{BLANK} for a blank"])
    return f"{either(parts)}, and no blank ({BLANK})"


def _form(item: Item) -> list[str]:
    """What it may hold besides the values that stand for themselves."""
    if item.minimum is not None:
        return [f"a number from {item.minimum} to {item.maximum}"]
    if forms := date_forms(item):
        return [f"a date as {either(forms)}"]
    if "ICD-10" in item.values:
        return [f"a diagnosis code such as I10.{BLANK * 4}"]
    if "Text" in item.values:
        return [f"text of up to {item.length} characters" if item.length > 1 else "one character"]
    return []
