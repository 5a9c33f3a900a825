"""The audit log."""

import json
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from iqies_flask.database import Model, UTCDateTime, text_enum


class Outcome(StrEnum):
    """What came of an action."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class AuditEntry(Model):
    """One action. Written once: the database refuses to change or delete it.

    Attributes:
        number: Place in the chain, without gaps, from 1.
        at: When.
        actor_id: Number of the account that acted; None for the command line, the system, or nobody known.
        actor: Its user ID, or who else acted.
        address: Address that the request came from; empty where there was none.
        action: What was done, such as ``sign_in.password``.
        object_type: Kind of the thing that it was done to, such as ``account``; empty for none.
        object_id: Which.
        outcome: What came of it.
        detail: Further facts as JSON with sorted keys, never of patients, never secret.
        chain_hash: Keyed hash of this entry and of the hash before it.
    """

    __tablename__ = "audit_entry"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor_id: Mapped[int | None]
    actor: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(45))
    action: Mapped[str] = mapped_column(String(64))
    object_type: Mapped[str] = mapped_column(String(32))
    object_id: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[Outcome] = mapped_column(text_enum(Outcome, 8))
    detail: Mapped[str] = mapped_column(Text)
    chain_hash: Mapped[bytes] = mapped_column(LargeBinary(32))

    __table_args__ = (
        Index(None, "actor_id", "number"),
        Index(None, "object_type", "object_id", "number"),
        Index(None, "action", "number"),
        Index(None, "at"),
    )

    @property
    def facts(self) -> dict[str, Any]:
        """The further facts, as they were given."""
        facts: dict[str, Any] = json.loads(self.detail) if self.detail else {}
        return facts


class AuditHead(Model):
    """The end of the chain: its one row is locked by whoever appends, and shows when entries are cut off."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    chain_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
