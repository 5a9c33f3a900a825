"""Writing the audit log."""

import json
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from iqies_flask.audit.models import AuditEntry, AuditHead, Outcome
from iqies_flask.database import clip, utc_now
from iqies_flask.encryption import current_vault

_HEAD_ID = 1


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
        actor: Its user ID; ``command line`` or ``system`` for these.
        address: Address that the request came from.
        object_type: Kind of the thing acted upon, such as ``account``.
        object_id: Which.
        outcome: What came of it.
        detail: Further facts, as JSON can say them; nothing of patients, nothing secret.
    """
    head = _locked_head(session)
    entry = AuditEntry(
        number=head.number + 1,
        at=utc_now(),
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
    session.add(entry)
    head.number = entry.number
    head.chain_hash = entry.chain_hash
    session.flush()
    return entry


def chain_hash(before: bytes, entry: AuditEntry) -> bytes:
    """Hash an entry together with the hash of the one before it.

    Args:
        before: That hash; 32 zero bytes for the first entry.
        entry: The entry; its own hash is not looked at.
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


def _locked_head(session: Session) -> AuditHead:
    # The migration makes the row. Whoever appends waits here for those before.
    statement = select(AuditHead).where(AuditHead.id == _HEAD_ID).with_for_update()
    return session.scalars(statement, execution_options={"populate_existing": True}).one()
