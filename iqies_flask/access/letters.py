"""The e-mails about requests for roles: to who asks, and to who must decide."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from iqies_flask.access.deciders import Deciders, Deciding, cms_officials, deciders_of
from iqies_flask.access.models import Provider, RoleRequest
from iqies_flask.access.permission import current_matrix
from iqies_flask.access.person_names import person_name, person_names
from iqies_flask.access.roles import Role
from iqies_flask.current import current_settings
from iqies_flask.identity.models import User
from iqies_flask.mail.service import enqueue

_QUEUE_OF_OFFICIALS = "/officials/requests"
_QUEUE_OF_CMS = "/officials/first-officials"


@dataclass(frozen=True, slots=True)
class RequestLine:
    """A request, as e-mails and pages name it.

    Attributes:
        id: Its number.
        requester: Who asks, by name.
        requester_id: The same by user ID.
        role: The role's name.
        ccn: The provider's CCN; empty for an office.
        provider: The provider's name; empty for an office.
        since: When it was made.
        deciders: Who decides.
    """

    id: int
    requester: str
    requester_id: str
    role: str
    ccn: str
    provider: str
    since: datetime
    deciders: Deciders


def lines(session: Session, requests: Iterable[RoleRequest]) -> list[RequestLine]:
    """Name some requests.

    Args:
        session: Where to look.
        requests: Which.
    """
    requests = list(requests)
    deciders = deciders_of(session, requests)
    ccns = {request.ccn for request in requests if request.ccn}
    providers = dict(session.execute(select(Provider.ccn, Provider.name).where(Provider.ccn.in_(ccns))).all())
    asking = {request.user_id for request in requests}
    users = {user.id: user for user in session.scalars(select(User).where(User.id.in_(asking)))}
    names = person_names(session, users.values())
    return [
        RequestLine(
            request.id,
            names[request.user_id],
            users[request.user_id].user_id,
            current_matrix().roles[request.role].label,
            request.ccn or "",
            providers.get(request.ccn or "", ""),
            request.requested_at,
            deciders[request.id],
        )
        for request in requests
    ]


def requested(session: Session, requester: User, requests: Sequence[RoleRequest]) -> None:
    """Tell the requester what comes next, and those who must decide that they are waited for."""
    made = lines(session, requests)
    _tell(session, requester, "role_requested", requests=made, days=current_settings().role_request_days)
    to_each_decider(session, made, "role_waiting")


def approved(session: Session, requester: User, request: RoleRequest) -> None:
    """Tell the requester that the role is given."""
    entry = current_matrix().roles[request.role]
    [line] = lines(session, [request])
    may = [current_matrix().actions[action] for action in current_matrix().actions if action in entry.actions]
    is_official = request.role is Role.PROVIDER_SECURITY_OFFICIAL
    _tell(session, requester, "role_approved", request=line, may=may, is_official=is_official)


def rejected(session: Session, requester: User, request: RoleRequest) -> None:
    """Tell the requester that the request is rejected, and why."""
    [line] = lines(session, [request])
    _tell(session, requester, "role_rejected", request=line, reason=request.reason)


def expired(session: Session, requester: User, requests: Sequence[RoleRequest]) -> None:
    """Tell the requester that nobody has decided and the requests have expired."""
    days = current_settings().role_request_days
    _tell(session, requester, "role_expired", requests=lines(session, requests), days=days)


def to_each_decider(session: Session, requests: Sequence[RequestLine], template: str) -> set[int]:
    """Write to everybody who must decide, one message with all that waits for the person.

    Returns:
        Numbers of the requests about which somebody was written to.
    """
    told: set[int] = set()
    for user, waiting in by_decider(requests).values():
        of_providers = any(line.deciders.deciding is Deciding.OFFICIALS for line in waiting)
        page = _QUEUE_OF_OFFICIALS if of_providers else _QUEUE_OF_CMS
        if _tell(session, user, template, requests=waiting, page=page, **_limits()):
            told.update(line.id for line in waiting)
    return told


def to_cms(session: Session, requests: Sequence[RequestLine], reminded: Collection[int]) -> bool:
    """Tell CMS that nobody decides.

    Args:
        session: A session in a writing transaction, which the caller commits.
        requests: What waits for too long.
        reminded: Numbers of those about which those who decide were reminded.

    Returns:
        Whether there was anybody to tell.
    """
    values = {"requests": requests, "reminded": reminded, **_limits()}
    told = [_tell(session, user, "role_escalated", **values) for user in cms_officials(session)]
    return any(told)


def delayed(
    session: Session,
    user: User,
    requests: Sequence[RequestLine],
    reminded: Collection[int],
    *,
    cms_is_told: bool,
) -> None:
    """Tell a requester that nobody decides.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Who asked.
        requests: What of the person waits for too long.
        reminded: As for `to_cms`.
        cms_is_told: What `to_cms` said.
    """
    values = {"requests": requests, "reminded": reminded, "cms_is_told": cms_is_told}
    _tell(session, user, "role_delayed", **values, **_limits())


def ended(session: Session, user: User, role: Role, provider: Provider) -> None:
    """Confirm to somebody that he or she has given a role up."""
    label = current_matrix().roles[role].label
    _tell(session, user, "role_ended", role=label, provider=provider.name, ccn=provider.ccn)


def without_official(session: Session, provider: Provider, left: User) -> None:
    """Warn CMS that a provider has no Security Official any more."""
    name = person_name(session, left)
    for official in cms_officials(session):
        _tell(session, official, "role_last_official", provider=provider, person=name)


def by_decider(requests: Iterable[RequestLine]) -> dict[int, tuple[User, list[RequestLine]]]:
    """Sort requests by who decides: number of the account to the account and what waits for it."""
    found: dict[int, tuple[User, list[RequestLine]]] = {}
    for line in requests:
        for user in line.deciders.users:
            found.setdefault(user.id, (user, []))[1].append(line)
    return found


def _limits() -> dict[str, int]:
    settings = current_settings()
    return {"escalation_days": settings.role_escalation_days, "days": settings.role_request_days}


def _tell(session: Session, user: User, template: str, **values: object) -> bool:
    """Write to somebody; False where the account has no address."""
    if not user.email:
        return False
    enqueue(session, user.email, template, user_id=user.user_id, **values)
    return True
