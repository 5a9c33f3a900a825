"""The registration of the browser that asks.

Whoever opens that browser next shall not read it: when nobody has done anything for as long as a session may
be idle, nothing of it is shown before the e-mail address that was entered is typed once more.
"""

from datetime import timedelta

from flask import session

from iqies_flask.current import current_settings
from iqies_flask.database import utc_now
from iqies_flask.identity.models import User
from iqies_flask.identity.registration import service
from iqies_flask.identity.registration.models import Registration

_TOKEN = "registration"  # noqa: S105 - the token's place in the session
_USED_AT = "registration_used_at"
"""Key of the moment at which somebody last did something, in seconds since 1970."""

_EXACT_SECONDS = 30
"""Not each request writes the cookie."""


def token() -> str | None:
    """The token of this browser's registration; None if none was begun in it."""
    held = session.get(_TOKEN)
    return held if isinstance(held, str) else None


def registration_held() -> Registration | None:
    """The registration that was begun in this browser, though nothing of it may be shown."""
    held = token()
    return None if held is None else service.find(held)


def registration_asleep() -> Registration | None:
    """The registration of this browser, if nobody has done anything for too long to show it."""
    return registration_held() if _is_idle() else None


def registration_under_way() -> Registration | None:
    """The registration that was begun in this browser; None if there is none, or it sleeps or has expired."""
    return None if _is_idle() else registration_held()


def current_registration() -> User | None:
    """The account that came of the registration in this browser; None before its address was confirmed.

    For the steps after that, it stands in for signing in.
    """
    registration = registration_under_way()
    return None if registration is None else service.account_of(registration)


def remember(new: str) -> None:
    """Have this browser go on with a registration, for as long as it is kept.

    Args:
        new: Its token.
    """
    session[_TOKEN] = new
    session.permanent = True
    wake()


def touch() -> None:
    """Write down that somebody does something, if the registration does not sleep already."""
    if not _is_idle() and _now() - session.get(_USED_AT, 0) > _EXACT_SECONDS:
        wake()


def wake() -> None:
    """Show the registration of this browser again."""
    session[_USED_AT] = _now()


def forget() -> None:
    """Have this browser know of no registration any more."""
    session.pop(_TOKEN, None)
    session.pop(_USED_AT, None)


def _is_idle() -> bool:
    idle = timedelta(minutes=current_settings().session_minutes).total_seconds()
    return token() is None or _now() - session.get(_USED_AT, 0) > idle


def _now() -> int:
    return int(utc_now().timestamp())
