from collections.abc import Iterator

import pytest
from flask import Flask
from huey import Huey

from iqies_flask.config import Settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.mail import service, tasks
from iqies_flask.mail.models import MessageState, OutboxMessage
from iqies_flask.queue import current_queue
from tests.queueing import connect_queue, work
from tests.submissions.uploading import submit


@pytest.fixture
def queue(app: Flask, settings: Settings) -> Iterator[Huey]:
    huey = connect_queue(app, settings)
    yield huey
    huey.storage.close()


def write() -> OutboxMessage:
    with write_transaction() as session:
        return service.enqueue(session, "person@example.org", "test", at=utc_now())


def state_of(message: OutboxMessage) -> MessageState:
    return db.session.get_one(OutboxMessage, message.id, populate_existing=True).state


def test_commit_wakes_a_worker(queue: Huey, settings: Settings) -> None:
    message = write()
    assert current_queue().waiting("send_mail") == [()]
    work(queue)
    assert state_of(message) is MessageState.SENT
    assert len(list((settings.instance_folder / "mail").glob("*.eml"))) == 1


def test_nobody_is_woken_before_the_commit(queue: Huey) -> None:
    with write_transaction() as session:
        service.enqueue(session, "person@example.org", "test", at=utc_now())
        with session.begin_nested():
            session.flush()
        assert queue.pending_count() == 0
    assert queue.pending_count() == 1


def test_what_is_rolled_back_wakes_nobody(queue: Huey, submitter: User) -> None:
    def fail() -> None:
        with write_transaction() as session:
            service.enqueue(session, "person@example.org", "test", at=utc_now())
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with write_transaction():
        submitter.active = True
    assert queue.pending_count() == 0


def test_sweep_finds_what_nobody_was_woken_for(queue: Huey) -> None:
    message = write()
    queue.flush()
    current_queue().sweep()
    current_queue().sweep()
    assert current_queue().waiting("send_mail") == [()]
    work(queue)
    assert state_of(message) is MessageState.SENT
    current_queue().sweep()
    assert queue.pending_count() == 0


def test_mail_does_not_wait_for_submissions(queue: Huey, submitter: User) -> None:
    submit(submitter, b"x")
    write()
    assert [task.name for task in queue.pending()] == ["send_mail", "process_submission"]


def test_mail_is_written_although_no_worker_can_be_woken(app: Flask) -> None:
    def out_of_order() -> None:
        raise ConnectionError

    app.extensions["iqies_mail_task"] = out_of_order
    assert state_of(write()) is MessageState.WAITING
    assert len(service.list_unsent()) == 1
    tasks.sweep()
