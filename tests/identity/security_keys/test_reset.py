import pytest
from flask import Flask
from sqlalchemy import select

from iqies_flask.database import write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.links import service as links
from iqies_flask.identity.links.models import LinkPurpose
from iqies_flask.identity.models import User
from iqies_flask.identity.recovery import codes
from iqies_flask.identity.security_keys import reset as second_factor
from iqies_flask.identity.security_keys import service as security_keys
from iqies_flask.identity.security_keys.models import SecurityKey
from iqies_flask.identity.service import create_user
from iqies_flask.identity.sessions import service as sessions
from iqies_flask.identity.sessions.models import Level
from iqies_flask.mail.models import OutboxMessage
from tests.conftest import PASSWORD


def with_key(user_id: str, email: str | None = None) -> User:
    user = create_user(user_id, PASSWORD, email)
    with write_transaction() as session:
        session.add(
            SecurityKey(
                user_id=user.id,
                name="Key",
                credential_id=user_id.encode(),
                public_key=b"k",
                sign_count=0,
                transports=[],
                aaguid="",
                backed_up=False,
            )
        )
        codes.make(session, user)
    return user


@pytest.fixture
def owner(app: Flask) -> User:
    return with_key("test.owner", "owner@example.org")


def reset(user: User) -> int:
    with write_transaction() as session:
        return second_factor.reset(session, user)


def test_keys_codes_sessions_and_links_are_gone(owner: User) -> None:
    with write_transaction() as session:
        token = sessions.begin(session, owner, Level.FULL, address="127.0.0.1", browser="")
        link = links.make(session, owner, LinkPurpose.RESET_PASSWORD).rpartition("/")[2]
    assert reset(owner) == 1
    assert not security_keys.has_keys(owner)
    assert codes.left(owner) == 0
    assert sessions.find(token) is None
    assert links.find(link, LinkPurpose.RESET_PASSWORD) is None


def test_nobody_else_loses_anything(owner: User) -> None:
    other = with_key("other.owner")
    reset(owner)
    assert security_keys.has_keys(other)
    assert codes.left(other) == codes.NUMBER


def test_owner_is_told(owner: User) -> None:
    reset(owner)
    (content,) = [message.content for message in db.session.scalars(select(OutboxMessage))]
    assert content is not None
    assert content["to"] == "owner@example.org"
    assert "removed all security keys and recovery codes" in content["text"]
    assert "/forgot-password" in content["text"]


def test_account_without_an_address_is_reset_all_the_same(app: Flask) -> None:
    user = with_key("test.owner")
    assert reset(user) == 1
    assert db.session.scalars(select(OutboxMessage)).all() == []
