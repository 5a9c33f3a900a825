"""What the page shows of a report, and the downloads that it carries.

Nothing of a report is stored, so there is no address from which it could be fetched again. The page itself
holds the whole report as CSV and as XML, in the addresses of its two download links (``data:`` URLs).
"""

import io
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, BinaryIO

from iqies_flask.model import Finding
from iqies_flask.pipeline.file_names import display_name
from iqies_flask.pipeline.report.csv import write_csv
from iqies_flask.pipeline.report.model import FinalValidationReport, RecordReport
from iqies_flask.pipeline.report.xml import write_xml

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

SHOWN_RECORDS = 200
SHOWN_MESSAGES = 1_000
DOWNLOAD_BYTES = 8 * 1024 * 1024
"""Largest report that the page carries."""


@dataclass(frozen=True, slots=True)
class Download:
    """A report in a file's form, inside the page.

    Attributes:
        label: Its form.
        file_name: Under which the browser saves it.
        address: A ``data:`` URL; empty where the report is larger than a page should carry.
    """

    label: str
    file_name: str
    address: str


@dataclass(frozen=True, slots=True)
class ShownReport:
    """A report as the page shows it.

    Attributes:
        report: With the shown records and messages only; the header is whole.
        cut: Whether there are more than are shown.
        downloads: The whole report.
    """

    report: FinalValidationReport
    cut: bool
    downloads: tuple[Download, ...]


def show(report: FinalValidationReport) -> ShownReport:
    """Make what the page shows.

    Of a file with many records only those with messages are shown, and of many messages the first ones.

    Args:
        report: Its records are gone through several times.
    """
    counts = report.header.counts
    records = report.records
    if counts.in_file > SHOWN_RECORDS:
        records = (record for record in records if record.findings)
    file_findings = report.file_findings[:SHOWN_MESSAGES]
    shown = tuple(_first(records, SHOWN_MESSAGES - len(file_findings)))
    complete = len(shown) == counts.in_file and _messages(shown) + len(file_findings) == _messages(
        report.records
    ) + len(report.file_findings)
    return ShownReport(
        report=replace(report, file_findings=file_findings, records=shown),
        cut=not complete,
        downloads=_downloads(report),
    )


def _first(records: Iterable[RecordReport], messages: int) -> Iterator[RecordReport]:
    for number, record in enumerate(records):
        if number == SHOWN_RECORDS or (record.findings and messages == 0):
            return
        findings: tuple[Finding, ...] = record.findings[:messages]
        messages -= len(findings)
        yield replace(record, findings=findings)


def _messages(records: Iterable[RecordReport]) -> int:
    return sum(len(record.findings) for record in records)


def _downloads(report: FinalValidationReport) -> tuple[Download, ...]:
    stem = PurePath(display_name(report.header.file_name)).stem or "report"
    return (
        _download(report, write_csv, "CSV", f"{stem}_results.csv", "text/csv"),
        _download(report, write_xml, "XML", f"{stem}_results.xml", "application/xml"),
    )


def _download(
    report: FinalValidationReport,
    write: Callable[[FinalValidationReport, BinaryIO], None],
    label: str,
    file_name: str,
    mimetype: str,
) -> Download:
    stream = _Bounded(DOWNLOAD_BYTES)
    write(report, stream)
    if stream.too_large:
        return Download(label, file_name, "")
    content = b64encode(stream.getbuffer()).decode("ascii")
    return Download(label, file_name, f"data:{mimetype};charset=utf-8;base64,{content}")


class _Bounded(io.BytesIO):
    """Bytes in memory, and never many of them: what goes beyond is let go.

    It raises nothing, because lxml loses the errors of a stream that it writes to.

    Attributes:
        too_large: Whether anything was let go.
    """

    def __init__(self, limit: int) -> None:
        """Make it empty.

        Args:
            limit: How many bytes it keeps.
        """
        super().__init__()
        self.too_large = False
        self._limit = limit

    def write(self, data: "ReadableBuffer", /) -> int:
        """Add bytes, unless they would be too many."""
        size = memoryview(data).nbytes
        if self.too_large or self.tell() + size > self._limit:
            self.too_large = True
            return size
        return super().write(data)
