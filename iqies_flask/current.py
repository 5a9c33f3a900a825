"""What belongs to the running application."""

from flask import current_app

from iqies_flask.config import Settings


def current_settings() -> Settings:
    """The running application's settings."""
    settings = current_app.extensions["iqies_settings"]
    assert isinstance(settings, Settings)
    return settings
