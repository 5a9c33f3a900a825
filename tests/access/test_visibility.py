import pytest
from flask import Flask

from iqies_flask.access.grants import appoint, grant
from iqies_flask.access.roles import Role
from iqies_flask.access.visibility import sees, sees_all, sees_only
from iqies_flask.identity.models import User
from tests.access.requests import cast
from tests.access.requests.cast import CARE, HOME, PSO, SUBMITTER


@pytest.fixture
def person(app: Flask) -> User:
    cast.add_providers()
    return cast.add_person("testperson")


def test_a_security_official_sees_the_own_providers(person: User) -> None:
    grant(person, CARE, PSO)
    grant(person, HOME, SUBMITTER)
    assert (sees(person, CARE), sees(person, HOME), sees_all(person)) == (True, False, False)
    assert sees_only(person) == [CARE]


@pytest.mark.parametrize("office", [Role.REGISTRY_MANAGER, Role.STATE_VIEWER, Role.CMS_OFFICIAL])
def test_who_has_to_do_with_the_registry_sees_all_of_it(person: User, office: Role) -> None:
    assert not sees(person, HOME)
    appoint(person, office)
    assert sees_all(person)
    assert sees(person, HOME)


def test_other_offices_show_nothing_of_it(person: User) -> None:
    appoint(person, Role.AUDITOR)
    assert not sees_all(person)
