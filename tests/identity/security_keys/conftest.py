"""A person with a security key."""

import pytest
from flask import Flask

from iqies_flask.identity.models import User
from iqies_flask.identity.security_keys.models import SecurityKey
from iqies_flask.identity.service import create_user
from tests.authenticator import Authenticator, add_key
from tests.conftest import PASSWORD


@pytest.fixture
def person(app: Flask) -> User:
    return create_user("testperson", PASSWORD, "testperson@agency.example")


@pytest.fixture
def authenticator() -> Authenticator:
    return Authenticator()


@pytest.fixture
def key(person: User, authenticator: Authenticator) -> SecurityKey:
    return add_key(person, authenticator)
