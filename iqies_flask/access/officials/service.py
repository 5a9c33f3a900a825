"""Who holds which role for a provider, and what officials change about it.

Knows no request; needs an application context for the database. Nobody changes roles of his own here: giving
one up is done on My profile.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from iqies_flask.access.actions import Action
from iqies_flask.access.certified import is_terminated
from iqies_flask.access.deciders import officials_of
from iqies_flask.access.errors import AccessError
from iqies_flask.access.grants import end, give
from iqies_flask.access.holder_accounts import HolderAccount, account_of, page_of_accounts
from iqies_flask.access.holders import lock_holder
from iqies_flask.access.matrix import RoleEntry
from iqies_flask.access.models import Provider, RequestState, RoleGrant
from iqies_flask.access.official_or_vendor import other_side
from iqies_flask.access.officials.in_office import is_in_office
from iqies_flask.access.officials.remit import remit_of
from iqies_flask.access.permission import current_matrix, may
from iqies_flask.access.person_names import person_name, person_names
from iqies_flask.access.reasons import checked_reason
from iqies_flask.access.registry import lock_providers, named
from iqies_flask.access.roles import Role
from iqies_flask.access.vacancy import note_left
from iqies_flask.audit import service as audit
from iqies_flask.current import current_settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import ProofingState, User
from iqies_flask.identity.origin import NOWHERE, Origin
from iqies_flask.mail.service import enqueue
from iqies_flask.paging import Part

RECOMMENDED_OFFICIALS = 2
"""CMS asks for at least so many Security Officials of each provider (MLN Matters SE19025)."""


class NotHeldError(AccessError):
    """The role is not held, or not any more."""


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role that somebody holds for a provider.

    Attributes:
        role: Which.
        label: What it is called.
        since: Since when.
        certified_at: When an official last said that it is still needed; None before.
        due: Whether that is to be said again.
        changeable: Whether there is another role that it can be changed into.
    """

    role: Role
    label: str
    since: datetime
    certified_at: datetime | None
    due: bool
    changeable: bool


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds roles for a provider.

    Attributes:
        account: The person's account.
        roles: What the person holds.
    """

    account: HolderAccount
    roles: list[HeldRole]


@dataclass(frozen=True, slots=True)
class Official:
    """Somebody who decides about roles for a provider.

    Attributes:
        name: The person's legal name; the user ID where none is known.
        since: Since when.
    """

    name: str
    since: datetime


def users_of(
    ccn: str, *, after: int | None = None, officials_only: bool = False, due_only: bool = False
) -> Part[Holder, int]:
    """List a page of those who hold roles for a provider, by user ID; one goes on behind an account's number.

    Args:
        ccn: The provider's CMS Certification Number.
        after: Number of an account behind which to go on.
        officials_only: Only Security Officials, and only that role of theirs.
        due_only: Only roles that are due for being certified again.
    """
    wanted: list[ColumnElement[bool]] = [RoleGrant.ccn == ccn]
    if officials_only:
        wanted.append(RoleGrant.role == Role.PROVIDER_SECURITY_OFFICIAL)
    if due_only:
        wanted.append(is_due())
    page = page_of_accounts(select(RoleGrant.user_id).where(*wanted), after)
    roles: dict[int, list[HeldRole]] = {user.id: [] for user in page.items}
    held = select(RoleGrant).where(*wanted, RoleGrant.user_id.in_(roles)).order_by(RoleGrant.granted_at)
    for grant in db.session.scalars(held):
        roles[grant.user_id].append(_held(grant))
    names = person_names(db.session, page.items)
    return Part(
        [_holder(user, names[user.id], roles[user.id]) for user in page.items],
        page.next_after,
    )


def in_office_at(ccn: str) -> list[Official]:
    """List those who decide about roles for a provider now, the longest in office first.

    Args:
        ccn: The provider's CMS Certification Number.
    """
    rows = db.session.execute(
        select(User, func.min(RoleGrant.granted_at))
        .join(RoleGrant, RoleGrant.user_id == User.id)
        .where(RoleGrant.ccn == ccn, is_in_office())
        .group_by(User.id)
        .order_by(func.min(RoleGrant.granted_at), User.id)
    ).all()
    names = person_names(db.session, [user for user, _ in rows])
    return [Official(names[user.id], since) for user, since in rows]


def holder_of(ccn: str, user_number: int, role: Role) -> tuple[Holder, HeldRole]:
    """Look up who holds a role for a provider.

    Args:
        ccn: The provider's CMS Certification Number.
        user_number: Number of the account.
        role: Which role.

    Raises:
        NotHeldError: It is not held.
    """
    grant = db.session.get(RoleGrant, (user_number, ccn, role))
    if grant is None:
        raise NotHeldError(_not_held(role))
    user = db.session.get_one(User, user_number)
    held = _held(grant)
    return _holder(user, person_name(db.session, user), [held]), held


def holder_name(user_number: int) -> str:
    """Name somebody: by legal name, or by user ID where none is known.

    Args:
        user_number: Number of the account.
    """
    return person_names(db.session, [db.session.get_one(User, user_number)])[user_number]


def other_roles(role: Role) -> list[RoleEntry]:
    """List what a role for a provider can be changed into: the others of the same category."""
    rows = current_matrix().roles
    category = rows[role].category
    return [
        entry
        for entry in rows.values()
        if entry.for_provider and entry.category is category and entry.role is not role
    ]


def revoke(
    official: User, user_number: int, ccn: str, role: Role, reason: str, *, origin: Origin = NOWHERE
) -> None:
    """Take a role for a provider from somebody, who is told the reason by e-mail.

    Args:
        official: Who revokes it: somebody who approves roles of the provider; for a Security Official's role,
            and for all roles where nobody is in office, also an official of CMS.
        user_number: Number of the holder's account.
        ccn: The provider's CMS Certification Number.
        role: Which role.
        reason: Why.
        origin: Where that is done from.

    Raises:
        LookupError: The official may not.
        NotHeldError: It is not held any more.
        AccessError: No reason is given, or it is the official's own role, which that of a provider's last
            Security Official always is, but for CMS.
    """
    reason = checked_reason(reason)
    with write_transaction() as session:
        grant, user = _held_by_another(session, official, user_number, ccn, role)
        end(session, grant, RequestState.REVOKED, reason)
        note_left(session, [grant])
        _audit(session, "role.revoked", official, user, origin, ccn=ccn, role=role.value)
        _tell(session, "role_revoked", official, grant, user, reason=reason)


def change(
    official: User,
    user_number: int,
    ccn: str,
    role: Role,
    *,
    new_role: Role,
    reason: str,
    origin: Origin = NOWHERE,
) -> None:
    """Give somebody another role for a provider instead of one, and tell the person by e-mail.

    Args:
        official: Who changes it: somebody who approves roles of the provider.
        user_number: Number of the holder's account.
        ccn: The provider's CMS Certification Number.
        role: Which role ends.
        new_role: Which one begins: one of `other_roles`.
        reason: Why.
        origin: Where that is done from.

    Raises:
        LookupError: The official may not.
        NotHeldError: The role is not held any more.
        AccessError: As for `revoke`; or the new role cannot be given to the person.
    """
    reason = checked_reason(reason)
    if not may(official, Action.APPROVE_ROLES, ccn):
        raise LookupError(ccn)
    if new_role not in {entry.role for entry in other_roles(role)}:
        raise AccessError("Choose another role of the same category.")
    with write_transaction() as session:
        grant, user = _held_by_another(session, official, user_number, ccn, role)
        _check_new_role(session, user, ccn, new_role)
        end(session, grant, RequestState.REVOKED, reason)
        note_left(session, [grant])
        asked_for = give(session, user, new_role, ccn, by=official)
        _audit(
            session,
            "role.revoked",
            official,
            user,
            origin,
            ccn=ccn,
            role=role.value,
            replaced_by=new_role.value,
        )
        detail = {"request": asked_for.id} if asked_for else {}
        _audit(session, "role.granted", official, user, origin, ccn=ccn, role=new_role.value, **detail)
        label = current_matrix().roles[new_role].label
        _tell(session, "role_changed", official, grant, user, new_role=label, reason=reason)


def certify(official: User, user_number: int, ccn: str, role: Role, *, origin: Origin = NOWHERE) -> None:
    """Write down that a role is still needed.

    Args:
        official: Who says so; as for `revoke`.
        user_number: Number of the holder's account.
        ccn: The provider's CMS Certification Number.
        role: Which role.
        origin: Where that is done from.

    Raises:
        LookupError: The official may not.
        NotHeldError: It is not held any more.
        AccessError: It is the official's own role.
    """
    with write_transaction() as session:
        grant, user = _held_by_another(session, official, user_number, ccn, role)
        grant.certified_at = utc_now()
        _audit(session, "role.certified", official, user, origin, ccn=ccn, role=role.value)


def _held_by_another(
    session: Session, official: User, user_number: int, ccn: str, role: Role
) -> tuple[RoleGrant, User]:
    # Officials of one provider act one after the other: of two who revoke each other's role, the second one
    # finds here that the own one is gone. So whoever acts stays, and no provider loses its last official here
    # but by CMS.
    user = lock_holder(session, user_number)
    lock_providers(session, {ccn})
    session.refresh(official)
    remit = remit_of(session, official, ccn)
    if remit is None or not remit.covers(role):
        raise LookupError(ccn)
    if user_number == official.id:
        raise AccessError(_own_role(session, official, ccn))
    grant = session.get(RoleGrant, (user_number, ccn, role), populate_existing=True)
    if grant is None or user is None:
        raise NotHeldError(_not_held(role))
    return grant, user


def _own_role(session: Session, official: User, ccn: str) -> str:
    if any(other.id != official.id for other in officials_of(session, [ccn]).get(ccn, [])):
        return (
            "Nobody decides about the own roles. Leave this to another Security Official, or give the role up"
            " on My profile."
        )
    return (
        "Nobody decides about the own roles, and you are the only Security Official of this provider. Have a"
        " second one ask for that role, and approve the request; or ask CMS."
    )


def _check_new_role(session: Session, user: User, ccn: str, new_role: Role) -> None:
    provider = session.get_one(Provider, ccn, populate_existing=True)
    if is_terminated(provider):
        raise AccessError(
            f"{named(provider)} is not certified any more, so no roles are given for it. Revoke the role"
            " instead, if it is not needed."
        )
    if not user.active or user.proofing is not ProofingState.PROVED:
        raise AccessError(f"The account {user.user_id} cannot be used now. Revoke the role instead.")
    if session.get(RoleGrant, (user.id, ccn, new_role)) is not None:
        label = current_matrix().roles[new_role].label
        raise AccessError(f"{user.user_id} holds the role {label} already. Revoke the other role instead.")
    if other_side(session, user, new_role, asked=True) is not None:
        raise AccessError(
            f"{user.user_id} acts for a vendor, or has asked to. A Provider Security Official must work for"
            " the provider and cannot be a vendor."
        )


def is_due() -> ColumnElement[bool]:
    """Tell, over grants, whether a role is due for being certified again."""
    return func.coalesce(RoleGrant.certified_at, RoleGrant.granted_at) <= _due_before()


def _due_before() -> datetime:
    return utc_now() - timedelta(days=current_settings().recertify_days)


def _held(grant: RoleGrant) -> HeldRole:
    return HeldRole(
        role=grant.role,
        label=current_matrix().roles[grant.role].label,
        since=grant.granted_at,
        certified_at=grant.certified_at,
        due=(grant.certified_at or grant.granted_at) <= _due_before(),
        changeable=bool(other_roles(grant.role)),
    )


def _holder(user: User, name: str, roles: list[HeldRole]) -> Holder:
    return Holder(account_of(user, name, [held.since for held in roles]), roles)


def _not_held(role: Role) -> str:
    label = current_matrix().roles[role].label
    return f"The role {label} is not held any more. Nothing was changed."


def _audit(session: Session, action: str, official: User, user: User, origin: Origin, **detail: Any) -> None:
    audit.record(
        session,
        action,
        actor_id=official.id,
        actor=official.user_id,
        address=origin.address,
        object_type=audit.ACCOUNT,
        object_id=user.id,
        **detail,
    )


def _tell(
    session: Session, template: str, official: User, grant: RoleGrant, user: User, **values: str
) -> None:
    if user.email:
        enqueue(
            session,
            user.email,
            template,
            user_id=user.user_id,
            provider=session.get_one(Provider, grant.ccn),
            role=current_matrix().roles[grant.role].label,
            official=person_name(session, official),
            **values,
        )
