"""My profile, seen from a browser and from the mailbox."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from iqies_flask.audit.models import AuditEntry, Outcome
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity import events
from iqies_flask.identity.models import Person, ProofingState, User
from iqies_flask.identity.origin import Origin
from iqies_flask.identity.persons import EmailBasis, Profile
from iqies_flask.identity.profile import history, service
from iqies_flask.identity.proofing import officers
from iqies_flask.identity.proofing.service import WhyOfficer
from iqies_flask.identity.service import authenticate, create_user
from iqies_flask.identity.sessions.models import Level, LoginSession
from iqies_flask.identity.throttle import service as throttle
from tests.browsing import give_password, sign_in, token_of
from tests.conftest import PASSWORD
from tests.letters import letters
from tests.persons import TYPED, TYPED_BIRTH_DATE, profile

EMAIL = "testperson@agency.example"
NEW_EMAIL = "new.address@agency.example"
NEW_PASSWORD = "wombats juggle teapots"
PAGES = ["", "/personal", "/email", "/password", "/sessions", "/history", "/deactivation"]


@pytest.fixture
def person(app: Flask) -> User:
    user = create_user("testperson", PASSWORD, EMAIL)
    with write_transaction() as session:
        session.add(Person(user_id=user.id, profile=profile().to_json()))
    return user


@pytest.fixture
def browser(client: FlaskClient, person: User) -> FlaskClient:
    """A browser in which the person is signed in, with a security key just now."""
    sign_in(client, person.user_id)
    return client


def send(client: FlaskClient, path: str, page: str = "", **fields: str) -> TestResponse:
    return client.post(path, data={"csrf_token": token_of(client.get(page or path)), **fields})


def fresh(user: User) -> User:
    db.session.rollback()
    return db.session.get_one(User, user.id, populate_existing=True)


def kept_profile(user: User) -> Profile:
    db.session.rollback()
    return Profile.from_json(db.session.get_one(Person, user.id, populate_existing=True).profile)


def last_action() -> tuple[str, Outcome, str]:
    db.session.rollback()
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc()).limit(1)).one()
    return entry.action, entry.outcome, entry.detail


def age_proof() -> None:
    with write_transaction() as session:
        session.execute(update(LoginSession).values(proved_at=utc_now() - timedelta(hours=1)))


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_for_those_who_are_signed_in_and_proved(
    client: FlaskClient, person: User, page: str
) -> None:
    assert client.get(f"/profile{page}").location.startswith("/sign-in?")
    sign_in(client, person.user_id, Level.PASSWORD)
    assert client.get(f"/profile{page}").location == "/sign-in/key"
    sign_in(client, person.user_id)
    answer = client.get(f"/profile{page}")
    assert answer.status_code == 200
    assert 'href="/profile"' in answer.text
    with write_transaction() as session:
        session.get_one(User, person.id).proofing = ProofingState.WAITING
    assert client.get(f"/profile{page}").location == "/identity-proofing"


@pytest.mark.parametrize("page", PAGES)
def test_account_of_which_nothing_is_known(client: FlaskClient, submitter: User, page: str) -> None:
    """As the command line makes it: without a person and without an address."""
    sign_in(client, submitter.user_id)
    answer = client.get(f"/profile{page}")
    assert answer.status_code == 200
    if not page:
        assert "has no e-mail address" in answer.text
        assert "do not know your name" in answer.text


def test_profile_shows_what_is_known(browser: FlaskClient) -> None:
    text = browser.get("/profile").text
    for known in (
        "Testy Q. Testperson",
        "Apr 28, 1986",
        "(202) 555-0123",
        "1 Sample Street",
        "Alabama 35004",
        EMAIL,
    ):
        assert known in text
    assert "has no e-mail address" not in text


def test_phone_and_address_are_changed(browser: FlaskClient, person: User) -> None:
    changes = {**TYPED, "phone": "212 555 0199", "in_us": "no", "city": "Toronto", "country": "Canada"}
    page = browser.get("/profile/personal").text
    assert 'value="1 Sample Street"' in page
    assert "cannot be changed here" in page
    assert (
        send(browser, "/profile/personal", **{**changes, "phone": "+1 416 555 0199"}).location == "/profile"
    )
    kept = kept_profile(person)
    assert (kept.city, kept.country, kept.state, kept.phone) == ("Toronto", "Canada", "", "+14165550199")
    assert kept.birth_date == profile().birth_date
    assert kept.email == EMAIL
    action, _, detail = last_action()
    assert action == "profile.changed"
    assert "Toronto" not in detail
    assert letters() == []


def test_change_of_name_is_told_and_waits_for_an_officer(browser: FlaskClient, person: User) -> None:
    assert "document with this name" not in browser.get("/profile").text
    send(browser, "/profile/personal", **{**TYPED, "last_name": "Testpersona"})
    assert kept_profile(person).last_name == "Testpersona"
    assert [(letter.template, letter.to) for letter in letters()] == [("name_changed", EMAIL)]
    assert "Testpersona" not in letters()[0].text
    assert "to see a document with the new name" in letters()[0].text
    page = browser.get("/profile")
    assert page.status_code == 200
    assert "A proofing officer will ask to see a document with your new name" in page.text
    assert "A proofing officer has still to see a document with this name" in page.text
    assert [(one.user_id, one.why) for one in officers.queue(1).items] == [
        (person.user_id, WhyOfficer.NAME_CHANGED)
    ]
    send(browser, "/profile/personal", **TYPED)
    assert "there is nothing to do" in letters()[1].text
    assert officers.queue(1).items == []
    assert "document with this name" not in browser.get("/profile").text


def test_first_name_of_an_account_is_no_change(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    assert send(client, "/profile/personal", **TYPED, **TYPED_BIRTH_DATE).location == "/profile"
    assert kept_profile(submitter).last_name == "Testperson"
    assert officers.queue(1).items == []


def test_date_of_birth_cannot_be_changed(browser: FlaskClient, person: User) -> None:
    send(browser, "/profile/personal", **TYPED, birth_year="1990", birth_month="1", birth_day="1")
    assert kept_profile(person).birth_date == profile().birth_date


def test_nothing_different_is_no_change(browser: FlaskClient) -> None:
    before = last_action()
    assert send(browser, "/profile/personal", **TYPED).location == "/profile"
    assert "Nothing was different" in browser.get("/profile").text
    assert last_action() == before


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("first_name", "", "Enter your legal first name."),
        ("phone", "12", "Enter a phone number"),
        ("state", "", "Choose your state."),
        ("zip", "350", "ZIP Code of 5 digits"),
    ],
)
def test_what_does_not_do_is_said_at_the_field(
    browser: FlaskClient, person: User, field: str, value: str, said: str
) -> None:
    answer = send(browser, "/profile/personal", **{**TYPED, "city": "Elsewhere", field: value})
    assert answer.status_code == 422
    assert said in answer.text
    assert kept_profile(person) == profile()


def test_fields_of_an_address_elsewhere_without_javascript(browser: FlaskClient, person: User) -> None:
    answer = send(browser, "/profile/personal", **{**TYPED, "in_us": "no", "show_address": "yes"})
    assert answer.status_code == 200
    assert 'name="country"' in answer.text
    assert "There is a problem" not in answer.text
    assert kept_profile(person) == profile()


def test_account_without_a_person_is_completed(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    assert send(client, "/profile/personal", **TYPED).status_code == 422
    assert send(client, "/profile/personal", **TYPED, **TYPED_BIRTH_DATE).location == "/profile"
    assert kept_profile(submitter) == profile(email="")
    assert send(client, "/profile/email", email=NEW_EMAIL, email_again=NEW_EMAIL).location == "/profile"
    send(client, letters("confirm_new_address")[0].link)
    assert (kept_profile(submitter).email, fresh(submitter).email) == (NEW_EMAIL, NEW_EMAIL)


def test_new_address(browser: FlaskClient, person: User) -> None:
    answer = send(browser, "/profile/email", email=NEW_EMAIL, email_again=NEW_EMAIL)
    assert answer.location == "/profile"
    assert "To become" in browser.get("/profile").text
    assert fresh(person).email == EMAIL
    assert [(letter.template, letter.to) for letter in letters()] == [
        ("address_change_asked", EMAIL),
        ("confirm_new_address", NEW_EMAIL),
    ]
    # The owner of the present address learns of it, and not how to do it.
    link = letters("confirm_new_address")[0].link
    assert link not in letters("address_change_asked")[0].text
    assert send(browser, link).location == "/"
    assert fresh(person).email == NEW_EMAIL
    assert "To become" not in browser.get("/profile").text


def test_change_of_address_is_taken_back(browser: FlaskClient, person: User) -> None:
    send(browser, "/profile/email", email=NEW_EMAIL, email_again=NEW_EMAIL)
    send(browser, "/profile/email/keep", page="/profile/email")
    assert browser.get(letters("confirm_new_address")[0].link).status_code == 410
    assert "To become" not in browser.get("/profile").text


def test_address_of_another_account_is_not_told(browser: FlaskClient, person: User) -> None:
    create_user("another", PASSWORD, "another@agency.example")
    pages = []
    for address in ("another@agency.example", "nobody1@agency.example"):
        assert send(browser, "/profile/email", email=address, email_again=address).location == "/profile"
        pages.append(browser.get("/profile").text.replace(address, ""))
    assert "We have sent a message" in pages[0]
    assert comparable(pages[0]) == comparable(pages[1])
    [letter] = letters("address_in_use")
    assert letter.to == "another@agency.example"
    assert "/confirm-address/" not in letter.text
    assert "testperson" not in letter.text


def comparable(page: str) -> list[str]:
    """A page's lines without its tokens."""
    return [line for line in page.splitlines() if "csrf" not in line and "data-" not in line]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"email": "no address", "email_again": "no address"}, "name@organization.org"),
        ({"email": NEW_EMAIL, "email_again": "x@agency.example"}, "differ"),
        ({"email": EMAIL.upper(), "email_again": EMAIL.upper()}, "has already"),
        ({"email": "x@gmail.com", "email_again": "x@gmail.com"}, "personal e-mail address"),
    ],
)
def test_addresses_that_do_not_do(browser: FlaskClient, fields: dict[str, str], said: str) -> None:
    answer = send(browser, "/profile/email", **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert letters() == []


def test_personal_address_with_the_declaration(browser: FlaskClient, person: User) -> None:
    fields = {"email": "x@gmail.com", "email_again": "x@gmail.com", "two_or_fewer": "y"}
    assert send(browser, "/profile/email", **fields).location == "/profile"
    send(browser, letters("confirm_new_address")[0].link)
    assert kept_profile(person).email_basis is EmailBasis.PERSONAL


def test_new_addresses_are_limited(browser: FlaskClient) -> None:
    for number in range(service.ADDRESSES_AN_HOUR):
        address = f"new{number}@agency.example"
        assert send(browser, "/profile/email", email=address, email_again=address).status_code == 302
    answer = send(browser, "/profile/email", email=NEW_EMAIL, email_again=NEW_EMAIL)
    assert answer.status_code == 422
    assert "Wait an hour" in answer.text
    assert len(letters("confirm_new_address")) == service.ADDRESSES_AN_HOUR


@pytest.mark.parametrize("page", ["email", "password", "deactivation"])
def test_sensitive_pages_ask_for_the_key_again(browser: FlaskClient, person: User, page: str) -> None:
    token = token_of(browser.get(f"/profile/{page}"))
    age_proof()
    assert browser.get(f"/profile/{page}").location == f"/sign-in/again?next=/profile/{page}"
    fields = {
        "email": NEW_EMAIL,
        "email_again": NEW_EMAIL,
        "current_password": PASSWORD,
        "password": NEW_PASSWORD,
        "typed": "testperson",
    }
    answer = browser.post(f"/profile/{page}", data={"csrf_token": token, **fields})
    assert answer.location == f"/sign-in/again?next=/profile/{page}"
    assert letters() == []
    assert authenticate("testperson", PASSWORD)


def test_ending_sessions_asks_for_the_key_again(app: Flask, browser: FlaskClient, person: User) -> None:
    """Whoever has got hold of a session does not sign its owner out elsewhere."""
    other = app.test_client()
    sign_in(other, person.user_id)
    token = token_of(browser.get("/profile/sessions"))
    number = db.session.scalars(select(LoginSession.id).order_by(LoginSession.id.desc())).first()
    age_proof()
    again = "/sign-in/again?next=/profile/sessions"
    assert browser.get("/profile/sessions").location == again
    for path in (f"{number}/end", "end-others"):
        answer = browser.post(
            f"/profile/sessions/{path}",
            data={"csrf_token": token},
            headers={"Referer": "http://localhost/profile/sessions"},
        )
        assert answer.location == again
    assert other.get("/profile").status_code == 200


def test_new_password(app: Flask, browser: FlaskClient, person: User) -> None:
    elsewhere = app.test_client()
    sign_in(elsewhere, person.user_id)
    fields = {"current_password": PASSWORD, "password": NEW_PASSWORD}
    assert send(browser, "/profile/password", **fields).location == "/profile"
    assert "signed out everywhere else" in browser.get("/profile").text
    assert elsewhere.get("/profile").status_code == 302
    assert give_password(app.test_client(), "testperson", NEW_PASSWORD).status_code == 302
    assert [(letter.template, letter.to) for letter in letters("password_changed")] == [
        ("password_changed", EMAIL)
    ]


@pytest.mark.parametrize(
    ("current", "new", "said"),
    [
        ("", NEW_PASSWORD, "Enter your current password."),
        ("wrong password here", NEW_PASSWORD, "not your current password"),
        (PASSWORD, PASSWORD, "Choose another one."),
        (PASSWORD, "password1", "most often used"),
        (PASSWORD, "testperson26", "made of your user ID"),
    ],
)
def test_new_password_that_does_not_do(browser: FlaskClient, current: str, new: str, said: str) -> None:
    answer = send(browser, "/profile/password", current_password=current, password=new)
    assert answer.status_code == 422
    assert said in answer.text
    assert authenticate("testperson", PASSWORD)
    assert letters() == []


def test_current_password_cannot_be_guessed(browser: FlaskClient) -> None:
    wrong = {"current_password": "wrong password here", "password": NEW_PASSWORD}
    for _ in range(throttle.FREE_ATTEMPTS):
        assert send(browser, "/profile/password", **wrong).status_code == 422
    answer = send(browser, "/profile/password", current_password=PASSWORD, password=NEW_PASSWORD)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert authenticate("testperson", PASSWORD)


def test_signing_out_elsewhere(app: Flask, browser: FlaskClient, person: User) -> None:
    one, other = app.test_client(), app.test_client()
    for client in (one, other):
        sign_in(client, person.user_id)
    page = browser.get("/profile/sessions").text
    assert page.count("This browser") == 1
    assert page.count('action="/profile/sessions/') == 3
    number = db.session.scalars(select(LoginSession.id).order_by(LoginSession.id)).all()[1]
    path = f"/profile/sessions/{number}/end"
    assert send(browser, path, page="/profile/sessions").location == "/profile/sessions"
    assert (one.get("/profile").status_code, other.get("/profile").status_code) == (302, 200)
    assert last_action()[0] == "session.ended"
    # Once more: it has ended already, and nothing is written down.
    send(browser, path, page="/profile/sessions")
    assert "had ended already" in browser.get("/profile/sessions").text
    send(browser, "/profile/sessions/end-others", page="/profile/sessions")
    assert (other.get("/profile").status_code, browser.get("/profile").status_code) == (302, 200)


def test_sessions_of_others_and_ones_own_are_not_ended(
    app: Flask, browser: FlaskClient, person: User, stranger: User
) -> None:
    other = app.test_client()
    sign_in(other, stranger.user_id)
    own, foreign = db.session.scalars(select(LoginSession.id).order_by(LoginSession.id)).all()
    token = token_of(browser.get("/profile/sessions"))
    browser.post(f"/profile/sessions/{foreign}/end", data={"csrf_token": token})
    assert other.get("/profile").status_code == 200
    assert browser.post(f"/profile/sessions/{own}/end", data={"csrf_token": token}).status_code == 400
    far = browser.post(f"/profile/sessions/{10**12}/end", data={"csrf_token": token})
    assert far.status_code == 302
    assert browser.post("/profile/sessions/end-others").status_code == 400


def test_history_has_the_own_sign_ins_only(app: Flask, browser: FlaskClient, stranger: User) -> None:
    give_password(app.test_client(), "testperson", "wrong password here")
    give_password(app.test_client(), "stranger", "wrong password here")
    text = browser.get("/profile/history").text
    assert text.count("Wrong password") == 1
    assert text.count("Password given") == 1
    assert "127.0.0.1" in text


def test_history_names_browsers_and_never_shows_what_they_call_themselves(
    app: Flask, browser: FlaskClient
) -> None:
    names = {
        "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0": "Firefox on Windows",
        f"<script>alert(1)</script>{'x' * 5000}": "An unknown browser",
    }
    for user_agent in names:
        visitor = app.test_client()
        visitor.environ_base["HTTP_USER_AGENT"] = user_agent
        give_password(visitor, "testperson", "wrong password here")
        give_password(visitor, "testperson")
    for page in ("history", "sessions"):
        text = browser.get(f"/profile/{page}").text
        for user_agent, name in names.items():
            assert name in text
            assert user_agent not in text
        assert "alert(1)" not in text
    db.session.rollback()
    details = set(db.session.scalars(select(AuditEntry.detail).where(AuditEntry.outcome == Outcome.FAILED)))
    assert details == {f'{{"browser":"{name}"}}' for name in names.values()}


def test_history_of_the_time_before_browsers_were_noted(browser: FlaskClient, person: User) -> None:
    with write_transaction() as session:
        events.record(session, "sign_in.key", person, Origin("192.0.2.1"))
    row = browser.get("/profile/history").text.split("192.0.2.1")[0].rsplit("<tr", 1)[1]
    assert "Not known" in row


def test_history_is_paged(monkeypatch: pytest.MonkeyPatch, app: Flask, browser: FlaskClient) -> None:
    monkeypatch.setattr(history, "LINES", 2)
    for _ in range(3):
        give_password(app.test_client(), "testperson")
    first = browser.get("/profile/history")
    assert "Newer" not in first.text
    older = first.text.split('rel="next" href="')[1].split('"')[0]
    second = browser.get(older)
    assert "Older" not in second.text
    newer = second.text.split('rel="prev" href="')[1].split('"')[0]
    assert browser.get(newer).text.count("Password given") == 2
    assert browser.get("/profile/history?before=99999999999999999999").status_code == 200
    assert browser.get("/profile/history?before=x").status_code == 200


def test_deactivation(app: Flask, browser: FlaskClient, person: User) -> None:
    elsewhere = app.test_client()
    sign_in(elsewhere, person.user_id)
    refused = send(browser, "/profile/deactivation", typed="testperso")
    assert refused.status_code == 422
    assert "Type your user ID, testperson" in refused.text
    answer = send(browser, "/profile/deactivation", typed=" TestPerson ")
    assert answer.location == "/sign-in"
    assert "Your account is deactivated" in browser.get("/sign-in").text
    assert fresh(person).active is False
    for client in (browser, elsewhere):
        assert client.get("/profile").location.startswith("/sign-in?")
    assert give_password(app.test_client(), "testperson").status_code == 422
    assert letters("account_deactivated")[0].to == EMAIL
    actions = db.session.scalars(select(AuditEntry.action)).all()
    assert actions.count("account.deactivated") == 1
