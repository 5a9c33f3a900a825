"""Signing in and out."""

from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from iqies_flask.errors import form_too_old
from iqies_flask.extensions import limiter, login_manager
from iqies_flask.identity import service
from iqies_flask.identity.forms import SignInForm
from iqies_flask.identity.sessions import current
from iqies_flask.identity.sessions.models import Level

blueprint = Blueprint("identity", __name__)

login_manager.login_view = "identity.sign_in"
login_manager.login_message = "Sign in to see this page."


def _limit_by_address() -> str:
    return str(current_app.config["SIGN_IN_LIMIT_ADDRESS"])


def _limit_by_user() -> str:
    return str(current_app.config["SIGN_IN_LIMIT_USER"])


def _typed_user_id() -> str:
    return "user:" + request.form.get("user_id", "").strip().lower()[:30]


def _failed(response: Response) -> bool:
    # Those who sign in all day from one office are no attack.
    return response.status_code != 302


@blueprint.route("/sign-in", methods=["GET", "POST"])
@limiter.limit(_limit_by_address, methods=["POST"], deduct_when=_failed)
@limiter.limit(_limit_by_user, key_func=_typed_user_id, methods=["POST"], deduct_when=_failed)
def sign_in() -> str | Response | tuple[str, int]:
    """Ask for user ID and password.

    Renders ``identity/sign_in.html`` with ``form`` (user_id, password, next).
    """
    if current_user.is_authenticated:
        return redirect(url_for("home"))
    form = SignInForm(next=request.args.get("next", ""))
    if not form.validate_on_submit():
        return render_template("identity/sign_in.html", form=form), 422 if form.is_submitted() else 200
    user = service.authenticate(form.user_id.data or "", form.password.data or "")
    if user is None:
        form.form_errors.append("The user ID or the password is not right. Check both and try again.")
        return render_template("identity/sign_in.html", form=form), 422
    current.start(user, Level.FULL)
    return redirect(_own_page(form.next.data) or url_for("home"))


@blueprint.errorhandler(CSRFError)
def form_without_token(error: CSRFError) -> Response | tuple[str, int]:
    """Take a form up again, most often one whose page was open for longer than its session lived.

    Nothing that was typed is acted upon: a form without its token may come from another site.
    """
    if request.endpoint == "identity.sign_out":
        return form_too_old(error) if current_user.is_authenticated else redirect(url_for("identity.sign_in"))
    form = SignInForm()
    if current_user.is_authenticated:
        return redirect(_own_page(form.next.data) or url_for("home"))
    form.form_errors.append(
        "This page was open for too long to be safe. Enter your password again and choose Sign in. If you"
        " see this message once more, allow cookies for this site in your browser."
    )
    return render_template("identity/sign_in.html", form=form), 400


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the user's session."""
    if current_user.is_authenticated:
        current.end()
    session.clear()
    flash("You are signed out.", "success")
    return redirect(url_for("identity.sign_in"))


def _own_page(target: str | None) -> str | None:
    """Give back a path of this site, or None for anything that could lead elsewhere."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or any(ord(character) < 32 or character == "\\" for character in target):
        return None
    return target
