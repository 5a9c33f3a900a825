"""What belongs to the running application."""

from flask import Flask, current_app

from iqies_flask.config import Settings

_EXTENSION = "iqies_settings"


def init_app(app: Flask, settings: Settings) -> None:
    """Give the application its settings."""
    app.extensions[_EXTENSION] = settings


def current_settings() -> Settings:
    """The running application's settings."""
    settings = current_app.extensions[_EXTENSION]
    assert isinstance(settings, Settings)
    return settings
