import pytest
from flask import Flask

from iqies_flask.access.grants import grant, revoke
from iqies_flask.access.official_or_vendor import OtherSide, other_side
from iqies_flask.access.requests.service import submit, withdraw
from iqies_flask.access.roles import Role
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from tests.access.requests import cast
from tests.access.requests.cast import CARE, HOME

OFFICIAL = Role.PROVIDER_SECURITY_OFFICIAL
VENDOR = Role.VENDOR_ASSESSMENT_SUBMITTER


@pytest.fixture
def person(app: Flask) -> User:
    cast.add_providers()
    return cast.add_person("testperson", "Testy")


def found(person: User, role: Role, *, asked: bool = True) -> OtherSide | None:
    return other_side(db.session, person, role, asked=asked)


@pytest.mark.parametrize(("held", "wanted"), [(OFFICIAL, VENDOR), (VENDOR, OFFICIAL)])
def test_each_stands_against_the_other_for_whichever_provider(person: User, held: Role, wanted: Role) -> None:
    grant(person, CARE, held)
    assert found(person, wanted) == OtherSide(held, CARE, held=True)
    assert found(person, held) is None
    revoke(person, CARE)
    assert found(person, wanted) is None


def test_other_roles_stand_against_neither(person: User) -> None:
    grant(person, CARE, Role.ASSESSMENT_SUBMITTER)
    assert found(person, OFFICIAL) is None
    assert found(person, VENDOR) is None
    grant(person, CARE, OFFICIAL)
    assert found(person, Role.PROVIDER_ADMINISTRATOR) is None


def test_what_is_only_asked_for_counts_where_it_shall(person: User) -> None:
    [request] = submit(person, OFFICIAL, [HOME])
    assert found(person, VENDOR) == OtherSide(OFFICIAL, HOME, held=False)
    assert found(person, VENDOR, asked=False) is None
    withdraw(person, request.id)
    assert found(person, VENDOR) is None
