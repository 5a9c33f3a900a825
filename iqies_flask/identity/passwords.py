"""Passwords: what they may be, and their hashes. After NIST SP 800-63B."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST_CHARACTERS = 8
"""SP 800-63B-4 asks for 15, or 8 where a second factor is always asked for, as it is here."""

MOST_CHARACTERS = 256
_hasher = PasswordHasher()


def hashed(password: str) -> str:
    """Hash a password with argon2."""
    return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Compare a password with a hash.

    Takes the same work where there is no hash, so that the time tells nobody which accounts exist.

    Args:
        password_hash: The account's; None where there is no account.
        password: As it was typed.
    """
    try:
        _hasher.verify(_hash_of_nobody() if password_hash is None else password_hash, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether a hash was made with less work than is usual now."""
    return _hasher.check_needs_rehash(password_hash)


@cache
def _hash_of_nobody() -> str:
    return _hasher.hash("the password of no account")
