"""Finding out who has an account: by words, status, headers, sizes, and the work that is done."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from iqies_flask.extensions import limiter
from iqies_flask.identity import service
from iqies_flask.identity.recovery.service import MAILS_AN_HOUR
from tests.browsing import give_password, sign_in, token_of
from tests.conftest import PASSWORD
from tests.hostile.visitors import without_tokens
from tests.statements import noted

OWNER, OWNER_EMAIL = "the.owner", "the.owner@sample.example"
NOBODY, NOBODY_EMAIL = "no.person", "no.person@sample.example"
WRONG = "wrong password here"


@pytest.fixture
def owner(app: Flask) -> None:
    service.create_user(OWNER, PASSWORD, OWNER_EMAIL)


@contextmanager
def work() -> Iterator[list[str]]:
    """Note the statements that the database gets and the passwords that are hashed or compared."""
    with noted() as done, pytest.MonkeyPatch.context() as monkeypatch:
        for name in ("hash", "verify"):
            real = getattr(PasswordHasher, name)

            def watched(*arguments: object, real: object = real, name: str = name) -> object:
                done.append(name)
                return real(*arguments)  # type: ignore[operator]

            monkeypatch.setattr(PasswordHasher, name, watched)
        yield done


def seen(answer: TestResponse) -> tuple[int, str, list[tuple[str, str]]]:
    """What an attacker sees of an answer, but for what differs between any two."""
    page = re.sub(r'value="(?:the\.owner|no\.person)[^"]*"', "", without_tokens(answer.text))
    headers = [(name, value) for name, value in answer.headers if name not in {"Set-Cookie", "Retry-After"}]
    return answer.status_code, page, headers


def guess(client: FlaskClient, user_id: str, times: int) -> list[TestResponse]:
    limiter.reset()
    return [give_password(client, user_id, WRONG) for _ in range(times)]


@pytest.mark.usefixtures("owner")
def test_sign_in_shows_the_same_to_the_byte(app: Flask) -> None:
    known, unknown = [
        [seen(answer) for answer in guess(app.test_client(), user_id, 7)] for user_id in (OWNER, NOBODY)
    ]
    assert [status for status, _, _ in known] == [422] * 5 + [429] * 2
    assert known == unknown


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize("state", ["strange", "known to the attacker"])
def test_sign_in_does_the_same_work(app: Flask, state: str) -> None:
    """Up to and beyond the attempt that blocks, after which the owner gets an e-mail."""
    service.create_user("attacker.one", PASSWORD, "attacker@sample.example")
    histories = []
    for number, user_id in enumerate((OWNER, NOBODY)):
        client = app.test_client()
        client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        if state == "known to the attacker":
            sign_in(client, "attacker.one")
            client.post("/sign-out", data={"csrf_token": token_of(client.get("/profile"))})
        steps = []
        for _ in range(6):
            form = {"csrf_token": token_of(client.get("/sign-in")), "user_id": user_id, "password": WRONG}
            with work() as done:
                client.post("/sign-in", data=form)
            steps.append(done)
        histories.append(steps)
    known, unknown = histories
    assert [step.count("verify") for step in known] == [1] * 5 + [0]
    assert any("outbox_message" in statement for statement in known[4])
    for of_owner, of_nobody in zip(known, unknown, strict=True):
        # Where there is no account, the e-mail is taken back and its link has no row.
        missing = [each.split(" (")[0] for each in of_owner if each not in of_nobody]
        assert missing in ([], ["INSERT INTO email_link", "RELEASE SAVEPOINT savepoint"])
        more = [each for each in of_nobody if each not in of_owner]
        assert more in ([], ["ROLLBACK TO SAVEPOINT savepoint"])


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize(
    ("path", "field", "known", "unknown"),
    [
        ("/forgot-user-id", "email", OWNER_EMAIL, NOBODY_EMAIL),
        ("/forgot-password", "account", OWNER_EMAIL, NOBODY_EMAIL),
        ("/forgot-password", "account", OWNER, NOBODY),
    ],
)
def test_forgotten_user_id_and_password_show_the_same_to_the_byte(
    app: Flask, path: str, field: str, known: str, unknown: str
) -> None:
    """Beyond the number of e-mails that one account gets, too."""
    answers = []
    for typed in (known, unknown):
        limiter.reset()
        client = app.test_client()
        forms = [{"csrf_token": token_of(client.get(path)), field: typed} for _ in range(MAILS_AN_HOUR + 1)]
        answers.append([seen(client.post(path, data=form)) for form in forms])
    assert answers[0][0][0] == 200
    assert answers[0] == answers[1]


@pytest.mark.usefixtures("owner")
def test_unlocking_shows_the_same_for_every_link_that_is_none(app: Flask, client: FlaskClient) -> None:
    for path in ("unlock", "reset-password", "confirm-address", "register/confirm"):
        answers = [client.get(f"/{path}/{token}") for token in ("x" * 43, "y" * 43, "z")]
        assert {answer.status_code for answer in answers} == {410}
        assert len({seen(answer)[1] for answer in answers}) == 1


@pytest.mark.usefixtures("owner")
def test_questions_to_passkeys_name_nobody_s_keys(client: FlaskClient) -> None:
    """They are asked before anybody says who he or she is, and do not look at what a request says."""
    sizes = set()
    for user_id in (OWNER, NOBODY, ""):
        answer = client.get("/sign-in/passkey", query_string={"user_id": user_id, "username": user_id})
        assert '"allowCredentials": []' in answer.get_json()["options"]
        sizes.add((answer.status_code, len(answer.data), tuple(sorted(answer.get_json()))))
    assert len(sizes) == 1


@pytest.mark.usefixtures("owner")
def test_questions_to_keys_are_asked_of_nobody_without_the_password(client: FlaskClient) -> None:
    for user_id in (OWNER, NOBODY):
        give_password(client, user_id, WRONG)
        for path in ("/sign-in/key", "/sign-in/recovery-code", "/sign-in/again", "/security-keys/new"):
            answer = client.get(path, query_string={"user_id": user_id})
            assert answer.location.startswith("/sign-in?next="), path
