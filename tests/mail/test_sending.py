import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from iqies_flask import create_app, current
from iqies_flask.audit.models import AuditEntry, Outcome
from iqies_flask.config import Environment, Settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.mail import sending, service
from iqies_flask.mail.models import MessageState, OutboxMessage
from iqies_flask.mail.sending import MOST_ATTEMPTS, delay_after, send_due, send_now
from tests.mail.servers import MailServer, running

ADDRESS = "person@example.org"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with running() as server:
        yield server


@pytest.fixture
def app(settings: Settings, server: MailServer) -> Iterator[Flask]:
    """A production installation with a mail server."""
    app = create_app(
        replace(
            settings,
            environment=Environment.PRODUCTION,
            site_url="https://site.example.org",
            mail_url=server.url,
        )
    )
    with app.app_context():
        yield app


def write(to: str = ADDRESS) -> int:
    with write_transaction() as session:
        message = service.enqueue(session, to, "test", at=utc_now())
    return message.id


def read(number: int) -> OutboxMessage:
    db.session.rollback()
    return db.session.get_one(OutboxMessage, number, populate_existing=True)


def make_due(number: int) -> None:
    """Do what time does."""
    with write_transaction() as session:
        session.get_one(OutboxMessage, number, populate_existing=True).available_at = utc_now()


def failures() -> list[AuditEntry]:
    return list(db.session.scalars(select(AuditEntry).where(AuditEntry.action == "mail.failed")))


def test_messages_are_sent_and_their_contents_wiped(app: Flask, server: MailServer) -> None:
    numbers = [write(), write("other@example.org")]
    send_due()
    assert [mail["To"] for mail in server.taken] == [ADDRESS, "other@example.org"]
    for number in numbers:
        message = read(number)
        assert (message.state, message.content, message.attempts) == (MessageState.SENT, None, 1)
        assert message.sent_at is not None
    send_due()
    assert len(server.taken) == 2


def test_demonstration_keeps_contents(settings: Settings, server: MailServer) -> None:
    with create_app(replace(settings, mail_url=server.url)).app_context():
        number = write()
        send_due()
        message = read(number)
        assert message.state is MessageState.SENT
        assert message.content is not None


def test_message_deferred_waits_and_does_not_hold_up_others(app: Flask, server: MailServer) -> None:
    server.answers[ADDRESS] = "450 4.2.1 later"
    number, other = write(), write("other@example.org")
    send_due()
    message = read(number)
    assert (message.state, message.attempts) == (MessageState.WAITING, 1)
    assert message.problem == "The mail server refused the recipient: 450 4.2.1."
    assert timedelta(seconds=50) < message.available_at - utc_now() <= timedelta(minutes=1)
    assert read(other).state is MessageState.SENT
    send_due()
    assert server.asked == 2
    del server.answers[ADDRESS]
    make_due(number)
    send_due()
    message = read(number)
    assert (message.state, message.attempts, message.problem) == (MessageState.SENT, 2, "")
    assert failures() == []


def test_message_refused_is_given_up(
    app: Flask, server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers[ADDRESS] = f"550 5.1.1 <{ADDRESS}> is unknown"
    with caplog.at_level(logging.WARNING):
        number = write()
        send_due()
    message = read(number)
    assert (message.state, message.attempts) == (MessageState.FAILED, 1)
    (entry,) = failures()
    assert (entry.actor, entry.object_type, entry.object_id) == ("system", "mail", str(number))
    assert entry.outcome is Outcome.FAILED
    assert entry.facts == {"problem": "The mail server refused the recipient: 550 5.1.1."}
    assert f"E-mail {number} is given up" in caplog.text
    assert "person" not in caplog.text
    make_due(number)
    send_due()
    assert server.asked == 1


def test_delays_grow_to_an_hour_and_end_after_three_days() -> None:
    minutes = [delay_after(attempts) / timedelta(minutes=1) for attempts in range(1, 10)]
    assert minutes == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    waited = sum((delay_after(attempts) for attempts in range(1, MOST_ATTEMPTS)), timedelta())
    assert timedelta(days=3) <= waited < timedelta(days=3, hours=1)


@pytest.mark.parametrize(
    ("attempts", "state"),
    [(MOST_ATTEMPTS - 2, MessageState.WAITING), (MOST_ATTEMPTS - 1, MessageState.FAILED)],
)
def test_last_attempt(app: Flask, server: MailServer, attempts: int, state: MessageState) -> None:
    server.answers[ADDRESS] = "450 later"
    number = write()
    with write_transaction() as session:
        session.get_one(OutboxMessage, number).attempts = attempts
    send_due()
    assert read(number).state is state
    assert len(failures()) == (state is MessageState.FAILED)


def test_without_a_server_one_message_is_tried_and_the_others_wait(app: Flask, settings: Settings) -> None:
    current.init_app(app, replace(settings, mail_url="smtp://127.0.0.1:1"))
    numbers = [write(), write()]
    send_due()
    assert [read(number).attempts for number in numbers] == [1, 0]
    assert "cannot be reached" in read(numbers[0]).problem


def test_message_that_cannot_be_decrypted_does_not_hold_up_others(app: Flask, server: MailServer) -> None:
    number, other = write(), write("other@example.org")
    with write_transaction() as session:
        session.execute(
            text("UPDATE outbox_message SET content = :c WHERE id = :n"), {"c": b"x", "n": number}
        )
    send_due()
    assert [mail["To"] for mail in server.taken] == ["other@example.org"]
    row = db.session.execute(
        select(OutboxMessage.state, OutboxMessage.problem).where(OutboxMessage.id == number)
    ).one()
    assert row.state is MessageState.WAITING
    assert "IQIES_ENCRYPTION_KEYS" in row.problem
    assert read(other).state is MessageState.SENT


def test_worker_that_is_to_stop_leaves_the_rest(app: Flask, server: MailServer) -> None:
    write(), write()
    send_due(lambda: len(server.taken) == 1)
    assert len(server.taken) == 1


def test_message_that_is_being_sent_is_not_taken_twice(app: Flask, server: MailServer) -> None:
    number = write()
    assert sending._take() == number
    assert sending._take() is None
    assert not sending.is_due()


def test_sending_at_once_tells_what_came_of_it(app: Flask, server: MailServer) -> None:
    assert send_now(ADDRESS, "test", at=utc_now()).state is MessageState.SENT
    server.answers[ADDRESS] = "550 5.1.1 unknown"
    message = send_now(ADDRESS, "test", at=utc_now())
    assert (message.state, message.attempts) == (MessageState.FAILED, 1)
    assert message.problem.endswith("550 5.1.1.")


def test_given_up_messages_are_tried_again(app: Flask, server: MailServer) -> None:
    server.answers[ADDRESS] = "550 5.1.1 unknown"
    number = write()
    send_due()
    assert [message.id for message in service.list_unsent()] == [number]
    del server.answers[ADDRESS]
    assert service.retry() == 1
    send_due()
    assert read(number).state is MessageState.SENT
    assert service.retry() == 0
    assert service.list_unsent() == []


DYING_WORKER = """
import os, signal
from iqies_flask import create_app
from iqies_flask.mail import sending
with create_app().app_context():
    sending._sent = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
    sending.send_due()
"""


def test_worker_killed_between_sending_and_marking_loses_nothing(
    app: Flask, server: MailServer, settings: Settings
) -> None:
    number = write()
    died = subprocess.run(
        [sys.executable, "-c", DYING_WORKER],
        env={
            **os.environ,
            "IQIES_SITE_URL": "https://site.example.org",
            "IQIES_INSTANCE_FOLDER": str(settings.instance_folder),
            "IQIES_DATABASE_URL": settings.database_url,
            "IQIES_SECRET_KEY": settings.secret_key,
            "IQIES_ENCRYPTION_KEYS": settings.encryption_keys[0],
            "IQIES_HASH_KEY": settings.hash_key,
            "IQIES_MAIL_URL": server.url,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert len(server.taken) == 1
    message = read(number)
    assert message.state is MessageState.WAITING
    assert message.content is not None
    send_due()
    assert len(server.taken) == 1, "It is still taken by the worker that died."
    make_due(number)
    send_due()
    assert read(number).state is MessageState.SENT
    first, second = server.taken
    assert first["Message-ID"] == second["Message-ID"]
