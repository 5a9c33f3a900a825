from datetime import timedelta
from itertools import count

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from iqies_flask.config import Settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.mail import pruning, service
from iqies_flask.mail.models import MessageState, OutboxMessage
from iqies_flask.mail.service import OUTBOX_PAGE
from iqies_flask.queue import current_queue
from tests.queueing import work


def write(state: MessageState, days: float) -> OutboxMessage:
    """Write a message of so many days ago."""
    at = utc_now() - timedelta(days=days)
    with write_transaction() as session:
        message = service.enqueue(session, "person@example.org", "test", at=at)
        message.created_at = message.available_at = at
        message.state = state
        message.sent_at = at if state is MessageState.SENT else None
    return message


def left() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage.id).order_by(OutboxMessage.id)))


def test_what_was_sent_long_ago_goes_and_nothing_else(app: Flask, settings: Settings) -> None:
    assert settings.mail_days == 30
    write(MessageState.SENT, 30.1)
    write(MessageState.SENT, 400)
    staying = [
        write(MessageState.SENT, 29.9).id,
        write(MessageState.WAITING, 400).id,
        write(MessageState.FAILED, 400).id,
    ]
    pruning.prune(utc_now())
    assert left() == staying


def test_worker_prunes(app: Flask) -> None:
    write(MessageState.SENT, 31)
    current_queue().wake_for_daily()
    work(current_queue().huey)
    assert left() == []


def test_many_go_a_thousand_at_a_time(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "_AT_A_TIME", 2)
    sent = {"state": MessageState.SENT, "template": "test", "sent_at": utc_now() - timedelta(days=31)}
    with write_transaction() as session:
        session.execute(insert(OutboxMessage), [sent] * 5)
    asked = count(1)
    pruning.prune(utc_now(), lambda: next(asked) > 1)
    assert len(left()) == 3
    pruning.prune(utc_now())
    assert left() == []


def test_outbox_of_a_demonstration_shows_what_is_left(client: FlaskClient) -> None:
    for _ in range(OUTBOX_PAGE.entries):
        write(MessageState.SENT, 31)
    write(MessageState.SENT, 1)
    assert "page=2" in client.get("/demo/outbox").text
    pruning.prune(utc_now())
    page = client.get("/demo/outbox?page=2")
    assert page.status_code == 200
    assert "1 message, newest first" in page.text
    assert "page=2" not in page.text
