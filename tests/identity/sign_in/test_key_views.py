"""The second step of signing in, passkeys, and asking for the key again."""

import json
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from iqies_flask import create_app
from iqies_flask.audit.models import AuditEntry
from iqies_flask.config import Settings
from iqies_flask.current import current_settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.recovery import codes
from iqies_flask.identity.security_keys import service
from iqies_flask.identity.security_keys.models import Challenge
from iqies_flask.identity.service import create_user, deactivate
from iqies_flask.identity.sessions.models import LoginSession
from tests.authenticator import Authenticator, add_key
from tests.browsing import answer_of_key, give_password, sign_in, token_of
from tests.conftest import PASSWORD

KEY = "/sign-in/key"
AGAIN = "/sign-in/again"
CODE = "/sign-in/recovery-code"
PASSKEY = "/sign-in/passkey"


@pytest.fixture
def authenticator() -> Authenticator:
    return Authenticator()


@pytest.fixture
def person(app: Flask, authenticator: Authenticator) -> User:
    user = create_user("testperson", PASSWORD)
    add_key(user, authenticator)
    return user


@pytest.fixture
def made(person: User) -> list[str]:
    with write_transaction() as session:
        return codes.make(session, person)


def answer(client: FlaskClient, authenticator: Authenticator, path: str = KEY) -> TestResponse:
    return client.post(path, data=answer_of_key(client.get(path), authenticator))


def use_code(client: FlaskClient, code: str, **fields: str) -> TestResponse:
    page = client.get(CODE)
    return client.post(CODE, data={"csrf_token": token_of(page), "recovery_code": code, **fields})


def passkey(client: FlaskClient, authenticator: Authenticator, **fields: str) -> TestResponse:
    page = client.get("/sign-in")
    asked = client.get(PASSKEY).get_json()
    credential = authenticator.sign(asked["options"])
    form = {"csrf_token": token_of(page), "ceremony": asked["ceremony"], "credential": credential}
    return client.post(PASSKEY, data=form | fields)


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/submissions").status_code == 200


def let_proof_age(user: User) -> None:
    with write_transaction() as session:
        for login in session.scalars(select(LoginSession).where(LoginSession.user_id == user.id)):
            login.proved_at = utc_now() - timedelta(hours=1)


def audited() -> list[tuple[str, str]]:
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.number))
    return [(entry.action, entry.outcome.value) for entry in entries]


# The key after the password


def test_password_and_key(client: FlaskClient, person: User, authenticator: Authenticator) -> None:
    give_password(client, person.user_id, next_page="/reports")
    assert not is_signed_in(client)
    assert answer(client, authenticator).location == "/reports"
    assert is_signed_in(client)
    assert client.get(KEY).status_code == 302
    assert audited()[-2:] == [("sign_in.password", "done"), ("sign_in.key", "done")]


def test_the_cookie_before_the_key_is_worth_nothing_after_it(
    app: Flask, client: FlaskClient, person: User, authenticator: Authenticator
) -> None:
    give_password(client, person.user_id)
    page = client.get(KEY)
    cookie = client.get_cookie("session")
    assert cookie is not None
    thief = app.test_client()
    thief.set_cookie("session", cookie.value)
    client.post(KEY, data=answer_of_key(page, authenticator))
    assert is_signed_in(client)
    assert thief.get(KEY).location == "/sign-in?next=/sign-in/key"


def test_a_wrong_key_is_told_and_counted(client: FlaskClient, person: User) -> None:
    theirs = Authenticator()
    add_key(create_user("somebody.else", PASSWORD), theirs)
    give_password(client, person.user_id)
    for _ in range(5):
        refused = answer(client, theirs)
        assert refused.status_code == 422
        assert "does not belong to the account" in refused.text
    blocked = answer(client, theirs)
    assert blocked.status_code == 429
    assert int(blocked.headers["Retry-After"]) > 0
    assert not is_signed_in(client)
    assert audited().count(("sign_in.key", "failed")) == 5
    assert ("sign_in.blocked", "done") in audited()


def test_a_page_that_was_open_for_long_is_not_counted(
    client: FlaskClient, person: User, authenticator: Authenticator
) -> None:
    give_password(client, person.user_id)
    for _ in range(7):
        page = client.get(KEY)
        with write_transaction() as session:
            for challenge in session.scalars(select(Challenge)):
                challenge.expires_at = utc_now() - timedelta(seconds=1)
        refused = client.post(KEY, data=answer_of_key(page, authenticator))
        assert refused.status_code == 422
        assert "too late" in refused.text
    assert answer(client, authenticator).status_code == 302


def test_an_answer_works_once_and_in_its_own_browser(
    app: Flask, client: FlaskClient, person: User, authenticator: Authenticator
) -> None:
    give_password(client, person.user_id)
    page = client.get(KEY)
    form = answer_of_key(page, authenticator)
    other = app.test_client()
    give_password(other, person.user_id)
    stolen = other.post(KEY, data=form | {"csrf_token": token_of(other.get(KEY))})
    assert "too late" in stolen.text
    assert client.post(KEY, data=form).status_code == 302
    client.post("/sign-out", data={"csrf_token": token_of(client.get("/submissions"))})
    give_password(client, person.user_id)
    replayed = client.post(KEY, data=form | {"csrf_token": token_of(client.get(KEY))})
    assert replayed.status_code == 422
    assert "had been given before" in replayed.text


def test_no_answer_at_all(client: FlaskClient, person: User) -> None:
    give_password(client, person.user_id)
    page = client.get(KEY)
    refused = client.post(KEY, data={"csrf_token": token_of(page)})
    assert refused.status_code == 422
    assert "No key has answered" in refused.text


def test_two_tabs(client: FlaskClient, person: User, authenticator: Authenticator) -> None:
    give_password(client, person.user_id)
    first, second = client.get(KEY), client.get(KEY)
    assert client.post(KEY, data=answer_of_key(first, authenticator)).location == "/"
    assert client.post(KEY, data=answer_of_key(second, authenticator)).location == "/"
    assert is_signed_in(client)


def test_a_form_of_another_site(client: FlaskClient, person: User, authenticator: Authenticator) -> None:
    give_password(client, person.user_id)
    form = answer_of_key(client.get(KEY), authenticator)
    assert client.post(KEY, data=form | {"csrf_token": "forged"}).status_code == 400
    assert not is_signed_in(client)


def test_somebody_without_a_key_sets_one_up(client: FlaskClient, app: Flask) -> None:
    create_user("new.person", PASSWORD)
    give_password(client, "new.person")
    assert client.get(KEY).location == "/security-keys/new"
    assert not is_signed_in(client)


def test_somebody_whose_only_key_was_copied_sets_none_up(
    client: FlaskClient, person: User, authenticator: Authenticator
) -> None:
    copy = authenticator.copy()
    give_password(client, person.user_id)
    answer(client, authenticator)
    client.post("/sign-out", data={"csrf_token": token_of(client.get("/submissions"))})
    give_password(client, person.user_id)
    refused = answer(client, copy)
    assert "somebody may have a copy" in refused.text
    page = client.get(KEY)
    assert page.status_code == 200
    assert "None of your keys can be used" in page.text
    assert client.get("/security-keys/new").location == KEY


# Recovery codes


def test_a_recovery_code_instead(client: FlaskClient, person: User, made: list[str]) -> None:
    give_password(client, person.user_id)
    assert use_code(client, made[0]).location == "/security-keys"
    assert "9 recovery codes are left" in client.get("/security-keys").text
    assert is_signed_in(client)
    assert audited()[-1] == ("sign_in.recovery_code", "done")


def test_a_recovery_code_leads_on_to_the_page_that_was_wanted(
    client: FlaskClient, person: User, made: list[str]
) -> None:
    give_password(client, person.user_id, next_page="/profile/email?x=1")
    answered = use_code(client, made[0])
    assert answered.location == "/security-keys?next=/profile/email?x%3D1"
    assert '<a href="/profile/email?x=1">go on where you were</a>' in client.get(answered.location).text
    assert "go on where" not in client.get("/security-keys?next=https://elsewhere.example/").text
    client.post("/sign-out", data={"csrf_token": token_of(client.get("/security-keys"))})
    give_password(client, person.user_id)
    assert use_code(client, made[1]).location == "/security-keys"


def test_wrong_recovery_codes_are_counted(client: FlaskClient, person: User, made: list[str]) -> None:
    give_password(client, person.user_id)
    for _ in range(5):
        assert use_code(client, "0000-0000-0000-0000").status_code == 422
    assert use_code(client, made[0]).status_code == 429
    assert codes.left(person) == 10
    assert not is_signed_in(client)


def test_a_code_that_was_typed_is_shown_nowhere_else(
    client: FlaskClient, person: User, made: list[str]
) -> None:
    give_password(client, person.user_id)
    assert use_code(client, "").status_code == 422
    assert use_code(client, "x" * 61).status_code == 422
    answered = use_code(client, made[0])
    assert made[0] not in answered.location
    assert made[0] not in client.get("/security-keys").text


def test_a_copy_after_the_password_leaves_the_other_second_factors(
    app: Flask, client: FlaskClient, person: User, authenticator: Authenticator, made: list[str]
) -> None:
    thief = app.test_client()
    copy = authenticator.copy()
    give_password(thief, person.user_id)
    assert answer(thief, copy).status_code == 302
    give_password(client, person.user_id)
    refused = answer(client, authenticator)
    assert refused.status_code == 422
    assert "Whoever was signed in to the account is signed out" in refused.text
    assert not is_signed_in(thief)
    assert use_code(client, made[0]).location == "/security-keys"
    assert is_signed_in(client)


# Asking again


def test_asking_again(client: FlaskClient, person: User, authenticator: Authenticator) -> None:
    sign_in(client, person.user_id)
    assert client.get("/security-keys/new").status_code == 200
    let_proof_age(person)
    asked = client.get("/security-keys/new")
    assert asked.location == f"{AGAIN}?next=/security-keys/new"
    page = client.get(asked.location)
    form = answer_of_key(page, authenticator)
    assert client.post(AGAIN, data=form | {"next": "/security-keys/new"}).location == "/security-keys/new"
    assert client.get("/security-keys/new").status_code == 200
    assert audited()[-1] == ("sign_in.step_up", "done")


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", ""])
def test_asking_again_leads_to_no_other_site(
    client: FlaskClient, person: User, authenticator: Authenticator, made: list[str], target: str
) -> None:
    sign_in(client, person.user_id)
    form = answer_of_key(client.get(AGAIN, query_string={"next": target}), authenticator)
    assert client.post(AGAIN, data=form | {"next": target}).location == "/"
    assert use_code(client, made[0], next=target).location == "/security-keys"


def test_asking_again_takes_a_recovery_code(client: FlaskClient, person: User, made: list[str]) -> None:
    sign_in(client, person.user_id)
    let_proof_age(person)
    assert use_code(client, made[0], next="/security-keys/new").location == "/security-keys/new"
    assert client.get("/security-keys/new").status_code == 200
    assert audited()[-1] == ("sign_in.recovery_code", "done")


def test_an_answer_to_signing_in_is_none_to_asking_again(
    client: FlaskClient, person: User, authenticator: Authenticator
) -> None:
    give_password(client, person.user_id)
    unused = answer_of_key(client.get(KEY), authenticator)
    answer(client, authenticator)
    refused = client.post(AGAIN, data=unused | {"csrf_token": token_of(client.get(AGAIN))})
    assert refused.status_code == 422
    assert "too late" in refused.text


def test_a_wrong_key_when_asked_again(client: FlaskClient, person: User) -> None:
    sign_in(client, person.user_id)
    let_proof_age(person)
    assert answer(client, Authenticator(), AGAIN).status_code == 422
    assert client.get("/security-keys/new").location == f"{AGAIN}?next=/security-keys/new"


def test_a_copy_when_asked_again_signs_out(
    app: Flask, client: FlaskClient, person: User, authenticator: Authenticator
) -> None:
    sign_in(client, person.user_id)
    elsewhere = app.test_client()
    copy = authenticator.copy()
    give_password(elsewhere, person.user_id)
    assert answer(elsewhere, authenticator).status_code == 302
    form = answer_of_key(client.get(AGAIN), copy)
    refused = client.post(AGAIN, data=form | {"next": "/security-keys/new"})
    assert refused.location == "/sign-in?next=/security-keys/new"
    assert "somebody may have a copy of it" in client.get(refused.location).text
    assert not is_signed_in(client)
    assert not is_signed_in(elsewhere)


# Passkeys


def test_a_passkey_alone(client: FlaskClient, person: User, authenticator: Authenticator) -> None:
    assert passkey(client, authenticator, next="/reports").location == "/reports"
    assert is_signed_in(client)
    assert audited()[-1] == ("sign_in.passkey", "done")


def test_a_passkey_that_did_not_check_its_user(client: FlaskClient, person: User) -> None:
    unchecked = Authenticator(verifies=False)
    add_key(person, unchecked)
    refused = passkey(client, unchecked, next="/reports")
    assert refused.location == "/sign-in?next=/reports"
    assert "did not check that it was you" in client.get("/sign-in").text
    assert not is_signed_in(client)
    assert audited()[-1] == ("sign_in.passkey", "failed")


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example"])
def test_a_passkey_leads_to_no_other_site(
    client: FlaskClient, person: User, authenticator: Authenticator, target: str
) -> None:
    assert passkey(client, Authenticator(), next=target).location == "/sign-in"
    assert passkey(client, authenticator, next=target).location == "/"


def test_a_passkey_of_a_deactivated_account(
    client: FlaskClient, person: User, authenticator: Authenticator
) -> None:
    deactivate(person.user_id)
    assert passkey(client, authenticator).location == "/sign-in"
    assert not is_signed_in(client)


def test_passkeys_that_are_wrong_slow_the_address_down(app: Flask, client: FlaskClient) -> None:
    limit = int(re.findall(r"\d+", current_settings().sign_in_limit_address)[0])
    page = client.get("/sign-in")
    statuses = [
        client.post(PASSKEY, data={"csrf_token": token_of(page)}).status_code for _ in range(limit + 1)
    ]
    assert 429 in statuses


def test_passkeys_can_be_switched_off(settings: Settings) -> None:
    app = create_app(_without_passkeys(settings))
    client = app.test_client()
    assert "/sign-in/passkey" not in client.get("/sign-in").text
    assert client.get(PASSKEY).status_code == 404
    assert client.post(PASSKEY, data={"csrf_token": token_of(client.get("/sign-in"))}).status_code == 404


def test_what_a_passkey_is_asked(client: FlaskClient, person: User) -> None:
    options = json.loads(client.get(PASSKEY).get_json()["options"])
    assert options["allowCredentials"] == []
    assert "/sign-in/passkey" in client.get("/sign-in").text
    assert service.has_keys(person)


def _without_passkeys(settings: Settings) -> Settings:
    values = {name: getattr(settings, name) for name in Settings.__dataclass_fields__}
    return Settings(**values | {"passkey_sign_in": False})
