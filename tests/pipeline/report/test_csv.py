import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iqies_flask.pipeline.report.csv import COLUMNS, guard, write_csv, write_csv_reports
from iqies_flask.pipeline.report.model import FinalValidationReport

from .examples import SSN_FINDING, record


def rows(report: FinalValidationReport) -> list[dict[str, str]]:
    return list(csv.DictReader(read_back([report])))


def read_back(reports: list[FinalValidationReport]) -> io.StringIO:
    stream = io.StringIO(newline="")
    write_csv_reports(reports, stream)
    return io.StringIO(stream.getvalue().encode().decode("utf-8-sig"), newline="")


def test_one_row_a_message_and_one_for_a_record_without(report: FinalValidationReport) -> None:
    on_file, clean, broken = rows(report)
    assert (on_file["record_number"], on_file["edit_id"]) == ("", "member-not-xml")
    assert (clean["record_number"], clean["disposition"], clean["message_number"]) == ("1", "Accepted", "")
    assert (broken["record_number"], broken["disposition"], broken["message_number"]) == (
        "2",
        "Rejected",
        "1",
    )
    assert broken["items"] == "M0064_SSN | M0064_SSN_UK"
    assert broken["item_values"] == "987-65-4320 | "
    assert {row["submission_id"] for row in (on_file, clean, broken)} == {"41"}


def test_a_byte_order_mark_tells_spreadsheets_the_encoding(report: FinalValidationReport) -> None:
    stream = io.BytesIO()
    write_csv(report, stream)
    assert stream.getvalue().decode("utf-8").startswith("\ufeffsubmission_id,")


def test_every_row_fills_every_column(report: FinalValidationReport) -> None:
    assert {len(row) for row in csv.reader(read_back([report]))} == {len(COLUMNS)}


def test_several_reports_share_one_row_of_names(report: FinalValidationReport) -> None:
    second = replace(report, file_findings=(), records=iter([record(1)]))
    read = list(csv.DictReader(read_back([report, second])))
    assert [row["record_number"] for row in read] == ["", "1", "2", "1"]


@pytest.mark.parametrize(
    "value", ["=1+1", "+1", "@SUM(A1)", "-1+cmd|' /C calc'!A0", "\t=1", "\r=1", "\n=1", "\uff1d1", "'"]
)
def test_what_a_spreadsheet_would_run_gets_an_apostrophe(value: str) -> None:
    assert guard(value) == "'" + value


@pytest.mark.parametrize("value", ["", "-", "^", "-3060", "-1.5", "12", "TESTPERSON", "20261001"])
def test_coded_values_and_numbers_are_left_alone(value: str) -> None:
    assert guard(value) == value


@given(st.text())
def test_taking_one_apostrophe_off_gives_the_value_back(value: str) -> None:
    assert guard(value).removeprefix("'") == value


def test_submitted_values_are_guarded_in_the_file(report: FinalValidationReport) -> None:
    item = replace(SSN_FINDING.items[0], value='=HYPERLINK("http://example.test")')
    broken = record(1, replace(SSN_FINDING, items=(item,)))
    (row,) = rows(replace(report, file_findings=(), records=iter([broken])))
    assert row["item_values"] == '\'=HYPERLINK("http://example.test")'
    assert row["edit_id"] == "-3110"
