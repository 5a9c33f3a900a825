import secrets
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from flask import Flask

from iqies_flask import create_app
from iqies_flask.application import assemble
from iqies_flask.config import Environment, Settings, SettingsError
from iqies_flask.database import write_transaction
from iqies_flask.identity.demonstration import active_accounts, deactivate_accounts
from iqies_flask.identity.models import User
from iqies_flask.identity.service import IdentityError, activate, create_user, find_user
from iqies_flask.identity.sessions import service as sessions
from iqies_flask.identity.sessions.models import Level
from tests.conftest import PASSWORD


@pytest.fixture
def demo_user(app: Flask) -> User:
    return create_user("demo.person", PASSWORD, of_demonstration=True)


@pytest.fixture
def production(settings: Settings) -> Settings:
    return replace(settings, environment=Environment.PRODUCTION, site_url="https://iqies.example.org")


def test_production_refuses_open_accounts_of_a_demonstration(demo_user: User, production: Settings) -> None:
    with pytest.raises(SettingsError, match=r"demo\.person.* iqies user deactivate-demo"):
        create_app(production)


def test_production_takes_the_accounts_of_persons(app: Flask, production: Settings) -> None:
    create_user("test.person", PASSWORD)
    assert create_app(production)


def test_demonstration_takes_its_own_accounts(demo_user: User, settings: Settings) -> None:
    assert create_app(settings)


def test_production_starts_once_they_are_shut(demo_user: User, production: Settings) -> None:
    with write_transaction() as session:
        token = sessions.begin(session, demo_user, Level.FULL, address="127.0.0.1", browser="")
    assert [user.user_id for user in deactivate_accounts()] == ["demo.person"]
    assert sessions.find(token) is None
    assert active_accounts() == []
    assert create_app(production)


def test_keys_of_the_demonstration_are_not_needed(app: Flask, production: Settings) -> None:
    create_user("demo.person", PASSWORD, "demo.person@testperson.example", of_demonstration=True)
    own = replace(
        production,
        encryption_keys=(Fernet.generate_key().decode(),),
        hash_key=secrets.token_urlsafe(48),
    )
    with pytest.raises(SettingsError, match=r"demo\.person"):
        create_app(own)
    with assemble(own).app_context():
        assert [user.user_id for user in deactivate_accounts()] == ["demo.person"]
    assert create_app(own)


def test_other_accounts_stay_open(demo_user: User) -> None:
    create_user("test.person", PASSWORD)
    deactivate_accounts()
    person = find_user("test.person")
    assert person is not None
    assert person.active


def test_they_are_not_opened_again_in_production(demo_user: User, production: Settings) -> None:
    deactivate_accounts()
    with create_app(production).app_context():
        with pytest.raises(IdentityError, match="demonstration"):
            activate("demo.person")
        assert active_accounts() == []
    activate("demo.person")
    assert [user.user_id for user in active_accounts()] == ["demo.person"]
