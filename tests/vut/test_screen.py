import base64
from datetime import UTC, datetime

import pytest

from iqies_flask.model import EditType, Finding, Severity
from iqies_flask.pipeline.report.model import (
    Disposition,
    FinalValidationReport,
    ProviderName,
    RecordReport,
    ReportCounts,
    ReportHeader,
)
from iqies_flask.vut import screen
from iqies_flask.vut.screen import SHOWN_MESSAGES, SHOWN_RECORDS, show

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
FINDING = Finding("-3060", "OASIS", Severity.FATAL, EditType.FORMAT, "What is wrong.")


def record(number: int, findings: int = 0) -> RecordReport:
    return RecordReport(
        number=number,
        file_name=f"{number}.xml",
        system="OASIS",
        disposition=Disposition.REJECTED if findings else Disposition.ACCEPTED,
        provider=ProviderName(),
        findings=(FINDING,) * findings,
    )


def report(*records: RecordReport, file_findings: int = 0) -> FinalValidationReport:
    return FinalValidationReport(
        header=ReportHeader(
            title="Report",
            submission_id=None,
            file_name="batch.zip",
            file_status="Completed",
            received_at=NOW,
            completed_at=NOW,
            submitter="",
            provider=None,
            counts=ReportCounts(in_file=len(records)),
        ),
        file_findings=(FINDING,) * file_findings,
        records=records,
    )


def numbers(shown: screen.ShownReport) -> list[int]:
    return [entry.number for entry in shown.report.records]


def test_a_report_that_fits_is_shown_whole() -> None:
    whole = report(record(1), record(2, findings=3), file_findings=2)
    shown = show(whole)
    assert shown.report == whole
    assert not shown.cut


def test_of_many_records_only_those_with_messages_are_shown() -> None:
    many = [record(number) for number in range(1, SHOWN_RECORDS + 1)]
    assert not show(report(*many)).cut
    shown = show(report(*many, record(SHOWN_RECORDS + 1, findings=1)))
    assert numbers(shown) == [SHOWN_RECORDS + 1]
    assert shown.cut


def test_no_more_than_some_records_are_shown() -> None:
    shown = show(report(*(record(number, findings=1) for number in range(1, SHOWN_RECORDS + 2))))
    assert numbers(shown) == list(range(1, SHOWN_RECORDS + 1))
    assert shown.cut


@pytest.mark.parametrize("file_findings", [0, 10])
def test_no_more_than_some_messages_are_shown(file_findings: int) -> None:
    shown = show(
        report(
            record(1, findings=SHOWN_MESSAGES - 11),
            record(2, findings=12),
            record(3),
            record(4, findings=1),
            file_findings=file_findings,
        )
    )
    messages = sum(len(entry.findings) for entry in shown.report.records) + len(shown.report.file_findings)
    assert messages == SHOWN_MESSAGES
    assert shown.cut


def test_very_many_messages_on_the_file_leave_no_room_for_others() -> None:
    shown = show(report(record(1, findings=1), file_findings=SHOWN_MESSAGES + 1))
    assert len(shown.report.file_findings) == SHOWN_MESSAGES
    assert numbers(shown) == []
    assert shown.cut


def test_downloads_hold_what_is_not_shown() -> None:
    shown = show(report(*(record(number, findings=1) for number in range(1, SHOWN_RECORDS + 2))))
    for download in shown.downloads:
        content = base64.b64decode(download.address.split(";base64,")[1]).decode("utf-8-sig")
        assert f"{SHOWN_RECORDS + 1}.xml" in content


def test_a_report_that_is_too_large_is_not_carried(monkeypatch: pytest.MonkeyPatch) -> None:
    some = report(record(1, findings=1))
    sizes = [len(base64.b64decode(one.address.split(",")[1])) for one in show(some).downloads]
    monkeypatch.setattr(screen, "DOWNLOAD_BYTES", min(sizes))
    assert sorted(bool(one.address) for one in show(some).downloads) == [False, True]
    monkeypatch.setattr(screen, "DOWNLOAD_BYTES", min(sizes) - 1)
    assert not any(one.address for one in show(some).downloads)
