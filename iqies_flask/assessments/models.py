"""Accepted assessments."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from iqies_flask.access.models import Provider
from iqies_flask.database import Model, UTCDateTime, utc_now
from iqies_flask.encryption import EncryptedJSON

IN_FORCE = text("in_force")
"""Which rows the index of identities is about. The databases match such a condition word by word."""


class StoredAssessment(Model):
    """One accepted record, and one version of an assessment: a correction is a row of its own.

    Attributes:
        id: Internal number.
        system: ``MDS`` or ``OASIS``.
        spec_version: Version of the data specification it was checked by.
        subset: Item subset code.
        ccn: The provider's CMS Certification Number.
        facility_id: The provider's submission id.
        transaction: 1 new, 2 modification, 3 inactivation.
        correction_number: As submitted.
        reason: Reason for assessment.
        target_date: The date that the system goes by.
        identity_key: Keyed hash of what makes two records the same one. Of those in force no two have it.
        locator_key: Keyed hash of the values by which a correction finds it; None where none does.
        in_force: Whether it is the version that counts: not an inactivation, and not corrected since.
        corrects_id: The version that it corrects; None for a new record.
        submission_id: The submission that brought it. No foreign key: submissions stand above this room.
        record_number: Its place in that submission.
        items: Item to text, as stored after scrubbing.
        stored_at: When.
    """

    __tablename__ = "stored_assessment"

    id: Mapped[int] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(String(16))
    spec_version: Mapped[str] = mapped_column(String(16))
    subset: Mapped[str] = mapped_column(String(8))
    ccn: Mapped[str] = mapped_column(ForeignKey(Provider.ccn), index=True)
    facility_id: Mapped[str] = mapped_column(String(16))
    transaction: Mapped[str] = mapped_column(String(4))
    correction_number: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(32))
    target_date: Mapped[date | None]
    identity_key: Mapped[bytes] = mapped_column(LargeBinary(32))
    locator_key: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    in_force: Mapped[bool]
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("stored_assessment.id"), unique=True)
    submission_id: Mapped[int]
    record_number: Mapped[int]
    items: Mapped[dict[str, Any]] = mapped_column(EncryptedJSON)
    stored_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)

    __table_args__ = (
        UniqueConstraint("submission_id", "record_number"),
        Index(
            "ix_stored_assessment_identity_key_in_force",
            "identity_key",
            unique=True,
            sqlite_where=IN_FORCE,
            postgresql_where=IN_FORCE,
        ),
    )
