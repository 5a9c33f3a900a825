"""The rules of accounts. Knows no request; needs an application context for the database."""

import re
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from iqies_flask.database import write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User, new_session_token

LEAST_PASSWORD_CHARACTERS = 12
MOST_PASSWORD_CHARACTERS = 256
_USER_ID = re.compile(r"[A-Za-z0-9._-]{6,30}")
_hasher = PasswordHasher()


class IdentityError(ValueError):
    """An account cannot be made or changed; the message says why, for the person who asked."""


def create_user(user_id: str, password: str) -> User:
    """Make an account.

    Args:
        user_id: 6 to 30 letters, digits, dots, underscores and hyphens; unique whatever the case.
        password: 12 to 256 characters.

    Raises:
        IdentityError: The user ID or the password does not do, or the user ID is taken.
    """
    if not _USER_ID.fullmatch(user_id):
        raise IdentityError(
            "A user ID has 6 to 30 characters: letters without accents, digits, dots, underscores, hyphens."
        )
    user = User(user_id=user_id, user_id_folded=user_id.lower(), password_hash=_hash(password))
    try:
        with write_transaction() as session:
            session.add(user)
    except IntegrityError:
        raise IdentityError(f"The user ID {user_id} is taken. Choose another one.") from None
    return user


def set_password(user_id: str, password: str) -> None:
    """Give an account a new password, and end its sessions.

    Raises:
        IdentityError: There is no such account, or the password does not do.
    """
    hashed = _hash(password)
    with write_transaction():
        user = _existing(user_id)
        user.password_hash = hashed
        user.session_token = new_session_token()


def activate(user_id: str) -> None:
    """Let an account be used again.

    Raises:
        IdentityError: There is no such account.
    """
    with write_transaction():
        _existing(user_id).active = True


def deactivate(user_id: str) -> None:
    """Shut an account, and end its sessions.

    Raises:
        IdentityError: There is no such account.
    """
    with write_transaction():
        user = _existing(user_id)
        user.active = False
        user.session_token = new_session_token()


def end_sessions(user: User) -> None:
    """Sign an account out in every browser: a copy of its cookie is worth nothing from now on."""
    with write_transaction() as session:
        session.merge(user).session_token = new_session_token()


def find_user(user_id: str) -> User | None:
    """Look an account up by its user ID, in whichever case."""
    if not _USER_ID.fullmatch(user_id):
        return None
    return db.session.scalar(select(User).where(User.user_id_folded == user_id.lower()))


def find_by_session_token(token: str) -> User | None:
    """Look up the account whose session has this token; None if it is not active."""
    return db.session.scalar(select(User).where(User.session_token == token, User.active))


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
    try:
        _hasher.verify(user.password_hash if user else _hash_of_nobody(), password)
    except (VerificationError, InvalidHashError):
        return None
    if user is None or not user.active:
        return None
    if _hasher.check_needs_rehash(user.password_hash):
        with write_transaction() as session:
            session.merge(user).password_hash = _hasher.hash(password)
    return user


def _hash(password: str) -> str:
    if not LEAST_PASSWORD_CHARACTERS <= len(password) <= MOST_PASSWORD_CHARACTERS:
        raise IdentityError(
            f"A password has {LEAST_PASSWORD_CHARACTERS} to {MOST_PASSWORD_CHARACTERS} characters. "
            "A sentence that only you would think of does well."
        )
    return _hasher.hash(password)


@cache
def _hash_of_nobody() -> str:
    return _hasher.hash("the password of no account")


def _existing(user_id: str) -> User:
    user = find_user(user_id)
    if user is None:
        raise IdentityError(f"There is no user {user_id}.")
    return user
