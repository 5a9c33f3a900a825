"""Roles end by themselves when their holder has not signed in for long; the account stays.

After CMS's inactive user policy for iQIES: no sign-in for more than 60 days, a warning by e-mail, then the
roles are taken, and must be requested again:
https://qtso.cms.gov/news-and-updates/iqies-will-implement-inactive-user-policy-0
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, load_only

from iqies_flask.access.grants import end
from iqies_flask.access.holders import lock_holder
from iqies_flask.access.models import Grant, OfficeGrant, Provider, RequestState, RoleGrant
from iqies_flask.access.permission import current_matrix
from iqies_flask.access.vacancy import lock_left, tell_cms
from iqies_flask.audit import service as audit
from iqies_flask.config import Settings
from iqies_flask.current import current_settings
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.mail.service import enqueue

logger = logging.getLogger(__name__)

_AT_A_TIME = 500
_MOST_DEALT_WITH = 25
"""Takes about half a second."""


@dataclass(frozen=True, slots=True)
class EndingRole:
    """A role as an e-mail names it.

    Attributes:
        label: What it is called.
        provider: Name of the provider; empty for an office.
        ccn: Its CMS Certification Number; likewise.
        ends_on: When it ends, or ended.
    """

    label: str
    provider: str
    ccn: str
    ends_on: date


class Policy:
    """When somebody is warned, and when a role ends.

    It counts days of the calendar, where the installation is: workers look once a day, and hours would let a
    role that is looked at a little too early go on for another day, once for each warning.
    """

    def __init__(self, settings: Settings) -> None:
        """Take the days from the settings."""
        self._zone = settings.zone
        self._end = timedelta(days=settings.inactive_days)
        self._warnings = [timedelta(days=day) for day in settings.inactive_warnings]

    def idle_before(self, now: datetime) -> datetime:
        """The moment before which somebody must have signed in last so that anything happens now."""
        first = min([*self._warnings, self._end])
        return datetime.combine(self._day(now) - first + timedelta(days=1), time(), self._zone)

    def is_idle(self, user: User, granted_at: datetime, now: datetime) -> bool:
        """Whether a role is about to end, or is over."""
        return self._counted_from(user, granted_at) < self.idle_before(now)

    def ends_on(self, user: User, held: Grant) -> date:
        """When a role ends. Nobody loses one unwarned: not before the time after the last warning is over."""
        since = self._since(user, held)
        if not self._warnings:
            return since + self._end
        last = self._warnings[-1]
        warned = since + last if held.warned_at is None else max(self._day(held.warned_at), since + last)
        return warned + self._end - last

    def is_over(self, user: User, held: Grant, now: datetime) -> bool:
        """Whether a role ends now."""
        last = self._warnings[-1] if self._warnings else None
        unwarned = last is not None and (
            held.warned_at is None or self._day(held.warned_at) < self._since(user, held) + last
        )
        return not unwarned and self._day(now) >= self.ends_on(user, held)

    def must_warn(self, user: User, held: Grant, now: datetime) -> bool:
        """Whether a warning is due that was not sent yet."""
        since = self._since(user, held)
        reached = [since + warning for warning in self._warnings if since + warning <= self._day(now)]
        return bool(reached) and (held.warned_at is None or self._day(held.warned_at) < reached[-1])

    def _since(self, user: User, held: Grant) -> date:
        return self._day(self._counted_from(user, held.granted_at))

    def _counted_from(self, user: User, granted_at: datetime) -> datetime:
        # The beginning of account or role counts where that is later than the last sign-in.
        return max(user.last_sign_in_at or user.created_at, granted_at)

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self._zone).date()


def sweep(now: datetime, after: int = 0) -> int | None:
    """Warn those who have not signed in for long, and end the roles of those who were warned in vain.

    May run at any time and any number of times, also in several workers at once: each user is dealt with in a
    transaction of its own, which sees what others have done. It deals with some users only, so that a worker
    can do other things in between.

    Args:
        now: The present moment.
        after: Number of the user to go on behind.

    Returns:
        The number of the user to go on behind; None when nobody is left.
    """
    policy = Policy(current_settings())
    idle = _idle_users(policy.idle_before(now), after)
    due = _due(idle, policy, now)
    for number in due[:_MOST_DEALT_WITH]:
        try:
            with write_transaction() as session:
                _deal_with(session, number, policy, now)
        except Exception:
            logger.exception("The roles of account %s could not be looked at; the others' are.", number)
    if len(due) > _MOST_DEALT_WITH:
        return due[_MOST_DEALT_WITH - 1]
    return idle[-1] if len(idle) == _AT_A_TIME else None


def _idle_users(before: datetime, after: int) -> Sequence[int]:
    """List those who hold a role and have not signed in of late; who has lost all roles is not among them."""

    def holding(table: type[Grant]) -> object:
        return select(table.user_id).where(table.user_id == User.id, table.granted_at < before).exists()

    last = func.coalesce(User.last_sign_in_at, User.created_at)
    chosen = select(User.id).where(
        User.id > after,
        last < before,
        or_(holding(RoleGrant), holding(OfficeGrant)),  # type: ignore[arg-type]
    )
    return db.session.scalars(chosen.order_by(User.id).limit(_AT_A_TIME)).all()


def _due(idle: Sequence[int], policy: Policy, now: datetime) -> list[int]:
    """Choose those with whom there is anything to do: most were warned before, and are only waited for."""
    due: set[int] = set()
    for table in (RoleGrant, OfficeGrant):
        # What is encrypted is not needed, and one account that cannot be decrypted must not stop the others.
        held = (
            select(User, table)
            .join(table, table.user_id == User.id)
            .where(User.id.in_(idle))
            .options(load_only(User.created_at, User.last_sign_in_at))
        )
        for user, entry in db.session.execute(held):
            assert isinstance(entry, Grant)
            if policy.must_warn(user, entry, now) or policy.is_over(user, entry, now):
                due.add(user.id)
    return sorted(due)


def _deal_with(session: Session, number: int, policy: Policy, now: datetime) -> None:
    user = lock_holder(session, number)
    assert user is not None
    held = _roles(session, number)
    over = [entry for entry in held if policy.is_over(user, entry, now)]
    warned = [entry for entry in held if policy.must_warn(user, entry, now)]
    for entry in warned:
        entry.warned_at = now
    if warned:
        _tell(session, user, "roles_end_soon", [_shown(session, policy, user, entry) for entry in warned])
    if over:
        lock_left(session, over)
        ended = [_shown(session, policy, user, entry) for entry in over]
        for entry in over:
            _end(session, user, entry)
        _tell(session, user, "roles_ended", ended)
        tell_cms(session, over)


def _roles(session: Session, number: int) -> list[Grant]:
    roles = session.scalars(
        select(RoleGrant).where(RoleGrant.user_id == number).order_by(RoleGrant.ccn, RoleGrant.role),
        execution_options={"populate_existing": True},
    )
    offices = session.scalars(
        select(OfficeGrant).where(OfficeGrant.user_id == number).order_by(OfficeGrant.role),
        execution_options={"populate_existing": True},
    )
    return [*roles, *offices]


def _end(session: Session, user: User, held: Grant) -> None:
    audit.record(
        session,
        "role.ended",
        actor=audit.SYSTEM,
        object_type=audit.ACCOUNT,
        object_id=user.id,
        role=held.role.value,
        reason="inactive",
        ccn=held.ccn if isinstance(held, RoleGrant) else "",
    )
    end(session, held, RequestState.ENDED)


def _tell(session: Session, user: User, template: str, roles: list[EndingRole]) -> None:
    """Write to a user. Whose account is shut could do nothing about it, and gets no e-mail."""
    if user.email and user.active:
        days = current_settings().inactive_days
        enqueue(session, user.email, template, user_id=user.user_id, roles=roles, days=days)


def _shown(session: Session, policy: Policy, user: User, held: Grant) -> EndingRole:
    provider = session.get_one(Provider, held.ccn) if isinstance(held, RoleGrant) else None
    return EndingRole(
        label=current_matrix().roles[held.role].label,
        provider=provider.name if provider else "",
        ccn=provider.ccn if provider else "",
        ends_on=policy.ends_on(user, held),
    )
