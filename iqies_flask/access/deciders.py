"""Who decides about a request for a role."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.orm import Session

from iqies_flask.access.actions import Action
from iqies_flask.access.holders import holders_of, holders_of_offices
from iqies_flask.access.models import RoleRequest
from iqies_flask.access.permission import current_matrix, may
from iqies_flask.access.person_names import person_names
from iqies_flask.access.roles import Role
from iqies_flask.identity.models import User


class Deciding(StrEnum):
    """In which capacity a request is decided; the text is what pages call it."""

    CMS = "CMS"
    OFFICIALS = "Security Officials"


@dataclass(frozen=True, slots=True)
class Deciders:
    """Who decides about a request.

    Attributes:
        deciding: In which capacity.
        users: Who may do it now, without the requester.
        names: The same by name.
    """

    deciding: Deciding
    users: tuple[User, ...]
    names: tuple[str, ...]

    @property
    def words(self) -> str:
        """Who decides, as pages and e-mails say it."""
        names = " or ".join(self.names)
        if self.deciding is Deciding.CMS:
            return (
                f"CMS ({names})" if names else "CMS, where nobody is appointed yet: ask this site's operator"
            )
        if not names:
            return "nobody now, as the provider has no other Security Official: it must name one first"
        return f"{names} (Security Official{'' if len(self.names) == 1 else 's'} of the provider)"


def officials_of(session: Session, ccns: Iterable[str]) -> dict[str, list[User]]:
    """Find who approves roles for some providers: their Security Officials whose accounts can be used.

    Args:
        session: Where to look.
        ccns: Which providers.

    Returns:
        CCN to officials, the longest in office first. A provider without any is missing.
    """
    return holders_of(session, set(ccns), current_matrix().roles_by_action[Action.APPROVE_ROLES])


def cms_officials(session: Session) -> list[User]:
    """Find who decides for CMS: about first Security Officials and about offices."""
    return holders_of_offices(session, current_matrix().roles_by_action[Action.APPROVE_FIRST_OFFICIAL])


def deciders_of(session: Session, requests: Iterable[RoleRequest]) -> dict[int, Deciders]:
    """Find who decides about some requests.

    Args:
        session: Where to look.
        requests: Which.

    Returns:
        Number of the request to its deciders.
    """
    requests = list(requests)
    officials = officials_of(session, {request.ccn for request in requests if request.ccn})
    cms = cms_officials(session)
    names = person_names(session, [*cms, *(user for users in officials.values() for user in users)])

    def deciders(request: RoleRequest) -> Deciders:
        own = officials.get(request.ccn or "", [])
        deciding = _deciding(request, has_official=bool(own))
        users = [
            user for user in (own if deciding is Deciding.OFFICIALS else cms) if user.id != request.user_id
        ]
        return Deciders(deciding, tuple(users), tuple(names[user.id] for user in users))

    return {request.id: deciders(request) for request in requests}


def may_decide(session: Session, user: User, request: RoleRequest) -> bool:
    """Whether somebody may decide about a request. The own ones are nobody's."""
    if user.id == request.user_id:
        return False
    ccn = request.ccn or ""
    has_official = bool(ccn) and ccn in officials_of(session, {ccn})
    if _deciding(request, has_official=has_official) is Deciding.CMS:
        return may(user, Action.APPROVE_FIRST_OFFICIAL)
    return may(user, Action.APPROVE_ROLES, ccn)


def _deciding(request: RoleRequest, *, has_official: bool) -> Deciding:
    first = request.role is Role.PROVIDER_SECURITY_OFFICIAL and not has_official
    return Deciding.CMS if request.ccn is None or first else Deciding.OFFICIALS
