"""The gate before every page: who has come how far, and what may be seen from there.

What is not named here needs a person who is wholly signed in and whose identity is proved.
"""

from flask import Flask, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from iqies_flask.extensions import htmx, login_manager
from iqies_flask.identity.browsers import known as known_browsers
from iqies_flask.identity.models import ProofingState
from iqies_flask.identity.registration.current import current_registration
from iqies_flask.identity.sessions import kept_forms
from iqies_flask.identity.sessions.current import browser_token, current_login, person
from iqies_flask.identity.sessions.models import Level

_PUBLIC = {
    "demo",
    "health",
    "home",
    "recovery.confirm_address",
    "recovery.forgot_password",
    "recovery.forgot_user_id",
    "recovery.reset_password",
    "recovery.unlock",
    "reference",
    "registration",
    "sessions",
    "sign_in.passkey",
    "sign_in.passkey_options",
    "sign_in.password",
    "sign_in.sign_out",
    "static",
    "vut",
    "vut_api",
}
"""Blueprints and endpoints that nobody needs to sign in for."""

_AFTER_PASSWORD = {"security_keys.add", "sign_in.key", "sign_in.recovery_code"}
"""Where the second factor is given, or the first key set up."""

_UNPROVED = {"proofing", "recovery.codes", "security_keys", "sign_in.recovery_code", "sign_in.step_up"}
"""What somebody whose identity is not proved may reach."""

_REGISTERING = {"proofing"}
"""Where the token of a registration, whose address is confirmed, stands in for signing in."""


def init_app(app: Flask) -> None:
    """Put the gate before every page of an application. To be called after CSRF protection is."""
    app.before_request(check)
    login_manager.unauthorized_handler(ask_to_sign_in)


def check() -> Response | None:
    """Let the request through, or lead to where the person has to go first."""
    if request.endpoint is None or _is_among(_PUBLIC):
        return None
    login = current_login()
    if login is None:
        registering = _is_among(_REGISTERING) and current_registration() is not None
        return None if registering else ask_to_sign_in()
    if login.level is Level.PASSWORD:
        return None if _is_among(_AFTER_PASSWORD) else redirect(url_for("sign_in.key"))
    user = person()
    if user.proofing is not ProofingState.PROVED and not _is_among(_UNPROVED):
        return redirect(url_for("proofing.show"))
    kept_forms.show_again(user)
    return None


def ask_to_sign_in() -> Response:
    """Lead to the sign-in page, and keep a form that came too late for whoever was last signed in here.

    With htmx the browser goes there, not the script: that would read what is to be said there.
    """
    if kept_forms.keep_request(known_browsers.last_user(browser_token())):
        flash(
            "You were signed out before you sent this form, so nothing has been done. Sign in, and you see it"
            " again as you typed it.",
            "warn",
        )
    elif request.method == "POST":
        flash(
            "You were signed out before you sent this, so nothing has been done. Sign in and send it again.",
            "warn",
        )
    else:
        flash("Sign in to see this page.")
    sign_in = url_for("sign_in.password", next=kept_forms.page_of_request())
    return (
        Response(headers={"HX-Redirect": sign_in}) if htmx and request.method == "POST" else redirect(sign_in)
    )


def _is_among(names: set[str]) -> bool:
    endpoint = request.endpoint or ""
    return endpoint in names or (request.blueprint or "") in names
