"""Giving and taking roles. Knows no request; needs an application context for the database."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from iqies_flask.access.errors import AccessError
from iqies_flask.access.holders import lock_holder
from iqies_flask.access.matrix import built_in_matrix
from iqies_flask.access.models import OfficeGrant, Provider, RequestState, RoleGrant, RoleRequest
from iqies_flask.access.registry import find_provider
from iqies_flask.access.roles import Role
from iqies_flask.access.vacancy import lock_left, tell_cms
from iqies_flask.audit import service as audit
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User

_NEVER_WITH = {
    Role.PROVIDER_SECURITY_OFFICIAL: Role.VENDOR_ASSESSMENT_SUBMITTER,
    Role.VENDOR_ASSESSMENT_SUBMITTER: Role.PROVIDER_SECURITY_OFFICIAL,
}


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
            session.add(RoleGrant(user_id=user.id, ccn=provider.ccn, role=role))
            _record(session, "role.granted", user, actor, ccn=provider.ccn, role=role.value)


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


def end(session: Session, held: RoleGrant | OfficeGrant, state: RequestState) -> None:
    """Take a role away, and write down with the request that it came of what became of it.

    Args:
        session: A session in a writing transaction, which the caller commits.
        held: The role.
        state: What became of it.
    """
    request = session.get(RoleRequest, held.request_id) if held.request_id is not None else None
    if request is not None:
        request.state, request.ended_at = state, utc_now()
    session.delete(held)
    session.flush()


def appoint(user: User, role: Role, *, actor: str = audit.COMMAND_LINE) -> None:
    """Give a user an office. Appointing twice changes nothing.

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
            session.add(OfficeGrant(user_id=user.id, role=role))
            _record(session, "office.appointed", user, actor, role=role.value)


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


def _check_vendor(session: Session, user: User, role: Role) -> None:
    """Whoever decides for a provider works there, and for no vendor."""
    other = _NEVER_WITH.get(role)
    if other is None:
        return
    held = select(RoleGrant.ccn).where(RoleGrant.user_id == user.id, RoleGrant.role == other).limit(1)
    ccn = session.scalar(held)
    if ccn is not None:
        raise AccessError(
            f"{user.user_id} is {_label(other)} for {ccn}, and nobody is that and {_label(role)}."
            " Revoke that first."
        )


def _label(role: Role) -> str:
    return built_in_matrix().roles[role].label


def _record(session: Session, action: str, user: User, actor: str, **detail: Any) -> None:
    audit.record(session, action, actor=actor, object_type="account", object_id=user.id, **detail)
