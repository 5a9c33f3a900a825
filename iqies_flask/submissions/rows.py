"""Records of a report to rows of the database, and back."""

import re
from collections.abc import Iterable
from typing import Any

from iqies_flask.database import clip
from iqies_flask.model import Change, EditType, Finding, ItemValue, RecordSummary, Severity
from iqies_flask.pipeline.report.model import ProviderName, RecordReport
from iqies_flask.submissions.models import RecordMessage, SubmissionRecord

_ITEM_ID = re.compile(r"[A-Z0-9_]{1,40}")


def pack_finding(finding: Finding) -> dict[str, Any]:
    """Turn a finding into what JSON can say."""
    return {
        "edit_id": finding.edit_id,
        "system": finding.system,
        "severity": finding.severity.value,
        "edit_type": finding.edit_type.value,
        "message": finding.message,
        "remedy": finding.remedy,
        "items": [[item.item, item.label, item.value] for item in finding.items],
        "plugin": finding.plugin,
    }


def unpack_finding(packed: dict[str, Any]) -> Finding:
    """Undo `pack_finding`."""
    return Finding(
        edit_id=packed["edit_id"],
        system=packed["system"],
        severity=Severity(packed["severity"]),
        edit_type=EditType(packed["edit_type"]),
        message=packed["message"],
        remedy=packed["remedy"],
        items=tuple(ItemValue(*item) for item in packed["items"]),
        plugin=packed["plugin"],
    )


def record_row(
    submission_id: int, report: RecordReport, summary: RecordSummary, provider_ccn: str | None
) -> dict[str, Any]:
    """Make the row of a `SubmissionRecord`.

    Args:
        submission_id: Its submission.
        report: What the report says of the record.
        summary: What the record says of itself.
        provider_ccn: The provider whose reports show it.
    """
    severities = [finding.severity for finding in report.findings]
    return {
        "submission_id": submission_id,
        "number": report.number,
        "system": clip(report.system, SubmissionRecord.system),
        "subset": clip(summary.subset, SubmissionRecord.subset),
        "transaction": clip(summary.transaction, SubmissionRecord.transaction),
        "correction_number": clip(summary.correction_number, SubmissionRecord.correction_number),
        "reason": clip(summary.reason, SubmissionRecord.reason),
        "target_date": summary.target_date,
        "state": clip(summary.state, SubmissionRecord.state),
        "facility_id": clip(summary.facility_id, SubmissionRecord.facility_id),
        "ccn": clip(summary.ccn, SubmissionRecord.ccn),
        "provider_ccn": provider_ccn,
        "disposition": report.disposition,
        "fatal": severities.count(Severity.FATAL),
        "warnings": severities.count(Severity.WARNING),
        "payload": _pack_record(report),
    }


def message_rows(submission_id: int, report: RecordReport) -> list[dict[str, Any]]:
    """Make the rows of a record's `RecordMessage`."""
    return [
        {
            "submission_id": submission_id,
            "number": report.number,
            "position": position,
            "edit_id": clip(finding.edit_id, RecordMessage.edit_id),
            "system": clip(finding.system, RecordMessage.system),
            "severity": finding.severity,
            "edit_type": finding.edit_type,
            # An unknown element's name is free text, and may hold anything.
            "items": [item.item for item in finding.items if _ITEM_ID.fullmatch(item.item)],
            "payload": pack_finding(finding),
        }
        for position, finding in enumerate(report.findings)
    ]


def report_of(record: SubmissionRecord, messages: Iterable[RecordMessage]) -> RecordReport:
    """Make the report's entry of a record from its rows.

    Args:
        record: The record.
        messages: Its messages in order.
    """
    payload = record.payload
    return RecordReport(
        number=record.number,
        file_name=payload["file_name"],
        system=payload["system"],
        disposition=record.disposition,
        provider=ProviderName(*payload["provider"]),
        subset=payload["subset"],
        subset_label=payload["subset_label"],
        transaction=payload["transaction"],
        correction_number=payload["correction_number"],
        reason=payload["reason"],
        target_date=record.target_date,
        person=payload["person"],
        document_id=payload["document_id"],
        findings=tuple(unpack_finding(message.payload) for message in messages),
        changes=tuple(Change(*change) for change in payload["changes"]),
        delivery=payload["delivery"],
    )


def _pack_record(report: RecordReport) -> dict[str, Any]:
    provider = report.provider
    return {
        "file_name": report.file_name,
        "system": report.system,
        "provider": [provider.ccn, provider.name, provider.facility_id, provider.state],
        "subset": report.subset,
        "subset_label": report.subset_label,
        "transaction": report.transaction,
        "correction_number": report.correction_number,
        "reason": report.reason,
        "person": report.person,
        "document_id": report.document_id,
        "changes": [
            [change.item, change.before, change.after, change.reason, change.plugin]
            for change in report.changes
        ],
        "delivery": report.delivery,
    }
