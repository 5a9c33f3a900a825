"""The pages of a person's security keys and recovery codes."""

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.recovery import codes
from iqies_flask.identity.security_keys import service
from iqies_flask.identity.security_keys.models import SecurityKey
from iqies_flask.identity.service import create_user
from iqies_flask.identity.sessions.models import LoginSession
from tests.authenticator import Authenticator, add_key
from tests.browsing import answer_of_key, give_password, sign_in, token_of
from tests.conftest import PASSWORD

ADD = "/security-keys/new"


@pytest.fixture
def newcomer(app: Flask) -> User:
    return create_user("new.person", PASSWORD)


def test_the_first_key_and_its_recovery_codes(client: FlaskClient, newcomer: User) -> None:
    give_password(client, newcomer.user_id, next_page="/reports")
    page = client.get(ADD)
    assert "Set up your first security key" in page.text
    answer = client.post(ADD, data=answer_of_key(page, Authenticator()) | {"name": "Blue"})
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    shown = re.findall(r"<code>([^<]+)</code>", answer.text)
    assert len(set(shown)) == 10
    assert all(code in unquote(answer.text.split("data:text/plain")[1]) for code in shown)
    assert 'href="/reports"' in answer.text
    assert client.get("/submissions").status_code == 200
    with write_transaction() as session:
        assert codes.use(session, newcomer, shown[3])


def test_who_has_codes_and_no_key_is_offered_to_use_one(client: FlaskClient, newcomer: User) -> None:
    give_password(client, newcomer.user_id)
    assert "recovery code" not in client.get(ADD).text
    with write_transaction() as session:
        codes.put(session, newcomer, ["TEST-CODE-0000-0001"])
    assert 'href="/sign-in/recovery-code">Use a recovery code instead</a>' in client.get(ADD).text
    form = {
        "csrf_token": token_of(client.get("/sign-in/recovery-code")),
        "recovery_code": "test code 0000 0001",
    }
    page = client.post("/sign-in/recovery-code", data=form, follow_redirects=True)
    assert "You have no key yet" in page.text


def test_the_page_with_the_codes_shows_them_once(client: FlaskClient, newcomer: User) -> None:
    give_password(client, newcomer.user_id)
    form = answer_of_key(client.get(ADD), Authenticator())
    shown = re.findall(r"<code>([^<]+)</code>", client.post(ADD, data=form).text)
    again = client.post(ADD, data=form | {"csrf_token": token_of(client.get(ADD))})
    assert again.status_code == 422
    assert "had been given before" in again.text
    assert not any(code in again.text for code in shown)
    db.session.rollback()
    assert codes.left(newcomer) == 10


def test_the_password_alone_adds_no_second_key(client: FlaskClient, person: User, key: SecurityKey) -> None:
    give_password(client, person.user_id)
    assert client.get(ADD).location == "/sign-in/key"
    page = client.get("/sign-in/recovery-code")
    assert client.post(ADD, data={"csrf_token": token_of(page)}).location == "/sign-in/key"
    db.session.rollback()
    assert service.list_keys(person) == [key]


def test_a_question_for_a_first_key_is_worth_nothing_once_there_is_one(
    client: FlaskClient, app: Flask, newcomer: User
) -> None:
    thief = app.test_client()
    give_password(thief, newcomer.user_id)
    form = answer_of_key(thief.get(ADD), Authenticator())
    add_key(newcomer, Authenticator(), first=True)
    assert thief.post(ADD, data=form).location == "/sign-in/key"
    db.session.rollback()
    assert len(service.list_keys(newcomer)) == 1


def test_a_wrong_answer_is_told_and_another_question_asked(client: FlaskClient, newcomer: User) -> None:
    give_password(client, newcomer.user_id)
    form = answer_of_key(client.get(ADD), Authenticator(origin="http://localhost.example"))
    refused = client.post(ADD, data=form | {"name": "Blue"})
    assert refused.status_code == 422
    assert "could not be used" in refused.text
    assert 'value="Blue"' in refused.text
    good = client.post(ADD, data=answer_of_key(refused, Authenticator()))
    assert "Your recovery codes" in good.text


def test_the_list(client: FlaskClient, person: User, key: SecurityKey) -> None:
    sign_in(client, person.user_id)
    page = client.get("/security-keys").text
    assert "Security key" in page
    assert "Not used yet" in page
    assert "/removal" not in page
    assert 'href="/profile/sessions"' in page
    add_key(person, Authenticator(), "<b>Bold</b>")
    page = client.get("/security-keys").text
    assert page.count("/removal") == 2
    assert "&lt;b&gt;Bold" in page


def test_adding_another(client: FlaskClient, person: User, key: SecurityKey) -> None:
    sign_in(client, person.user_id)
    form = answer_of_key(client.get(ADD), Authenticator())
    assert client.post(ADD, data=form).location == "/security-keys"
    assert "The key “Security key 2” was added" in client.get("/security-keys").text


def test_removing(client: FlaskClient, person: User, key: SecurityKey) -> None:
    spare = add_key(person, Authenticator())
    sign_in(client, person.user_id)
    page = client.get(f"/security-keys/{key.id}/removal")
    assert "Remove “Security key”?" in page.text
    form = {"csrf_token": token_of(page)}
    assert client.post(f"/security-keys/{key.id}/removal", data=form).location == "/security-keys"
    last = client.get(f"/security-keys/{spare.id}/removal")
    assert "no other key to sign in with" in last.text
    assert "Remove this key" not in last.text
    client.post(f"/security-keys/{spare.id}/removal", data=form)
    assert "cannot be removed" in client.get("/security-keys").text
    db.session.rollback()
    assert [left.id for left in service.list_keys(person)] == [spare.id]


def test_what_asks_for_the_key_again(client: FlaskClient, person: User, key: SecurityKey) -> None:
    add_key(person, Authenticator())
    sign_in(client, person.user_id)
    page = client.get("/security-keys")
    with write_transaction() as session:
        for login in session.scalars(select(LoginSession)):
            login.proved_at = utc_now() - timedelta(minutes=11)
    form = {"csrf_token": token_of(page)}
    for method, path in (
        ("GET", ADD),
        ("POST", ADD),
        ("GET", f"/security-keys/{key.id}/removal"),
        ("POST", f"/security-keys/{key.id}/removal"),
        ("POST", "/recovery-codes"),
    ):
        answer = client.open(path, method=method, data=form if method == "POST" else None)
        assert (answer.location or "").startswith("/sign-in/again?next="), path
    assert client.get(f"/security-keys/{key.id}/name").status_code == 200
    assert client.get("/recovery-codes").status_code == 200
    db.session.rollback()
    assert len(service.list_keys(person)) == 2
    assert codes.left(person) == 0


@pytest.mark.parametrize("path", ["name", "removal"])
def test_keys_of_others_are_not_there(
    client: FlaskClient, person: User, key: SecurityKey, newcomer: User, path: str
) -> None:
    add_key(newcomer, Authenticator())
    sign_in(client, newcomer.user_id)
    form = {"csrf_token": token_of(client.get("/security-keys")), "name": "Mine"}
    address = f"/security-keys/{key.id}/{path}"
    assert client.get(address).status_code == 404
    assert client.post(address, data=form).status_code == 404
    assert client.get("/security-keys/99999999999999999999/name").status_code == 404
    db.session.rollback()
    assert service.list_keys(person) == [key]


def test_new_recovery_codes(client: FlaskClient, person: User, key: SecurityKey) -> None:
    sign_in(client, person.user_id)
    page = client.get("/recovery-codes")
    assert "no recovery codes left" in page.text
    answer = client.post("/recovery-codes", data={"csrf_token": token_of(page)})
    first = re.findall(r"<code>([^<]+)</code>", answer.text)
    answer = client.post("/recovery-codes", data={"csrf_token": token_of(page)})
    second = re.findall(r"<code>([^<]+)</code>", answer.text)
    assert len(set(first) | set(second)) == 20
    db.session.rollback()
    assert codes.left(person) == 10
    assert not any(code in client.get("/recovery-codes").text for code in second)
