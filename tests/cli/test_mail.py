import email
import email.policy
from pathlib import Path

import pytest

from iqies_flask import create_app
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.mail import service
from tests.mail.servers import running

from .conftest import Invoke

ADDRESS = "operator@example.org"


@pytest.fixture
def database(iqies: Invoke) -> Invoke:
    iqies("db", "upgrade")
    return iqies


def test_test_message_is_left_in_the_folder(database: Invoke) -> None:
    assert "names no mail server" in database("mail", "test", ADDRESS).stdout
    (path,) = (Path("instance") / "mail").glob("*.eml")
    read = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert read["To"] == ADDRESS
    assert database("mail", "list").stdout.splitlines()[1:] == []


def test_test_message_reaches_the_server(database: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    with running() as server:
        monkeypatch.setenv("IQIES_MAIL_URL", server.url)
        assert "took the message" in database("mail", "test", ADDRESS).stdout
        assert [taken["To"] for taken in server.taken] == [ADDRESS]


def test_what_the_server_refuses_is_said(database: Invoke, monkeypatch: pytest.MonkeyPatch) -> None:
    with running() as server:
        monkeypatch.setenv("IQIES_MAIL_URL", server.url)
        server.answers[ADDRESS] = "550 5.1.1 unknown"
        assert "550 5.1.1" in database("mail", "test", ADDRESS, status=1).stderr
    line = database("mail", "list").stdout.splitlines()[1].split("\t")
    assert (line[1], line[2], line[4]) == ("test", "failed", "1")
    assert ADDRESS not in database("mail", "list").stdout
    assert database("mail", "retry").stdout == "1 message is tried again by the worker.\n"
    assert database("mail", "list").stdout.splitlines()[1].split("\t")[2] == "waiting"
    (entry,) = database("audit", "list", "--action", "mail.retried").stdout.splitlines()[1:]
    assert "command line" in entry


def test_what_is_no_address_is_said(database: Invoke) -> None:
    assert "nobody is no e-mail address" in database("mail", "test", "nobody", status=1).stderr


def test_nothing_to_retry(database: Invoke) -> None:
    assert database("mail", "retry").stdout == "All e-mail is sent.\n"
    assert database("audit", "list").stdout.splitlines()[1:] == []


def test_several_messages_are_retried(database: Invoke) -> None:
    with create_app().app_context(), write_transaction() as session:
        for _ in range(2):
            service.enqueue(session, ADDRESS, "test", at=utc_now())
    assert database("mail", "retry").stdout == "2 messages are tried again by the worker.\n"
