"""The session of the request at hand."""

from flask import g, request, session
from flask_login import login_user, logout_user

from iqies_flask.database import write_transaction
from iqies_flask.extensions import login_manager
from iqies_flask.identity.models import User
from iqies_flask.identity.sessions import service
from iqies_flask.identity.sessions.models import Level, LoginSession

_WITHOUT_A_PERSON = {"static", "health", "submissions.progress"}
"""Endpoints that browsers and pages ask by themselves: being asked, they show nobody at the screen."""


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
    """The session of the person who is signed in; None if nobody is."""
    login: LoginSession | None = g.get("login_session")
    return login


def start(user: User, level: Level) -> None:
    """Sign a person in, in the browser that asks.

    Nothing of the session before lives on: one that was planted in the browser is worthless.
    """
    with write_transaction() as writing:
        user.token = service.begin(
            writing,
            user,
            level,
            address=request.remote_addr or "",
            browser=str(request.user_agent),
        )
    session.clear()
    session.permanent = True
    login_user(user)


def end() -> None:
    """Sign the person out in the browser that asks: a copy of its cookie is worth nothing from now on."""
    login = current_login()
    if login is not None:
        with write_transaction() as writing:
            service.end(writing, login.user_id, login.id)
    logout_user()
