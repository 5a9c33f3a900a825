import pytest
from flask import Flask

from iqies_flask.access.actions import Action
from iqies_flask.access.grants import grant
from iqies_flask.access.models import RequestState
from iqies_flask.access.permission import may
from iqies_flask.access.requests.ending import LastOfficialError, give_up, held_grant
from iqies_flask.access.requests.service import approve, submit
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.service import deactivate
from tests.access.requests.cast import CARE, HOME, PSO, SUBMITTER, add_official, state_of
from tests.access.requests.test_service import at_once, user
from tests.letters import letters


def test_a_role_that_is_given_up_is_over(official: User, person: User) -> None:
    [request] = submit(person, SUBMITTER, [CARE])
    approve(official, request.id)
    give_up(person, CARE, SUBMITTER)
    assert not may(person, Action.UPLOAD, CARE)
    assert state_of(request) is RequestState.ENDED
    assert [letter.to for letter in letters("role_ended")] == [person.email]
    with pytest.raises(LookupError):
        give_up(person, CARE, SUBMITTER)


def test_a_role_that_is_not_held_cannot_be_given_up(official: User, person: User) -> None:
    grant(person, CARE, SUBMITTER)
    for ccn, role in ((HOME, SUBMITTER), (CARE, PSO)):
        with pytest.raises(LookupError):
            give_up(person, ccn, role)
    assert may(person, Action.UPLOAD, CARE)
    for ccn in ("", "015001 ", "01\x005001", "x" * 10_000):
        assert held_grant(person, ccn, SUBMITTER) is None


def test_the_last_official_leaves_only_knowing_it_and_cms_is_warned(cms: User, official: User) -> None:
    with pytest.raises(LastOfficialError):
        give_up(official, CARE, PSO)
    assert may(official, Action.APPROVE_ROLES, CARE)
    give_up(official, CARE, PSO, knows_last=True)
    assert not may(official, Action.APPROVE_ROLES, CARE)
    [letter] = letters("role_last_official")
    assert letter.to == cms.email
    assert letter.subject == "Testville Care Center has no Security Official any more"
    for part in (letter.text, letter.html):
        assert "Ofelia Q Testperson was the last" in part
        assert "Testville Care Center (CCN 015001, AL)" in part
        assert "/officials/vacancies" in part


def test_where_another_official_stays_nobody_is_warned(cms: User, official: User) -> None:
    second = add_official("second.official", CARE)
    give_up(official, CARE, PSO)
    assert letters("role_last_official") == []
    assert may(second, Action.APPROVE_ROLES, CARE)


def test_an_official_whose_account_is_shut_does_not_stay(cms: User, official: User) -> None:
    deactivate(add_official("second.official", CARE).user_id)
    with pytest.raises(LastOfficialError):
        give_up(official, CARE, PSO)


def test_of_two_officials_who_leave_at_once_one_is_the_last(app: Flask, cms: User, official: User) -> None:
    second = add_official("second.official", CARE)
    numbers = official.id, second.id
    outcomes = at_once(
        app, lambda: give_up(user(numbers[0]), CARE, PSO), lambda: give_up(user(numbers[1]), CARE, PSO)
    )
    assert outcomes == ["LastOfficialError", "done"]
    db.session.rollback()
    assert [may(user(number), Action.APPROVE_ROLES, CARE) for number in numbers].count(True) == 1
