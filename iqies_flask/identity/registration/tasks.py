"""The worker's part: what was entered and came to nothing is thrown away, though nobody registers after."""

from flask import Flask

from iqies_flask.database import write_transaction
from iqies_flask.identity.registration import service
from iqies_flask.queue import current_queue


def init_app(app: Flask) -> None:
    """Register the sweep of registrations with the application's queue."""
    with app.app_context():
        current_queue().add_sweep("sweep_registrations", _sweep)


def _sweep() -> None:
    if service.has_expired():
        with write_transaction() as session:
            service.sweep(session)
