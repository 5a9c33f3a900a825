"""The pages of ways back into an account by e-mail: asking for a link, and what each link does.

A link does nothing by being opened, since mail scanners open links, too. Its page has a button.
"""

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from iqies_flask.extensions import limiter
from iqies_flask.forms import PlainForm
from iqies_flask.identity.links import service as links
from iqies_flask.identity.links.models import EmailLink, LinkPurpose
from iqies_flask.identity.models import User
from iqies_flask.identity.origin import Origin
from iqies_flask.identity.persons import words_of
from iqies_flask.identity.recovery import service
from iqies_flask.identity.recovery.blueprint import blueprint
from iqies_flask.identity.recovery.forms import ForgotPasswordForm, ForgotUserIdForm, ResetPasswordForm
from iqies_flask.identity.sessions.current import is_signed_in, request_origin

_ASKING_LIMIT = "20 per hour"
_LINKS_LIMIT = "120 per hour"

_Page = str | Response | tuple[str, int]


@blueprint.route("/forgot-user-id", methods=["GET", "POST"])
@limiter.limit(_ASKING_LIMIT, methods=["POST"])
def forgot_user_id() -> _Page:
    """Send the user ID to the address of its account.

    Renders ``recovery/forgot_user_id.html`` with ``form``, then ``recovery/asked.html`` with ``what``.
    """
    form = ForgotUserIdForm()
    if not form.validate_on_submit():
        page = render_template("recovery/forgot_user_id.html", form=form)
        return page, 422 if form.is_submitted() else 200
    service.send_user_id(form.email.data or "", request_origin())
    return render_template("recovery/asked.html", what="user_id")


@blueprint.route("/forgot-password", methods=["GET", "POST"])
@limiter.limit(_ASKING_LIMIT, methods=["POST"])
def forgot_password() -> _Page:
    """Send a link for a new password to the address of an account.

    Renders ``recovery/forgot_password.html`` with ``form``, then ``recovery/asked.html`` with ``what``.
    """
    form = ForgotPasswordForm()
    if not form.validate_on_submit():
        page = render_template("recovery/forgot_password.html", form=form)
        return page, 422 if form.is_submitted() else 200
    service.send_password_link(form.account.data or "", request_origin())
    return render_template("recovery/asked.html", what="password")


@blueprint.route("/reset-password/<token>", methods=["GET", "POST"])
@limiter.limit(_LINKS_LIMIT)
def reset_password(token: str) -> _Page:
    """Give the account of a link a new password.

    Renders ``recovery/reset_password.html`` with ``form`` (a `ResetPasswordForm`) and ``account``.
    """
    found = links.find(token, LinkPurpose.RESET_PASSWORD)
    if found is None:
        return _worthless(LinkPurpose.RESET_PASSWORD)
    form = ResetPasswordForm(words_of_person=words_of(found[1]))
    if not form.validate_on_submit():
        page = render_template("recovery/reset_password.html", form=form, account=found[1])
        return page, 422 if form.is_submitted() else 200
    user = service.reset_password(token, form.password.data or "", request_origin())
    if user is None:
        return _worthless(LinkPurpose.RESET_PASSWORD)
    flash(
        f"The password of {user.user_id} is changed, and whoever was signed in with the account is signed"
        " out. Sign in with the new password and your security key.",
        "success",
    )
    return redirect(url_for("sign_in.password"))


@blueprint.route("/unlock/<token>", methods=["GET", "POST"])
@limiter.limit(_LINKS_LIMIT)
def unlock(token: str) -> _Page:
    """End the waiting after failed attempts to sign in.

    Renders ``recovery/unlock.html`` with ``form`` and ``account``.
    """
    return _act(
        token,
        LinkPurpose.UNLOCK,
        service.unlock,
        "recovery/unlock.html",
        lambda user: f"Attempts to sign in as {user.user_id} need not wait any longer.",
    )


@blueprint.route("/confirm-address/<token>", methods=["GET", "POST"])
@limiter.limit(_LINKS_LIMIT)
def confirm_address(token: str) -> _Page:
    """Make a new address the account's own.

    Renders ``recovery/confirm_address.html`` with ``form``, ``account`` and ``link`` (with its ``address``).
    """
    return _act(
        token,
        LinkPurpose.CONFIRM_NEW_ADDRESS,
        service.confirm_address,
        "recovery/confirm_address.html",
        # The address itself would stay readable in the browser's cookie.
        lambda _: "Your e-mail address is changed: messages go to the new one from now on.",
    )


def _act(
    token: str,
    purpose: LinkPurpose,
    act: Callable[[str, Origin], User | None],
    template: str,
    done: Callable[[User], str],
) -> _Page:
    """Show the page of a link, and do what it does when its button is used."""
    found: tuple[EmailLink, User] | None = links.find(token, purpose)
    if found is None:
        return _worthless(purpose)
    form = PlainForm()
    if not form.validate_on_submit():
        return render_template(template, form=form, link=found[0], account=found[1], token=token)
    user = act(token, request_origin())
    if user is None:
        return _worthless(purpose)
    flash(done(user), "success")
    return redirect(url_for("home" if is_signed_in() else "sign_in.password"))


def _worthless(purpose: LinkPurpose) -> tuple[str, int]:
    return render_template("recovery/worthless.html", purpose=purpose.name), 410
