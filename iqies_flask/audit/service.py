"""Writing the audit log."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from iqies_flask.audit.chain import HEAD_ID, chain_hash
from iqies_flask.audit.models import AuditEntry, AuditHead, Outcome
from iqies_flask.database import clip, utc_now

COMMAND_LINE = "command line"
"""The actor of what an operator does on the machine itself."""

SYSTEM = "system"
"""The actor of what happens by itself."""

ACCOUNT = "account"
"""The kind of thing acted upon that an account is."""


def record(
    session: Session,
    action: str,
    *,
    actor_id: int | None = None,
    actor: str,
    address: str = "",
    object_type: str = "",
    object_id: str | int = "",
    outcome: Outcome = Outcome.DONE,
    **detail: Any,
) -> AuditEntry:
    """Append an entry, in the transaction of the action itself: neither is ever there without the other.

    Args:
        session: A session in a writing transaction, which the caller commits.
        action: What was done, as ``<area>.<what>``: ``sign_in.password``.
        actor_id: Number of the account that acted; None where none did.
        actor: Its user ID; `COMMAND_LINE` or `SYSTEM` for these.
        address: Address that the request came from.
        object_type: Kind of the thing acted upon; `ACCOUNT` for these.
        object_id: Which.
        outcome: What came of it.
        detail: Further facts, as JSON can say them; nothing of patients, nothing secret.
    """
    [entry] = record_each(
        session,
        action,
        [(object_id, detail)],
        actor_id=actor_id,
        actor=actor,
        address=address,
        object_type=object_type,
        outcome=outcome,
    )
    return entry


def record_each(
    session: Session,
    action: str,
    objects: Iterable[tuple[str | int, Mapping[str, Any]]],
    *,
    actor_id: int | None = None,
    actor: str,
    address: str = "",
    object_type: str = "",
    outcome: Outcome = Outcome.DONE,
) -> list[AuditEntry]:
    """Append an entry for each of some things, all acted upon in the same way and the same transaction.

    Args:
        session: As for `record`, and so are all other arguments.
        action: What was done.
        objects: What was acted upon, each with the details of its entry.
        actor_id: Number of the account that acted.
        actor: Its user ID.
        address: Address that the request came from.
        object_type: Kind of the things acted upon.
        outcome: What came of it.
    """
    head = _locked_head(session)
    at = _moment_after(session, head)
    entries = []
    for object_id, detail in objects:
        entry = AuditEntry(
            number=head.number + 1,
            at=at,
            actor_id=actor_id,
            actor=clip(actor, AuditEntry.actor),
            address=clip(address, AuditEntry.address),
            action=action,
            object_type=object_type,
            object_id=clip(str(object_id), AuditEntry.object_id),
            outcome=outcome,
            detail=json.dumps(detail, sort_keys=True, separators=(",", ":")) if detail else "",
        )
        entry.chain_hash = chain_hash(head.chain_hash, entry)
        head.number = entry.number
        head.chain_hash = entry.chain_hash
        entries.append(entry)
    session.add_all(entries)
    session.flush()
    return entries


def _locked_head(session: Session) -> AuditHead:
    # The migration makes the row. Whoever appends waits here for those before.
    statement = select(AuditHead).where(AuditHead.id == HEAD_ID).with_for_update()
    return session.scalars(statement, execution_options={"populate_existing": True}).one()


def _moment_after(session: Session, head: AuditHead) -> datetime:
    # A clock that was set back must not put an entry before the one that it follows.
    now = utc_now()
    last = session.scalar(select(AuditEntry.at).where(AuditEntry.number == head.number))
    return now if last is None else max(now, last)
