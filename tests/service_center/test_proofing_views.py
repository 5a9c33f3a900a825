"""The Service Center's queue of persons to be proved, as officers and others meet it."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from iqies_flask.audit.models import AuditEntry
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import ProofingState, User
from iqies_flask.identity.origin import NOWHERE
from iqies_flask.identity.proofing import officers, particulars, service
from iqies_flask.identity.proofing.models import ProofingCase
from iqies_flask.identity.sessions.models import LoginSession
from tests.browsing import sign_in, token_of
from tests.identity.proofing.persons import add_officer, add_person
from tests.identity.proofing.test_officers import SEEN
from tests.persons import profile

QUEUE = "/service-center/proofing"
GOOD = {
    "first_kind": "PASSPORT",
    "first_issuer": "Department of State",
    "first_number_end": "9876",
    "first_in_force": "yes",
    "how_seen": "IN_PERSON",
    "notes": "Nothing odd.",
    "verdict": "approve",
    "reason": "Photo, name and date fit.",
}


@pytest.fixture
def officer(app: Flask) -> User:
    return add_officer("test.officer")


@pytest.fixture
def waiting(app: Flask) -> User:
    user = add_person("waiting.person", ssn=None)
    service.ask_for_officer(user)
    return user


@pytest.fixture
def case_page(waiting: User) -> str:
    return f"{QUEUE}/{service.state_of(waiting).case_number}"


@pytest.fixture
def signed_in(client: FlaskClient, officer: User) -> FlaskClient:
    sign_in(client, officer.user_id)
    return client


def proofing_of(user: User) -> ProofingState:
    db.session.rollback()
    db.session.refresh(user)
    return user.proofing


def hidden(page: TestResponse) -> dict[str, str]:
    """What the form of a case sends besides what the officer enters."""
    as_of = re.search(r'name="as_of"[^>]*value="([^"]+)"', page.text)
    assert as_of
    return {"csrf_token": token_of(page), "as_of": as_of[1]}


def views() -> int:
    db.session.rollback()
    return len(list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == "proofing.viewed"))))


def test_an_officer_approves(signed_in: FlaskClient, waiting: User, case_page: str) -> None:
    queue = signed_in.get(QUEUE)
    assert "1 person waits, longest first" in queue.text
    assert f'href="{case_page}"' in queue.text
    assert 'href="/service-center/proofing" aria-current="page"' in queue.text
    page = signed_in.get(case_page)
    for fact in ("Testy Q Testperson", "1 Sample Street, Testville, AL 35004", "Apr 28, 1986"):
        assert fact in page.text
    assert views() == 1
    answer = signed_in.post(case_page, data={**hidden(page), **GOOD}, follow_redirects=True)
    assert "You approved waiting.person." in answer.text
    assert "Nobody waits" in answer.text
    assert proofing_of(waiting) is ProofingState.PROVED
    case = db.session.scalars(select(ProofingCase)).one()
    assert case.decision is not None
    assert case.decision["documents"] == [
        {"kind": "Passport", "issuer": "Department of State", "number_end": "9876", "in_force": True}
    ]


def test_an_officer_refuses_without_a_document(signed_in: FlaskClient, waiting: User, case_page: str) -> None:
    sent = hidden(signed_in.get(case_page))
    data = {**sent, "how_seen": "MAIL", "verdict": "refuse", "reason": "Nothing came."}
    answer = signed_in.post(case_page, data=data, follow_redirects=True)
    assert "You refused waiting.person." in answer.text
    assert proofing_of(waiting) is ProofingState.REFUSED


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"reason": "  "}, "Give the reason for your decision."),
        ({"verdict": ""}, "Choose to approve or to refuse."),
        ({"how_seen": ""}, "Choose how you saw the person and the documents."),
        ({"how_seen": "BY_DREAM"}, "Not a valid choice"),
        ({"first_kind": "LIBRARY_CARD"}, "Not a valid choice"),
        ({"first_issuer": ""}, "Enter who issued the document."),
        ({"first_in_force": ""}, "Choose whether the document is still valid."),
        ({"first_number_end": "C0012345"}, "no more than the last 4 characters"),
        ({"first_in_force": "no"}, "document with a photo that has not expired"),
        ({"first_kind": ""}, "document with a photo that has not expired"),
        ({"second_kind": "UTILITY_BILL"}, "Enter who issued the document."),
    ],
)
def test_what_is_missing_is_named_and_the_rest_kept(
    signed_in: FlaskClient, waiting: User, case_page: str, changed: dict[str, str], words: str
) -> None:
    sent = hidden(signed_in.get(case_page))
    answer = signed_in.post(case_page, data={**sent, **GOOD, **changed})
    assert answer.status_code == 422
    assert words in answer.text
    assert "Nothing odd." in answer.text
    assert proofing_of(waiting) is ProofingState.WAITING


def test_the_second_of_two_officers_is_told(signed_in: FlaskClient, waiting: User, case_page: str) -> None:
    sent = hidden(signed_in.get(case_page))
    number = service.state_of(waiting).case_number
    officers.decide(add_officer("quick.officer"), number, SEEN, "It fits.", approve=True)
    answer = signed_in.post(case_page, data={**sent, **GOOD, "verdict": "refuse"}, follow_redirects=True)
    assert "approved by quick.officer already. Nothing was changed by you." in answer.text
    assert proofing_of(waiting) is ProofingState.PROVED
    assert "approved by quick.officer" in signed_in.get(case_page, follow_redirects=True).text


def test_an_officers_own_case_is_not_shown(client: FlaskClient, officer: User) -> None:
    sign_in(client, officer.user_id)
    with write_transaction() as session:
        # Somebody whose identity was proved can have a case only by mistake; it must not matter.
        session.add(ProofingCase(user_id=officer.id, method="manual", state="waiting_for_officer", attempt=1))
    number = db.session.scalars(select(ProofingCase.id)).one()
    answer = client.get(f"{QUEUE}/{number}", follow_redirects=True)
    assert "Nobody decides about the own proofing." in answer.text


def test_others_read_why_not_and_the_cases_do_not_exist(
    client: FlaskClient, waiting: User, case_page: str, stranger: User
) -> None:
    for page in (QUEUE, case_page):
        assert "/sign-in" in client.get(page).headers["Location"]
    sign_in(client, stranger.user_id)
    answer = client.get(QUEUE)
    assert (answer.status_code, "It takes the role Proofing Officer." in answer.text) == (403, True)
    assert client.get(case_page).status_code == 404
    token = token_of(client.get("/submissions"))
    assert client.post(case_page, data={"csrf_token": token, **GOOD}).status_code == 404
    assert "Identity proofing" not in client.get("/submissions").text
    assert views() == 0
    assert proofing_of(waiting) is ProofingState.WAITING


@pytest.mark.parametrize("number", ["4711", "0", str(10**30)])
def test_cases_that_do_not_exist(signed_in: FlaskClient, number: str) -> None:
    assert signed_in.get(f"{QUEUE}/{number}").status_code == 404


def test_a_key_given_long_ago_is_asked_for_again(
    signed_in: FlaskClient, waiting: User, case_page: str
) -> None:
    sent = hidden(signed_in.get(case_page))
    with write_transaction() as session:
        session.execute(update(LoginSession).values(proved_at=utc_now() - timedelta(minutes=11)))
    assert "/sign-in/again" in signed_in.get(case_page).headers["Location"]
    answer = signed_in.post(case_page, data={**sent, **GOOD})
    assert "/sign-in/again" in answer.headers["Location"]
    assert proofing_of(waiting) is ProofingState.WAITING
    assert signed_in.get(QUEUE).status_code == 200


def test_an_officer_does_not_decide_about_what_was_corrected_meanwhile(
    signed_in: FlaskClient, waiting: User, case_page: str
) -> None:
    sent = hidden(signed_in.get(case_page))
    particulars.correct(waiting, profile(last_name="Corrected"), NOWHERE)
    for made_up in (sent, {**sent, "as_of": "x"}):
        answer = signed_in.post(case_page, data={**made_up, **GOOD})
        assert answer.status_code == 422
        assert "has corrected what is shown here since you opened the page" in answer.text
        assert "Testy Q Corrected" in answer.text
        assert proofing_of(waiting) is ProofingState.WAITING
    again = signed_in.post(case_page, data={**hidden(answer), **GOOD}, follow_redirects=True)
    assert "You approved waiting.person." in again.text


def test_the_next_officer_reads_what_was_seen_before(signed_in: FlaskClient, waiting: User) -> None:
    before = add_officer("first.officer")
    first = service.state_of(waiting).case_number
    officers.decide(before, first, replace(SEEN, notes="Call <after> five."), "Too blurred.", approve=False)
    service.ask_for_officer(waiting)
    page = signed_in.get(f"{QUEUE}/{service.state_of(waiting).case_number}").text
    for part in (
        "Reason: Too blurred.",
        "Seen: in a video call",
        "Driver&#39;s license, issued by Connecticut, number ending in",
        "not expired",
        "Notes: Call &lt;after&gt; five.",
    ):
        assert part in page
