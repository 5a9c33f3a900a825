"""Requests that nobody decides: those who must are reminded, then CMS is told, in the end they expire."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from iqies_flask.access import letters
from iqies_flask.access.models import RequestState, RoleRequest
from iqies_flask.access.requests import service
from iqies_flask.current import current_settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User

_AT_A_TIME = 500
"""Requests that one sweep takes up: it comes again within a minute."""

_REMINDED, _ESCALATED = 1, 2
"""Values of `RoleRequest.follow_ups`."""


def has_due() -> bool:
    """Whether there is anything to do for `sweep`."""
    due = or_(_is_expired(), _needs_escalation(), _needs_reminder())
    return db.session.scalar(select(RoleRequest.id).where(due).limit(1)) is not None


def sweep() -> None:
    """Do all that time brings with it."""
    expire_old()
    escalate()
    remind()


def expire_old() -> int:
    """Let requests expire that nobody has decided for too long. The requesters are told.

    Returns:
        How many.
    """
    with write_transaction() as session:
        due = _due(session, _is_expired())
        for request in due:
            request.state, request.decided_at = RequestState.EXPIRED, utc_now()
        for user_id, own in groupby(
            sorted(due, key=lambda request: request.user_id), lambda request: request.user_id
        ):
            letters.expired(session, session.get_one(User, user_id), list(own))
        service.record(session, "role.expired", *due)
        return len(due)


def escalate() -> int:
    """Tell CMS, and who asked, of requests that nobody has decided for some days.

    Returns:
        How many.
    """
    with write_transaction() as session:
        due = _due(session, _needs_escalation())
        lines = letters.lines(session, due)
        reminded = _remind(session, due, lines)
        is_told = bool(due) and letters.to_cms(session, lines, reminded)
        for request in due:
            request.follow_ups = _ESCALATED
            request.escalated_at = utc_now() if is_told else None
        for user in _requesters(session, due):
            own = [line for line in lines if line.requester_id == user.user_id]
            letters.delayed(session, user, own, reminded, cms_is_told=is_told)
        return len(due)


def remind() -> int:
    """Remind those who must decide of requests that have waited for some days.

    Returns:
        How many.
    """
    with write_transaction() as session:
        due = _due(session, _needs_reminder())
        _remind(session, due, letters.lines(session, due))
        for request in due:
            request.follow_ups = _REMINDED
        return len(due)


def _remind(session: Session, due: Sequence[RoleRequest], lines: Sequence[letters.RequestLine]) -> set[int]:
    """Write to those who must decide, and mark the requests about which somebody could be written to."""
    reminded = letters.to_each_decider(session, lines, "role_reminder")
    for request in due:
        if request.id in reminded:
            request.reminded_at = utc_now()
    return reminded


def _due(session: Session, condition: ColumnElement[bool]) -> Sequence[RoleRequest]:
    # What another worker has taken up is its own, and what somebody decides about just now is not late.
    statement = (
        select(RoleRequest)
        .where(condition)
        .order_by(RoleRequest.requested_at)
        .limit(_AT_A_TIME)
        .with_for_update(key_share=True, skip_locked=True)
    )
    return session.scalars(statement, execution_options={"populate_existing": True}).all()


def _requesters(session: Session, requests: Sequence[RoleRequest]) -> Sequence[User]:
    return session.scalars(select(User).where(User.id.in_({request.user_id for request in requests}))).all()


def _is_expired() -> ColumnElement[bool]:
    return _older_than(current_settings().role_request_days)


def _needs_escalation() -> ColumnElement[bool]:
    older = _older_than(current_settings().role_escalation_days)
    return and_(older, RoleRequest.follow_ups < _ESCALATED)


def _needs_reminder() -> ColumnElement[bool]:
    return and_(_older_than(current_settings().role_reminder_days), RoleRequest.follow_ups < _REMINDED)


def _older_than(days: int) -> ColumnElement[bool]:
    return and_(
        RoleRequest.state == RequestState.PENDING,
        RoleRequest.requested_at <= utc_now() - timedelta(days=days),
    )
