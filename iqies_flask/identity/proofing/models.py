"""Attempts to prove who a person is."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from iqies_flask.database import Model, UTCDateTime, text_enum, utc_now
from iqies_flask.encryption import EncryptedJSON
from iqies_flask.identity.models import User

MANUAL = "manual"
"""The method by which an officer of the Service Center decides."""


class CaseState(StrEnum):
    """How far an attempt is.

    With the provider: a plugin is being asked at this moment.
    """

    WITH_PROVIDER = "with_provider"
    ASKING = "asking"
    REFERENCE_NEEDED = "reference_needed"
    WAITING_FOR_OFFICER = "waiting_for_officer"
    PROVED = "proved"
    FAILED = "failed"
    REFUSED = "refused"


class ProofingCase(Model):
    """One attempt to prove who a person is.

    Attributes:
        id: Its number.
        user_id: Whose account.
        method: `MANUAL`, or the name of the plugin that proves it; empty until one has answered.
        state: How far it is.
        attempt: Which try with this method, from 1.
        exchange: What the plugin asked and needs to know again; None once it is over.
        state_since: Since when it is in this state.
        retry_after: When the person may try again; None for at once.
        officer_id: Number of the proofing officer's account who decided; None for a plugin.
        decision: What was seen and why it was decided so, in the officer's words, as JSON.
        created_at: When it was begun.
        decided_at: When it ended.
    """

    __tablename__ = "proofing_case"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id), index=True)
    method: Mapped[str] = mapped_column(String(64))
    state: Mapped[CaseState] = mapped_column(text_enum(CaseState, 20))
    attempt: Mapped[int]
    state_since: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    exchange: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJSON)
    retry_after: Mapped[datetime | None] = mapped_column(UTCDateTime)
    officer_id: Mapped[int | None] = mapped_column(ForeignKey(User.id))
    decision: Mapped[dict[str, Any] | None] = mapped_column(EncryptedJSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    __table_args__ = (Index(None, "state", "state_since"),)
