import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from iqies_flask import create_app
from iqies_flask.audit.models import AuditEntry
from iqies_flask.config import Settings
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db, limiter
from iqies_flask.identity import service
from iqies_flask.identity.models import ProofingState, User
from iqies_flask.identity.throttle import service as throttle
from tests.browsing import give_password, sign_in, token_of
from tests.conftest import PASSWORD


def test_right_password_leads_to_the_key_and_no_further(client: FlaskClient, submitter: User) -> None:
    answer = give_password(client, "SUBMITTER")
    assert (answer.status_code, answer.location) == (302, "/sign-in/key")
    assert client.get("/submissions").location == "/sign-in/key"
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "sign_in.password")).one()
    assert (entry.actor, entry.object_id) == ("submitter", str(submitter.id))


def test_signing_out(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    page = client.get("/submissions")
    assert page.status_code == 200
    answer = client.post("/sign-out", data={"csrf_token": token_of(page)})
    assert answer.location == "/sign-in"
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get("/submissions").status_code == 302
    assert "You are signed out." in client.get("/sign-in").text


def test_copy_of_the_cookie_is_worthless_after_signing_out_and_other_browsers_go_on(
    app: Flask, submitter: User
) -> None:
    client, thief, other = app.test_client(), app.test_client(), app.test_client()
    sign_in(client, submitter.user_id)
    sign_in(other, submitter.user_id)
    cookie = client.get_cookie("session")
    assert cookie is not None
    thief.set_cookie("session", cookie.value)
    assert thief.get("/submissions").status_code == 200
    client.post("/sign-out", data={"csrf_token": token_of(client.get("/submissions"))})
    assert thief.get("/submissions").status_code == 302
    assert other.get("/submissions").status_code == 200


def leave_unproved(user: User) -> None:
    with write_transaction() as session:
        session.get_one(User, user.id).proofing = ProofingState.WAITING


def comparable(page: str) -> str:
    """A page without what differs between any two."""
    page = re.sub(r'(name="csrf_token"[^>]*value=")[^"]+', r"\1", page)
    return re.sub(r'value="[a-z]+[._]?[a-z]+"', "", page)


def test_answers_to_wrong_passwords_do_not_tell_which_accounts_exist(app: Flask, submitter: User) -> None:
    """Unknown, known, deactivated, unproved: the same words, before and after the lock-out."""
    service.create_user("deactivated", PASSWORD, "deactivated@testperson.example")
    service.deactivate("deactivated")
    leave_unproved(service.create_user("unproved", PASSWORD))
    histories = []
    for user_id in (submitter.user_id, "nobodyatall", "deactivated", "unproved"):
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = f"192.0.2.{len(histories) + 1}"
        answers = [give_password(client, user_id, "wrong password here") for _ in range(6)]
        histories.append([(answer.status_code, comparable(answer.text)) for answer in answers])
    assert [status for status, _ in histories[0]] == [422] * 5 + [429]
    assert "is not right" in histories[0][0][1]
    assert "must wait for 30 seconds" in histories[0][5][1]
    assert histories[1:] == [histories[0]] * 3


def test_deactivated_account_gets_the_answer_to_a_wrong_password(
    client: FlaskClient, submitter: User
) -> None:
    assert give_password(client, submitter.user_id).status_code == 302
    client.post("/sign-out", data={"csrf_token": token_of(client.get("/sign-in/key", follow_redirects=True))})
    service.deactivate(submitter.user_id)
    answer = give_password(client, submitter.user_id)
    assert answer.status_code == 422
    assert "is not right" in answer.text


def test_blocked_attempt_is_not_looked_at_and_says_how_long_to_wait(
    client: FlaskClient, submitter: User
) -> None:
    for _ in range(throttle.FREE_ATTEMPTS):
        give_password(client, submitter.user_id, "wrong password here")
    answer = give_password(client, submitter.user_id)
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 30
    assert client.get("/sign-in/key").location.startswith("/sign-in?")


def test_attacker_elsewhere_does_not_lock_the_owner_out(app: Flask, submitter: User) -> None:
    home, elsewhere = app.test_client(), app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.66"
    sign_in(home, submitter.user_id)
    home.post("/sign-out", data={"csrf_token": token_of(home.get("/submissions"))})
    for _ in range(throttle.FREE_ATTEMPTS):
        give_password(elsewhere, submitter.user_id, "wrong password here")
    assert give_password(elsewhere, submitter.user_id).status_code == 429
    assert give_password(app.test_client(), submitter.user_id).status_code == 429
    assert give_password(home, submitter.user_id).location == "/sign-in/key"


def test_empty_fields_are_named(client: FlaskClient) -> None:
    answer = give_password(client, "", "")
    assert answer.status_code == 422
    assert "Enter your user ID." in answer.text
    assert "Enter your password." in answer.text


def test_session_that_was_planted_in_the_browser_does_not_live_on(
    app: Flask, client: FlaskClient, submitter: User, stranger: User
) -> None:
    attacker = app.test_client()
    sign_in(attacker, stranger.user_id)
    planted = attacker.get_cookie("session")
    assert planted is not None
    client.set_cookie("session", planted.value)
    with client.session_transaction() as session:
        session["planted"] = "value"
    sign_in(client, submitter.user_id)
    with client.session_transaction() as session:
        assert "planted" not in session
    mine = client.get_cookie("session")
    assert mine is not None
    assert mine.value != planted.value
    # Its session has ended, as the browser is another person's now.
    assert attacker.get("/submissions").status_code == 302


def test_page_that_was_asked_for_is_found_after_the_last_step(client: FlaskClient, submitter: User) -> None:
    give_password(client, submitter.user_id, next_page="/submissions?q=1")
    with client.session_transaction() as session:
        assert session["next_page"] == "/submissions?q=1"


@pytest.mark.parametrize(
    "target",
    [
        "https://elsewhere.example/",
        "//elsewhere.example/",
        "/\\elsewhere.example",
        "\\\\elsewhere.example",
        "/\t/elsewhere.example",
        "javascript:alert(1)",
        "elsewhere",
    ],
)
def test_never_leads_to_another_site(client: FlaskClient, submitter: User, target: str) -> None:
    assert give_password(client, submitter.user_id, next_page=target).location == "/sign-in/key"
    with client.session_transaction() as session:
        assert "next_page" not in session


def test_failed_attempts_for_one_user_are_limited(settings: Settings, submitter: User) -> None:
    app = create_app(replace(settings, sign_in_limit_user="2 per hour"))
    limiter.reset()
    for number in range(2):
        answer = give_password(app.test_client(), submitter.user_id, f"wrong password {number}")
        assert answer.status_code == 422
    answer = give_password(app.test_client(), submitter.user_id.upper())
    assert answer.status_code == 429
    assert "Wait" in answer.text
    assert give_password(app.test_client(), "somebody.else", "wrong password").status_code == 422
    elsewhere = app.test_client()
    elsewhere.environ_base["REMOTE_ADDR"] = "192.0.2.1"
    assert give_password(elsewhere, submitter.user_id).status_code == 302


def test_failed_attempts_from_one_address_are_limited(settings: Settings, submitter: User) -> None:
    app = create_app(replace(settings, sign_in_limit_address="2 per hour"))
    limiter.reset()
    for number in range(2):
        assert give_password(app.test_client(), f"somebody{number}", "wrong password").status_code == 422
    assert give_password(app.test_client(), submitter.user_id).status_code == 429


def test_those_who_sign_in_rightly_are_not_limited(settings: Settings, submitter: User) -> None:
    app = create_app(replace(settings, sign_in_limit_user="1 per hour", sign_in_limit_address="1 per hour"))
    limiter.reset()
    for _ in range(3):
        assert give_password(app.test_client(), submitter.user_id).status_code == 302


def test_sign_in_page_that_was_open_for_too_long_only_asks_again(
    client: FlaskClient, submitter: User
) -> None:
    form = {"user_id": submitter.user_id, "password": PASSWORD, "next": "/reports"}
    stale = client.post("/sign-in", data={"csrf_token": "of an old session", **form})
    assert stale.status_code == 400
    assert "Enter your password again" in stale.text
    assert PASSWORD not in stale.text
    assert f'value="{submitter.user_id}"' in stale.text
    # Nobody is signed in by a form without its token.
    assert client.get("/submissions").status_code == 302
    answer = client.post("/sign-in", data={"csrf_token": token_of(stale), **form})
    assert answer.location == "/sign-in/key"
    with client.session_transaction() as session:
        assert session["next_page"] == "/reports"


def test_old_sign_in_page_of_somebody_signed_in_leads_on(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    assert client.post("/sign-in", data={"next": "/reports"}).location == "/reports"
    assert client.post("/sign-in", data={"next": "//elsewhere.example"}).location == "/"


def test_signing_out_needs_its_token_as_long_as_somebody_is_signed_in(
    client: FlaskClient, submitter: User
) -> None:
    assert client.post("/sign-out").location == "/sign-in"
    sign_in(client, submitter.user_id)
    answer = client.post("/sign-out")
    assert answer.status_code == 400
    assert "reload the page" in answer.text
    assert client.get("/submissions").status_code == 200
