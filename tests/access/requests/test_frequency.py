import re
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from iqies_flask import current
from iqies_flask.access.grants import grant, revoke
from iqies_flask.access.models import RoleRequest
from iqies_flask.access.requests import frequency
from iqies_flask.access.requests.rules import Refusal, Why, check
from iqies_flask.access.requests.service import RefusedError, submit, withdraw
from iqies_flask.access.roles import Role
from iqies_flask.config import Settings
from iqies_flask.database import utc_now
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from tests.access.requests.cast import (
    CARE,
    HOME,
    PSO,
    SUBMITTER,
    SWING,
    VIEWER,
    add_person,
    let_days_pass,
)
from tests.access.requests.test_service import at_once, user
from tests.letters import letters

ZONE = "America/New_York"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def limited(app: Flask, settings: Settings) -> None:
    """Two requests for one provider, three for all together."""
    limits = {"role_requests_per_provider": 2, "role_requests_per_day": 3}
    current.init_app(app, replace(settings, **limits, time_zone=ZONE))


@pytest.fixture
def official(official: User) -> User:
    """The one Security Official of all three providers."""
    for ccn in (HOME, SWING):
        grant(official, ccn, PSO)
    return official


def ask_in_vain(person: User, role: Role = SUBMITTER, ccn: str = CARE) -> RoleRequest:
    """Make a request, and withdraw it at once."""
    [request] = submit(person, role, [ccn])
    withdraw(person, request.id)
    return request


def refused(person: User, role: Role, *ccns: str) -> Refusal:
    with pytest.raises(RefusedError) as caught:
        submit(person, role, ccns)
    [refusal] = caught.value.refusals.values()
    assert refusal.why is Why.TOO_OFTEN
    return refusal


def moment_in(message: str) -> datetime:
    found = re.search(r"from (\w{3} \d+, \d{4}, \d+:\d\d [AP]M) E[DS]T", message)
    assert found, message
    return datetime.strptime(found[1], "%b %d, %Y, %I:%M %p").replace(tzinfo=ZoneInfo(ZONE))


def test_asking_and_withdrawing_again_and_again_has_an_end(
    limited: None, official: User, person: User
) -> None:
    ask_in_vain(person)
    ask_in_vain(person, VIEWER)
    told = len(letters())
    assert (
        "Testville Care Center (015001) 2 times within 24 hours" in refused(person, SUBMITTER, CARE).message
    )
    assert len(letters()) == told
    # Neither another provider nor another person is concerned.
    submit(person, SUBMITTER, [HOME])
    submit(add_person("other.person"), SUBMITTER, [CARE])


def test_the_message_names_the_first_minute_in_which_one_may_ask_again(
    limited: None, official: User, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_days_pass(ask_in_vain(person), 0.75)
    ask_in_vain(person)
    again = moment_in(refused(person, SUBMITTER, CARE).message)
    assert timedelta(hours=5, minutes=58) < again - utc_now() < timedelta(hours=6, minutes=2)
    monkeypatch.setattr(frequency, "utc_now", lambda: again - MINUTE)
    refused(person, SUBMITTER, CARE)
    monkeypatch.setattr(frequency, "utc_now", lambda: again)
    submit(person, SUBMITTER, [CARE])


def test_what_was_asked_a_day_ago_does_not_count(limited: None, official: User, person: User) -> None:
    for _ in range(2):
        let_days_pass(ask_in_vain(person), 1)
    ask_in_vain(person)
    ask_in_vain(person)
    refused(person, SUBMITTER, CARE)


def test_what_was_given_without_being_asked_for_does_not_count(
    limited: None, official: User, person: User
) -> None:
    for _ in range(3):
        grant(person, CARE, SUBMITTER)
        revoke(person, CARE)
    submit(person, SUBMITTER, [CARE])


def test_offices_are_counted_together(limited: None, cms: User, person: User) -> None:
    [request] = submit(person, Role.STATE_VIEWER, [])
    withdraw(person, request.id)
    submit(person, Role.CMS_OFFICIAL, [])
    message = refused(person, Role.STATE_VIEWER).message
    assert "for roles for CMS or State agencies 2 times within 24 hours" in message


def test_all_providers_are_counted_together(limited: None, official: User, person: User) -> None:
    let_days_pass(ask_in_vain(person), 0.5)
    submit(person, SUBMITTER, [HOME])
    message = refused(person, VIEWER, CARE, SWING).message
    assert "ask for 3 roles within 24 hours" in message
    assert timedelta(hours=11) < moment_in(message) - utc_now() < timedelta(hours=13)
    submit(person, VIEWER, [SWING])
    refused(person, VIEWER, CARE)


def test_a_list_that_is_too_long_for_any_day_says_so(
    app: Flask, settings: Settings, official: User, person: User
) -> None:
    current.init_app(app, replace(settings, role_requests_per_day=1))
    assert "Your list has 2: remove some" in refused(person, SUBMITTER, CARE, HOME).message
    submit(person, SUBMITTER, [CARE])
    refused(person, SUBMITTER, HOME)


def test_it_is_said_as_soon_as_the_provider_is_chosen(limited: None, official: User, person: User) -> None:
    for _ in range(2):
        ask_in_vain(person)
    refusal = check(db.session, person, SUBMITTER, CARE)
    assert refusal is not None
    assert refusal.why is Why.TOO_OFTEN


def test_asking_many_times_at_once_goes_no_further(
    app: Flask, limited: None, official: User, person: User
) -> None:
    number = person.id
    roles = (SUBMITTER, VIEWER, Role.PROVIDER_ADMINISTRATOR)
    outcomes = at_once(app, *(lambda role=role: submit(user(number), role, [CARE]) for role in roles))
    assert outcomes == ["RefusedError", "done", "done"]


def test_many_lists_at_once_go_no_further(app: Flask, limited: None, official: User, person: User) -> None:
    number = person.id
    lists = [(SUBMITTER, [CARE, HOME]), (VIEWER, [HOME, SWING]), (PSO, [SWING, CARE])]
    outcomes = at_once(
        app, *(lambda role=role, ccns=ccns: submit(user(number), role, ccns) for role, ccns in lists)
    )
    assert outcomes == ["RefusedError", "RefusedError", "done"]
