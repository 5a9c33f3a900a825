"""The report as XML, for vendors' programs; described by `final_validation_report.xsd` beside this file."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from lxml import etree

from iqies_flask.model import Change, Finding
from iqies_flask.pipeline.report.model import (
    FinalValidationReport,
    ProviderName,
    RecordReport,
    ReportCounts,
    ReportHeader,
)
from iqies_flask.pipeline.report.wording import day, xml_text

if TYPE_CHECKING:
    from lxml.etree._serializer import _IncrementalFileWriter

FORMAT_VERSION = "1"
"""Written on the root element; raised when a change would break a program that reads the report."""

SCHEMA = Path(__file__).with_name("final_validation_report.xsd")
"""The XML Schema of the report."""


def write_xml(report: FinalValidationReport, stream: BinaryIO) -> None:
    """Write a report as an XML document in UTF-8.

    Args:
        report: Its records are gone through once.
        stream: Open for bytes.
    """
    with etree.xmlfile(stream, encoding="UTF-8", close=False) as document:
        document.write_declaration()
        _write_report(document, report)


def write_xml_reports(reports: Iterable[FinalValidationReport], stream: BinaryIO) -> None:
    """Write several reports as one XML document.

    Args:
        reports: Gone through once, each report's records likewise.
        stream: Open for bytes.
    """
    with etree.xmlfile(stream, encoding="UTF-8", close=False) as document:
        document.write_declaration()
        with document.element("final_validation_reports", version=FORMAT_VERSION):
            for report in reports:
                _write_report(document, report)


def _write_report(document: "_IncrementalFileWriter", report: FinalValidationReport) -> None:
    with document.element("final_validation_report", version=FORMAT_VERSION):
        document.write(_header(report.header), pretty_print=True)
        messages = etree.Element("file_messages")
        _add_findings(messages, report.file_findings)
        document.write(messages, pretty_print=True)
        with document.element("records"):
            for record in report.records:
                document.write(_record(record), pretty_print=True)


def _header(header: ReportHeader) -> "etree._Element":
    element = etree.Element("header")
    _add(element, "title", header.title)
    if header.submission_id is not None:
        _add(element, "submission_id", str(header.submission_id))
    _add(element, "file_name", header.file_name)
    _add(element, "file_status", header.file_status)
    _add(element, "received_at", header.received_at.isoformat(timespec="seconds"))
    if header.completed_at is not None:
        _add(element, "completed_at", header.completed_at.isoformat(timespec="seconds"))
    _add_where_known(element, "submitter", header.submitter)
    if header.provider is not None:
        _add_provider(element, header.provider)
    _add_counts(element, header.counts)
    return element


def _add_counts(parent: "etree._Element", counts: ReportCounts) -> None:
    element = etree.SubElement(parent, "counts")
    for name in ReportCounts.__slots__:
        _add(element, name, str(getattr(counts, name)))


def _record(record: RecordReport) -> "etree._Element":
    element = etree.Element("record", number=str(record.number))
    _add(element, "file_name", record.file_name)
    _add_where_known(element, "system", record.system)
    _add(element, "disposition", record.disposition.value)
    if record.provider != ProviderName():
        _add_provider(element, record.provider)
    _add_where_known(element, "item_subset", record.subset)
    _add_where_known(element, "item_subset_label", record.subset_label)
    _add_where_known(element, "transaction", record.transaction)
    _add_where_known(element, "correction_number", record.correction_number)
    _add_where_known(element, "reason", record.reason)
    _add_where_known(element, "target_date", day(record.target_date))
    _add_where_known(element, "name", record.person)
    _add_where_known(element, "document_id", record.document_id)
    _add_where_known(element, "delivery", record.delivery)
    _add_findings(element, record.findings)
    for change in record.changes:
        _add_change(element, change)
    return element


def _add_provider(parent: "etree._Element", provider: ProviderName) -> None:
    element = etree.SubElement(parent, "provider")
    _add_where_known(element, "state", provider.state)
    _add_where_known(element, "facility_id", provider.facility_id)
    _add_where_known(element, "ccn", provider.ccn)
    _add_where_known(element, "name", provider.name)


def _add_findings(parent: "etree._Element", findings: Iterable[Finding]) -> None:
    for number, finding in enumerate(findings, start=1):
        element = etree.SubElement(parent, "message", number=str(number))
        _add(element, "edit_id", finding.edit_id)
        _add(element, "system", finding.system)
        _add(element, "severity", finding.severity.value)
        _add(element, "edit_type", finding.edit_type.value)
        _add(element, "text", finding.message)
        _add_where_known(element, "remedy", finding.remedy)
        for item in finding.items:
            concerned = etree.SubElement(element, "item", id=xml_text(item.item))
            if item.label:
                concerned.set("label", xml_text(item.label))
            if item.value is None:
                concerned.set("missing", "true")
            else:
                concerned.text = xml_text(item.value)
        _add_where_known(element, "reported_by", finding.plugin)


def _add_change(parent: "etree._Element", change: Change) -> None:
    element = etree.SubElement(parent, "change", item=xml_text(change.item))
    _add(element, "before", change.before)
    _add(element, "after", change.after)
    _add(element, "reason", change.reason)
    _add_where_known(element, "proposed_by", change.plugin)


def _add_where_known(parent: "etree._Element", name: str, text: str) -> None:
    if text:
        _add(parent, name, text)


def _add(parent: "etree._Element", name: str, text: str) -> None:
    etree.SubElement(parent, name).text = xml_text(text)
