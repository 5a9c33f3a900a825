"""Giving and taking roles. Knows no request; needs an application context for the database."""

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from iqies_flask.access.errors import AccessError
from iqies_flask.access.models import OfficeGrant, Provider, RoleGrant
from iqies_flask.access.registry import find_provider
from iqies_flask.access.roles import Role
from iqies_flask.audit import service as audit
from iqies_flask.database import write_transaction
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

    Args:
        user: Who.
        ccn: The provider's CMS Certification Number.
        role: Which role.
        actor: Who grants it, for the audit log.

    Raises:
        AccessError: The provider is not registered.
    """
    with write_transaction() as session:
        provider = find_provider(ccn)
        if provider is None:
            raise AccessError(f"There is no provider with the CCN {ccn}. Register it first.")
        if session.get(RoleGrant, (user.id, provider.ccn, role)) is None:
            session.add(RoleGrant(user_id=user.id, ccn=provider.ccn, role=role))
            _record(session, "role.granted", user, actor, ccn=provider.ccn, role=role.value)


def revoke(user: User, ccn: str, *, actor: str = audit.COMMAND_LINE) -> None:
    """Take all roles for a provider from a user. Revoking what was not granted changes nothing."""
    ccn = ccn.strip().upper()
    with write_transaction() as session:
        statement = delete(RoleGrant).where(RoleGrant.user_id == user.id, RoleGrant.ccn == ccn)
        for role in session.scalars(statement.returning(RoleGrant.role)).all():
            _record(session, "role.revoked", user, actor, ccn=ccn, role=role.value)


def appoint(user: User, role: Role, *, actor: str = audit.COMMAND_LINE) -> None:
    """Give a user an office. Appointing twice changes nothing."""
    with write_transaction() as session:
        if session.get(OfficeGrant, (user.id, role)) is None:
            session.add(OfficeGrant(user_id=user.id, role=role))
            _record(session, "office.appointed", user, actor, role=role.value)


def dismiss(user: User, role: Role, *, actor: str = audit.COMMAND_LINE) -> None:
    """Take an office from a user. Dismissing who does not hold it changes nothing."""
    with write_transaction() as session:
        statement = delete(OfficeGrant).where(OfficeGrant.user_id == user.id, OfficeGrant.role == role)
        if session.scalars(statement.returning(OfficeGrant.role)).all():
            _record(session, "office.dismissed", user, actor, role=role.value)


def offices_of(user: User) -> list[Role]:
    """List the offices that a user holds."""
    return sorted(db.session.scalars(select(OfficeGrant.role).where(OfficeGrant.user_id == user.id)))


def _record(session: Session, action: str, user: User, actor: str, **detail: Any) -> None:
    audit.record(session, action, actor=actor, object_type="account", object_id=user.id, **detail)
