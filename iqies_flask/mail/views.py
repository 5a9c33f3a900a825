"""The outbox of a demonstration, which has no mail server: whoever looks at it reads everybody's e-mail."""

from flask import Blueprint, render_template, request

from iqies_flask.mail import service

blueprint = Blueprint("demo", __name__, url_prefix="/demo")
"""Registered in demonstrations only."""


@blueprint.get("/outbox")
def outbox() -> str:
    """Show every e-mail with its links.

    Renders ``demo/outbox.html`` with ``page`` (a `Page` of `OutboxMessage`).
    """
    asked_page = min(request.args.get("page", 1, type=int), 1_000_000)
    return render_template("demo/outbox.html", page=service.list_all(asked_page))
