"""Why a security key was not taken, in words for its owner."""

from enum import StrEnum


class Reason(StrEnum):
    """Why."""

    TOO_LATE = "too_late"
    UNREADABLE = "unreadable"
    WRONG_KEY = "wrong_key"
    WRONG_CODE = "wrong_code"
    NOT_VERIFIED = "not_verified"
    FOUND_CLONED = "found_cloned"
    CLONED = "cloned"
    NO_USABLE_KEY = "no_usable_key"
    ALREADY_ADDED = "already_added"
    NOT_THE_FIRST = "not_the_first"
    NAME = "name"
    LAST_KEY = "last_key"


_WORDS = {
    Reason.TOO_LATE: (
        "That answer came too late, or had been given before. Nothing was changed. Start again: the key is"
        " asked for once more."
    ),
    Reason.UNREADABLE: (
        "The answer of the key could not be used. Try again. If it happens again, use another browser or key."
    ),
    Reason.WRONG_KEY: (
        "This key does not belong to the account. Use one of the keys that you added, or a recovery code."
    ),
    Reason.WRONG_CODE: (
        "This is none of your recovery codes, or it has been used. Check what you typed, or take another one."
    ),
    Reason.NOT_VERIFIED: (
        "The key did not check that it was you, by PIN, fingerprint or face. Sign in with your user ID and"
        " password, then use the key."
    ),
    Reason.FOUND_CLONED: (
        "This key is no longer taken: somebody may have a copy of it. Whoever was signed in to the account is"
        " signed out. Sign in with another key or a recovery code, then remove this key."
    ),
    Reason.CLONED: (
        "This key is no longer taken: somebody may have a copy of it. Use another key or a recovery code,"
        " then remove this key."
    ),
    Reason.NO_USABLE_KEY: "None of your keys can be used. Use a recovery code.",
    Reason.ALREADY_ADDED: "This key has been added already. Use another one.",
    Reason.NOT_THE_FIRST: "The account has a key already. Sign in with it, then add others.",
    Reason.NAME: "Choose another name: 1 to 60 characters that none of your other keys has.",
    Reason.LAST_KEY: (
        "This key cannot be removed: you would have no other key to sign in with. Add another key first."
    ),
}


class KeyRefused(Exception):  # noqa: N818 - an answer, no fault
    """A key, or a code instead of one, is not taken or cannot be changed so; the message is for its owner."""

    def __init__(self, reason: Reason) -> None:
        """Take the reason; the words follow from it."""
        super().__init__(_WORDS[reason])
        self.reason = reason
