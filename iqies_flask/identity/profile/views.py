"""My profile: what the site knows of a person, and what the person changes about the account."""

from dataclasses import replace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from iqies_flask.arguments import entry_asked
from iqies_flask.database import LARGEST_NUMBER, utc_now
from iqies_flask.identity.links import service as links
from iqies_flask.identity.person_fields import PersonFields, filled_in
from iqies_flask.identity.persons import Profile, basis_of, profile_of, shown_phone, words_of
from iqies_flask.identity.places import US_STATES
from iqies_flask.identity.profile import service
from iqies_flask.identity.profile.forms import (
    ChangePasswordForm,
    DeactivationForm,
    EmailForm,
    PersonalForm,
)
from iqies_flask.identity.profile.history import history as read_history
from iqies_flask.identity.profile.service import PersonalChange
from iqies_flask.identity.proofing import renaming
from iqies_flask.identity.recovery import codes
from iqies_flask.identity.security_keys.service import list_keys
from iqies_flask.identity.sessions import current
from iqies_flask.identity.sessions import service as sessions_service
from iqies_flask.identity.sign_in import attempts
from iqies_flask.identity.throttle import service as throttle

blueprint = Blueprint("profile", __name__, url_prefix="/profile")

_Page = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]


@blueprint.get("")
def show() -> str:
    """Show what is known of the person and the account.

    Renders ``profile/show.html`` with ``account``, ``profile`` (a `Profile`; None where nothing is known),
    ``name_waits`` (whether an officer has still to see a document with the name), ``phone``, ``state``,
    ``new_address`` (one still to be confirmed, or None), ``keys``, ``codes_left`` and ``sessions`` (numbers).
    """
    user = current.person()
    profile = profile_of(user)
    waiting = links.waiting_address(user)
    return render_template(
        "profile/show.html",
        account=user,
        profile=profile,
        name_waits=renaming.is_waiting(user),
        phone=shown_phone(profile.phone) if profile else "",
        state=US_STATES.get(profile.state, profile.state) if profile else "",
        new_address=waiting.address if waiting else None,
        keys=len(list_keys(user)),
        codes_left=codes.left(user),
        sessions=len(sessions_service.list_sessions(user)),
    )


@blueprint.route("/personal", methods=["GET", "POST"])
@current.requires_recent_proof
def personal() -> _Page:
    """Change name, telephone number and home address.

    Renders ``profile/personal.html`` with ``form`` and ``profile`` (as before; None where nothing is known).
    """
    user = current.person()
    profile = profile_of(user)
    only_fields = "show_address" in request.form
    form: PersonalForm | PersonFields
    form = PersonalForm(data=filled_in(profile)) if profile else PersonFields(today=utc_now().date())
    if only_fields or not form.validate_on_submit():
        page = render_template("profile/personal.html", form=form, profile=profile)
        return page, 422 if form.is_submitted() and not only_fields else 200
    if profile is not None:
        changed = replace(profile, **form.names(), **form.home())
    else:
        assert isinstance(form, PersonFields)
        email = user.email or ""
        changed = Profile(
            **form.names(), birth_date=form.born, email=email, email_basis=basis_of(email), **form.home()
        )
    match service.change_personal(user, changed, current.request_origin()):
        case PersonalChange.NOTHING:
            flash("Nothing was different, so nothing is changed.")
        case PersonalChange.DONE:
            flash("Your profile is changed.", "success")
        case PersonalChange.NAME_TO_BE_PROVED:
            flash(
                "Your profile is changed. A proofing officer will ask to see a document with your new name;"
                " until then you can go on as before.",
                "success",
            )
    return redirect(url_for("profile.show"))


@blueprint.route("/email", methods=["GET", "POST"])
@current.requires_recent_proof
def email() -> _Page:
    """Ask for a new e-mail address. It is the account's once it is confirmed by the link in a message to it.

    Renders ``profile/email.html`` with ``form``, ``account`` and ``new_address`` (one still to be confirmed).
    """
    user = current.person()
    form = EmailForm(present=user.email)
    if form.validate_on_submit():
        try:
            service.ask_for_address(user, form.email.data or "", current.request_origin())
        except service.TooManyAddressesError:
            form.form_errors.append(
                "Several messages to new addresses were sent within the last hour. Wait an hour, then try"
                " again."
            )
        else:
            flash(
                "We have sent a message to the new address. Open the link in it within 24 hours: until then"
                " the present address stays.",
                "success",
            )
            return redirect(url_for("profile.show"))
    waiting = links.waiting_address(user)
    page = render_template(
        "profile/email.html", form=form, account=user, new_address=waiting.address if waiting else None
    )
    return page, 422 if form.is_submitted() else 200


@blueprint.post("/email/keep")
def keep_email() -> Response:
    """Keep the present address: the link in the message to the new one does nothing from now on."""
    service.keep_address(current.person(), current.request_origin())
    flash(
        "Your e-mail address stays as it is. The link to confirm another one does nothing any more.",
        "success",
    )
    return redirect(url_for("profile.show"))


@blueprint.route("/password", methods=["GET", "POST"])
@current.requires_recent_proof
def password() -> _Page:
    """Change the password.

    Renders ``profile/password.html`` with ``form`` and ``account``.
    """
    user = current.person()
    form = ChangePasswordForm(words_of_person=words_of(user))
    status = 422 if form.is_submitted() else 200
    headers: dict[str, str] = {}
    if form.validate_on_submit():
        try:
            right = attempts.check_password(user.user_id, form.current_password.data or "")
        except throttle.BlockedError as error:
            status, headers = attempts.say_blocked(form, error)
        else:
            if right:
                service.change_password(
                    user, current.own_login().id, form.password.data or "", current.request_origin()
                )
                flash("Your password is changed, and you are signed out everywhere else.", "success")
                return redirect(url_for("profile.show"))
            form.current_password.errors = ["This is not your current password. Check it and try again."]
    return render_template("profile/password.html", form=form, account=user), status, headers


@blueprint.get("/sessions")
@current.requires_recent_proof
def sessions() -> str:
    """List where the person is signed in.

    Renders ``profile/sessions.html`` with ``sessions`` (the last used first) and ``own`` (the number of the
    one that asks).
    """
    return render_template(
        "profile/sessions.html",
        sessions=sessions_service.list_sessions(current.person()),
        own=current.own_login().id,
    )


@blueprint.post("/sessions/<int:login_id>/end")
@current.requires_recent_proof
def end_session(login_id: int) -> Response:
    """Sign the person out elsewhere."""
    if login_id == current.own_login().id:
        abort(400)
    if service.end_session(current.person(), min(login_id, LARGEST_NUMBER), current.request_origin()):
        flash("You are signed out there.", "success")
    else:
        flash("That session had ended already.")
    return redirect(url_for("profile.sessions"))


@blueprint.post("/sessions/end-others")
@current.requires_recent_proof
def end_other_sessions() -> Response:
    """Sign the person out everywhere else."""
    service.end_other_sessions(current.person(), current.own_login().id, current.request_origin())
    flash("You are signed out everywhere else.", "success")
    return redirect(url_for("profile.sessions"))


@blueprint.get("/history")
def history() -> str:
    """Show who signed in, or tried to.

    Renders ``profile/history.html`` with ``history`` (a `History`).
    """
    found = read_history(current.person(), older_than=entry_asked("before"), newer_than=entry_asked("after"))
    return render_template("profile/history.html", history=found)


@blueprint.route("/deactivation", methods=["GET", "POST"])
@current.requires_recent_proof
def deactivate() -> _Page:
    """Shut the account.

    Renders ``profile/deactivate.html`` with ``form`` and ``account``.
    """
    user = current.person()
    form = DeactivationForm(user_id=user.user_id)
    if not form.validate_on_submit():
        page = render_template("profile/deactivate.html", form=form, account=user)
        return page, 422 if form.is_submitted() else 200
    service.deactivate(user, current.request_origin())
    current.end()
    flash("Your account is deactivated, and you are signed out.", "success")
    return redirect(url_for("sign_in.password"))
