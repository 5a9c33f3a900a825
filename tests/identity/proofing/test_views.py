"""The pages of proofing, for who registers and for who is signed in."""

import json
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from iqies_flask.audit.models import AuditEntry
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import Person, ProofingState, User
from iqies_flask.identity.persons import Profile
from iqies_flask.identity.proofing import officers, service
from iqies_flask.identity.proofing.models import CaseState
from iqies_flask.identity.sessions.models import Level
from tests.browsing import sign_in, token_of
from tests.identity.proofing.persons import SSN, add_officer, add_person, install
from tests.identity.proofing.test_officers import SEEN
from tests.identity.proofing.test_service import BEGINNING, pass_time
from tests.persons import TYPED, TYPED_BIRTH_DATE, profile

SHOW = "/identity-proofing"


@pytest.fixture
def registering(client: FlaskClient, person: User) -> FlaskClient:
    """The browser in which somebody registers; nobody is signed in there."""
    with client.session_transaction() as session:
        session.update(registration="the token", registration_used_at=utc_now().timestamp())
    return client


def fields(page: TestResponse) -> dict[str, str]:
    """The hidden fields of the first form of the page itself."""
    form = page.text.split("<main", 1)[1].split("<form", 1)[1].split("</form", 1)[0]
    found = re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", form)
    names = (re.search(r'name="([^"]+)"', one) for one in found)
    values = (re.search(r'value="([^"]*)"', one) for one in found)
    return {name[1]: value[1] for name, value in zip(names, values, strict=True) if name and value}


def post(client: FlaskClient, step: str, /, **data: str) -> TestResponse:
    page = client.get(SHOW)
    sent = fields(page) if "<form" in page.text.split("<main", 1)[1] else {}
    return client.post(f"{SHOW}/{step}", data={**sent, **data})


def state(user: User) -> CaseState | None:
    # What the browser's requests did is seen in a transaction of now.
    db.session.rollback()
    return service.state_of(user).state


@pytest.mark.usefixtures("acme")
def test_the_way_through_while_registering(registering: FlaskClient, person: User) -> None:
    page = registering.get(SHOW)
    assert "Begin Remote Proofing" in page.text
    assert 'aria-current="step">Remote proofing' in page.text
    assert post(registering, "begin").status_code == 302
    page = registering.get(SHOW)
    assert "ACME asks." in page.text
    assert page.text.count("<fieldset") == 2
    assert post(registering, "answers", question_1="1", question_2="2").status_code == 302
    page = registering.get(SHOW)
    assert "Call ACME." in page.text
    assert post(registering, "reference", reference="R7").status_code == 302
    assert "Your identity is proved." in registering.get(SHOW).text
    assert state(person) is CaseState.PROVED


@pytest.mark.usefixtures("acme")
def test_the_way_through_signed_in(client: FlaskClient, app: Flask) -> None:
    late = add_person("late.person")
    sign_in(client, late.user_id)
    assert client.get("/submissions").headers["Location"] == SHOW
    page = client.get(SHOW)
    assert "Social Security number" in page.text
    answer = post(client, "begin", ssn="900-01-0002")
    assert answer.status_code == 422
    assert "not the Social Security number that you gave" in answer.text
    assert "900" not in answer.text
    assert post(client, "begin", ssn="12").status_code == 422
    assert post(client, "begin", ssn="900-01-0001").status_code == 302
    assert post(client, "answers", question_1="1", question_2="1").status_code == 302
    assert state(late) is CaseState.PROVED
    assert client.get("/submissions").status_code == 200


@pytest.mark.usefixtures("acme")
def test_answers_are_kept_when_one_is_missing(registering: FlaskClient, person: User) -> None:
    post(registering, "begin")
    answer = post(registering, "answers", question_1="2")
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert '<a href="#question_2">Choose an answer: Is it B?</a>' in answer.text
    assert 'id="question_2"' in answer.text
    assert re.search(r'<input checked [^>]*name="question_1"[^>]* value="2">', answer.text)
    assert post(registering, "answers", question_1="1", question_2="9").status_code == 422
    assert state(person) is CaseState.ASKING


@pytest.mark.usefixtures("acme")
def test_a_page_that_was_sent_before_says_so(registering: FlaskClient, person: User) -> None:
    post(registering, "begin")
    sent = fields(registering.get(SHOW))
    registering.post(f"{SHOW}/answers", data={**sent, "question_1": "1", "question_2": "2"})
    answer = registering.post(
        f"{SHOW}/answers", data={**sent, "question_1": "1", "question_2": "1"}, follow_redirects=True
    )
    assert "no longer open" in answer.text
    assert "Call ACME." in answer.text
    assert state(person) is CaseState.REFERENCE_NEEDED


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize("spoiled", [{"case_number": "x"}, {"step": "99"}, {"case_number": "9" * 30}])
def test_a_step_that_is_made_up_changes_nothing(
    registering: FlaskClient, person: User, spoiled: dict[str, str]
) -> None:
    post(registering, "begin")
    answer = post(registering, "answers", question_1="1", question_2="1", **spoiled)
    assert answer.status_code == 302
    assert "no longer open" in registering.get(SHOW).text
    assert state(person) is CaseState.ASKING


@pytest.mark.usefixtures("acme")
def test_failing_and_trying_again(registering: FlaskClient, person: User) -> None:
    post(registering, "begin")
    post(registering, "answers", question_1="2", question_2="2")
    page = registering.get(SHOW)
    assert "Too many do not fit." in page.text
    assert "You can try again from" in page.text
    assert "Retry Remote Proofing" not in page.text
    answer = registering.post(f"{SHOW}/begin", data={"csrf_token": token_of(page)})
    assert answer.status_code == 422
    assert "too early" in answer.text
    pass_time(31)
    assert "Retry Remote Proofing" in registering.get(SHOW).text
    assert post(registering, "begin").status_code == 302
    assert state(person) is CaseState.ASKING


@pytest.mark.usefixtures("acme")
def test_asking_for_an_officer_and_being_refused(registering: FlaskClient, person: User) -> None:
    post(registering, "begin")
    page = registering.get(SHOW)
    registering.post(f"{SHOW}/officer", data={"csrf_token": token_of(page)})
    page = registering.get(SHOW)
    assert "A proofing officer will look at your documents" in page.text
    assert "What to have ready" in page.text
    case = service.state_of(person).case_number
    officers.decide(add_officer("test.officer"), case, SEEN, "Bring <another> one.", approve=False)
    page = registering.get(SHOW)
    assert "Bring &lt;another&gt; one." in page.text
    registering.post(f"{SHOW}/officer", data={"csrf_token": token_of(page)})
    assert state(person) is CaseState.WAITING_FOR_OFFICER


def test_a_service_that_is_down(registering: FlaskClient, plugins: Path) -> None:
    install(plugins, BEGINNING + "raise OSError\n")
    post(registering, "begin")
    page = registering.get(SHOW)
    assert "could not be reached" in page.text
    assert "Ask for a proofing officer" in page.text


def test_the_demonstration_says_so_on_each_of_its_pages(registering: FlaskClient, person: User) -> None:
    post(registering, "begin")
    page = registering.get(SHOW)
    assert "This is a demonstration." in page.text
    for question in service.state_of(person).questions:
        assert question.text in page.text
    answers = {f"question_{number}": "5" for number in range(1, 6)}
    post(registering, "answers", **answers)
    page = registering.get(SHOW)
    assert state(person) is CaseState.FAILED
    assert "This is a demonstration." in page.text


def test_nobody_else_gets_in(client: FlaskClient, person: User) -> None:
    for step in ("", "/begin", "/answers", "/reference", "/officer"):
        method = client.post if step else client.get
        answer = method(SHOW + step)
        assert answer.status_code in {302, 400}
        assert "/sign-in" in answer.headers.get("Location", "/sign-in")
    with client.session_transaction() as session:
        session.update(registration="another token", registration_used_at=utc_now().timestamp())
    assert "/sign-in" in client.get(SHOW).headers["Location"]
    assert state(person) is None


def test_the_password_alone_does_not_open_the_pages(client: FlaskClient, person: User) -> None:
    sign_in(client, person.user_id, Level.PASSWORD)
    assert client.get(SHOW).headers["Location"] == "/sign-in/key"


@pytest.mark.usefixtures("acme")
def test_forms_need_their_token(registering: FlaskClient, person: User) -> None:
    for step in ("begin", "officer"):
        assert registering.post(f"{SHOW}/{step}").status_code == 400
    assert state(person) is None


@pytest.mark.usefixtures("acme")
def test_no_page_and_no_cookie_shows_the_number_or_the_profile(registering: FlaskClient) -> None:
    post(registering, "begin")
    page = registering.get(SHOW)
    with registering.session_transaction() as session:
        kept = str(dict(session))
    for fact in (SSN, profile().street, profile().phone, profile().last_name):
        assert fact not in page.text
        assert fact not in kept


def test_who_is_proved_already_reads_so(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    assert "Your identity is proved." in client.get(SHOW).text


def test_a_shut_account_is_not_proved(registering: FlaskClient, person: User) -> None:
    with write_transaction() as session:
        session.get_one(User, person.id).active = False
    assert registering.get(SHOW).status_code == 302
    assert person.proofing is ProofingState.NEEDED


CORRECTED = {**TYPED, "last_name": "Testpersson", **TYPED_BIRTH_DATE, "birth_year": "1968"}
CORRECT = f"{SHOW}/particulars"


def kept_name(user: User) -> tuple[str, str]:
    db.session.rollback()
    profile = Profile.from_json(db.session.get_one(Person, user.id, populate_existing=True).profile)
    return profile.name, profile.birth_date.isoformat()


def test_a_slip_is_corrected_while_registering_and_after_a_refusal(
    registering: FlaskClient, person: User
) -> None:
    assert f'href="{CORRECT}"' in registering.get(SHOW).text
    page = registering.get(CORRECT)
    assert 'aria-current="step">Remote proofing' in page.text
    assert re.search(r'name="birth_year"[^>]*value="1986"', page.text)
    sent = {"csrf_token": token_of(page), **CORRECTED}
    wrong = registering.post(CORRECT, data={**sent, "birth_year": "68"})
    assert wrong.status_code == 422
    assert "Enter the year of your birth with four digits" in wrong.text
    answer = registering.post(CORRECT, data=sent, follow_redirects=True)
    assert "What you entered is corrected." in answer.text
    assert kept_name(person) == ("Testy Q Testpersson", "1968-04-28")
    assert "Nothing was different" in registering.post(CORRECT, data=sent, follow_redirects=True).text

    service.ask_for_officer(person)
    officer = add_officer("test.officer")
    officers.decide(officer, service.state_of(person).case_number, SEEN, "Another name.", approve=False)
    registering.post(CORRECT, data={**sent, "last_name": "Testperson"})
    assert kept_name(person) == ("Testy Q Testperson", "1968-04-28")
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "profile.changed")).all()
    assert [json.loads(entry.detail)["fields"] for entry in entries] == [
        ["birth_date", "last_name"],
        ["last_name"],
    ]


@pytest.mark.usefixtures("acme")
def test_nothing_is_corrected_while_questions_are_open_or_once_proved(
    registering: FlaskClient, person: User
) -> None:
    sent = {"csrf_token": token_of(registering.get(CORRECT)), **CORRECTED}
    post(registering, "begin")
    for _ in ("asking", "proved"):
        assert CORRECT not in registering.get(SHOW).text
        assert registering.get(CORRECT).location == SHOW
        answer = registering.post(CORRECT, data=sent, follow_redirects=True)
        assert "cannot be corrected now" in answer.text
        assert kept_name(person) == ("Testy Q Testperson", "1986-04-28")
        if state(person) is CaseState.ASKING:
            post(registering, "answers", question_1="1", question_2="1")
    assert state(person) is CaseState.PROVED
