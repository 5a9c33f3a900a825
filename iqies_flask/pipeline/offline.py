"""Checking a file without submitting it: the same intake and chain, nothing stored, nothing delivered."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from iqies_flask.model import RecordSummary, Severity
from iqies_flask.pipeline.chain import Chain
from iqies_flask.pipeline.intake import Batch, IntakeLimits, open_batch
from iqies_flask.pipeline.plugins import PluginHost
from iqies_flask.pipeline.report.model import FinalValidationReport, ReportHeader
from iqies_flask.pipeline.report.outcome import ReportCounter, record_report
from iqies_flask.pipeline.report.spool import RecordSpool
from iqies_flask.pipeline.report.vut import VutEntry, vut_entry, vut_file_entry
from iqies_flask.plugin import Context

TITLE = "Final Validation Report (offline: nothing was submitted)"

Progress = Callable[[int, int], None]
"""Called after each record with the number of records checked and their total."""


@dataclass(slots=True)
class OverallVerdict:
    """What the checks of some files came to.

    Attributes:
        fatal: Whether anything had a fatal finding.
        unusable: Whether a file was there from which nothing could be extracted.
    """

    fatal: bool = False
    unusable: bool = False


def _no_progress(_: int, __: int) -> None:
    pass


class OfflineValidator:
    """Checks files with the plugins of an installation.

    Args:
        host: The plugins.
        limits: Bounds of intake.
        now: The time of the check, with its time zone; its date is "today" in edits.
        title: Heading of the reports.
        options: The operator's settings for plugins: plugin name to option to value.
    """

    def __init__(
        self,
        host: PluginHost,
        limits: IntakeLimits,
        now: datetime,
        title: str = TITLE,
        options: Mapping[str, dict[str, Any]] | None = None,
    ) -> None:
        self._chain = Chain(host)
        self._limits = limits
        self._now = now
        self._title = title
        self._context = Context(
            specs=host.specs,
            received_at=now.astimezone(UTC),
            today=now.date(),
            options=dict(options or {}),
        )
        self.verdict = OverallVerdict()

    @property
    def now(self) -> datetime:
        """The time of the check."""
        return self._now

    @contextmanager
    def report(
        self, source: Path | BinaryIO, file_name: str, progress: Progress = _no_progress
    ) -> Iterator[FinalValidationReport]:
        """Check one file and hand out its report, whose records can be read while the context is open.

        Args:
            source: A zip or an XML file.
            file_name: As the report names it.
            progress: Told of each record.
        """
        counter = ReportCounter()
        with open_batch(source, file_name, self._limits) as batch, RecordSpool() as spool:
            for record in batch.records():
                entry = record_report(self._chain.check(record, self._context))
                counter.add_record(entry)
                spool.append(entry)
                progress(record.number, batch.record_count)
            counter.add_findings(batch.findings)
            counts = counter.counts(batch.record_count)
            self._judge(batch, fatal=counts.fatal > 0)
            yield FinalValidationReport(
                header=ReportHeader(
                    title=self._title,
                    submission_id=None,
                    file_name=file_name,
                    file_status="Completed" if batch.usable else "Completed: file could not be read",
                    received_at=self._now,
                    completed_at=datetime.now(self._now.tzinfo),
                    submitter="",
                    provider=None,
                    counts=counts,
                ),
                file_findings=tuple(batch.findings),
                records=spool,
            )

    def vut_entries(
        self, source: Path | BinaryIO, file_name: str, progress: Progress = _no_progress
    ) -> Iterator[VutEntry]:
        """Check one file and hand out an entry of the Validation Utility Tool's answer for each record.

        Args:
            source: A zip or an XML file.
            file_name: Names the entry of what concerns the file as a whole.
            progress: Told of each record.
        """
        with open_batch(source, file_name, self._limits) as batch:
            for record in batch.records():
                outcome = self._chain.check(record, self._context)
                self.verdict.fatal |= not outcome.accepted
                if known := outcome.identification:
                    yield vut_entry(record, known.system, known.summary, outcome.findings)
                else:
                    yield vut_entry(record, "", RecordSummary(), outcome.findings)
                progress(record.number, batch.record_count)
            if batch.findings:
                yield vut_file_entry(file_name, batch.findings)
            self._judge(batch, fatal=_has_fatal(batch))

    def _judge(self, batch: Batch, *, fatal: bool) -> None:
        self.verdict.fatal |= fatal
        self.verdict.unusable |= not batch.usable


def _has_fatal(batch: Batch) -> bool:
    return any(finding.severity is Severity.FATAL for finding in batch.findings)
