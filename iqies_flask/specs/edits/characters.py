"""Classes of characters, and forms of texts, which edits name."""

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

CLASSES = {
    "digits": "0-9",
    "letters": "A-Za-z",
    "capitals": "A-Z",
    "spaces": " ",
    "hyphens": r"\-",
    "apostrophes": "'",
    "points": ".",
}
"""Name to characters, as they stand in a regular expression's set."""

_PLACES = {"9": "[0-9]", "A": "[A-Za-z]", "X": "[0-9A-Za-z]"}


@lru_cache
def consists_of(classes: Sequence[str]) -> Callable[[str], object]:
    """Prepare a test whether a text is made of some classes of characters only, and not empty.

    Args:
        classes: Names of `CLASSES`.
    """
    return re.compile(f"[{''.join(CLASSES[name] for name in classes)}]+").fullmatch


@lru_cache
def has_form(form: str) -> Callable[[str], object]:
    """Prepare a test whether a text has a form.

    Args:
        form: ``9`` stands for a digit, ``A`` for a letter, ``X`` for either, others for themselves.
    """
    return re.compile("".join(_PLACES.get(one, re.escape(one)) for one in form)).fullmatch
