"""Errors: what happened, and what to do now. People get a page, programs JSON."""

import math
import time
from datetime import timedelta
from functools import partial

from flask import Flask, g, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import Forbidden, HTTPException
from werkzeug.wrappers import Response

from iqies_flask.durations import duration_in_words
from iqies_flask.extensions import limiter, login_manager
from iqies_flask.form_limits import MOST_PARTS, FormTooLargeError
from iqies_flask.pipeline.limits import size_in_words

_API = "/api/"
"""Below this path programs are answered."""

_EXPLANATIONS = {
    400: (
        "The request could not be understood",
        "What your browser sent is incomplete or not valid.",
        "Go back, reload the page and try again.",
    ),
    403: (
        "You may not do this",
        "Your account has no permission for this page.",
        "If you need it, ask the people who run this site.",
    ),
    404: (
        "Page not found",
        "There is no such page, or it belongs to somebody else.",
        "Check the address, or start from the list of your submissions.",
    ),
    405: (
        "This page does not take that",
        "The page was asked for in a way it does not know.",
        "Go back and use the buttons of the page.",
    ),
    429: (
        "Too many attempts",
        "There were many attempts within a short time, so further ones are refused for now.",
        "Wait some minutes, then try again.",
    ),
    503: (
        "Busy at this moment",
        "As many files are being checked as this site checks at a time, so yours was not looked at.",
        "Try again in some seconds.",
    ),
    500: (
        "Something went wrong on our side",
        "The fault is not yours. It has been written to the log.",
        "Try again in a few minutes. A file that has a submission ID is safe and need not be sent again.",
    ),
}

_FORM_TOO_LARGE = (
    "The form has too many parts",
    f"A form may have at most {MOST_PARTS} parts, and only files may be long. Nothing of it was stored.",
    "Send one file. To send several records at once, put them into one zip.",
)


_NOT_ALLOWED = "The page Roles, in the navigation, shows what each role allows."


class NotAllowedError(Forbidden):
    """Somebody may not open a page that others may; the description says why, and who can change that."""


def init_app(app: Flask, upload_bytes: int) -> None:
    """Show a page of ours for every error.

    Each renders ``errors/page.html`` with ``status`` (a number), ``title``, ``what`` and ``remedy``. Below
    ``/api/`` the answer is a problem as RFC 9457 describes it: ``title``, ``status`` and ``detail``.

    Args:
        app: The application.
        upload_bytes: Largest upload, named on the page of a larger one.
    """
    explanations = {
        **_EXPLANATIONS,
        413: (
            "The file is too large",
            f"A file may have at most {size_in_words(upload_bytes)}. Nothing of it was stored.",
            "Make a zip with fewer records in it, and send the others in further zips.",
        ),
    }

    app.register_error_handler(CSRFError, form_too_old)

    @app.errorhandler(HTTPException)
    def explain(
        error: HTTPException,
    ) -> tuple[str | Response, int, list[tuple[str, str]]] | HTTPException:
        status = error.code or 500
        if status < 400:
            return error
        known = status if status in explanations else 400 if status < 500 else 500
        words = explanations[known]
        if isinstance(error, FormTooLargeError):
            words = _FORM_TOO_LARGE
        elif isinstance(error, NotAllowedError):
            words = (words[0], error.description or words[1], _NOT_ALLOWED)
        # The error's own headers (Allow, Retry-After), but not those of the page it would have shown.
        headers = [(name, value) for name, value in error.get_headers() if name != "Content-Type"]
        if status == 429 and (wait := _wait()) is not None:
            headers.append(("Retry-After", str(math.ceil(wait.total_seconds()))))
            words = (*words[:2], f"Wait {duration_in_words(wait)}, then try again.")
        if request.path.startswith(_API):
            return _problem(error, status, *words), status, headers
        return (*_page(status, *words), headers)


def form_too_old(_: CSRFError) -> tuple[str, int]:
    """Show the page on a form whose token is missing or has run out."""
    return _page(
        400,
        "The page was open for too long",
        "For your safety a form is only taken within some time after its page was opened.",
        "Go back, reload the page and fill in the form again.",
    )


def _page(status: int, title: str, what: str, remedy: str) -> tuple[str, int]:
    page = partial(render_template, "errors/page.html", status=status, title=title, what=what, remedy=remedy)
    try:
        return page(), status
    except SQLAlchemyError:
        # The frame of the page asks who is signed in. Without a database nobody is.
        g._login_user = login_manager.anonymous_user()
        return page(), status


def _wait() -> timedelta | None:
    """How long until the limit that was reached allows another attempt; None if none was."""
    limit = limiter.current_limit
    return None if limit is None else timedelta(seconds=max(1, math.ceil(limit.reset_at - time.time())))


def _problem(error: HTTPException, status: int, title: str, what: str, remedy: str) -> Response:
    if status in {413, 429, 503}:
        detail = f"{what} {remedy}"
    elif status >= 500:
        detail = "The fault is not yours. It has been written to the log. Try again in a few minutes."
    else:
        # The error's own words: the page's speak of buttons.
        detail = error.description or error.name
    answer = jsonify(title=title, status=status, detail=detail)
    answer.mimetype = "application/problem+json"
    return answer
