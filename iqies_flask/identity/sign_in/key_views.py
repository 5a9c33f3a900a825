"""Second steps of signing in: security key or recovery code. Passkeys alone; asking for the key again."""

from collections.abc import Callable
from functools import partial

from flask import abort, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from iqies_flask.audit.models import Outcome
from iqies_flask.audit.service import record
from iqies_flask.current import current_settings
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db, limiter
from iqies_flask.forms import Form
from iqies_flask.identity.models import User
from iqies_flask.identity.recovery import codes
from iqies_flask.identity.security_keys import ceremony, service
from iqies_flask.identity.security_keys.forms import CeremonyForm
from iqies_flask.identity.security_keys.models import Purpose
from iqies_flask.identity.security_keys.refusals import KeyRefused, Reason
from iqies_flask.identity.sessions import current, next_page
from iqies_flask.identity.sessions.models import Level
from iqies_flask.identity.sign_in import attempts
from iqies_flask.identity.sign_in.blueprint import blueprint, limit_by_address
from iqies_flask.identity.sign_in.forms import RecoveryCodeForm, StepUpForm
from iqies_flask.identity.throttle import service as throttle

_OPTIONS_LIMIT = "240 per minute"
"""Passkey options given to one address. Every sign-in page asks for them, of a whole office perhaps."""

_Page = tuple[str, int] | tuple[str, int, dict[str, str]]


@blueprint.route("/sign-in/key", methods=["GET", "POST"])
def key() -> Response | _Page:
    """Ask for the security key after the password.

    Renders ``sign_in/key.html`` with ``form`` (credential, ceremony) and ``options``.
    """
    if current.is_signed_in():
        return redirect(next_page.take())
    if not service.has_keys(current.person()):
        return redirect(url_for("security_keys.add"))
    form = CeremonyForm()
    if form.validate_on_submit():
        try:
            attempts.check_second_factor(
                current.person(),
                "sign_in.key",
                # The password's own session goes on: another second factor can still follow.
                partial(_verify, form, Purpose.SIGN_IN, but=current.own_login().id),
            )
        except (KeyRefused, throttle.BlockedError) as error:
            return _refused(form, error, lambda: _key_page(form))
        current.raise_to_full()
        return redirect(next_page.take())
    return _key_page(form), 422 if form.is_submitted() else 200


@blueprint.route("/sign-in/recovery-code", methods=["GET", "POST"])
def recovery_code() -> Response | _Page:
    """Take a recovery code instead of the security key, when signing in and when the key is asked for again.

    Renders ``sign_in/recovery_code.html`` with ``form`` (recovery_code, next).
    """
    form = RecoveryCodeForm(next=request.args.get("next", ""))
    page = partial(render_template, "sign_in/recovery_code.html", form=form)
    if not form.validate_on_submit():
        return page(), 422 if form.is_submitted() else 200
    try:
        attempts.check_second_factor(
            current.person(), "sign_in.recovery_code", partial(_use_code, form.recovery_code.data or "")
        )
    except (KeyRefused, throttle.BlockedError) as error:
        return _refused(form, error, page)
    again = current.is_signed_in()
    if again:
        current.prove_again("sign_in.recovery_code")
    else:
        current.raise_to_full("sign_in.recovery_code")
    flash(_codes_left_in_words(codes.left(current.person())), "warn")
    if again:
        return redirect(next_page.own_page(form.next.data) or url_for("security_keys.index"))
    # Whoever has lost a key sees to the keys first, and goes on from there.
    return redirect(url_for("security_keys.index", next=next_page.take_remembered()))


@blueprint.route("/sign-in/again", methods=["GET", "POST"])
def step_up() -> Response | _Page:
    """Ask for the security key again before a sensitive action.

    Renders ``sign_in/step_up.html`` with ``form`` (credential, ceremony, next) and ``options``.
    """
    form = StepUpForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        try:
            attempts.check_second_factor(
                current.person(), "sign_in.step_up", partial(_verify, form, Purpose.STEP_UP)
            )
        except (KeyRefused, throttle.BlockedError) as error:
            if isinstance(error, KeyRefused) and error.reason is Reason.FOUND_CLONED:
                # This session has ended with the others.
                flash(str(error), "error")
                return redirect(
                    url_for("sign_in.password", next=next_page.own_page(form.next.data)), code=303
                )
            return _refused(form, error, lambda: _step_up_page(form))
        current.prove_again()
        return redirect(next_page.own_page(form.next.data) or url_for("home"))
    return _step_up_page(form), 422 if form.is_submitted() else 200


@blueprint.get("/sign-in/passkey")
@limiter.limit(_OPTIONS_LIMIT)
def passkey_options() -> Response:
    """Give the sign-in page's script what it needs to ask for a passkey: ``ceremony`` and ``options``."""
    if not current_settings().passkey_sign_in:
        abort(404)
    with write_transaction() as writing:
        token, options = service.sign_in_options(writing, None, Purpose.PASSKEY)
    return jsonify(ceremony=ceremony.remember(token), options=options)


@blueprint.post("/sign-in/passkey")
@limiter.limit(limit_by_address, deduct_when=lambda response: response.status_code != 302)
def passkey() -> Response:
    """Sign in with a passkey alone: with its user verification it is two factors (NIST SP 800-63B, 3.1.7)."""
    if not current_settings().passkey_sign_in:
        abort(404)
    form = StepUpForm()
    try:
        if not form.validate():
            raise KeyRefused(Reason.UNREADABLE)
        used = service.verify(
            ceremony.token_of(form),
            Purpose.PASSKEY,
            form.credential.data or "",
            None,
            require_user_verification=True,
            origin=current.request_origin(),
        )
    except KeyRefused as refused:
        with write_transaction() as writing:
            record(
                writing,
                "sign_in.passkey",
                actor="",
                address=current.request_origin().address,
                outcome=Outcome.FAILED,
                reason=refused.reason,
            )
        flash(str(refused), "error")
        return redirect(url_for("sign_in.password", next=next_page.own_page(form.next.data)), code=303)
    user = db.session.get_one(User, used.user_id)
    if not current.start(user, Level.FULL, "sign_in.passkey"):
        return redirect(url_for("sign_in.password"), code=303)
    return redirect(next_page.own_page(form.next.data) or url_for("home"))


def _verify(form: CeremonyForm, purpose: Purpose, *, but: int | None = None) -> None:
    service.verify(
        ceremony.token_of(form),
        purpose,
        form.credential.data or "",
        current.person(),
        but=but,
        origin=current.request_origin(),
    )


def _use_code(code: str) -> None:
    with write_transaction() as writing:
        right = codes.use(writing, current.person(), code, origin=current.request_origin())
    if not right:
        raise KeyRefused(Reason.WRONG_CODE)


def _refused(form: Form, error: KeyRefused | throttle.BlockedError, page: Callable[[], str]) -> _Page:
    """Show the page again with what was wrong."""
    if isinstance(error, throttle.BlockedError):
        status, headers = attempts.say_blocked(form, error)
        return page(), status, headers
    form.form_errors.append(str(error))
    return page(), 422


def _key_page(form: CeremonyForm) -> str:
    return render_template("sign_in/key.html", form=form, options=_ask(form, Purpose.SIGN_IN))


def _step_up_page(form: CeremonyForm) -> str:
    return render_template("sign_in/step_up.html", form=form, options=_ask(form, Purpose.STEP_UP))


def _ask(form: CeremonyForm, purpose: Purpose) -> str:
    return ceremony.ask(form, partial(service.sign_in_options, user=current.person(), purpose=purpose))


def _codes_left_in_words(left: int) -> str:
    words = {0: "No recovery code is left", 1: "One recovery code is left"}.get(
        left, f"{left} recovery codes are left"
    )
    return (
        f"The recovery code was taken and cannot be used again. {words}. If you have lost a key, add another"
        " one and then remove the lost one."
    )
