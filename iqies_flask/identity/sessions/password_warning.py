"""Telling a person that somebody knows the password: it was given in a strange browser, and no key followed.

The e-mail is written with the password and waits; the second factor takes it back.
"""

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from iqies_flask.audit.models import Outcome
from iqies_flask.identity import events
from iqies_flask.identity.browsers import known as known_browsers
from iqies_flask.identity.models import User
from iqies_flask.identity.origin import Origin
from iqies_flask.identity.sessions.models import LoginSession
from iqies_flask.mail import service as mail

SENT_AFTER = timedelta(minutes=15)
"""By then whoever has a key has given it."""

MOST_AN_HOUR = 10
"""Right passwords of one account, of whatever browsers. Beyond them nothing is told that has not been."""

_TEMPLATE = "password_known"


def prepare(session: Session, user: User, browser_token: str, origin: Origin) -> int | None:
    """Write the warning, if the password was given in a strange browser. It is sent if nothing follows.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Whose password it was.
        browser_token: The token by which the browser is known; empty for a strange one.
        origin: Where the request came from.

    Returns:
        Number of the e-mail; None if there is none to send.
    """
    if user.last_sign_in_at is None or known_browsers.is_known(session, user, browser_token):
        return None
    if events.count_last_hour(session, "sign_in.password", user.id, Outcome.DONE) > MOST_AN_HOUR:
        return None
    message = events.tell(session, user, _TEMPLATE, origin)
    if message is None:
        return None
    mail.postpone(message, SENT_AFTER)
    session.flush()
    return message.id


def take_back(session: Session, login: LoginSession) -> None:
    """Withdraw the warning of a session, if it has not been sent yet: a second factor was given.

    Args:
        session: A session in a writing transaction, which the caller commits.
        login: The session.
    """
    if login.warning_id is None:
        return
    mail.withdraw(session, login.warning_id, _TEMPLATE)
    session.execute(update(LoginSession).where(LoginSession.id == login.id).values(warning_id=None))
