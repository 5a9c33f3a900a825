"""Who holds which office, revoking one and giving one up. Knows no request.

Officials of CMS decide about the offices that they approve; those of the Service Center are the operator's.
Somebody stays who can approve: of CMS's officials the last one neither goes nor is sent.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from iqies_flask.access.actions import Action
from iqies_flask.access.deciders import cms_officials
from iqies_flask.access.errors import AccessError
from iqies_flask.access.grants import end
from iqies_flask.access.holder_accounts import HolderAccount, account_of, page_of_accounts
from iqies_flask.access.holders import can_act, lock_holder
from iqies_flask.access.models import OfficeGrant, RequestState
from iqies_flask.access.officials.queue import Desk, roles_decided_at
from iqies_flask.access.permission import current_matrix, may
from iqies_flask.access.person_names import person_name, person_names
from iqies_flask.access.reasons import checked_reason
from iqies_flask.access.roles import Role
from iqies_flask.audit import service as audit
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.origin import NOWHERE, Origin
from iqies_flask.mail.service import enqueue
from iqies_flask.paging import Part


class LastApproverError(AccessError):
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
        account: The person's account.
        role: Which office.
        label: What it is called.
        since: Since when.
    """

    account: HolderAccount
    role: Role
    label: str
    since: datetime


def decided_by_cms() -> frozenset[Role]:
    """List the offices about which officials of CMS decide."""
    rows = current_matrix().roles
    return frozenset(role for role in roles_decided_at(Desk.CMS) if not rows[role].for_provider)


def holders(*, after: int | None = None) -> Part[OfficeHolder, int]:
    """List a page of those who hold offices that CMS decides about, by user ID.

    Who holds several offices stands there several times; one goes on behind an account's number.

    Args:
        after: Number of an account behind which to go on.
    """
    offices = decided_by_cms()
    page = page_of_accounts(select(OfficeGrant.user_id).where(OfficeGrant.role.in_(offices)), after)
    shown = {user.id: user for user in page.items}
    names = person_names(db.session, page.items)
    grants = db.session.scalars(
        select(OfficeGrant)
        .join(User, User.id == OfficeGrant.user_id)
        .where(OfficeGrant.user_id.in_(shown), OfficeGrant.role.in_(offices))
        .order_by(User.user_id_folded, OfficeGrant.role)
    )
    return Part(
        [_holder(shown[grant.user_id], names[grant.user_id], grant) for grant in grants], page.next_after
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
    return _holder(user, person_name(db.session, user), grant)


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
    reason = checked_reason(reason)
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
                official=person_name(session, official),
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
        LastApproverError: Nobody else approves for CMS.
    """
    with write_transaction() as session:
        _, grant = _locked(session, user.id, role)
        if grant is None:
            raise LookupError(role)
        if _is_last(session, user, role):
            raise LastApproverError
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
    account = account_of(user, name, [grant.granted_at])
    return OfficeHolder(account, grant.role, current_matrix().roles[grant.role].label, grant.granted_at)


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
