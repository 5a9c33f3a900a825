"""Ways back into an account by e-mail, seen from a browser, from the mailbox, and from an attacker."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from iqies_flask import create_app
from iqies_flask.audit.models import AuditEntry, Outcome
from iqies_flask.config import Settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db, limiter
from iqies_flask.identity import service as identity
from iqies_flask.identity.links import service as links
from iqies_flask.identity.links.models import EmailLink, LinkPurpose
from iqies_flask.identity.models import Person, User
from iqies_flask.identity.origin import NOWHERE
from iqies_flask.identity.recovery import service
from iqies_flask.identity.service import authenticate, create_user, email_hash
from iqies_flask.identity.throttle import service as throttle
from tests.browsing import give_password, sign_in, token_of
from tests.conftest import PASSWORD
from tests.letters import letters
from tests.persons import profile
from tests.statements import noted

EMAIL = "testperson@agency.example"
NEW_EMAIL = "new.address@agency.example"
NEW_PASSWORD = "wombats juggle teapots"


@pytest.fixture
def person(app: Flask) -> User:
    return create_user("testperson", PASSWORD, EMAIL)


def send(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    return client.post(path, data={"csrf_token": token_of(client.get(path)), **fields})


def fresh(user: User) -> User:
    db.session.rollback()
    return db.session.get_one(User, user.id, populate_existing=True)


def actions() -> list[tuple[str, Outcome]]:
    db.session.rollback()
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.number))
    return [(entry.action, entry.outcome) for entry in entries]


def make_link(user: User, purpose: LinkPurpose, address: str | None = None) -> str:
    with write_transaction() as session:
        url = links.make(session, user, purpose, address)
    return re.sub(r"^https?://[^/]+", "", url)


def let_links_expire() -> None:
    with write_transaction() as session:
        session.execute(update(EmailLink).values(expires_at=utc_now()))


ASKING = [("/forgot-user-id", "email"), ("/forgot-password", "account")]


@pytest.mark.parametrize(("path", "field"), ASKING)
def test_page_is_the_same_whether_or_not_there_is_an_account(
    app: Flask, person: User, path: str, field: str
) -> None:
    create_user("deactivated", PASSWORD, "deactivated@agency.example")
    identity.deactivate("deactivated")
    before = len(letters())
    pages = []
    for typed in (EMAIL, "nobody@agency.example", "deactivated@agency.example"):
        answer = send(app.test_client(), path, **{field: typed})
        pages.append((answer.status_code, re.sub(r'value="[^"]*"', "", answer.text)))
    assert pages[0][0] == 200
    assert "Check your e-mail" in pages[0][1]
    assert pages[1:] == [pages[0]] * 2
    assert [letter.to for letter in letters()[before:]] == [EMAIL]


@pytest.mark.parametrize("ask", [service.send_user_id, service.send_password_link])
def test_same_work_is_done_whether_or_not_there_is_an_account(
    app: Flask, person: User, ask: Callable[..., None]
) -> None:
    with noted() as known:
        ask(EMAIL, NOWHERE)
    with noted() as unknown:
        ask("nobody@agency.example", NOWHERE)
    assert any("INSERT INTO outbox_message" in statement for statement in unknown)
    # All that is not done where there is no account is to write the link's own row, and to keep the mail.
    missing = [statement for statement in known if statement not in unknown]
    assert [statement.split(" (")[0] for statement in missing] in (
        ["RELEASE SAVEPOINT savepoint"],
        ["INSERT INTO email_link", "RELEASE SAVEPOINT savepoint"],
    )
    assert len(known) - len(unknown) == len(missing) - 1
    assert len(letters()) == 1


def test_user_id_comes_by_mail(client: FlaskClient, person: User) -> None:
    assert send(client, "/forgot-user-id", email=" TestPerson@Agency.example ").status_code == 200
    letter = letters()[0]
    assert (letter.template, letter.to) == ("your_user_id", EMAIL)
    assert "\ntestperson\n" in letter.text
    assert "127.0.0.1" in letter.text
    assert letter.text.count("http://") >= 1


def test_what_is_typed_must_be_an_address(client: FlaskClient) -> None:
    answer = send(client, "/forgot-user-id", email="no address")
    assert answer.status_code == 422
    assert "name@organization.org" in answer.text
    assert send(client, "/forgot-password", account="").status_code == 422


def test_mailbox_of_nobody_is_flooded(app: Flask, person: User) -> None:
    for number in range(service.MAILS_AN_HOUR + 2):
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        typed = EMAIL if number % 2 else "testperson"
        assert "Check your e-mail" in send(client, "/forgot-password", account=typed).text
    assert len(letters("reset_password")) == service.MAILS_AN_HOUR
    # A message that is not sent makes no link worthless.
    assert app.test_client().get(letters()[-1].link).status_code == 200
    # The other kind counts on its own.
    send(app.test_client(), "/forgot-user-id", email=EMAIL)
    assert len(letters("your_user_id")) == 1
    assert ("password.reset_asked", Outcome.REFUSED) in actions()


def test_one_address_cannot_ask_without_end(client: FlaskClient) -> None:
    answers = [send(client, "/forgot-user-id", email=f"nobody{n}@agency.example") for n in range(21)]
    assert [answer.status_code for answer in answers] == [200] * 20 + [429]
    # The limiter rounds up to the next second.
    assert 3500 < int(answers[-1].headers["Retry-After"]) <= 3601
    assert re.search(r"Wait (59|60|61) minutes, then try again\.", answers[-1].text)


def test_account_without_address_gets_nothing(client: FlaskClient, submitter: User) -> None:
    assert send(client, "/forgot-password", account=submitter.user_id).status_code == 200
    assert letters() == []


def test_new_password_by_link(app: Flask, client: FlaskClient, person: User) -> None:
    elsewhere = app.test_client()
    sign_in(elsewhere, person.user_id)
    send(client, "/forgot-password", account="TESTPERSON")
    letter = letters("reset_password")[0]
    page = client.get(letter.link)
    assert page.status_code == 200
    assert page.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
    answer = send(client, letter.link, password=NEW_PASSWORD)
    assert answer.location == "/sign-in"
    assert "is changed" in client.get("/sign-in").text
    # The key is still asked for, the old password and all sessions are worth nothing.
    assert elsewhere.get("/profile").location.startswith("/sign-in?")
    assert give_password(app.test_client(), "testperson").status_code == 422
    assert give_password(app.test_client(), "testperson", NEW_PASSWORD).location == "/sign-in/key"
    assert letters("password_changed")[0].to == EMAIL
    assert ("password.reset", Outcome.DONE) in actions()


def test_new_password_ends_waiting(client: FlaskClient, person: User) -> None:
    for _ in range(throttle.FREE_ATTEMPTS):
        give_password(client, "testperson", "wrong password here")
    assert give_password(client, "testperson").status_code == 429
    send(client, make_link(person, LinkPurpose.RESET_PASSWORD), password=NEW_PASSWORD)
    assert give_password(client, "testperson", NEW_PASSWORD).status_code == 302


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"password": ""}, "Enter a password."),
        ({"password": "short"}, "fewer than 8"),
        ({"password": "testperson2026"}, "made of your user ID"),
        ({"password": "gertrude agency"}, "made of your user ID"),
        ({"password": NEW_PASSWORD, "password_again": "another"}, "differ"),
    ],
)
def test_new_password_that_does_not_do_leaves_the_link_usable(
    client: FlaskClient, person: User, fields: dict[str, str], said: str
) -> None:
    with write_transaction() as session:
        session.add(Person(user_id=person.id, profile=profile(first_name="Gertrude").to_json()))
    link = make_link(person, LinkPurpose.RESET_PASSWORD)
    answer = send(client, link, **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert authenticate("testperson", PASSWORD)
    assert send(client, link, password=NEW_PASSWORD).status_code == 302


PURPOSES = [
    (LinkPurpose.RESET_PASSWORD, {"password": NEW_PASSWORD}),
    (LinkPurpose.UNLOCK, {}),
    (LinkPurpose.CONFIRM_NEW_ADDRESS, {}),
]


@pytest.mark.parametrize(("purpose", "fields"), PURPOSES)
def test_link_works_once_and_does_nothing_by_being_opened(
    client: FlaskClient, person: User, purpose: LinkPurpose, fields: dict[str, str]
) -> None:
    link = make_link(person, purpose, NEW_EMAIL)
    before = actions()
    for _ in range(2):
        assert client.get(link).status_code == 200
    assert client.head(link).status_code == 200
    assert actions() == before
    token = token_of(client.get(link))
    assert client.post(link, data={"csrf_token": token, **fields}).status_code == 302
    assert len(actions()) > len(before)
    after = actions()
    assert client.get(link).status_code == 410
    assert client.post(link, data={"csrf_token": token, **fields}).status_code == 410
    assert "This link does nothing any more" in client.get(link).text
    assert actions() == after


@pytest.mark.parametrize(("purpose", "fields"), PURPOSES)
def test_link_that_is_too_old_or_tampered_with(
    client: FlaskClient, person: User, purpose: LinkPurpose, fields: dict[str, str]
) -> None:
    link = make_link(person, purpose, NEW_EMAIL)
    other = {"reset-password": "unlock", "unlock": "confirm-address", "confirm-address": "reset-password"}
    path = link.split("/")[1]
    last = "A" if link[-1] != "A" else "B"
    for wrong in (link[:-1] + last, link[:-1], link.replace(path, other[path]), f"/{path}/x"):
        assert client.get(wrong).status_code == 410
    assert client.get(link).status_code == 200
    token = token_of(client.get(link))
    assert client.post(link, data=fields).status_code == 400
    let_links_expire()
    assert client.get(link).status_code == 410
    assert client.post(link, data={"csrf_token": token, **fields}).status_code == 410
    assert authenticate("testperson", PASSWORD)
    assert fresh(person).email == EMAIL


def test_newer_link_makes_the_earlier_one_worthless(client: FlaskClient, person: User) -> None:
    earlier = make_link(person, LinkPurpose.RESET_PASSWORD)
    newer = make_link(person, LinkPurpose.RESET_PASSWORD)
    assert (client.get(earlier).status_code, client.get(newer).status_code) == (410, 200)


@pytest.mark.parametrize("change", ["password", "deactivation"])
def test_links_do_nothing_after_what_locks_an_intruder_out(
    client: FlaskClient, person: User, change: str
) -> None:
    made = [make_link(person, purpose, NEW_EMAIL) for purpose, _ in PURPOSES]
    if change == "password":
        identity.set_password("testperson", NEW_PASSWORD)
    else:
        identity.deactivate("testperson")
        identity.activate("testperson")
    assert [client.get(link).status_code for link in made] == [410] * 3


def test_links_lead_to_the_site_whatever_the_request_says_its_host_is(
    settings: Settings, person: User
) -> None:
    app = create_app(
        replace(settings, site_url="http://iqies.example", trusted_hosts=("iqies.example", "localhost"))
    )
    limiter.reset()
    client = app.test_client()
    token = token_of(client.get("/forgot-password"))
    refused = client.post(
        "/forgot-password",
        data={"csrf_token": token, "account": EMAIL},
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
    )
    assert refused.status_code == 400
    answer = client.post(
        "/forgot-password",
        data={"csrf_token": token, "account": EMAIL},
        headers={"X-Forwarded-Host": "evil.example"},
    )
    assert answer.status_code == 200
    letter = letters()[0]
    assert "http://iqies.example/reset-password/" in letter.text
    assert "evil.example" not in letter.text + letter.html


def test_unlock(client: FlaskClient, person: User) -> None:
    for _ in range(throttle.FREE_ATTEMPTS):
        give_password(client, "testperson", "wrong password here")
    letter = letters("sign_in_blocked")[0]
    assert give_password(client, "testperson").status_code == 429
    assert send(client, letter.link).location == "/sign-in"
    assert "need not wait" in client.get("/sign-in").text
    assert give_password(client, "testperson").location == "/sign-in/key"
    assert ("sign_in.unlocked", Outcome.DONE) in actions()


def test_new_address_is_the_accounts_once_confirmed(client: FlaskClient, person: User) -> None:
    with write_transaction() as session:
        session.add(Person(user_id=person.id, profile=profile(email=EMAIL).to_json()))
    reset = make_link(person, LinkPurpose.RESET_PASSWORD)
    page = client.get(make_link(person, LinkPurpose.CONFIRM_NEW_ADDRESS, NEW_EMAIL))
    assert NEW_EMAIL in page.text
    assert fresh(person).email == EMAIL
    answer = send(client, make_link(person, LinkPurpose.CONFIRM_NEW_ADDRESS, NEW_EMAIL))
    assert answer.location == "/sign-in"
    assert (fresh(person).email, fresh(person).email_hash) == (NEW_EMAIL, email_hash(NEW_EMAIL))
    assert db.session.get_one(Person, person.id, populate_existing=True).profile["email"] == NEW_EMAIL
    assert [letter.to for letter in letters("address_changed")] == [EMAIL, NEW_EMAIL]
    assert ("address.changed", Outcome.DONE) in actions()
    # What was sent to the former address is not worth anything any more.
    assert client.get(reset).status_code == 410


def test_address_that_another_account_got_meanwhile(client: FlaskClient, person: User) -> None:
    link = make_link(person, LinkPurpose.CONFIRM_NEW_ADDRESS, NEW_EMAIL)
    create_user("another", PASSWORD, NEW_EMAIL.upper())
    answer = send(client, link)
    assert answer.status_code == 410
    assert "another" not in answer.text.replace("take another one", "")
    assert fresh(person).email == EMAIL
    assert letters("address_changed") == []
    assert actions()[-1] == ("address.changed", Outcome.REFUSED)


def test_forms_need_their_token(client: FlaskClient, person: User) -> None:
    assert client.post("/forgot-user-id", data={"email": EMAIL}).status_code == 400
    assert client.post("/forgot-password", data={"account": EMAIL}).status_code == 400
    assert letters() == []


def test_expired_links_are_thrown_away_in_time(app: Flask, person: User) -> None:
    make_link(person, LinkPurpose.UNLOCK)
    with write_transaction() as session:
        session.execute(update(EmailLink).values(expires_at=utc_now() - timedelta(days=31)))
    make_link(person, LinkPurpose.UNLOCK)
    assert len(db.session.scalars(select(EmailLink)).all()) == 1
