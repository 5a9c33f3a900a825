"""Deleting what was sent long ago, so that the outbox does not grow for ever."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from iqies_flask.current import current_settings
from iqies_flask.database import write_transaction
from iqies_flask.mail.models import MessageState, OutboxMessage

_AT_A_TIME = 1000
"""Messages deleted in one transaction: others want to write meanwhile."""


def prune(now: datetime, stopping: Callable[[], bool] = lambda: False) -> None:
    """Delete the messages that were sent longer ago than `mail_days`. What was not sent stays, however old.

    Args:
        now: The present moment.
        stopping: Whether to leave the rest to the next time.
    """
    before = now - timedelta(days=current_settings().mail_days)
    while not stopping() and _delete_some(before) == _AT_A_TIME:
        pass


def _delete_some(before: datetime) -> int:
    oldest = (
        select(OutboxMessage.id)
        .where(OutboxMessage.state == MessageState.SENT, OutboxMessage.sent_at < before)
        .order_by(OutboxMessage.id)
        .limit(_AT_A_TIME)
    )
    statement = delete(OutboxMessage).where(OutboxMessage.id.in_(oldest)).returning(OutboxMessage.id)
    with write_transaction() as session:
        return len(session.scalars(statement, execution_options={"synchronize_session": False}).all())
