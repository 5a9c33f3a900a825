"""What open pages ask about the session, to warn before it ends."""

import math

from flask import Blueprint, jsonify
from werkzeug.wrappers import Response

from iqies_flask.database import utc_now, write_transaction
from iqies_flask.identity.sessions import service
from iqies_flask.identity.sessions.current import current_login

blueprint = Blueprint("sessions", __name__)


@blueprint.get("/session")
def state() -> Response:
    """Tell in how many ``seconds`` the session ends; 0 if it has. Asking is no activity."""
    login = current_login()
    left = (service.ends_at(login) - utc_now()).total_seconds() if login else 0
    return jsonify(seconds=max(0, math.floor(left)))


@blueprint.post("/session")
def extend() -> Response:
    """Go on with the session, if it has not ended. Answers like `state`."""
    login = current_login()
    if login is not None:
        with write_transaction() as writing:
            service.touch(writing, login)
    return state()
