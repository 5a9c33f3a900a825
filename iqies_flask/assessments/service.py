"""Storing assessments, each once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from iqies_flask.assessments.models import StoredAssessment
from iqies_flask.database import clip, utc_now
from iqies_flask.encryption import current_vault
from iqies_flask.model import RecordSummary

_NEW = "1"


@dataclass(frozen=True, slots=True)
class NewAssessment:
    """An accepted record on its way into the store.

    Attributes:
        record_number: Its place in its submission.
        system: ``MDS`` or ``OASIS``.
        spec_version: Version of the data specification it was checked by.
        ccn: The provider's CMS Certification Number.
        summary: What the record says of itself.
        items: Item to text, as it is to be stored.
    """

    record_number: int
    system: str
    spec_version: str
    ccn: str
    summary: RecordSummary
    items: Mapping[str, str]


def identity_key(assessment: NewAssessment) -> bytes:
    """Hash what makes two records the same one: a duplicate is found without reading what is encrypted.

    The RAI manual calls a record a duplicate that has the same resident, facility, reasons and date. A
    modification or inactivation repeats these, so its kind and correction number count as well.
    """
    summary = assessment.summary
    parts = [
        assessment.system,
        assessment.ccn,
        summary.facility_id,
        summary.reason,
        summary.target_date.isoformat() if summary.target_date else summary.target_date_text,
        summary.last_name,
        summary.first_name,
        summary.gender,
        summary.birth_date,
        summary.ssn,
    ]
    if summary.transaction != _NEW:
        parts += [summary.transaction, summary.correction_number]
    return current_vault().keyed_hash(*(" ".join(part.upper().split()) for part in parts))


def store(session: Session, submission_id: int, assessments: Sequence[NewAssessment]) -> set[int]:
    """Store assessments that are not in the store yet.

    The unique constraint on the identity key decides, so two workers cannot both store the same record.

    Args:
        session: A session in a writing transaction, which the caller commits.
        submission_id: The submission that brings them.
        assessments: In the order of the submission: of two alike the first is stored.

    Returns:
        The numbers of the records that were stored. The others are duplicates.
    """
    if not assessments:
        return set()
    rows = [_row(submission_id, assessment) for assessment in assessments]
    # Always in the same order: two transactions that insert the same keys cannot lock each other out.
    rows.sort(key=lambda row: row["identity_key"])
    statement = _insert_if_absent(session).returning(StoredAssessment.record_number)
    return set(session.scalars(statement, rows))


def _row(submission_id: int, assessment: NewAssessment) -> dict[str, Any]:
    summary = assessment.summary
    return {
        "system": assessment.system,
        "spec_version": assessment.spec_version,
        "subset": clip(summary.subset, StoredAssessment.subset),
        "ccn": assessment.ccn,
        "facility_id": clip(summary.facility_id, StoredAssessment.facility_id),
        "transaction": clip(summary.transaction, StoredAssessment.transaction),
        "correction_number": clip(summary.correction_number, StoredAssessment.correction_number),
        "reason": clip(summary.reason, StoredAssessment.reason),
        "target_date": summary.target_date,
        "identity_key": identity_key(assessment),
        "submission_id": submission_id,
        "record_number": assessment.record_number,
        "items": dict(assessment.items),
        "stored_at": utc_now(),
    }


def _insert_if_absent(session: Session) -> Insert:
    # The two databases spell it alike, SQLAlchemy keeps one class for each.
    key = [StoredAssessment.identity_key]
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(StoredAssessment).on_conflict_do_nothing(index_elements=key)
    return sqlite.insert(StoredAssessment).on_conflict_do_nothing(index_elements=key)
