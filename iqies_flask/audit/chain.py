"""The chain of the audit log: each entry's keyed hash covers the entry and the hash of the one before it.

Without the key nobody can make a hash that fits. So an entry that was altered, taken out or put in is found
by walking the chain. A log that was cut off together with its head, as when an older copy of the database is
put in place, is an unbroken chain: that shows only against a number and hash which were noted elsewhere.
"""

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from iqies_flask.audit.models import AuditEntry, AuditHead
from iqies_flask.encryption import current_vault
from iqies_flask.extensions import db

HEAD_ID = 1
BEGINNING = bytes(32)
"""Stands for the hash before the first entry."""

_BATCH = 1000


class Fault(StrEnum):
    """What is wrong at a place of the chain."""

    ALTERED = "altered"
    """The entry is not as it was written, or not the one that was written there."""
    MISSING = "missing"
    """The entry is gone, and later ones are there."""
    CUT_OFF = "cut off"
    """The entry and all after it are gone."""
    ADDED = "added"
    """The entry was not written by the application."""
    HEAD = "head"
    """The note of where the chain ends does not fit the entry."""
    NOT_AS_NOTED = "not as noted"
    """The chain is unbroken, but not the one whose hash was noted."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place in the chain that can be noted elsewhere.

    Attributes:
        number: Number of an entry; 0 before the first.
        chain_hash: Its hash.
    """

    number: int
    chain_hash: bytes

    def __str__(self) -> str:
        return f"{self.number}:{self.chain_hash.hex()}"

    @classmethod
    def read(cls, text: str) -> "Point":
        """Read what `__str__` wrote.

        Raises:
            ValueError: It is something else.
        """
        number, _, digits = text.strip().partition(":")
        point = cls(int(number), bytes.fromhex(digits))
        if point.number < 0 or len(point.chain_hash) != len(BEGINNING):
            raise ValueError(text)
        return point


@dataclass(frozen=True, slots=True)
class Verification:
    """What verifying came to.

    Attributes:
        end: The last entry of the unbroken chain.
        fault: What is wrong; None if nothing is.
        number: Of the first entry that is concerned.
    """

    end: Point
    fault: Fault | None = None
    number: int = 0


def chain_hash(before: bytes, entry: AuditEntry | Row[Any]) -> bytes:
    """Hash an entry together with the hash of the one before it.

    Args:
        before: That hash; `BEGINNING` for the first entry.
        entry: The entry, or its columns; its own hash is not looked at.
    """
    return current_vault().keyed_hash(
        "audit",
        before.hex(),
        str(entry.number),
        entry.at.isoformat(),
        str(entry.actor_id or ""),
        entry.actor,
        entry.address,
        entry.action,
        entry.object_type,
        entry.object_id,
        entry.outcome.value,
        entry.detail,
    )


def length() -> int:
    """How many entries the chain should have."""
    return _head().number


def verify(noted: Point | None = None, progress: Callable[[int], object] = lambda _: None) -> Verification:
    """Walk the chain from its beginning, and stop at the first entry that is not in order.

    Entries that are written meanwhile are left to the next time.

    Args:
        noted: An earlier end of the chain that was noted elsewhere.
        progress: Told now and then how many entries are found in order.
    """
    head = _head()
    end = Point(0, BEGINNING)
    if noted is not None and noted.number == 0 and noted != end:
        return Verification(end, Fault.NOT_AS_NOTED, 0)
    for entry in _entries(head.number):
        number = end.number + 1
        if entry.number != number:
            return Verification(end, Fault.MISSING, number)
        if not hmac.compare_digest(chain_hash(end.chain_hash, entry), entry.chain_hash):
            return Verification(end, Fault.ALTERED, number)
        end = Point(number, entry.chain_hash)
        if noted is not None and noted.number == number and noted != end:
            return Verification(end, Fault.NOT_AS_NOTED, number)
        if number % _BATCH == 0:
            progress(number)
    progress(end.number)
    return _verified_end(end, head, noted)


def _verified_end(end: Point, head: Point, noted: Point | None) -> Verification:
    if end.number < head.number:
        return Verification(end, Fault.CUT_OFF, end.number + 1)
    if end != head:
        return Verification(end, Fault.HEAD, end.number)
    if noted is not None and noted.number > end.number:
        return Verification(end, Fault.CUT_OFF, end.number + 1)
    added = _first_behind_the_head()
    return Verification(end) if added is None else Verification(end, Fault.ADDED, added)


def _head() -> Point:
    with Session(db.engine) as session:
        head = session.get(AuditHead, HEAD_ID)
        return Point(0, BEGINNING) if head is None else Point(head.number, head.chain_hash)


def _entries(last: int) -> Iterator[Row[Any]]:
    """Read the entries in their order, some at a time, up to a number."""
    # Columns, as making objects of them takes longer than all the rest.
    columns = select(*AuditEntry.__table__.columns).order_by(AuditEntry.number).limit(_BATCH)
    number = 0
    with Session(db.engine) as session:
        while batch := session.execute(
            columns.where(AuditEntry.number > number, AuditEntry.number <= last)
        ).all():
            yield from batch
            number = batch[-1].number


def _first_behind_the_head() -> int | None:
    with Session(db.engine) as session:
        # One statement, so that an entry and its head are seen both or neither.
        head = select(AuditHead.number).where(AuditHead.id == HEAD_ID).scalar_subquery()
        return session.scalar(
            select(AuditEntry.number).where(AuditEntry.number > head).order_by(AuditEntry.number).limit(1)
        )
