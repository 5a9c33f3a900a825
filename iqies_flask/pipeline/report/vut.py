"""The answer of the Validation Utility Tool, in the shape that vendors' clients read."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, TextIO

from iqies_flask.model import Finding, ItemValue, MemoryContent, Record, RecordSummary, Severity

VutEntry = dict[str, Any]
"""The result of one file: ``filename``, ``validationErrors`` and ``jsonPayload``."""

_REPORTED = frozenset({Severity.FATAL, Severity.WARNING})


def submission_date(received_at: datetime) -> str:
    """Write the time of a submission as the service does, for example ``10/24/2019 07:25 PM``."""
    return received_at.strftime("%m/%d/%Y %I:%M %p")


def vut_entry(record: Record, system: str, summary: RecordSummary, findings: Iterable[Finding]) -> VutEntry:
    """Build the result of one record.

    Args:
        record: As it was submitted.
        system: ``MDS``, ``OASIS``, ...; empty where the record could not be identified.
        summary: The fields of the payload.
        findings: Fatal ones and warnings are listed; the service knows no advice.
    """
    return {
        "filename": record.file_name,
        "validationErrors": _numbered(findings, record.items),
        "jsonPayload": {
            "ssn": summary.ssn,
            "firstName": summary.first_name,
            "lastName": summary.last_name,
            "facilityName": summary.facility_id,
            "stateCode": summary.state,
            "targetDate": summary.target_date_text,
            "reasonType": summary.reason,
            "medicareId": summary.medicare_id,
            "transactionTypeCode": summary.transaction,
            "systemCode": system,
        },
    }


def vut_file_entry(file_name: str, findings: Iterable[Finding]) -> VutEntry:
    """Build the result of a file that could not be taken apart, or that has messages as a whole.

    Args:
        file_name: As the sender named it.
        findings: Messages on the file.
    """
    unread = Record(1, file_name, root="", items={}, content=MemoryContent(b""), readable=False)
    return vut_entry(unread, "", RecordSummary(), findings)


def write_vut(received_at: datetime, entries: Iterable[VutEntry], stream: TextIO) -> None:
    """Write the whole answer as JSON, one entry at a time in memory.

    Args:
        received_at: Time of the submission.
        entries: Gone through once.
        stream: Open for text.
    """
    stream.writelines(vut_pieces(received_at, entries))


def vut_pieces(received_at: datetime, entries: Iterable[VutEntry]) -> Iterator[str]:
    """Give the whole answer as JSON in pieces, one entry at a time in memory.

    Args:
        received_at: Time of the submission.
        entries: Gone through once, as the pieces are asked for.
    """
    yield f'{{"submissionDate": {json.dumps(submission_date(received_at))}, "validationResults": ['
    separator = "\n"
    for entry in entries:
        yield separator + json.dumps(entry, ensure_ascii=False)
        separator = ",\n"
    yield "\n]}\n"


def _numbered(findings: Iterable[Finding], submitted: Mapping[str, str]) -> list[dict[str, Any]]:
    """List the findings at their items, in the order of the file; those at no item of it come last."""
    places = {item: place for place, item in enumerate(submitted)}
    results = sorted(
        (
            (finding, item)
            for finding in findings
            if finding.severity in _REPORTED
            for item in _listed_items(finding, submitted)
        ),
        key=lambda result: places.get(result[1].item, len(places)),
    )
    return [
        {
            "results": {
                "message_number": number,
                "error_id": finding.edit_id,
                "severity": finding.severity.value,
                "text": finding.message,
                "item": item.item,
                "item_value": submitted.get(item.item, item.value or ""),
            }
        }
        for number, (finding, item) in enumerate(results, start=1)
    ]


def _listed_items(finding: Finding, submitted: Mapping[str, str]) -> Iterator[ItemValue]:
    """Choose the items that a finding is listed at: all that stand in the record, or else the first named."""
    standing = [item for item in finding.items if item.item in submitted]
    yield from standing or finding.items[:1] or (_NO_ITEM,)


_NO_ITEM = ItemValue("")
