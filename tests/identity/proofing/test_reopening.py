"""New tries for a person who has used them up."""

import pytest
from flask import Flask

from iqies_flask.identity.models import ProofingState, User
from iqies_flask.identity.proofing import officers, reopening, service
from iqies_flask.identity.proofing.models import CaseState
from tests.identity.proofing.persons import HALF, SSN, WRONG, add_officer, add_person
from tests.identity.proofing.test_officers import SEEN, entries
from tests.identity.proofing.test_service import pass_time
from tests.letters import letters


def use_up(user: User) -> None:
    for _ in range(2):
        service.begin(user, ssn=SSN)
        standing = service.state_of(user)
        service.answer(user, standing.case_number, standing.step, WRONG)
        pass_time(40)


@pytest.mark.usefixtures("acme")
def test_tries_at_the_service_come_back(app: Flask) -> None:
    user = add_person("test.person")
    use_up(user)
    assert not service.state_of(user).may_retry
    reopening.reopen(user)
    standing = service.state_of(user)
    assert (standing.may_retry, standing.tries_left, standing.retry_at) == (True, 2, None)
    service.begin(user, ssn=SSN)
    standing = service.state_of(user)
    service.answer(user, standing.case_number, standing.step, HALF)
    assert service.state_of(user).state is CaseState.REFERENCE_NEEDED
    [entry] = entries("proofing.reopened")
    assert (entry.actor, entry.object_id) == ("command line", str(user.id))
    [letter] = letters("proofing_reopened")
    assert letter.to == "test.person@sample.example"


def test_officers_may_be_asked_again(app: Flask) -> None:
    user, officer = add_person("test.person", ssn=None), add_officer("test.officer")
    for _ in range(2):
        service.ask_for_officer(user)
        officers.decide(officer, service.state_of(user).case_number, SEEN, "It does not fit.", approve=False)
    assert not service.state_of(user).may_ask_officer
    reopening.reopen(user)
    service.ask_for_officer(user)
    file = officers.open_case(officer, service.state_of(user).case_number)
    # What was tried before stays in the file.
    assert [case.state for case in file.earlier] == [CaseState.REFUSED] * 2
    with pytest.raises(service.ProofingError, match="nothing to reopen"):
        reopening.reopen(user)
    officers.decide(officer, file.waiting.case_number, SEEN, "It fits.", approve=True)
    assert user.proofing is ProofingState.PROVED
    with pytest.raises(service.ProofingError, match="proved already"):
        reopening.reopen(user)
