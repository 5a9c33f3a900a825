"""Giving and taking roles. Needs an application context for the database."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from iqies_flask.access import letters
from iqies_flask.access.errors import AccessError
from iqies_flask.access.holders import lock_holder
from iqies_flask.access.matrix import built_in_matrix
from iqies_flask.access.models import Grant, OfficeGrant, Provider, RequestState, RoleGrant, RoleRequest
from iqies_flask.access.official_or_vendor import other_side
from iqies_flask.access.registry import find_provider
from iqies_flask.access.roles import Role
from iqies_flask.access.vacancy import lock_left, tell_cms
from iqies_flask.audit import service as audit
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User


def granted(user: User) -> list[Provider]:
    """List the providers for which a user holds a role."""
    return list(
        db.session.scalars(
            select(Provider)
            .where(Provider.ccn.in_(select(RoleGrant.ccn).where(RoleGrant.user_id == user.id)))
            .order_by(Provider.ccn)
        )
    )


def grant(
    user: User, ccn: str, role: Role = Role.ASSESSMENT_SUBMITTER, *, actor: str = audit.COMMAND_LINE
) -> None:
    """Give a user a role for a provider. Granting twice changes nothing.

    If the user has asked for it, that is an approval, of which he or she is told.

    Args:
        user: Who.
        ccn: The provider's CMS Certification Number.
        role: Which role.
        actor: Who grants it, for the audit log.

    Raises:
        AccessError: The provider is not registered, the role is an office, or the user would be a Security
            Official and a vendor.
    """
    if not built_in_matrix().roles[role].for_provider:
        raise AccessError(
            f"{_label(role)} is an office, which is held for no provider. Appoint the user instead."
        )
    with write_transaction() as session:
        lock_holder(session, user.id)
        provider = find_provider(ccn)
        if provider is None:
            raise AccessError(f"There is no provider with the CCN {ccn}. Register it first.")
        if session.get(RoleGrant, (user.id, provider.ccn, role)) is None:
            _check_vendor(session, user, role)
            detail = _give(session, user, role, provider.ccn)
            _record(session, "role.granted", user, actor, ccn=provider.ccn, role=role.value, **detail)


def revoke(user: User, ccn: str, role: Role | None = None, *, actor: str = audit.COMMAND_LINE) -> list[Role]:
    """Take roles for a provider from a user. Revoking what was not granted changes nothing.

    CMS is told where the provider has no Security Official any more.

    Args:
        user: Who.
        ccn: The provider's CMS Certification Number.
        role: Which role; None for all.
        actor: Who revokes them, for the audit log.

    Returns:
        The roles that are taken.
    """
    ccn = ccn.strip().upper()
    held = (
        select(RoleGrant).where(RoleGrant.user_id == user.id, RoleGrant.ccn == ccn).order_by(RoleGrant.role)
    )
    with write_transaction() as session:
        lock_holder(session, user.id)
        taken = [found for found in session.scalars(held).all() if role in {None, found.role}]
        lock_left(session, taken)
        for found in taken:
            end(session, found, RequestState.REVOKED)
            _record(session, "role.revoked", user, actor, ccn=ccn, role=found.role.value)
        tell_cms(session, taken)
        return [found.role for found in taken]


def give(
    session: Session, user: User, role: Role, ccn: str | None, *, by: User | None = None
) -> RoleRequest | None:
    """Give somebody a role that he or she does not hold. A request for it that waits is approved by that.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Who, with the account locked.
        role: Which role.
        ccn: For which provider; None for an office.
        by: Who gives it; None for the command line.

    Returns:
        The request; None if there was none.
    """
    waiting = select(RoleRequest).where(
        RoleRequest.user_id == user.id,
        RoleRequest.role == role,
        RoleRequest.ccn == ccn if ccn else RoleRequest.ccn.is_(None),
        RoleRequest.state == RequestState.PENDING,
    )
    request = session.scalar(
        waiting.with_for_update(key_share=True), execution_options={"populate_existing": True}
    )
    number, given_by = request.id if request else None, by.id if by else None
    if request is not None:
        request.state, request.decided_at, request.decided_by = RequestState.APPROVED, utc_now(), given_by
    if ccn:
        session.add(RoleGrant(user_id=user.id, ccn=ccn, role=role, request_id=number, granted_by=given_by))
    else:
        session.add(OfficeGrant(user_id=user.id, role=role, request_id=number, granted_by=given_by))
    session.flush()
    return request


def end(session: Session, held: Grant, state: RequestState, reason: str = "") -> None:
    """Take a role away, and write down with the request that it came of what became of it.

    Where nobody had asked for the role, a request is made of it now, so that its holder finds it later.

    Args:
        session: A session in a writing transaction, which the caller commits.
        held: The role.
        state: What became of it.
        reason: Why, for the holder; empty for none.
    """
    request = session.get(RoleRequest, held.request_id) if held.request_id is not None else None
    if request is None:
        request = RoleRequest(
            user_id=held.user_id,
            role=held.role,
            ccn=held.ccn if isinstance(held, RoleGrant) else None,
            requested_at=held.granted_at,
            decided_at=held.granted_at,
            decided_by=held.granted_by,
        )
        session.add(request)
    request.state, request.ended_at, request.reason = state, utc_now(), reason or None
    session.delete(held)
    session.flush()


def appoint(user: User, role: Role, *, actor: str = audit.COMMAND_LINE) -> None:
    """Give a user an office. Appointing twice changes nothing. Who has asked for it is told.

    Raises:
        AccessError: The role is held for a provider.
    """
    if built_in_matrix().roles[role].for_provider:
        raise AccessError(
            f"{_label(role)} is no office: it is held for a provider. Grant it for one instead."
        )
    with write_transaction() as session:
        lock_holder(session, user.id)
        if session.get(OfficeGrant, (user.id, role)) is None:
            detail = _give(session, user, role, None)
            _record(session, "office.appointed", user, actor, role=role.value, **detail)


def dismiss(user: User, role: Role, *, actor: str = audit.COMMAND_LINE) -> None:
    """Take an office from a user. Dismissing who does not hold it changes nothing."""
    with write_transaction() as session:
        lock_holder(session, user.id)
        held = session.get(OfficeGrant, (user.id, role))
        if held is not None:
            end(session, held, RequestState.REVOKED)
            _record(session, "office.dismissed", user, actor, role=role.value)


def offices_of(user: User) -> list[Role]:
    """List the offices that a user holds."""
    return sorted(db.session.scalars(select(OfficeGrant.role).where(OfficeGrant.user_id == user.id)))


def roles_of(user: User) -> list[RoleGrant]:
    """List the roles that a user holds for providers, by provider."""
    return list(
        db.session.scalars(
            select(RoleGrant).where(RoleGrant.user_id == user.id).order_by(RoleGrant.ccn, RoleGrant.role)
        )
    )


def _give(session: Session, user: User, role: Role, ccn: str | None) -> dict[str, int]:
    """Give a role from the command line; the answer is for the audit log."""
    request = give(session, user, role, ccn)
    if request is None:
        return {}
    letters.approved(session, user, request)
    return {"request": request.id}


def _check_vendor(session: Session, user: User, role: Role) -> None:
    other = other_side(session, user, role, asked=False)
    if other is not None:
        raise AccessError(
            f"{user.user_id} is {_label(other.role)} for {other.ccn}, and nobody is that and {_label(role)}."
            " Revoke that first."
        )


def _label(role: Role) -> str:
    return built_in_matrix().roles[role].label


def _record(session: Session, action: str, user: User, actor: str, **detail: Any) -> None:
    audit.record(session, action, actor=actor, object_type=audit.ACCOUNT, object_id=user.id, **detail)
