"""A person with a security key."""

import pytest
from flask import Flask

from iqies_flask.database import write_transaction
from iqies_flask.identity.models import User
from iqies_flask.identity.security_keys import service
from iqies_flask.identity.security_keys.models import SecurityKey
from iqies_flask.identity.service import create_user
from tests.authenticator import Authenticator
from tests.conftest import PASSWORD


def add(user: User, authenticator: Authenticator, name: str = "", *, first: bool = False) -> SecurityKey:
    with write_transaction() as session:
        token, options = service.registration_options(session, user)
    return service.add_key(user, token, authenticator.register(options), name, first=first)


@pytest.fixture
def person(app: Flask) -> User:
    return create_user("testperson", PASSWORD, "testperson@agency.example")


@pytest.fixture
def authenticator() -> Authenticator:
    return Authenticator()


@pytest.fixture
def key(person: User, authenticator: Authenticator) -> SecurityKey:
    return add(person, authenticator)
