"""User IDs: what they may be, and what they had better not be."""

import re
from fnmatch import fnmatchcase

from iqies_flask.identity.lists import facility_words

LEAST_CHARACTERS = 6
MOST_CHARACTERS = 30
USER_ID = re.compile(rf"[A-Za-z0-9._-]{{{LEAST_CHARACTERS},{MOST_CHARACTERS}}}")

_FOREIGN = re.compile(r"[^A-Za-z0-9._-]")
_BETWEEN_WORDS = re.compile(r"[._\-0-9]+|(?<=[a-z])(?=[A-Z])")
_ALSO_A_NAME = "?"
_WORDS_OF_A_FACILITY = 3


def problem(user_id: str) -> str:
    """Say why a user ID does not do; empty if it does.

    Args:
        user_id: As it was typed.
    """
    if not user_id:
        return "Enter a user ID."
    foreign = sorted({_named(character) for character in _FOREIGN.findall(user_id)})
    if foreign:
        return (
            f"A user ID may not contain {' or '.join(foreign)}. Use letters without accents, digits, dots,"
            " hyphens and underscores."
        )
    if len(user_id) < LEAST_CHARACTERS:
        return f"The user ID has {len(user_id)} characters. It needs {LEAST_CHARACTERS} to {MOST_CHARACTERS}."
    if len(user_id) > MOST_CHARACTERS:
        return f"The user ID has {len(user_id)} characters. It may have at most {MOST_CHARACTERS}."
    return ""


def looks_like_facility(user_id: str) -> bool:
    """Whether a user ID seems to be named after a facility rather than a person.

    CMS asks for IDs of persons: who changes to another facility takes the account along.
    """
    words = [word.lower() for word in _BETWEEN_WORDS.split(user_id) if word]
    # Initials are no words.
    several = sum(len(word) > 1 for word in words) >= _WORDS_OF_A_FACILITY
    patterns = [
        pattern.removeprefix(_ALSO_A_NAME)
        for pattern in facility_words()
        if several or not pattern.startswith(_ALSO_A_NAME)
    ]
    return any(fnmatchcase(word, pattern) for pattern in patterns for word in words)


def _named(character: str) -> str:
    if character.isspace():
        return "spaces"
    return character if character.isprintable() else "control characters"
