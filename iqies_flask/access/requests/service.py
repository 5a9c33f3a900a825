"""The life of a request for a role: made, withdrawn, approved or rejected. Knows no request of a browser."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from iqies_flask.access import letters
from iqies_flask.access.certified import is_terminated
from iqies_flask.access.deciders import may_decide
from iqies_flask.access.errors import AccessError
from iqies_flask.access.grants import give
from iqies_flask.access.holders import lock_holder
from iqies_flask.access.models import Provider, RequestState, RoleRequest
from iqies_flask.access.official_or_vendor import other_side
from iqies_flask.access.permission import current_matrix
from iqies_flask.access.reasons import checked_reason
from iqies_flask.access.registry import lock_providers, named
from iqies_flask.access.requests.rules import Refusal, check_all
from iqies_flask.access.requests.standing import find_typed
from iqies_flask.access.roles import Role
from iqies_flask.audit import service as audit
from iqies_flask.audit.models import Outcome
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.identity.models import ProofingState, User
from iqies_flask.identity.origin import NOWHERE, Origin

_WHAT_BECAME = {
    RequestState.APPROVED: "has been approved",
    RequestState.REJECTED: "has been rejected",
    RequestState.WITHDRAWN: "has been withdrawn by the requester",
    RequestState.EXPIRED: "has expired",
    RequestState.REVOKED: "was approved, and the role has been revoked since",
    RequestState.ENDED: "was approved, and the role has ended since",
}


class RefusedError(AccessError):
    """Some requests cannot be made, so none was.

    Attributes:
        refusals: CCN to what stands against it, as of `rules.check_all`.
    """

    def __init__(self, refusals: dict[str, Refusal]) -> None:
        super().__init__(" ".join(refusal.message for refusal in refusals.values()))
        self.refusals = refusals


class RequestDecisionError(AccessError):
    """A request cannot be decided so; the message says why, for whoever decides."""


class SettledError(RequestDecisionError):
    """The request waits no longer; the message says what became of it."""


def submit(user: User, role: Role, ccns: Iterable[str], *, origin: Origin = NOWHERE) -> list[RoleRequest]:
    """Ask for a role, for each of some providers or in an office. All requests are made, or none.

    Args:
        user: Who asks.
        role: For which role.
        ccns: The providers; none for an office.
        origin: Where it is asked from.

    Returns:
        One request for each provider, or one for the office.

    Raises:
        RefusedError: Something stands against one of them.
        AccessError: None is named, or the account has been shut meanwhile.
    """
    with write_transaction() as session:
        return add_requests(session, user, role, ccns, origin=origin)


def add_requests(
    session: Session, user: User, role: Role, ccns: Iterable[str], *, origin: Origin
) -> list[RoleRequest]:
    """Do what `submit` does, in a transaction that the caller commits."""
    # Whoever asks twice at once must not get past the rules that look at the other requests.
    holder = lock_holder(session, user.id)
    if holder is None or not holder.active:
        raise AccessError("Your account has just been deactivated. Nothing was asked for.")
    wanted = _as_registered(session, ccns) if current_matrix().roles[role].for_provider else [""]
    if not wanted:
        raise AccessError("Add at least one provider.")
    if refusals := check_all(session, user, role, wanted):
        raise RefusedError(refusals)
    requests = [
        RoleRequest(user_id=user.id, role=role, ccn=ccn or None, state=RequestState.PENDING) for ccn in wanted
    ]
    session.add_all(requests)
    session.flush()
    # There may be hundreds of letters, and once the audit log is written, everybody waits for its end.
    letters.requested(session, user, requests)
    record(session, "role.requested", *requests, actor=user, origin=origin)
    return requests


def withdraw(user: User, request_id: int, *, origin: Origin = NOWHERE) -> RoleRequest:
    """Take an own request back.

    Args:
        user: Whose it is.
        request_id: Its number.
        origin: Where that is done from.

    Raises:
        LookupError: The person has made no such request.
        SettledError: It waits no longer.
    """
    with write_transaction() as session:
        request = _locked(session, request_id)
        if request.user_id != user.id:
            raise LookupError(request_id)
        _require_pending(request)
        _settle(request, RequestState.WITHDRAWN, user)
        record(session, "role.withdrawn", request, actor=user, origin=origin)
        return request


def withdraw_of_shut(session: Session, user: User) -> None:
    """Withdraw what somebody has asked for whose account has just been shut.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Whose account.
    """
    waiting = (
        select(RoleRequest)
        .where(RoleRequest.user_id == user.id, RoleRequest.state == RequestState.PENDING)
        .order_by(RoleRequest.id)
        .with_for_update(key_share=True)
    )
    requests = session.scalars(waiting, execution_options={"populate_existing": True}).all()
    for request in requests:
        request.state, request.decided_at = RequestState.WITHDRAWN, utc_now()
    if requests:
        record(session, "role.withdrawn", *requests)


def approve(official: User, request_id: int, *, origin: Origin = NOWHERE) -> RoleRequest:
    """Approve a request: the requester holds the role from now on, and is told by e-mail.

    Args:
        official: Who decides. The first Security Official of a provider and offices are decided by CMS
            officials, all else by the provider's Security Officials.
        request_id: Number of the request.
        origin: Where that is done from.

    Raises:
        LookupError: There is no such request for this person to decide.
        SettledError: It waits no longer.
        RequestDecisionError: The requester cannot hold the role any more.
    """
    with write_transaction() as session:
        request = _to_decide(session, official, request_id)
        requester = session.get_one(User, request.user_id)
        _require_grantable(session, requester, request)
        give(session, requester, request.role, request.ccn, by=official)
        record(session, "role.approved", request, actor=official, origin=origin)
        letters.approved(session, requester, request)
        return request


def reject(official: User, request_id: int, reason: str, *, origin: Origin = NOWHERE) -> RoleRequest:
    """Reject a request. The requester is told by e-mail, with the reason.

    Args:
        official: Who decides, as for `approve`.
        request_id: Number of the request.
        reason: Why; the requester reads it.
        origin: Where that is done from.

    Raises:
        LookupError: There is no such request for this person to decide.
        SettledError: It waits no longer.
        RequestDecisionError: It is the official's own.
        AccessError: The reason is missing or too long.
    """
    reason = checked_reason(reason)
    with write_transaction() as session:
        request = _to_decide(session, official, request_id)
        _settle(request, RequestState.REJECTED, official)
        request.reason = reason
        record(session, "role.rejected", request, actor=official, origin=origin, outcome=Outcome.REFUSED)
        letters.rejected(session, session.get_one(User, request.user_id), request)
        return request


def record(
    session: Session,
    action: str,
    *requests: RoleRequest,
    actor: User | None = None,
    origin: Origin = NOWHERE,
    outcome: Outcome = Outcome.DONE,
) -> None:
    """Write what became of some requests into the audit log.

    Args:
        session: A session in a writing transaction, which the caller commits.
        action: What was done.
        requests: Which.
        actor: Who did it; None where it happened by itself.
        origin: Where that was done from.
        outcome: What came of it.
    """
    audit.record_each(
        session,
        action,
        [
            (
                request.id,
                {"account": request.user_id, "role": request.role.value, "ccn": request.ccn or ""},
            )
            for request in requests
        ],
        actor_id=actor.id if actor else None,
        actor=actor.user_id if actor else audit.SYSTEM,
        address=origin.address,
        object_type="role_request",
        outcome=outcome,
    )


def _to_decide(session: Session, official: User, request_id: int) -> RoleRequest:
    """Lock a request, with the requester's roles and the provider: neither must change meanwhile.

    Raises:
        LookupError: There is no such request for this person to decide.
        RequestDecisionError: It is the own one, or it waits no longer.
    """
    found = session.get(RoleRequest, request_id)
    if found is None:
        raise LookupError(request_id)
    lock_holder(session, found.user_id)
    lock_providers(session, {found.ccn} if found.ccn else set())
    request = _locked(session, request_id)
    if request.user_id == official.id:
        raise RequestDecisionError(
            "Nobody decides about the own request. Leave this one to another official."
        )
    if not may_decide(session, official, request):
        raise LookupError(request_id)
    _require_pending(request)
    return request


def _as_registered(session: Session, typed: Iterable[str]) -> list[str]:
    """Each provider's CCN once, as the registry has it; what it does not know, as typed."""
    ccns = list(typed)
    found = find_typed(session, ccns)
    return list(dict.fromkeys(found[ccn].ccn if ccn in found else ccn.strip().upper() for ccn in ccns))


def _require_pending(request: RoleRequest) -> None:
    if request.state is not RequestState.PENDING:
        what = _WHAT_BECAME[request.state]
        if request.state is RequestState.WITHDRAWN and request.decided_by is None:
            what = "has been withdrawn, as the requester's account was deactivated"
        raise SettledError(f"This request {what}. Nothing was changed by you.")


def _require_grantable(session: Session, requester: User, request: RoleRequest) -> None:
    if not requester.active or requester.proofing is not ProofingState.PROVED:
        raise RequestDecisionError("The requester's account cannot be used any more. Reject the request.")
    provider = session.get(Provider, request.ccn, populate_existing=True) if request.ccn else None
    if provider is not None and is_terminated(provider):
        raise RequestDecisionError(
            f"{named(provider)} is not certified any more, so no roles are given for it. Reject the request."
        )
    if other_side(session, requester, request.role, asked=False) is not None:
        raise RequestDecisionError(
            "A Provider Security Official must work for the provider and cannot be a vendor, and the"
            " requester holds the other role by now. Reject the request."
        )


def _settle(request: RoleRequest, state: RequestState, by: User) -> None:
    request.state, request.decided_at, request.decided_by = state, utc_now(), by.id


def _locked(session: Session, request_id: int) -> RoleRequest:
    statement = select(RoleRequest).where(RoleRequest.id == request_id).with_for_update(key_share=True)
    request = session.scalar(statement, execution_options={"populate_existing": True})
    if request is None:
        raise LookupError(request_id)
    return request
