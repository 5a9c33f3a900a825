"""The page that shows who may do what."""

from flask import Blueprint, render_template

from iqies_flask.access.matrix_table import office_table, provider_table
from iqies_flask.access.permission import current_matrix

blueprint = Blueprint("access", __name__)


@blueprint.get("/roles/matrix")
def matrix() -> str:
    """Show the permission matrix, to everybody who is signed in.

    Renders ``access/matrix.html`` with ``provider`` and ``office`` (each a `MatrixTable`).
    """
    whole = current_matrix()
    return render_template("access/matrix.html", provider=provider_table(whole), office=office_table(whole))
