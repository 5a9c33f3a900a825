"""Which roles are due for being certified again, and telling Security Officials of them. Knows no request.

Each role falls due by itself, some time after it was given or last certified. So that a provider with many
users is not written about every few days, what falls due soon after an e-mail waits for the next one.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select
from sqlalchemy.orm import Session, aliased

from iqies_flask.access.actions import Action
from iqies_flask.access.deciders import officials_of
from iqies_flask.access.models import Provider, RoleGrant
from iqies_flask.access.officials.in_office import has_another_official, is_in_office
from iqies_flask.access.officials.queue import MOST_COUNTED
from iqies_flask.access.officials.service import is_due
from iqies_flask.access.permission import ccns_by_role
from iqies_flask.access.person_names import person_names
from iqies_flask.access.registry import lock_providers
from iqies_flask.current import current_settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.mail.service import enqueue
from iqies_flask.paging import Part

PAUSE = timedelta(days=30)
"""The officials of a provider are written to about it once within this time."""

PAGE_OFFICIALS = 25
"""Officials on a page of those whom CMS certifies."""

_AT_A_TIME = 50
_DAYS_OF_YEAR = 365


@dataclass(frozen=True, slots=True)
class DueProvider:
    """A provider as the e-mail names it.

    Attributes:
        ccn: Its CMS Certification Number.
        name: Its name.
        roles: How many roles are due about which the addressee decides.
    """

    ccn: str
    name: str
    roles: int


@dataclass(frozen=True, slots=True)
class SoleOfficial:
    """Somebody who alone is in office at a provider, and whose role is due: CMS certifies it.

    Attributes:
        ccn: The provider's CMS Certification Number.
        provider: Its name.
        name: The person's legal name; the user ID where none is known.
        since: Since when the role is held.
        certified_at: When CMS, or another official, last said that it is still needed; None before.
    """

    ccn: str
    provider: str
    name: str
    since: datetime
    certified_at: datetime | None


def number_due(official: User) -> ScalarSelect[int]:
    """Count the roles that somebody is to certify, up to `MOST_COUNTED`, as a part of a statement.

    Args:
        official: Who decides. The own roles are certified by others.
    """
    ccns = ccns_by_role(official, Action.APPROVE_ROLES)
    due = select(RoleGrant.user_id).where(RoleGrant.ccn.in_(ccns), is_due(), RoleGrant.user_id != official.id)
    return select(func.count()).select_from(due.limit(MOST_COUNTED).subquery()).scalar_subquery()


def sole_officials(after: str = "") -> Part[SoleOfficial, str]:
    """List those in office whose role is due and whom nobody at their providers could certify, by CCN.

    Args:
        after: CCN behind which to go on; empty for the first page.
    """
    rows = db.session.execute(
        select(Provider, User, RoleGrant)
        .join(RoleGrant, RoleGrant.ccn == Provider.ccn)
        .join(User, User.id == RoleGrant.user_id)
        .where(RoleGrant.ccn > after, is_in_office(), is_due(), ~has_another_official())
        .order_by(RoleGrant.ccn)
        .limit(PAGE_OFFICIALS + 1)
    ).all()
    shown = rows[:PAGE_OFFICIALS]
    names = person_names(db.session, [user for _, user, _ in shown])
    return Part(
        [
            SoleOfficial(provider.ccn, provider.name, names[user.id], grant.granted_at, grant.certified_at)
            for provider, user, grant in shown
        ],
        shown[-1].Provider.ccn if len(rows) > PAGE_OFFICIALS else None,
    )


def period() -> str:
    """How long a role counts as certified, in words that stand behind "every" or "another"."""
    days = current_settings().recertify_days
    if days == _DAYS_OF_YEAR:
        return "year"
    return "day" if days == 1 else f"{days:,} days"


def sweep(stopping: Callable[[], bool] = lambda: False) -> None:
    """Write to the officials of providers that have roles due of which nobody was told.

    May run at any time and any number of times, also in several workers at once.

    Args:
        stopping: Whether to leave the rest to the next time.
    """
    after = ""
    while (ccns := _providers_to_tell_of(after)) and not stopping():
        with write_transaction() as session:
            _tell_of(session, ccns)
        after = ccns[-1]


def _providers_to_tell_of(after: str) -> Sequence[str]:
    statement = select(RoleGrant.ccn).where(RoleGrant.ccn > after, *_to_be_told()).distinct()
    return db.session.scalars(statement.order_by(RoleGrant.ccn).limit(_AT_A_TIME)).all()


def _to_be_told() -> tuple[ColumnElement[bool], ...]:
    """Tell, over grants, of which roles somebody is to be told now."""
    untold = or_(
        RoleGrant.due_told_at.is_(None),
        # Told a round ago, and certified since.
        RoleGrant.due_told_at <= func.coalesce(RoleGrant.certified_at, RoleGrant.granted_at),
    )
    neighbor = aliased(RoleGrant)
    told_of_late = (
        select(neighbor.ccn)
        .where(neighbor.ccn == RoleGrant.ccn, neighbor.due_told_at > utc_now() - PAUSE)
        .exists()
    )
    return is_due(), untold, ~told_of_late, has_another_official()


def _tell_of(session: Session, ccns: Sequence[str]) -> None:
    # Another worker that found the same providers waits here, and finds then that all is told.
    lock_providers(session, set(ccns))
    # What somebody changes just now is told of the next time.
    statement = (
        select(RoleGrant)
        .where(RoleGrant.ccn.in_(ccns), *_to_be_told())
        .with_for_update(key_share=True, skip_locked=True)
    )
    untold = session.scalars(statement, execution_options={"populate_existing": True}).all()
    for grant in untold:
        grant.due_told_at = utc_now()
    for official, providers in _by_official(session, {grant.ccn for grant in untold}):
        if official.email:
            enqueue(
                session,
                official.email,
                "certification_due",
                user_id=official.user_id,
                providers=providers,
                days=current_settings().recertify_days,
            )


def _by_official(session: Session, ccns: set[str]) -> list[tuple[User, list[DueProvider]]]:
    """Sort what is due by who decides about it, told of before or not. Nobody decides about own roles."""
    due: dict[str, Counter[int]] = {ccn: Counter() for ccn in ccns}
    rows = session.execute(select(RoleGrant.ccn, RoleGrant.user_id).where(RoleGrant.ccn.in_(ccns), is_due()))
    for ccn, holder in rows:
        due[ccn][holder] += 1
    providers = session.scalars(select(Provider).where(Provider.ccn.in_(ccns)).order_by(Provider.ccn)).all()
    officials = officials_of(session, ccns)
    found: dict[int, tuple[User, list[DueProvider]]] = {}
    for provider in providers:
        counted = due[provider.ccn]
        for official in officials.get(provider.ccn, []):
            if roles := counted.total() - counted[official.id]:
                _, own = found.setdefault(official.id, (official, []))
                own.append(DueProvider(provider.ccn, provider.name, roles))
    return list(found.values())
