"""The Final Validation Report as plain data. The writers beside this file give it its forms."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from iqies_flask.model import Change, Finding


class Disposition(StrEnum):
    """What became of a record."""

    ACCEPTED = "Accepted"
    REJECTED = "Rejected"
    DUPLICATE = "Rejected: duplicate"
    WITHOUT_AUTHORITY = "Rejected: without facility authority"
    HANDED_OVER = "Handed over"

    @property
    def rejected(self) -> bool:
        """Whether the record was refused, for whatever reason."""
        return self in {Disposition.REJECTED, Disposition.DUPLICATE, Disposition.WITHOUT_AUTHORITY}


@dataclass(frozen=True, slots=True)
class ReportCounts:
    """Numbers of records, as the report's header prints them.

    Attributes:
        in_file: Records found in the submission, readable or not.
        processed: Those that have been dealt with; less than ``in_file`` only while processing goes on.
        accepted: Without a fatal finding, and stored.
        rejected: Refused, duplicates and those without authority among them.
        duplicate: Of the rejected, those already stored.
        without_authority: Of the rejected, those for a provider that the submitter may not submit for.
        handed_over: Passed on to another system, which reports on them itself.
        fatal: Fatal messages on all records and on the file.
        warnings: Warnings likewise.
    """

    in_file: int = 0
    processed: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicate: int = 0
    without_authority: int = 0
    handed_over: int = 0
    fatal: int = 0
    warnings: int = 0

    @classmethod
    def of(
        cls, dispositions: Mapping[Disposition, int], *, in_file: int | None, fatal: int, warnings: int
    ) -> "ReportCounts":
        """Add up what became of records.

        Args:
            dispositions: How many records there are of each disposition.
            in_file: Records found in the submission; None for those that have been dealt with.
            fatal: Fatal messages.
            warnings: Warnings.
        """
        processed = sum(dispositions.values())
        return cls(
            in_file=processed if in_file is None else in_file,
            processed=processed,
            accepted=dispositions[Disposition.ACCEPTED],
            rejected=sum(number for disposition, number in dispositions.items() if disposition.rejected),
            duplicate=dispositions[Disposition.DUPLICATE],
            without_authority=dispositions[Disposition.WITHOUT_AUTHORITY],
            handed_over=dispositions[Disposition.HANDED_OVER],
            fatal=fatal,
            warnings=warnings,
        )


@dataclass(frozen=True, slots=True)
class ProviderName:
    """A provider as reports name it; fields that are not known are empty."""

    ccn: str = ""
    name: str = ""
    facility_id: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class RecordReport:
    """One record in the report.

    Attributes:
        number: Its place in the submission, from 1.
        file_name: Its name in the zip.
        system: ``MDS``, ``OASIS``, ``PBJ``; empty where it could not be identified.
        disposition: What became of it.
        provider: Whose record it is, as far as the record says.
        subset: Item subset code.
        subset_label: The same in words.
        transaction: New, modification or inactivation, in words.
        correction_number: As submitted.
        reason: Reason for assessment, codes as submitted.
        target_date: The date that the system goes by.
        person: Name of the resident or patient, "LAST, FIRST".
        document_id: The submitter's own id of the record.
        findings: Everything that the checks found.
        changes: What scrubbing normalized.
        delivery: What to tell of its delivery, for a record handed over.
    """

    number: int
    file_name: str
    system: str
    disposition: Disposition
    provider: ProviderName = ProviderName()
    subset: str = ""
    subset_label: str = ""
    transaction: str = ""
    correction_number: str = ""
    reason: str = ""
    target_date: date | None = None
    person: str = ""
    document_id: str = ""
    findings: tuple[Finding, ...] = ()
    changes: tuple[Change, ...] = ()
    delivery: str = ""


@dataclass(frozen=True, slots=True)
class ReportHeader:
    """The first block of the report.

    Attributes:
        title: "Submitter Final Validation Report", "MDS 3.0 NH Final Validation Report", ...
        submission_id: None in offline validation.
        file_name: As the submitter named it.
        file_status: "Received", "Processing", "Completed", "Completed: file could not be read".
        received_at: UTC.
        completed_at: UTC; None while processing goes on.
        submitter: User ID; empty in offline validation.
        provider: Whose report it is; None in the submitter's.
        counts: Numbers of records: all of the submission's, or in a provider's report that provider's.
    """

    title: str
    submission_id: int | None
    file_name: str
    file_status: str
    received_at: datetime
    completed_at: datetime | None
    submitter: str
    provider: ProviderName | None
    counts: ReportCounts


@dataclass(frozen=True, slots=True)
class FinalValidationReport:
    """A whole report. ``records`` may be a one-pass iterable: writers go through it once."""

    header: ReportHeader
    file_findings: tuple[Finding, ...]
    records: Iterable[RecordReport]
