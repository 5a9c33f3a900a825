"""Working through a submission: every record once, however often a worker dies on the way."""

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

from sqlalchemy import insert
from sqlalchemy.orm import Session

from iqies_flask.config import Settings
from iqies_flask.current import current_settings
from iqies_flask.database import utc_now
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.model import Finding, Record, Severity
from iqies_flask.pipeline.chain import RecordOutcome
from iqies_flask.pipeline.intake import Batch, open_batch
from iqies_flask.pipeline.report.model import Disposition
from iqies_flask.submissions import lease, rows
from iqies_flask.submissions.checks import Checks, current_checks
from iqies_flask.submissions.decision import decide
from iqies_flask.submissions.models import RecordMessage, State, SubmissionRecord
from iqies_flask.submissions.storage import open_content
from iqies_flask.submissions.verdict import Judge, Verdict

logger = logging.getLogger(__name__)

_LEASE_PARTS = 4
"""Progress is committed at least this often within the length of a lease."""


class UndeliveredError(RuntimeError):
    """A record could not be handed over; it is tried again later."""


class _Stopping(Exception):  # noqa: N818 - no error: the worker was asked to stop
    pass


def _never() -> bool:
    return False


def process_submission(submission_id: int, stopping: Callable[[], bool] = _never) -> bool:
    """Take a submission and work through what is left of it.

    Args:
        submission_id: Which.
        stopping: Asked between records; once it says yes, what is done is committed and the rest left to the
            next worker.

    Returns:
        Whether the submission was this worker's to take. A failure of ours is logged, and the submission is
        left for a later attempt.
    """
    settings = current_settings()
    claimed = lease.claim(submission_id, settings)
    if claimed is None:
        return False
    try:
        _Work(claimed, current_checks(), settings, stopping).run()
    except lease.LeaseLostError:
        logger.warning("Submission %s was taken over by another worker.", submission_id)
    except _Stopping:
        _give_back(claimed, settings, failed=False)
    except Exception:
        logger.exception("Submission %s could not be processed.", submission_id)
        _give_back(claimed, settings, failed=True)
    except BaseException:
        # The process is being ended: the next worker need not wait for the lease to run out.
        _give_back(claimed, settings, failed=False)
        raise
    return True


def _give_back(claimed: lease.Claim, settings: Settings, *, failed: bool) -> None:
    db.session.rollback()
    try:
        lease.give_back(claimed, settings, failed=failed)
    except lease.LeaseLostError:
        logger.warning("Submission %s was taken over by another worker.", claimed.submission.id)


class _Work:
    """One worker's pass through one submission."""

    def __init__(
        self, claimed: lease.Claim, checks: Checks, settings: Settings, stopping: Callable[[], bool]
    ) -> None:
        self._claim = claimed
        self._submission = claimed.submission
        self._settings = settings
        self._stopping = stopping
        self._chain = checks.chain
        self._context = checks.context(claimed.submission)
        self._judge = Judge(db.session.get_one(User, claimed.submission.user_id))
        self._pending: list[Verdict] = []
        self._committed_at = time.monotonic()
        self._progressed = False
        # After a death without progress one record at a time: the commits then lead up to the one at fault.
        self._batch_records = settings.batch_records if claimed.attempt == 1 else 1

    def run(self) -> None:
        submission = self._submission
        with (
            open_content(submission.id, submission.size) as stream,
            open_batch(stream, submission.file_name, self._settings.limits) as batch,
        ):
            with self._progress(record_count=batch.record_count, **_file_columns(batch)):
                pass
            if batch.usable:
                self._check_records(batch)
            state = State.COMPLETED if batch.usable else State.UNREADABLE
            with self._progress(
                state=state, completed_at=utc_now(), worker_token=None, **_file_columns(batch)
            ):
                pass
        logger.info("Submission %s: %s, %s records.", submission.id, state.value, batch.record_count)

    def _check_records(self, batch: Batch) -> None:
        try:
            for record in batch.records(start=self._submission.processed + 1):
                self._pending.append(self._verdict(record))
                if self._time_to_commit():
                    self._commit()
                if self._stopping():
                    raise _Stopping
        finally:
            # Whatever stops the work, what is done before stays done.
            if self._pending:
                self._commit()

    def _verdict(self, record: Record) -> Verdict:
        outcome = self._chain.check(record, self._context)
        verdict = self._judge.judge(outcome)
        if verdict.report.disposition is not Disposition.HANDED_OVER:
            return verdict
        return self._hand_over(outcome, verdict)

    def _hand_over(self, outcome: RecordOutcome, verdict: Verdict) -> Verdict:
        assert outcome.route is not None
        receipts = self._chain.deliver(outcome.route, [outcome.record], self._context)
        if receipts:
            return verdict.as_handed_over(receipts[0].message)
        if self._claim.last_attempt and not self._progressed:
            return verdict.as_not_delivered(outcome.route.description)
        raise UndeliveredError

    def _time_to_commit(self) -> bool:
        waited = time.monotonic() - self._committed_at
        return (
            len(self._pending) >= self._batch_records or waited > self._settings.lease_seconds / _LEASE_PARTS
        )

    def _commit(self) -> None:
        """Commit what is at hand: stored assessments, records, messages and progress in one transaction."""
        verdicts, self._pending = self._pending, []
        with self._progress(processed=verdicts[-1].report.number, attempts=0) as session:
            self._insert_rows(session, decide(session, self._submission.id, verdicts, self._context.today))
        self._committed_at = time.monotonic()
        self._progressed = True
        self._judge.forget()

    def _insert_rows(self, session: Session, verdicts: Iterable[Verdict]) -> None:
        records, messages = [], []
        for verdict in verdicts:
            records.append(
                rows.record_row(self._submission.id, verdict.report, verdict.summary, verdict.provider_ccn)
            )
            messages += rows.message_rows(self._submission.id, verdict.report)
        session.execute(insert(SubmissionRecord), records)
        if messages:
            session.execute(insert(RecordMessage), messages)

    def _progress(self, **values: object) -> AbstractContextManager[Session]:
        return lease.progress(self._claim, self._settings, **values)


def _file_columns(batch: Batch) -> dict[str, object]:
    return {
        "file_findings": [rows.pack_finding(finding) for finding in batch.findings],
        "file_fatal": _count(batch.findings, Severity.FATAL),
        "file_warnings": _count(batch.findings, Severity.WARNING),
    }


def _count(findings: Iterable[Finding], severity: Severity) -> int:
    return sum(finding.severity is severity for finding in findings)
