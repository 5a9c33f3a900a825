"""Who holds roles now, and can act in them."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from iqies_flask.access.models import OfficeGrant, RoleGrant
from iqies_flask.access.roles import Role
from iqies_flask.identity.models import ProofingState, User

CAN_ACT = (User.active.is_(True), User.proofing == ProofingState.PROVED)
"""Tells, over accounts, whose roles are of use now."""


def can_act(user: User) -> bool:
    """Tell the same of one account."""
    return user.active and user.proofing is ProofingState.PROVED


def holders_of(session: Session, ccns: Collection[str], roles: Collection[Role]) -> dict[str, list[User]]:
    """Find who holds one of some roles for some providers, and can act in it.

    Args:
        session: Where to look.
        ccns: Which providers.
        roles: Which roles.

    Returns:
        CCN to holders, each once, who has held a role the longest first. A provider without any is missing.
    """
    rows = session.execute(
        select(RoleGrant.ccn, User)
        .join(User, User.id == RoleGrant.user_id)
        .where(RoleGrant.ccn.in_(ccns), RoleGrant.role.in_(roles), *CAN_ACT)
        .order_by(RoleGrant.ccn, RoleGrant.granted_at, User.id)
    )
    found: dict[str, dict[User, None]] = {}
    for ccn, user in rows:
        found.setdefault(ccn, {})[user] = None
    return {ccn: list(users) for ccn, users in found.items()}


def holders_of_offices(session: Session, roles: Collection[Role]) -> list[User]:
    """Find who holds one of some offices, and can act in it, by number.

    Args:
        session: Where to look.
        roles: Which offices.
    """
    held = select(OfficeGrant.user_id).where(OfficeGrant.role.in_(roles))
    return list(session.scalars(select(User).where(User.id.in_(held), *CAN_ACT).order_by(User.id)))


def lock_holder(session: Session, number: int) -> User | None:
    """Let one transaction at a time give roles to somebody or take them, and read the account as it is now.

    This comes first, before providers, requests and grants are locked and before the audit log is written: in
    any other order two transactions wait for each other. Rows that only refer to the account, such as
    those of what the person decides, are still written meanwhile.

    Args:
        session: A session in a writing transaction, which the caller commits.
        number: Number of the account.

    Returns:
        The account; None if there is none.
    """
    return session.get(User, number, with_for_update={"key_share": True}, populate_existing=True)
