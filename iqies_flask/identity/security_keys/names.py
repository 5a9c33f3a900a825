"""What people call their security keys."""

from collections.abc import Collection, Iterable
from itertools import count

from iqies_flask.identity.security_keys.models import SecurityKey
from iqies_flask.identity.security_keys.refusals import KeyRefused, Reason

MOST_CHARACTERS = 60
assert SecurityKey.name.type.length == MOST_CHARACTERS
_OF_A_DEVICE = {"internal", "hybrid", "cable"}
"""Ways to reach a passkey in a computer or phone; those to reach a key in the hand are usb, nfc and ble."""


def checked(name: str, taken: Iterable[str]) -> str:
    """Tidy a name up, and refuse one that does not do.

    Args:
        name: As it was typed.
        taken: The names of the person's other keys.

    Raises:
        KeyRefused: It is empty or too long, holds what cannot be shown, or is taken in whatever case.
    """
    tidy = " ".join(name.split())
    usable = 0 < len(tidy) <= MOST_CHARACTERS and tidy.isprintable()
    if not usable or tidy.casefold() in _folded(taken):
        raise KeyRefused(Reason.NAME)
    return tidy


def for_new_key(wanted: str, transports: Collection[str], taken: Iterable[str]) -> str:
    """Find a name for a key that is being added. There always is one: the key exists already.

    Args:
        wanted: As its owner typed it; empty for a name of ours.
        transports: How the key is reached.
        taken: The names of the person's other keys.
    """
    printable = "".join(character if character.isprintable() else " " for character in wanted)
    base = " ".join(printable.split()) or _kind(transports)
    folded = _folded(taken)
    endings = (f" {number}" if number > 1 else "" for number in count(1))
    variants = (base[: MOST_CHARACTERS - len(ending)].rstrip() + ending for ending in endings)
    return next(name for name in variants if name.casefold() not in folded)


def _kind(transports: Collection[str]) -> str:
    only_a_device = bool(transports) and _OF_A_DEVICE.issuperset(transports)
    return "Passkey" if only_a_device else "Security key"


def _folded(names: Iterable[str]) -> set[str]:
    return {name.casefold() for name in names}
