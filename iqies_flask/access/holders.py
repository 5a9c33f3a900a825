"""Who holds a role now, and can act in it."""

from sqlalchemy import select

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
