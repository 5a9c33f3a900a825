from collections.abc import Iterator

import pytest
from flask import Flask

from iqies_flask.config import Settings
from iqies_flask.queue import WorkQueue, current_queue
from tests.queueing import connect_queue, work


@pytest.fixture
def queue(app: Flask, settings: Settings) -> Iterator[WorkQueue]:
    """The queue, as if no room had registered anything."""
    connect_queue(app, settings)
    queue = current_queue()
    queue._sweeps.clear()
    queue._daily.clear()
    yield queue
    queue.huey.storage.close()


def test_sweep_that_fails_keeps_none_of_the_others_from_running(
    queue: WorkQueue, caplog: pytest.LogCaptureFixture
) -> None:
    done: list[str] = []

    def fail() -> None:
        raise ZeroDivisionError("a submitted value")

    queue.add_sweep("first", fail)
    queue.add_sweep("second", lambda: done.append("second"))
    queue.add_sweep("third", fail, daily=True)
    queue.add_sweep("fourth", lambda: done.append("fourth"), daily=True)
    queue.sweep()
    queue.wake_for_daily()
    work(queue.huey)
    assert done == ["second", "fourth"]
    assert [record.args for record in caplog.records] == [("first",), ("third",)]


def test_daily_sweep_gives_way_to_other_work_between_its_portions(queue: WorkQueue) -> None:
    done: list[object] = []
    other = queue.add_task("other", lambda: done.append("other"))

    def portion(begin: int) -> int | None:
        done.append(begin)
        other()
        return begin + 10 if begin < 20 else None

    queue.add_daily("daily", portion)
    queue.wake_for_daily()
    queue.wake_for_daily()
    assert queue.waiting("daily") == [()]
    work(queue.huey)
    assert done == [0, "other", 10, "other", 20, "other"]


def test_worker_that_is_told_to_stop_leaves_the_other_portions(queue: WorkQueue) -> None:
    done: list[int] = []

    def portion(begin: int) -> int:
        done.append(begin)
        return begin + 1

    queue.add_daily("daily", portion)
    queue.stop_when(lambda: True)
    queue.wake_for_daily()
    work(queue.huey)
    assert done == [0]
