"""What every page has, whoever looks at it."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from iqies_flask.extensions import db, limiter
from iqies_flask.identity.models import User
from tests.hostile.visitors import ON_ONE_DATABASE, VISITORS, browser_of, places
from tests.letters import letters

pytestmark = ON_ONE_DATABASE

IN_CACHES = {"static"}
PASSWORDS = {"password", "password_again", "current_password"}


@pytest.fixture(autouse=True)
def without_limits(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "enabled", False)


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize("visitor", VISITORS)
def test_no_page_stays_in_a_cache(app: Flask, visitor: str) -> None:
    client = browser_of(app, visitor)
    for method in ("GET", "POST"):
        for place in places(app, method):
            answer = client.open(place.path, method=method)
            kept = answer.headers["Cache-Control"] != "no-store"
            assert kept == (place.endpoint in IN_CACHES), place
    assert client.get("/nowhere").headers["Cache-Control"] == "no-store"


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize("visitor", VISITORS[2:])
def test_every_page_of_somebody_signed_in_has_the_button_to_sign_out(app: Flask, visitor: str) -> None:
    client = browser_of(app, visitor)
    seen = 0
    for place in places(app, "GET"):
        answer = client.get(place.path)
        # Not of redirects, which have a page of their own.
        if answer.status_code == 200 and "<!doctype html>" in answer.text:
            seen += 1
            assert 'action="/sign-out"' in answer.text, place
    assert seen >= 8


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize("visitor", VISITORS)
def test_passwords_are_masked_and_left_to_password_managers(app: Flask, visitor: str) -> None:
    client = browser_of(app, visitor)
    fields = []
    for place in places(app, "GET"):
        for field in re.findall(r"<input\b[^>]*>", client.get(place.path).text):
            name = re.search(r'\bname="([^"]*)"', field)
            if name and name[1] in PASSWORDS:
                fields.append(field)
                assert 'type="password"' in field, place
                assert re.search(r'autocomplete="(?:current|new)-password"', field), place
                assert "onpaste" not in field, place
    expected = {"nobody": 1, "registering": 3, "after the password": 1, "member": 3}
    assert len(fields) >= expected.get(visitor, 0)


def test_a_new_installation_has_no_accounts(app: Flask, client: FlaskClient) -> None:
    client.get("/sign-in")
    assert db.session.scalar(select(func.count()).select_from(User)) == 0
    assert letters() == []
