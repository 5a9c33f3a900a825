"""What My profile shows of roles: those held, those asked for and who must decide, and what was before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from iqies_flask.access.letters import RequestLine, lines
from iqies_flask.access.models import OfficeGrant, Provider, RequestState, RoleGrant, RoleRequest
from iqies_flask.access.permission import current_matrix
from iqies_flask.access.roles import Role
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.paging import Page, PageSize

PAGE_ROLES = PageSize(25)
"""Roles on a page of My profile."""

PAGE_PENDING = PageSize(25)
"""Requests that wait on a page of it."""

_SETTLED_SHOWN = 10


@dataclass(frozen=True, slots=True)
class OwnRole:
    """A role that somebody holds.

    Attributes:
        role: Which.
        label: What it is called.
        ccn: For which provider; empty for an office.
        provider: The provider's name; empty for an office.
        since: When it was given.
    """

    role: Role
    label: str
    ccn: str
    provider: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Pending:
    """A request that waits.

    Attributes:
        line: What it is, since when, and who decides.
        reminded_at: When those were reminded; None where nobody was.
        escalated_at: When CMS was told that nobody decides; None where it was not.
    """

    line: RequestLine
    reminded_at: datetime | None
    escalated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Settled:
    """A request that waits no longer, or whose role is over.

    Attributes:
        role: The role's name.
        ccn: For which provider; empty for an office.
        state: What became of it.
        at: When.
        reason: Why, in the words of who decided; empty for none.
    """

    role: str
    ccn: str
    state: RequestState
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Overview:
    """A person's roles and requests.

    Attributes:
        offices: Roles for no provider.
        held: A page of the roles for providers, by provider.
        search: What of these was asked for; empty for all.
        pending: A page of the requests that wait, the oldest first.
        settled: Requests that do not, the latest first; only the last few.
    """

    offices: list[OwnRole]
    held: Page[OwnRole]
    search: str
    pending: Page[Pending]
    settled: Sequence[Settled]

    @property
    def has_roles(self) -> bool:
        """Whether the person holds any role, as far as was searched."""
        return bool(self.offices or self.held.total)


@dataclass(frozen=True, slots=True)
class Submitted:
    """Requests that were made just now.

    Attributes:
        number: How many.
        deciders: Who decides, in words; empty for several requests.
    """

    number: int
    deciders: str


def overview_of(user: User, *, search: str = "", page: int = 1, page_pending: int = 1) -> Overview:
    """Gather what My profile shows of a person's roles.

    Args:
        user: Whose.
        search: The beginning of a CCN or a part of a provider's name: only roles for such; empty for all.
        page: Which page of the roles for providers; the nearest that exists is given.
        page_pending: The same of the requests that wait.
    """
    return Overview(
        _offices(user), _roles(user, search, page), search, _pending(user, page_pending), _settled(user)
    )


def submitted_of(user: User, number: int, first: int) -> Submitted | None:
    """Say what My profile says once of requests that were made just now.

    Args:
        user: Who made them.
        number: How many.
        first: Number of the first one.
    """
    request = db.session.get(RoleRequest, first)
    if request is None or request.user_id != user.id or request.state is not RequestState.PENDING:
        return None
    [line] = lines(db.session, [request])
    return Submitted(number, line.deciders.words if number == 1 else "")


def _offices(user: User) -> list[OwnRole]:
    held = db.session.scalars(
        select(OfficeGrant).where(OfficeGrant.user_id == user.id).order_by(OfficeGrant.role)
    )
    return [OwnRole(grant.role, _label(grant.role), "", "", grant.granted_at) for grant in held]


def _roles(user: User, search: str, asked: int) -> Page[OwnRole]:
    wanted: list[ColumnElement[bool]] = [RoleGrant.user_id == user.id]
    if search:
        by_name = Provider.name_folded.contains(search.casefold(), autoescape=True)
        wanted.append(or_(by_name, RoleGrant.ccn.startswith(search.upper(), autoescape=True)))
    held = select(RoleGrant, Provider.name).join(Provider, Provider.ccn == RoleGrant.ccn).where(*wanted)
    total = db.session.scalar(held.with_only_columns(func.count())) or 0
    number = PAGE_ROLES.number(asked, total)
    rows = db.session.execute(
        held.order_by(Provider.name_folded, RoleGrant.ccn, RoleGrant.role)
        .offset(PAGE_ROLES.offset(number))
        .limit(PAGE_ROLES.entries)
    )
    items = [
        OwnRole(grant.role, _label(grant.role), grant.ccn, name, grant.granted_at) for grant, name in rows
    ]
    return Page(items, number, PAGE_ROLES.pages(total), total)


def _pending(user: User, asked: int) -> Page[Pending]:
    waiting = select(RoleRequest).where(
        RoleRequest.user_id == user.id, RoleRequest.state == RequestState.PENDING
    )
    total = db.session.scalar(waiting.with_only_columns(func.count())) or 0
    number = PAGE_PENDING.number(asked, total)
    requests = db.session.scalars(
        waiting.order_by(RoleRequest.requested_at, RoleRequest.id)
        .offset(PAGE_PENDING.offset(number))
        .limit(PAGE_PENDING.entries)
    ).all()
    items = [
        Pending(line, request.reminded_at, request.escalated_at)
        for line, request in zip(lines(db.session, requests), requests, strict=True)
    ]
    return Page(items, number, PAGE_PENDING.pages(total), total)


def _settled(user: User) -> list[Settled]:
    over = (RequestState.PENDING, RequestState.APPROVED)
    requests = db.session.scalars(
        select(RoleRequest)
        .where(RoleRequest.user_id == user.id, RoleRequest.state.not_in(over))
        .order_by(func.coalesce(RoleRequest.ended_at, RoleRequest.decided_at).desc(), RoleRequest.id.desc())
        .limit(_SETTLED_SHOWN)
    )
    return [
        Settled(
            _label(request.role),
            request.ccn or "",
            request.state,
            request.ended_at or request.decided_at or request.requested_at,
            request.reason or "",
        )
        for request in requests
    ]


def _label(role: Role) -> str:
    return current_matrix().roles[role].label
