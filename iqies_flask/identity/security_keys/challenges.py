"""Challenges to authenticators: short-lived, for one purpose and one person, and good for one answer."""

import secrets
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from iqies_flask.database import utc_now, write_transaction
from iqies_flask.identity.models import User
from iqies_flask.identity.security_keys.models import Challenge, Purpose
from iqies_flask.identity.tokens import new_token, token_hash

LIFETIME = timedelta(minutes=5)
_BYTES = 32
"""WebAuthn level 3, section 13.4.3, asks for 16 or more."""


def issue(session: Session, purpose: Purpose, user: User | None) -> tuple[str, bytes]:
    """Make a challenge, and throw away those that nobody answered in time.

    Args:
        session: A session in a writing transaction, which the caller commits.
        purpose: What it is for.
        user: Whose key is to answer; None where any passkey may.

    Returns:
        The token for the browser's session, and the challenge.
    """
    now = utc_now()
    session.execute(delete(Challenge).where(Challenge.expires_at <= now))
    token = new_token()
    challenge = secrets.token_bytes(_BYTES)
    session.add(
        Challenge(
            token_hash=token_hash(token),
            purpose=purpose,
            user_id=None if user is None else user.id,
            challenge=challenge,
            expires_at=now + LIFETIME,
        )
    )
    return token, challenge


def take(token: str, purpose: Purpose, user: User | None) -> bytes | None:
    """Take a challenge away, committed at once: whatever comes of this answer, there is no second one.

    Returns:
        The challenge; None if it was for something or somebody else, is too old, was answered, or never was.
    """
    with write_transaction() as session:
        taken = session.execute(
            delete(Challenge)
            .where(Challenge.token_hash == token_hash(token))
            .returning(Challenge.purpose, Challenge.user_id, Challenge.challenge, Challenge.expires_at)
        ).one_or_none()
    if taken is None or taken.expires_at <= utc_now():
        return None
    if taken.purpose is not purpose or taken.user_id != (None if user is None else user.id):
        return None
    challenge: bytes = taken.challenge
    return challenge
