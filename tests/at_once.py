"""Doing things at the same moment, as impatient or hostile browsers do."""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from flask import Flask
from sqlalchemy import select, text

from iqies_flask.audit.models import AuditHead
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db

_Answer = TypeVar("_Answer")


def at_once(app: Flask, times: int, job: Callable[[], _Answer]) -> list[_Answer]:
    """Do something in so many threads, each with its own connection to the database.

    Args:
        app: The application.
        times: How many times.
        job: What to do. Whatever it raises is raised here.
    """
    barrier = Barrier(times)

    def one(_: int) -> _Answer:
        with app.app_context():
            barrier.wait()
            return job()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def overlapping(app: Flask, *jobs: Callable[[], object]) -> list[object]:
    """Do things of which none can end before all have begun, in threads of their own.

    All have to write into the audit log, whose end is locked meanwhile. On SQLite they come one by one.

    Args:
        app: The application, in whose context the test is.
        jobs: What to do; each begins once the ones before wait for a lock.

    Returns:
        What each gave, or the error that it ended with.
    """

    def one(job: Callable[[], object]) -> object:
        with app.app_context():
            try:
                return job()
            except Exception as error:
                return error

    with ThreadPoolExecutor(len(jobs)) as pool:
        running: list[Future[object]] = []
        with write_transaction() as session:
            session.execute(select(AuditHead).with_for_update())
            for job in jobs:
                running.append(pool.submit(one, job))
                _wait_for_locks(len(running))
        return [future.result() for future in running]


def _wait_for_locks(number: int) -> None:
    if db.engine.dialect.name != "postgresql":
        return
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    end = time.monotonic() + 20
    with db.engine.connect() as connection:
        while (connection.scalar(waiting) or 0) < number:
            assert time.monotonic() < end, "Nobody waits for a lock."
            connection.rollback()
            time.sleep(0.02)
