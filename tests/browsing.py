"""A browser's part in tests without one: the hidden token of a form, and signing in."""

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import PASSWORD


def token_of(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found, "The page has no form."
    return found[1]


def sign_in(client: FlaskClient, user_id: str, password: str = PASSWORD, next_page: str = "") -> TestResponse:
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
