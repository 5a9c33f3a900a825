from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask

from iqies_flask.access import inactivity, permission
from iqies_flask.access.grants import appoint, grant, revoke
from iqies_flask.access.matrix import built_in_text
from iqies_flask.access.models import Provider, RoleGrant
from iqies_flask.access.requests.ending import LastOfficialError, give_up
from iqies_flask.access.roles import Role
from iqies_flask.config import Settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.origin import NOWHERE
from iqies_flask.identity.profile import service as profile
from iqies_flask.identity.service import create_user, deactivate
from tests.at_once import overlapping
from tests.conftest import PASSWORD
from tests.letters import letters

PSO = Role.PROVIDER_SECURITY_OFFICIAL


@pytest.fixture
def shared_office(app: Flask, settings: Settings, tmp_path: Path) -> None:
    """A matrix in which the Registry Manager, too, decides about first Security Officials."""
    path = tmp_path / "matrix.toml"
    own = 'may = ["view_registry", "manage_providers"]'
    assert built_in_text().count(own) == 1
    path.write_text(built_in_text().replace(own, own.replace("]", ', "approve_first_official"]')))
    permission.init_app(app, replace(settings, matrix_file=path))


def official(user_id: str, provider: Provider) -> User:
    user = create_user(user_id, PASSWORD)
    grant(user, provider.ccn, PSO)
    return user


def told() -> list[tuple[str, str]]:
    return [(letter.template, letter.to) for letter in letters()]


def test_cms_is_told_when_the_last_official_s_account_is_shut(app: Flask, provider: Provider) -> None:
    appoint(create_user("cms.official", PASSWORD, "official@cms.example"), Role.CMS_OFFICIAL)
    official("first.official", provider)
    official("second.official", provider)
    grant(create_user("some.submitter", PASSWORD), provider.ccn)
    deactivate("some.submitter")
    deactivate("first.official")
    assert told() == []
    deactivate("second.official")
    assert told() == [("providers_without_official", "official@cms.example")]
    (letter,) = letters()
    for part in (letter.text, letter.html):
        assert "the account was closed" in part
        assert "Sample Home Health (CCN 997999, CT)" in part
        assert "/officials/vacancies" in part


def let_roles_run_out(user: User, ccn: str) -> None:
    """Make an official one whose roles the next sweep ends."""
    with write_transaction() as session:
        long_ago = utc_now() - timedelta(days=90)
        session.get_one(User, user.id).created_at = long_ago
        held = session.get_one(RoleGrant, (user.id, ccn, PSO))
        held.granted_at, held.warned_at = long_ago, utc_now() - timedelta(days=20)


def own(number: int) -> User:
    return db.session.get_one(User, number)


WAYS: dict[str, Callable[[int, str], object]] = {
    "operator shuts": lambda number, _: deactivate(own(number).user_id),
    "shuts": lambda number, _: profile.deactivate(own(number), NOWHERE),
    "gives up": lambda number, ccn: give_up(own(number), ccn, PSO),
    "operator revokes": lambda number, ccn: revoke(own(number), ccn),
    "runs out": lambda number, ccn: inactivity.sweep(utc_now()),
}


PAIRS = [
    ("operator shuts", "operator shuts"),
    ("gives up", "shuts"),
    ("shuts", "gives up"),
    ("operator revokes", "gives up"),
    ("gives up", "operator revokes"),
    ("runs out", "shuts"),
    ("shuts", "runs out"),
]


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_of_two_officials_who_go_at_once_the_last_does_not_go_unnoticed(
    app: Flask, provider: Provider, first: str, second: str
) -> None:
    appoint(create_user("cms.official", PASSWORD, "official@cms.example"), Role.CMS_OFFICIAL)
    ccn = provider.ccn
    officials = [official("first.official", provider), official("second.official", provider)]
    for way, user in zip((first, second), officials, strict=True):
        if way == "runs out":
            let_roles_run_out(user, ccn)
    numbers = [user.id for user in officials]
    came_of = overlapping(app, lambda: WAYS[first](numbers[0], ccn), lambda: WAYS[second](numbers[1], ccn))
    errors = [outcome for outcome in came_of if isinstance(outcome, Exception)]
    # Who gives the role up as the last one is asked first, and stays.
    asked = [type(error) for error in errors] == [LastOfficialError]
    assert asked or not errors, errors
    assert len(told()) == (0 if asked else 1)


@pytest.mark.usefixtures("shared_office")
def test_whoever_decides_about_first_officials_is_told(provider: Provider) -> None:
    appoint(create_user("cms.official", PASSWORD, "official@cms.example"), Role.CMS_OFFICIAL)
    appoint(create_user("test.manager", PASSWORD, "manager@sample.example"), Role.REGISTRY_MANAGER)
    user = create_user("first.official", PASSWORD)
    grant(user, provider.ccn, Role.PROVIDER_SECURITY_OFFICIAL)
    revoke(user, provider.ccn)
    assert [to for _, to in told()] == ["official@cms.example", "manager@sample.example"]
