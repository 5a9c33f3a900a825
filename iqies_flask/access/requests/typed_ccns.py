"""Finding the CCNs in what somebody typed or pasted."""

import re

from iqies_flask.access.ccn import HYPHENS, LENGTH, CCNError, normalized, parse_ccn, without_invisible

_SEPARATOR = re.compile(rf"(?:[^\w{HYPHENS}]|_)+")
_HYPHEN = re.compile(rf"[{HYPHENS}]+")
_DIGIT = re.compile(r"\d")


def split_ccns(text: str) -> list[str]:
    """Take a text apart into CCNs.

    Args:
        text: One CCN or many, separated by anything: spaces, commas, lines, tabs of a spreadsheet. Words
            without a digit, such as a provider's name beside its CCN, are passed over.

    Returns:
        Each once, in the order of the text, in upper case. What is no CCN is among them.
    """
    if len(normalized(text)) == LENGTH and _is_ccn(normalized(text)):
        return [normalized(text)]
    parts = [part for word in _SEPARATOR.split(without_invisible(text)) for part in _parts(word)]
    with_digits = [part for part in parts if _DIGIT.search(part)]
    return list(dict.fromkeys(with_digits or parts))


def _parts(word: str) -> list[str]:
    """Take a word apart in which hyphens separate, or nothing does any more."""
    by_hyphen = [part for part in _HYPHEN.split(word.upper()) if part]
    if len(by_hyphen) > 1 and all(len(part) == LENGTH for part in by_hyphen):
        return by_hyphen
    whole = normalized(word)
    # Some browsers drop the line ends of what is pasted into a field of one line.
    slices = [whole[start : start + LENGTH] for start in range(0, len(whole), LENGTH)]
    if len(slices) > 1 and all(map(_is_ccn, slices)):
        return slices
    return [whole] if whole else []


def _is_ccn(text: str) -> bool:
    try:
        parse_ccn(text)
    except CCNError:
        return False
    return True
