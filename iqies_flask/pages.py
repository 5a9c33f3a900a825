"""What belongs to no room: the start page, the health check, and what all templates use."""

from datetime import datetime

from flask import Flask, redirect, url_for
from flask_login import current_user
from sqlalchemy import text
from werkzeug.wrappers import Response

from iqies_flask.config import Environment, Settings
from iqies_flask.dates import date_in_words, moment_in_words
from iqies_flask.extensions import db
from iqies_flask.navigation import navigation


def init_app(app: Flask, settings: Settings) -> None:
    """Add the start page, the health check, and what templates use.

    That is ``local_time``, ``date_in_words``, ``asset_address``, ``demonstration``: whether this is one, and
    ``service_center``: a dictionary with ``name``, ``phone`` and ``email``, empty where neither of these
    is set.
    """
    app.add_url_rule("/", endpoint="home", view_func=home)
    app.add_url_rule("/healthz", endpoint="health", view_func=health)
    app.jinja_env.globals["asset_address"] = asset_address
    app.jinja_env.globals["demonstration"] = settings.environment is Environment.DEMO
    app.jinja_env.globals["service_center"] = service_center(settings)
    app.add_template_filter(date_in_words)
    zone = settings.zone

    @app.template_filter()
    def local_time(moment: datetime) -> str:
        """Write a moment in the installation's time zone, and name the zone."""
        return moment_in_words(moment.astimezone(zone))


def service_center(settings: Settings) -> dict[str, str]:
    """How the Service Center is reached; empty where the operator has not said it.

    Args:
        settings: The installation's.
    """
    phone, email = settings.service_center_phone, settings.service_center_email
    return {"name": settings.service_center_name, "phone": phone, "email": email} if phone or email else {}


def asset_address(name: str) -> str:
    """The address of a style sheet, script or picture.

    Args:
        name: Its path below ``static/``.
    """
    return url_for("static", filename=name)


def home() -> Response:
    """Lead to where the user's work is, or to signing in.

    That is the list of the own submissions; for who may not send anything, the first page of the own role.
    """
    if not current_user.is_authenticated:
        return redirect(url_for("sign_in.password"))
    links = navigation()
    may_send = any(link.address == url_for("submissions.upload") for link in links)
    of_role = [link.address for link in links if link.of_role]
    return redirect(of_role[0] if of_role and not may_send else url_for("submissions.index"))


def health() -> tuple[str, int, dict[str, str]]:
    """Tell a monitor whether the site and its database answer."""
    db.session.execute(text("SELECT 1"))
    return "ok", 200, {"Content-Type": "text/plain"}
