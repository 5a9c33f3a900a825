"""Who holds a role now, and can act in it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from iqies_flask.access.models import OfficeGrant, RoleGrant
from iqies_flask.access.roles import Role
from iqies_flask.extensions import db
from iqies_flask.identity.models import ProofingState, User


def holders_of(ccn: str, role: Role, *, most: int = 100) -> list[User]:
    """List those who hold a role for a provider and whose accounts can be used, by number.

    Args:
        ccn: The provider's CMS Certification Number.
        role: Which role.
        most: How many are wanted at most.
    """
    return list(
        db.session.scalars(
            select(User)
            .join(RoleGrant, RoleGrant.user_id == User.id)
            .where(
                RoleGrant.ccn == ccn,
                RoleGrant.role == role,
                User.active,
                User.proofing == ProofingState.PROVED,
            )
            .order_by(User.id)
            .limit(most)
        )
    )


def holders_of_office(role: Role) -> list[User]:
    """List those who hold an office and whose accounts can be used, by number."""
    return list(
        db.session.scalars(
            select(User)
            .join(OfficeGrant, OfficeGrant.user_id == User.id)
            .where(OfficeGrant.role == role, User.active, User.proofing == ProofingState.PROVED)
            .order_by(User.id)
        )
    )


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
