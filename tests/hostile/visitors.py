"""All pages of the site, and browsers of all kinds of people before them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from iqies_flask.identity.sessions.models import Level
from tests.browsing import sign_in, token_of
from tests.identity.registration.filling import enter_profile

MEMBER = "member.one"
MEMBER_EMAIL = "member.one@sample.example"
UNPROVED = "not.proved"
ON_ONE_DATABASE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""For walks over all pages that look at what does not depend on the database."""

VISITORS = ("nobody", "registering", "after the password", "not proved", "member")

_ARGUMENTS = {
    "ccn": "999999",
    "edit_id": "-1001",
    "filename": "site.css",
    "item_id": "A0100A",
    "name": "assessment_submitter",
    "role_name": "provider_security_official",
    "system": "mds",
    "token": "x" * 43,
    "version": "3.00",
}
"""Of addresses; numbers are 1."""


@dataclass(frozen=True, slots=True)
class Place:
    """An address of the site, and what answers there."""

    path: str
    endpoint: str


def places(app: Flask, method: str) -> list[Place]:
    """List the addresses that take a method: read from the application, so that a new one is among them."""
    found = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if method in (rule.methods or ()):
            values = {name: _ARGUMENTS.get(name, 1) for name in rule.arguments}
            with app.test_request_context():
                found.append(Place(app.url_for(rule.endpoint, **values), rule.endpoint))
    return found


def browser_of(app: Flask, visitor: str) -> FlaskClient:
    """Open a browser of one of the `VISITORS`."""
    client = app.test_client()
    match visitor:
        case "registering":
            email = f"somebody{id(client)}@sample.example"
            answer = enter_profile(client, email=email, email_again=email, ssn="", no_ssn="y")
            assert answer.location == "/register/account"
        case "after the password":
            sign_in(client, MEMBER, Level.PASSWORD)
        case "not proved":
            sign_in(client, UNPROVED)
        case "member":
            sign_in(client, MEMBER)
    return client


def browsers(app: Flask) -> Iterator[tuple[str, FlaskClient]]:
    """Open a browser of each."""
    for visitor in VISITORS:
        yield visitor, browser_of(app, visitor)


def form_token(client: FlaskClient) -> str:
    """The token that is right in forms of a browser, whoever is signed in there."""
    return token_of(client.get("/", follow_redirects=True))


def without_tokens(page: str) -> str:
    """A page without what differs between any two."""
    return re.sub(r'(name="(?:csrf_token|ceremony)"[^>]*value=")[^"]+', r"\1", page)
