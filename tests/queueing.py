"""The queue in tests, and a worker's part in it."""

from dataclasses import replace

from flask import Flask
from huey import Huey

from iqies_flask import queue
from iqies_flask.config import Settings
from iqies_flask.extensions import db
from iqies_flask.mail import tasks as mail_tasks
from iqies_flask.submissions import tasks as submission_tasks


def connect_queue(app: Flask, settings: Settings) -> Huey:
    """Give the application the queue that goes with its database: SQLite or PostgreSQL."""
    if not settings.database_url.startswith("sqlite"):
        url = settings.database_url.replace("postgresql+psycopg://", "postgresql://")
        queue.init_app(app, replace(settings, queue_url=url))
        submission_tasks.init_app(app)
        mail_tasks.init_app(app)
        queue.current_queue().require()
    return queue.current_queue().huey


def work(huey: Huey) -> int:
    """Do what is in the queue, as a worker does; how many tasks there were."""
    done = 0
    while (task := huey.dequeue()) is not None:
        huey.execute(task)
        done += 1
    db.session.rollback()
    return done
