"""E-mails with links that anybody can have sent: writing them tells nobody which accounts exist."""

from typing import Any

from sqlalchemy.orm import Session

from iqies_flask.database import utc_now
from iqies_flask.identity.links import service as links
from iqies_flask.identity.links.models import LinkPurpose
from iqies_flask.identity.models import User
from iqies_flask.identity.origin import Origin
from iqies_flask.mail.service import enqueue

_NOBODY = "nobody@nowhere.example"
"""Stands in for the address where there is no account. Nothing is ever sent to it."""


def tell_evenly(
    session: Session,
    user: User | None,
    template: str,
    origin: Origin,
    *,
    purpose: LinkPurpose | None = None,
    sent: bool = True,
    **shown: Any,
) -> None:
    """Write an e-mail to an account's owner; where there is none, do the same work and take it back.

    So the time that it takes tells nobody which accounts exist.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Whose account; None, or one that is shut or has no address, for nobody's.
        template: As for `iqies_flask.mail.service.enqueue`.
        origin: Where the request came from.
        purpose: What a link in the e-mail does; None for no link.
        sent: False to take the e-mail back, and leave earlier links as they are, all the same.
        shown: What the template shows besides.
    """
    if user is not None and not (user.active and user.email):
        user = None
    with session.begin_nested() as attempt:
        values: dict[str, str] = {}
        if purpose is not None:
            values = {
                "link": links.make(session, user, purpose),
                "lifetime": links.lifetime_in_words(purpose),
            }
        enqueue(
            session,
            (user.email if user else None) or _NOBODY,
            template,
            user_id=user.user_id if user else "",
            at=utc_now(),
            **origin._asdict(),
            **values,
            **shown,
        )
        session.flush()
        if user is None or not sent:
            attempt.rollback()
