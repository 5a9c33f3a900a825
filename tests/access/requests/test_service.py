import json
import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from iqies_flask.access.actions import Action
from iqies_flask.access.certified import today
from iqies_flask.access.errors import AccessError
from iqies_flask.access.grants import appoint, dismiss, grant, offices_of, revoke, roles_of
from iqies_flask.access.models import Provider, RequestState, RoleGrant, RoleRequest
from iqies_flask.access.permission import may
from iqies_flask.access.requests.rules import Why
from iqies_flask.access.requests.service import (
    RefusedError,
    RequestDecisionError,
    SettledError,
    approve,
    reject,
    submit,
    withdraw,
)
from iqies_flask.access.roles import Role
from iqies_flask.audit.models import AuditEntry
from iqies_flask.audit.search import Filter, find_all
from iqies_flask.audit.service import SYSTEM
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import ProofingState, User
from iqies_flask.identity.service import deactivate
from tests.access.requests.cast import (
    CARE,
    HOME,
    PSO,
    SUBMITTER,
    SWING,
    VENDOR,
    VIEWER,
    add_official,
    add_person,
    state_of,
)
from tests.letters import letters


def to(template: str) -> list[str]:
    return [letter.to.removesuffix("@agency.example") for letter in letters(template)]


def actions() -> list[str]:
    found = db.session.scalars(
        select(AuditEntry.action).where(AuditEntry.object_type == "role_request").order_by(AuditEntry.number)
    )
    return list(found)


def test_one_request_for_each_provider_and_one_letter_for_each_person(official: User, person: User) -> None:
    grant(official, HOME, PSO)
    second = add_official("second.official", CARE)
    requests = submit(person, SUBMITTER, [CARE, HOME, CARE])
    assert [(request.ccn, request.state) for request in requests] == [
        (CARE, RequestState.PENDING),
        (HOME, RequestState.PENDING),
    ]
    assert actions() == ["role.requested", "role.requested"]
    assert to("role_requested") == ["testperson"]
    assert to("role_waiting") == [official.user_id, second.user_id]
    mine, both, one = letters()
    assert mine.subject == "Role Request Submitted"
    assert (
        "To decide: Ofelia Q Testperson or second.official (Security Officials of the provider)" in mine.text
    )
    assert both.subject == "2 role requests wait for you"
    assert one.subject == "A role request waits for you"
    assert "Testy Q Testperson (user ID testperson)" in one.text
    assert "/officials/requests" in one.text
    assert HOME not in one.text


def test_all_requests_are_made_or_none(official: User, person: User) -> None:
    with pytest.raises(RefusedError) as caught:
        submit(person, SUBMITTER, [CARE, HOME, "015009"])
    assert {ccn: refusal.why for ccn, refusal in caught.value.refusals.items()} == {
        HOME: Why.NO_OFFICIAL,
        "015009": Why.UNKNOWN,
    }
    assert db.session.scalar(select(func.count()).select_from(RoleRequest)) == 0
    assert letters() == []


def test_an_approved_request_gives_the_role(official: User, person: User) -> None:
    [request] = submit(person, SUBMITTER, [CARE])
    assert not may(person, Action.UPLOAD, CARE)
    approve(official, request.id)
    assert may(person, Action.UPLOAD, CARE)
    assert not may(person, Action.UPLOAD, HOME)
    grant_made = db.session.get_one(RoleGrant, (person.id, CARE, SUBMITTER))
    assert (grant_made.request_id, grant_made.granted_by) == (request.id, official.id)
    assert state_of(request) is RequestState.APPROVED
    assert to("role_approved") == ["testperson"]
    assert "Upload XML files" in letters("role_approved")[0].text
    assert actions() == ["role.requested", "role.approved"]


def test_a_rejected_request_gives_nothing_and_says_why(official: User, person: User) -> None:
    [request] = submit(person, SUBMITTER, [CARE])
    for reason, words in (("  ", "Give a reason"), ("x" * 2001, "at most 2,000")):
        with pytest.raises(AccessError, match=words):
            reject(official, request.id, reason)
    reject(official, request.id, " Ask <your> director first. ")
    assert not may(person, Action.UPLOAD, CARE)
    assert state_of(request) is RequestState.REJECTED
    [letter] = letters("role_rejected")
    assert "The reason: Ask <your> director first." in letter.text
    assert "Ask &lt;your&gt; director first." in letter.html
    [again] = submit(person, SUBMITTER, [CARE])
    approve(official, again.id)
    assert may(person, Action.UPLOAD, CARE)


def test_cms_approves_the_first_official_and_the_officials_the_next(
    cms: User, official: User, person: User
) -> None:
    [first] = submit(person, PSO, [HOME])
    assert "CMS (cms.official)" in letters("role_requested")[0].text
    assert to("role_waiting") == ["cms.official"]
    assert "/officials/first-officials" in letters("role_waiting")[0].text
    with pytest.raises(LookupError):
        approve(official, first.id)
    approve(cms, first.id)
    assert may(person, Action.APPROVE_ROLES, HOME)

    candidate = add_person("next.official")
    [second] = submit(candidate, PSO, [HOME])
    with pytest.raises(LookupError):
        approve(cms, second.id)
    with pytest.raises(LookupError):
        approve(official, second.id)
    approve(person, second.id)
    assert may(candidate, Action.APPROVE_ROLES, HOME)


def test_of_two_who_want_to_be_first_the_first_decides_about_the_other(cms: User, person: User) -> None:
    rival = add_person("rival.official")
    [first] = submit(person, PSO, [HOME])
    [second] = submit(rival, PSO, [HOME])
    approve(cms, first.id)
    with pytest.raises(LookupError):
        approve(cms, second.id)
    approve(person, second.id)
    assert may(rival, Action.APPROVE_ROLES, HOME)


def test_cms_approves_nothing_else(cms: User, official: User, person: User) -> None:
    [request] = submit(person, SUBMITTER, [CARE])
    with pytest.raises(LookupError):
        approve(cms, request.id)
    assert state_of(request) is RequestState.PENDING


def test_nobody_decides_about_the_own_request(cms: User, official: User) -> None:
    [first] = submit(cms, PSO, [SWING])
    for decide in (lambda: approve(cms, first.id), lambda: reject(cms, first.id, "No.")):
        with pytest.raises(RequestDecisionError, match="own request"):
            decide()
    assert not may(cms, Action.APPROVE_ROLES, SWING)
    assert to("role_waiting") == []


def test_offices_are_decided_by_cms(cms: User, official: User, person: User) -> None:
    [request] = submit(person, Role.STATE_VIEWER, [])
    assert request.ccn is None
    with pytest.raises(LookupError):
        approve(official, request.id)
    approve(cms, request.id)
    assert offices_of(person) == [Role.STATE_VIEWER]
    assert may(person, Action.VIEW_REGISTRY)


@pytest.mark.parametrize("number", [0, 999, -1])
def test_a_request_that_is_not_there_cannot_be_decided(official: User, number: int) -> None:
    for act in (lambda: approve(official, number), lambda: withdraw(official, number)):
        with pytest.raises(LookupError):
            act()


def test_only_the_requester_withdraws(official: User, person: User) -> None:
    [request] = submit(person, SUBMITTER, [CARE])
    with pytest.raises(LookupError):
        withdraw(official, request.id)
    withdraw(person, request.id)
    with pytest.raises(SettledError, match="withdrawn"):
        approve(official, request.id)
    with pytest.raises(SettledError, match="withdrawn"):
        withdraw(person, request.id)
    assert not may(person, Action.UPLOAD, CARE)
    assert actions() == ["role.requested", "role.withdrawn"]


def test_who_became_a_vendor_meanwhile_does_not_become_official(cms: User, person: User) -> None:
    [request] = submit(person, PSO, [HOME])
    grant(person, CARE, VENDOR)
    with pytest.raises(RequestDecisionError, match="cannot be a vendor"):
        approve(cms, request.id)
    revoke(person, CARE)
    approve(cms, request.id)


def test_no_role_is_given_for_a_provider_that_is_not_certified_any_more(official: User, person: User) -> None:
    [request] = submit(person, SUBMITTER, [CARE])
    set_terminated(today())
    with pytest.raises(RequestDecisionError, match="is not certified any more"):
        approve(official, request.id)
    assert (state_of(request), roles_of(person)) == (RequestState.PENDING, [])
    set_terminated(today() + timedelta(days=1))
    approve(official, request.id)
    assert may(person, Action.UPLOAD, CARE)


def set_terminated(day: date) -> None:
    with write_transaction() as session:
        session.get_one(Provider, CARE).terminated_on = day


def test_providers_are_found_however_their_numbers_are_typed(official: User, person: User) -> None:
    requests = submit(person, SUBMITTER, ["01-5001", " 015001", "01 5001"])
    assert [request.ccn for request in requests] == [CARE]
    grant(official, SWING, PSO)
    [request] = submit(person, SUBMITTER, ["01u-101"])
    assert request.ccn == SWING


def test_what_an_account_asked_for_is_withdrawn_when_it_is_shut(
    cms: User, official: User, person: User
) -> None:
    request, office = *submit(person, SUBMITTER, [CARE]), *submit(person, Role.STATE_VIEWER, [])
    [other] = submit(add_person("other.person"), SUBMITTER, [CARE])
    deactivate(person.user_id)
    assert [state_of(one) for one in (request, office, other)] == [
        RequestState.WITHDRAWN,
        RequestState.WITHDRAWN,
        RequestState.PENDING,
    ]
    with pytest.raises(SettledError, match="as the requester's account was deactivated"):
        approve(official, request.id)
    entries = list(find_all(Filter(action="role.withdrawn")))
    assert {(entry.actor, entry.object_id) for entry in entries} == {
        (SYSTEM, str(request.id)),
        (SYSTEM, str(office.id)),
    }


def test_an_account_that_is_shut_asks_for_nothing(official: User, person: User) -> None:
    deactivate(person.user_id)
    with pytest.raises(AccessError, match="has just been deactivated"):
        submit(person, SUBMITTER, [CARE])


def test_who_is_not_proved_any_more_gets_no_role(official: User, person: User) -> None:
    [request] = submit(person, SUBMITTER, [CARE])
    with write_transaction() as session:
        session.get_one(User, person.id).proofing = ProofingState.REFUSED
    with pytest.raises(RequestDecisionError, match="cannot be used"):
        approve(official, request.id)
    reject(official, request.id, "Has left.")


def test_shutting_an_account_while_its_request_is_decided_or_made(
    app: Flask, official: User, person: User
) -> None:
    [request] = submit(person, SUBMITTER, [CARE])
    number, name, decider, asked = person.id, person.user_id, official.id, request.id
    outcomes = at_once(
        app,
        lambda: deactivate(name),
        lambda: approve(user(decider), asked),
        lambda: submit(user(number), VIEWER, [CARE]),
    )
    assert set(outcomes) <= {"done", "SettledError", "AccessError", "RequestDecisionError"}
    db.session.rollback()
    states = db.session.scalars(
        select(RoleRequest.state), execution_options={"populate_existing": True}
    ).all()
    assert RequestState.PENDING not in states


def test_what_the_command_line_gives_is_asked_for_no_longer(official: User, person: User) -> None:
    request, other = submit(person, SUBMITTER, [CARE]), submit(person, VIEWER, [CARE])
    office = submit(person, Role.STATE_VIEWER, [])
    grant(person, CARE, SUBMITTER)
    appoint(person, Role.STATE_VIEWER)
    states = [state_of(one) for [one] in (request, office, other)]
    assert states == [RequestState.APPROVED, RequestState.APPROVED, RequestState.PENDING]
    assert to("role_approved") == ["testperson", "testperson"]
    with pytest.raises(SettledError, match="has been approved"):
        approve(official, request[0].id)
    assert find_all_details("role.granted")[0]["request"] == request[0].id
    assert find_all_details("office.appointed")[0]["request"] == office[0].id
    revoke(person, CARE, SUBMITTER)
    dismiss(person, Role.STATE_VIEWER)
    assert [state_of(one) for [one] in (request, office)] == [RequestState.REVOKED, RequestState.REVOKED]


def find_all_details(action: str) -> list[dict[str, object]]:
    return [json.loads(entry.detail) for entry in find_all(Filter(action=action))]


def test_giving_and_approving_at_once_give_one_role(app: Flask, official: User, person: User) -> None:
    [request] = submit(person, SUBMITTER, [CARE])
    number, decider, asked = person.id, official.id, request.id
    outcomes = at_once(
        app,
        lambda: grant(user(number), CARE, SUBMITTER),
        lambda: approve(user(decider), asked),
    )
    assert outcomes in (["done", "done"], ["SettledError", "done"])
    assert state_of(request) is RequestState.APPROVED
    [held] = roles_of(person)
    assert held.request_id == asked


def at_once(app: Flask, *acts: Callable[[], object]) -> list[str]:
    """Do some things at once; what each came to, by the name of its error."""
    start = threading.Barrier(len(acts))
    outcomes: list[str] = []

    def run(act: Callable[[], object]) -> None:
        with app.app_context():
            start.wait()
            try:
                act()
            except Exception as error:
                outcomes.append(type(error).__name__)
            else:
                outcomes.append("done")

    db.session.rollback()
    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return sorted(outcomes)


def user(number: int) -> User:
    return db.session.get_one(User, number)


def test_approving_and_withdrawing_at_once(app: Flask, official: User, person: User) -> None:
    for _ in range(5):
        [request] = submit(person, SUBMITTER, [CARE])
        numbers = official.id, person.id, request.id
        outcomes = at_once(
            app,
            lambda n=numbers: approve(user(n[0]), n[2]),
            lambda n=numbers: withdraw(user(n[1]), n[2]),
        )
        assert outcomes == ["SettledError", "done"]
        holds = db.session.get(RoleGrant, (person.id, CARE, SUBMITTER), populate_existing=True) is not None
        assert holds == (state_of(request) is RequestState.APPROVED)
        revoke(person, CARE)


def test_two_officials_approving_at_once(app: Flask, official: User, person: User) -> None:
    second = add_official("second.official", CARE)
    [request] = submit(person, SUBMITTER, [CARE])
    numbers = official.id, second.id, request.id
    outcomes = at_once(
        app, lambda: approve(user(numbers[0]), numbers[2]), lambda: approve(user(numbers[1]), numbers[2])
    )
    assert outcomes == ["SettledError", "done"]
    assert to("role_approved") == ["testperson"]
    assert actions() == ["role.requested", "role.approved"]


def test_two_first_officials_approved_at_once(app: Flask, cms: User, person: User) -> None:
    rival = add_person("rival.official")
    [first], [second] = submit(person, PSO, [HOME]), submit(rival, PSO, [HOME])
    numbers = cms.id, first.id, second.id
    outcomes = at_once(
        app, lambda: approve(user(numbers[0]), numbers[1]), lambda: approve(user(numbers[0]), numbers[2])
    )
    assert outcomes == ["LookupError", "done"]


def test_asking_twice_at_once(app: Flask, official: User, person: User) -> None:
    number = person.id
    outcomes = at_once(
        app,
        lambda: submit(user(number), SUBMITTER, [CARE]),
        lambda: submit(user(number), SUBMITTER, [CARE]),
    )
    assert outcomes == ["RefusedError", "done"]
    assert to("role_requested") == ["testperson"]


def test_asking_to_be_official_and_vendor_at_once(app: Flask, official: User, person: User) -> None:
    number = person.id
    outcomes = at_once(
        app, lambda: submit(user(number), PSO, [HOME]), lambda: submit(user(number), VENDOR, [CARE])
    )
    assert outcomes == ["RefusedError", "done"]
