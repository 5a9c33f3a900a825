"""What My profile shows of roles: those held, those asked for and who must decide, and what was before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from iqies_flask.access.models import OfficeGrant, Provider, RequestState, RoleGrant, RoleRequest
from iqies_flask.access.permission import current_matrix
from iqies_flask.access.requests.letters import Line, lines
from iqies_flask.access.roles import Role
from iqies_flask.extensions import db
from iqies_flask.identity.models import User

_SETTLED_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Held:
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

    line: Line
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
        held: Roles, offices first, then by provider.
        pending: Requests that wait, the oldest first.
        settled: Requests that do not, the newest first; only the last few.
        submitted: Those of the pending ones that were made just now.
    """

    held: Sequence[Held]
    pending: Sequence[Pending]
    settled: Sequence[Settled]
    submitted: Sequence[Pending]


def overview_of(user: User, submitted: Iterable[int] = ()) -> Overview:
    """Gather what My profile shows of a person's roles.

    Args:
        user: Whose.
        submitted: Numbers of the requests that were made just now.
    """
    just_made = set(submitted)
    pending = _pending(user)
    return Overview(
        [*_offices(user), *_roles(user)],
        pending,
        _settled(user),
        [request for request in pending if request.line.id in just_made],
    )


def _offices(user: User) -> list[Held]:
    held = db.session.scalars(
        select(OfficeGrant).where(OfficeGrant.user_id == user.id).order_by(OfficeGrant.role)
    )
    return [Held(grant.role, _label(grant.role), "", "", grant.granted_at) for grant in held]


def _roles(user: User) -> list[Held]:
    held = db.session.execute(
        select(RoleGrant, Provider.name)
        .join(Provider, Provider.ccn == RoleGrant.ccn)
        .where(RoleGrant.user_id == user.id)
        .order_by(Provider.name_folded, RoleGrant.ccn, RoleGrant.role)
    )
    return [Held(grant.role, _label(grant.role), grant.ccn, name, grant.granted_at) for grant, name in held]


def _pending(user: User) -> list[Pending]:
    requests = db.session.scalars(
        select(RoleRequest)
        .where(RoleRequest.user_id == user.id, RoleRequest.state == RequestState.PENDING)
        .order_by(RoleRequest.requested_at, RoleRequest.id)
    ).all()
    return [
        Pending(line, request.reminded_at, request.escalated_at)
        for line, request in zip(lines(db.session, requests), requests, strict=True)
    ]


def _settled(user: User) -> list[Settled]:
    over = (RequestState.PENDING, RequestState.APPROVED)
    requests = db.session.scalars(
        select(RoleRequest)
        .where(RoleRequest.user_id == user.id, RoleRequest.state.not_in(over))
        .order_by(RoleRequest.id.desc())
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
