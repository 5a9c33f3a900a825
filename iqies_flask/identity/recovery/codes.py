"""Recovery codes: each stands in for a security key, once.

NIST SP 800-63B calls them saved recovery codes and asks for 64 bits of chance (section 4.2.1.1). From 112
bits on a hash that is quick to compute does for keeping them (OWASP ASVS 5.0, 6.5.2).
"""

import re
import secrets
from collections.abc import Sequence

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from iqies_flask.database import utc_now
from iqies_flask.encryption import current_vault
from iqies_flask.extensions import db
from iqies_flask.identity import events
from iqies_flask.identity.locking import lock
from iqies_flask.identity.models import User
from iqies_flask.identity.origin import NOWHERE, Origin
from iqies_flask.identity.recovery.models import RecoveryCode

NUMBER = 10
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U. Twenty-four of them are 120 bits."""

_GROUPS = 6
_GROUP = 4
_MISREAD = str.maketrans("OIL", "011")
MOST_TYPED_CHARACTERS = 60

HINT = (
    f"{_GROUPS * _GROUP} letters and digits, such as 7XQ4-0KMD-9R2T-HV6C-3MZP-8WAE. Capitals, spaces and"
    " hyphens do not matter."
)
"""What a code looks like, for whoever types one."""


def make(session: Session, user: User, *, origin: Origin = NOWHERE) -> list[str]:
    """Make ten codes. Those made before are worth nothing from now on; their owner is told.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Whose.
        origin: Where the request came from.

    Returns:
        The codes, to be shown this once: only their hashes are kept.
    """
    lock(session, user)
    before = discard(session, user)
    codes = [_new_code() for _ in range(NUMBER)]
    session.add_all(RecoveryCode(user_id=user.id, code_hash=_hash(user, code)) for code in codes)
    events.record(session, "recovery_codes.made", user, origin)
    if before:
        events.tell(session, user, "recovery_codes_made", origin)
    return codes


def put(session: Session, user: User, codes: Sequence[str]) -> None:
    """Give a person codes that others know, all of them unused: for accounts of a demonstration.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Whose.
        codes: The codes; those of before are worth nothing from now on.
    """
    unused = select(RecoveryCode.code_hash).where(
        RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None)
    )
    wanted = {_hash(user, code) for code in codes}
    if set(session.scalars(unused)) == wanted:
        return
    discard(session, user)
    session.add_all(RecoveryCode(user_id=user.id, code_hash=hashed) for hashed in wanted)
    events.record_by_operator(session, "recovery_codes.made", user)


def discard(session: Session, user: User) -> bool:
    """Make a person's codes worth nothing.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Whose.

    Returns:
        Whether there were any.
    """
    statement = delete(RecoveryCode).where(RecoveryCode.user_id == user.id).returning(RecoveryCode.user_id)
    return bool(session.scalars(statement).all())


def use(session: Session, user: User, code: str, *, origin: Origin = NOWHERE) -> bool:
    """Use a code up, and tell its owner by e-mail.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Whose.
        code: As it was typed: case, spaces, hyphens, and letters that look like digits do not matter.
        origin: Where the request came from.

    Returns:
        Whether it was one of the person's, and unused.
    """
    used = session.scalar(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.code_hash == _hash(user, code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=utc_now())
        .returning(RecoveryCode.user_id)
    )
    if used is None:
        return False
    events.tell(session, user, "recovery_code_used", origin, left=left(user))
    return True


def left(user: User) -> int:
    """Count the codes that a person has not used."""
    statement = (
        select(func.count())
        .select_from(RecoveryCode)
        .where(RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))
    )
    return db.session.scalar(statement) or 0


def _new_code() -> str:
    characters = "".join(secrets.choice(_ALPHABET) for _ in range(_GROUPS * _GROUP))
    return "-".join(characters[start : start + _GROUP] for start in range(0, len(characters), _GROUP))


def _hash(user: User, code: str) -> bytes:
    plain = re.sub(r"[^0-9A-Z]", "", code.upper()).translate(_MISREAD)
    return current_vault().keyed_hash("recovery code", str(user.id), plain)
