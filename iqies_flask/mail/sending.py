"""The worker's part: sending what is in the outbox.

A message is taken by moving its time ahead, sent outside of any transaction, and marked in another one. A
worker that dies between sending and marking leaves a message that is sent again when that time has come: an
e-mail may come twice, and none is lost.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from iqies_flask.audit import service as audit
from iqies_flask.audit.models import Outcome
from iqies_flask.config import Environment, Settings
from iqies_flask.current import current_settings
from iqies_flask.database import clip, utc_now, write_transaction
from iqies_flask.encryption import DecryptionError
from iqies_flask.extensions import db
from iqies_flask.mail.delivery import (
    DeliveryError,
    DeliveryFault,
    Transport,
    compose,
    file_name,
    transport_of,
)
from iqies_flask.mail.models import MessageState, OutboxMessage
from iqies_flask.mail.service import enqueue

logger = logging.getLogger(__name__)

_TAKEN_FOR = timedelta(minutes=5)
"""Longer than any exchange with a mail server takes."""

_FIRST_DELAY = timedelta(minutes=1)
_LONGEST_DELAY = timedelta(hours=1)
_GIVEN_UP_AFTER = timedelta(days=3)


def delay_after(attempts: int) -> timedelta:
    """How long a message waits after so many failed attempts: 1 minute, doubled each time up to 1 hour."""
    delay = _FIRST_DELAY
    for _ in range(attempts - 1):
        delay = min(2 * delay, _LONGEST_DELAY)
    return delay


def _attempts_within(span: timedelta) -> int:
    attempts, waited = 1, timedelta()
    while waited < span:
        waited += delay_after(attempts)
        attempts += 1
    return attempts


MOST_ATTEMPTS = _attempts_within(_GIVEN_UP_AFTER)
"""Failed attempts after which a message is given up, some three days after the first."""


def is_due() -> bool:
    """Whether there is a message that may be sent now."""
    return db.session.scalar(select(OutboxMessage.id).where(_due()).limit(1)) is not None


def send_due(stopping: Callable[[], bool] = lambda: False) -> None:
    """Send what may be sent now, the oldest first, until nothing is left or the mail server cannot be used.

    Args:
        stopping: Asked before each message whether to leave the rest to the next worker.
    """
    settings = current_settings()
    transport = transport_of(settings)
    while not stopping():
        taken = _take()
        if taken is None or not _send(taken, transport, settings):
            return


def send_now(to: str, template: str, **values: Any) -> OutboxMessage:
    """Write an e-mail and send it at once, for somebody who waits to hear what came of it.

    Args:
        to: The address.
        template: As for `enqueue`.
        values: As for `enqueue`.

    Returns:
        The message as it is afterwards. If it could not be sent, a worker tries again like any other.
    """
    settings = current_settings()
    with write_transaction() as session:
        message = enqueue(session, to, template, **values)
        message.attempts, message.available_at = 1, utc_now() + _TAKEN_FOR
    _send(message.id, transport_of(settings), settings)
    return db.session.get_one(OutboxMessage, message.id, populate_existing=True)


def _due() -> ColumnElement[bool]:
    return and_(OutboxMessage.state == MessageState.WAITING, OutboxMessage.available_at <= utc_now())


def _take() -> int | None:
    with write_transaction() as session:
        # Only what is needed: contents that cannot be decrypted must not keep the others from being sent.
        number = session.scalar(
            select(OutboxMessage.id)
            .where(_due())
            .order_by(OutboxMessage.available_at, OutboxMessage.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        if number is not None:
            _change(session, number, available_at=utc_now() + _TAKEN_FOR, attempts=OutboxMessage.attempts + 1)
    return number


def _send(number: int, transport: Transport, settings: Settings) -> bool:
    """Send one message; False if the others need not be tried now."""
    try:
        message = db.session.get_one(OutboxMessage, number, populate_existing=True)
        mail, name = compose(message, settings), file_name(message)
        # The mail server takes its time; no transaction waits for it.
        db.session.rollback()
        transport.deliver(mail, name)
    except DeliveryError as error:
        _failed(number, error.fault, str(error))
        return error.fault is not DeliveryFault.SERVER
    except DecryptionError as error:
        db.session.rollback()
        _failed(number, DeliveryFault.DEFERRED, str(error))
    except ValueError as error:
        # The kind only: the text can hold the address.
        _failed(number, DeliveryFault.REFUSED, f"No e-mail can be made of it ({type(error).__name__}).")
    else:
        _sent(number, settings)
    return True


def _sent(number: int, settings: Settings) -> None:
    # A demonstration shows what was sent.
    wiped = {} if settings.environment is Environment.DEMO else {"content": None}
    with write_transaction() as session:
        _change(session, number, state=MessageState.SENT, sent_at=utc_now(), problem="", **wiped)


def _failed(number: int, fault: DeliveryFault, problem: str) -> None:
    with write_transaction() as session:
        state, attempts = session.execute(
            select(OutboxMessage.state, OutboxMessage.attempts).where(OutboxMessage.id == number)
        ).one()
        if state is not MessageState.WAITING:
            # Another worker took it over in the meantime, and was done with it.
            return
        give_up = fault is DeliveryFault.REFUSED or attempts >= MOST_ATTEMPTS
        if give_up:
            _give_up(session, number, clip(problem, OutboxMessage.problem))
        else:
            due = utc_now() + delay_after(attempts)
            _change(session, number, available_at=due, problem=clip(problem, OutboxMessage.problem))
    logger.log(
        logging.ERROR if give_up else logging.WARNING,
        "E-mail %s %s: %s",
        number,
        "is given up" if give_up else f"is tried again (attempt {attempts} failed)",
        problem,
    )


def _give_up(session: Session, number: int, problem: str) -> None:
    _change(session, number, state=MessageState.FAILED, problem=problem)
    audit.record(
        session,
        "mail.failed",
        actor=audit.SYSTEM,
        object_type="mail",
        object_id=number,
        outcome=Outcome.FAILED,
        problem=problem,
    )


def _change(session: Session, number: int, **values: Any) -> None:
    # Without reading the row: its contents may be what cannot be read.
    statement = update(OutboxMessage).where(OutboxMessage.id == number).values(values)
    session.execute(statement, execution_options={"synchronize_session": False})
