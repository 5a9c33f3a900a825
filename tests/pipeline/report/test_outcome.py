from dataclasses import replace
from datetime import date

import pytest

from iqies_flask.model import MemoryContent, Record, RecordSummary, Route, Severity
from iqies_flask.pipeline.chain import RecordOutcome
from iqies_flask.pipeline.report.model import Disposition, ReportCounts
from iqies_flask.pipeline.report.outcome import (
    ASSESSMENT_STORE,
    ReportCounter,
    disposition_of,
    person_of,
    record_report,
)
from iqies_flask.plugin import Identification

from .examples import FILE_FINDING, SSN_FINDING, record

STORE = Route(ASSESSMENT_STORE, "the assessment store")
GATEWAY = Route("elsewhere", "the gateway")


def outcome(*findings, route=STORE, identification=None) -> RecordOutcome:
    submitted = Record(7, "a.xml", "ASSESSMENT", {}, MemoryContent(b""))
    return RecordOutcome(submitted, identification, findings, (), route, {})


@pytest.mark.parametrize(
    ("checked", "disposition"),
    [
        (outcome(), Disposition.ACCEPTED),
        (outcome(FILE_FINDING), Disposition.ACCEPTED),
        (outcome(SSN_FINDING, route=None), Disposition.REJECTED),
        (outcome(route=GATEWAY), Disposition.HANDED_OVER),
    ],
)
def test_what_becomes_of_a_record(checked: RecordOutcome, disposition: Disposition) -> None:
    assert disposition_of(checked) is disposition


def test_a_record_that_nobody_knows_has_an_entry() -> None:
    entry = record_report(outcome(SSN_FINDING, route=None))
    assert (entry.number, entry.file_name, entry.system) == (7, "a.xml", "")
    assert entry.findings == (SSN_FINDING,)


def test_an_entry_says_what_the_record_says_of_itself() -> None:
    summary = RecordSummary(
        ccn="995001",
        facility_id="TESTNH1",
        state="CT",
        subset="NC",
        transaction="2",
        target_date=date(2026, 10, 1),
        first_name="ONE",
        last_name="TESTPERSON",
    )
    entry = record_report(outcome(identification=Identification("MDS", summary=summary), route=GATEWAY))
    assert (entry.provider.ccn, entry.provider.facility_id, entry.provider.state) == (
        "995001",
        "TESTNH1",
        "CT",
    )
    assert (entry.system, entry.subset, entry.transaction) == ("MDS", "NC", "Modification")
    assert (entry.person, entry.target_date) == ("TESTPERSON, ONE", date(2026, 10, 1))
    assert entry.delivery == "Goes to the gateway."


def test_a_person_without_a_first_name_has_no_comma() -> None:
    assert person_of(RecordSummary(last_name="TESTPERSON")) == "TESTPERSON"


def test_the_numbers_add_up() -> None:
    counter = ReportCounter()
    counter.add_findings([FILE_FINDING])
    advice = replace(SSN_FINDING, severity=Severity.ADVICE)
    for number, (disposition, findings) in enumerate(
        [
            (Disposition.ACCEPTED, (FILE_FINDING, advice)),
            (Disposition.REJECTED, (SSN_FINDING, SSN_FINDING)),
            (Disposition.DUPLICATE, (SSN_FINDING,)),
            (Disposition.WITHOUT_AUTHORITY, (SSN_FINDING,)),
            (Disposition.HANDED_OVER, ()),
        ],
        start=1,
    ):
        counter.add_record(replace(record(number), disposition=disposition, findings=findings))
    assert counter.counts(in_file=6) == ReportCounts(
        in_file=6,
        processed=5,
        accepted=1,
        rejected=3,
        duplicate=1,
        without_authority=1,
        handed_over=1,
        fatal=4,
        warnings=2,
    )
