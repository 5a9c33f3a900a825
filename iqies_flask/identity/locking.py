"""Letting one request at a time change an account.

An account is locked before anything else is: above all before the end of the audit log, for which everybody
waits. In any other order two requests wait for each other.
"""

from sqlalchemy.orm import Session, defer

from iqies_flask.identity.models import User


def lock(session: Session, user: User) -> User:
    """Let one request at a time change an account, and read its row as it is now.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Which.
    """
    return session.get_one(User, user.id, with_for_update=True, populate_existing=True)


def lock_to_shut(session: Session, user: User) -> User:
    """The same for shutting an account, which goes on to lock what the person could decide about.

    Whoever has locked that, and writes down here that it was this person who decided, need not wait.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Which.
    """
    return session.get_one(
        User,
        user.id,
        # Read when it is needed: an account can be shut although its address cannot be decrypted.
        options=[defer(User.email)],
        with_for_update={"key_share": True},
        populate_existing=True,
    )


def lock_number(session: Session, number: int) -> User | None:
    """The same for the number of an account; None if there is none.

    Args:
        session: A session in a writing transaction, which the caller commits.
        number: Of which.
    """
    return session.get(User, number, with_for_update=True, populate_existing=True)
