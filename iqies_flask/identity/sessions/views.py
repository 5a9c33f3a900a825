"""What open pages ask about the session, to warn before it ends."""

import math
from typing import Any

from flask import Blueprint, jsonify, request, url_for
from werkzeug.wrappers import Response

from iqies_flask.current import current_settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.forms import typed_fields
from iqies_flask.identity.browsers import known as known_browsers
from iqies_flask.identity.sessions import kept_forms, service
from iqies_flask.identity.sessions.current import browser_token, current_login, is_signed_in

blueprint = Blueprint("sessions", __name__)

_WARNING_SECONDS = 120
"""Before the end of a session; less where a session is short."""


@blueprint.get("/session")
def state() -> Response:
    """Tell in how many ``seconds`` the session ends, 0 if it has, and whether it ``can_go_on``.

    Asking is no activity.
    """
    return jsonify(_state())


@blueprint.post("/session")
def extend() -> Response:
    """Go on with the session, if it has not ended. Answers like `state`."""
    login = current_login()
    if login is not None:
        with write_transaction() as writing:
            service.touch(writing, login)
    return jsonify(_state())


@blueprint.post("/session/form")
def keep_form() -> Response:
    """Keep what was typed into the form of a page, which is left because the session has ended.

    Answers with ``page``, the address of the sign-in page that leads back to it.
    """
    page = request.args.get("page", "")
    if not kept_forms.is_page(page.partition("?")[0]):
        page = "/"
    kept_forms.keep(known_browsers.last_user(browser_token()), page, request.form.lists())
    return jsonify(page=url_for("sign_in.password", ended=1, next=page))


@blueprint.app_context_processor
def values_of_frame() -> dict[str, Any]:
    """What the frame of every page shows of the session."""
    return {
        "is_signed_in": is_signed_in,
        "session_state": _state,
        "typed_fields": typed_fields,
        "warning_seconds": _warning_seconds,
    }


def _state() -> dict[str, Any]:
    login = current_login()
    if login is None:
        return {"seconds": 0, "can_go_on": False}
    end = service.ends_at(login)
    return {
        "seconds": max(0, math.floor((end - utc_now()).total_seconds())),
        "can_go_on": end < service.ends_at_latest(login),
    }


def _warning_seconds() -> int:
    return min(_WARNING_SECONDS, current_settings().session_minutes * 30)
