from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from iqies_flask import current
from iqies_flask.access import inactivity
from iqies_flask.access.actions import Action
from iqies_flask.access.grants import appoint, grant, offices_of, roles_of
from iqies_flask.access.models import OfficeGrant, Provider, RequestState, RoleGrant, RoleRequest
from iqies_flask.access.permission import may
from iqies_flask.access.registry import add_provider
from iqies_flask.access.roles import Role
from iqies_flask.audit.search import Filter, find
from iqies_flask.config import Settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.service import create_user, deactivate, find_user
from iqies_flask.queue import current_queue
from tests.conftest import PASSWORD
from tests.letters import letters
from tests.queueing import work

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
SUBMITTER = Role.ASSESSMENT_SUBMITTER


@pytest.fixture
def user(provider: Provider) -> User:
    """A submitter who last signed in at the start, and has held the role for longer."""
    user = create_user("test.user", PASSWORD, "test.user@agency.example")
    grant(user, provider.ccn)
    set_back(user, START)
    return user


def set_back(user: User, signed_in: datetime | None, granted: datetime = START - timedelta(days=400)) -> None:
    with write_transaction() as session:
        account = session.get_one(User, user.id)
        account.created_at, account.last_sign_in_at = granted, signed_in
        for table in (RoleGrant, OfficeGrant):
            for held in session.query(table).filter_by(user_id=user.id):
                held.granted_at = granted


def sweep(day: float) -> None:
    after: int | None = 0
    while after is not None:
        after = inactivity.sweep(START + timedelta(days=day), after)
    db.session.expire_all()


def sent() -> list[str]:
    return [letter.template for letter in letters()]


def test_warned_twice_then_ended_while_the_account_stays(user: User, provider: Provider) -> None:
    expected = {44: 0, 45: 1, 46: 1, 54: 1, 55: 2, 56: 2, 59: 2}
    for day, warnings in expected.items():
        sweep(day)
        assert sent() == ["roles_end_soon"] * warnings, day
        assert may(user, Action.UPLOAD, provider.ccn)
    sweep(60)
    assert sent() == ["roles_end_soon", "roles_end_soon", "roles_ended"]
    assert roles_of(user) == []
    assert not may(user, Action.UPLOAD, provider.ccn)
    account = find_user("test.user")
    assert account is not None
    assert account.active
    sweep(61)
    assert len(sent()) == 3


def test_each_is_told_what_ends_and_when(user: User, provider: Provider) -> None:
    for day in (45, 55, 60):
        sweep(day)
    first, second, last = letters()
    for warning in (first, second):
        assert warning.to == "test.user@agency.example"
        for shape in (warning.text, warning.html):
            assert (
                f"Assessment Submitter for {provider.name} (CCN {provider.ccn}): ends Apr 30, 2026" in shape
            )
            assert "60 days" in shape
    assert first.subject == "Sign in to keep your roles"
    assert last.subject == "Your roles have ended"
    for shape in (last.text, last.html):
        assert f"Assessment Submitter for {provider.name} (CCN {provider.ccn})" in shape
        assert "request it again" in shape


def test_end_is_in_the_audit_log_and_with_the_request(user: User, provider: Provider) -> None:
    with write_transaction() as session:
        request = RoleRequest(user_id=user.id, role=SUBMITTER, ccn=provider.ccn, state=RequestState.APPROVED)
        session.add(request)
        session.flush()
        session.get_one(RoleGrant, (user.id, provider.ccn, SUBMITTER)).request_id = request.id
    for day in (45, 55, 60):
        sweep(day)
    (entry,) = find(Filter(action="role.ended"), 10).entries
    assert (entry.actor, entry.object_type, entry.object_id) == ("system", "account", str(user.id))
    assert entry.facts == {"ccn": provider.ccn, "role": "assessment_submitter", "reason": "inactive"}
    db.session.refresh(request)
    assert request.state is RequestState.ENDED


def test_signing_in_begins_it_anew(user: User) -> None:
    for day in (45, 55):
        sweep(day)
    with write_transaction() as session:
        session.get_one(User, user.id).last_sign_in_at = START + timedelta(days=59)
    for day in (60, 80, 59 + 44):
        sweep(day)
    assert len(roles_of(user)) == 1
    assert len(sent()) == 2
    sweep(59 + 45)
    assert len(sent()) == 3


def test_nobody_loses_a_role_unwarned_when_no_worker_ran_for_long(user: User) -> None:
    sweep(300)
    assert sent() == ["roles_end_soon"]
    (letter,) = letters()
    assert f"ends {START + timedelta(days=305):%b %-d, %Y}" in letter.text
    sweep(304)
    assert len(roles_of(user)) == 1
    sweep(305)
    assert roles_of(user) == []


def test_role_that_was_given_later_ends_later(user: User, provider: Provider) -> None:
    later = add_provider("997002", "Sample Second", "OH", "SAMPLE002", provider.kind)
    grant(user, later.ccn)
    with write_transaction() as session:
        session.get_one(RoleGrant, (user.id, later.ccn, SUBMITTER)).granted_at = START + timedelta(days=30)
    for day in (45, 55, 60):
        sweep(day)
    assert [held.ccn for held in roles_of(user)] == [later.ccn]
    assert all(later.name not in letter.text for letter in letters())


def test_who_never_signed_in_is_counted_from_the_beginning(user: User) -> None:
    set_back(user, None, granted=START)
    sweep(44)
    assert sent() == []
    for day in (45, 55, 60):
        sweep(day)
    assert roles_of(user) == []


def test_offices_end_as_well(user: User, provider: Provider) -> None:
    appoint(user, Role.AUDITOR)
    set_back(user, START)
    sweep(45)
    (letter,) = letters()
    assert "- Auditor: ends Apr 30, 2026" in letter.text
    for day in (55, 60):
        sweep(day)
    assert offices_of(user) == []
    assert roles_of(user) == []


def test_who_signs_in_keeps_roles(user: User, provider: Provider) -> None:
    busy = create_user("test.busy", PASSWORD, "test.busy@agency.example")
    grant(busy, provider.ccn)
    set_back(busy, START + timedelta(days=40))
    for day in (45, 55, 60):
        sweep(day)
    assert {letter.to for letter in letters()} == {"test.user@agency.example"}
    assert len(roles_of(busy)) == 1


@pytest.mark.parametrize("shut", [True, False])
def test_without_address_or_account_roles_end_without_e_mail(
    provider: Provider, submitter: User, user: User, shut: bool
) -> None:
    chosen = user if shut else submitter
    if shut:
        deactivate(chosen.user_id)
    before = sent()
    set_back(chosen, START)
    set_back(submitter if shut else user, START + timedelta(days=50))
    for day in (45, 55, 60):
        sweep(day)
    assert roles_of(chosen) == []
    assert sent() == before


def test_cms_is_told_of_providers_whose_last_security_official_is_gone(
    user: User, provider: Provider
) -> None:
    official = Role.PROVIDER_SECURITY_OFFICIAL
    cms = create_user("test.cms", PASSWORD, "test.cms@cms.example")
    appoint(cms, Role.CMS_OFFICIAL)
    second = add_provider("997002", "Sample Second", "OH", "SAMPLE002", provider.kind)
    colleague = create_user("test.colleague", PASSWORD)
    for ccn in (provider.ccn, second.ccn):
        grant(user, ccn, official)
    grant(colleague, second.ccn, official)
    set_back(user, START)
    for other in (cms, colleague):
        set_back(other, START + timedelta(days=59))
    for day in (45, 55, 60):
        sweep(day)
    (letter,) = letters("providers_without_official")
    assert letter.to == "test.cms@cms.example"
    for shape in (letter.text, letter.html):
        assert f"{provider.name} (CCN {provider.ccn}, CT)" in shape
        assert second.name not in shape


def test_many_are_dealt_with_in_portions(
    user: User, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inactivity, "_AT_A_TIME", 2)
    for number in range(4):
        other = create_user(f"test.other{number}", PASSWORD, f"test.other{number}@agency.example")
        grant(other, provider.ccn)
        set_back(other, START)
    sweep(45)
    assert len({letter.to for letter in letters()}) == len(letters()) == 5


def test_one_portion_leaves_the_rest_for_later(
    user: User, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inactivity, "_MOST_DEALT_WITH", 2)
    users = [user]
    for number in range(2):
        users.append(create_user(f"test.other{number}", PASSWORD, f"test.other{number}@agency.example"))
        grant(users[-1], provider.ccn)
        set_back(users[-1], START)
    now = START + timedelta(days=45)
    assert inactivity.sweep(now) == users[1].id
    assert len(sent()) == 2
    assert inactivity.sweep(now, users[1].id) is None
    assert len(sent()) == 3


def test_who_was_warned_costs_no_transaction(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    sweep(45)
    opened: list[None] = []
    monkeypatch.setattr(inactivity, "write_transaction", lambda: opened.append(None))
    sweep(46)
    assert opened == []


def test_account_that_cannot_be_decrypted_keeps_nobody_else_from_being_warned(
    user: User, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    other = create_user("test.other", PASSWORD, "test.other@agency.example")
    grant(other, provider.ccn)
    set_back(other, START)
    with write_transaction() as session:
        session.execute(
            text("UPDATE user_account SET email = :broken WHERE id = :id"), {"broken": b"x", "id": user.id}
        )
    db.session.expunge_all()
    sweep(45)
    assert [letter.to for letter in letters()] == ["test.other@agency.example"]
    assert f"account {user.id} could not be looked at" in caplog.text


@pytest.mark.parametrize(("days", "warnings", "ended_on"), [(10, (), 10), (10, (9,), 10), (1, (), 1)])
def test_days_are_those_of_the_settings(
    app: Flask, settings: Settings, user: User, days: int, warnings: tuple[int, ...], ended_on: int
) -> None:
    current.init_app(app, replace(settings, inactive_days=days, inactive_warnings=warnings))
    for day in (*warnings, ended_on - 0.6):
        sweep(day)
    assert len(roles_of(user)) == 1
    sweep(ended_on)
    assert roles_of(user) == []
    assert sent() == ["roles_end_soon"] * len(warnings) + ["roles_ended"]


@pytest.mark.parametrize("hour", [0, 8, 14, 23.9])
def test_days_are_counted_by_the_calendar_whenever_workers_look(user: User, hour: float) -> None:
    midnight = START - timedelta(hours=12)
    set_back(user, midnight + timedelta(hours=hour))

    def look(day: int, minutes: float) -> None:
        inactivity.sweep(midnight + timedelta(days=day, hours=8, minutes=minutes))
        db.session.expire_all()

    # Each look comes a little earlier than the one before.
    for day in range(60):
        look(day, (60 - day) / 60)
        assert len(sent()) == (day >= 45) + (day >= 55), day
    assert len(roles_of(user)) == 1
    look(60, 0)
    assert roles_of(user) == []
    assert "ends Apr 30, 2026" in letters()[0].text


def test_days_are_those_where_the_installation_is(app: Flask, settings: Settings, user: User) -> None:
    current.init_app(app, replace(settings, time_zone="America/Los_Angeles"))
    # March 1 there, March 2 in UTC.
    set_back(user, datetime(2026, 3, 2, 5, tzinfo=UTC))
    inactivity.sweep(datetime(2026, 4, 15, 6, tzinfo=UTC))
    assert sent() == []
    inactivity.sweep(datetime(2026, 4, 15, 8, tzinfo=UTC))
    assert sent() == ["roles_end_soon"]


def test_worker_sweeps_roles(app: Flask, user: User) -> None:
    with write_transaction() as session:
        session.get_one(User, user.id).last_sign_in_at = utc_now() - timedelta(days=46)
    current_queue().wake_for_daily()
    work(current_queue().huey)
    assert sent() == ["roles_end_soon"]
    assert "sweep_roles" in {task.name for task in current_queue().huey._registry.periodic_tasks}
