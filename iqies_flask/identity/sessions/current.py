"""The session of the request at hand: starting it, raising it, proving it again, ending it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import after_this_request, g, redirect, request, session, url_for
from flask_login import current_user, login_user, logout_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from iqies_flask.current import current_settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import login_manager
from iqies_flask.identity import events
from iqies_flask.identity.browsers import known as known_browsers
from iqies_flask.identity.browsers.words import browser_in_words
from iqies_flask.identity.locking import lock
from iqies_flask.identity.models import User
from iqies_flask.identity.origin import Origin
from iqies_flask.identity.sessions import kept_forms, password_warning, service
from iqies_flask.identity.sessions.models import Level, LoginSession
from iqies_flask.identity.throttle import service as throttle

NEXT_PAGE = "next_page"
"""Key in the browser's session of the page that signing in shall lead to."""

_SURVIVES_SIGN_IN = (NEXT_PAGE, kept_forms.SESSION_KEY)
_WITHOUT_A_PERSON = {"static", "health", "submissions.progress", "sessions.state"}
"""Endpoints that browsers and pages ask by themselves: being asked, they show nobody at the screen."""

_Arguments = ParamSpec("_Arguments")
_Answer = TypeVar("_Answer")


def request_origin() -> Origin:
    """Say where the request at hand comes from, for the audit log and for e-mails."""
    return Origin(request.remote_addr or "", browser_in_words(request.user_agent.string))


def browser_token() -> str:
    """The token by which the browser of the request is known; empty for a strange one."""
    return request.cookies.get(_browser_cookie(), "")


@login_manager.user_loader
def load_user(token: str) -> User | None:
    """Find who is signed in with the token of the browser's cookie."""
    found = service.find(token)
    if found is None:
        return None
    user, login = found
    user.token = token
    g.login_session = login
    if request.endpoint not in _WITHOUT_A_PERSON and service.is_stale(login):
        with write_transaction() as writing:
            service.touch(writing, login)
    return user


def current_login() -> LoginSession | None:
    """The session of the person who is signed in, however far; None if nobody is."""
    if not current_user.is_authenticated:
        return None
    login: LoginSession | None = g.get("login_session")
    return login


def own_login() -> LoginSession:
    """The session of the person who is signed in, however far. To be asked only where somebody is."""
    login = current_login()
    if login is None:
        raise RuntimeError("Nobody is signed in.")
    return login


def person() -> User:
    """The account of the person who is signed in, however far. To be asked only where somebody is."""
    user: User = current_user._get_current_object()
    return user


def is_signed_in() -> bool:
    """Whether somebody is wholly signed in, key and all."""
    login = current_login()
    return login is not None and login.level is Level.FULL


def start(user: User, level: Level, action: str = "sign_in.password") -> bool:
    """Sign a person in, in the browser that asks.

    Nothing of the session before lives on: one that was planted in the browser is worthless, and one that
    was going on has ended.

    Args:
        user: Who.
        level: How far.
        action: What the audit log calls it.

    Returns:
        Whether the person is signed in: not if the account was shut, or got another password, since the
        password or key was checked.
    """
    before = current_login()
    checked = user.password_hash
    with write_transaction() as writing:
        now = lock(writing, user)
        if not now.active or now.password_hash != checked:
            return False
        if before is not None:
            service.end(writing, before.user_id, before.id)
        _sweep(writing)
        events.record(writing, action, user, request_origin())
        warning = _warning(writing, user, level, before)
        token = service.begin(writing, user, level, **request_origin()._asdict(), warning_id=warning)
        if level is Level.FULL:
            _complete(writing, user)
    _use(user, token, fresh=True)
    return True


def raise_to_full(action: str = "sign_in.key") -> None:
    """Raise the session of somebody who gave the password to the full level, after the second factor.

    Args:
        action: What the audit log calls the second factor: ``sign_in.key`` or ``sign_in.recovery_code``.
    """
    user, login = person(), own_login()
    with write_transaction() as writing:
        lock(writing, user)
        token = service.prove(writing, login)
        password_warning.take_back(writing, login)
        events.record(writing, action, user, request_origin())
        _complete(writing, user)
    _use(user, token, fresh=True)


def prove_again(action: str = "sign_in.step_up") -> None:
    """Write down that the person has given the security key again, so that sensitive actions are allowed.

    Args:
        action: What the audit log calls it; ``sign_in.recovery_code`` where that stood in for the key.
    """
    user, login = person(), own_login()
    with write_transaction() as writing:
        lock(writing, user)
        token = service.prove(writing, login)
        events.record(writing, action, user, request_origin())
    _use(user, token, fresh=False)


def end() -> None:
    """Sign the person out in the browser that asks: a copy of its cookie is worth nothing from now on."""
    login = current_login()
    if login is not None:
        user = person()
        with write_transaction() as writing:
            service.end(writing, login.user_id, login.id)
            events.record(writing, "sign_out", user, request_origin())
    logout_user()
    session.clear()
    g.pop("login_session", None)


def requires_recent_proof(
    view: Callable[_Arguments, _Answer],
) -> Callable[_Arguments, _Answer | Response]:
    """Ask for the security key again before a sensitive action, if the last time is some minutes ago.

    A form that was sent is kept and shown again afterwards.
    """

    @wraps(view)
    def asking(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Answer | Response:
        login = current_login()
        if login is not None and service.is_recently_proved(login):
            return view(*args, **kwargs)
        kept_forms.keep_request(None if login is None else login.user_id)
        return redirect(url_for("sign_in.step_up", next=kept_forms.page_of_request()))

    return asking


def _sweep(writing: Session) -> None:
    # Here rather than in the worker: what there is to sweep comes from signing in.
    for store in (service, known_browsers, kept_forms, throttle):
        store.sweep(writing)


def _warning(writing: Session, user: User, level: Level, before: LoginSession | None) -> int | None:
    """The e-mail about a password that no key follows; the session before in the same browser hands it on."""
    own = before if before is not None and before.user_id == user.id else None
    if level is Level.FULL:
        if own is not None:
            password_warning.take_back(writing, own)
        return None
    if own is not None and own.warning_id is not None:
        return own.warning_id
    return password_warning.prepare(writing, user, browser_token(), request_origin())


def _complete(writing: Session, user: User) -> None:
    """Do what every sign-in ends with, key and all."""
    token = browser_token()
    throttle.forget(writing, user, address=request_origin().address, browser_token=token)
    if user.last_sign_in_at is not None and not known_browsers.is_known(writing, user, token):
        events.tell(writing, user, "new_browser", request_origin())
    user.last_sign_in_at = utc_now()
    new = known_browsers.remember(writing, user, token)
    after_this_request(lambda response: _with_browser_cookie(response, new))


def _use(user: User, token: str, *, fresh: bool) -> None:
    """Give the browser a session's token.

    Args:
        user: Whose the session is.
        token: The token.
        fresh: Whether the browser's session, with its CSRF token, begins anew.
    """
    if fresh:
        kept = {name: session[name] for name in _SURVIVES_SIGN_IN if name in session}
        session.clear()
        session.update(kept)
    session.permanent = True
    user.token = token
    login_user(user)
    found = service.find(token)
    g.login_session = found[1] if found else None


def _browser_cookie() -> str:
    return "__Host-browser" if current_settings().https else "browser"


def _with_browser_cookie(response: Any, token: str) -> Any:
    response.set_cookie(
        _browser_cookie(),
        token,
        max_age=known_browsers.LIFETIME,
        secure=current_settings().https,
        httponly=True,
        samesite="Lax",
    )
    return response
