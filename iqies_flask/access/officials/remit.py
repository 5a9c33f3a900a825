"""About which roles of a provider somebody decides."""

from enum import StrEnum

from sqlalchemy.orm import Session

from iqies_flask.access.actions import Action
from iqies_flask.access.deciders import officials_of
from iqies_flask.access.permission import may
from iqies_flask.access.roles import Role
from iqies_flask.identity.models import User


class Remit(StrEnum):
    """What somebody decides about at a provider."""

    PROVIDER = "provider"
    """All roles, as one of those in office there."""

    OFFICIALS = "officials"
    """For CMS: the roles of those in office there."""

    VACANT = "vacant"
    """For CMS: all roles, as nobody is in office there who could take them."""

    @property
    def of_cms(self) -> bool:
        """Whether it is CMS's, which takes roles and certifies them, and gives no others instead."""
        return self is not Remit.PROVIDER

    def covers(self, role: Role) -> bool:
        """Whether a role for the provider belongs to it."""
        return self is not Remit.OFFICIALS or role is Role.PROVIDER_SECURITY_OFFICIAL


def remit_of(session: Session, user: User, ccn: str) -> Remit | None:
    """Find what somebody decides about at a provider; None for nothing.

    Args:
        session: Where to look.
        user: Who.
        ccn: The provider's CMS Certification Number.
    """
    if may(user, Action.APPROVE_ROLES, ccn):
        return Remit.PROVIDER
    if may(user, Action.APPROVE_FIRST_OFFICIAL):
        return Remit.OFFICIALS if officials_of(session, {ccn}) else Remit.VACANT
    return None
