"""The history of a person's sign-ins, out of the audit log."""

from dataclasses import dataclass

from iqies_flask.audit.models import AuditEntry, Outcome
from iqies_flask.audit.search import Filter, find
from iqies_flask.identity.models import User

LINES = 25
"""On a page."""

_FAMILY = "sign_in"
_DONE = {
    "sign_in.password": "Password given",
    "sign_in.key": "Signed in with a security key",
    "sign_in.recovery_code": "Signed in with a recovery code",
    "sign_in.passkey": "Signed in with a passkey",
    "sign_in.step_up": "Security key given again",
    "sign_in.blocked": "Too many failed attempts: further ones had to wait",
    "sign_in.unlocked": "Waiting ended by the link in the e-mail",
}
_NOT_DONE = {
    "sign_in.password": "Wrong password",
    "sign_in.key": "Wrong security key",
    "sign_in.recovery_code": "Wrong recovery code",
    "sign_in.passkey": "Wrong passkey",
    "sign_in.step_up": "Wrong security key when it was asked for again",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened.

    Attributes:
        entry: The audit log's entry.
        words: What it was, in words for the owner of the account.
        browser: In which browser, in a few words; empty where that is not known.
        succeeded: Whether somebody got further by it.
    """

    entry: AuditEntry
    words: str
    browser: str
    succeeded: bool


@dataclass(frozen=True, slots=True)
class History:
    """A page of the history, the newest first.

    Attributes:
        lines: What happened.
        newer_than: Number of the entry behind which the page before begins; None on the first page.
        older_than: Number of the entry before which the next page begins; None on the last page.
    """

    lines: list[Line]
    newer_than: int | None
    older_than: int | None


def history(user: User, *, older_than: int | None = None, newer_than: int | None = None) -> History:
    """Read a page of the history of a person's sign-ins.

    Args:
        user: Whose.
        older_than: Number of an entry before which to look.
        newer_than: Number of an entry behind which to look.
    """
    found = find(Filter(account=user.id, action=_FAMILY), LINES, older_than=older_than, newer_than=newer_than)
    entries = found.entries
    return History(
        [_line(entry) for entry in entries],
        entries[0].number if entries and found.newer else None,
        entries[-1].number if entries and found.older else None,
    )


def _line(entry: AuditEntry) -> Line:
    done = entry.outcome is Outcome.DONE
    words = (_DONE if done else _NOT_DONE).get(entry.action, entry.action)
    succeeded = done and entry.action != "sign_in.blocked"
    return Line(entry, words, str(entry.facts.get("browser", "")), succeeded)
