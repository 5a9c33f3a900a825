"""Doing the same several times at the same moment, as impatient or hostile browsers do."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from flask import Flask

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
