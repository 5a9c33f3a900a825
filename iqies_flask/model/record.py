"""One record of a submission: what intake hands to the plugins."""

import io
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO, Protocol, runtime_checkable

from iqies_flask.model.finding import Finding


@runtime_checkable
class Content(Protocol):
    """The submitted bytes of one record, readable as often as wanted."""

    @property
    def size(self) -> int:
        """Length in bytes."""

    def open(self) -> BinaryIO:
        """Open the bytes from their start; the caller closes."""


@dataclass(frozen=True, slots=True)
class MemoryContent:
    """Bytes held in memory."""

    data: bytes

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self.data)

    def open(self) -> BinaryIO:
        """Open the bytes from their start."""
        return io.BytesIO(self.data)


@dataclass(slots=True)
class Record:
    """One XML file of a submission.

    Attributes:
        number: Its place among the records of the submission, from 1.
        file_name: Its name in the zip, or the name of the uploaded file.
        root: The name of its root element; empty where the XML could not be read.
        items: Element name to text, in the order of the file. Of a doubled element the first.
        content: The bytes as they came.
        findings: What intake saw: broken XML, doubled or nested elements, attributes, ...
        readable: False where the XML could not be read at all; then ``items`` holds nothing to rely on.
    """

    number: int
    file_name: str
    root: str
    items: dict[str, str]
    content: Content
    findings: list[Finding] = field(default_factory=list)
    readable: bool = True


@dataclass(frozen=True, slots=True)
class RecordSummary:
    """What a report and the stores need to know of a record, whichever system it belongs to.

    Every field holds the submitted text without spaces around it, ``""`` where the record has none, a blank
    (``^``) or a dash.

    Attributes:
        facility_id: The provider's submission id (MDS FAC_ID, OASIS HHA_AGENCY_ID).
        ccn: CMS Certification Number.
        state: State code.
        subset: The item subset code that the record was checked as.
        transaction: 1 new, 2 modification, 3 inactivation.
        correction_number: As submitted.
        reason: Reason for assessment; parts joined by ``/`` for MDS (A0310A/B/F/H).
        target_date: The date that the system goes by (MDS target date, OASIS effective date).
        target_date_text: The same as submitted.
        first_name: Of the resident or patient; so the following.
        last_name: Last name.
        gender: Gender code.
        birth_date: Birth date, perhaps partial.
        ssn: Social security number.
        medicare_id: Medicare number.
        medicaid_id: Medicaid number.
        document_id: The submitter's own id of the record.
    """

    facility_id: str = ""
    ccn: str = ""
    state: str = ""
    subset: str = ""
    transaction: str = ""
    correction_number: str = ""
    reason: str = ""
    target_date: date | None = None
    target_date_text: str = ""
    first_name: str = ""
    last_name: str = ""
    gender: str = ""
    birth_date: str = ""
    ssn: str = ""
    medicare_id: str = ""
    medicaid_id: str = ""
    document_id: str = ""
