"""Nobody is both Security Official and vendor, for whichever providers.

Whoever decides for a provider works there. Each who asks says it in words of its own.
"""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from iqies_flask.access.matrix import built_in_matrix
from iqies_flask.access.models import RequestState, RoleGrant, RoleRequest
from iqies_flask.access.roles import Category, Role
from iqies_flask.identity.models import User

_OFFICIALS = frozenset({Role.PROVIDER_SECURITY_OFFICIAL})


@dataclass(frozen=True, slots=True)
class OtherSide:
    """What stands against a role, as it is of the other side.

    Attributes:
        role: A role of the other side.
        ccn: The provider for which the person holds it, or has asked for it.
        held: Whether it is held; else it is asked for.
    """

    role: Role
    ccn: str
    held: bool


def other_side(session: Session, user: User, role: Role, *, asked: bool) -> OtherSide | None:
    """Find what somebody has of vendors who would be a Security Official, and the other way round.

    Args:
        session: Where to look.
        user: Who.
        role: Which role the person would have.
        asked: Whether the other role counts where it is only asked for.

    Returns:
        One such role, one that is held before one that is asked for; None if there is none.
    """
    others = _others(role)
    if not others:
        return None
    held = select(RoleGrant.role, RoleGrant.ccn).where(
        RoleGrant.user_id == user.id, RoleGrant.role.in_(others)
    )
    grant = session.execute(held.limit(1)).first()
    if grant is not None:
        return OtherSide(grant.role, grant.ccn, held=True)
    if not asked:
        return None
    pending = select(RoleRequest.role, RoleRequest.ccn).where(
        RoleRequest.user_id == user.id,
        RoleRequest.state == RequestState.PENDING,
        RoleRequest.role.in_(others),
    )
    request = session.execute(pending.limit(1)).first()
    return None if request is None else OtherSide(request.role, request.ccn or "", held=False)


def _others(role: Role) -> frozenset[Role]:
    # The categories of roles are the same in every matrix.
    vendors = frozenset(
        entry.role for entry in built_in_matrix().roles.values() if entry.category is Category.VENDOR
    )
    if role in vendors:
        return _OFFICIALS
    return vendors if role in _OFFICIALS else frozenset()
