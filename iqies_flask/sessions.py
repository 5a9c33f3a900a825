"""How long a session lasts: it ends when nobody has used the site for a while."""

from flask import Flask, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

_WITHOUT_A_PERSON = {"static", "health", "submissions.progress"}
"""Endpoints that browsers and pages ask by themselves: being asked, they show nobody at the screen."""


class IdleSessionInterface(SecureCookieSessionInterface):
    """Renews the session with what a person does, not with what an open page asks every second."""

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:
        """Decide whether an answer brings the cookie, and with it a new time at which the session ends."""
        if request.endpoint in _WITHOUT_A_PERSON:
            return session.modified
        return super().should_set_cookie(app, session)
