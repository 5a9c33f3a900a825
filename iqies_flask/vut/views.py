"""The page of the Validation Utility Tool."""

from contextlib import ExitStack

from flask import Blueprint, render_template

from iqies_flask.current import current_settings
from iqies_flask.vut.forms import CheckForm
from iqies_flask.vut.receiving import content_of, limited_by_address, take_place
from iqies_flask.vut.screen import show
from iqies_flask.vut.service import current_tool

blueprint = Blueprint("vut", __name__)


@blueprint.route("/vut", methods=["GET", "POST"])
@limited_by_address
def check() -> str | tuple[str, int]:
    """Check a file and show the report on it.

    Renders ``vut/check.html`` with ``form`` (assessment_file) and ``limit_bytes``, or ``vut/report.html``
    with ``shown`` (a `ShownReport`).
    """
    form = CheckForm()
    if form.validate_on_submit():
        file = form.assessment_file.data
        if content := content_of(file):
            with ExitStack() as stack:
                stack.callback(take_place())
                report = stack.enter_context(current_tool().report(content, file.filename))
                return render_template("vut/report.html", shown=show(report))
        form.assessment_file.errors = ["The file is empty. Choose the file that your software made."]
    page = render_template("vut/check.html", form=form, limit_bytes=current_settings().limits.upload_bytes)
    return (page, 422) if form.is_submitted() else page
