"""Another name after the proof: what becomes of it, and of its case."""

from dataclasses import replace

import pytest
from flask import Flask

from iqies_flask.database import write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import Person, ProofingState, User
from iqies_flask.identity.origin import NOWHERE
from iqies_flask.identity.persons import Profile
from iqies_flask.identity.profile.service import PersonalChange, change_personal
from iqies_flask.identity.proofing import officers, renaming, service
from iqies_flask.identity.proofing.models import CaseState
from iqies_flask.identity.proofing.officers import AlreadyDecidedError, Waiting
from tests.identity.proofing.persons import add_person
from tests.identity.proofing.test_officers import SEEN, entries
from tests.letters import letters
from tests.persons import profile

MARRIED = profile(last_name="Newname")


@pytest.fixture
def proved(app: Flask) -> User:
    user = add_person("proved.person")
    with write_transaction() as session:
        session.get_one(User, user.id).proofing = ProofingState.PROVED
    return user


def rename(user: User, profile: Profile) -> PersonalChange:
    return change_personal(user, profile, NOWHERE)


def waiting() -> Waiting:
    (only,) = officers.queue(1).items
    return only


def known(user: User) -> tuple[str, ProofingState]:
    db.session.rollback()
    person = db.session.get_one(Person, user.id, populate_existing=True)
    state = db.session.get_one(User, user.id, populate_existing=True).proofing
    return Profile.from_json(person.profile).name, state


def test_an_officer_sees_both_names(officer: User, proved: User) -> None:
    assert rename(proved, MARRIED) is PersonalChange.NAME_TO_BE_PROVED
    assert waiting().why is service.WhyOfficer.NAME_CHANGED
    file = officers.open_case(officer, waiting().case_number)
    assert (file.waiting.name, file.proved_name) == ("Testy Q Newname", "Testy Q Testperson")
    assert known(proved) == ("Testy Q Newname", ProofingState.PROVED)
    [entry] = entries("proofing.left_to_officer")
    assert '"why":"name_changed"' in entry.detail
    assert "Newname" not in entry.detail
    assert "Testperson" not in entry.detail


def test_an_approval_leaves_the_new_name(officer: User, proved: User) -> None:
    rename(proved, MARRIED)
    officers.decide(officer, waiting().case_number, SEEN, "It fits.", approve=True)
    assert known(proved) == ("Testy Q Newname", ProofingState.PROVED)
    assert not renaming.is_waiting(proved)
    assert letters()[-1].template == "name_approved"
    assert '"about":"name"' in entries("proofing.approved")[0].detail
    # From now on this is the name that was proved.
    rename(proved, profile())
    assert officers.open_case(officer, waiting().case_number).proved_name == "Testy Q Newname"


def test_a_refusal_puts_the_proved_name_back(officer: User, proved: User) -> None:
    rename(proved, replace(MARRIED, city="Newtown"))
    officers.decide(officer, waiting().case_number, SEEN, "Another name there.", approve=False)
    assert known(proved) == ("Testy Q Testperson", ProofingState.PROVED)
    assert db.session.get_one(Person, proved.id).profile["city"] == "Newtown"
    assert letters()[-1].template == "name_refused"
    assert "Another name there." in letters()[-1].text


def test_a_name_that_was_changed_again_is_another_case(officer: User, proved: User) -> None:
    rename(proved, MARRIED)
    seen = waiting().case_number
    rename(proved, replace(MARRIED, first_name="Another"))
    with pytest.raises(AlreadyDecidedError):
        officers.decide(officer, seen, SEEN, "It fits.", approve=True)
    assert waiting().case_number != seen
    file = officers.open_case(officer, waiting().case_number)
    assert (file.waiting.name, file.proved_name) == ("Another Q Newname", "Testy Q Testperson")
    assert [case.state for case in file.earlier] == [CaseState.FAILED]


def test_back_at_the_proved_name_nothing_waits(proved: User) -> None:
    rename(proved, MARRIED)
    assert rename(proved, profile(city="Newtown")) is PersonalChange.DONE
    assert officers.queue(1).items == []
    assert not renaming.is_waiting(proved)


def test_an_address_is_no_name(proved: User) -> None:
    assert rename(proved, profile(street="1 Other Street")) is PersonalChange.DONE
    assert officers.queue(1).items == []
    assert letters() == []
