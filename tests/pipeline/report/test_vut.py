import io
import json
from dataclasses import replace
from datetime import UTC, datetime

from iqies_flask.model import Finding, ItemValue, MemoryContent, Record, RecordSummary, Severity
from iqies_flask.pipeline.report.vut import submission_date, vut_entry, vut_file_entry, write_vut

from .examples import FILE_FINDING, SSN_FINDING

RECEIVED = datetime(2019, 10, 24, 19, 25, tzinfo=UTC)

SUMMARY = RecordSummary(
    facility_id="TESTHHA1",
    state="CT",
    transaction="1",
    reason="01",
    target_date_text="20190808",
    first_name="ONE",
    last_name="TESTPERSON",
    ssn="987-65-4320",
    medicare_id="1EG4TE5MK73",
)


def submitted(**items: str) -> Record:
    return Record(1, "record.xml", "ASSESSMENT", items, MemoryContent(b""))


def results(record: Record, *findings: Finding) -> list[dict[str, object]]:
    return [error["results"] for error in vut_entry(record, "OASIS", SUMMARY, findings)["validationErrors"]]


def test_the_date_reads_as_the_service_writes_it() -> None:
    assert submission_date(RECEIVED) == "10/24/2019 07:25 PM"


def test_an_entry_has_the_payload_of_the_service() -> None:
    assert vut_entry(submitted(), "OASIS", SUMMARY, []) == {
        "filename": "record.xml",
        "validationErrors": [],
        "jsonPayload": {
            "ssn": "987-65-4320",
            "firstName": "ONE",
            "lastName": "TESTPERSON",
            "facilityName": "TESTHHA1",
            "stateCode": "CT",
            "targetDate": "20190808",
            "reasonType": "01",
            "medicareId": "1EG4TE5MK73",
            "transactionTypeCode": "1",
            "systemCode": "OASIS",
        },
    }


def test_a_finding_is_listed_once_for_each_of_its_items_in_the_record() -> None:
    dates = tuple(ItemValue(item, value=value) for item, value in (("A", "1"), ("B", "^"), ("C", None)))
    order = replace(SSN_FINDING, edit_id="-3261", items=dates)
    listed = results(submitted(A="1", B="^"), order, SSN_FINDING)
    assert [(entry["message_number"], entry["error_id"], entry["item"]) for entry in listed] == [
        (1, "-3261", "A"),
        (2, "-3261", "B"),
        (3, "-3110", "M0064_SSN"),
    ]
    assert listed[1] == {
        "message_number": 2,
        "error_id": "-3261",
        "severity": "Fatal",
        "text": SSN_FINDING.message,
        "item": "B",
        "item_value": "^",
    }


def test_the_items_come_in_the_order_of_the_file_each_with_all_its_findings() -> None:
    order = replace(SSN_FINDING, edit_id="-3261", items=(ItemValue("C"), ItemValue("A")))
    absent = replace(SSN_FINDING, edit_id="-3000", items=(ItemValue("Z"),))
    length = replace(SSN_FINDING, edit_id="-3010", items=(ItemValue("A"),))
    listed = results(submitted(A="1", B="2", C="3"), absent, order, length)
    assert [(entry["message_number"], entry["item"], entry["error_id"]) for entry in listed] == [
        (1, "A", "-3261"),
        (2, "A", "-3010"),
        (3, "C", "-3261"),
        (4, "Z", "-3000"),
    ]


def test_a_finding_about_items_that_are_missing_is_listed_once() -> None:
    missing = replace(SSN_FINDING, items=(ItemValue("A"), ItemValue("B")))
    assert [(entry["item"], entry["item_value"]) for entry in results(submitted(), missing)] == [("A", "")]


def test_a_finding_without_items_is_listed() -> None:
    assert [entry["item"] for entry in results(submitted(), FILE_FINDING)] == [""]


def test_advice_is_left_out_as_the_service_knows_none() -> None:
    assert results(submitted(M0064_SSN="1"), replace(SSN_FINDING, severity=Severity.ADVICE)) == []


def test_a_file_that_cannot_be_read_has_an_entry_of_its_own() -> None:
    entry = vut_file_entry("batch.zip", [FILE_FINDING])
    assert entry["filename"] == "batch.zip"
    assert entry["validationErrors"][0]["results"]["error_id"] == "member-not-xml"
    assert set(entry["jsonPayload"].values()) == {""}


def test_the_streamed_answer_is_the_answer() -> None:
    entries = [vut_entry(submitted(A="1"), "OASIS", SUMMARY, [SSN_FINDING]), vut_file_entry("b.zip", [])]
    for chosen in (entries, entries[:1], []):
        stream = io.StringIO()
        write_vut(RECEIVED, iter(chosen), stream)
        assert json.loads(stream.getvalue()) == {
            "submissionDate": submission_date(RECEIVED),
            "validationResults": chosen,
        }
