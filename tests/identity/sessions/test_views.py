from dataclasses import replace
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select, update

from iqies_flask import create_app
from iqies_flask.config import Settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.sessions.models import KeptForm, LoginSession
from tests.browsing import sign_in, token_of


def set_times(seen: timedelta, created: timedelta) -> None:
    with write_transaction() as session:
        session.execute(update(LoginSession).values(seen_at=utc_now() - seen, created_at=utc_now() - created))


def test_state_tells_the_seconds_left(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    set_times(timedelta(minutes=14), timedelta(hours=1))
    state = client.get("/session").json
    assert state is not None
    assert 50 <= state["seconds"] <= 60
    assert state["can_go_on"]


def test_state_of_nobody_is_the_end(client: FlaskClient) -> None:
    assert client.get("/session").json == {"seconds": 0, "can_go_on": False}


def test_session_goes_on_when_asked_to(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    token = token_of(client.get("/submissions"))
    set_times(timedelta(minutes=14), timedelta(hours=1))
    assert client.post("/session").status_code == 400
    state = client.post("/session", data={"csrf_token": token}).json
    assert state is not None
    assert state["seconds"] > 14 * 60


def test_session_does_not_go_on_for_ever(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    token = token_of(client.get("/submissions"))
    set_times(timedelta(0), timedelta(hours=11, minutes=59))
    state = client.post("/session", data={"csrf_token": token}).json
    assert state is not None
    assert state["seconds"] <= 60
    assert not state["can_go_on"]


def test_session_that_has_ended_is_not_brought_back(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    token = token_of(client.get("/submissions"))
    set_times(timedelta(minutes=15), timedelta(hours=1))
    assert client.post("/session", data={"csrf_token": token}).json == {"seconds": 0, "can_go_on": False}
    assert client.get("/submissions").status_code == 302


def test_form_of_a_page_that_is_left_is_kept(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    token = token_of(client.get("/submissions"))
    set_times(timedelta(minutes=15), timedelta(hours=1))
    answer = client.post(
        "/session/form?page=/submissions/new?x%3D1", data={"csrf_token": token, "subject": "typed"}
    )
    assert answer.json == {"page": "/sign-in?ended=1&next=/submissions/new?x%3D1"}
    kept = db.session.scalars(select(KeptForm)).one()
    assert (kept.path, kept.fields, kept.user_id) == (
        "/submissions/new?x=1",
        {"subject": ["typed"]},
        submitter.id,
    )
    page = client.get("/sign-in?ended=1&next=/submissions/new")
    assert "a session ends after 15 minutes in which nothing is done, or after 12 hours." in page.text


def test_page_that_does_not_exist_is_not_led_back_to(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    token = token_of(client.get("/submissions"))
    for page in ("//elsewhere.example/", "https://elsewhere.example", "/nowhere", ""):
        answer = client.post(f"/session/form?page={page}", data={"csrf_token": token})
        assert answer.json == {"page": "/sign-in?ended=1&next=/"}


def test_warning_is_part_of_pages_of_somebody_signed_in(client: FlaskClient, submitter: User) -> None:
    assert "session-dialog" not in client.get("/sign-in").text
    sign_in(client, submitter.user_id)
    page = client.get("/submissions").text
    assert 'data-warning-seconds="120"' in page
    assert 'data-state-url="/session"' in page


def test_one_is_not_said_in_the_plural(settings: Settings) -> None:
    client = create_app(replace(settings, session_minutes=1, session_hours=1)).test_client()
    page = client.get("/sign-in?ended=1")
    assert "after 1 minute in which nothing is done, or after 1 hour." in page.text
