"""A person's security keys: listing, adding, renaming and removing them."""

from functools import partial

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from iqies_flask.database import write_transaction
from iqies_flask.identity.recovery import codes
from iqies_flask.identity.security_keys import ceremony, service
from iqies_flask.identity.security_keys.forms import AddKeyForm, RenameForm
from iqies_flask.identity.security_keys.models import SecurityKey
from iqies_flask.identity.security_keys.refusals import KeyRefused
from iqies_flask.identity.sessions import current, next_page
from iqies_flask.identity.sessions.models import Level

blueprint = Blueprint("security_keys", __name__, url_prefix="/security-keys")


@blueprint.get("")
def index() -> str:
    """List the person's keys.

    Renders ``security_keys/index.html`` with ``keys`` (pairs of a key and whether it can be removed),
    ``codes_left``, and ``go_on`` (path of the page that somebody was on the way to, or None).
    """
    keys = service.list_keys(current.person())
    return render_template(
        "security_keys/index.html",
        keys=[(key, service.can_be_removed(key, keys)) for key in keys],
        codes_left=codes.left(current.person()),
        go_on=next_page.own_page(request.args.get("next")),
    )


@blueprint.route("/new", methods=["GET", "POST"])
def add() -> str | Response | tuple[str, int]:
    """Add a key: the first one right after the password, further ones after the key was asked for of late.

    Renders ``security_keys/add.html`` with ``form`` (name, credential, ceremony), ``options``, ``first`` and
    ``codes_left``; after the first key ``recovery/codes_made.html``, see
    `iqies_flask.identity.recovery.code_views`.
    """
    login = current.current_login()
    if login is not None and login.level is Level.PASSWORD:
        return redirect(url_for("sign_in.key")) if service.has_keys(current.person()) else _add_first()
    return _add_another()


@blueprint.route("/<int:key_id>/name", methods=["GET", "POST"])
def rename(key_id: int) -> str | Response | tuple[str, int]:
    """Call a key something else.

    Renders ``security_keys/rename.html`` with ``form`` (name) and ``key``.
    """
    key = _own_key(key_id)
    form = RenameForm(name=key.name)
    if form.validate_on_submit():
        try:
            service.rename(current.person(), key.id, form.name.data or "", origin=current.request_origin())
        except KeyRefused as refused:
            form.name.errors = [str(refused)]
        else:
            flash(f"The key is now called “{key.name}”.", "success")
            return redirect(url_for("security_keys.index"))
    return render_template("security_keys/rename.html", form=form, key=key), 422 if form.errors else 200


@blueprint.get("/<int:key_id>/removal")
@current.requires_recent_proof
def confirm_removal(key_id: int) -> str:
    """Ask whether a key shall be removed.

    Renders ``security_keys/remove.html`` with ``key`` and ``allowed``.
    """
    key = _own_key(key_id)
    return render_template(
        "security_keys/remove.html",
        key=key,
        allowed=service.can_be_removed(key, service.list_keys(current.person())),
    )


@blueprint.post("/<int:key_id>/removal")
@current.requires_recent_proof
def remove(key_id: int) -> Response:
    """Remove a key."""
    key = _own_key(key_id)
    try:
        service.remove(current.person(), key.id, but=current.own_login().id, origin=current.request_origin())
    except KeyRefused as refused:
        flash(str(refused), "error")
    else:
        flash(
            f"The key “{key.name}” was removed. It can no longer be used to sign in, and you are signed out"
            " everywhere else.",
            "success",
        )
    return redirect(url_for("security_keys.index"))


def _add_first() -> str | tuple[str, int]:
    form = AddKeyForm()
    if _added(form, first=True) is None:
        return _page(form, first=True)
    current.raise_to_full()
    with write_transaction() as writing:
        made = codes.make(writing, current.person(), origin=current.request_origin())
    return render_template("recovery/codes_made.html", codes=made, go_on=next_page.take(), first=True)


@current.requires_recent_proof
def _add_another() -> str | Response | tuple[str, int]:
    form = AddKeyForm()
    key = _added(form, first=False)
    if key is None:
        return _page(form, first=False)
    flash(f"The key “{key.name}” was added. From now on you can sign in with it.", "success")
    return redirect(url_for("security_keys.index"))


def _added(form: AddKeyForm, *, first: bool) -> SecurityKey | None:
    if not form.validate_on_submit():
        return None
    try:
        return service.add_key(
            current.person(),
            ceremony.token_of(form),
            form.credential.data or "",
            form.name.data or "",
            first=first,
            origin=current.request_origin(),
        )
    except KeyRefused as refused:
        form.form_errors.append(str(refused))
        return None


def _page(form: AddKeyForm, *, first: bool) -> tuple[str, int]:
    options = ceremony.ask(form, partial(service.registration_options, user=current.person()))
    page = render_template(
        "security_keys/add.html",
        form=form,
        options=options,
        first=first,
        codes_left=codes.left(current.person()),
    )
    return page, 422 if form.errors else 200


def _own_key(key_id: int) -> SecurityKey:
    key = service.find_key(current.person(), key_id)
    if key is None:
        abort(404)
    return key
