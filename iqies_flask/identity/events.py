"""What happens to an account is written into the audit log, and its owner is told of it."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from iqies_flask.audit import service as audit
from iqies_flask.audit.models import AuditEntry, Outcome
from iqies_flask.database import utc_now
from iqies_flask.identity.models import User
from iqies_flask.identity.origin import Origin
from iqies_flask.mail.models import OutboxMessage
from iqies_flask.mail.service import enqueue


def record(
    session: Session, action: str, user: User, origin: Origin, outcome: Outcome = Outcome.DONE, **detail: Any
) -> None:
    """Write down what a person did to his or her own account.

    Args:
        session: A session in a writing transaction, which the caller commits.
        action: What was done.
        user: Who, and to which account.
        origin: Where the request came from.
        outcome: What came of it.
        detail: Further facts, nothing secret.
    """
    record_by(session, action, user, origin, outcome, actor=user, **detail)


def record_by(
    session: Session,
    action: str,
    user: User | None,
    origin: Origin,
    outcome: Outcome = Outcome.DONE,
    *,
    actor: User | None,
    **detail: Any,
) -> None:
    """Write down what somebody did to an account who is not its owner, or of whom that is not known.

    Args:
        session: A session in a writing transaction, which the caller commits.
        action: What was done.
        user: Whose account; None where there is no such account.
        origin: Where the request came from.
        outcome: What came of it.
        actor: Who did it; None where nobody knows.
        detail: Further facts, nothing secret.
    """
    if origin.browser:
        detail["browser"] = origin.browser
    audit.record(
        session,
        action,
        actor_id=actor.id if actor else None,
        actor=actor.user_id if actor else "",
        address=origin.address,
        object_type=audit.ACCOUNT if user else "",
        object_id=user.id if user else "",
        outcome=outcome,
        **detail,
    )


def record_by_operator(session: Session, action: str, user: User, **detail: Any) -> None:
    """Write down what an operator did to an account, on the machine itself.

    Args:
        session: A session in a writing transaction, which the caller commits.
        action: What was done.
        user: Whose account.
        detail: Further facts, nothing secret.
    """
    audit.record(
        session, action, actor=audit.COMMAND_LINE, object_type=audit.ACCOUNT, object_id=user.id, **detail
    )


def count_last_hour(session: Session, action: str, user_number: int, outcome: Outcome | None = None) -> int:
    """Count how often something was done to an account within the last hour, by the audit log.

    Args:
        session: Where to look.
        action: What.
        user_number: Number of the account.
        outcome: With which outcome; None for any.
    """
    statement = select(func.count()).where(
        AuditEntry.object_type == audit.ACCOUNT,
        AuditEntry.object_id == str(user_number),
        AuditEntry.action == action,
        AuditEntry.at > utc_now() - timedelta(hours=1),
    )
    if outcome is not None:
        statement = statement.where(AuditEntry.outcome == outcome)
    return session.scalar(statement) or 0


def tell(
    session: Session, user: User, template: str, origin: Origin, *, to: str | None = None, **values: Any
) -> OutboxMessage | None:
    """Write an e-mail about an account, with when and from where it happened.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Whose account.
        template: As for `iqies_flask.mail.service.enqueue`.
        origin: Where the request came from.
        to: Another address than the account's. An account without any gets no e-mail.
        values: What the template shows besides.

    Returns:
        The e-mail; None where the account has no address.
    """
    address = to or user.email
    if not address:
        return None
    return enqueue(
        session,
        address,
        template,
        user_id=user.user_id,
        at=utc_now(),
        **origin._asdict(),
        **values,
    )
