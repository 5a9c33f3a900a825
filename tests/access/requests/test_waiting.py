from flask import Flask

from iqies_flask.access.models import RequestState
from iqies_flask.access.requests import tasks, waiting
from iqies_flask.access.requests.overview import overview_of
from iqies_flask.access.requests.service import submit
from iqies_flask.audit.search import Filter, find_all
from iqies_flask.audit.service import SYSTEM
from iqies_flask.identity.models import User
from iqies_flask.identity.service import deactivate
from tests.access.requests.cast import CARE, HOME, PSO, SUBMITTER, add_official, let_days_pass, state_of
from tests.access.requests.test_service import actions, at_once
from tests.letters import letters


def sent() -> list[tuple[str, str]]:
    """Templates and addressees of the letters since the request was made."""
    made = {"role_requested", "role_waiting"}
    return sorted(
        (letter.template, letter.to.removesuffix("@agency.example"))
        for letter in letters()
        if letter.template not in made
    )


def test_nothing_happens_before_its_time(cms: User, official: User, person: User) -> None:
    [request] = submit(person, SUBMITTER, [CARE])
    let_days_pass(request, 2.9)
    assert not waiting.has_due()
    tasks.sweep()
    assert sent() == []


def test_after_some_days_those_who_decide_are_reminded_once(cms: User, official: User, person: User) -> None:
    [request] = submit(person, SUBMITTER, [CARE])
    let_days_pass(request, 3)
    assert waiting.has_due()
    tasks.sweep()
    tasks.sweep()
    assert sent() == [("role_reminder", "first.official")]
    [pending] = overview_of(person).pending.items
    assert pending.reminded_at is not None
    assert pending.escalated_at is None


def test_then_cms_and_the_requester_are_told_once(cms: User, official: User, person: User) -> None:
    second = add_official("second.official", CARE)
    [request] = submit(person, SUBMITTER, [CARE])
    let_days_pass(request, 3)
    tasks.sweep()
    let_days_pass(request, 7)
    tasks.sweep()
    tasks.sweep()
    assert sent() == [
        ("role_delayed", "testperson"),
        ("role_escalated", "cms.official"),
        ("role_reminder", "first.official"),
        ("role_reminder", "first.official"),
        ("role_reminder", second.user_id),
        ("role_reminder", second.user_id),
    ]
    assert overview_of(person).pending.items[0].escalated_at is not None
    assert "Ofelia Q Testperson or second.official" in letters("role_escalated")[0].text


def test_nobody_is_said_to_be_reminded_or_told_who_was_not(official: User, person: User) -> None:
    [request] = submit(person, SUBMITTER, [CARE])
    deactivate(official.user_id)
    let_days_pass(request, 4)
    tasks.sweep()
    assert not waiting.has_due()
    assert overview_of(person).pending.items[0].reminded_at is None
    let_days_pass(request, 8)
    tasks.sweep()
    assert not waiting.has_due()
    assert [to for to in sent() if to[0].startswith("role_")] == [("role_delayed", "testperson")]
    [pending] = overview_of(person).pending.items
    assert (pending.reminded_at, pending.escalated_at) == (None, None)
    [letter] = letters("role_delayed")
    for text in (letter.text, letter.html):
        assert "To decide: nobody now" in text
        assert "reminded" not in text
        assert "CMS was told" not in text


def test_each_request_says_by_itself_who_was_reminded(cms: User, official: User, person: User) -> None:
    alone = add_official("second.official", HOME)
    for request in submit(person, SUBMITTER, [CARE, HOME]):
        let_days_pass(request, 8)
    deactivate(alone.user_id)
    tasks.sweep()
    for template in ("role_delayed", "role_escalated"):
        [letter] = letters(template)
        lines = {ccn: line for line in letter.text.splitlines() for ccn in (CARE, HOME) if ccn in line}
        assert "reminded now" in lines[CARE]
        assert "reminded" not in lines[HOME]
    assert "CMS was told, too." in letters("role_delayed")[0].text


def test_in_the_end_the_request_expires(cms: User, official: User, person: User) -> None:
    requests = [*submit(person, SUBMITTER, [CARE]), *submit(person, PSO, [HOME])]
    for request in requests:
        let_days_pass(request, 60)
    tasks.sweep()
    tasks.sweep()
    assert [state_of(request) for request in requests] == [RequestState.EXPIRED] * 2
    assert sent() == [("role_expired", "testperson")]
    assert letters("role_expired")[0].subject == "Your role requests have expired"
    assert actions()[2:] == ["role.expired", "role.expired"]
    entries = list(find_all(Filter(action="role.expired")))
    assert {(entry.actor, entry.actor_id, entry.address) for entry in entries} == {(SYSTEM, None, "")}
    submit(person, SUBMITTER, [CARE])


def test_requests_of_one_person_make_one_letter(cms: User, official: User, person: User) -> None:
    first = add_official("second.official", HOME)
    requests = submit(person, SUBMITTER, [CARE, HOME])
    for request in requests:
        let_days_pass(request, 7)
    tasks.sweep()
    assert [to for template, to in sent() if template == "role_delayed"] == ["testperson"]
    assert [to for template, to in sent() if template == "role_reminder"] == ["first.official", first.user_id]


def test_two_workers_remind_once(app: Flask, cms: User, official: User, person: User) -> None:
    [request] = submit(person, SUBMITTER, [CARE])
    let_days_pass(request, 4)
    assert at_once(app, waiting.remind, waiting.remind) == ["done", "done"]
    assert sent() == [("role_reminder", "first.official")]
