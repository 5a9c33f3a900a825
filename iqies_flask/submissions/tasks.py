"""The work queue. It only wakes workers: what there is to do stands in the database.

A wake-up that is lost costs time and no more: `sweep` runs when a worker starts and once a minute, and finds
every submission that is unfinished and nobody's.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from flask import Flask, current_app
from huey import Huey, PostgresHuey, SqliteHuey, crontab
from huey.exceptions import ConfigurationError

from iqies_flask.config import Settings, SettingsError
from iqies_flask.submissions import lease
from iqies_flask.submissions.processing import process_submission

logger = logging.getLogger(__name__)

_EXTENSION = "iqies_queue"
_NAME = "iqies"
_PROCESS_TASK = "process_submission"


class WorkQueue:
    """The queue of one application, and the tasks in it."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        """Connect to the queue.

        Args:
            app: In whose context the tasks run.
            settings: Where the queue is.
        """
        self._app = app
        self._stopping: Callable[[], bool] = lambda: False
        self.huey = _connect(settings)
        self._process = self.huey.task(name=_PROCESS_TASK)(self._run)
        self.huey.periodic_task(crontab(), name="sweep")(self.sweep)

    def wake(self, submission_id: int, at: datetime | None = None) -> None:
        """Have a worker look at a submission.

        Args:
            submission_id: Which.
            at: Not before this moment; at once by default.
        """
        if at is None:
            self._process(submission_id)
        else:
            self._process.schedule((submission_id,), eta=at)

    def sweep(self) -> None:
        """Have workers look at every unfinished submission that no wake-up in the queue is for."""
        waiting = {
            task.args[0]
            for task in [*self.huey.pending(), *self.huey.scheduled()]
            if task.name == _PROCESS_TASK
        }
        with self._app.app_context():
            for submission_id, available_at in lease.unfinished():
                if submission_id not in waiting:
                    self.wake(submission_id, available_at)

    def stop_when(self, stopping: Callable[[], bool]) -> None:
        """Say how the tasks learn that their worker is to stop."""
        self._stopping = stopping

    def _run(self, submission_id: int) -> None:
        with self._app.app_context():
            if not process_submission(submission_id, self._stopping):
                return
            due = lease.due(submission_id)
            if due is not None and not self._stopping():
                self.wake(submission_id, due)


def init_app(app: Flask, settings: Settings) -> None:
    """Give an application its queue."""
    app.extensions[_EXTENSION] = WorkQueue(app, settings)


def current_queue() -> WorkQueue:
    """The running application's queue."""
    queue = current_app.extensions[_EXTENSION]
    assert isinstance(queue, WorkQueue)
    return queue


def wake(submission_id: int) -> None:
    """Have a worker look at a submission. Never fails: the submission is stored, the next sweep finds it."""
    try:
        current_queue().wake(submission_id)
    except Exception:
        logger.exception(
            "No worker could be woken for submission %s; the next sweep finds it.", submission_id
        )


def _connect(settings: Settings) -> Huey:
    url = settings.queue_url
    # Nobody reads the results of tasks: the database holds them.
    if not url:
        path: Path = settings.instance_folder / "queue.db"
        return SqliteHuey(_NAME, filename=str(path), results=False)
    try:
        return PostgresHuey(_NAME, dsn=url, results=False)
    except ConfigurationError as error:
        raise SettingsError(f"IQIES_QUEUE_URL cannot be used: {error}") from None
