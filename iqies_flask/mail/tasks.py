"""Waking workers for e-mail. What there is to send stands in the outbox; the queue only says that it does."""

import logging
from typing import Any

from flask import Flask, current_app, has_app_context
from sqlalchemy import event
from sqlalchemy.orm import Session, object_session

from iqies_flask.database import utc_now
from iqies_flask.mail import pruning, sending
from iqies_flask.mail.models import OutboxMessage
from iqies_flask.queue import current_queue

logger = logging.getLogger(__name__)

_TASK = "send_mail"
_EXTENSION = "iqies_mail_task"
_WRITTEN = "mail_written"
_BEFORE_SUBMISSIONS = 1
"""Somebody sits and waits for a confirmation; a submission takes its time anyway."""


def init_app(app: Flask) -> None:
    """Register the task and the sweeps of e-mail with the application's queue."""
    with app.app_context():
        queue = current_queue()
    app.extensions[_EXTENSION] = queue.add_task(_TASK, _send, priority=_BEFORE_SUBMISSIONS)
    queue.add_sweep("sweep_mail", sweep)
    queue.add_daily("prune_mail", _prune)


def wake() -> None:
    """Have a worker look into the outbox. Never fails: the message is stored, the next sweep finds it."""
    try:
        current_app.extensions[_EXTENSION]()
    except Exception:
        logger.exception("No worker could be woken for e-mail; the next sweep finds it.")


def sweep() -> None:
    """Have a worker look into the outbox if something is due that no wake-up in the queue is for."""
    if sending.is_due() and not current_queue().waiting(_TASK):
        wake()


def _send() -> None:
    sending.send_due(current_queue().stopping)


def _prune(_begin: int) -> None:
    pruning.prune(utc_now(), current_queue().stopping)


@event.listens_for(OutboxMessage, "after_insert")
def _remember(_mapper: Any, _connection: Any, message: OutboxMessage) -> None:
    session = object_session(message)
    assert session is not None
    session.info[_WRITTEN] = True


@event.listens_for(Session, "after_commit")
def _wake_after_commit(session: Session) -> None:
    # Whoever writes an e-mail need not think of waking anybody. A savepoint's end is no commit yet.
    if not session.in_nested_transaction() and session.info.pop(_WRITTEN, False) and has_app_context():
        wake()


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(_WRITTEN, None)
