from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookies import SimpleCookie

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from iqies_flask import create_app
from iqies_flask.config import Settings
from iqies_flask.extensions import limiter
from iqies_flask.identity import service
from iqies_flask.identity.models import User
from tests.browsing import sign_in, token_of
from tests.conftest import PASSWORD
from tests.submissions.uploading import oasis, submit, zip_of


def test_signing_in_and_out(client: FlaskClient, submitter: User) -> None:
    answer = sign_in(client, "SUBMITTER")
    assert (answer.status_code, answer.location) == (302, "/")
    page = client.get("/submissions")
    assert page.status_code == 200
    answer = client.post("/sign-out", data={"csrf_token": token_of(page)})
    assert answer.location == "/sign-in"
    assert client.get("/submissions").status_code == 302


def test_copy_of_the_cookie_is_worthless_after_signing_out(app: Flask, submitter: User) -> None:
    client, thief = app.test_client(), app.test_client()
    sign_in(client, submitter.user_id)
    cookie = client.get_cookie("session")
    assert cookie is not None
    thief.set_cookie("session", cookie.value)
    assert thief.get("/submissions").status_code == 200
    client.post("/sign-out", data={"csrf_token": token_of(client.get("/submissions"))})
    assert thief.get("/submissions").status_code == 302


def test_deactivation_ends_the_session_at_once(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    service.deactivate(submitter.user_id)
    assert client.get("/submissions").status_code == 302


def test_wrong_password_and_unknown_user_get_the_same_words(client: FlaskClient, submitter: User) -> None:
    wrong = sign_in(client, submitter.user_id, "wrong password here")
    unknown = sign_in(client, "submittex", "wrong password here")
    assert wrong.status_code == unknown.status_code == 422
    assert "is not right" in wrong.text
    assert wrong.text.replace(token_of(wrong), "") == unknown.text.replace(token_of(unknown), "").replace(
        "submittex", submitter.user_id
    )


def test_empty_fields_are_named(client: FlaskClient) -> None:
    answer = sign_in(client, "", "")
    assert answer.status_code == 422
    assert "Enter your user ID." in answer.text
    assert "Enter your password." in answer.text


def test_session_from_before_signing_in_does_not_live_on(client: FlaskClient, submitter: User) -> None:
    with client.session_transaction() as session:
        session["planted"] = "value"
    sign_in(client, submitter.user_id)
    with client.session_transaction() as session:
        assert "planted" not in session


def test_account_s_number_is_not_in_the_session(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    with client.session_transaction() as session:
        assert session["_user_id"] == submitter.session_token


@pytest.mark.parametrize("target", ["/submissions?q=1", "/reports"])
def test_leads_to_the_page_that_was_asked_for(client: FlaskClient, submitter: User, target: str) -> None:
    assert sign_in(client, submitter.user_id, next_page=target).location == target


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
    assert sign_in(client, submitter.user_id, next_page=target).location == "/"


def test_page_asked_for_is_remembered(client: FlaskClient) -> None:
    location = client.get("/submissions?q=1").location
    assert location == "/sign-in?next=%2Fsubmissions%3Fq%3D1"


def test_failed_attempts_for_one_user_are_limited(settings: Settings, submitter: User) -> None:
    app = create_app(replace(settings, sign_in_limit_user="2 per hour"))
    limiter.reset()
    for number in range(2):
        answer = sign_in(app.test_client(), submitter.user_id, f"wrong password {number}")
        assert answer.status_code == 422
    answer = sign_in(app.test_client(), submitter.user_id.upper())
    assert answer.status_code == 429
    assert "Wait" in answer.text
    assert sign_in(app.test_client(), "somebody.else", "wrong password").status_code == 422


def test_failed_attempts_from_one_address_are_limited(settings: Settings, submitter: User) -> None:
    app = create_app(replace(settings, sign_in_limit_address="2 per hour"))
    limiter.reset()
    for number in range(2):
        assert sign_in(app.test_client(), f"somebody{number}", "wrong password").status_code == 422
    assert sign_in(app.test_client(), submitter.user_id).status_code == 429


def test_those_who_sign_in_rightly_are_not_limited(settings: Settings, submitter: User) -> None:
    app = create_app(replace(settings, sign_in_limit_user="1 per hour", sign_in_limit_address="1 per hour"))
    limiter.reset()
    for _ in range(3):
        assert sign_in(app.test_client(), submitter.user_id).status_code == 302


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
    assert client.post("/sign-in", data={"csrf_token": token_of(stale), **form}).location == "/reports"


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


def expiry(answer: TestResponse) -> datetime:
    """Until when the session's cookie lives, as the answer says."""
    return parsedate_to_datetime(SimpleCookie(answer.headers["Set-Cookie"])["session"]["expires"])


def test_session_ends_some_minutes_after_the_last_page(settings: Settings, submitter: User) -> None:
    client = create_app(replace(settings, session_minutes=7)).test_client()
    sign_in(client, submitter.user_id)
    before = datetime.now(UTC).replace(microsecond=0)
    until = expiry(client.get("/submissions"))
    assert before + timedelta(minutes=7) <= until <= datetime.now(UTC) + timedelta(minutes=7)


def test_session_that_is_too_old_is_none(app: Flask, client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    app.permanent_session_lifetime = timedelta(seconds=-1)
    assert client.get("/submissions").status_code == 302


@pytest.mark.parametrize("path", ["/submissions/{id}/progress", "/static/site.css", "/healthz"])
def test_what_pages_ask_by_themselves_keeps_no_session_alive(
    client: FlaskClient, submitter: User, path: str
) -> None:
    submission = submit(submitter, zip_of(oasis(1)))
    sign_in(client, submitter.user_id)
    answer = client.get(path.format(id=submission.id))
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "Set-Cookie" in client.get(f"/submissions/{submission.id}").headers
