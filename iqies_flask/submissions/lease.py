"""Who works on a submission. The row in the database decides; the queue only wakes a worker.

A worker takes a submission for some seconds and moves the end of that time ahead with each batch that it
commits. If it dies, the time runs out and the next worker takes the submission. A worker that was only slow
and comes back finds its token gone, and none of what it has in hand is committed.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.engine import CursorResult, Result
from sqlalchemy.orm import Session

from iqies_flask.audit import service as audit
from iqies_flask.config import Settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.submissions.models import UNFINISHED, State, Submission


class LeaseLostError(RuntimeError):
    """Another worker has taken the submission over; nothing of the transaction at hand is kept."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A submission that this worker has.

    Attributes:
        submission: The row as it was when taken.
        token: Secret by which this worker's right to it is known.
        attempt: 1 if the last attempt made progress or there was none; one more for each that made none.
        last_attempt: Whether a further failure leaves the submission to an operator.
    """

    submission: Submission
    token: str
    attempt: int
    last_attempt: bool


def claim(submission_id: int, settings: Settings) -> Claim | None:
    """Take a submission, if it is unfinished and nobody has it.

    Returns:
        None if there is nothing to take. A submission whose every attempt has ended in the death of its
        worker is given up to an operator here.
    """
    token = secrets.token_hex(16)
    now = utc_now()
    with write_transaction() as session:
        taken = _changed(
            session.execute(
                update(Submission)
                .where(
                    Submission.id == submission_id,
                    Submission.state.in_(UNFINISHED),
                    Submission.available_at <= now,
                )
                .values(
                    state=State.PROCESSING,
                    started_at=func.coalesce(Submission.started_at, now),
                    worker_token=token,
                    available_at=now + timedelta(seconds=settings.lease_seconds),
                    attempts=Submission.attempts + 1,
                )
                .execution_options(synchronize_session=False)
            )
        )
        if not taken:
            return None
        submission = session.get_one(Submission, submission_id, populate_existing=True)
        if submission.attempts > settings.attempts:
            submission.state, submission.worker_token = State.NEEDS_ATTENTION, None
            return None
    # From here on a picture of the row as it was: the session's later transactions do not touch it.
    session.expunge(submission)
    return Claim(
        submission=submission,
        token=token,
        attempt=submission.attempts,
        last_attempt=submission.attempts >= settings.attempts,
    )


@contextmanager
def progress(claimed: Claim, settings: Settings, **values: Any) -> Iterator[Session]:
    """Open a transaction that writes progress; it commits only if the submission is still this worker's.

    Args:
        claimed: What `claim` gave.
        settings: For the length of the lease.
        values: Columns of the submission to set in the same transaction.

    Yields:
        The session, for whatever else belongs to this step.

    Raises:
        LeaseLostError: Another worker has it.
    """
    values.setdefault("available_at", utc_now() + timedelta(seconds=settings.lease_seconds))
    with write_transaction() as session:
        _update_own(session, claimed, values)
        yield session


def give_back(claimed: Claim, settings: Settings, *, failed: bool) -> None:
    """Let go of a submission that is not finished.

    Args:
        claimed: What `claim` gave.
        settings: For the number of attempts and the delay between them.
        failed: False where the worker only shuts down: then the next one may go on at once.

    Raises:
        LeaseLostError: Another worker has it.
    """
    with write_transaction() as session:
        _update_own(session, claimed, {"worker_token": None, "available_at": utc_now()})
        submission = session.get_one(Submission, claimed.submission.id, populate_existing=True)
        if not failed:
            submission.attempts = 0
        elif submission.attempts >= settings.attempts:
            submission.state = State.NEEDS_ATTENTION
        else:
            delay = settings.retry_seconds * 2 ** max(submission.attempts - 1, 0)
            submission.available_at += timedelta(seconds=delay)


def unfinished() -> list[tuple[int, datetime]]:
    """List the submissions that are not finished: their ids, and from when on a worker may take each."""
    rows = db.session.execute(
        select(Submission.id, Submission.available_at)
        .where(Submission.state.in_(UNFINISHED))
        .order_by(Submission.available_at, Submission.id)
    )
    return [(row.id, row.available_at) for row in rows]


def due(submission_id: int) -> datetime | None:
    """Tell from when on a worker may take a submission; None if it is finished."""
    return db.session.scalar(
        select(Submission.available_at).where(
            Submission.id == submission_id, Submission.state.in_(UNFINISHED)
        )
    )


def try_again(submission_id: int) -> bool:
    """Let workers take a submission again that was left to an operator, who asks for it.

    Returns:
        False if the submission does not exist or does not wait for that.
    """
    with write_transaction() as session:
        found = _changed(
            session.execute(
                update(Submission)
                .where(Submission.id == submission_id, Submission.state == State.NEEDS_ATTENTION)
                .values(state=State.PROCESSING, worker_token=None, available_at=utc_now(), attempts=0)
            )
        )
        if found:
            audit.record(
                session,
                "submission.retried",
                actor=audit.COMMAND_LINE,
                object_type="submission",
                object_id=submission_id,
            )
        return found


def _update_own(session: Session, claimed: Claim, values: dict[str, Any]) -> None:
    statement = (
        update(Submission)
        .where(Submission.id == claimed.submission.id, Submission.worker_token == claimed.token)
        .values(values)
        .execution_options(synchronize_session=False)
    )
    if not _changed(session.execute(statement)):
        raise LeaseLostError


def _changed(result: Result[Any]) -> bool:
    assert isinstance(result, CursorResult)
    return bool(result.rowcount)
