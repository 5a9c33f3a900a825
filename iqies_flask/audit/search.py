"""Finding entries of the audit log."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, or_, select

from iqies_flask.audit.models import AuditEntry, Outcome
from iqies_flask.audit.service import ACCOUNT
from iqies_flask.extensions import db

_BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which entries are wanted. What is left out asks for nothing.

    Attributes:
        actor: Who acted: a user ID as the log has it, or ``command line`` or ``system``.
        account: Number of an account that acted, or that was acted upon; asked together with `actor`, one of
            the two is enough.
        action: An action such as ``sign_in.key``, or what a group of them begins with: ``sign_in``.
        object_type: Kind of the thing acted upon.
        object_id: Which.
        outcome: What came of it.
        since: The earliest moment.
        before: The first moment that is too late.
    """

    actor: str = ""
    account: int | None = None
    action: str = ""
    object_type: str = ""
    object_id: str = ""
    outcome: Outcome | None = None
    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Slice:
    """Some entries, the newest first.

    Attributes:
        entries: They.
        newer: Whether there are newer ones that are wanted.
        older: Whether there are older ones.
    """

    entries: list[AuditEntry]
    newer: bool
    older: bool


def find(wanted: Filter, most: int, *, older_than: int | None = None, newer_than: int | None = None) -> Slice:
    """Find entries, the newest first.

    They are told apart by number and not counted: the place of an entry does not move when others are added.

    Args:
        wanted: Which.
        most: How many at most.
        older_than: Number of an entry before which to look.
        newer_than: Number of an entry behind which to look; the entries nearest to it are given.
    """
    chosen = select(AuditEntry).where(*_conditions(wanted))
    if newer_than is not None:
        found = _take(chosen.where(AuditEntry.number > newer_than).order_by(AuditEntry.number), most + 1)
        older = chosen.where(AuditEntry.number <= newer_than)
        return Slice(found[:most][::-1], newer=len(found) > most, older=bool(_take(older, 1)))
    newer = False
    if older_than is not None:
        newer = bool(_take(chosen.where(AuditEntry.number >= older_than), 1))
        chosen = chosen.where(AuditEntry.number < older_than)
    found = _take(chosen.order_by(AuditEntry.number.desc()), most + 1)
    return Slice(found[:most], newer=newer, older=len(found) > most)


def find_all(wanted: Filter) -> Iterator[AuditEntry]:
    """Find all entries that are wanted, the newest first, read some at a time."""
    last: int | None = None
    while True:
        some = find(wanted, _BATCH, older_than=last)
        yield from some.entries
        if not some.older:
            return
        last = some.entries[-1].number
        for entry in some.entries:
            db.session.expunge(entry)


def _take(chosen: Select[AuditEntry], most: int) -> list[AuditEntry]:
    return list(db.session.scalars(chosen.limit(most)))


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.actor or wanted.account is not None:
        conditions.append(or_(*_by_person(wanted)))
    if wanted.action:
        group = AuditEntry.action.startswith(f"{wanted.action}.", autoescape=True)
        conditions.append(or_(AuditEntry.action == wanted.action, group))
    if wanted.object_type:
        conditions.append(AuditEntry.object_type == wanted.object_type)
    if wanted.object_id:
        conditions.append(AuditEntry.object_id == wanted.object_id)
    if wanted.outcome is not None:
        conditions.append(AuditEntry.outcome == wanted.outcome)
    if wanted.since is not None:
        conditions.append(AuditEntry.at >= wanted.since)
    if wanted.before is not None:
        conditions.append(AuditEntry.at < wanted.before)
    return conditions


def _by_person(wanted: Filter) -> Iterator[ColumnElement[bool]]:
    if wanted.actor:
        yield AuditEntry.actor == wanted.actor
    if wanted.account is not None:
        yield AuditEntry.actor_id == wanted.account
        yield and_(AuditEntry.object_type == ACCOUNT, AuditEntry.object_id == str(wanted.account))
