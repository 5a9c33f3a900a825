"""Attempts of the request at hand: each is counted, and those that come too often wait."""

import math
from collections.abc import Callable

from flask_wtf import FlaskForm

from iqies_flask.database import write_transaction
from iqies_flask.durations import duration_in_words
from iqies_flask.identity import service
from iqies_flask.identity.models import User
from iqies_flask.identity.security_keys.refusals import KeyRefused, Reason
from iqies_flask.identity.sessions import current
from iqies_flask.identity.throttle import service as throttle


def check_password(user_id: str, typed: str) -> User | None:
    """Compare a user ID and password with the accounts, and count it where they are wrong.

    Args:
        user_id: As it was typed.
        typed: The password.

    Returns:
        The account; None if something is wrong.

    Raises:
        throttle.BlockedError: There were too many failures of late.
    """
    attempt = _begin(user_id)
    user = service.authenticate(user_id, typed)
    with write_transaction() as writing:
        if user is None:
            known = service.find_user(user_id)
            throttle.failed(writing, attempt, known, "sign_in.password", current.request_origin())
        else:
            throttle.passed(writing, attempt)
    return user


def check_second_factor(user: User, action: str, check: Callable[[], object]) -> None:
    """Check a second factor, and count it where it is wrong.

    Args:
        user: Whose.
        action: What the audit log calls it.
        check: Raises `KeyRefused` if it is wrong.

    Raises:
        KeyRefused: It is wrong.
        throttle.BlockedError: There were too many failures of late.
    """
    attempt = _begin(user.user_id)
    try:
        check()
    except KeyRefused as refused:
        with write_transaction() as writing:
            if refused.reason is Reason.TOO_LATE:
                # A page that was open for long, or sent twice, is no guess.
                throttle.passed(writing, attempt)
            else:
                throttle.failed(writing, attempt, user, action, current.request_origin())
        raise
    with write_transaction() as writing:
        throttle.passed(writing, attempt)


def say_blocked(form: FlaskForm, error: throttle.BlockedError) -> tuple[int, dict[str, str]]:
    """Say on a form that and how long to wait; the same whether or not there is such an account.

    Returns:
        Status and headers of the answer.
    """
    form.form_errors.append(_in_words(error))
    return 429, {"Retry-After": str(math.ceil(error.wait.total_seconds()))}


def _begin(user_id: str) -> throttle.Attempt:
    return throttle.begin(
        user_id, address=current.request_origin().address, browser_token=current.browser_token()
    )


def _in_words(error: throttle.BlockedError) -> str:
    wait = duration_in_words(error.wait)
    if error.of_address:
        return (
            f"There were too many failed attempts from your network, so further ones from there must wait for"
            f" {wait}. A browser in which you have signed in before need not wait."
        )
    return (
        f"There were too many failed attempts, so further ones must wait for {wait}. If there is such an"
        " account and it has an e-mail address, its owner was sent a link that ends the wait. A new password"
        " (Password forgotten) ends it, too."
    )
