"""Making recovery codes."""

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from iqies_flask.database import write_transaction
from iqies_flask.identity.recovery import codes as service
from iqies_flask.identity.recovery.blueprint import blueprint
from iqies_flask.identity.sessions import current


@blueprint.route("/recovery-codes", methods=["GET", "POST"])
def codes() -> str | Response:
    """Say how many recovery codes are left, and make new ones.

    Renders ``recovery/codes.html`` with ``left``, and ``recovery/codes_made.html`` with ``codes`` (texts),
    ``go_on`` (path of the next page) and ``first``. The codes are in the answer to a form and nowhere else.
    """
    if request.method == "POST":
        return _make()
    return render_template("recovery/codes.html", left=service.left(current.person()))


@current.requires_recent_proof
def _make() -> str:
    with write_transaction() as writing:
        made = service.make(writing, current.person(), origin=current.request_origin())
    return render_template(
        "recovery/codes_made.html", codes=made, go_on=url_for("security_keys.index"), first=False
    )
