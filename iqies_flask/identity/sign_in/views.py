"""The first step of signing in, user ID and password; and signing out. The second step is in `key_views`."""

from flask import flash, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from iqies_flask.current import current_settings
from iqies_flask.encryption import current_vault
from iqies_flask.errors import form_too_old
from iqies_flask.extensions import limiter, network_of_request
from iqies_flask.identity.sessions import current, next_page
from iqies_flask.identity.sessions.models import Level
from iqies_flask.identity.sign_in import attempts
from iqies_flask.identity.sign_in.blueprint import blueprint, limit_by_address
from iqies_flask.identity.sign_in.forms import PasswordForm
from iqies_flask.identity.throttle import service as throttle

_WRONG = "The user ID or the password is not right. Check both and try again."


def _limit_by_user() -> str:
    return current_settings().sign_in_limit_user


def _typed_user_id() -> str:
    # With the address: whoever types a user ID elsewhere must not lock its owner out. Hashed: Flask-Limiter
    # writes it into the log when the limit is reached, and what was typed may be a password.
    typed = request.form.get("user_id", "").strip().lower()[:30]
    return current_vault().keyed_hash("sign-in limit", typed, network_of_request()).hex()


def _failed(response: Response) -> bool:
    # Those who sign in all day from one office are no attack, and what the throttle refuses was no attempt.
    return response.status_code == 422


@blueprint.route("/sign-in", methods=["GET", "POST"])
@limiter.limit(limit_by_address, methods=["POST"], deduct_when=_failed)
@limiter.limit(_limit_by_user, key_func=_typed_user_id, methods=["POST"], deduct_when=_failed)
def password() -> str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]:
    """Ask for user ID and password.

    Renders ``sign_in/password.html`` with ``form`` (user_id, password, next), ``passkey_sign_in``,
    ``has_ended`` where the page's script has led here at the end of a session, ``session_minutes`` and
    ``session_hours``.
    """
    if current.is_signed_in():
        return redirect(url_for("home"))
    form = PasswordForm(next=request.args.get("next", ""))
    if not form.validate_on_submit():
        return _page(form), 422 if form.is_submitted() else 200
    try:
        user = attempts.check_password(form.user_id.data or "", form.password.data or "")
    except throttle.BlockedError as error:
        status, headers = attempts.say_blocked(form, error)
        return _page(form), status, headers
    if user is None:
        form.form_errors.append(_WRONG)
        return _page(form), 422
    if not current.start(user, Level.PASSWORD):
        form.form_errors.append(_WRONG)
        return _page(form), 422
    next_page.remember(form.next.data)
    return redirect(url_for("sign_in.key"))


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End the user's session."""
    current.end()
    flash("You are signed out.", "success")
    answer = redirect(url_for("sign_in.password"))
    # Not the cookies: one of them knows the browser, so that nobody elsewhere can lock its owner out.
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@blueprint.errorhandler(CSRFError)
def form_without_token(error: CSRFError) -> Response | tuple[str, int]:
    """Take a form up again, most often one whose page was open for longer than its session lived.

    Nothing that was typed is acted upon: a form without its token may come from another site.
    """
    if request.endpoint == "sign_in.sign_out" and current.current_login() is None:
        return redirect(url_for("sign_in.password"))
    if request.endpoint in {"sign_in.key", "sign_in.recovery_code"} and current.is_signed_in():
        # Another tab was quicker: its sign-in gave all forms of the browser a new token.
        return redirect(url_for("home"))
    if request.endpoint != "sign_in.password":
        return form_too_old(error)
    form = PasswordForm()
    if current.is_signed_in():
        return redirect(next_page.own_page(form.next.data) or url_for("home"))
    form.form_errors.append(
        "This page was open for too long to be safe. Enter your password again and choose Sign in. If you"
        " see this message once more, allow cookies for this site in your browser."
    )
    return _page(form), 400


def _page(form: PasswordForm) -> str:
    settings = current_settings()
    return render_template(
        "sign_in/password.html",
        form=form,
        has_ended=request.method == "GET" and "ended" in request.args,
        session_minutes=settings.session_minutes,
        session_hours=settings.session_hours,
        passkey_sign_in=settings.passkey_sign_in,
    )
