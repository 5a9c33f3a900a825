from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from iqies_flask import create_app
from iqies_flask.audit.models import AuditEntry
from iqies_flask.config import Settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.origin import NOWHERE
from iqies_flask.identity.profile.service import change_password
from iqies_flask.identity.service import create_user, deactivate, find_user, set_password
from iqies_flask.identity.sessions import current
from iqies_flask.identity.sessions.models import Level, LoginSession
from iqies_flask.mail.models import OutboxMessage
from tests.at_once import at_once
from tests.browsing import sign_in, token_of
from tests.conftest import PASSWORD
from tests.submissions.uploading import oasis, submit, zip_of


def let_time_pass(minutes: int) -> None:
    """Let all sessions have been used last some minutes earlier."""
    with write_transaction() as session:
        for login in session.scalars(select(LoginSession)):
            login.seen_at -= timedelta(minutes=minutes)


def last_seen() -> float:
    db.session.rollback()
    return db.session.scalars(select(LoginSession.seen_at)).one().timestamp()


def mails() -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def test_account_s_number_is_not_in_the_cookie(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    with client.session_transaction() as session:
        assert len(session["_user_id"]) > 40
        assert str(submitter.id) not in session.values()


def test_session_ends_on_the_server_while_the_cookie_lives_on(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    let_time_pass(14)
    assert client.get("/submissions").status_code == 200
    let_time_pass(14)
    assert client.get("/submissions").status_code == 200
    let_time_pass(15)
    assert client.get("/submissions").status_code == 302
    assert client.get_cookie("session") is not None


@pytest.mark.parametrize("path", ["/submissions/{id}/progress", "/static/site.css", "/healthz", "/session"])
def test_what_pages_ask_by_themselves_keeps_no_session_alive(
    client: FlaskClient, submitter: User, path: str
) -> None:
    submission = submit(submitter, zip_of(oasis(1)))
    sign_in(client, submitter.user_id)
    let_time_pass(10)
    before = last_seen()
    client.get(path.format(id=submission.id))
    assert last_seen() == before
    client.get(f"/submissions/{submission.id}")
    assert last_seen() > before


def test_known_browser_is_no_news_and_a_new_one_is_told(app: Flask) -> None:
    user = create_user("submitter", PASSWORD, "owner@testperson.example")
    first, second = app.test_client(), app.test_client()
    sign_in(first, user.user_id)
    sign_in(first, user.user_id)
    assert mails() == []
    sign_in(second, user.user_id)
    message = mails()[0]
    assert message.content is not None
    assert message.content["to"] == "owner@testperson.example"
    assert "127.0.0.1" in message.content["text"]
    sign_in(second, user.user_id)
    assert len(mails()) == 1


def test_browser_is_known_for_the_person_only_and_its_token_changes(app: Flask) -> None:
    one = create_user("person.one", PASSWORD, "one@testperson.example")
    two = create_user("person.two", PASSWORD, "two@testperson.example")
    for user in (one, two):
        sign_in(app.test_client(), user.user_id)
    client = app.test_client()
    sign_in(client, one.user_id)
    first_token = client.get_cookie("browser")
    sign_in(client, two.user_id)
    assert [message.content["to"] for message in mails() if message.content] == [
        "one@testperson.example",
        "two@testperson.example",
    ]
    second_token = client.get_cookie("browser")
    assert first_token is not None
    assert second_token is not None
    assert first_token.value != second_token.value
    # Both persons are known in it now, and a copy of the older token is not.
    sign_in(client, one.user_id)
    assert len(mails()) == 2
    copy = app.test_client()
    copy.set_cookie("browser", first_token.value)
    sign_in(copy, one.user_id)
    assert len(mails()) == 3


def test_cookies_are_bound_to_the_host_over_https(settings: Settings, submitter: User) -> None:
    app = create_app(replace(settings, https=True))
    client = app.test_client()
    sign_in(client, submitter.user_id)
    assert client.get_cookie("__Host-session") is not None
    assert client.get_cookie("__Host-browser") is not None


def test_signing_in_again_ends_the_session_before(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    sign_in(client, submitter.user_id)
    assert len(db.session.scalars(select(LoginSession)).all()) == 1


def test_password_that_was_changed_while_it_was_compared_signs_nobody_in(app: Flask, submitter: User) -> None:
    for change, signed_in in (
        (lambda: None, True),
        (lambda: set_password(submitter.user_id, "quite another phrase"), False),
        (lambda: deactivate(submitter.user_id), False),
    ):
        with app.test_request_context("/sign-in"):
            user = find_user(submitter.user_id)
            assert user is not None
            with app.app_context():
                change()
            assert current.start(user, Level.PASSWORD) is signed_in


def test_signing_in_and_changing_the_account_at_once_end_in_no_deadlock(app: Flask, submitter: User) -> None:
    kinds = iter(range(4))

    def change_often() -> None:
        kind = next(kinds)
        for _ in range(8):
            with app.test_request_context("/sign-in"):
                user = find_user(submitter.user_id)
                assert user is not None
                if kind % 2:
                    change_password(user, 0, PASSWORD, NOWHERE)
                else:
                    current.start(user, Level.FULL)

    at_once(app, 4, change_often)


def test_csrf_token_of_the_time_before_signing_in_is_worthless(client: FlaskClient, submitter: User) -> None:
    before = token_of(client.get("/sign-in"))
    sign_in(client, submitter.user_id)
    assert client.post("/sign-out", data={"csrf_token": before}).status_code == 400
    assert client.get("/submissions").status_code == 200


def test_signing_in_and_out_stand_in_the_audit_log(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id, Level.PASSWORD)
    client.post("/sign-out", data={"csrf_token": token_of(client.get("/sign-in/recovery-code"))})
    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.actor_id == submitter.id).order_by(AuditEntry.number)
    )
    assert [(entry.action, entry.address) for entry in entries] == [
        ("sign_in.password", "127.0.0.1"),
        ("sign_out", "127.0.0.1"),
    ]


def test_sensitive_action_asks_for_the_key_again_after_some_minutes(
    client: FlaskClient, submitter: User
) -> None:
    sign_in(client, submitter.user_id)
    answer = client.get("/security-keys/new")
    assert answer.status_code == 200
    with write_transaction() as session:
        session.execute(update(LoginSession).values(proved_at=utc_now() - timedelta(minutes=11)))
    assert client.get("/security-keys/new").location == "/sign-in/again?next=/security-keys/new"
    # What is not sensitive goes on.
    assert client.get("/submissions").status_code == 200
