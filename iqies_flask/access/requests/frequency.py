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


def next_requests_at(session: Session, user: User) -> dict[str | None, datetime]:
    """Say for which providers somebody has asked too often, and when that is over.

    Args:
        session: Where to look.
        user: Who asks.

    Returns:
        CCN to the moment, in UTC, from which the person may ask again. Offices count together, under None.
    """
    allowed = current_settings().role_requests_per_provider
    counted = _latest(user).with_only_columns(RoleRequest.ccn, RoleRequest.requested_at)
    by_provider: dict[str | None, list[datetime]] = {}
    for request in session.execute(counted):
        by_provider.setdefault(request.ccn, []).append(request.requested_at)
    return {ccn: latest[allowed - 1] + SPAN for ccn, latest in by_provider.items() if len(latest) >= allowed}


def next_list_at(session: Session, user: User, number: int) -> datetime | None:
    """Say when somebody may make some more requests, for whichever providers.

    Args:
        session: Where to look.
        user: Who asks.
        number: How many requests; no more than one day allows.

    Returns:
        The moment, in UTC; None where they are not too many now.
    """
    beyond = current_settings().role_requests_per_day - number
    # The oldest of as many as there may be besides counts no longer then.
    oldest = session.scalar(_latest(user).offset(beyond).limit(1))
    return None if oldest is None else oldest + SPAN


def _latest(user: User) -> Select[datetime]:
    since = utc_now() - SPAN
    # What was given without being asked for was decided in the moment in which it was made.
    is_asked_for = RoleRequest.decided_at.is_distinct_from(RoleRequest.requested_at)
    return (
        select(RoleRequest.requested_at)
        .where(RoleRequest.user_id == user.id, RoleRequest.requested_at > since, is_asked_for)
        .order_by(RoleRequest.requested_at.desc())
    )
