"""Submissions, their bytes, their records and what was found in them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, ForeignKeyConstraint, Identity, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from iqies_flask.access.models import Provider
from iqies_flask.database import Model, UTCDateTime, text_enum
from iqies_flask.encryption import EncryptedBytes, EncryptedJSON
from iqies_flask.identity.models import User
from iqies_flask.model import EditType, Severity
from iqies_flask.pipeline.report.model import Disposition

FIRST_SUBMISSION_ID = 1_000_001


class State(StrEnum):
    """How far a submission is. None of these says that anything was accepted."""

    RECEIVED = "received"
    PROCESSING = "processing"
    COMPLETED = "completed"
    UNREADABLE = "unreadable"
    NEEDS_ATTENTION = "needs_attention"


STATE_LABELS = {
    State.RECEIVED: "Received",
    State.PROCESSING: "Processing",
    State.COMPLETED: "Completed",
    State.UNREADABLE: "Completed: file could not be read",
    State.NEEDS_ATTENTION: "Delayed: needs attention",
}
UNFINISHED = (State.RECEIVED, State.PROCESSING)


class Submission(Model):
    """One uploaded file.

    Attributes:
        id: The submission ID.
        user_id: Who uploaded it.
        file_name: As the submitter named it.
        size: Bytes.
        sha256: Of the bytes, in hexadecimal.
        state: How far it is.
        received_at: When it was stored.
        started_at: When a worker first took it.
        completed_at: When the last record was dealt with.
        record_count: Records in the file, readable or not; None until a worker has opened it.
        processed: Records dealt with and committed: the next worker goes on behind them.
        worker_token: Secret of the worker that has it; None when nobody has.
        available_at: When a worker may take it. The one that has it moves this ahead as long as it lives.
        attempts: Times that it was taken since the last progress.
        file_findings: What is wrong with the file as a whole, as `rows.pack_finding` makes them.
        file_fatal: Number of fatal ones among these.
        file_warnings: Number of warnings.
    """

    __tablename__ = "submission"

    id: Mapped[int] = mapped_column(Identity(start=FIRST_SUBMISSION_ID), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey(User.id))
    file_name: Mapped[str] = mapped_column(String(255))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    state: Mapped[State] = mapped_column(text_enum(State, 20))
    received_at: Mapped[datetime] = mapped_column(UTCDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    completed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    record_count: Mapped[int | None]
    processed: Mapped[int] = mapped_column(default=0)
    worker_token: Mapped[str | None] = mapped_column(String(32))
    available_at: Mapped[datetime] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    file_findings: Mapped[list[dict[str, Any]]] = mapped_column(EncryptedJSON, default=list)
    file_fatal: Mapped[int] = mapped_column(default=0)
    file_warnings: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        Index(None, "user_id", "id"),
        Index(None, "state", "available_at"),
        # A number once given out is never used again, even if the newest submission is removed.
        {"sqlite_autoincrement": True},
    )


class SubmissionChunk(Model):
    """A piece of a submission's bytes, so that no reader needs the whole file in memory."""

    __tablename__ = "submission_chunk"

    submission_id: Mapped[int] = mapped_column(ForeignKey(Submission.id), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(EncryptedBytes)


class SubmissionRecord(Model):
    """What became of one record.

    Attributes:
        submission_id: Its submission.
        number: Its place there, from 1.
        system: ``MDS``, ``OASIS``, ``PBJ``; empty where it could not be identified.
        subset: Item subset code; this and the following as submitted, cut to the column's length.
        transaction: 1 new, 2 modification, 3 inactivation.
        correction_number: Correction number.
        reason: Reason for assessment.
        target_date: The date that the system goes by.
        state: State code.
        facility_id: The provider's submission id.
        ccn: CMS Certification Number.
        provider_ccn: The registered provider whose reports show the record. None where there is none, and
            where the submitter had no authority: a mistyped CCN must not show a patient to another provider.
        disposition: What became of it.
        fatal: Number of fatal findings.
        warnings: Number of warnings.
        payload: What tells of the person, as `submissions/rows.py` packs it.
    """

    __tablename__ = "submission_record"

    submission_id: Mapped[int] = mapped_column(ForeignKey(Submission.id), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    system: Mapped[str] = mapped_column(String(16))
    subset: Mapped[str] = mapped_column(String(8))
    transaction: Mapped[str] = mapped_column(String(4))
    correction_number: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(32))
    target_date: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(2))
    facility_id: Mapped[str] = mapped_column(String(16))
    ccn: Mapped[str] = mapped_column(String(12))
    provider_ccn: Mapped[str | None] = mapped_column(ForeignKey(Provider.ccn))
    disposition: Mapped[Disposition] = mapped_column(text_enum(Disposition, 40))
    fatal: Mapped[int]
    warnings: Mapped[int]
    payload: Mapped[dict[str, Any]] = mapped_column(EncryptedJSON)

    __table_args__ = (
        Index(None, "provider_ccn", "submission_id"),
        # Holds all that is counted, so that counting does not read the payloads.
        Index(
            "ix_submission_record_counts", "submission_id", "provider_ccn", "disposition", "fatal", "warnings"
        ),
    )


class RecordMessage(Model):
    """One finding in a record.

    Attributes:
        submission_id: The record's submission.
        number: The record's number.
        position: The finding's place among the record's, from 0.
        edit_id: The edit's number.
        system: Whose number it is.
        severity: Its severity.
        edit_type: Its type.
        items: Ids of the items concerned, readable for statistics.
        payload: The message and the values, as `rows.pack_finding` makes them.
    """

    __tablename__ = "record_message"

    submission_id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    edit_id: Mapped[str] = mapped_column(String(40))
    system: Mapped[str] = mapped_column(String(40))
    severity: Mapped[Severity] = mapped_column(text_enum(Severity, 10))
    edit_type: Mapped[EditType] = mapped_column(text_enum(EditType, 20))
    items: Mapped[list[str]] = mapped_column(JSON)
    payload: Mapped[dict[str, Any]] = mapped_column(EncryptedJSON)

    __table_args__ = (
        ForeignKeyConstraint(
            ["submission_id", "number"], ["submission_record.submission_id", "submission_record.number"]
        ),
    )
