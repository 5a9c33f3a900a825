"""The requests for roles that wait for somebody's decision. Knows no request of a browser."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, func, or_, select, tuple_

from iqies_flask.access.actions import Action
from iqies_flask.access.models import Provider, RequestState, RoleRequest
from iqies_flask.access.officials.in_office import has_official
from iqies_flask.access.permission import ccns_by_role, current_matrix
from iqies_flask.access.person_names import person_names
from iqies_flask.access.roles import Category, Role
from iqies_flask.database import utc_now
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.paging import Part

PAGE_REQUESTS = 25
"""Requests on a page of a queue."""

MOST_COUNTED = 100
"""Further requests are not counted: the number stands on every page of the site."""

_OFFICIAL = Role.PROVIDER_SECURITY_OFFICIAL


class Desk(StrEnum):
    """Where requests are decided."""

    PROVIDERS = "providers"
    CMS = "cms"


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """Which requests are asked for.

    Attributes:
        provider: A CCN, or a part of the provider's name; empty for all.
        role: The role asked for; None for all.
        category: The category of that role; None for all.
        days: Only requests that wait for so many days or longer.
    """

    provider: str = ""
    role: Role | None = None
    category: Category | None = None
    days: int = 0


@dataclass(frozen=True, slots=True)
class WaitingRequest:
    """A request for a role.

    Attributes:
        id: Its number.
        user_id: User ID of who asks.
        name: The person's legal name; the user ID where none is known.
        email: Address of the account; None where it has none.
        role: What is asked for, as it is called.
        category: The category of that role.
        ccn: For which provider; empty for an office.
        provider: The provider's name and state; empty likewise.
        domains: Domains of the e-mail addresses of those who work there; none where they are not known.
        since: When it was made.
        days: How many whole days ago that is.
        own: Whether it is made by whoever looks.
    """

    id: int
    user_id: str
    name: str
    email: str | None
    role: str
    category: Category
    ccn: str
    provider: str
    domains: Sequence[str]
    since: datetime
    days: int
    own: bool

    @property
    def works_there(self) -> bool | None:
        """Whether the person's address is in a domain of the provider.

        None where either is not known, and for a vendor, who works elsewhere.
        """
        if not self.email or not self.domains or self.category is Category.VENDOR:
            return None
        domain = self.email.rpartition("@")[2].lower()
        return any(domain == own or domain.endswith(f".{own}") for own in self.domains)


def waiting(
    official: User, desk: Desk, asked: QueueFilter, after: int | None = None
) -> Part[WaitingRequest, int]:
    """List a page of the requests that wait for somebody's decision, the oldest first.

    However many wait elsewhere, it is three looks into the database.

    Args:
        official: Who decides. The own requests are listed as well, and marked: another official decides.
        desk: In which capacity.
        asked: Which of them.
        after: Number of a request behind which to go on.
    """
    statement = _rows().where(*_waits(official, desk), *_filtered(asked))
    if after is not None:
        place = select(RoleRequest.requested_at, RoleRequest.id).where(RoleRequest.id == after)
        found = db.session.execute(place).first()
        if found is not None:
            statement = statement.where(
                tuple_(RoleRequest.requested_at, RoleRequest.id) > tuple_(found.requested_at, found.id)
            )
    rows = db.session.execute(
        statement.order_by(_oldest_first(), RoleRequest.id).limit(PAGE_REQUESTS + 1)
    ).all()
    shown = rows[:PAGE_REQUESTS]
    return Part(_described(official, shown), shown[-1].RoleRequest.id if len(rows) > PAGE_REQUESTS else None)


def in_remit(official: User, desk: Desk, numbers: Collection[int]) -> list[WaitingRequest]:
    """Look up requests by their numbers, decided or not, the oldest first.

    Args:
        official: Who decides.
        desk: In which capacity.
        numbers: Their numbers. Those of requests that others decide about are passed over.
    """
    statement = _rows().where(RoleRequest.id.in_(numbers), *_belongs(official, desk))
    rows = db.session.execute(statement.order_by(RoleRequest.requested_at, RoleRequest.id)).all()
    return _described(official, rows)


def number_waiting(official: User, desk: Desk) -> ScalarSelect[int]:
    """Count the requests that wait for somebody's decision, up to `MOST_COUNTED`, as a part of a statement.

    Args:
        official: Who decides.
        desk: In which capacity.
    """
    waiting = select(RoleRequest.id).where(*_waits(official, desk)).limit(MOST_COUNTED)
    return select(func.count()).select_from(waiting.subquery()).scalar_subquery()


def roles_decided_at(desk: Desk) -> list[Role]:
    """List the roles that are asked for at a desk, in the order of the matrix."""
    rows = current_matrix().roles.values()
    if desk is Desk.PROVIDERS:
        return [entry.role for entry in rows if entry.for_provider]
    offices = {Category.CMS, Category.STATE}
    return [entry.role for entry in rows if entry.role is _OFFICIAL or entry.category in offices]


def _oldest_first() -> ColumnElement[datetime]:
    # By the plain column, databases walk through whatever waits in the country, oldest first, until they have
    # met enough of what is asked for. By an expression they begin with the official's providers or roles.
    return func.coalesce(RoleRequest.requested_at, RoleRequest.requested_at)


def _rows() -> Select[RoleRequest, User, Provider]:
    return (
        select(RoleRequest, User, Provider)
        .join(User, User.id == RoleRequest.user_id)
        .outerjoin(Provider, Provider.ccn == RoleRequest.ccn)
    )


def _belongs(official: User, desk: Desk) -> list[ColumnElement[bool]]:
    """What all requests have in common that are, or were, decided at a desk."""
    if desk is Desk.CMS:
        return [RoleRequest.role.in_(roles_decided_at(desk))]
    return [RoleRequest.ccn.in_(ccns_by_role(official, Action.APPROVE_ROLES))]


def _waits(official: User, desk: Desk) -> list[ColumnElement[bool]]:
    conditions = [*_belongs(official, desk), RoleRequest.state == RequestState.PENDING]
    if desk is Desk.CMS:
        # Further Security Officials are approved by those in office.
        conditions.append(or_(RoleRequest.ccn.is_(None), ~has_official(RoleRequest.ccn)))
    return conditions


def _filtered(asked: QueueFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if asked.provider:
        by_name = Provider.name_folded.contains(asked.provider.casefold(), autoescape=True)
        conditions.append(or_(RoleRequest.ccn == asked.provider.upper(), by_name))
    if asked.role is not None:
        conditions.append(RoleRequest.role == asked.role)
    if asked.category is not None:
        rows = current_matrix().roles.values()
        of_category = [entry.role for entry in rows if entry.category is asked.category]
        conditions.append(RoleRequest.role.in_(of_category))
    if asked.days:
        conditions.append(RoleRequest.requested_at <= utc_now() - timedelta(days=asked.days))
    return [and_(*conditions)] if conditions else []


def _described(official: User, rows: Sequence[Row[RoleRequest, User, Provider]]) -> list[WaitingRequest]:
    names = person_names(db.session, [user for _, user, _ in rows])
    roles = current_matrix().roles
    now = utc_now()
    return [
        WaitingRequest(
            id=request.id,
            user_id=user.user_id,
            name=names[user.id],
            email=user.email,
            role=roles[request.role].label,
            category=roles[request.role].category,
            ccn=request.ccn or "",
            # An office is asked for without any.
            provider=f"{provider.name}, {provider.state}" if request.ccn else "",
            domains=provider.email_domains if request.ccn else (),
            since=request.requested_at,
            days=(now - request.requested_at).days,
            own=user.id == official.id,
        )
        for request, user, provider in rows
    ]
