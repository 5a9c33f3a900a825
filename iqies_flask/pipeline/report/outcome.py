"""From what the chain found to what the report says of a record, and to the report's numbers."""

from collections.abc import Iterable

from iqies_flask.model import Finding, RecordSummary, Severity
from iqies_flask.pipeline.chain import RecordOutcome
from iqies_flask.pipeline.report.model import Disposition, ProviderName, RecordReport, ReportCounts
from iqies_flask.plugin import Identification

ASSESSMENT_STORE = "assessments"
"""The destination of what is stored here; any other is a hand-over to another system."""

TRANSACTIONS = {"1": "New", "2": "Modification", "3": "Inactivation"}
"""MDS A0050 and OASIS TRANS_TYPE_CD in words."""

_UNKNOWN = Identification(system="")


def disposition_of(outcome: RecordOutcome) -> Disposition:
    """Say what becomes of a record by its content alone: not whether it is a duplicate, or for whom."""
    if not outcome.accepted:
        return Disposition.REJECTED
    if outcome.route is not None and outcome.route.destination != ASSESSMENT_STORE:
        return Disposition.HANDED_OVER
    return Disposition.ACCEPTED


def record_report(outcome: RecordOutcome) -> RecordReport:
    """Build the report's entry of a record that was checked without being stored."""
    known = outcome.identification or _UNKNOWN
    summary = known.summary
    disposition = disposition_of(outcome)
    handed_over = outcome.route if disposition is Disposition.HANDED_OVER else None
    return RecordReport(
        number=outcome.record.number,
        file_name=outcome.record.file_name,
        system=known.system,
        disposition=disposition,
        provider=ProviderName(ccn=summary.ccn, facility_id=summary.facility_id, state=summary.state),
        subset=summary.subset,
        subset_label=known.pack.subsets.get(summary.subset, "") if known.pack else "",
        transaction=TRANSACTIONS.get(summary.transaction, summary.transaction),
        correction_number=summary.correction_number,
        reason=summary.reason,
        target_date=summary.target_date,
        person=person_of(summary),
        document_id=summary.document_id,
        findings=outcome.findings,
        changes=outcome.changes,
        delivery=f"Goes to {handed_over.description}." if handed_over else "",
    )


def person_of(summary: RecordSummary) -> str:
    """Write the resident's or patient's name as "LAST, FIRST"."""
    return ", ".join(name for name in (summary.last_name, summary.first_name) if name)


class ReportCounter:
    """Adds up the numbers of a report while its records go by."""

    def __init__(self) -> None:
        self._dispositions = dict.fromkeys(Disposition, 0)
        self._fatal = 0
        self._warnings = 0

    def add_record(self, record: RecordReport) -> None:
        """Count a record and its messages."""
        self._dispositions[record.disposition] += 1
        self.add_findings(record.findings)

    def add_findings(self, findings: Iterable[Finding]) -> None:
        """Count messages alone, such as those on the file."""
        for finding in findings:
            self._fatal += finding.severity is Severity.FATAL
            self._warnings += finding.severity is Severity.WARNING

    def counts(self, in_file: int) -> ReportCounts:
        """Give the numbers so far.

        Args:
            in_file: Records found in the submission.
        """
        return ReportCounts.of(
            self._dispositions, in_file=in_file, fatal=self._fatal, warnings=self._warnings
        )
