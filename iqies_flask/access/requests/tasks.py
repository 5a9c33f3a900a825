"""The worker's part: reminders, and throwing away what nobody finished filling in."""

from flask import Flask

from iqies_flask.access.requests import drafts, waiting
from iqies_flask.queue import current_queue


def init_app(app: Flask) -> None:
    """Register the sweep of requests for roles with the application's queue."""
    with app.app_context():
        current_queue().add_sweep("sweep_role_requests", sweep)


def sweep() -> None:
    """Do what time brings with it, if it brings anything."""
    if waiting.has_due():
        waiting.sweep()
    if drafts.has_old():
        drafts.forget_old()
