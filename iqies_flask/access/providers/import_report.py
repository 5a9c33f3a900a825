"""What came of an import, row by row, as CSV."""

import csv
from collections.abc import Iterator
from typing import TextIO

from iqies_flask.access.providers.importing import ImportResult
from iqies_flask.pipeline.report.csv import guard

COLUMNS = ("outcome", "line", "ccn", "column", "before", "value", "why")


def write_report(result: ImportResult, stream: TextIO) -> None:
    """Write a line for each provider added, each value changed, each reason to refuse a row, each warning.

    Args:
        result: What came of it.
        stream: Takes the text; opened with ``newline=""``.
    """
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    for row in _rows(result):
        writer.writerow([guard(cell) for cell in row])


def _rows(result: ImportResult) -> Iterator[tuple[str, ...]]:
    for row in result.added:
        yield "added", str(row.line), row.ccn.text, "", "", str(row.values["name"]), ""
    for change in result.changed:
        for field, value in change.after.items():
            before = change.before[field]
            yield "changed", str(change.line), change.ccn, field, str(before or ""), str(value), ""
    for refusal in result.refusals:
        yield "refused", str(refusal.line), refusal.ccn, refusal.column, "", refusal.value, refusal.why
    for shared in result.shared:
        yield "warning", "", " ".join(shared.ccns), "facility_id", "", shared.facility_id, shared.message
    for returned in result.returned:
        ended = returned.terminated_on.isoformat()
        yield "warning", str(returned.line), returned.ccn, "terminated_on", ended, "", returned.message
