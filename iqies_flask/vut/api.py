"""The web service of the Validation Utility Tool, as vendors' clients know it."""

from collections.abc import Callable, Iterator

from flask import Blueprint, Response, abort, request

from iqies_flask.vut.receiving import content_of, limited_by_address, take_place
from iqies_flask.vut.service import current_tool

PART = "assessmentFile"
"""Name of the part of the form that holds the file."""

blueprint = Blueprint("vut_api", __name__, url_prefix="/api/vut/v1")


@blueprint.post("/assessmentUpload")
@limited_by_address
def assessment_upload() -> Response:
    """Check a file; the answer is JSON, and is sent record by record."""
    files = request.files.getlist(PART)
    if len(files) != 1:
        abort(
            400,
            f"The request must be multipart/form-data with one file part named {PART}, which has a filename; "
            f"it has {len(files) or 'none'}. To check several assessments at once, send them in a zip.",
        )
    (file,) = files
    # The content is read here: the request's files are closed before the answer is sent.
    content = content_of(file)
    leave = take_place()
    pieces = current_tool().answer(content, file.filename or PART)
    answer = Response(_then(pieces, leave), mimetype="application/json")
    # For an answer that is never begun.
    answer.call_on_close(leave)
    return answer


def _then(pieces: Iterator[str], leave: Callable[[], None]) -> Iterator[str]:
    try:
        yield from pieces
    finally:
        leave()
