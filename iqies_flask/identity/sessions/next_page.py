"""The page that somebody wanted when he or she was asked to sign in: found again after the last step."""

from urllib.parse import urlsplit

from flask import session, url_for

from iqies_flask.identity.sessions.current import NEXT_PAGE


def own_page(target: str | None) -> str | None:
    """Give back a path of this site, or None for anything that could lead elsewhere."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or any(ord(character) < 32 or character == "\\" for character in target):
        return None
    return target


def remember(target: str | None) -> None:
    """Remember the page through the further steps, in the browser's session."""
    page = own_page(target)
    if page is None:
        session.pop(NEXT_PAGE, None)
    else:
        session[NEXT_PAGE] = page


def take() -> str:
    """The path of the page to show now that somebody is signed in: the one remembered, or the start page."""
    return take_remembered() or url_for("home")


def take_remembered() -> str | None:
    """The same, None where no page was remembered."""
    return own_page(session.pop(NEXT_PAGE, None))
