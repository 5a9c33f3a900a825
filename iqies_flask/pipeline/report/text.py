"""The report as plain text, for reading and for paper."""

from collections.abc import Iterator
from textwrap import wrap
from typing import TextIO

from iqies_flask.dates import date_in_words, moment_in_words
from iqies_flask.model import Change, Finding, ItemValue
from iqies_flask.pipeline.report.model import FinalValidationReport, RecordReport, ReportHeader
from iqies_flask.pipeline.report.wording import visible

WIDTH = 100
"""Columns; longer lines are folded."""

_NAME_COLUMNS = 48


def write_text(report: FinalValidationReport, stream: TextIO) -> None:
    """Write a report as text: header, messages on the file, then record by record its messages.

    The header's lines stand in the order of CMS's own report. Control characters in submitted values are
    made visible.

    Args:
        report: Its records are gone through once.
        stream: Open for text.
    """
    for line in _report_lines(report):
        stream.write(line + "\n")


def write_summary(report: FinalValidationReport, stream: TextIO) -> None:
    """Write the header, and of each record in one line what became of it.

    Args:
        report: Its records are gone through once.
        stream: Open for text.
    """
    for line in _header_lines(report.header):
        stream.write(line + "\n")
    stream.write("\n")
    for record in report.records:
        stream.write(_summary_line(record) + "\n")


def _report_lines(report: FinalValidationReport) -> Iterator[str]:
    yield from _header_lines(report.header)
    if report.file_findings:
        yield ""
        yield "Messages on the file"
        for number, finding in enumerate(report.file_findings, start=1):
            yield from _finding_lines(number, finding)
    for record in report.records:
        yield ""
        yield from _record_lines(record)


def _header_lines(header: ReportHeader) -> Iterator[str]:
    counts = header.counts
    offline = header.submission_id is None
    yield "=" * WIDTH
    yield visible(header.title).center(WIDTH).rstrip()
    yield "=" * WIDTH
    yield from _named("Submission Date/Time", moment_in_words(header.received_at))
    completed = moment_in_words(header.completed_at) if header.completed_at else "not completed yet"
    yield from _named("Processing Completion Date/Time", completed)
    yield from _named("Submission ID", "none: not submitted" if offline else str(header.submission_id))
    yield from _named("Submission File Name", header.file_name)
    yield from _named("Submission File Status", header.file_status)
    if header.provider is not None:
        yield from _named("State Code", header.provider.state)
        yield from _named("Facility ID", header.provider.facility_id)
        yield from _named("Facility Name", header.provider.name)
        yield from _named("CMS Certification Number (CCN)", header.provider.ccn)
    if header.submitter:
        yield from _named("Submitter User ID", header.submitter)
    yield from _named("# Records in Submission File", str(counts.in_file))
    yield from _named("# Records Processed", str(counts.processed))
    yield from _named("# Records Accepted", str(counts.accepted))
    yield from _named("# Records Rejected", str(counts.rejected))
    yield from _named("# Duplicate Records", str(counts.duplicate))
    yield from _named("# Records Submitted Without Facility Authority", str(counts.without_authority))
    yield from _named("# Records Handed Over", str(counts.handed_over))
    yield from _named("# Fatal Messages", str(counts.fatal))
    yield from _named("# Warning Messages", str(counts.warnings))


def _record_lines(record: RecordReport) -> Iterator[str]:
    yield "-" * WIDTH
    yield from _folded(f"Record {record.number}: {record.disposition.value}", "", "    ")
    yield from _named("File", record.file_name)
    fields = (
        ("System", record.system),
        ("Item Subset", " ".join(part for part in (record.subset, record.subset_label) if part)),
        ("State Code", record.provider.state),
        ("Facility ID", record.provider.facility_id),
        ("Facility Name", record.provider.name),
        ("CCN", record.provider.ccn),
        ("Type of Record", record.transaction),
        ("Correction Number", record.correction_number),
        ("Reason for Assessment", record.reason),
        ("Target Date", date_in_words(record.target_date) if record.target_date else ""),
        ("Name", record.person),
        ("Document ID", record.document_id),
        ("Delivery", record.delivery),
    )
    for name, value in fields:
        if value:
            yield from _named(name, value)
    if not record.findings:
        yield "No messages."
    for number, finding in enumerate(record.findings, start=1):
        yield from _finding_lines(number, finding)
    if record.changes:
        yield "Stored differently from what was submitted:"
        for change in record.changes:
            yield from _change_lines(change)


def _summary_line(record: RecordReport) -> str:
    messages = ", ".join(f"{finding.severity.value} {finding.edit_id}" for finding in record.findings)
    what = f"{record.system} {record.subset}".strip()
    line = f"{record.number:>5}  {record.file_name:<36} {what:<9} {record.disposition.value}"
    return visible(line + (f" ({messages})" if messages else ""))


def _finding_lines(number: int, finding: Finding) -> Iterator[str]:
    edit = f"{finding.system} {finding.edit_id}"
    title = f"{number}. {finding.severity.value}  {edit}  {finding.edit_type.value}"
    yield from _folded(title, "  ", "     ")
    yield from _folded(finding.message, "     ", "     ")
    for item in finding.items:
        yield from _folded(_item_text(item), "       ", "         ")
    if finding.remedy:
        yield from _folded(f"What to do: {finding.remedy}", "     ", "     ")


def _item_text(item: ItemValue) -> str:
    label = f" ({item.label})" if item.label else ""
    value = "not in the record" if item.value is None else f'"{item.value}"'
    return f"{item.item}{label}: {value}"


def _change_lines(change: Change) -> Iterator[str]:
    text = f'{change.item}: "{change.before}" is stored as "{change.after}". {change.reason}'
    yield from _folded(text, "  ", "    ")


def _named(name: str, value: str) -> Iterator[str]:
    # A long file name stays in one piece, so that it can be copied.
    lines = wrap(visible(value), WIDTH - _NAME_COLUMNS, break_long_words=False, break_on_hyphens=False)
    yield f"{name + ':':<{_NAME_COLUMNS}}{lines[0] if lines else ''}".rstrip()
    for line in lines[1:]:
        yield " " * _NAME_COLUMNS + line


def _folded(text: str, first: str, further: str) -> Iterator[str]:
    yield from wrap(
        visible(text),
        WIDTH,
        initial_indent=first,
        subsequent_indent=further,
        break_on_hyphens=False,
        drop_whitespace=True,
    ) or [""]
