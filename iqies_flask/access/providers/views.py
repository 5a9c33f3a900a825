"""The registry's pages."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from iqies_flask.access import visibility
from iqies_flask.access.actions import Action
from iqies_flask.access.branches import list_branches
from iqies_flask.access.kinds import KIND_LABELS
from iqies_flask.access.models import Provider
from iqies_flask.access.officials.remit import remit_of
from iqies_flask.access.officials.service import in_office_at
from iqies_flask.access.permission import may, refuse
from iqies_flask.access.providers import service
from iqies_flask.access.providers.forms import ProviderForm, fields_of
from iqies_flask.access.providers.search import MOST_CHARACTERS, Asked, find_providers
from iqies_flask.extensions import db
from iqies_flask.identity.places import US_STATES
from iqies_flask.identity.sessions.current import person, request_origin

blueprint = Blueprint("providers", __name__, url_prefix="/providers")


@blueprint.get("")
def index() -> str:
    """Search the registry: some all of it, Security Officials their own providers.

    Renders ``providers/index.html`` with ``query``, ``state``, ``states`` (code to name), ``kinds`` (to
    words), ``all`` (whether all of the registry is searched) and ``found`` (the `Found` of this page).
    """
    user = person()
    sees_all = visibility.sees_all(user)
    own = [] if sees_all else visibility.sees_only(user)
    if not sees_all and not own:
        refuse(user, Action.VIEW_REGISTRY)
    query = " ".join(request.args.get("q", "").split())[:MOST_CHARACTERS]
    state = request.args.get("state", "")
    state = state if state in US_STATES else ""
    found = find_providers(
        Asked(query, state, None if sees_all else own),
        before=request.args.get("before", ""),
        after=request.args.get("after", ""),
    )
    return render_template(
        "providers/index.html",
        query=query,
        state=state,
        states=US_STATES,
        all=sees_all,
        found=found,
        kinds=KIND_LABELS,
    )


@blueprint.get("/<ccn>")
def show(ccn: str) -> str:
    """Show a provider.

    Renders ``providers/show.html`` with ``provider``, ``branches`` (each a `ListedBranch`), ``kind`` in
    words, ``may_edit``, ``officials`` (each an `Official`; None for
    whom they do not concern) and ``may_decide`` (whether the person has to do
    with the roles for it).
    """
    user = person()
    provider = _provider(ccn)
    if not visibility.sees(user, provider.ccn):
        abort(404)
    decides = remit_of(db.session, user, provider.ccn) is not None
    return render_template(
        "providers/show.html",
        provider=provider,
        branches=list_branches(db.session, provider.ccn),
        kind=KIND_LABELS[provider.kind],
        may_edit=may(user, Action.MANAGE_PROVIDERS),
        officials=in_office_at(provider.ccn) if decides or may(user, Action.VIEW_REGISTRY) else None,
        may_decide=decides,
    )


@blueprint.route("/<ccn>/edit", methods=["GET", "POST"])
def edit(ccn: str) -> str | tuple[str, int] | Response:
    """Change a provider.

    Renders ``providers/edit.html`` with ``provider`` and ``form`` (a `ProviderForm`).
    """
    user = person()
    if not may(user, Action.MANAGE_PROVIDERS):
        abort(404)
    provider = _provider(ccn)
    form = ProviderForm(data=fields_of(service.details_of(db.session, provider)))
    if form.validate_on_submit():
        typed = form.details(provider)
        try:
            changed = service.change(provider.ccn, typed, form.version_seen, user, request_origin())
        except service.ChangedMeanwhileError as error:
            form.tell_of_changes(typed, error.present)
        else:
            if changed:
                flash("The changes are saved.", "success")
            else:
                flash("Nothing was changed: all values are as they were.")
            return redirect(url_for("providers.show", ccn=provider.ccn))
    page = render_template("providers/edit.html", form=form, provider=provider)
    return page, 422 if form.is_submitted() else 200


def _provider(ccn: str) -> Provider:
    provider = db.session.get(Provider, ccn) if "\0" not in ccn else None
    if provider is None:
        abort(404)
    return provider
