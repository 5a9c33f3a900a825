"""The pages about offices: who holds those that CMS decides about, and giving the own ones up."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from iqies_flask.access.actions import Action
from iqies_flask.access.errors import AccessError
from iqies_flask.access.offices import service
from iqies_flask.access.officials.forms import RevocationForm
from iqies_flask.access.permission import current_matrix, may, refuse
from iqies_flask.access.roles import Role
from iqies_flask.arguments import entry_asked
from iqies_flask.database import LARGEST_NUMBER
from iqies_flask.forms import PlainForm
from iqies_flask.identity.sessions.current import person, request_origin, requires_recent_proof

blueprint = Blueprint("offices", __name__, url_prefix="/offices")

_Page = str | Response | tuple[str, int]


@blueprint.get("")
def index() -> str:
    """List those who hold offices that CMS decides about.

    Renders ``offices/index.html`` with ``found`` (a `Part`, each an `OfficeHolder`) and ``own`` (number of
    the own account).
    """
    if not may(person(), Action.APPROVE_FIRST_OFFICIAL):
        refuse(person(), Action.APPROVE_FIRST_OFFICIAL)
    found = service.holders(after=entry_asked("after"))
    return render_template("offices/index.html", found=found, own=person().id)


@blueprint.route("/<office_name>/of/<int:user_number>/revocation", methods=["GET", "POST"])
@requires_recent_proof
def revoke(office_name: str, user_number: int) -> _Page:
    """Take an office from somebody.

    Renders ``offices/revoke.html`` with ``holder`` (an `OfficeHolder`) and ``form``.
    """
    role = _office(office_name)
    if not may(person(), Action.APPROVE_FIRST_OFFICIAL) or role not in service.decided_by_cms():
        abort(404)
    holder = service.holder(min(user_number, LARGEST_NUMBER), role)
    if holder is None:
        abort(404)
    form = RevocationForm()
    if form.validate_on_submit():
        try:
            service.revoke(
                person(), holder.account.number, role, form.reason.data or "", origin=request_origin()
            )
        except LookupError:
            abort(404)
        except AccessError as error:
            form.form_errors.append(str(error))
        else:
            account = holder.account
            flash(f"{account.name} is no longer {holder.label}. {account.told}", "success")
            return redirect(url_for("offices.index"))
    page = render_template("offices/revoke.html", holder=holder, form=form)
    return page, 422 if form.is_submitted() else 200


@blueprint.route("/held/<own_office>/end", methods=["GET", "POST"])
def give_up(own_office: str) -> _Page:
    """Give an office up.

    Renders ``offices/end.html`` with ``form``, ``entry`` and ``last`` (whether nobody else approves for CMS).
    """
    role = _office(own_office)
    if service.holder(person().id, role) is None:
        abort(404)
    entry = current_matrix().roles[role]
    form = PlainForm()
    if form.validate_on_submit():
        try:
            service.give_up(person(), role, origin=request_origin())
        except LookupError:
            abort(404)
        except AccessError as error:
            form.form_errors.append(str(error))
        else:
            flash(f"You have given up the office {entry.label}.", "success")
            return redirect(url_for("profile.show", _anchor="roles"), code=303)
    page = render_template("offices/end.html", form=form, entry=entry, last=service.is_last(person(), role))
    return page, 422 if form.is_submitted() else 200


def _office(name: str) -> Role:
    if name not in {role.value for role in Role} or current_matrix().roles[Role(name)].for_provider:
        abort(404)
    return Role(name)
