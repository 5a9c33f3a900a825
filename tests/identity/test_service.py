from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient

from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity import service
from iqies_flask.identity.models import User
from iqies_flask.identity.sessions import service as sessions
from iqies_flask.identity.sessions.models import Level
from tests.browsing import give_password
from tests.conftest import PASSWORD
from tests.letters import letters


def begun(user: User) -> str:
    """Begin a session of somebody, and give its token."""
    with write_transaction() as session:
        token = sessions.begin(session, user, Level.FULL, address="192.0.2.1", browser="Firefox")
    assert sessions.find(token) is not None
    return token


@pytest.mark.parametrize(
    "user_id", ["short", "x" * 31, "with space", "user#1", "user&co", "müller", "", "a\0bcdef"]
)
def test_user_ids_that_do_not_do(app: Flask, user_id: str) -> None:
    with pytest.raises(service.IdentityError, match="user ID"):
        service.create_user(user_id, PASSWORD)
    assert service.find_user(user_id) is None


@pytest.mark.parametrize("user_id", ["abcdef", "x" * 30, "A.b_c-1"])
def test_user_ids_that_do(app: Flask, user_id: str) -> None:
    assert service.create_user(user_id, PASSWORD).user_id == user_id


def test_user_id_is_unique_whatever_the_case(app: Flask) -> None:
    service.create_user("Submitter", PASSWORD)
    with pytest.raises(service.IdentityError, match="taken"):
        service.create_user("sUBMITTER", PASSWORD)
    assert len(service.list_users()) == 1


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("seven77", "fewer than 8"),
        ("submitter2026", "made of"),
    ],
)
def test_passwords_that_do_not_do(app: Flask, password: str, said: str) -> None:
    with pytest.raises(service.IdentityError, match=said):
        service.create_user("submitter", password)
    service.create_user("submitter", "eightch8")
    with pytest.raises(service.IdentityError, match=said):
        service.set_password("submitter", password)


def test_password_is_stored_as_an_argon2_hash(app: Flask) -> None:
    user = service.create_user("submitter", PASSWORD)
    assert user.password_hash.startswith("$argon2id$")


def test_authentication(app: Flask) -> None:
    service.create_user("Submitter", PASSWORD)
    user = service.authenticate("submitter", PASSWORD)
    assert user is not None
    assert user.user_id == "Submitter"
    assert service.authenticate("submitter", "wrong password") is None
    assert service.authenticate("nobody-here", PASSWORD) is None


def test_unknown_user_costs_a_hash_as_well(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    verified: list[str] = []
    verify = PasswordHasher.verify

    def counted(self: PasswordHasher, hashed: str, password: str) -> bool:
        verified.append(hashed)
        return bool(verify(self, hashed, password))

    monkeypatch.setattr(PasswordHasher, "verify", counted)
    service.authenticate("nobody-here", PASSWORD)
    assert len(verified) == 1


def test_deactivated_user_cannot_sign_in_and_loses_the_session(app: Flask) -> None:
    token = begun(service.create_user("submitter", PASSWORD))
    service.deactivate("SUBMITTER")
    assert service.authenticate("submitter", PASSWORD) is None
    assert sessions.find(token) is None
    service.activate("submitter")
    assert service.authenticate("submitter", PASSWORD) is not None
    assert sessions.find(token) is None


def test_new_password_ends_sessions(app: Flask) -> None:
    token = begun(service.create_user("submitter", PASSWORD))
    service.set_password("submitter", "another phrase for tests")
    assert sessions.find(token) is None
    assert service.authenticate("submitter", PASSWORD) is None
    assert service.authenticate("submitter", "another phrase for tests") is not None


def test_weaker_hash_is_renewed_at_sign_in(app: Flask) -> None:
    user = service.create_user("submitter", PASSWORD)
    user.password_hash = weak = PasswordHasher(time_cost=1, memory_cost=16, parallelism=1).hash(PASSWORD)
    db.session.commit()
    assert service.authenticate("submitter", PASSWORD) is not None
    db.session.expire_all()
    assert user.password_hash != weak


@pytest.mark.parametrize("change", [service.activate, service.deactivate])
def test_unknown_user_is_named(app: Flask, change: object) -> None:
    assert callable(change)
    with pytest.raises(service.IdentityError, match="nobody-here"):
        change("nobody-here")


def test_password_does_not_expire(app: Flask, client: FlaskClient) -> None:
    user = service.create_user("testperson", PASSWORD)
    with write_transaction() as session:
        session.get_one(User, user.id).password_changed_at = utc_now() - timedelta(days=3650)
    assert give_password(client, "testperson").location == "/sign-in/key"


def test_owner_is_told_what_the_operator_did(app: Flask) -> None:
    service.create_user("submitter", PASSWORD, "submitter@sample.example")
    service.create_user("without.address", PASSWORD)
    for user_id in ("submitter", "without.address"):
        service.set_password(user_id, "another phrase for tests")
        service.deactivate(user_id)
    told = [(letter.template, letter.to) for letter in letters()]
    assert told == [
        ("password_changed", "submitter@sample.example"),
        ("account_deactivated", "submitter@sample.example"),
    ]
