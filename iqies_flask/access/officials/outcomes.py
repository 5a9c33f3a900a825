"""Remembering what came of a decision, so that its page can be loaded again without deciding again.

It travels in the signed cookie of the browser, which has room for a page of numbers, and no names.
"""

import secrets
from dataclasses import dataclass

from flask import request, session

_SESSION_KEY = "officials_outcomes"
_ARGUMENT = "outcome"


@dataclass(frozen=True, slots=True)
class CameOf:
    """What came of one of several things that were to be done.

    Attributes:
        subject: Which, in the form in which it was chosen.
        message: What came of it.
        done: Whether it was done.
    """

    subject: str
    message: str
    done: bool


def keep(outcomes: list[CameOf]) -> str:
    """Remember the outcomes of the latest decision in this browser.

    Returns:
        The address under which this page shows them.
    """
    key = secrets.token_urlsafe(6)
    messages = list(dict.fromkeys(outcome.message for outcome in outcomes))
    items = [[outcome.subject, messages.index(outcome.message), int(outcome.done)] for outcome in outcomes]
    session[_SESSION_KEY] = {"key": key, "page": request.path, "messages": messages, "items": items}
    return f"{request.path}?{_ARGUMENT}={key}"


def kept() -> list[CameOf]:
    """Recall the outcomes that the address of this page asks for; none if there was a later decision."""
    asked, stored = request.args.get(_ARGUMENT), session.get(_SESSION_KEY)
    if not asked or not stored or (stored["key"], stored["page"]) != (asked, request.path):
        return []
    return [
        CameOf(subject, stored["messages"][message], bool(done)) for subject, message, done in stored["items"]
    ]
