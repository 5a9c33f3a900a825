"""The last way back into an account: an operator takes lost keys and codes away. Knows no request."""

from sqlalchemy.orm import Session

from iqies_flask.identity import events
from iqies_flask.identity.links import service as links
from iqies_flask.identity.models import User
from iqies_flask.identity.origin import NOWHERE
from iqies_flask.identity.recovery import codes
from iqies_flask.identity.security_keys import service as security_keys
from iqies_flask.identity.sessions import service as sessions


def reset(session: Session, user: User) -> int:
    """Take keys and recovery codes from a person who has lost them, and tell the person by e-mail.

    Sessions end and links that were sent do nothing any more: with the password alone, whoever signs in
    next sets a new first key up.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Whose account. That it is its owner who asks is for the operator to make sure of.

    Returns:
        How many keys there were.
    """
    removed = security_keys.remove_all(session, user)
    codes.discard(session, user)
    sessions.end_all(session, user)
    links.void(session, user)
    events.record_by_operator(session, "second_factor.reset", user, keys=removed)
    events.tell(session, user, "second_factor_reset", NOWHERE)
    return removed
