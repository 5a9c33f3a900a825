"""Numbers of records, added up by the database."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from iqies_flask.extensions import db
from iqies_flask.pipeline.report.model import Disposition, ReportCounts
from iqies_flask.submissions.models import Submission, SubmissionRecord


@dataclass(slots=True)
class _Tally:
    by_disposition: dict[Disposition, int] = field(default_factory=lambda: dict.fromkeys(Disposition, 0))
    fatal: int = 0
    warnings: int = 0

    def counts(self, in_file: int | None = None) -> ReportCounts:
        return ReportCounts.of(self.by_disposition, in_file=in_file, fatal=self.fatal, warnings=self.warnings)


def of_submissions(submissions: Sequence[Submission]) -> dict[int, ReportCounts]:
    """Count the records of submissions, with one query for all.

    Returns:
        Submission ID to numbers, with the messages on the file among the fatal ones and warnings.
    """
    tallies = _tally(
        [SubmissionRecord.submission_id],
        [SubmissionRecord.submission_id.in_([submission.id for submission in submissions])],
    )
    counts = {}
    for submission in submissions:
        tally = tallies[submission.id,]
        tally.fatal += submission.file_fatal
        tally.warnings += submission.file_warnings
        counts[submission.id] = tally.counts(in_file=submission.record_count or 0)
    return counts


def of_providers(
    submission_ids: Collection[int], ccns: Collection[str]
) -> dict[tuple[int, str], ReportCounts]:
    """Count the records of providers in submissions, with one query for all.

    Returns:
        Submission ID and CCN to numbers; pairs without records are left out.
    """
    tallies = _tally(
        [SubmissionRecord.submission_id, SubmissionRecord.provider_ccn],
        [SubmissionRecord.submission_id.in_(submission_ids), SubmissionRecord.provider_ccn.in_(ccns)],
    )
    return {(submission_id, ccn): tally.counts() for (submission_id, ccn), tally in tallies.items()}


def _tally(
    keys: Sequence[InstrumentedAttribute[Any]], conditions: Iterable[ColumnElement[bool]]
) -> dict[tuple[Any, ...], _Tally]:
    tallies: dict[tuple[Any, ...], _Tally] = defaultdict(_Tally)
    statement = (
        select(
            SubmissionRecord.disposition,
            func.count(),
            func.sum(SubmissionRecord.fatal),
            func.sum(SubmissionRecord.warnings),
            *keys,
        )
        .where(*conditions)
        .group_by(SubmissionRecord.disposition, *keys)
    )
    for disposition, number, fatal, warnings, *key in db.session.execute(statement):
        tally = tallies[tuple(key)]
        tally.by_disposition[disposition] += number
        tally.fatal += fatal
        tally.warnings += warnings
    return tallies
