"""The work queue, which the rooms share. It only wakes workers: what there is to do stands in the database.

A wake-up that is lost costs time and no more: every room that has work for workers brings a sweep, which runs
when a worker starts and once a minute or once a day, and finds what nobody was woken for. What a sweep cannot
do is logged, and keeps no worker from its other work.
"""

import logging
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from flask import Flask, current_app
from huey import Huey, PostgresHuey, SqliteHuey, crontab
from huey.api import TaskWrapper
from huey.exceptions import ConfigurationError

from iqies_flask.config import Settings, SettingsError

P = ParamSpec("P")
T = TypeVar("T")

logger = logging.getLogger(__name__)

_EXTENSION = "iqies_queue"
_NAME = "iqies"
_DAILY_HOUR = "8"
"""UTC: the small hours in most of the United States, and early enough for an e-mail to be read that day."""

_CONNECT_SECONDS = 5
"""Somebody may sit and wait for what wakes a worker."""

_AFTER_EVERYTHING = -1
"""Priority of what has time until the next day."""


class QueueError(Exception):
    """The queue cannot be used; the message says why."""


class WorkQueue:
    """The queue of one application, and the tasks that its rooms have registered.

    It connects when it is first used: without it, the web site takes in what it is given all the same.
    """

    def __init__(self, app: Flask, settings: Settings) -> None:
        """Prepare. Nothing is connected to yet.

        Args:
            app: In whose context the tasks run.
            settings: Where the queue is.

        Raises:
            SettingsError: The library that the queue needs is not installed.
        """
        self._app = app
        self._stopping: Callable[[], bool] = lambda: False
        self._sweeps: list[Callable[[], None]] = []
        self._daily: dict[str, TaskWrapper] = {}
        self.huey = _huey(settings)

    def require(self) -> None:
        """Make the queue where it is not there yet; without one, a worker would do nothing.

        Raises:
            QueueError: It cannot be used.
        """
        try:
            self.huey.storage.initialize_schema()
        # Of the driver's own kinds; which driver it is only the library knows.
        except Exception as error:
            raise QueueError(
                f"The work queue cannot be used ({error}). Is the database of IQIES_QUEUE_URL running?"
            ) from None

    def add_task(self, name: str, function: Callable[..., None], *, priority: int = 0) -> TaskWrapper:
        """Register what workers do when they are woken for it.

        Args:
            name: The task's name in the queue.
            function: What is done, in the application's context.
            priority: A task of a higher one is taken before those that wait.

        Returns:
            To be called with the function's arguments, which wakes a worker.
        """
        return self.huey.task(name=name, priority=priority)(self._in_application(function))

    def add_sweep(self, name: str, function: Callable[[], None], *, daily: bool = False) -> None:
        """Register what finds a room's work that no wake-up in the queue is for.

        Args:
            name: The sweep's name in the queue.
            function: What is done, in the application's context.
            daily: Once a day will do, besides when a worker starts; else it is once a minute.
        """
        if daily:
            self.add_daily(name, lambda _: function())
            return
        sweep = self._guarded(name, function)
        self._sweeps.append(sweep)
        self.huey.periodic_task(crontab(), name=name)(sweep)

    def add_daily(self, name: str, function: Callable[[int], int | None]) -> None:
        """Register a sweep that runs once a day and when a worker starts, a portion at a time.

        Between two portions a worker does whatever else there is.

        Args:
            name: The sweep's name in the queue.
            function: Does a portion, in the application's context. It is given where to begin, at first 0,
                and returns where to go on; None at the end.
        """
        portion = self._guarded(name, function)

        def run(begin: int = 0) -> None:
            following = portion(begin)
            if following is not None and not self.stopping():
                self._daily[name](following)

        when = crontab(hour=_DAILY_HOUR, minute="0")
        self._daily[name] = self.huey.periodic_task(when, name=name, priority=_AFTER_EVERYTHING)(run)

    def sweep(self) -> None:
        """Run the sweeps of every minute now."""
        for sweep in self._sweeps:
            sweep()

    def wake_for_daily(self) -> None:
        """Have a worker run the sweeps of every day as soon as it has nothing else to do."""
        for name, task in self._daily.items():
            if not self.waiting(name):
                task()

    def waiting(self, name: str) -> list[tuple[Any, ...]]:
        """List the arguments of a task's wake-ups that are in the queue."""
        return [task.args for task in [*self.huey.pending(), *self.huey.scheduled()] if task.name == name]

    def stop_when(self, stopping: Callable[[], bool]) -> None:
        """Say how the tasks learn that their worker is to stop."""
        self._stopping = stopping

    def stopping(self) -> bool:
        """Whether the worker is to stop: a task that takes long asks now and then."""
        return self._stopping()

    def _in_application(self, function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> T:
            with self._app.app_context():
                return function(*args, **kwargs)

        return run

    def _guarded(self, name: str, function: Callable[P, T]) -> Callable[P, T | None]:
        in_application = self._in_application(function)

        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> T | None:
            try:
                return in_application(*args, **kwargs)
            except Exception:
                logger.exception("%s has failed; the rest is left to its next run.", name)
                return None

        return run


def init_app(app: Flask, settings: Settings) -> None:
    """Give an application its queue. The rooms register their tasks next."""
    app.extensions[_EXTENSION] = WorkQueue(app, settings)


def current_queue() -> WorkQueue:
    """The running application's queue."""
    queue = current_app.extensions[_EXTENSION]
    assert isinstance(queue, WorkQueue)
    return queue


def _huey(settings: Settings) -> Huey:
    url = settings.queue_url
    # Nobody reads the results of tasks: the database holds them.
    if not url:
        path: Path = settings.instance_folder / "queue.db"
        return SqliteHuey(_NAME, filename=str(path), results=False)
    try:
        return PostgresHuey(
            _NAME, dsn=url, results=False, create_tables=False, connect_timeout=_CONNECT_SECONDS
        )
    except ConfigurationError as error:
        raise SettingsError(f"IQIES_QUEUE_URL cannot be used: {error}") from None
