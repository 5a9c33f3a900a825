import pytest
from flask import Flask

from iqies_flask.identity.models import User
from tests.access.requests import cast


@pytest.fixture
def providers(app: Flask) -> None:
    """Three providers without anybody."""
    cast.add_providers()


@pytest.fixture
def cms(providers: None) -> User:
    return cast.add_cms("cms.official")


@pytest.fixture
def official(providers: None) -> User:
    """The one Security Official of the nursing home."""
    return cast.add_official("first.official", cast.CARE, first_name="Ofelia")


@pytest.fixture
def person(providers: None) -> User:
    """Somebody without any role."""
    return cast.add_person("testperson", "Testy")
