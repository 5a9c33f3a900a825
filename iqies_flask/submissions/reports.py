"""Final Validation Reports out of the database: the submitter's, and one for each provider."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import groupby

from sqlalchemy import ColumnElement, func, or_, select

from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.models import Provider
from iqies_flask.access.registry import provider_name
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.paging import PageSize
from iqies_flask.pipeline.report.model import (
    Disposition,
    FinalValidationReport,
    RecordReport,
    ReportCounts,
    ReportHeader,
)
from iqies_flask.submissions import counting
from iqies_flask.submissions.models import STATE_LABELS, RecordMessage, Submission, SubmissionRecord
from iqies_flask.submissions.rows import report_of, unpack_finding

REPORT_PAGE = PageSize(50)
PRINTED_PAGE = PageSize(500)
"""What is laid out at once to be printed. Longer reports are read as CSV or XML."""
REJECTED_FIRST = 20
"""Rejected records that a report names before its records, so that they are found among accepted ones."""
_SEEN_AT_ONCE = 5
"""Records of a report in which nobody has to look for the rejected ones."""
_STREAM_RECORDS = 100
_SUBMITTER_TITLE = "Submitter Final Validation Report"
_TITLES = {
    ProviderKind.SKILLED_NURSING_FACILITY: "MDS 3.0 NH Final Validation Report",
    ProviderKind.SWING_BED: "MDS 3.0 SB Final Validation Report",
    ProviderKind.HOME_HEALTH_AGENCY: "OASIS Final Validation Report",
}
# The order that CMS's guide to its reports gives.
_REPORT_ORDER = (
    SubmissionRecord.state,
    SubmissionRecord.facility_id,
    SubmissionRecord.target_date.nulls_first(),
    SubmissionRecord.transaction,
    SubmissionRecord.correction_number,
    SubmissionRecord.number,
)


class Show(StrEnum):
    """Which records a page of the report shows."""

    ALL = "all"
    REJECTED = "rejected"
    MESSAGES = "messages"


@dataclass(frozen=True, slots=True)
class ReportPage:
    """One page of a report on screen.

    Attributes:
        report: The whole header, and this page's records.
        page: Page number from 1.
        pages: How many there are.
        total: Records on all pages.
    """

    report: FinalValidationReport
    page: int
    pages: int
    total: int


class Report:
    """A submission's report, for its submitter or for one provider."""

    def __init__(self, submission: Submission, ccn: str | None = None) -> None:
        """Choose the report.

        Args:
            submission: The submission.
            ccn: The provider's; None for the submitter's report.
        """
        self._submission = submission
        self._ccn = ccn

    def whole(self) -> FinalValidationReport:
        """The report with all its records, read from the database as they are gone through."""
        return replace(self._frame(), records=self._stream())

    def page(self, asked: int, show: Show, size: PageSize = REPORT_PAGE) -> ReportPage:
        """One page of the report.

        Args:
            asked: Page number from 1; the nearest that exists is given.
            show: Which records.
            size: How many of them at once.
        """
        conditions = [*self._conditions(), *_shown(show)]
        total = db.session.scalar(select(func.count()).select_from(SubmissionRecord).where(*conditions)) or 0
        number = size.number(asked, total)
        return ReportPage(
            report=replace(
                self._frame(), records=self._chosen(conditions, size.entries, size.offset(number))
            ),
            page=number,
            pages=size.pages(total),
            total=total,
        )

    def first_rejected(self, counts: ReportCounts) -> list[RecordReport]:
        """The first `REJECTED_FIRST` rejected records; none where all are rejected, or few in all.

        Args:
            counts: Those of the report's header.
        """
        if counts.rejected in {0, counts.processed} or counts.processed <= _SEEN_AT_ONCE:
            return []
        return self._chosen([*self._conditions(), *_shown(Show.REJECTED)], REJECTED_FIRST)

    def _chosen(
        self, conditions: Sequence[ColumnElement[bool]], most: int, offset: int = 0
    ) -> list[RecordReport]:
        # Sorted without the payloads, which are read for the chosen records only.
        numbers = db.session.scalars(
            select(SubmissionRecord.number)
            .where(*conditions)
            .order_by(*_REPORT_ORDER)
            .limit(most)
            .offset(offset)
        ).all()
        return self._records(numbers)

    def _frame(self) -> FinalValidationReport:
        submission = self._submission
        provider = db.session.get_one(Provider, self._ccn) if self._ccn else None
        return FinalValidationReport(
            header=ReportHeader(
                title=_TITLES[provider.kind] if provider else _SUBMITTER_TITLE,
                submission_id=submission.id,
                file_name=submission.file_name,
                file_status=STATE_LABELS[submission.state],
                received_at=submission.received_at,
                completed_at=submission.completed_at,
                submitter=db.session.get_one(User, submission.user_id).user_id,
                provider=provider_name(provider) if provider else None,
                counts=self._counts(),
            ),
            # A message on the file can name any of its members, another provider's among them.
            file_findings=()
            if self._ccn
            else tuple(unpack_finding(packed) for packed in submission.file_findings),
            records=(),
        )

    def _counts(self) -> ReportCounts:
        submission = self._submission
        if self._ccn is None:
            return counting.of_submissions([submission])[submission.id]
        return counting.of_providers([submission.id], [self._ccn]).get(
            (submission.id, self._ccn), ReportCounts()
        )

    def _conditions(self) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = [SubmissionRecord.submission_id == self._submission.id]
        if self._ccn is not None:
            conditions.append(SubmissionRecord.provider_ccn == self._ccn)
        return conditions

    def _stream(self) -> Iterator[RecordReport]:
        numbers = db.session.scalars(
            select(SubmissionRecord.number).where(*self._conditions()).order_by(*_REPORT_ORDER)
        ).all()
        for start in range(0, len(numbers), _STREAM_RECORDS):
            yield from self._records(numbers[start : start + _STREAM_RECORDS])

    def _records(self, numbers: Sequence[int]) -> list[RecordReport]:
        """Make the entries of some records, with one query for them and one for the messages of all."""
        records = db.session.scalars(
            select(SubmissionRecord)
            .where(
                SubmissionRecord.submission_id == self._submission.id, SubmissionRecord.number.in_(numbers)
            )
            .order_by(*_REPORT_ORDER)
        ).all()
        messages = db.session.scalars(
            select(RecordMessage)
            .where(RecordMessage.submission_id == self._submission.id, RecordMessage.number.in_(numbers))
            .order_by(RecordMessage.number, RecordMessage.position)
        )
        by_record = {
            number: list(group) for number, group in groupby(messages, lambda message: message.number)
        }
        return [report_of(record, by_record.get(record.number, ())) for record in records]


def _shown(show: Show) -> list[ColumnElement[bool]]:
    if show is Show.REJECTED:
        return [SubmissionRecord.disposition.in_([entry for entry in Disposition if entry.rejected])]
    if show is Show.MESSAGES:
        message = select(RecordMessage.number).where(
            RecordMessage.submission_id == SubmissionRecord.submission_id,
            RecordMessage.number == SubmissionRecord.number,
        )
        return [or_(SubmissionRecord.fatal > 0, SubmissionRecord.warnings > 0, message.exists())]
    return []
