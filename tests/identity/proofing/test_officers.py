"""Proofing by hand: the queue, what must not be decided, and what a decision leaves behind."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from iqies_flask.audit.models import AuditEntry, Outcome
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import ProofingState, User
from iqies_flask.identity.origin import Origin
from iqies_flask.identity.proofing import officers, service
from iqies_flask.identity.proofing.models import CaseState, ProofingCase
from iqies_flask.identity.proofing.officers import (
    AlreadyDecidedError,
    DecisionError,
    Document,
    DocumentKind,
    Evidence,
    HowSeen,
)
from iqies_flask.identity.proofing.service import WhyOfficer
from iqies_flask.identity.service import deactivate
from iqies_flask.mail.models import OutboxMessage
from tests.identity.proofing.persons import SSN, add_officer, add_person
from tests.letters import letters

LICENSE = Document(DocumentKind.DRIVERS_LICENSE, "Connecticut", "1234", in_force=True)
SEEN = Evidence((LICENSE,), HowSeen.VIDEO_CALL, "Nothing odd.")


@pytest.fixture
def waiting(app: Flask) -> User:
    user = add_person("waiting.person", ssn=None)
    service.ask_for_officer(user, origin=Origin("192.0.2.7"))
    return user


def number_of(user: User) -> int:
    return service.state_of(user).case_number


def entries(action: str) -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


def test_the_queue_begins_with_who_waits_longest(app: Flask) -> None:
    assert officers.queue(1).items == []
    users = [add_person(f"person.{number:02}", ssn=None) for number in range(22)]
    for user in users:
        service.ask_for_officer(user)
    with write_transaction() as session:
        for case in session.scalars(select(ProofingCase)):
            # The last to ask has waited longest.
            case.state_since -= timedelta(hours=case.id)
    page = officers.queue(1)
    assert (page.total, page.pages, len(page.items)) == (22, 2, 20)
    assert [one.user_id for one in page.items[:2]] == ["person.21", "person.20"]
    assert page.items[0].name == "Testy Q Testperson"
    assert page.items[0].why is WhyOfficer.NO_SSN
    assert [one.user_id for one in officers.queue(9).items] == ["person.01", "person.00"]


def test_a_case_shows_the_person_and_who_looked_is_written_down(officer: User, waiting: User) -> None:
    file = officers.open_case(officer, number_of(waiting), origin=Origin("192.0.2.9"))
    assert (file.waiting.user_id, file.gave_ssn, file.same_ssn) == ("waiting.person", False, [])
    assert file.profile.city == "Testville"
    [entry] = entries("proofing.viewed")
    assert (entry.actor_id, entry.object_id, entry.address) == (officer.id, str(waiting.id), "192.0.2.9")
    assert "Testville" not in entry.detail


def test_others_with_the_same_number_are_named(officer: User) -> None:
    first, second = add_person("first.person", ssn=SSN), add_person("second.person", ssn=SSN)
    service.ask_for_officer(second)
    assert officers.open_case(officer, number_of(second)).same_ssn == [first.user_id]


def test_approving(officer: User, waiting: User) -> None:
    case_number = number_of(waiting)
    assert (
        officers.decide(officer, case_number, SEEN, "It fits.", approve=True, origin=Origin("192.0.2.9"))
        == "waiting.person"
    )
    assert waiting.proofing is ProofingState.PROVED
    case = db.session.get_one(ProofingCase, case_number)
    assert (case.state, case.officer_id, case.exchange) == (CaseState.PROVED, officer.id, None)
    assert case.decision == {
        "documents": [
            {"kind": "Driver's license", "issuer": "Connecticut", "number_end": "1234", "in_force": True}
        ],
        "how_seen": "In a video call",
        "notes": "Nothing odd.",
        "reason": "It fits.",
    }
    [entry] = entries("proofing.approved")
    assert entry.outcome is Outcome.DONE
    assert '"documents":["drivers_license"]' in entry.detail
    assert "1234" not in entry.detail
    templates = [message.template for message in db.session.scalars(select(OutboxMessage))]
    assert templates == ["proofing_waiting", "proofing_approved"]
    asked, approved = letters()
    assert "From the address: 192.0.2.7" in asked.text
    assert "- When: " in approved.text
    assert "waiting.person" in approved.text
    assert "192.0.2.9" not in approved.text + approved.html
    assert officers.queue(1).total == 0


def test_refusing_tells_the_reason_and_the_person_may_ask_again(officer: User, waiting: User) -> None:
    nothing = replace(SEEN, documents=())
    for _ in range(2):
        officers.decide(officer, number_of(waiting), nothing, "Bring a passport & come.", approve=False)
        assert waiting.proofing is ProofingState.REFUSED
        standing = service.state_of(waiting)
        assert (standing.state, standing.message) == (CaseState.REFUSED, "Bring a passport & come.")
        message = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
        assert message is not None
        assert message.content is not None
        assert "Bring a passport & come." in message.content["text"]
        assert "Bring a passport &amp; come." in message.content["html"]
        if standing.may_ask_officer:
            service.ask_for_officer(waiting)
    assert not standing.may_ask_officer
    once, never = letters("proofing_refused")
    for text in (once.text, once.html):
        assert "ask for an officer once more" in text
    for text in (never.text, never.html):
        assert "This was the last time" in text
        assert "once more" not in text
    with pytest.raises(service.ProofingError):
        service.ask_for_officer(waiting)
    assert [entry.outcome for entry in entries("proofing.refused")] == [Outcome.REFUSED] * 2


def test_of_two_officers_the_second_is_told(officer: User, waiting: User) -> None:
    case_number = number_of(waiting)
    second = add_officer("second.officer")
    officers.open_case(second, case_number)
    officers.decide(officer, case_number, SEEN, "It fits.", approve=True)
    with pytest.raises(AlreadyDecidedError, match=r"approved by test\.officer already"):
        officers.decide(second, case_number, SEEN, "It does not.", approve=False)
    with pytest.raises(AlreadyDecidedError, match=r"approved by test\.officer"):
        officers.open_case(second, case_number)
    assert waiting.proofing is ProofingState.PROVED
    assert len(entries("proofing.viewed")) == 1


def test_nobody_decides_about_the_own_case(app: Flask) -> None:
    officer = add_person("own.officer", ssn=None)
    service.ask_for_officer(officer)
    with pytest.raises(DecisionError, match="own proofing"):
        officers.decide(officer, number_of(officer), SEEN, "It is me.", approve=True)
    with pytest.raises(DecisionError, match="own proofing"):
        officers.open_case(officer, number_of(officer))
    assert officer.proofing is ProofingState.WAITING


def test_case_of_a_deactivated_account_is_not_decided(officer: User, waiting: User) -> None:
    number = number_of(waiting)
    assert [item.case_number for item in officers.queue(1).items] == [number]
    deactivate(waiting.user_id)
    assert officers.queue(1).items == []
    with pytest.raises(DecisionError, match="deactivated"):
        officers.decide(officer, number, SEEN, "Seen.", approve=True)
    assert waiting.proofing is ProofingState.WAITING


def test_a_case_that_waits_for_nobody_is_not_decided(officer: User) -> None:
    person = add_person("other.person", token="a token")
    service.begin(person)
    with pytest.raises(AlreadyDecidedError, match="does not wait"):
        officers.decide(officer, number_of(person), SEEN, "It fits.", approve=True)
    with pytest.raises(LookupError):
        officers.open_case(officer, 4711)


@pytest.mark.parametrize(
    ("evidence", "reason", "words"),
    [
        (replace(SEEN, documents=()), "It fits.", "document with a photo"),
        (replace(SEEN, documents=(replace(LICENSE, in_force=False),)), "It fits.", "document with a photo"),
        (
            replace(SEEN, documents=(replace(LICENSE, kind=DocumentKind.UTILITY_BILL),)),
            "It fits.",
            "document with a photo",
        ),
        (replace(SEEN, documents=(replace(LICENSE, number_end="12345"),)), "It fits.", "last 4"),
        (SEEN, "  ", "reason"),
    ],
)
def test_evidence_must_bear_an_approval(
    officer: User, waiting: User, evidence: Evidence, reason: str, words: str
) -> None:
    with pytest.raises(DecisionError, match=words):
        officers.decide(officer, number_of(waiting), evidence, reason, approve=True)
    assert waiting.proofing is ProofingState.WAITING
