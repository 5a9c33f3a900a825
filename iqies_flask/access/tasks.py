"""The worker's part: roles end when their holders do not sign in, and are to be certified once a year."""

from flask import Flask

from iqies_flask.access import inactivity
from iqies_flask.access.officials import certification
from iqies_flask.database import utc_now
from iqies_flask.queue import current_queue


def init_app(app: Flask) -> None:
    """Register the sweeps of roles with the application's queue."""
    with app.app_context():
        current_queue().add_daily("sweep_roles", _sweep)
        current_queue().add_daily("sweep_certification", _sweep_certification)


def _sweep(after: int) -> int | None:
    return inactivity.sweep(utc_now(), after)


def _sweep_certification(_begin: int) -> None:
    certification.sweep(current_queue().stopping)
