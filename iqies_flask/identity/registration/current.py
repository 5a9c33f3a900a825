"""The registration of the browser that asks."""

from flask import session

from iqies_flask.identity.models import User
from iqies_flask.identity.registration import service
from iqies_flask.identity.registration.models import Registration

_TOKEN = "registration"  # noqa: S105 - the token's place in the session


def token() -> str | None:
    """The token of this browser's registration; None if none was begun in it."""
    held = session.get(_TOKEN)
    return held if isinstance(held, str) else None


def registration_under_way() -> Registration | None:
    """The registration that was begun in this browser; None if there is none, or it has expired."""
    held = token()
    return None if held is None else service.find(held)


def current_registration() -> User | None:
    """The account that came of the registration in this browser; None before its address was confirmed.

    For the steps after that, it stands in for signing in.
    """
    registration = registration_under_way()
    return None if registration is None else service.account_of(registration)


def remember(new: str) -> None:
    """Have this browser go on with a registration.

    Args:
        new: Its token.
    """
    session[_TOKEN] = new
