"""A worker killed at any moment leaves a submission that the next one finishes, with nothing twice."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from iqies_flask.assessments.models import StoredAssessment
from iqies_flask.config import Settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.pipeline.report.model import Disposition
from iqies_flask.submissions.models import RecordMessage, State, Submission, SubmissionRecord
from tests.submissions.uploading import BROKEN, PBJ, correction_of, oasis, submit, zip_of

MODIFIED = correction_of(oasis(4), "2", "01", M0040_PAT_MI="Z")
MEMBERS = (
    *(oasis(1), oasis(2), BROKEN, oasis(1), PBJ, oasis(3), oasis(4), PBJ, oasis(5), oasis(6), oasis(2)),
    *(MODIFIED, correction_of(MODIFIED, "2", "02"), correction_of(oasis(5), "3", "01"), MODIFIED),
)
EXPECTED = [
    Disposition.ACCEPTED,
    Disposition.ACCEPTED,
    Disposition.REJECTED,
    Disposition.DUPLICATE,
    Disposition.HANDED_OVER,
    Disposition.ACCEPTED,
    Disposition.ACCEPTED,
    Disposition.HANDED_OVER,
    Disposition.ACCEPTED,
    Disposition.ACCEPTED,
    Disposition.DUPLICATE,
    Disposition.ACCEPTED,
    Disposition.ACCEPTED,
    Disposition.ACCEPTED,
    Disposition.REJECTED,
]
STATEMENTS = (1, 2, 3, 4, 5, 7, 9, 11, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23)
"""Where workers die: from the claim over the opening and the first batches. Each next one starts where the
last left off, so later statements are reached as well."""


@pytest.fixture
def environment(settings: Settings) -> dict[str, str]:
    return {
        **os.environ,
        "IQIES_ENVIRONMENT": "demo",
        "IQIES_INSTANCE_FOLDER": str(settings.instance_folder),
        "IQIES_DATABASE_URL": settings.database_url,
        "IQIES_SECRET_KEY": settings.secret_key,
        "IQIES_ENCRYPTION_KEYS": settings.encryption_keys[0],
        "IQIES_HASH_KEY": settings.hash_key,
        "IQIES_BATCH_RECORDS": "3",
        "IQIES_ATTEMPTS": "100",
        "IQIES_LEASE_SECONDS": "1",
    }


def run_out(submission_id: int) -> None:
    """Do what time does to a lease."""
    with write_transaction() as session:
        row = session.get_one(Submission, submission_id, populate_existing=True)
        row.available_at = utc_now() - timedelta(seconds=1)


def reloaded(submission_id: int) -> Submission:
    db.session.rollback()
    return db.session.get_one(Submission, submission_id, populate_existing=True)


def assert_complete(submission_id: int, settings: Settings) -> None:
    submission = reloaded(submission_id)
    assert submission.state is State.COMPLETED
    assert submission.processed == submission.record_count == len(EXPECTED)
    records = db.session.scalars(
        select(SubmissionRecord)
        .where(SubmissionRecord.submission_id == submission_id)
        .order_by(SubmissionRecord.number)
    ).all()
    assert [record.number for record in records] == list(range(1, len(EXPECTED) + 1))
    assert [record.disposition for record in records] == EXPECTED
    stored = db.session.scalars(
        select(StoredAssessment.record_number).order_by(StoredAssessment.record_number)
    )
    assert list(stored) == [1, 2, 6, 7, 9, 10, 12, 13, 14]
    in_force = db.session.scalars(
        select(StoredAssessment.record_number)
        .where(StoredAssessment.in_force)
        .order_by(StoredAssessment.record_number)
    )
    assert list(in_force) == [1, 2, 6, 10, 13]
    fatal = db.session.scalar(select(func.sum(SubmissionRecord.fatal)))
    messages = select(func.count()).select_from(RecordMessage).where(RecordMessage.severity == "Fatal")
    assert db.session.scalar(messages) == fatal == 4
    assert len(list(settings.pbj_spool.glob("*.xml"))) == 2


@contextmanager
def dying_worker(environment: dict[str, str], submission_id: int) -> Iterator[Callable[[int], int]]:
    """Hand out what lets a worker die at a statement, and tells its exit status."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.submissions.dying_worker", str(submission_id)],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        asked, told = process.stdin, process.stdout

        def die_at(statement: int) -> int:
            asked.write(f"{statement}\n")
            asked.flush()
            return int(told.readline())

        yield die_at


def test_worker_killed_at_one_statement_after_another(
    app: Flask, submitter: User, settings: Settings, environment: dict[str, str]
) -> None:
    submission_id = submit(submitter, zip_of(*MEMBERS)).id
    killed = 0
    with dying_worker(environment, submission_id) as die_at:
        for statement in (*STATEMENTS, 0):
            status = die_at(statement)
            assert status in {0, -signal.SIGKILL}
            killed += status != 0
            if reloaded(submission_id).state is State.COMPLETED:
                break
            run_out(submission_id)
    assert killed >= 10
    assert_complete(submission_id, settings)


@pytest.fixture
def workers(environment: dict[str, str]) -> Iterator[list[subprocess.Popen[bytes]]]:
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for process in started:
        process.kill()
        process.wait()


def start_worker(
    environment: dict[str, str], workers: list[subprocess.Popen[bytes]]
) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-m", "iqies_flask.cli", "worker"], env=environment)
    workers.append(process)
    return process


def wait_for(submission_id: int, *, processed: int) -> None:
    deadline = time.monotonic() + 120
    while reloaded(submission_id).processed < processed:
        assert time.monotonic() < deadline, "The worker makes no progress."
        time.sleep(0.01)


def test_real_worker_is_killed_and_the_next_finishes(
    app: Flask,
    submitter: User,
    settings: Settings,
    environment: dict[str, str],
    workers: list[subprocess.Popen[bytes]],
) -> None:
    """The next worker needs no wake-up: it finds the submission when it starts."""
    submission_id = submit(submitter, zip_of(*MEMBERS)).id
    start_worker(environment, workers)
    wait_for(submission_id, processed=1)
    workers[0].kill()
    workers[0].wait()
    start_worker(environment, workers)
    wait_for(submission_id, processed=len(MEMBERS))
    deadline = time.monotonic() + 120
    while reloaded(submission_id).state is not State.COMPLETED:
        assert time.monotonic() < deadline, "The second worker does not finish."
        time.sleep(0.01)
    assert_complete(submission_id, settings)


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_worker_that_is_asked_to_stops_cleanly(
    app: Flask,
    submitter: User,
    environment: dict[str, str],
    workers: list[subprocess.Popen[bytes]],
    kind: signal.Signals,
) -> None:
    submission_id = submit(submitter, zip_of(oasis(1))).id
    worker = start_worker(environment, workers)
    wait_for(submission_id, processed=1)
    worker.send_signal(kind)
    assert worker.wait(timeout=120) == 0
