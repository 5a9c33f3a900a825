from datetime import timedelta

import pytest
from flask import Flask

from iqies_flask.config import Settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.submissions import lease
from iqies_flask.submissions.models import State, Submission
from tests.submissions.uploading import submit


@pytest.fixture
def submission(app: Flask, submitter: User) -> Submission:
    return submit(submitter, b"x")


def run_out(submission: Submission) -> None:
    """Do what time does to a lease."""
    with write_transaction() as session:
        row = session.get_one(Submission, submission.id, populate_existing=True)
        row.available_at = utc_now() - timedelta(seconds=1)


def reloaded(submission: Submission) -> Submission:
    return db.session.get_one(Submission, submission.id, populate_existing=True)


def taken(submission: Submission, settings: Settings) -> lease.Claim:
    claimed = lease.claim(submission.id, settings)
    assert claimed is not None
    return claimed


def test_only_one_worker_gets_a_submission(submission: Submission, settings: Settings) -> None:
    assert lease.claim(submission.id, settings) is not None
    assert lease.claim(submission.id, settings) is None


def test_submission_that_does_not_exist_is_nobody_s(app: Flask, settings: Settings) -> None:
    assert lease.claim(4711, settings) is None


def test_lease_that_ran_out_goes_to_the_next_worker(submission: Submission, settings: Settings) -> None:
    first = taken(submission, settings)
    run_out(submission)
    second = taken(submission, settings)
    assert (first.attempt, second.attempt) == (1, 2)
    with pytest.raises(lease.LeaseLostError), lease.progress(first, settings, processed=5):
        pytest.fail("The first worker does not have it any more.")
    assert reloaded(submission).processed == 0


def test_progress_moves_the_end_of_the_lease_ahead(submission: Submission, settings: Settings) -> None:
    claimed = taken(submission, settings)
    run_out(submission)
    with lease.progress(claimed, settings, processed=5):
        pass
    assert reloaded(submission).available_at > utc_now()
    assert lease.claim(submission.id, settings) is None


def test_failures_delay_the_next_attempt_longer_each_time_and_end_with_an_operator(
    submission: Submission, settings: Settings
) -> None:
    delays = []
    for _ in range(settings.attempts):
        run_out(submission)
        lease.give_back(taken(submission, settings), settings, failed=True)
        delays.append((reloaded(submission).available_at - utc_now()).total_seconds())
    assert [round(delay) for delay in delays[:-1]] == [10, 20, 40, 80]
    assert reloaded(submission).state is State.NEEDS_ATTENTION
    assert lease.unfinished() == []


def test_worker_that_always_dies_ends_with_an_operator(submission: Submission, settings: Settings) -> None:
    for _ in range(settings.attempts):
        taken(submission, settings)
        run_out(submission)
    assert lease.claim(submission.id, settings) is None
    assert reloaded(submission).state is State.NEEDS_ATTENTION


def test_operator_can_have_it_tried_again(submission: Submission, settings: Settings) -> None:
    assert not lease.try_again(submission.id)
    for _ in range(settings.attempts):
        run_out(submission)
        lease.give_back(taken(submission, settings), settings, failed=True)
    assert lease.try_again(submission.id)
    assert taken(submission, settings).attempt == 1


def test_progress_forgives_earlier_attempts(submission: Submission, settings: Settings) -> None:
    taken(submission, settings)
    run_out(submission)
    claimed = taken(submission, settings)
    with lease.progress(claimed, settings, processed=1, attempts=0):
        pass
    run_out(submission)
    assert taken(submission, settings).attempt == 1


def test_worker_that_shuts_down_leaves_it_to_the_next_at_once(
    submission: Submission, settings: Settings
) -> None:
    lease.give_back(taken(submission, settings), settings, failed=False)
    assert taken(submission, settings).attempt == 1


def test_unfinished_ones_are_listed_until_they_are_done(submission: Submission, settings: Settings) -> None:
    assert [entry for entry, _ in lease.unfinished()] == [submission.id]
    claimed = taken(submission, settings)
    assert lease.due(submission.id) == reloaded(submission).available_at
    with lease.progress(claimed, settings, state=State.COMPLETED, worker_token=None):
        pass
    assert lease.unfinished() == []
    assert lease.due(submission.id) is None
