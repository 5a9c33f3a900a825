"""Who holds which office, revoking one and giving one up. Knows no request.

Officials of CMS decide about the offices that they approve; those of the Service Center are the operator's.
Somebody stays who can approve: of CMS's officials the last one neither goes nor is sent.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from iqies_flask.access.actions import Action
from iqies_flask.access.errors import AccessError
from iqies_flask.access.grants import end
from iqies_flask.access.holders import can_act, lock_holder
from iqies_flask.access.inactivity import Policy
from iqies_flask.access.models import OfficeGrant, RequestState
from iqies_flask.access.officials.queue import Desk, roles_decided_at
from iqies_flask.access.permission import current_matrix, may
from iqies_flask.access.requests.deciders import cms_officials, names_of
from iqies_flask.access.roles import Role
from iqies_flask.audit import service as audit
from iqies_flask.current import current_settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.origin import NOWHERE, Origin
from iqies_flask.mail.service import enqueue

PAGE_HOLDERS = 25
"""Holders on a page."""


class LastOfficialError(AccessError):
    """Nobody would be left who approves for CMS."""

    def __init__(self) -> None:
        super().__init__(
            "Nobody else approves first Security Officials and offices for CMS. Ask the operator of this site"
            " to appoint somebody else first."
        )


@dataclass(frozen=True, slots=True)
class OfficeHolder:
    """Somebody who holds an office.

    Attributes:
        user_number: Number of the account.
        user_id: Its user ID.
        name: The person's legal name; the user ID where none is known.
        email: The account's address; None where it has none.
        active: Whether the account can be used.
        last_sign_in_at: When the person last signed in; None before.
        inactive: Whether the office is about to end, as that was long ago, or never.
        role: Which office.
        label: What it is called.
        since: Since when.
    """

    user_number: int
    user_id: str
    name: str
    email: str | None
    active: bool
    last_sign_in_at: datetime | None
    inactive: bool
    role: Role
    label: str
    since: datetime


@dataclass(frozen=True, slots=True)
class OfficeHolders:
    """Some of those who hold offices, by user ID.

    Attributes:
        items: They; who holds several offices stands there several times.
        next_after: Number of the account after which there are more; None where there are none.
    """

    items: list[OfficeHolder]
    next_after: int | None


def decided_by_cms() -> frozenset[Role]:
    """List the offices about which officials of CMS decide."""
    rows = current_matrix().roles
    return frozenset(role for role in roles_decided_at(Desk.CMS) if not rows[role].for_provider)


def holders(*, after: int | None = None) -> OfficeHolders:
    """List a page of those who hold offices that CMS decides about, by user ID.

    Args:
        after: Number of an account behind which to go on.
    """
    offices = decided_by_cms()
    users = select(User).where(User.id.in_(select(OfficeGrant.user_id).where(OfficeGrant.role.in_(offices))))
    if after is not None:
        users = users.where(
            User.user_id_folded > select(User.user_id_folded).where(User.id == after).scalar_subquery()
        )
    found = list(db.session.scalars(users.order_by(User.user_id_folded).limit(PAGE_HOLDERS + 1)))
    shown = {user.id: user for user in found[:PAGE_HOLDERS]}
    names = names_of(db.session, shown.values())
    grants = db.session.scalars(
        select(OfficeGrant)
        .join(User, User.id == OfficeGrant.user_id)
        .where(OfficeGrant.user_id.in_(shown), OfficeGrant.role.in_(offices))
        .order_by(User.user_id_folded, OfficeGrant.role)
    )
    return OfficeHolders(
        [_holder(shown[grant.user_id], names[grant.user_id], grant) for grant in grants],
        list(shown)[-1] if len(found) > PAGE_HOLDERS else None,
    )


def holder(user_number: int, role: Role) -> OfficeHolder | None:
    """Look up who holds an office; None where that is not held.

    Args:
        user_number: Number of the account.
        role: Which office.
    """
    grant = db.session.get(OfficeGrant, (user_number, role))
    if grant is None:
        return None
    user = db.session.get_one(User, user_number)
    return _holder(user, names_of(db.session, [user])[user.id], grant)


def revoke(official: User, user_number: int, role: Role, reason: str, *, origin: Origin = NOWHERE) -> None:
    """Take an office from somebody, who is told the reason by e-mail.

    Args:
        official: Who revokes it: an official of CMS.
        user_number: Number of the holder's account.
        role: Which office, one of `decided_by_cms`.
        reason: Why.
        origin: Where that is done from.

    Raises:
        LookupError: The official may not, or it is not held any more.
        AccessError: No reason is given, or it is the official's own office.
    """
    reason = reason.strip()
    if not reason:
        raise AccessError("Give a reason. The person reads it in an e-mail.")
    if role not in decided_by_cms():
        raise LookupError(role)
    with write_transaction() as session:
        user, grant = _locked(session, user_number, role)
        # Of two who revoke each other's office the second one finds here that the own one is gone.
        session.refresh(official)
        if not may(official, Action.APPROVE_FIRST_OFFICIAL) or user is None or grant is None:
            raise LookupError(role)
        if user.id == official.id:
            raise AccessError("Nobody decides about the own offices. Give it up on My profile.")
        end(session, grant, RequestState.REVOKED, reason)
        _record(session, "office.dismissed", official, grant, origin)
        if user.email:
            enqueue(
                session,
                user.email,
                "office_revoked",
                user_id=user.user_id,
                office=current_matrix().roles[role].label,
                official=names_of(session, [official])[official.id],
                reason=reason,
            )


def is_last(user: User, role: Role) -> bool:
    """Whether nobody is left who approves for CMS once somebody has given an office up."""
    return _is_last(db.session, user, role)


def give_up(user: User, role: Role, *, origin: Origin = NOWHERE) -> None:
    """Give an office up. A confirmation goes to the holder by e-mail.

    Args:
        user: Who holds it.
        role: Which office.
        origin: Where that is done from.

    Raises:
        LookupError: The person does not hold it.
        LastOfficialError: Nobody else approves for CMS.
    """
    with write_transaction() as session:
        _, grant = _locked(session, user.id, role)
        if grant is None:
            raise LookupError(role)
        if _is_last(session, user, role):
            raise LastOfficialError
        end(session, grant, RequestState.ENDED)
        _record(session, "role.ended", user, grant, origin)
        if user.email:
            label = current_matrix().roles[role].label
            enqueue(session, user.email, "office_ended", user_id=user.user_id, office=label)


def _locked(session: Session, user_number: int, role: Role) -> tuple[User | None, OfficeGrant | None]:
    """Lock a holder, then all who approve for CMS: of two who leave at once the second one is the last."""
    user = lock_holder(session, user_number)
    approving = current_matrix().roles_by_action[Action.APPROVE_FIRST_OFFICIAL]
    locking = select(OfficeGrant).where(OfficeGrant.role.in_(approving))
    session.scalars(
        locking.order_by(OfficeGrant.user_id, OfficeGrant.role).with_for_update(),
        execution_options={"populate_existing": True},
    ).all()
    return user, session.get(OfficeGrant, (user_number, role), populate_existing=True)


def _is_last(session: Session, user: User, role: Role) -> bool:
    approving = current_matrix().roles_by_action[Action.APPROVE_FIRST_OFFICIAL]
    if role not in approving or not can_act(user):
        return False
    others = select(OfficeGrant.role).where(OfficeGrant.user_id == user.id, OfficeGrant.role != role)
    if not approving.isdisjoint(session.scalars(others)):
        return False
    return all(official.id == user.id for official in cms_officials(session))


def _holder(user: User, name: str, grant: OfficeGrant) -> OfficeHolder:
    return OfficeHolder(
        user_number=user.id,
        user_id=user.user_id,
        name=name,
        email=user.email,
        active=user.active,
        last_sign_in_at=user.last_sign_in_at,
        inactive=Policy(current_settings()).is_idle(user, grant.granted_at, utc_now()),
        role=grant.role,
        label=current_matrix().roles[grant.role].label,
        since=grant.granted_at,
    )


def _record(session: Session, action: str, actor: User, held: OfficeGrant, origin: Origin) -> None:
    audit.record(
        session,
        action,
        actor_id=actor.id,
        actor=actor.user_id,
        address=origin.address,
        object_type=audit.ACCOUNT,
        object_id=held.user_id,
        role=held.role.value,
    )
