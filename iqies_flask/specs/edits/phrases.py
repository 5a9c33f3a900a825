"""The turns of phrase that explanations of findings and descriptions of rules share."""

from collections.abc import Sequence

from iqies_flask.dates import date_in_words
from iqies_flask.specs.dates import parse_date
from iqies_flask.specs.edits import tree
from iqies_flask.specs.pack import BLANK, DASH

SPECIAL = {BLANK: "blank (^)", DASH: "a dash (-)"}
"""Values that are better named than shown."""

COMPARATORS = {
    tree.Comparator.LESS: "less than",
    tree.Comparator.AT_MOST: "at most",
    tree.Comparator.GREATER: "greater than",
    tree.Comparator.AT_LEAST: "at least",
    tree.Comparator.EQUAL: "equal to",
    tree.Comparator.DIFFERENT: "different from",
}


_DAYS = {
    tree.Comparator.LESS: "before",
    tree.Comparator.AT_MOST: "on or before",
    tree.Comparator.GREATER: "after",
    tree.Comparator.AT_LEAST: "on or after",
    tree.Comparator.EQUAL: "on",
    tree.Comparator.DIFFERENT: "on another day than",
}


def when(received: tree.Received) -> str:
    """Say on which days: "on or after Apr 1, 2026"."""
    day = parse_date(received.day)
    assert day is not None
    return f"{_DAYS[received.comparator]} {date_in_words(day)}"


def be(test: tree.Test) -> str:
    """Say what passes a test, to stand behind "must": "not be 1 or 2"."""
    match test:
        case tree.Among(values=wanted, negated=negated):
            words = [SPECIAL.get(value, value) for value in wanted]
            return f"{'not be' if negated else 'be'} {alternatives(words)}"
        case tree.Against(comparator=comparator, number=limit):
            return f"be {COMPARATORS[comparator]} {limit}"
        case tree.StartsWith(characters=characters, negated=negated):
            return f"{'not begin' if negated else 'begin'} with {alternatives(characters)}"
        case tree.Length(low=low, high=high):
            return f"be {limits(low, high)} characters long"
        case tree.ConsistsOf(classes=classes):
            return f"consist only of {listing(classes)}"
        case tree.Picture(form=form):
            return f"be of the form {form} (9: a digit, A: a letter, X: either)"


def be_not(test: tree.Test) -> str:
    """Say the opposite of `be`."""
    words = be(test)
    return words.removeprefix("not ") if words.startswith("not ") else f"not {words}"


def limits(low: int | None, high: int | None) -> str:
    """Name limits: "at least 3", "0 to 5"."""
    if low is None:
        return f"at most {high}"
    if high is None:
        return f"at least {low}"
    return str(low) if low == high else f"{low} to {high}"


def counted(low: int, high: int, names: str, must: str, test: tree.Test) -> str:
    """Say how many of some items pass a test: "at most 1 of A and B may be 99".

    Args:
        low: Least number.
        high: Greatest number.
        names: The items, in words.
        must: "must" or "should"; "may" takes the place of "must" where no item needs to pass.
        test: The test.
    """
    if high == 0:
        return f"none of {names} {'may' if must == 'must' else must} {_other(test)}"
    verb = "may" if low == 0 and must == "must" else must
    return f"{limits(low or None, high)} of {names} {verb} {_other(test)}"


def _other(test: tree.Test) -> str:
    """Like `be`, without a "not" that would speak of how many pass."""
    words = be(test)
    return f"be other than {words.removeprefix('not be ')}" if words.startswith("not be ") else words


def alternatives(texts: Sequence[str]) -> str:
    """Join texts by "or"."""
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}"


def listing(texts: Sequence[str]) -> str:
    """Join texts by "and"."""
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
