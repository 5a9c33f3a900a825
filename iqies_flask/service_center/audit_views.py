"""The audit log's pages."""

from flask import Response, abort, render_template, request, stream_with_context

from iqies_flask.access.actions import Action
from iqies_flask.arguments import entry_asked
from iqies_flask.audit.search import Filter
from iqies_flask.current import current_settings
from iqies_flask.database import utc_now
from iqies_flask.identity.sessions.current import person
from iqies_flask.service_center import audit_log
from iqies_flask.service_center.blueprint import blueprint, only_for
from iqies_flask.service_center.forms import AuditFilterForm


@blueprint.get("/audit")
@only_for(Action.VIEW_AUDIT_LOG)
def audit() -> str | tuple[str, int]:
    """Show the audit log.

    Renders ``service_center/audit.html`` with ``form`` (an `AuditFilterForm`), ``asked`` (the filter's values
    for addresses) and ``lines`` (the `Lines` of this page; None where the filter cannot be used).
    """
    form = AuditFilterForm(request.args)
    if not form.validate():
        return render_template("service_center/audit.html", form=form, asked={}, lines=None), 422
    lines = audit_log.lines(_wanted(form), older_than=entry_asked("before"), newer_than=entry_asked("after"))
    return render_template("service_center/audit.html", form=form, asked=_asked(form), lines=lines)


@blueprint.get("/audit.csv")
@only_for(Action.VIEW_AUDIT_LOG)
def audit_csv() -> Response:
    """The entries that the filter asks for, as CSV."""
    form = AuditFilterForm(request.args)
    if not form.validate():
        abort(400)
    audit_log.note_download(person(), request.remote_addr or "", _asked(form))
    name = f"audit-{utc_now().astimezone(current_settings().zone):%Y%m%d-%H%M%S}.csv"
    return Response(
        stream_with_context(audit_log.write_csv(_wanted(form))),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


def _wanted(form: AuditFilterForm) -> Filter:
    return audit_log.wanted(
        user_id=form.user_id.data or "",
        action=form.action.data or "",
        thing=form.object.data or "",
        outcome=form.outcome.data,
        since=form.since.data,
        until=form.until.data,
        zone=current_settings().zone,
    )


def _asked(form: AuditFilterForm) -> dict[str, str]:
    """The values of the fields that are filled in."""
    return {field.name: str(field.data) for field in form if field.data}
