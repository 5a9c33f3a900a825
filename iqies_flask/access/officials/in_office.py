"""Which providers have a Security Official who can act, as parts of statements."""

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from iqies_flask.access.actions import Action
from iqies_flask.access.holders import CAN_ACT
from iqies_flask.access.models import RoleGrant
from iqies_flask.access.permission import current_matrix
from iqies_flask.identity.models import User


def is_in_office() -> ColumnElement[bool]:
    """Tell, over grants and their accounts, whether a grant makes somebody decide for a provider now."""
    return and_(RoleGrant.role.in_(current_matrix().roles_by_action[Action.APPROVE_ROLES]), *CAN_ACT)


def has_official(ccn: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]) -> ColumnElement[bool]:
    """Tell whether the provider of a row has somebody who decides for it.

    Args:
        ccn: The row's column with the provider's CMS Certification Number.
    """
    officials = (
        select(RoleGrant.user_id)
        .join(User, User.id == RoleGrant.user_id)
        .where(RoleGrant.ccn == ccn, is_in_office())
    )
    # The row may be of a statement with accounts of its own: those of requesters.
    return officials.correlate_except(RoleGrant, User).exists()


def has_another_official() -> ColumnElement[bool]:
    """Tell, over grants, whether somebody else than the holder decides for the provider."""
    other = aliased(RoleGrant)
    roles = current_matrix().roles_by_action[Action.APPROVE_ROLES]
    officials = (
        select(other.user_id)
        .join(User, User.id == other.user_id)
        .where(
            other.ccn == RoleGrant.ccn, other.user_id != RoleGrant.user_id, other.role.in_(roles), *CAN_ACT
        )
    )
    return officials.correlate(RoleGrant).exists()
