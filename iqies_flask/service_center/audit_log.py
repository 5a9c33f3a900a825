"""Reading the audit log: what an auditor asks for, and what is shown. Knows no request."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

from sqlalchemy import select

from iqies_flask.audit import search
from iqies_flask.audit import service as audit
from iqies_flask.audit.models import AuditEntry, Outcome
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.service import find_user
from iqies_flask.pipeline.report.csv import BYTE_ORDER_MARK, guard

PAGE_ENTRIES = 50
COLUMNS = (
    "number",
    "at",
    "actor_id",
    "actor",
    "address",
    "action",
    "object_type",
    "object_id",
    "outcome",
    "detail",
    "chain_hash",
)
"""The columns of the CSV file: those of the table, so that the chain can be followed in the file as well."""


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as it is shown.

    Attributes:
        entry: The entry.
        account: User ID of the account that was acted upon; empty where none was.
    """

    entry: AuditEntry
    account: str


@dataclass(frozen=True, slots=True)
class Lines:
    """Some entries, the newest first.

    Attributes:
        items: They.
        newer_than: Number behind which there are newer ones; None where there are none.
        older_than: Number before which there are older ones; None likewise.
    """

    items: list[Line]
    newer_than: int | None
    older_than: int | None


def wanted(
    *,
    user_id: str = "",
    action: str = "",
    thing: str = "",
    outcome: str = "",
    since: date | None = None,
    until: date | None = None,
    zone: ZoneInfo,
) -> search.Filter:
    """Put what an auditor typed into the terms of the log.

    Args:
        user_id: A user ID, or ``command line`` or ``system``: entries in which it acted or was acted upon.
        action: An action, or what a group of actions begins with.
        thing: Kind of an object and which it is, such as ``submission 1000001``; the kind or a number alone
            does as well.
        outcome: An outcome.
        since: First day.
        until: Last day.
        zone: The time zone that these days are of.
    """
    account = find_user(user_id) if user_id else None
    object_type, object_id = _object(thing)
    return search.Filter(
        actor=account.user_id if account else user_id,
        account=account.id if account else None,
        action=action,
        object_type=object_type,
        object_id=object_id,
        outcome=Outcome(outcome) if outcome else None,
        since=_midnight(since, zone) if since else None,
        before=_midnight(until + timedelta(days=1), zone) if until else None,
    )


def lines(asked: search.Filter, *, older_than: int | None = None, newer_than: int | None = None) -> Lines:
    """Give a page of the entries that are asked for.

    Args:
        asked: Which.
        older_than: Number of an entry before which to look.
        newer_than: Number of an entry behind which to look.
    """
    found = search.find(asked, PAGE_ENTRIES, older_than=older_than, newer_than=newer_than)
    entries = found.entries
    names = _user_ids(entries)
    return Lines(
        items=[
            Line(entry, names.get(entry.object_id, "") if _on_account(entry) else "") for entry in entries
        ],
        newer_than=entries[0].number if found.newer and entries else None,
        older_than=entries[-1].number if found.older and entries else None,
    )


def write_csv(asked: search.Filter) -> Iterator[str]:
    """Write all entries that are asked for as CSV (RFC 4180), in pieces."""
    stream = StringIO(newline="")
    writer = csv.writer(stream)
    stream.write(BYTE_ORDER_MARK)
    writer.writerow(COLUMNS)
    for entry in search.find_all(asked):
        writer.writerow([guard(cell) for cell in _cells(entry)])
        yield stream.getvalue()
        stream.seek(0)
        stream.truncate()
    yield stream.getvalue()


def note_download(user: User, address: str, asked: dict[str, str]) -> None:
    """Write down that an auditor took entries away.

    Args:
        user: The auditor.
        address: Where they went.
        asked: What was typed into the filter.
    """
    with write_transaction() as session:
        audit.record(
            session, "audit.downloaded", actor_id=user.id, actor=user.user_id, address=address, asked=asked
        )


def _object(typed: str) -> tuple[str, str]:
    kind, _, which = typed.partition(" ")
    if which:
        return kind, which.strip()
    return ("", kind) if kind.isdigit() else (kind, "")


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _on_account(entry: AuditEntry) -> bool:
    return entry.object_type == audit.ACCOUNT


def _user_ids(entries: Iterable[AuditEntry]) -> dict[str, str]:
    numbers = {int(entry.object_id) for entry in entries if _on_account(entry) and entry.object_id.isdigit()}
    found = db.session.execute(select(User.id, User.user_id).where(User.id.in_(numbers)))
    return {str(row.id): row.user_id for row in found}


def _cells(entry: AuditEntry) -> list[str]:
    return [
        str(entry.number),
        entry.at.isoformat(),
        "" if entry.actor_id is None else str(entry.actor_id),
        entry.actor,
        entry.address,
        entry.action,
        entry.object_type,
        entry.object_id,
        entry.outcome.value,
        entry.detail,
        entry.chain_hash.hex(),
    ]
