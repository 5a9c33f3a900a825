from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from huey import Huey, PostgresHuey, SqliteHuey

from iqies_flask import create_app
from iqies_flask.config import Settings, SettingsError
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.queue import current_queue
from iqies_flask.submissions import lease
from iqies_flask.submissions.models import State, Submission
from tests.queueing import connect_queue, work
from tests.submissions.uploading import oasis, submit, zip_of


@pytest.fixture
def queue(app: Flask, settings: Settings) -> Iterator[Huey]:
    huey = connect_queue(app, settings)
    yield huey
    huey.storage.close()


def state_of(submission: Submission) -> State:
    return db.session.get_one(Submission, submission.id, populate_existing=True).state


def test_kind_of_queue(queue: Huey, settings: Settings) -> None:
    kind = SqliteHuey if settings.database_url.startswith("sqlite") else PostgresHuey
    assert isinstance(queue, kind)


def test_queue_that_lacks_its_library_is_refused_by_name(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huey.storage.psycopg", None)
    with pytest.raises(SettingsError, match=r"IQIES_QUEUE_URL.*psycopg"):
        create_app(replace(settings, queue_url="postgresql://host/name"))


def test_received_submission_wakes_a_worker(queue: Huey, submitter: User) -> None:
    submission = submit(submitter, zip_of(oasis(1)))
    assert work(queue) == 1
    assert state_of(submission) is State.COMPLETED


def test_sweep_finds_what_nobody_was_woken_for(queue: Huey, submitter: User) -> None:
    submission = submit(submitter, zip_of(oasis(1)))
    queue.flush()
    assert work(queue) == 0
    current_queue().sweep()
    work(queue)
    assert state_of(submission) is State.COMPLETED


def test_sweep_waits_for_a_lease_to_run_out(queue: Huey, submitter: User, settings: Settings) -> None:
    submission = submit(submitter, zip_of(oasis(1)))
    queue.flush()
    assert lease.claim(submission.id, settings)
    current_queue().sweep()
    work(queue)
    assert state_of(submission) is State.PROCESSING
    assert queue.scheduled_count() == 1
    # The clock goes on to the end of the lease.
    with write_transaction() as session:
        session.get_one(Submission, submission.id, populate_existing=True).available_at = utc_now()
    later = utc_now().replace(tzinfo=None) + timedelta(seconds=settings.lease_seconds + 1)
    (due,) = queue.read_schedule(later)
    queue.execute(due, later)
    assert state_of(submission) is State.COMPLETED


def test_failed_attempt_is_scheduled_again(
    queue: Huey, submitter: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_order(*_: object) -> None:
        raise OSError

    monkeypatch.setattr("iqies_flask.submissions.processing.current_checks", out_of_order)
    submission = submit(submitter, zip_of(oasis(1)))
    work(queue)
    assert queue.scheduled_count() == 1
    assert state_of(submission) is State.PROCESSING


def test_sweeps_do_not_pile_up_wake_ups(queue: Huey, submitter: User, settings: Settings) -> None:
    """A submission that waits for its turn, or for a lease to run out, is woken for once."""
    taken, waiting = submit(submitter, zip_of(oasis(1))), submit(submitter, zip_of(oasis(2)))
    queue.flush()
    lease.claim(taken.id, settings)
    for _ in range(3):
        current_queue().sweep()
    assert (queue.pending_count(), queue.scheduled_count()) == (2, 0)
    work(queue)
    current_queue().sweep()
    current_queue().sweep()
    assert (queue.pending_count(), queue.scheduled_count()) == (0, 1)
    assert state_of(waiting) is State.COMPLETED
