"""Waking workers for submissions. What there is to do stands in the database (`lease`)."""

import logging
from datetime import datetime

from flask import Flask, current_app

from iqies_flask.queue import current_queue
from iqies_flask.submissions import lease
from iqies_flask.submissions.processing import process_submission

logger = logging.getLogger(__name__)

_TASK = "process_submission"
_EXTENSION = "iqies_submission_task"


def init_app(app: Flask) -> None:
    """Register the task and the sweep of submissions with the application's queue."""
    with app.app_context():
        queue = current_queue()
    app.extensions[_EXTENSION] = queue.add_task(_TASK, _process)
    queue.add_sweep("sweep_submissions", sweep)


def wake(submission_id: int) -> None:
    """Have a worker look at a submission. Never fails: the submission is stored, the next sweep finds it."""
    try:
        _wake(submission_id)
    except Exception:
        logger.exception(
            "No worker could be woken for submission %s; the next sweep finds it.", submission_id
        )


def sweep() -> None:
    """Have workers look at every unfinished submission that no wake-up in the queue is for."""
    waiting = {arguments[0] for arguments in current_queue().waiting(_TASK)}
    for submission_id, available_at in lease.unfinished():
        if submission_id not in waiting:
            _wake(submission_id, available_at)


def _wake(submission_id: int, at: datetime | None = None) -> None:
    task = current_app.extensions[_EXTENSION]
    if at is None:
        task(submission_id)
    else:
        task.schedule((submission_id,), eta=at)


def _process(submission_id: int) -> None:
    stopping = current_queue().stopping
    if not process_submission(submission_id, stopping):
        return
    due = lease.due(submission_id)
    if due is not None and not stopping():
        _wake(submission_id, due)
