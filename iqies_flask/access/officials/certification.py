"""Telling Security Officials of roles that are due for being certified again. Knows no request.

Each role falls due by itself, some time after it was given or last certified. So that a provider with many
users is not written about every few days, what falls due soon after an e-mail waits for the next one.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, aliased

from iqies_flask.access.models import Provider, RoleGrant
from iqies_flask.access.officials.in_office import has_another_official
from iqies_flask.access.officials.service import is_due
from iqies_flask.access.registry import lock_providers
from iqies_flask.access.requests.deciders import officials_of
from iqies_flask.current import current_settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.mail.service import enqueue

PAUSE = timedelta(days=30)
"""The officials of a provider are written to about it once within this time."""

_AT_A_TIME = 50


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
