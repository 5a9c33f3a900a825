"""How messages show values: short, quoted, and never able to break a page or a table."""

from collections.abc import Mapping, Sequence
from textwrap import shorten

LONGEST_SHOWN = 60
"""Characters of a submitted value that a message repeats."""

MOST_LISTED = 12
"""Codes that a message lists before it says how many more there are."""


def shown(value: str) -> str:
    """Quote a submitted value for a message.

    Args:
        value: Any text, perhaps very long or with control characters.
    """
    if value == "":
        return "nothing (an empty element)"
    text = "".join(character if character.isprintable() else "\N{SYMBOL FOR NULL}" for character in value)
    if len(text) > LONGEST_SHOWN:
        text = f"{text[:LONGEST_SHOWN]}… ({len(value)} characters)"
    return f"“{text}”"


def listed(values: Sequence[str]) -> str:
    """List codes for a message, the first dozen by name."""
    if len(values) <= MOST_LISTED:
        return ", ".join(values)
    return f"{', '.join(values[:MOST_LISTED])} and {len(values) - MOST_LISTED} more"


def labelled(labels: Mapping[str, str]) -> str:
    """List codes with what they mean, the first dozen by name.

    Args:
        labels: Code to label, perhaps a long one, perhaps none.
    """
    named = [
        f"{code} = {shorten(label.rstrip('.'), LONGEST_SHOWN, placeholder='…')}" if label else code
        for code, label in labels.items()
    ]
    more = len(named) - MOST_LISTED
    return "; ".join([*named[:MOST_LISTED], f"and {more} more"] if more > 0 else named)


def either(choices: Sequence[str]) -> str:
    """Join choices: the first, the second or the third."""
    return " or ".join(part for part in (", ".join(choices[:-1]), *choices[-1:]) if part)


def blank_hint(special_values: Sequence[str]) -> str:
    """Say which special values stand beside the ordinary ones, to be put before its full stop."""
    return f". Allowed as well: {listed(special_values)}" if special_values else ""
