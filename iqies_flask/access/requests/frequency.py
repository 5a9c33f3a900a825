"""How often somebody may ask for roles.

Each request is an e-mail to whoever decides about it, also one that is withdrawn at once. So all requests
count, whatever became of them. Whoever makes some locks the account first, so that those made at once count
each other.
"""

from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from iqies_flask.access.models import RoleRequest
from iqies_flask.current import current_settings
from iqies_flask.database import utc_now
from iqies_flask.identity.models import User

SPAN = timedelta(hours=24)
"""The time within which requests are counted. It ends now: there is no midnight to wait for."""


def next_request_at(session: Session, user: User, ccn: str | None) -> datetime | None:
    """Say when somebody may ask again for a role for a provider.

    Args:
        session: Where to look.
        user: Who asks.
        ccn: For which provider; None for an office, which all count together.

    Returns:
        The moment, in UTC; None where it is not too often now.
    """
    counted = _latest(user).where(RoleRequest.ccn == ccn if ccn else RoleRequest.ccn.is_(None))
    return _free_at(session, counted, current_settings().role_requests_per_provider)


def next_list_at(session: Session, user: User, number: int) -> datetime | None:
    """Say when somebody may make some more requests, for whichever providers.

    Args:
        session: Where to look.
        user: Who asks.
        number: How many requests; no more than one day allows.

    Returns:
        The moment, in UTC; None where they are not too many now.
    """
    return _free_at(session, _latest(user), current_settings().role_requests_per_day - number + 1)


def _latest(user: User) -> Select[datetime]:
    since = utc_now() - SPAN
    return (
        select(RoleRequest.requested_at)
        .where(RoleRequest.user_id == user.id, RoleRequest.requested_at > since)
        .order_by(RoleRequest.requested_at.desc())
    )


def _free_at(session: Session, counted: Select[datetime], allowed: int) -> datetime | None:
    """When the oldest of as many requests as there may be counts no longer."""
    oldest = session.scalar(counted.offset(allowed - 1).limit(1))
    return None if oldest is None else oldest + SPAN
