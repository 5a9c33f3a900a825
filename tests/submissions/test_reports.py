import pytest
from flask import Flask

from iqies_flask.access.grants import grant
from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.models import Provider
from iqies_flask.access.registry import add_provider
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.submissions.models import Submission
from iqies_flask.submissions.processing import process_submission
from iqies_flask.submissions.reports import REPORT_PAGE, Report, Show
from tests.submissions.uploading import BROKEN, mds, oasis, submit, zip_of


def processed(user: User, *members: bytes) -> Submission:
    submission = submit(user, zip_of(*members))
    process_submission(submission.id)
    return db.session.get_one(Submission, submission.id, populate_existing=True)


def test_records_stand_in_the_order_of_state_facility_date_type_and_correction(
    app: Flask, submitter: User
) -> None:
    members = [
        oasis(number, fixed={"STATE_CD": state, "HHA_AGENCY_ID": facility})
        for number, (state, facility) in enumerate(
            [("OH", "B"), ("CT", "B"), ("CT", "A"), ("OH", "A"), ("CT", "A")], start=1
        )
    ]
    report = Report(processed(submitter, *members)).whole()
    order = [
        (record.provider.state, record.provider.facility_id, record.target_date) for record in report.records
    ]
    rows = list(Report(db.session.query(Submission).one()).whole().records)
    assert len(order) == len(rows) == 5
    by_record = {1: ("OH", "B"), 2: ("CT", "B"), 3: ("CT", "A"), 4: ("OH", "A"), 5: ("CT", "A")}
    keys = [(*by_record[record.number], record.target_date) for record in rows]
    assert keys == sorted(keys)  # type: ignore[type-var]


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        (ProviderKind.SKILLED_NURSING_FACILITY, "MDS 3.0 NH Final Validation Report"),
        (ProviderKind.SWING_BED, "MDS 3.0 SB Final Validation Report"),
        (ProviderKind.HOME_HEALTH_AGENCY, "OASIS Final Validation Report"),
    ],
)
def test_titles(submitter: User, provider: Provider, kind: ProviderKind, title: str) -> None:
    submission = processed(submitter, oasis(1))
    with write_transaction() as session:
        session.get_one(Provider, provider.ccn).kind = kind
    assert Report(submission).whole().header.title == "Submitter Final Validation Report"
    header = Report(submission, provider.ccn).whole().header
    assert header.title == title
    assert header.provider is not None
    assert header.provider.name == provider.name


def test_header_names_the_submission(submitter: User) -> None:
    submission = processed(submitter, oasis(1))
    header = Report(submission).whole().header
    assert (header.submission_id, header.file_name) == (submission.id, "batch.zip")
    assert (header.file_status, header.submitter) == ("Completed", "submitter")
    assert header.completed_at is not None
    assert header.completed_at >= header.received_at


def test_provider_s_report_counts_that_provider_s_records(submitter: User, provider: Provider) -> None:
    second = add_provider("995888", "Sample Second", "OH", "SAMPLE002", ProviderKind.SKILLED_NURSING_FACILITY)
    grant(submitter, second.ccn)
    other = {"A0100B": second.ccn, "FAC_ID": second.facility_id, "STATE_CD": second.state}
    submission = processed(submitter, oasis(1), mds(2, fixed=other), oasis(1), BROKEN, oasis(3))
    whole, first, last = (
        Report(submission, ccn).whole().header.counts for ccn in (None, provider.ccn, second.ccn)
    )
    assert (whole.in_file, whole.accepted, whole.rejected, whole.duplicate) == (5, 3, 2, 1)
    assert (first.in_file, first.accepted, first.rejected, first.duplicate) == (3, 2, 1, 1)
    assert (last.in_file, last.accepted, last.rejected) == (1, 1, 0)
    numbers = sorted(record.number for record in Report(submission, second.ccn).whole().records)
    assert numbers == [2]


def test_messages_on_the_file_are_the_submitter_s_alone(submitter: User, provider: Provider) -> None:
    submission = submit(submitter, zip_of(oasis(1)), "batch.xml")
    process_submission(submission.id)
    submission = db.session.get_one(Submission, submission.id, populate_existing=True)
    assert Report(submission).whole().file_findings != ()
    assert Report(submission, provider.ccn).whole().file_findings == ()


def test_entry_of_a_record_says_what_the_chain_found(submitter: User) -> None:
    broken = oasis(1).replace(b"<M0064_SSN>9", b"<M0064_SSN>X")
    (record,) = Report(processed(submitter, broken)).whole().records
    (finding,) = [finding for finding in record.findings if finding.items[0].item == "M0064_SSN"]
    assert finding.system == "OASIS"
    assert finding.message
    assert finding.items[0].label
    assert (finding.items[0].value or "").startswith("X")
    assert record.person.startswith("SAMPLE")
    assert record.subset_label
    assert record.transaction == "New"
    assert record.file_name == "record00001.xml"


def test_pages_of_a_long_report(submitter: User) -> None:
    number = REPORT_PAGE.entries + 3
    submission = processed(submitter, *(oasis(index) for index in range(1, number + 1)), BROKEN)
    first, second = (Report(submission).page(page, Show.ALL) for page in (1, 2))
    assert (first.total, first.pages, first.page, second.page) == (number + 1, 2, 1, 2)
    shown = [record.number for page in (first, second) for record in page.report.records]
    assert shown == [record.number for record in Report(submission).whole().records]
    assert len(shown) == number + 1
    rejected = Report(submission).page(99, Show.REJECTED)
    assert (rejected.total, rejected.page) == (1, 1)
    assert [record.number for record in rejected.report.records] == [number + 1]


def test_report_longer_than_one_chunk_of_reading_is_whole(
    submitter: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iqies_flask.submissions.reports._STREAM_RECORDS", 2)
    submission = processed(submitter, *(oasis(index) for index in range(1, 6)))
    assert sorted(record.number for record in Report(submission).whole().records) == [1, 2, 3, 4, 5]
