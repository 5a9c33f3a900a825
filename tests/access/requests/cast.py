"""Who has to do with requests: providers and persons, all invented."""

from datetime import timedelta

from iqies_flask.access.grants import appoint, grant
from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.models import Provider, RequestState, RoleRequest
from iqies_flask.access.registry import add_provider
from iqies_flask.access.roles import Role
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import Person, User
from iqies_flask.identity.service import create_user
from tests.conftest import PASSWORD
from tests.persons import profile

PSO = Role.PROVIDER_SECURITY_OFFICIAL
SUBMITTER = Role.ASSESSMENT_SUBMITTER
VIEWER = Role.PROVIDER_ASSESSMENT_VIEWER
VENDOR = Role.VENDOR_ASSESSMENT_SUBMITTER
CARE, HOME, SWING = "015001", "017001", "01U101"


def add_providers() -> None:
    """Register three providers without anybody."""
    nursing, swing, home = ProviderKind
    add_provider(CARE, "Testville Care Center", "AL", "TESTNH01", nursing)
    add_provider(HOME, "Testville Home Health", "AL", "TESTHH01", home)
    add_provider(SWING, "Testville Hospital", "AL", "TESTSB01", swing)


def add_person(user_id: str, first_name: str = "") -> User:
    """Make an account with an address; with a first name the person is known, too."""
    user = create_user(user_id, PASSWORD, f"{user_id}@agency.example")
    if first_name:
        with write_transaction() as session:
            session.add(Person(user_id=user.id, profile=profile(first_name=first_name).to_json()))
    return user


def add_official(user_id: str, *ccns: str, first_name: str = "") -> User:
    """Make the account of a Security Official."""
    user = add_person(user_id, first_name)
    for ccn in ccns:
        grant(user, ccn, PSO)
    return user


def add_cms(user_id: str) -> User:
    """Make the account of a CMS official."""
    user = add_person(user_id)
    appoint(user, Role.CMS_OFFICIAL)
    return user


def provider(ccn: str) -> Provider:
    return db.session.get_one(Provider, ccn)


def state_of(request: RoleRequest) -> RequestState:
    """What the database says now."""
    db.session.rollback()
    return db.session.get_one(RoleRequest, request.id, populate_existing=True).state


def let_days_pass(request: RoleRequest, days: float) -> None:
    """Let a request have been made some days earlier."""
    with write_transaction() as session:
        session.get_one(RoleRequest, request.id).requested_at = utc_now() - timedelta(days=days)
