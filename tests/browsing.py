"""A browser's part in tests without one: the hidden token of a form, and signing in."""

import re
from contextvars import Context

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from iqies_flask.identity.service import find_user
from iqies_flask.identity.sessions import current
from iqies_flask.identity.sessions.models import Level
from tests.conftest import PASSWORD


def token_of(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found, "The page has no form."
    return found[1]


def sign_in(client: FlaskClient, user_id: str, level: Level = Level.FULL) -> None:
    """Sign somebody in as the last step of signing in does, and leave the cookies with the client."""
    # In a context of its own, like the client's requests.
    Context().run(_sign_in, client, user_id, level)


def _sign_in(client: FlaskClient, user_id: str, level: Level) -> None:
    app: Flask = client.application
    environ = {"REMOTE_ADDR": "127.0.0.1", "HTTP_COOKIE": cookies(client)}
    with app.test_request_context("/sign-in/key", environ_overrides=environ):
        user = find_user(user_id)
        assert user is not None
        current.start(user, level)
        answer = app.process_response(app.response_class())
    for header in answer.headers.getlist("Set-Cookie"):
        name, value = header.split(";")[0].split("=", 1)
        client.set_cookie(name, value)


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


def cookies(client: FlaskClient) -> str:
    """The client's cookies, as it sends them."""
    return "; ".join(
        f"{cookie.key}={cookie.value}" for cookie in client._cookies.values() if cookie.value is not None
    )
