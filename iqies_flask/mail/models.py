"""The outbox."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from iqies_flask.database import Model, UTCDateTime, text_enum, utc_now
from iqies_flask.encryption import EncryptedJSON


class MessageState(StrEnum):
    """How far an e-mail is."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


class OutboxMessage(Model):
    """One e-mail to one address. Deleted some time after it was sent.

    Attributes:
        id: Its number.
        template: Name of the template that it was made of.
        content: ``to``, ``subject``, ``text`` and ``html``; None once it was sent, as it may hold a link that
            opens an account. A demonstration keeps it.
        state: How far it is.
        created_at: When it was written.
        attempts: Times that sending it was tried.
        available_at: When it may be tried. Whoever sends it moves this ahead as long as that takes.
        sent_at: When it was handed over to the mail server.
        problem: Why the last attempt failed.
    """

    __tablename__ = "outbox_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    template: Mapped[str] = mapped_column(String(40))
    content: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJSON)
    state: Mapped[MessageState] = mapped_column(text_enum(MessageState, 8), default=MessageState.WAITING)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    attempts: Mapped[int] = mapped_column(default=0)
    available_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    problem: Mapped[str] = mapped_column(String(200), default="")

    __table_args__ = (Index(None, "state", "available_at"),)
