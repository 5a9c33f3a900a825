"""The worker: does what the queue wakes it for, submissions and e-mail, until it is told to stop."""

import logging
from typing import Any

from flask import Flask
from huey.consumer import Consumer

from iqies_flask.current import current_settings
from iqies_flask.queue import WorkQueue, current_queue

logger = logging.getLogger(__name__)

_POLL_SECONDS = 0.5
_HEALTH_SECONDS = 5


class _Consumer(Consumer):
    """Huey's consumer, which looks for work that nobody was woken for when it starts.

    It does so, and says that it is ready, when it can be stopped in order: after it has set its signal
    handlers.
    """

    def __init__(self, queue: WorkQueue, **options: Any) -> None:
        super().__init__(queue.huey, **options)
        self._queue = queue

    def start(self) -> None:
        super().start()
        logger.info("Worker ready.")
        self._queue.sweep()
        self._queue.wake_for_daily()


def run_worker(app: Flask) -> None:
    """Run a worker in the main thread of this process. Returns after SIGINT or SIGTERM.

    Either signal lets each submission at hand reach its next record, commits what is done, and leaves the
    rest to the next worker.

    Args:
        app: The application of the installation.

    Raises:
        QueueError: The work queue cannot be used.
    """
    with app.app_context():
        settings = current_settings()
        queue = current_queue()
    queue.require()
    # Threads share the compiled specifications; for more than one core, run more than one worker process.
    consumer = _Consumer(
        queue,
        workers=settings.worker_count,
        worker_type="thread",
        initial_delay=0.1,
        max_delay=_POLL_SECONDS,
        health_check_interval=_HEALTH_SECONDS,
        graceful_signal="TERM",
    )
    queue.stop_when(consumer.stop_flag.is_set)
    consumer.run()
    for _, thread in consumer.worker_threads:
        thread.join()
    logger.info("Worker stopped.")
