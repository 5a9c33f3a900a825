"""Guessing what nobody told: passwords, codes, keys, links, reference numbers."""

import logging
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from iqies_flask import create_app
from iqies_flask.config import Settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db, limiter
from iqies_flask.identity.models import ProofingState, User
from iqies_flask.identity.recovery import codes
from iqies_flask.identity.service import create_user
from iqies_flask.identity.sessions.models import Level, LoginSession
from iqies_flask.identity.throttle import service as throttle
from tests.authenticator import Authenticator, add_key
from tests.browsing import answer_of_key, give_password, sign_in, token_of
from tests.conftest import PASSWORD
from tests.hostile.visitors import UNPROVED
from tests.identity.proofing.test_views import fields

WRONG = "wrong password here"


@pytest.fixture
def owner(app: Flask) -> User:
    user = create_user("the.owner", PASSWORD, "the.owner@sample.example")
    add_key(user, Authenticator())
    return user


def statuses_of(client: FlaskClient, path: str, times: int, **guess: str) -> list[int]:
    return [
        client.post(path, data={"csrf_token": token_of(client.get(path)), **guess}).status_code
        for _ in range(times)
    ]


def test_wrong_guesses_of_all_kinds_are_counted_together(
    app: Flask, attacker: FlaskClient, owner: User
) -> None:
    """Going from one way to sign in to another gives no further attempts."""
    for _ in range(2):
        give_password(attacker, owner.user_id, WRONG)
    give_password(attacker, owner.user_id)
    assert statuses_of(attacker, "/sign-in/recovery-code", 2, recovery_code="0" * 16) == [422] * 2
    form = answer_of_key(attacker.get("/sign-in/key"), Authenticator())
    assert attacker.post("/sign-in/key", data=form).status_code == 422
    assert statuses_of(attacker, "/sign-in/recovery-code", 1, recovery_code="0" * 16) == [429]
    assert (
        attacker.post(
            "/sign-in/key", data=form | {"csrf_token": token_of(attacker.get("/sign-in/key"))}
        ).status_code
        == 429
    )
    assert give_password(app.test_client(), owner.user_id).status_code == 429


def test_right_code_is_not_taken_while_attempts_must_wait(attacker: FlaskClient, owner: User) -> None:
    with write_transaction() as session:
        made = codes.make(session, owner)
    give_password(attacker, owner.user_id)
    path = "/sign-in/recovery-code"
    assert statuses_of(attacker, path, throttle.FREE_ATTEMPTS, recovery_code="0" * 16)[-1] == 422
    assert statuses_of(attacker, path, 1, recovery_code=made[0]) == [429]
    db.session.rollback()
    assert codes.left(owner) == len(made)


def test_attempts_at_the_same_time_are_counted_before_they_are_looked_at(app: Flask, owner: User) -> None:
    """As many as are begun before the first is over: the one too many is refused all the same."""
    for _ in range(throttle.FREE_ATTEMPTS):
        throttle.begin(owner.user_id, address="192.0.2.66", browser_token="")
    with pytest.raises(throttle.BlockedError):
        throttle.begin(owner.user_id, address="192.0.2.67", browser_token="")


@pytest.mark.parametrize("path", ["/reset-password", "/unlock", "/confirm-address", "/register/confirm"])
def test_links_are_guessed_some_times_an_hour(attacker: FlaskClient, path: str) -> None:
    """Each has 256 bits, so this is a fence around a wall."""
    answers = [attacker.get(f"{path}/{number:043}").status_code for number in range(121)]
    assert answers == [410] * 120 + [429]


def test_reference_numbers_are_guessed_as_often_as_proofing_is_tried(
    app: Flask, accounts: None, settings: Settings
) -> None:
    client = app.test_client()
    sign_in(client, UNPROVED)
    show = "/identity-proofing"
    guesses = 0
    for _ in range(settings.proofing_attempts + 2):
        page = client.get(show)
        if 'action="/identity-proofing/begin"' not in page.text:
            break
        client.post(f"{show}/begin", data=fields(page))
        half = fields(client.get(show)) | {"question_1": "1", "question_2": "2"}
        client.post(f"{show}/answers", data=half)
        asked = fields(client.get(show))
        for number in range(5):
            client.post(f"{show}/reference", data=asked | {"reference": f"R{number}"})
            guesses += "Not that number." in client.get(show).text and number == 0
    assert guesses == settings.proofing_attempts
    assert 'action="/identity-proofing/begin"' not in client.get(show).text
    db.session.rollback()
    user = db.session.scalars(select(User).where(User.user_id == UNPROVED)).one()
    assert user.proofing is not ProofingState.PROVED


def test_session_tokens_made_up_are_nobody_s(app: Flask, client: FlaskClient, owner: User) -> None:
    sign_in(client, owner.user_id)
    stored = db.session.scalars(select(LoginSession.token_hash)).one().hex()
    for token in ("", "1", str(owner.id), owner.user_id, stored, "x" * 43):
        thief = app.test_client()
        with thief.session_transaction() as session:
            session["_user_id"] = token
            session["_fresh"] = True
        assert thief.get("/profile").status_code == 302, token


def test_a_session_of_the_password_alone_stays_one(app: Flask, client: FlaskClient, owner: User) -> None:
    """Whatever else its holder writes into the cookie's session."""
    sign_in(client, owner.user_id, Level.PASSWORD)
    with client.session_transaction() as session:
        session["level"] = session["_level"] = "full"
        session["registration"] = session["_user_id"]
        session["registration_used_at"] = utc_now().timestamp()
    for path in ("/profile", "/submissions", "/security-keys", "/recovery-codes", "/identity-proofing"):
        assert client.get(path).location == "/sign-in/key", path


def test_what_is_typed_as_user_id_is_in_no_log(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    """It may be a password; the limits around signing in name what they count."""
    caplog.set_level(logging.DEBUG)
    app = create_app(replace(settings, sign_in_limit_user="1 per hour", sign_in_limit_address="3 per hour"))
    limiter.reset()
    statuses = [give_password(app.test_client(), "my.password", WRONG).status_code for _ in range(2)]
    assert statuses == [422, 429]
    assert "my.password" not in caplog.text
