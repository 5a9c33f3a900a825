"""The browser's part in asking for a key: which challenges its pages are about to answer."""

from collections.abc import Callable

from flask import session
from sqlalchemy.orm import Session

from iqies_flask.database import write_transaction
from iqies_flask.identity.security_keys.forms import CeremonyForm
from iqies_flask.identity.security_keys.refusals import KeyRefused
from iqies_flask.identity.tokens import token_hash

_SESSION_KEY = "ceremonies"
_MOST_AT_ONCE = 5
"""Tabs that one browser may have open with a question for a key; the cookie must stay small."""


def ask(form: CeremonyForm, options: Callable[[Session], tuple[str, str]]) -> str:
    """Begin to ask for a key on a page.

    Args:
        form: The page's form; it gets to know which question its answer belongs to.
        options: Makes token and options in a writing transaction.

    Returns:
        The options for the page's script; empty if there is no key to be asked for, which the form then says.
    """
    form.credential.data = ""
    try:
        with write_transaction() as writing:
            token, asked = options(writing)
    except KeyRefused as refused:
        form.form_errors.append(str(refused))
        return ""
    form.ceremony.data = remember(token)
    return asked


def remember(token: str) -> str:
    """Bind a question to this browser.

    Returns:
        A name for it that the page may show.
    """
    session[_SESSION_KEY] = [*session.get(_SESSION_KEY, []), token][-_MOST_AT_ONCE:]
    return _name(token)


def token_of(form: CeremonyForm) -> str:
    """Find the token of the question that a form answers; empty if this browser was not asked it."""
    tokens: list[str] = session.get(_SESSION_KEY, [])
    return next((token for token in tokens if _name(token) == form.ceremony.data), "")


def _name(token: str) -> str:
    return token_hash(token).hex()[:16]
