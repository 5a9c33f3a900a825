"""The rules of accounts. Knows no request; needs an application context for the database.

What is done here is done by the operator; what persons do with their own accounts is elsewhere.
"""

from collections.abc import Callable

from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from iqies_flask.config import Environment
from iqies_flask.current import current_settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.encryption import current_vault
from iqies_flask.extensions import db
from iqies_flask.identity import events, passwords, user_ids
from iqies_flask.identity.links import service as links
from iqies_flask.identity.locking import lock_to_shut
from iqies_flask.identity.models import ProofingState, User
from iqies_flask.identity.origin import NOWHERE
from iqies_flask.identity.sessions import service as sessions

_WHEN_SHUT = "iqies_when_shut"


class IdentityError(ValueError):
    """An account cannot be made or changed; the message says why, for the person who asked."""


def create_user(
    user_id: str, password: str, email: str | None = None, *, of_demonstration: bool = False
) -> User:
    """Make an account for a person whom the operator knows; everybody else registers.

    Args:
        user_id: 6 to 30 letters, digits, dots, underscores and hyphens; unique whatever the case.
        password: See `passwords.problems`.
        email: The person's address.
        of_demonstration: Everybody knows the password, so the account is refused in production.

    Raises:
        IdentityError: The user ID or the password does not do, or the user ID or address is taken.
    """
    if problem := user_ids.problem(user_id):
        raise IdentityError(problem)
    user = User(
        user_id=user_id,
        user_id_folded=user_id.lower(),
        password_hash=_hash(password, user_id, email or ""),
        email=email,
        email_hash=email_hash(email) if email else None,
        proofing=ProofingState.PROVED,
        of_demonstration=of_demonstration,
    )
    try:
        with write_transaction() as session:
            session.add(user)
            session.flush()
            events.record_by_operator(session, "account.created", user)
    except IntegrityError:
        raise IdentityError(f"The user ID {user_id} or the address is taken. Choose another one.") from None
    return user


def set_password(user_id: str, password: str) -> None:
    """Give an account a new password, end its sessions, and tell its owner.

    Raises:
        IdentityError: There is no such account, or the password does not do.
    """
    user = _existing(user_id)
    hashed = _hash(password, user.user_id, user.email or "")
    with write_transaction() as session:
        user = _existing(user_id)
        replace_password(session, user, hashed)
        events.record_by_operator(session, "password.changed", user)
        events.tell(session, user, "password_changed", NOWHERE)


def replace_password(session: Session, user: User, password_hash: str, *, but: int | None = None) -> None:
    """Give an account a new password: its sessions end, and no link that was sent before does anything.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Whose.
        password_hash: Of a password that `passwords.problems` finds no fault with.
        but: Number of a session that goes on.
    """
    user.password_hash = password_hash
    user.password_changed_at = utc_now()
    sessions.end_all(session, user, but=but)
    links.void(session, user)


def when_shut(app: Flask, told: Callable[[Session, User], None]) -> None:
    """Have something done whenever an account is shut that was open, in the same transaction.

    Rooms above this one learn of it so: it knows nothing of what an account may do.

    Args:
        app: The application.
        told: What is called with the session and the account, which is not active any more.
    """
    app.extensions.setdefault(_WHEN_SHUT, []).append(told)


def shut(session: Session, user: User) -> None:
    """Shut an account: its sessions end, and no link that was sent before does anything.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Whose; from `lock_to_shut`, before anything is written into the audit log.
    """
    was_active, user.active = user.active, False
    sessions.end_all(session, user)
    links.void(session, user)
    session.flush()
    for told in current_app.extensions.get(_WHEN_SHUT, ()) if was_active else ():
        told(session, user)


def activate(user_id: str) -> None:
    """Let an account be used again.

    Raises:
        IdentityError: There is no such account, or a demonstration made it and this is none.
    """
    with write_transaction() as session:
        user = _existing(user_id)
        if user.of_demonstration and current_settings().environment is Environment.PRODUCTION:
            raise IdentityError(
                f"A demonstration made {user.user_id}: everybody knows how to sign in with it. It stays shut."
            )
        user.active = True
        events.record_by_operator(session, "account.activated", user)


def deactivate(user_id: str) -> None:
    """Shut an account, end its sessions, and tell its owner.

    Raises:
        IdentityError: There is no such account.
    """
    with write_transaction() as session:
        user = lock_to_shut(session, _existing(user_id))
        shut(session, user)
        events.record_by_operator(session, "account.deactivated", user)
        events.tell(session, user, "account_deactivated", NOWHERE)


def sign_out(user_id: str) -> None:
    """End all sessions of an account.

    Raises:
        IdentityError: There is no such account.
    """
    with write_transaction() as session:
        user = _existing(user_id)
        sessions.end_all(session, user)
        events.record_by_operator(session, "session.ended", user)


def sign_out_everybody() -> int:
    """End all sessions of all accounts.

    Returns:
        How many accounts somebody was signed in with.
    """
    with write_transaction() as session:
        users = sessions.list_signed_in(session)
        for user in users:
            sessions.end_all(session, user)
            events.record_by_operator(session, "session.ended", user)
    return len(users)


def find_user(user_id: str) -> User | None:
    """Look an account up by its user ID, in whichever case."""
    if not user_ids.USER_ID.fullmatch(user_id):
        return None
    return db.session.scalar(select(User).where(User.user_id_folded == user_id.lower()))


def find_by_email(session: Session, email: str) -> User | None:
    """Look an account up by its confirmed address, in whichever case."""
    return session.scalar(select(User).where(User.email_hash == email_hash(email)))


def email_hash(email: str) -> bytes:
    """Hash an address so that it can be found without being readable: upper and lower case are one."""
    return current_vault().keyed_hash("email", email.strip().lower())


def list_users() -> list[User]:
    """List all accounts by user ID."""
    return list(db.session.scalars(select(User).order_by(User.user_id_folded)))


def authenticate(user_id: str, password: str) -> User | None:
    """Check a user ID and password.

    Takes the same work whether or not the account exists, so that the time tells nobody which accounts do.

    Returns:
        The account; None if the user ID, the password or the account's state is not right.
    """
    user = find_user(user_id)
    if not passwords.matches(user.password_hash if user else None, password):
        return None
    if user is None or not user.active:
        return None
    if passwords.is_outdated(user.password_hash):
        with write_transaction() as session:
            session.merge(user).password_hash = passwords.hashed(password)
    return user


def _hash(password: str, *words: str) -> str:
    if problems := passwords.problems(password, words_of_person=words):
        raise IdentityError(" ".join(problems))
    return passwords.hashed(password)


def _existing(user_id: str) -> User:
    user = find_user(user_id)
    if user is None:
        raise IdentityError(f"There is no user {user_id}.")
    return user
