"""iqies_flask: an open, self-hosted iQIES."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from iqies_flask.config import Settings

__all__ = ["create_app"]


def create_app(settings: "Settings | None" = None) -> "Flask":
    """Make the web application.

    Args:
        settings: The settings; read from the environment by default.

    Raises:
        SettingsError: A setting is missing or wrong, or the database of a demonstration is to be used in
            production.
    """
    # Imported here: the pipeline is a plain library below this package and must not bring Flask with it.
    from iqies_flask.application import assemble  # noqa: PLC0415
    from iqies_flask.config import Settings  # noqa: PLC0415
    from iqies_flask.identity.demonstration import refuse_in_production  # noqa: PLC0415

    app = assemble(settings or Settings.load())
    refuse_in_production(app)
    return app
