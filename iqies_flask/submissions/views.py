"""The pages of submissions and their reports. Every one of them asks whose it is; another's answers 404."""

import tempfile
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

from flask import (
    Blueprint,
    abort,
    redirect,
    render_template,
    request,
    send_file,
    stream_with_context,
    url_for,
)
from flask_login import current_user
from werkzeug.wrappers import Response

from iqies_flask.access.actions import Action
from iqies_flask.access.permission import may_anywhere, why_not
from iqies_flask.access.requests.overview import overview_of
from iqies_flask.confidential import ScratchFile
from iqies_flask.current import current_settings
from iqies_flask.pipeline.report.csv import write_csv
from iqies_flask.pipeline.report.model import FinalValidationReport
from iqies_flask.pipeline.report.xml import write_xml
from iqies_flask.submissions import service
from iqies_flask.submissions.forms import UploadForm
from iqies_flask.submissions.models import Submission
from iqies_flask.submissions.reports import PRINTED_PAGE, REPORT_PAGE, Report, Show
from iqies_flask.submissions.storage import TooLargeError, open_content

blueprint = Blueprint("submissions", __name__)

_ID = "<int(max=2147483647):submission_id>"


@blueprint.get("/submissions")
def index() -> str:
    """List the user's own submissions.

    Renders ``submissions/index.html`` with ``page`` (a `Page` of `SubmissionView`), ``query``, ``may_submit``
    (whether for any provider) and ``waiting``: requests for roles of whoever may not, each a `Pending`.
    """
    query = request.args.get("q", "").strip()[:100]
    page = service.list_own(current_user, query, _asked_page())
    may_submit = _may_submit()
    waiting = () if may_submit else overview_of(current_user._get_current_object()).pending.items
    return render_template(
        "submissions/index.html", page=page, query=query, may_submit=may_submit, waiting=waiting
    )


@blueprint.route("/submissions/new", methods=["GET", "POST"])
def upload() -> str | Response | tuple[str, int]:
    """Take a file.

    Everybody may send one, since Payroll Based Journal files need no role; whether the user may submit for a
    provider is decided record by record.

    Renders ``submissions/upload.html`` with ``form`` (submission_file), ``limit_bytes`` and ``why_not`` (why
    no assessment of the user would be taken; None where some would).
    """
    form = UploadForm()
    if form.validate_on_submit():
        file = form.submission_file.data
        try:
            submission = service.receive(current_user, file.filename, file.stream, address=_address())
        except service.EmptyFileError:
            form.submission_file.errors = ["The file is empty. Choose the zip that your software made."]
        except TooLargeError:
            abort(413)
        else:
            return redirect(url_for("submissions.status", submission_id=submission.id), code=303)
    limit = current_settings().limits.upload_bytes
    reason = why_not(current_user._get_current_object(), Action.UPLOAD)
    page = render_template("submissions/upload.html", form=form, limit_bytes=limit, why_not=reason)
    return (page, 422) if form.is_submitted() else page


@blueprint.get(f"/submissions/{_ID}")
def status(submission_id: int) -> str:
    """Show how far a submission is.

    Renders ``submissions/status.html`` with ``submission`` (a `SubmissionView`).
    """
    submission = service.view_of(_own(submission_id))
    return render_template("submissions/status.html", submission=submission)


@blueprint.get(f"/submissions/{_ID}/progress")
def progress(submission_id: int) -> str:
    """The part of the status page that moves.

    Renders ``submissions/_progress.html`` with ``submission`` (a `SubmissionView`).
    """
    submission = service.view_of(_own(submission_id))
    return render_template("submissions/_progress.html", submission=submission)


@blueprint.get(f"/submissions/{_ID}/file")
def download(submission_id: int) -> Response:
    """Give the submitted bytes back as they came."""
    submission = _own(submission_id)
    service.note_download(current_user, submission.id, _address())
    answer = send_file(
        open_content(submission.id, submission.size),
        mimetype="application/octet-stream",
        as_attachment=True,
        download_name=submission.file_name,
    )
    answer.content_length = submission.size
    # The bytes are read from the database while they are sent, when the request itself is over.
    answer.response = stream_with_context(cast(Iterator[bytes], answer.response))
    return answer


@blueprint.get(f"/submissions/{_ID}/report")
def report(submission_id: int) -> str | Response:
    """Show the submitter's Final Validation Report.

    Renders ``submissions/report.html`` with ``report`` (a `FinalValidationReport` with this page's records),
    ``page``, ``pages``, ``total``, ``show``, ``to_print`` (whether asked for on few pages, to be printed),
    ``printable`` (whether that would be one page), ``is_provider_report``, ``submission_id`` and ``ccn``.
    While the submission is not finished, the answer is its status page.
    """
    submission = _own(submission_id)
    if not service.is_finished(submission):
        return redirect(url_for("submissions.status", submission_id=submission_id))
    return _report_page(submission, None)


@blueprint.get(f"/submissions/{_ID}/report.csv")
def report_csv(submission_id: int) -> Response:
    """The submitter's report as CSV."""
    return _csv(_own_finished(submission_id), None)


@blueprint.get(f"/submissions/{_ID}/report.xml")
def report_xml(submission_id: int) -> Response:
    """The submitter's report as XML."""
    return _xml(_own_finished(submission_id), None)


@blueprint.get(f"/submissions/{_ID}/providers/<ccn>/report")
def provider_report(submission_id: int, ccn: str) -> str:
    """Show a provider's Final Validation Report. Renders the same template as `report`."""
    return _report_page(_reported(submission_id, ccn), ccn)


@blueprint.get(f"/submissions/{_ID}/providers/<ccn>/report.csv")
def provider_report_csv(submission_id: int, ccn: str) -> Response:
    """A provider's report as CSV."""
    return _csv(_reported(submission_id, ccn), ccn)


@blueprint.get(f"/submissions/{_ID}/providers/<ccn>/report.xml")
def provider_report_xml(submission_id: int, ccn: str) -> Response:
    """A provider's report as XML."""
    return _xml(_reported(submission_id, ccn), ccn)


@blueprint.get("/reports")
def provider_reports() -> str:
    """List the reports of the providers whose reports the user may see.

    Renders ``submissions/provider_reports.html`` with ``page`` (a `Page` of `ProviderReportLine`).
    """
    page = service.list_provider_reports(current_user, _asked_page())
    return render_template("submissions/provider_reports.html", page=page)


def _address() -> str:
    return request.remote_addr or ""


def _asked_page() -> int:
    return min(request.args.get("page", 1, type=int), 1_000_000)


def _may_submit() -> bool:
    return may_anywhere(current_user._get_current_object(), Action.UPLOAD)


def _own(submission_id: int) -> Submission:
    submission = service.own_submission(current_user, submission_id)
    if submission is None:
        abort(404)
    return submission


def _own_finished(submission_id: int) -> Submission:
    submission = _own(submission_id)
    if not service.is_finished(submission):
        abort(404)
    return submission


def _reported(submission_id: int, ccn: str) -> Submission:
    submission = service.reported_submission(current_user, submission_id, ccn)
    if submission is None:
        abort(404)
    return submission


def _report_page(submission: Submission, ccn: str | None) -> str:
    asked = request.args.get("show", "")
    show = Show(asked) if asked in set(Show) else Show.ALL
    to_print = request.args.get("print") == "1"
    report = Report(submission, ccn)
    shown = report.page(_asked_page(), show, PRINTED_PAGE if to_print else REPORT_PAGE)
    at_the_beginning = show is Show.ALL and shown.page == 1
    return render_template(
        "submissions/report.html",
        report=shown.report,
        first_rejected=report.first_rejected(shown.report.header.counts) if at_the_beginning else [],
        page=shown.page,
        pages=shown.pages,
        total=shown.total,
        show=show.value,
        to_print=to_print,
        printable=PRINTED_PAGE.pages(shown.total) == 1,
        is_provider_report=ccn is not None,
        submission_id=submission.id,
        ccn=ccn,
    )


def _csv(submission: Submission, ccn: str | None) -> Response:
    return _file(submission, ccn, write_csv, "csv", "text/csv; charset=utf-8")


def _xml(submission: Submission, ccn: str | None) -> Response:
    return _file(submission, ccn, write_xml, "xml", "application/xml")


def _file(
    submission: Submission,
    ccn: str | None,
    write: Callable[[FinalValidationReport, BinaryIO], None],
    extension: str,
    mimetype: str,
) -> Response:
    service.note_report_download(current_user, submission.id, _address(), form=extension, ccn=ccn)
    # A writer pushes, a response pulls: in between an unnamed file, which is gone when the answer is sent.
    stream = ScratchFile(tempfile.TemporaryFile())  # noqa: SIM115 - closed with the response
    write(Report(submission, ccn).whole(), cast(BinaryIO, stream))
    stream.rewind()
    completed = (submission.completed_at or submission.received_at).astimezone(current_settings().zone)
    return send_file(
        cast(BinaryIO, stream),
        mimetype=mimetype,
        as_attachment=True,
        download_name=f"{completed:%m%d%Y%H%M%S}.{submission.id}.{extension}",
    )
