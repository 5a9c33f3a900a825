"""Storing assessments, each once, and their corrections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Insert, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from iqies_flask.assessments.models import IN_FORCE, StoredAssessment
from iqies_flask.database import clip, utc_now
from iqies_flask.encryption import current_vault
from iqies_flask.model import RecordSummary

_NEW, _INACTIVATION = "1", "3"


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
        locator: The values by which a correction finds it; nothing where none can.
    """

    record_number: int
    system: str
    spec_version: str
    ccn: str
    summary: RecordSummary
    items: Mapping[str, str]
    locator: tuple[str, ...] = ()

    @property
    def is_inactivation(self) -> bool:
        """Whether it only ends another record."""
        return self.summary.transaction == _INACTIVATION


@dataclass(frozen=True, slots=True)
class Version:
    """A stored version that a correction may correct.

    Attributes:
        id: Its number.
        corrections: How often the assessment was corrected up to it.
    """

    id: int
    corrections: int


def identity_key(assessment: NewAssessment) -> bytes:
    """Hash what makes two records the same one: a duplicate is found without reading what is encrypted.

    The RAI manual calls a record a duplicate that has the same resident, facility, reasons and date.
    """
    return _hashed(_identity(assessment))


def _key_beside_others(assessment: NewAssessment) -> bytes:
    """Hash what makes two records the same one, where neither takes the place of the other.

    A correction that was matched with no record, as nothing says how, is none the less another record.
    """
    summary = assessment.summary
    kind = () if summary.transaction == _NEW else (summary.transaction, summary.correction_number)
    return _hashed([*_identity(assessment), *kind])


def _identity(assessment: NewAssessment) -> list[str]:
    summary = assessment.summary
    return [
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


def find_version(session: Session, system: str, ccn: str, locator: Sequence[str]) -> Version | None:
    """Find the version in force that a correction names.

    Args:
        session: A session.
        system: ``MDS`` or ``OASIS``.
        ccn: The provider, whose records alone are looked at.
        locator: The values that the version has, each in its place.
    """
    key = locator_key(system, ccn, locator)
    if key is None:
        return None
    row = session.execute(
        select(StoredAssessment.id, StoredAssessment.correction_number)
        .where(StoredAssessment.locator_key == key, StoredAssessment.in_force)
        .order_by(StoredAssessment.id.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    number = row.correction_number
    return Version(row.id, int(number) if number.isdecimal() else 0)


def store(session: Session, submission_id: int, assessments: Sequence[NewAssessment]) -> set[int]:
    """Store new assessments that are not in the store yet.

    The unique index of the identities decides, so two workers cannot both store the same record.

    Args:
        session: A session in a writing transaction, which the caller commits.
        submission_id: The submission that brings them.
        assessments: In the order of the submission: of two alike the first is stored.

    Returns:
        The numbers of the records that were stored. The others are duplicates.
    """
    if not assessments:
        return set()
    rows = [_row(submission_id, one, _key_beside_others(one)) for one in assessments]
    # Always in the same order: two transactions that insert the same keys cannot lock each other out.
    rows.sort(key=lambda row: row["identity_key"])
    statement = _insert_if_absent(session).returning(StoredAssessment.record_number)
    return set(session.scalars(statement, rows))


def store_correction(
    session: Session, submission_id: int, correction: NewAssessment, corrected: Version
) -> bool:
    """Store a correction: it takes the place of the version that it corrects, or ends it.

    Args:
        session: As for `store`; nobody else may be storing records of the same provider meanwhile.
        submission_id: As for `store`.
        correction: A modification or an inactivation.
        corrected: What `find_version` found.

    Returns:
        False where the record would become the same one as another that is in force. Then nothing is changed.
    """
    if not may_take_place(session, correction, corrected):
        return False
    row = _row(submission_id, correction, identity_key(correction)) | {"corrects_id": corrected.id}
    session.execute(
        update(StoredAssessment).where(StoredAssessment.id == corrected.id).values(in_force=False),
        execution_options={"synchronize_session": False},
    )
    session.execute(insert(StoredAssessment), [row])
    return True


def may_take_place(session: Session, correction: NewAssessment, corrected: Version) -> bool:
    """Tell whether a correction would not become the same record as another that is in force.

    Args:
        session: A session.
        correction: A modification or an inactivation; the latter is never in force.
        corrected: What `find_version` found.
    """
    if correction.is_inactivation:
        return True
    same = select(StoredAssessment.id).where(
        StoredAssessment.identity_key == identity_key(correction),
        StoredAssessment.in_force,
        StoredAssessment.id != corrected.id,
    )
    return session.scalar(same) is None


def _row(submission_id: int, assessment: NewAssessment, key: bytes) -> dict[str, Any]:
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
        "identity_key": key,
        "locator_key": locator_key(assessment.system, assessment.ccn, assessment.locator),
        "in_force": not assessment.is_inactivation,
        "corrects_id": None,
        "submission_id": submission_id,
        "record_number": assessment.record_number,
        "items": dict(assessment.items),
        "stored_at": utc_now(),
    }


def locator_key(system: str, ccn: str, locator: Sequence[str]) -> bytes | None:
    """Hash the values by which a correction finds a record of a provider; None where there are none."""
    return _hashed([system, ccn, *locator]) if any(locator) else None


def _hashed(parts: Sequence[str]) -> bytes:
    """Hash texts; neither case nor the number of spaces makes a difference."""
    return current_vault().keyed_hash(*(" ".join(part.upper().split()) for part in parts))


def _insert_if_absent(session: Session) -> Insert:
    # The two databases spell it alike, SQLAlchemy keeps one class for each.
    key = [StoredAssessment.identity_key]
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(StoredAssessment).on_conflict_do_nothing(
            index_elements=key, index_where=IN_FORCE
        )
    return sqlite.insert(StoredAssessment).on_conflict_do_nothing(index_elements=key, index_where=IN_FORCE)
