"""The report as CSV, for spreadsheets: one row a message, and one row for a record without messages."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, TextIO

from iqies_flask.model import Finding
from iqies_flask.pipeline.report.model import FinalValidationReport, RecordReport, ReportHeader
from iqies_flask.pipeline.report.wording import day

COLUMNS = (
    "submission_id",
    "submission_file",
    "record_number",
    "file_name",
    "system",
    "disposition",
    "state",
    "facility_id",
    "ccn",
    "item_subset",
    "transaction",
    "correction_number",
    "reason",
    "target_date",
    "name",
    "document_id",
    "message_number",
    "edit_id",
    "edit_system",
    "severity",
    "edit_type",
    "items",
    "item_labels",
    "item_values",
    "message",
    "remedy",
    "reported_by",
)
"""The columns. A message on the whole file has an empty ``record_number``."""

ITEM_SEPARATOR = " | "
"""Stands between the items of one message in ``items``, ``item_labels`` and ``item_values``."""

BYTE_ORDER_MARK = "\ufeff"
"""Comes first: without it spreadsheets misread UTF-8. Python reads it away as ``utf-8-sig``."""

_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "'", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_HARMLESS = re.compile(r"-|-?[0-9]+(?:\.[0-9]+)?")


def guard(text: str) -> str:
    """Keep a spreadsheet from running a submitted value as a formula.

    A cell that starts with ``= + - @``, their full-width forms, white space that hides one, or an apostrophe
    gets one apostrophe in front. The dash that stands for "not assessed", and plain numbers such as an edit's
    id, are left alone. So a program gets every value back by taking one leading apostrophe off.
    """
    if text.startswith(_STARTS_A_FORMULA) and not _HARMLESS.fullmatch(text):
        return "'" + text
    return text


def write_csv(report: FinalValidationReport, stream: BinaryIO) -> None:
    """Write a report as CSV (RFC 4180) with a first row of column names, in UTF-8.

    Args:
        report: Its records are gone through once.
        stream: Open for bytes; stays open.
    """
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    write_csv_reports([report], text)
    text.detach()


def write_csv_reports(reports: Iterable[FinalValidationReport], stream: TextIO) -> None:
    """Write several reports below one row of column names.

    Args:
        reports: Gone through once, each report's records likewise.
        stream: Open for text with ``newline=""``.
    """
    stream.write(BYTE_ORDER_MARK)
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    for report in reports:
        for row in _rows(report):
            writer.writerow([guard(cell) for cell in row])


def _rows(report: FinalValidationReport) -> Iterator[list[str]]:
    submission = _submission_cells(report.header)
    for number, finding in enumerate(report.file_findings, start=1):
        yield [*submission, *_FILE_CELLS, *_finding_cells(number, finding)]
    for record in report.records:
        cells = [*submission, *_record_cells(record)]
        if not record.findings:
            yield [*cells, *_NO_FINDING_CELLS]
        for number, finding in enumerate(record.findings, start=1):
            yield [*cells, *_finding_cells(number, finding)]


def _submission_cells(header: ReportHeader) -> list[str]:
    return ["" if header.submission_id is None else str(header.submission_id), header.file_name]


def _record_cells(record: RecordReport) -> list[str]:
    return [
        str(record.number),
        record.file_name,
        record.system,
        record.disposition.value,
        record.provider.state,
        record.provider.facility_id,
        record.provider.ccn,
        record.subset,
        record.transaction,
        record.correction_number,
        record.reason,
        day(record.target_date),
        record.person,
        record.document_id,
    ]


def _finding_cells(number: int, finding: Finding) -> list[str]:
    return [
        str(number),
        finding.edit_id,
        finding.system,
        finding.severity.value,
        finding.edit_type.value,
        ITEM_SEPARATOR.join(item.item for item in finding.items),
        ITEM_SEPARATOR.join(item.label for item in finding.items),
        ITEM_SEPARATOR.join(item.value or "" for item in finding.items),
        finding.message,
        finding.remedy,
        finding.plugin,
    ]


_FILE_CELLS = [""] * (COLUMNS.index("message_number") - COLUMNS.index("record_number"))
_NO_FINDING_CELLS = [""] * (len(COLUMNS) - COLUMNS.index("message_number"))
