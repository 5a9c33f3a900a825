from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import LargeBinary, func, select, text, type_coerce

from iqies_flask import create_app, reencryption
from iqies_flask.access.models import Provider
from iqies_flask.audit.search import Filter, find
from iqies_flask.config import Settings
from iqies_flask.encryption import DecryptionError, Vault, current_vault
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.service import create_user, find_user
from iqies_flask.reencryption import Reencrypted, encrypted_columns, reencrypt
from iqies_flask.submissions.processing import process_submission
from tests.conftest import PASSWORD
from tests.submissions.uploading import oasis, submit, zip_of

NEW = Fernet.generate_key().decode()


@pytest.fixture
def stored(app: Flask, submitter: User, provider: Provider) -> int:
    """Values encrypted with the first settings' key; how many there are."""
    create_user("test.user", PASSWORD, "test.user@agency.example")
    batch = zip_of(*(oasis(number, fixed={"M0010_CCN": provider.ccn}) for number in range(1, 4)))
    process_submission(submit(submitter, batch).id)
    return sum(
        db.session.scalar(select(func.count(type_coerce(column, LargeBinary)))) or 0
        for columns in encrypted_columns().values()
        for column in columns
    )


def with_keys(settings: Settings, *keys: str) -> Flask:
    return create_app(replace(settings, encryption_keys=keys))


def run(app: Flask) -> Reencrypted:
    with app.app_context():
        return reencrypt(lambda done, total: None)


def test_old_key_can_be_retired(
    app: Flask, settings: Settings, stored: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reencryption, "_AT_ONCE", 2)
    db.session.commit()
    assert stored > 7
    both = with_keys(settings, NEW, *settings.encryption_keys)
    assert run(both) == Reencrypted(stored, {})
    assert run(both) == Reencrypted(0, {})
    with with_keys(settings, NEW).app_context():
        for columns in encrypted_columns().values():
            for column in columns:
                db.session.execute(select(column)).all()
        user = find_user("test.user")
        assert user is not None
        assert user.email == "test.user@agency.example"
        entries = find(Filter(action="database.reencrypted"), 10).entries
        assert [(entry.actor, entry.facts["renewed"]) for entry in entries] == [
            ("command line", 0),
            ("command line", stored),
        ]


def test_what_was_interrupted_is_taken_up_again(app: Flask, settings: Settings, stored: int) -> None:
    db.session.commit()
    both = with_keys(settings, NEW, *settings.encryption_keys)

    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with both.app_context(), pytest.raises(KeyboardInterrupt):
        reencrypt(interrupt)
    assert 0 < run(both).renewed < stored


def test_value_that_changes_meanwhile_is_kept(
    app: Flask, settings: Settings, stored: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.session.commit()
    both = with_keys(settings, NEW, *settings.encryption_keys)
    renew = Vault.renew

    def change(vault: Vault, token: bytes) -> bytes | None:
        # The site writes between reading and writing.
        with db.engine.begin() as connection:
            statement = text("UPDATE user_account SET email = :new WHERE email IS NOT NULL")
            connection.execute(statement, {"new": vault.encrypt(b"x\x9c\x03\x00\x00\x00\x00\x01")})
        return renew(vault, token)

    with both.app_context():
        monkeypatch.setattr(Vault, "renew", change)
        monkeypatch.setattr(
            reencryption, "encrypted_columns", lambda: {User.__table__: [User.__table__.c.email]}
        )
        reencrypt(lambda done, total: None)
        stored_now = db.session.scalar(
            select(type_coerce(User.email, LargeBinary)).where(User.email.is_not(None))
        )
        assert stored_now is not None
        assert current_vault().decrypt(stored_now) == b"x\x9c\x03\x00\x00\x00\x00\x01"


def test_what_no_key_decrypts_is_named_and_left(app: Flask, settings: Settings, stored: int) -> None:
    db.session.commit()
    outcome = run(with_keys(settings, NEW))
    assert outcome.renewed == 0
    assert sum(outcome.lost.values()) == stored
    assert outcome.lost["user_account.email"] == 1
    with app.app_context():
        assert find_user("test.user") is not None


def test_renewed_token_is_of_the_first_key() -> None:
    old = Fernet.generate_key().decode()
    token = Vault([old], "h").encrypt(b"text")
    renewed = Vault([NEW, old], "h").renew(token)
    assert renewed is not None
    assert Vault([NEW], "h").decrypt(renewed) == b"text"
    assert Vault([NEW, old], "h").renew(renewed) is None
    with pytest.raises(DecryptionError):
        Vault([NEW], "h").renew(token)
