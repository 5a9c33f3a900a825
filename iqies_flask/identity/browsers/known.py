"""Browsers in which a person has signed in before. Knows no request."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from iqies_flask.database import utc_now
from iqies_flask.extensions import db
from iqies_flask.identity.browsers.models import KnownBrowser
from iqies_flask.identity.models import User
from iqies_flask.identity.tokens import new_token, token_hash

LIFETIME = timedelta(days=180)
"""A browser that was not used for so long is a stranger again."""


def is_known(session: Session, user: User | None, token: str) -> bool:
    """Whether a person has signed in lately in the browser that holds a token.

    Looks it up where there is no such account, too: the time shall tell nobody which accounts exist.
    """
    browsers = _of_token(session, token)
    return user is not None and any(browser.user_id == user.id for browser in browsers)


def last_user(token: str) -> int | None:
    """The number of the account that was last signed in to in a browser; None for a strange browser."""
    browsers = _of_token(db.session, token)
    return max(browsers, key=lambda browser: browser.seen_at).user_id if browsers else None


def remember(session: Session, user: User, token: str) -> str:
    """Write down that a person has signed in, key and all, in a browser.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Who.
        token: The token that the browser held; empty for none.

    Returns:
        A new token for the browser. The one before is worthless, whoever else may know it.
    """
    new = new_token()
    if token:
        session.execute(
            update(KnownBrowser)
            .where(KnownBrowser.token_hash == token_hash(token))
            .values(token_hash=token_hash(new))
            .execution_options(synchronize_session=False)
        )
    session.merge(KnownBrowser(token_hash=token_hash(new), user_id=user.id, seen_at=utc_now()))
    return new


def tokens_of(session: Session, user: User) -> list[bytes]:
    """The hashes of the tokens of the browsers in which a person has signed in."""
    return list(session.scalars(select(KnownBrowser.token_hash).where(KnownBrowser.user_id == user.id)))


def sweep(session: Session) -> None:
    """Forget browsers that were not used for long."""
    session.execute(delete(KnownBrowser).where(KnownBrowser.seen_at < _oldest()))


def _of_token(session: Session, token: str) -> list[KnownBrowser]:
    if not token:
        return []
    statement = select(KnownBrowser).where(
        KnownBrowser.token_hash == token_hash(token), KnownBrowser.seen_at >= _oldest()
    )
    return list(session.scalars(statement))


def _oldest() -> datetime:
    return utc_now() - LIFETIME
