"""The pages on which somebody asks for a role, takes a request back, or gives a role up.

Everybody who is signed in may ask; what is seen here is always the person's own, and all else answers 404.
"""

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from iqies_flask.access.actions import OF_OFFICES
from iqies_flask.access.errors import AccessError
from iqies_flask.access.models import Provider, RoleDraft
from iqies_flask.access.permission import current_matrix, why_not
from iqies_flask.access.requests import drafts, ending, service
from iqies_flask.access.requests.forms import FOR_WHOM, CategoryForm, OrganizationsForm, RoleForm
from iqies_flask.access.requests.overview import Overview, Submitted, overview_of, submitted_of
from iqies_flask.access.requests.service import RefusedError
from iqies_flask.access.roles import CATEGORY_LABELS, Role
from iqies_flask.database import LARGEST_NUMBER
from iqies_flask.extensions import db, htmx
from iqies_flask.forms import PlainForm
from iqies_flask.identity.sessions.current import person, request_origin

blueprint = Blueprint("requests", __name__, url_prefix="/roles")

_DRAFT = f"/request/<int(max={LARGEST_NUMBER}):draft_id>"
_SUBMITTED = "submitted_requests"
"""Key in the browser's session of how many requests were made just now, and the number of the first."""

_MOST_SEARCHED = 100
_LARGEST_PAGE = 1_000_000

MOST_REFUSALS = 20
"""What is wrong with further providers of a list is not said at the same time."""

_Page = str | Response | tuple[str, int]


def init_app(app: Flask) -> None:
    """Give templates ``own_roles``, ``submitted_roles`` and ``alone_in_office``, for one's account."""
    app.jinja_env.globals["own_roles"] = own_roles
    app.jinja_env.globals["submitted_roles"] = submitted_roles
    app.jinja_env.globals["alone_in_office"] = lambda: ending.alone_in_office(person())


def own_roles() -> Overview:
    """The roles and requests of whoever asks for the page, and of these what it asks for."""
    return overview_of(
        person(),
        search=request.args.get("role_q", "").replace("\0", "").strip()[:_MOST_SEARCHED],
        page=_page_number("role_page"),
        page_pending=_page_number("request_page"),
    )


def submitted_roles() -> Submitted | None:
    """What whoever asks for the page has just asked for, once."""
    return submitted_of(person(), *session.pop(_SUBMITTED)) if _SUBMITTED in session else None


@blueprint.route("/request", methods=["GET", "POST"])
def start() -> _Page:
    """Begin a request with its first step.

    Renders ``role_requests/category.html`` with ``form``, ``for_whom`` (user category to whom it is for) and
    ``draft`` (None).
    """
    form = CategoryForm()
    if form.validate_on_submit():
        draft = drafts.begin(person(), form.chosen)
        return redirect(url_for("requests.role", draft_id=draft.id), code=303)
    return _category_page(form, None)


@blueprint.route(f"{_DRAFT}/category", methods=["GET", "POST"])
def category(draft_id: int) -> _Page:
    """Change the user category. Renders as `start` does."""
    draft = _own_draft(draft_id)
    if draft.submitted_at is not None:
        return _submitted_already()
    form = CategoryForm(data={"category": draft.category.value})
    if form.validate_on_submit():
        drafts.set_category(draft, form.chosen)
        return redirect(url_for("requests.role", draft_id=draft.id), code=303)
    return _category_page(form, draft)


@blueprint.route(f"{_DRAFT}/role", methods=["GET", "POST"])
def role(draft_id: int) -> _Page:
    """Choose the role.

    Renders ``role_requests/role.html`` with ``form``, ``draft``, ``category`` (its name) and ``matrix``.
    """
    draft = _own_draft(draft_id)
    if draft.submitted_at is not None:
        return _submitted_already()
    form = RoleForm(current_matrix(), draft.category, {"role": draft.role})
    if form.validate_on_submit():
        drafts.set_role(draft, form.chosen)
        needs_providers = current_matrix().roles[form.chosen].for_provider
        following = "requests.organizations" if needs_providers else "requests.review"
        return redirect(url_for(following, draft_id=draft.id), code=303)
    page = render_template(
        "role_requests/role.html",
        form=form,
        draft=draft,
        category=CATEGORY_LABELS[draft.category],
        matrix=current_matrix(),
    )
    return page, 422 if form.is_submitted() else 200


@blueprint.route(f"{_DRAFT}/organizations", methods=["GET", "POST"])
def organizations(draft_id: int) -> _Page:
    """Add providers to the list, take them off, and go on, with what is still in the field.

    Renders ``role_requests/organizations.html`` with ``form``, ``draft``, ``entry`` (the role's row of the
    matrix), ``providers`` (on the list), ``problems`` (CCN on the list to what stands against it by now),
    ``said`` (what has just been done) and ``removed`` (whether that was taking one off).
    """
    draft = _own_draft(draft_id)
    if (elsewhere := _not_here_yet(draft)) is not None:
        return elsewhere
    form = OrganizationsForm()
    removed = "take_off" in request.form
    going_on = "go_on" in request.form
    said = ""
    if going_on and draft.ccns and not (form.ccns.data or "").strip():
        return _to_review(draft)
    if removed:
        drafts.remove(draft, request.form["take_off"])
        said = "Removed from the list."
    elif form.validate_on_submit():
        added = drafts.add(person(), draft, form.ccns.data or "")
        # What was refused stays in the field, to be corrected.
        form.ccns.errors = _shortened(added.refused)
        form.ccns.data = " ".join(added.refused)
        said = _added_in_words(added)
        if going_on and not added.refused:
            return _to_review(draft)
    if form.is_submitted() and not form.errors and not htmx:
        flash(said, "success")
        return redirect(url_for("requests.organizations", draft_id=draft.id), code=303)
    return _organizations_page(draft, form, said, removed=removed)


@blueprint.route(f"{_DRAFT}/review", methods=["GET", "POST"])
def review(draft_id: int) -> _Page:
    """Show the whole request, and submit it.

    Renders ``role_requests/review.html`` with ``form``, ``draft``, ``category`` (its name), ``entry``,
    ``providers``, ``problems`` (CCN to refusal; empty where it can be submitted) and ``most_refusals`` (how
    many of these to show).
    """
    draft = _own_draft(draft_id)
    if draft.submitted_at is not None:
        return _submitted_already()
    if draft.role is None:
        return redirect(url_for("requests.role", draft_id=draft.id), code=303)
    entry = current_matrix().roles[draft.role]
    if entry.for_provider and not draft.ccns:
        flash("Add at least one provider first.", "warn")
        return redirect(url_for("requests.organizations", draft_id=draft.id), code=303)
    form = PlainForm()
    if form.validate_on_submit():
        try:
            made = drafts.submit(person(), draft, origin=request_origin())
        except RefusedError:
            # The page says what stands against it by now.
            pass
        except AccessError as error:
            form.form_errors.append(str(error))
        else:
            if not made:
                return _submitted_already()
            session[_SUBMITTED] = len(made), made[0].id
            return redirect(url_for("profile.show"), code=303)
    page = render_template(
        "role_requests/review.html",
        form=form,
        draft=draft,
        category=CATEGORY_LABELS[draft.category],
        entry=entry,
        providers=drafts.providers(draft),
        problems=drafts.problems(person(), draft),
        most_refusals=MOST_REFUSALS,
    )
    return page, 422 if form.is_submitted() else 200


@blueprint.post(f"/requests/<int(max={LARGEST_NUMBER}):request_id>/withdraw")
def withdraw(request_id: int) -> Response:
    """Take an own request back."""
    try:
        service.withdraw(person(), request_id, origin=request_origin())
    except LookupError:
        abort(404)
    except service.SettledError as error:
        flash(str(error), "warn")
    else:
        flash("Your request is withdrawn. Nobody decides about it any more.", "success")
    return redirect(url_for("profile.show", _anchor="roles"), code=303)


@blueprint.get("/held/<ccn>")
def held(ccn: str) -> str:
    """Say what somebody may do for a provider for which he or she holds a role, and of all else why not.

    Renders ``role_requests/held.html`` with ``provider``, ``roles`` (names of those held), ``allowed`` (names
    of actions) and ``refused`` (name of the action to why not).
    """
    roles = ending.held_roles(person(), ccn)
    if not roles:
        abort(404)
    matrix = current_matrix()
    reasons = {
        action: why_not(person(), action, ccn) for action in matrix.actions if action not in OF_OFFICES
    }
    return render_template(
        "role_requests/held.html",
        provider=db.session.get_one(Provider, ccn),
        roles=[matrix.roles[role].label for role in roles],
        allowed=[matrix.actions[action] for action, reason in reasons.items() if reason is None],
        refused={matrix.actions[action]: reason for action, reason in reasons.items() if reason is not None},
    )


@blueprint.route("/held/<ccn>/<name>/end", methods=["GET", "POST"])
def end(ccn: str, name: str) -> _Page:
    """Give a role up.

    Renders ``role_requests/end.html`` with ``form``, ``entry``, ``provider`` and ``last`` (whether the
    provider has no Security Official left then).
    """
    if name not in {role.value for role in Role}:
        abort(404)
    held = ending.held_grant(person(), ccn, Role(name))
    if held is None:
        abort(404)
    grant, provider = held
    form = PlainForm()
    if form.validate_on_submit():
        try:
            ending.give_up(
                person(),
                ccn,
                grant.role,
                knows_last="knows_last" in request.form,
                origin=request_origin(),
            )
        except LookupError:
            abort(404)
        except ending.LastOfficialError as error:
            form.form_errors.append(f"{error} Read below what that means, and confirm it.")
        else:
            label = current_matrix().roles[Role(name)].label
            flash(f"You have given up the role {label} for {provider.name}.", "success")
            return redirect(url_for("profile.show", _anchor="roles"), code=303)
    page = render_template(
        "role_requests/end.html",
        form=form,
        entry=current_matrix().roles[Role(name)],
        provider=provider,
        last=ending.is_last_official(db.session, person(), ccn, Role(name)),
    )
    return page, 422 if form.is_submitted() else 200


def _category_page(form: CategoryForm, draft: RoleDraft | None) -> _Page:
    page = render_template("role_requests/category.html", form=form, draft=draft, for_whom=FOR_WHOM)
    return page, 422 if form.is_submitted() else 200


def _organizations_page(draft: RoleDraft, form: OrganizationsForm, said: str, *, removed: bool) -> _Page:
    assert draft.role is not None
    page = render_template(
        "role_requests/organizations.html",
        form=form,
        draft=draft,
        entry=current_matrix().roles[draft.role],
        providers=drafts.providers(draft),
        problems=drafts.problems(person(), draft),
        said=said,
        removed=removed,
    )
    # htmx takes the part that it needs out of an answer only if that is no error.
    return page, 422 if form.errors and not htmx else 200


def _to_review(draft: RoleDraft) -> Response:
    """Lead to the last step, also where htmx asks, which would put the next page into this one."""
    review = url_for("requests.review", draft_id=draft.id)
    return Response(headers={"HX-Redirect": review}) if htmx else redirect(review, code=303)


def _shortened(refused: dict[str, str]) -> list[str]:
    """Why CCNs were refused, of so many as somebody reads."""
    beyond = len(refused) - MOST_REFUSALS
    shown = list(refused.values())[:MOST_REFUSALS]
    if beyond > 0:
        shown.append(
            f"{beyond:,} more {'was' if beyond == 1 else 'were'} not added. Correct or delete the ones above"
            " and press Enter again: what is wrong with the next ones is said then."
        )
    return shown


def _added_in_words(added: drafts.Added) -> str:
    """What was added. What was not is said by the errors of the field."""
    if not added.providers:
        return ""
    if len(added.providers) == 1:
        [provider] = added.providers
        return f"Added: {provider.name} ({provider.ccn})."
    return f"Added: {len(added.providers)} providers."


def _not_here_yet(draft: RoleDraft) -> Response | None:
    """Lead away from the list of providers, if it is not this draft's turn for it."""
    if draft.submitted_at is not None:
        return _submitted_already()
    if draft.role is None:
        return redirect(url_for("requests.role", draft_id=draft.id), code=303)
    if not current_matrix().roles[draft.role].for_provider:
        return redirect(url_for("requests.review", draft_id=draft.id), code=303)
    return None


def _submitted_already() -> Response:
    flash("This request was submitted already. Below you see what became of it.")
    return redirect(url_for("profile.show", _anchor="roles"), code=303)


def _own_draft(draft_id: int) -> RoleDraft:
    draft = drafts.find(person(), draft_id)
    if draft is None:
        abort(404)
    return draft


def _page_number(argument: str) -> int:
    return min(request.args.get(argument, 1, type=int), _LARGEST_PAGE)
