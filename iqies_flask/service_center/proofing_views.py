"""Proofing by hand: the queue of persons who wait, and the decision about one."""

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from iqies_flask.access.actions import Action
from iqies_flask.database import LARGEST_NUMBER
from iqies_flask.identity.persons import shown_phone
from iqies_flask.identity.proofing import officers
from iqies_flask.identity.proofing.officers import AlreadyDecidedError, CaseFile, DecisionError
from iqies_flask.identity.sessions.current import person, request_origin, requires_recent_proof
from iqies_flask.service_center.blueprint import blueprint, only_for
from iqies_flask.service_center.proofing_forms import DecisionForm


@blueprint.get("/proofing")
@only_for(Action.PROVE_IDENTITIES)
def proofing_queue() -> str:
    """List who waits for an officer, longest first.

    Renders ``service_center/proofing_queue.html`` with ``page`` and ``officer``.
    """
    page = officers.queue(request.args.get("page", 1, type=int))
    return render_template("service_center/proofing_queue.html", page=page, officer=person())


@blueprint.route("/proofing/<int:case_number>", methods=["GET", "POST"])
@only_for(Action.PROVE_IDENTITIES)
@requires_recent_proof
def proofing_case(case_number: int) -> str | Response | tuple[str, int]:
    """Show a case, and take the decision about it.

    Renders ``service_center/proofing_case.html`` with ``file`` (a `CaseFile`), ``phone`` and ``form``.
    """
    if case_number > LARGEST_NUMBER:
        abort(404)
    form = DecisionForm()
    try:
        if form.validate_on_submit():
            try:
                return _decide(case_number, form)
            except AlreadyDecidedError:
                raise
            except DecisionError as error:
                form.form_errors.append(str(error))
        file = officers.open_case(person(), case_number, origin=request_origin())
    except LookupError:
        abort(404)
    except DecisionError as error:
        flash(str(error), "warn")
        return redirect(url_for("service_center.proofing_queue"))
    return _page(file, form), 422 if form.is_submitted() else 200


def _decide(case_number: int, form: DecisionForm) -> Response:
    user_id = officers.decide(
        person(),
        case_number,
        form.evidence,
        form.reason.data or "",
        approve=form.approves,
        as_of=form.compared_with,
        origin=request_origin(),
    )
    verdict = "approved" if form.approves else "refused"
    flash(f"You {verdict} {user_id}. The person is told by e-mail.", "success")
    return redirect(url_for("service_center.proofing_queue"))


def _page(file: CaseFile, form: DecisionForm) -> str:
    if form.is_submitted() and form.compared_with != file.as_of:
        form.form_errors = [officers.CORRECTED_MEANWHILE]
    form.as_of.data = file.as_of.isoformat()
    phone = shown_phone(file.profile.phone)
    return render_template("service_center/proofing_case.html", file=file, phone=phone, form=form)
