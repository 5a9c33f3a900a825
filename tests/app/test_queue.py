from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import pytest
from flask import Flask

from iqies_flask import create_app
from iqies_flask.config import Settings
from iqies_flask.identity.service import create_user
from iqies_flask.queue import QueueError, WorkQueue, current_queue, init_app
from iqies_flask.submissions.models import State
from iqies_flask.submissions.service import receive
from iqies_flask.worker import run_worker
from tests.conftest import PASSWORD
from tests.queueing import work


@pytest.fixture
def queue(app: Flask, settings: Settings) -> Iterator[WorkQueue]:
    """A queue with which no room has registered anything."""
    if settings.database_url.startswith("sqlite"):
        url = ""
    else:
        url = settings.database_url.replace("postgresql+psycopg://", "postgresql://")
    init_app(app, replace(settings, queue_url=url))
    queue = current_queue()
    queue.require()
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


@pytest.fixture
def unreachable(settings: Settings) -> Settings:
    return replace(settings, queue_url="postgresql://nobody:secret-word@127.0.0.1:1/none")


def test_application_takes_in_what_it_is_given_without_a_queue(unreachable: Settings) -> None:
    app = create_app(unreachable)
    with app.app_context():
        assert app.test_client().get("/healthz").status_code == 200
        submission = receive(create_user("submitter", PASSWORD), "batch.zip", BytesIO(b"x"))
        assert submission.state is State.RECEIVED


def test_worker_insists_on_the_queue(unreachable: Settings) -> None:
    with pytest.raises(QueueError, match="IQIES_QUEUE_URL") as raised:
        run_worker(create_app(unreachable))
    assert "secret-word" not in str(raised.value)
