"""A browser's part in tests without one: the hidden token of a form, and signing in."""

import re
from contextvars import Context
from html import unescape

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from iqies_flask.identity.service import find_user
from iqies_flask.identity.sessions import current
from iqies_flask.identity.sessions.models import Level
from tests.authenticator import Authenticator
from tests.conftest import PASSWORD


def token_of(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found, "The page has no form."
    return found[1]


def sign_in(client: FlaskClient, user_id: str, level: Level = Level.FULL) -> None:
    """Sign somebody in as the last step of signing in does, and leave the cookies with the client."""
    sent = "; ".join(
        f"{cookie.key}={cookie.value}" for cookie in client._cookies.values() if cookie.value is not None
    )
    # In a context of its own, like the client's requests.
    for name, value in Context().run(session_cookies, client.application, user_id, level, sent).items():
        client.set_cookie(name, value)


def session_cookies(app: Flask, user_id: str, level: Level = Level.FULL, sent: str = "") -> dict[str, str]:
    """Sign somebody in as the last step of signing in does.

    Args:
        app: The application.
        user_id: Who.
        level: How far.
        sent: The Cookie header of the browser.

    Returns:
        The cookies that the browser gets, by name.
    """
    environ = {"REMOTE_ADDR": "127.0.0.1", "HTTP_COOKIE": sent}
    with app.test_request_context("/sign-in/key", environ_overrides=environ):
        user = find_user(user_id)
        assert user is not None
        current.start(user, level)
        answer = app.process_response(app.response_class())
    set_cookies = (header.split(";")[0] for header in answer.headers.getlist("Set-Cookie"))
    return dict(cookie.split("=", 1) for cookie in set_cookies)


def give_password(
    client: FlaskClient, user_id: str, password: str = PASSWORD, next_page: str = ""
) -> TestResponse:
    """Send the form of the first step."""
    form = client.get("/sign-in", query_string={"next": next_page} if next_page else None)
    return client.post(
        "/sign-in",
        data={
            "csrf_token": token_of(form),
            "user_id": user_id,
            "password": password,
            "next": next_page,
        },
    )


def answer_of_key(page: TestResponse, authenticator: Authenticator) -> dict[str, str]:
    """Fill the form of a page that asks for a security key, as its script does."""
    options = unescape(_found(r'data-options="([^"]+)"', page))
    creates = 'data-webauthn="create"' in page.text
    return {
        "csrf_token": token_of(page),
        "ceremony": _found(r'name="ceremony"[^>]*value="([^"]+)"', page),
        "credential": authenticator.register(options) if creates else authenticator.sign(options),
    }


def _found(pattern: str, page: TestResponse) -> str:
    found = re.search(pattern, page.text)
    assert found, "The page asks for no key."
    return found[1]
