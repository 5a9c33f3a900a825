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
from iqies_flask.access.officials import service as officials
from iqies_flask.access.officials.providers import last_leavings, providers_without_official
from iqies_flask.access.requests.ending import LastOfficialError, give_up
from iqies_flask.access.roles import Role
from iqies_flask.config import Settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import ProofingState, User
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
    two = [official("first.official", provider), official("second.official", provider)]
    for way, user in zip((first, second), two, strict=True):
        if way == "runs out":
            let_roles_run_out(user, ccn)
    numbers = [user.id for user in two]
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


def test_every_way_in_which_the_last_official_goes_is_listed(app: Flask, provider: Provider) -> None:
    cms = create_user("cms.official", PASSWORD, "official@cms.example")
    appoint(cms, Role.CMS_OFFICIAL)
    ccn = provider.ccn

    def by_cms(number: int) -> object:
        return officials.revoke(cms, number, ccn, PSO, "Does not work there.")

    def knowing(number: int) -> object:
        return give_up(own(number), ccn, PSO, knows_last=True)

    ways: list[Callable[[int], object]] = [by_cms, knowing]
    ways += [lambda number, way=way: way(number, ccn) for name, way in WAYS.items() if name != "gives up"]  # type: ignore[misc]
    for number, way in enumerate(ways):
        user = official(f"official.{number}", provider)
        assert last_leavings(5) == []
        let_roles_run_out(user, ccn)
        began = utc_now()
        way(user.id)
        db.session.rollback()
        (left,) = last_leavings(5)
        assert left.ccn == ccn
        assert left.left_at is not None
        assert left.left_at >= began, number
        assert providers_without_official().items[0].left_at == left.left_at


def test_what_is_vacant_is_not_reported_again(app: Flask, provider: Provider) -> None:
    appoint(create_user("cms.official", PASSWORD, "official@cms.example"), Role.CMS_OFFICIAL)
    user = official("first.official", provider)
    deactivate(user.user_id)
    (left,) = last_leavings(5)
    deactivate(user.user_id)
    let_roles_run_out(user, provider.ccn)
    inactivity.sweep(utc_now())
    assert db.session.get(RoleGrant, (user.id, provider.ccn, PSO)) is None
    assert len(told()) == 1
    assert last_leavings(5) == [left]


def test_who_could_not_act_leaves_nothing_vacant(app: Flask, provider: Provider) -> None:
    user = official("first.official", provider)
    with write_transaction() as session:
        session.get_one(User, user.id).proofing = ProofingState.REFUSED
    deactivate(user.user_id)
    assert last_leavings(5) == []
    assert told() == []
