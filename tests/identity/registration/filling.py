"""Filling in the forms of registering, and reading the e-mails."""

import re
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from iqies_flask.extensions import db
from iqies_flask.mail.models import OutboxMessage
from tests.browsing import token_of
from tests.persons import TYPED, TYPED_BIRTH_DATE

EMAIL = "testy@sample.example.org"
SSN = "900-65-4321"
USER_ID = "testy.testperson"
GOOD_PASSWORD = "wombats juggle teapots"

PROFILE = {
    **TYPED,
    **TYPED_BIRTH_DATE,
    "email": EMAIL,
    "email_again": EMAIL,
    "ssn": SSN,
    "terms": "y",
}


def post(client: FlaskClient, path: str, data: dict[str, Any], page: str | None = None) -> TestResponse:
    token = token_of(client.get(page or path))
    answer = client.post(path, data={"csrf_token": token, **data})
    # What the test read before is not what is there now.
    db.session.rollback()
    db.session.expire_all()
    return answer


def enter_profile(client: FlaskClient, **changes: str | None) -> TestResponse:
    """Send step 1; a change to None leaves a field out."""
    data = {name: value for name, value in {**PROFILE, **changes}.items() if value is not None}
    return post(client, "/register", data)


def enter_account(
    client: FlaskClient, user_id: str = USER_ID, password: str = GOOD_PASSWORD, **more: str
) -> TestResponse:
    return post(client, "/register/account", {"user_id": user_id, "password": password, **more})


def register(client: FlaskClient, user_id: str = USER_ID, **changes: str | None) -> TestResponse:
    """Both steps, up to the page that waits for the address to be confirmed."""
    assert enter_profile(client, **changes).location == "/register/account"
    return enter_account(client, user_id)


def mails() -> list[dict[str, str]]:
    messages = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    return [{**(message.content or {}), "template": message.template} for message in messages]


def link_in(mail: dict[str, str]) -> str:
    """Path of the link that confirms an address."""
    found = re.search(r"https?://[^/]+(/register/confirm/\S+)", mail["text"])
    assert found, mail["text"]
    assert found[1] in mail["html"]
    return found[1]


def confirm(client: FlaskClient, link: str) -> TestResponse:
    return post(client, link, {})
