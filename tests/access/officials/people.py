"""Providers with their officials and users, and what is asked of them."""

from datetime import timedelta
from itertools import count

from iqies_flask.access.grants import appoint, grant
from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.models import Provider, RequestState, RoleGrant, RoleRequest
from iqies_flask.access.registry import add_provider
from iqies_flask.access.roles import Role
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.identity.models import Person, User
from iqies_flask.identity.service import create_user
from tests.conftest import PASSWORD
from tests.persons import profile

OFFICIAL = Role.PROVIDER_SECURITY_OFFICIAL
SUBMITTER = Role.ASSESSMENT_SUBMITTER
VIEWER = Role.PROVIDER_ASSESSMENT_VIEWER
VENDOR = Role.VENDOR_ASSESSMENT_SUBMITTER
HOME, OTHER = "017001", "017002"

_facilities = count(1)


def add_agency(ccn: str, name: str = "") -> Provider:
    """Register a home health agency."""
    facility = f"TEST{next(_facilities):05}"
    return add_provider(ccn, name or f"Agency {ccn}", "AL", facility, ProviderKind.HOME_HEALTH_AGENCY)


def add_user(user_id: str, *roles: tuple[str, Role], named: bool = False) -> User:
    """Make an account that holds roles for providers.

    Args:
        user_id: Its user ID; the address is made of it.
        roles: CCN and role.
        named: Whether the person has a name.
    """
    user = create_user(user_id, PASSWORD, f"{user_id}@sample.example")
    if named:
        with write_transaction() as session:
            session.add(Person(user_id=user.id, profile=profile().to_json()))
    for ccn, role in roles:
        grant(user, ccn, role)
    return user


def add_cms_official(user_id: str) -> User:
    """Make the account of an official of CMS."""
    user = add_user(user_id)
    appoint(user, Role.CMS_OFFICIAL)
    return user


def ask(user: User, ccn: str | None, role: Role = SUBMITTER, *, days: float = 0) -> int:
    """Have somebody have asked for a role some days ago, and give the number of the request."""
    with write_transaction() as session:
        request = RoleRequest(
            user_id=user.id,
            ccn=ccn,
            role=role,
            state=RequestState.PENDING,
            requested_at=utc_now() - timedelta(days=days),
        )
        session.add(request)
        session.flush()
        return request.id


def age(user: User, ccn: str, role: Role, *, days: float) -> None:
    """Have a role have been given some days ago."""
    with write_transaction() as session:
        session.get_one(RoleGrant, (user.id, ccn, role)).granted_at -= timedelta(days=days)
