"""Passwords: what they may be, how strong they are, and their hashes. After NIST SP 800-63B-4, 3.1.1."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

LEAST_CHARACTERS = 8
"""SP 800-63B-4 asks for 15, or 8 where a second factor is always asked for, as it is here."""

MOST_CHARACTERS = 256
_hasher = PasswordHasher()

_PRODUCT = ("iqies", "flask")
_LEAST_WORD = 3
"""Letters. Shorter words are part of anything."""

_LEAST_OWN_LETTERS = 4
"""Letters that a password must have beside the words that others know of the person."""

_RATED_CHARACTERS = 40
"""Rating takes time that grows with the square of the length; by then any rating is the highest."""

_LEAST_GUESSES = 30_000
"""As many as the list has. Rows and repetitions stand in none, yet attackers try them first."""

_LABELS = ("Very weak", "Weak", "Fair", "Good", "Strong")


@dataclass(frozen=True, slots=True)
class Strength:
    """How hard a password is to guess.

    Attributes:
        score: 0 (very weak) to 4 (strong).
        label: The same in words.
        problems: Why it is refused; empty if it may be used.
        advice: How to make it stronger.
    """

    score: int
    label: str
    problems: tuple[str, ...]
    advice: tuple[str, ...]


def problems(password: str, *, words_of_person: Iterable[str] = ()) -> list[str]:
    """Say why a password may not be used, in words for the person; nothing if it may.

    Args:
        password: As it was typed.
        words_of_person: User ID, e-mail address and names of the person.
    """
    normal = _normal(password)
    if len(normal) < LEAST_CHARACTERS:
        return [
            f"The password has fewer than {LEAST_CHARACTERS} characters. A sentence that only you would think"
            " of does well."
        ]
    if len(normal) > MOST_CHARACTERS:
        return [f"The password has more than {MOST_CHARACTERS} characters. Shorten it."]
    if normal.casefold() in _common():
        return [
            "This password is among the ones most often used, which attackers try first. Choose another one."
        ]
    if _is_made_of(normal.casefold(), words_of_person):
        return [
            "The password is made of your user ID, your name, your e-mail address or the name of this site."
            " Add words that have nothing to do with them."
        ]
    if _rated(normal)["guesses"] < _LEAST_GUESSES:
        return [
            "This password is among the first that attackers try: a common one with little added, a date, a"
            " row, a repetition or a pattern of keys. Choose another one."
        ]
    return []


def strength(password: str, words: Iterable[str] = ()) -> Strength:
    """Rate a password.

    Args:
        password: As it was typed.
        words: User ID, e-mail address and names of the person.
    """
    words = tuple(words)
    found = tuple(problems(password, words_of_person=words))
    rating = _rated(_normal(password), [*_PRODUCT, *words])
    feedback = rating["feedback"]
    if found:
        return Strength(0, "Cannot be used yet", found, ())
    advice = tuple(text for text in (feedback["warning"], *feedback["suggestions"]) if text)
    return Strength(rating["score"], _LABELS[rating["score"]], (), advice)


def hashed(password: str) -> str:
    """Hash a password with argon2."""
    return _hasher.hash(_normal(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Compare a password with a hash.

    Takes the same work where there is no hash, so that the time tells nobody which accounts exist.

    Args:
        password_hash: The account's; None where there is no account.
        password: As it was typed.
    """
    try:
        _hasher.verify(_hash_of_nobody() if password_hash is None else password_hash, _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether a hash was made with less work than is usual now."""
    return _hasher.check_needs_rehash(password_hash)


def _normal(password: str) -> str:
    # The same letters come as different code points from different keyboards.
    return unicodedata.normalize("NFKC", password)


@cache
def _common() -> frozenset[str]:
    return frozenset(password.casefold() for password in FREQUENCY_LISTS["passwords"])


def _rated(normal: str, words: Iterable[str] = ()) -> dict[str, Any]:
    rating: dict[str, Any] = zxcvbn(normal[:_RATED_CHARACTERS], list(words))
    return rating


def _is_made_of(folded: str, words: Iterable[str]) -> bool:
    whole = {_normal(word).casefold() for word in words}
    parts = {part for word in whole for part in re.split(r"[\W_]+", word)}
    known = {word for word in whole | parts | set(_PRODUCT) if len(word) >= _LEAST_WORD}
    rest = folded
    # Long words first: a short one inside would leave their ends.
    for word in sorted(known, key=len, reverse=True):
        rest = rest.replace(word, "")
    return rest != folded and sum(character.isalpha() for character in rest) < _LEAST_OWN_LETTERS


@cache
def _hash_of_nobody() -> str:
    return _hasher.hash("the password of no account")
