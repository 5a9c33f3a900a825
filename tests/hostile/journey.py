"""One person's way through everything about the own account, with notes of all that is secret."""

import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete
from werkzeug.test import TestResponse

from iqies_flask.database import write_transaction
from iqies_flask.extensions import limiter
from iqies_flask.identity.sessions.models import LoginSession
from tests.authenticator import ORIGIN, RP_ID, Authenticator
from tests.browsing import answer_of_key, token_of
from tests.conftest import Browser
from tests.hostile.visitors import form_token
from tests.identity.proofing.test_views import fields as hidden_fields
from tests.identity.registration.filling import PROFILE
from tests.letters import letters

USER_ID = "journey.person"
EMAIL = "gwendolyn@sample.example.org"
NEW_EMAIL = "gwendolyn.new@sample.example.org"
SSN = "900-01-0001"
PASSWORDS = ("wombats juggle teapots", "herons borrow ladders", "otters polish bassoons")
WRONG_PASSWORD = "typed into the wrong field"
REFERENCE = "R7"
PERSON = {
    **PROFILE,
    "first_name": "Gwendolyn",
    "last_name": "Testpersonova",
    "birth_month": "11",
    "birth_day": "30",
    "birth_year": "1961",
    "email": EMAIL,
    "email_again": EMAIL,
    "phone": "202-555-0177",
    "street": "4711 Marmalade Row",
    "ssn": SSN,
}


@dataclass
class Journey:
    """What was seen on the way.

    Attributes:
        answers: Each request's method and path, with its answer.
        cookies: Contents of the session cookie after each request.
        codes: Recovery codes that were shown.
        links: Tokens of links in e-mails.
        tokens: Tokens in cookies: of sessions, browsers, registrations, questions to keys.
        templates: Of the e-mails that were written.
    """

    answers: list[tuple[str, str, TestResponse]] = field(default_factory=list)
    cookies: list[dict[str, Any]] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    links: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    templates: set[str] = field(default_factory=set)

    @property
    def secrets(self) -> set[str]:
        """What nobody but the person may ever read."""
        ssn = {SSN, SSN.replace("-", "")}
        codes = {form for code in self.codes for form in (code, code.replace("-", ""))}
        return {*ssn, *PASSWORDS, WRONG_PASSWORD, *codes, *self.links, *self.tokens}

    @property
    def personal(self) -> set[str]:
        """What tells of the person, in the forms in which it could be written down."""
        return {
            EMAIL,
            NEW_EMAIL,
            "Gwendolyn",
            "Testpersonova",
            "1961-11-30",
            "11/30/1961",
            "19611130",
            "2025550177",
            "202-555-0177",
            "4711 Marmalade",
        }


def written_forms(text: str) -> Iterator[bytes]:
    """The forms in which a text could stand in a file: as it is, in other case, in base 64, in hex."""
    for plain in {text, text.lower(), text.upper()}:
        yield plain.encode()
        yield plain.encode().hex().encode()
        yield plain.encode("utf-16-le")
    yield b64encode(text.encode()).rstrip(b"=")
    yield urlsafe_b64encode(text.encode()).rstrip(b"=")


def journey(app: Flask, *, host: str = "localhost", origin: str = ORIGIN, rp_id: str = RP_ID) -> Journey:
    """Register, prove who one is, sign in in all ways, get back in by e-mail, change what can be changed.

    Args:
        app: The application, with the proofing service of the tests.
        host: The name under which the browser asks.
        origin: The origin that security keys see.
        rp_id: The domain that they see.
    """
    done = Journey()
    limiter.reset()
    client = _recorder(app, done, host)
    authenticator = Authenticator(origin, rp_id)
    _register(client)
    _prove_identity(client)
    _set_up_key(client, authenticator, done)
    _sign_in_in_all_ways(client, authenticator, done)
    _change_account(client)
    _send_too_late(client)
    _come_back_by_mail(client)
    _guess(client)
    done.links |= {found for letter in letters() for found in re.findall(r"/([\w-]{43})\b", letter.text)}
    done.templates = {letter.template for letter in letters()}
    assert len(done.codes) == 20
    assert len(done.links) == 4
    assert len(done.tokens) >= 8
    return done


def _recorder(app: Flask, done: Journey, host: str) -> FlaskClient:
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]

    class Recorder(Browser):
        """A browser that notes what it asks and gets."""

        def open(self, *args: Any, **kwargs: Any) -> TestResponse:
            kwargs.setdefault("base_url", f"http://{host}")
            answer = super().open(*args, **kwargs)
            done.answers.append((answer.request.method, answer.request.full_path, answer))
            for cookie in self._cookies.values():
                if cookie.key == "session":
                    contents = serializer.loads(cookie.value)
                    done.cookies.append(contents)
                    done.tokens |= set(re.findall(r"(?<![\w-])[\w-]{43}(?![\w-])", str(contents)))
                else:
                    done.tokens.add(cookie.value)
            return answer

    return Recorder(app, app.response_class)


def _send(client: FlaskClient, path: str, page: str = "", **fields: str) -> TestResponse:
    answer = client.post(path, data={"csrf_token": token_of(client.get(page or path)), **fields})
    assert answer.status_code in {200, 302}, (path, answer.text)
    return answer


def _register(client: FlaskClient) -> None:
    _send(client, "/register", **PERSON)
    _send(client, "/register/password-strength", "/register/account", user_id=USER_ID, password=PASSWORDS[0])
    _send(client, "/register/account", user_id=USER_ID, password=PASSWORDS[0])
    assert _send(client, letters("confirm_address")[-1].link).location == "/register/proofing"


def _prove_identity(client: FlaskClient) -> None:
    show = "/identity-proofing"
    _send(client, f"{show}/begin", show)
    given = {"answers": {"question_1": "1", "question_2": "2"}, "reference": {"reference": REFERENCE}}
    for step, fields in given.items():
        assert client.post(f"{show}/{step}", data=hidden_fields(client.get(show)) | fields).status_code == 302
    assert "Your identity is proved." in client.get(show).text


def _set_up_key(client: FlaskClient, authenticator: Authenticator, done: Journey) -> None:
    wrong = client.post(
        "/sign-in",
        data={"csrf_token": token_of(client.get("/sign-in")), "user_id": USER_ID, "password": WRONG_PASSWORD},
    )
    assert wrong.status_code == 422
    _give_password(client, PASSWORDS[0])
    page = client.get("/security-keys/new")
    answer = client.post("/security-keys/new", data=answer_of_key(page, authenticator) | {"name": "Blue"})
    done.codes += re.findall(r"<code>([^<]+)</code>", answer.text)


def _sign_in_in_all_ways(client: FlaskClient, authenticator: Authenticator, done: Journey) -> None:
    _sign_out(client)
    _give_password(client, PASSWORDS[0])
    key = client.post("/sign-in/key", data=answer_of_key(client.get("/sign-in/key"), authenticator))
    assert key.status_code == 302
    _sign_out(client)
    asked = client.get("/sign-in/passkey").get_json()
    form = {
        "csrf_token": token_of(client.get("/sign-in")),
        "ceremony": asked["ceremony"],
        "credential": authenticator.sign(asked["options"]),
    }
    assert client.post("/sign-in/passkey", data=form).location == "/"
    made = client.post("/recovery-codes", data={"csrf_token": form_token(client)})
    done.codes += re.findall(r"<code>([^<]+)</code>", made.text)
    _sign_out(client)
    _give_password(client, PASSWORDS[0])
    _send(client, "/sign-in/recovery-code", recovery_code=done.codes[-1])
    again = client.get("/sign-in/again")
    assert client.post("/sign-in/again", data=answer_of_key(again, authenticator)).status_code == 302


def _change_account(client: FlaskClient) -> None:
    _send(client, "/profile/password", current_password=PASSWORDS[0], password=PASSWORDS[1])
    _send(client, "/profile/email", email=NEW_EMAIL, email_again=NEW_EMAIL)
    _send(client, letters("confirm_new_address")[-1].link)
    _send(client, "/profile/personal", **{**_home(), "last_name": "Testpersonova-Sample"})
    for page in ("", "/sessions", "/history"):
        assert client.get(f"/profile{page}").status_code == 200
    for page in ("/security-keys", "/recovery-codes", "/submissions"):
        assert client.get(page).status_code == 200


def _send_too_late(client: FlaskClient) -> None:
    token = token_of(client.get("/profile/personal"))
    with write_transaction() as writing:
        writing.execute(delete(LoginSession))
    late = {"csrf_token": token, **_home(), "password": PASSWORDS[1], "ssn": SSN}
    assert client.post("/profile/personal", data=late).location.startswith("/sign-in?next=")


def _come_back_by_mail(client: FlaskClient) -> None:
    _send(client, "/forgot-user-id", email=NEW_EMAIL)
    _send(client, "/forgot-password", account=NEW_EMAIL)
    _send(client, letters("reset_password")[-1].link, password=PASSWORDS[2])
    # Somebody who has forgotten that there is an account registers once more.
    _send(client, "/register", **{**PERSON, "email": NEW_EMAIL, "email_again": NEW_EMAIL})
    _send(client, "/register/account", user_id="journey.again", password=PASSWORDS[0])


def _guess(client: FlaskClient) -> None:
    """Guess until it is blocked, and type the password as user ID."""
    client.delete_cookie("browser")
    for typed, password in ((PASSWORDS[2], "x"), *[(USER_ID, WRONG_PASSWORD)] * 12):
        client.post(
            "/sign-in",
            data={"csrf_token": token_of(client.get("/sign-in")), "user_id": typed, "password": password},
        )
    _send(client, letters("sign_in_blocked")[-1].link)


def _home() -> dict[str, str]:
    names = ("first_name", "middle_initial", "last_name", "phone", "in_us", "street", "city", "state", "zip")
    return {name: PERSON[name] for name in names}


def _give_password(client: FlaskClient, password: str) -> None:
    assert _send(client, "/sign-in", user_id=USER_ID, password=password).location == "/sign-in/key"


def _sign_out(client: FlaskClient) -> None:
    client.post("/sign-out", data={"csrf_token": form_token(client)})
