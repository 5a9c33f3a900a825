"""The pages of registering: profile, account, confirming the address; from there to proofing, and the end."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import limiter
from iqies_flask.forms import PlainForm
from iqies_flask.identity import passwords, user_ids
from iqies_flask.identity.models import ProofingState
from iqies_flask.identity.persons import words_of
from iqies_flask.identity.registration import current, service
from iqies_flask.identity.registration.forms import AccountForm, GoOnForm, ProfileForm, filled_in
from iqies_flask.identity.registration.models import Registration
from iqies_flask.identity.registration.service import Confirmation, LinkState, Sending
from iqies_flask.identity.sessions.current import request_origin

blueprint = Blueprint("registration", __name__, url_prefix="/register")

_STEPS_LIMIT = "120 per hour"
_LOOK_UPS_LIMIT = "60 per minute"
_GUESSES_LIMIT = "20 per hour"
_FOR_VISITORS = {"registration.profile", "registration.account", "registration.check_mail"}

_Page = str | Response | tuple[str, int]


@blueprint.before_request
def lead_members_home() -> Response | None:
    """Nobody registers while signed in: one person has one account."""
    if request.endpoint not in _FOR_VISITORS or not current_user.is_authenticated:
        return None
    flash("You have an account and are signed in. Sign out first to register somebody else.")
    return redirect(url_for("home"))


@blueprint.before_request
def stay_awake() -> None:
    """Write down that somebody does something, but not where a page asks by itself."""
    if request.endpoint != "registration.mail_state":
        current.touch()


@blueprint.app_context_processor
def values_of_frame() -> dict[str, Any]:
    """What the frame of the steps shows."""
    return {"registration_held": current.registration_held}


@blueprint.route("", methods=["GET", "POST"])
@limiter.limit(_STEPS_LIMIT, methods=["POST"])
def profile() -> _Page:
    """Step 1: ask who the person is.

    Renders ``registration/profile.html`` with ``form`` (a `ProfileForm`).
    """
    registration = current.registration_under_way()
    if registration is None and current.registration_asleep():
        return redirect(url_for("registration.go_on"))
    if registration is not None and registration.account_id is not None:
        return redirect(url_for("registration.proofing"))
    form = _profile_form(registration)
    if not form.is_submitted():
        return render_template("registration/profile.html", form=form)
    # The button of browsers without JavaScript, which cannot change the fields in place.
    only_fields = "show_address" in request.form
    valid = not only_fields and form.validate()
    if not _keep_profile(form, valid=valid):
        return redirect(url_for("registration.proofing"))
    if valid:
        return redirect(url_for("registration.account"))
    return render_template("registration/profile.html", form=form), 200 if only_fields else 422


@blueprint.post("/address-fields")
@limiter.limit(_LOOK_UPS_LIMIT)
def address_fields() -> str:
    """Give the fields of an address inside or outside the United States, with what was typed into them.

    Renders ``partials/home_address.html`` with ``form``.
    """
    return render_template("partials/home_address.html", form=_profile_form(None))


@blueprint.route("/account", methods=["GET", "POST"])
@limiter.limit(_STEPS_LIMIT, methods=["POST"])
def account() -> _Page:
    """Step 2: ask for user ID and password, then send the e-mail.

    Renders ``registration/account.html`` with ``form`` (an `AccountForm`) and ``notice`` (what is known of
    the user ID: see ``registration/_user_id_notice.html``).
    """
    registration = current.registration_under_way()
    if registration is None or registration.profile is None:
        return _start_over()
    if registration.account_id is not None:
        return redirect(url_for("registration.proofing"))
    form = AccountForm(
        words_of_person=service.profile_of(registration).words,
        has_password=registration.password_hash is not None,
        data={"user_id": registration.user_id or ""},
    )
    if not form.is_submitted():
        return render_template("registration/account.html", form=form, notice="")
    valid = form.validate()
    going_back = "back" in request.form
    warn = valid and not going_back and form.needs_warning
    if form.usable_password:
        service.keep_password(registration.id, passwords.hashed(form.usable_password))
        form.has_password = True
    # Kept though the password is still missing: the page is shown again, or the step before.
    if not form.user_id.errors and (going_back or not form.needs_warning):
        try:
            service.keep_user_id(registration.id, form.user_id.data or "")
        except service.UserIdTakenError:
            form.user_id.errors = ["This user ID is taken. Choose another one."]
            valid = False
    if going_back:
        return redirect(url_for("registration.profile"))
    if warn or not valid:
        form.warned_of.data = form.user_id.data if warn else ""
        page = render_template("registration/account.html", form=form, notice="facility" if warn else "")
        return page, 422 if not valid else 200
    _send_link(registration)
    return redirect(url_for("registration.check_mail"))


@blueprint.post("/account/user-id")
@limiter.limit(_LOOK_UPS_LIMIT)
def check_user_id() -> str:
    """Say what is known of a user ID while the form is filled in.

    Renders ``registration/_user_id_notice.html`` with ``notice`` (``problem``, ``taken``, ``facility`` or
    ``free``), ``problem`` and ``warned_of``.
    """
    user_id = request.form.get("user_id", "").strip()
    problem = user_ids.problem(user_id)
    if problem:
        notice = "problem"
    elif not service.is_free(user_id, current.registration_under_way()):
        notice = "taken"
    else:
        notice = "facility" if user_ids.looks_like_facility(user_id) else "free"
    return render_template(
        "registration/_user_id_notice.html",
        notice=notice,
        problem=problem,
        warned_of=user_id if notice == "facility" else "",
    )


@blueprint.post("/password-strength")
@limiter.limit(_LOOK_UPS_LIMIT)
def password_strength() -> str:
    """Rate a password while it is typed. Nothing of it is kept.

    Renders ``registration/_password_strength.html`` with ``strength`` (a `Strength`; None for no password).
    """
    password = request.form.get("password", "")[: passwords.MOST_CHARACTERS + 1]
    words = (request.form.get("user_id", "")[: user_ids.MOST_CHARACTERS], *_words_of_visitor())
    rated = passwords.strength(password, words) if password else None
    return render_template("registration/_password_strength.html", strength=rated)


@blueprint.get("/e-mail")
def check_mail() -> _Page:
    """Say that an e-mail is on its way: the same for every address.

    Renders ``registration/check_mail.html`` with ``email`` and ``form`` (a `PlainForm`).
    """
    registration = current.registration_under_way()
    if registration is None or registration.profile is None:
        return _start_over()
    if not service.is_complete(registration):
        return redirect(url_for("registration.account"))
    if registration.account_id is not None:
        return redirect(url_for("registration.proofing"))
    return render_template(
        "registration/check_mail.html", form=PlainForm(), email=service.profile_of(registration).email
    )


@blueprint.get("/e-mail/state")
def mail_state() -> Response:
    """Tell the page that waits whether it is to move on: asked every few seconds."""
    registration = current.registration_under_way()
    response = Response(status=204)
    if current.registration_asleep():
        response.headers["HX-Redirect"] = url_for("registration.go_on")
    elif registration is None:
        response.headers["HX-Redirect"] = url_for("registration.profile")
    elif registration.account_id is not None:
        response.headers["HX-Redirect"] = url_for("registration.proofing")
    return response


@blueprint.post("/e-mail/again")
@limiter.limit(_STEPS_LIMIT)
def send_again() -> Response:
    """Send the e-mail once more."""
    registration = current.registration_under_way()
    if registration is None or not service.is_complete(registration):
        return _start_over()
    if registration.account_id is None:
        sending = _send_link(registration)
        if sending is Sending.SENT:
            flash(
                "We have sent the message again. The link in the earlier one does nothing any more.",
                "success",
            )
        elif sending is Sending.JUST_SENT:
            flash("A message was sent less than a minute ago. Give it some time to arrive.", "info")
    return redirect(url_for("registration.check_mail"))


@blueprint.route("/confirm/<token>", methods=["GET", "POST"])
@limiter.limit(_STEPS_LIMIT)
def confirm(token: str) -> _Page:
    """Confirm the address. Opening the link does nothing yet: mail scanners open links, too.

    Renders ``registration/confirm.html`` with ``form`` and ``email``, or ``registration/confirmed.html`` with
    ``state`` (name of a `Confirmation`) and ``here`` (whether the registration was begun in this browser).
    """
    if request.method == "GET":
        link, registration = service.find_link(token)
        if link is LinkState.OPEN and registration is not None:
            email = service.profile_of(registration).email
            return render_template("registration/confirm.html", form=PlainForm(), email=email, token=token)
        state = Confirmation.ALREADY_CONFIRMED if link is LinkState.USED else Confirmation.WORTHLESS
    else:
        state, registration = service.confirm(token, request_origin())
    held = current.registration_held()
    here = registration is not None and held is not None and held.id == registration.id
    if here and state is Confirmation.CONFIRMED:
        # Who reads what comes to the address is the one who entered it.
        current.wake()
    if here and state in {Confirmation.CONFIRMED, Confirmation.ALREADY_CONFIRMED}:
        flash("Your e-mail address is confirmed.", "success")
        return redirect(url_for("registration.proofing"))
    page = render_template("registration/confirmed.html", state=state.name, here=here)
    return page, 410 if state is Confirmation.WORTHLESS else 200


@blueprint.get("/proofing")
def proofing() -> Response:
    """Step 3: lead to proofing, once the address is confirmed."""
    registration = current.registration_under_way()
    if registration is None:
        return _start_over()
    if registration.account_id is None:
        flash("The address is not confirmed yet. Open the link in our message first.", "info")
        return redirect(url_for("registration.check_mail"))
    return redirect(url_for("proofing.show"))


@blueprint.get("/done")
def done() -> _Page:
    """Step 4: say what comes next.

    Renders ``registration/done.html`` with ``account`` and ``state`` (value of a `ProofingState`).
    """
    user = current.current_registration()
    if user is None:
        return redirect(url_for("home"))
    if user.proofing is ProofingState.NEEDED:
        return redirect(url_for("registration.proofing"))
    return render_template("registration/done.html", account=user, state=user.proofing.value)


@blueprint.route("/go-on", methods=["GET", "POST"])
@limiter.limit(_GUESSES_LIMIT, methods=["POST"])
def go_on() -> _Page:
    """Show a registration again in which nothing was done for a while, to who knows the address in it.

    Renders ``registration/go_on.html`` with ``form`` (a `GoOnForm`).
    """
    registration = current.registration_asleep()
    if registration is None:
        return redirect(url_for("registration.profile"))
    if registration.account_id is not None:
        current.forget()
        flash("Your address is confirmed. Sign in to go on with your registration.", "info")
        return redirect(url_for("sign_in.password"))
    if registration.email_hash is None:
        # The first step was never finished, so there is nothing to know it by.
        return discard()
    form = GoOnForm(email_hash=registration.email_hash)
    if not form.validate_on_submit():
        page = render_template("registration/go_on.html", form=form)
        return page, 422 if form.is_submitted() else 200
    current.wake()
    return redirect(url_for("registration.check_mail"))


@blueprint.post("/discard")
def discard() -> Response:
    """Throw away what was entered; where an account came of it, leave it in this browser."""
    registration = current.registration_held()
    thrown_away = registration is not None and registration.account_id is None
    if registration is not None and thrown_away:
        with write_transaction() as writing:
            service.discard(writing, registration)
    current.forget()
    flash(
        "What you entered is thrown away."
        if thrown_away
        else "This browser knows nothing of the registration any more. Sign in to go on with it.",
        "success",
    )
    return redirect(url_for("sign_in.password"))


@blueprint.get("/terms")
def terms() -> str:
    """Show the terms of use."""
    return render_template("registration/terms.html")


def _profile_form(registration: Registration | None) -> ProfileForm:
    kept = None
    if registration is not None and registration.profile is not None:
        kept = service.profile_of(registration)
    has_ssn = registration is not None and registration.ssn is not None
    return ProfileForm(today=utc_now().date(), has_ssn=has_ssn, data=filled_in(kept, ssn_refused=not has_ssn))


def _keep_profile(form: ProfileForm, *, valid: bool) -> bool:
    """Keep what may be kept of step 1; False if the address was confirmed meanwhile, in another tab."""
    ssn = form.usable_ssn
    if not valid and ssn is None:
        return True
    with write_transaction() as writing:
        registration, token = service.resume(writing, current.token())
        if registration.account_id is not None:
            return False
        if ssn is not None:
            # Kept though something else is wrong: the page cannot show it again.
            registration.ssn = ssn
            form.has_ssn = True
        if valid:
            if form.no_ssn.data:
                registration.ssn = None
            service.save_profile(registration, form.profile())
    current.remember(token)
    return True


def _send_link(registration: Registration) -> Sending:
    with write_transaction() as writing:
        sending = service.send_link(writing, registration, request_origin())
    if sending is Sending.TOO_MANY:
        flash(
            "Several messages were sent to this address within the last hour, so there is no further one now."
            " Use the link in the latest, or try again in an hour.",
            "warn",
        )
    return sending


def _start_over() -> Response:
    if current.registration_asleep():
        return redirect(url_for("registration.go_on"))
    flash(
        "There is no registration under way in this browser. One that is not finished is thrown away after 24"
        " hours. Begin again here.",
        "info",
    )
    return redirect(url_for("registration.profile"))


def _words_of_visitor() -> tuple[str, ...]:
    if current_user.is_authenticated:
        return words_of(current_user)
    registration = current.registration_under_way()
    if registration is None or registration.profile is None:
        return ()
    return service.profile_of(registration).words
