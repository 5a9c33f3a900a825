"""What somebody had typed when the session ended, or when the security key was asked for again."""

import json
import re
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

from flask import current_app, flash, request, session
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from iqies_flask.database import clip, utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.forms import show_as_typed
from iqies_flask.identity.models import User
from iqies_flask.identity.sessions.models import KeptForm
from iqies_flask.identity.tokens import new_token, token_hash

SESSION_KEY = "kept_form"
"""Key in the browser's session of the kept form's token."""

_LIFETIME = timedelta(hours=1)
_MOST_CHARACTERS = 64 * 1024
_SECRET_NAME = re.compile(
    r"pass(?:word|phrase|code)|csrf|ssn|social_security|credential|token|secret|recovery", re.I
)
_SOCIAL_SECURITY_NUMBER = re.compile(r"(?<!\d)(?:\d{9}|\d{3}[- ]\d{2}[- ]\d{4})(?!\d)")


def keep_request(user_number: int | None) -> bool:
    """Keep the form of the request at hand, for the same account in the same browser.

    Its token has been checked: it is of a page that this browser was shown. Secrets and files are not kept,
    nor is anything of a form that is too large.

    Args:
        user_number: Number of the account that the form is for; None keeps nothing.

    Returns:
        Whether anything was kept.
    """
    if request.method != "POST":
        return False
    return keep(user_number, page_of_request(), request.form.lists())


def keep(user_number: int | None, page: str, form: Iterable[tuple[str, list[str]]]) -> bool:
    """Keep what was typed into a form of a page. Arguments and answer are as for `keep_request`."""
    fields = _without_secrets(form)
    if user_number is None or not fields or len(json.dumps(fields)) > _MOST_CHARACTERS:
        return False
    token = new_token()
    with write_transaction() as writing:
        _forget(writing, session.get(SESSION_KEY))
        writing.add(
            KeptForm(
                token_hash=token_hash(token),
                user_id=user_number,
                path=clip(page, KeptForm.path),
                fields=fields,
                expires_at=utc_now() + _LIFETIME,
            )
        )
    session[SESSION_KEY] = token
    return True


def page_of_request() -> str:
    """The page that the request at hand belongs to, as a path: the one whose form was sent.

    For a form that is sent to an address without a page it is the page that it stood on.
    """
    if request.method in {"GET", "HEAD"} or is_page(request.path):
        return request.full_path.removesuffix("?")
    before = urlsplit(request.referrer or "")
    if before.netloc == request.host and is_page(before.path):
        return before.path + (f"?{before.query}" if before.query else "")
    return "/"


def is_page(path: str) -> bool:
    """Whether a path of this site can be opened in a browser."""
    try:
        current_app.create_url_adapter(request).match(path, "GET")  # type: ignore[union-attr]
    except HTTPException:
        return False
    return path.startswith("/")


def show_again(user: User) -> None:
    """Show a kept form again, if the request at hand is of its page and the form is of this person."""
    token = session.get(SESSION_KEY)
    if token is None or request.method != "GET":
        return
    kept = db.session.scalar(
        select(KeptForm).where(
            KeptForm.token_hash == token_hash(token),
            KeptForm.user_id == user.id,
            KeptForm.expires_at > utc_now(),
        )
    )
    if kept is not None and kept.path != request.full_path.removesuffix("?"):
        # Pages on the way there: signing in may lead over others.
        return
    session.pop(SESSION_KEY)
    if kept is None:
        return
    with write_transaction() as writing:
        _forget(writing, token)
    show_as_typed(kept.fields)
    flash(
        "Nothing has been done yet with what you had typed here. Here it is again, but for passwords and"
        " files: check it and send it.",
        "warn",
    )


def sweep(session: Session) -> None:
    """Throw away what nobody came back for."""
    session.execute(delete(KeptForm).where(KeptForm.expires_at <= utc_now()))


def _without_secrets(form: Iterable[tuple[str, list[str]]]) -> dict[str, list[str]]:
    return {
        name: values
        for name, values in form
        if not _SECRET_NAME.search(name) and not any(map(_SOCIAL_SECURITY_NUMBER.search, values))
    }


def _forget(writing: Session, token: str | None) -> None:
    if token is not None:
        writing.execute(delete(KeptForm).where(KeptForm.token_hash == token_hash(token)))
