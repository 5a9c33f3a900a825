from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.recovery import codes
from iqies_flask.identity.service import create_user
from iqies_flask.identity.sessions import password_warning
from iqies_flask.mail import sending
from iqies_flask.mail.models import MessageState, OutboxMessage
from tests.authenticator import Authenticator, add_key
from tests.browsing import answer_of_key, give_password, sign_in, token_of
from tests.conftest import PASSWORD
from tests.letters import letters

TEMPLATE = "password_known"
CODE = "/sign-in/recovery-code"


@pytest.fixture
def authenticator() -> Authenticator:
    return Authenticator()


@pytest.fixture
def owner(app: Flask, authenticator: Authenticator) -> User:
    """Somebody with a key who has signed in before."""
    user = create_user("account.owner", PASSWORD, "owner@testperson.example")
    add_key(user, authenticator)
    with write_transaction() as session:
        session.get_one(User, user.id).last_sign_in_at = utc_now()
    return user


def sent_after(minutes: float) -> bool:
    """Whether the worker has sent it some minutes after it was written."""
    with write_transaction() as session:
        for message in session.scalars(select(OutboxMessage)):
            message.available_at -= timedelta(minutes=minutes)
    sending.send_due()
    db.session.rollback()
    states = db.session.scalars(select(OutboxMessage.state).where(OutboxMessage.template == TEMPLATE))
    return MessageState.SENT in states.all()


def test_a_password_that_no_key_follows_is_told(app: Flask, owner: User) -> None:
    give_password(app.test_client(), owner.user_id)
    (letter,) = letters(TEMPLATE)
    assert letter.to == "owner@testperson.example"
    assert "/forgot-password" in letter.text
    assert not sent_after(14)
    assert sent_after(1.1)


def test_a_key_takes_it_back(app: Flask, owner: User, authenticator: Authenticator) -> None:
    client = app.test_client()
    give_password(client, owner.user_id)
    page = client.get("/sign-in/key")
    assert client.post("/sign-in/key", data=answer_of_key(page, authenticator)).status_code == 302
    assert [letter.template for letter in letters()] == ["key_added", "new_browser"]


def test_a_recovery_code_takes_it_back(app: Flask, owner: User) -> None:
    with write_transaction() as session:
        code = codes.make(session, owner)[0]
    client = app.test_client()
    give_password(client, owner.user_id)
    form = {"csrf_token": token_of(client.get(CODE)), "recovery_code": code}
    assert client.post(CODE, data=form).status_code == 302
    assert letters(TEMPLATE) == []


def test_wrong_second_factors_do_not_take_it_back(app: Flask, owner: User) -> None:
    client = app.test_client()
    give_password(client, owner.user_id)
    for _ in range(2):
        form = {"csrf_token": token_of(client.get(CODE)), "recovery_code": "0000-0000-0000-0000-0000-0000"}
        assert client.post(CODE, data=form).status_code == 422
    assert sent_after(16)


def test_somebody_else_s_sign_in_does_not_take_it_back(
    app: Flask, owner: User, authenticator: Authenticator
) -> None:
    give_password(app.test_client(), owner.user_id)
    client = app.test_client()
    give_password(client, owner.user_id)
    page = client.get("/sign-in/key")
    assert client.post("/sign-in/key", data=answer_of_key(page, authenticator)).status_code == 302
    assert len(letters(TEMPLATE)) == 1


def test_giving_it_again_in_the_same_browser_does_not_put_it_off(app: Flask, owner: User) -> None:
    client = app.test_client()
    give_password(client, owner.user_id)
    assert not sent_after(14)
    give_password(client, owner.user_id)
    assert len(letters(TEMPLATE)) == 1
    assert sent_after(1.1)


def test_a_known_browser_is_no_news(app: Flask, owner: User) -> None:
    client = app.test_client()
    sign_in(client, owner.user_id)
    client.post("/sign-out", data={"csrf_token": token_of(client.get("/submissions"))})
    give_password(client, owner.user_id)
    assert letters(TEMPLATE) == []


def test_nobody_s_mailbox_is_flooded(app: Flask, owner: User) -> None:
    for _ in range(password_warning.MOST_AN_HOUR + 3):
        give_password(app.test_client(), owner.user_id)
    assert len(letters(TEMPLATE)) == password_warning.MOST_AN_HOUR
