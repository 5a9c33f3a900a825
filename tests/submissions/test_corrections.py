"""Journeys of corrections: from the original over its modifications to its end."""

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from iqies_flask.access.grants import grant
from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.registry import add_provider
from iqies_flask.assessments.models import StoredAssessment
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.model import Finding, Severity
from iqies_flask.pipeline.report.model import Disposition
from iqies_flask.submissions.models import Submission
from iqies_flask.submissions.processing import process_submission
from iqies_flask.submissions.reports import Report
from tests.submissions.uploading import correction_of, mds, oasis, submit, zip_of

ACCEPTED, REJECTED, DUPLICATE = Disposition.ACCEPTED, Disposition.REJECTED, Disposition.DUPLICATE
NOT_FOUND = {"oasis": "-7050", "mds": "-3977"}
WRONG_NUMBER = {"oasis": "-3200", "mds": "-3783"}
NAME = {"oasis": "M0040_PAT_MI", "mds": "A0500C"}
"""An item that a modification may change: in OASIS none by which the record is found."""


@pytest.fixture(params=[oasis, mds], ids=["oasis", "mds"])
def make(request: pytest.FixtureRequest) -> Callable[..., bytes]:
    made: Callable[..., bytes] = request.param
    return made


def process(user: User, *members: bytes) -> Submission:
    submission = submit(user, zip_of(*members))
    assert process_submission(submission.id)
    return db.session.get_one(Submission, submission.id, populate_existing=True)


def outcome(submission: Submission) -> list[tuple[Disposition, list[str]]]:
    """What became of each record, and its fatal findings."""
    return [
        (
            record.disposition,
            [one.edit_id for one in record.findings if one.severity is Severity.FATAL],
        )
        for record in sorted(Report(submission).whole().records, key=lambda record: record.number)
    ]


def fatal_finding(submission: Submission) -> Finding:
    (record,) = Report(submission).whole().records
    (finding,) = (one for one in record.findings if one.severity is Severity.FATAL)
    return finding


def in_force() -> list[tuple[int, str]]:
    return [
        (row.submission_id, row.transaction)
        for row in db.session.scalars(
            select(StoredAssessment).where(StoredAssessment.in_force).order_by(StoredAssessment.id)
        )
    ]


def test_modifications_follow_each_other_by_their_numbers(
    app: Flask, submitter: User, make: Callable[..., bytes]
) -> None:
    system, original = make.__name__, make(1)
    process(submitter, original)
    first = correction_of(original, "2", "01", **{NAME[system]: "Z"})
    assert outcome(process(submitter, correction_of(original, "2", "02"))) == [
        (REJECTED, [WRONG_NUMBER[system]])
    ]
    assert outcome(process(submitter, first)) == [(ACCEPTED, [])]
    too_low = process(submitter, correction_of(first, "2", "01"))
    finding = fatal_finding(too_low)
    assert finding.edit_id == WRONG_NUMBER[system]
    assert "it is “01”; the record was corrected once before, so “02” comes next" in finding.message
    second = process(submitter, correction_of(first, "2", "02"))
    assert outcome(second) == [(ACCEPTED, [])]
    assert in_force() == [(second.id, "2")]


def test_a_modification_without_its_original_is_rejected(
    app: Flask, submitter: User, make: Callable[..., bytes]
) -> None:
    process(submitter, make(2))
    rejected = process(submitter, correction_of(make(1), "2", "01"))
    finding = fatal_finding(rejected)
    assert finding.edit_id == NOT_FOUND[make.__name__]
    assert "no stored record with these values" in finding.message
    assert "never accepted" in finding.remedy
    assert len(in_force()) == 1


def test_an_mds_record_is_found_by_its_new_values_once_it_was_modified(app: Flask, submitter: User) -> None:
    original = mds(1)
    first = correction_of(original, "2", "01", A0500C="SAMPLEZULU")
    process(submitter, original, first)
    assert outcome(process(submitter, correction_of(original, "2", "02"))) == [(REJECTED, ["-3977"])]
    assert outcome(process(submitter, correction_of(first, "2", "02"))) == [(ACCEPTED, [])]


def test_an_inactivated_record_is_found_no_more_and_may_be_sent_anew(
    app: Flask, submitter: User, make: Callable[..., bytes]
) -> None:
    original, not_found = make(1), NOT_FOUND[make.__name__]
    process(submitter, original)
    assert outcome(process(submitter, correction_of(original, "3", "01"))) == [(ACCEPTED, [])]
    assert in_force() == []
    assert outcome(process(submitter, correction_of(original, "2", "02"))) == [(REJECTED, [not_found])]
    assert outcome(process(submitter, correction_of(original, "3", "02"))) == [(REJECTED, [not_found])]
    anew = process(submitter, original)
    assert outcome(anew) == [(ACCEPTED, [])]
    assert in_force() == [(anew.id, "1")]
    assert outcome(process(submitter, original)) == [(DUPLICATE, ["IF-501"])]


def test_modification_and_inactivation_share_their_count(
    app: Flask, submitter: User, make: Callable[..., bytes]
) -> None:
    original = make(1)
    first = correction_of(original, "2", "01")
    process(submitter, original, first)
    wrong = WRONG_NUMBER[make.__name__]
    assert outcome(process(submitter, correction_of(first, "3", "01"))) == [(REJECTED, [wrong])]
    assert outcome(process(submitter, correction_of(first, "3", "02"))) == [(ACCEPTED, [])]


def test_a_correction_finds_its_original_in_the_same_zip_and_not_behind_it(
    app: Flask, submitter: User, make: Callable[..., bytes]
) -> None:
    original = make(1)
    first = correction_of(original, "2", "01")
    members = (first, original, make(2), first, correction_of(first, "3", "02"), make(3))
    assert outcome(process(submitter, *members)) == [
        (REJECTED, [NOT_FOUND[make.__name__]]),
        (ACCEPTED, []),
        (ACCEPTED, []),
        (ACCEPTED, []),
        (ACCEPTED, []),
        (ACCEPTED, []),
    ]
    assert [kind for _, kind in in_force()] == ["1", "1"]


def test_a_rejected_original_is_not_found(app: Flask, submitter: User) -> None:
    original = oasis(1)
    broken = original.replace(b"<A0810>", b"<A0810>9")
    assert outcome(process(submitter, broken, correction_of(original, "2", "01")))[1] == (
        REJECTED,
        ["-7050"],
    )


def test_another_provider_s_record_is_not_found(app: Flask, submitter: User) -> None:
    second = add_provider("997888", "Sample Second", "CT", "SAMPLE002", ProviderKind.HOME_HEALTH_AGENCY)
    grant(submitter, second.ccn)
    other = {"M0010_CCN": second.ccn, "HHA_AGENCY_ID": second.facility_id}
    process(submitter, oasis(1))
    foreign = correction_of(oasis(1), "2", "01", **other)
    assert outcome(process(submitter, foreign)) == [(REJECTED, ["-7050"])]
    # The same correction of the provider's own record.
    process(submitter, oasis(1, fixed=other))
    assert outcome(process(submitter, foreign)) == [(ACCEPTED, [])]


def test_a_modification_that_makes_a_record_the_same_as_another_is_a_duplicate(
    app: Flask, submitter: User
) -> None:
    """What was to be corrected stays in force."""
    twin = mds(1, fixed={"A0500C": "SAMPLEZULU"})
    process(submitter, mds(1), twin)
    modified = correction_of(mds(1), "2", "01", A0500C="SAMPLEZULU")
    assert outcome(process(submitter, modified)) == [(DUPLICATE, ["IF-501"])]
    assert [kind for _, kind in in_force()] == ["1", "1"]


def test_a_rejected_correction_is_told_all_that_is_wrong(app: Flask, submitter: User) -> None:
    correction = correction_of(oasis(1), "2", "01").replace(b"<A0810>", b"<A0810>9")
    (entry,) = outcome(process(submitter, correction))
    assert entry[0] is REJECTED
    assert {"-3060", "-7050"} <= set(entry[1])


def test_of_two_corrections_at_once_one_finds_that_it_is_not_the_next(app: Flask, submitter: User) -> None:
    process(submitter, oasis(1))
    submissions = [
        submit(submitter, zip_of(correction_of(oasis(1), "2", "01", M0040_PAT_MI=initial)))
        for initial in ("Y", "Z")
    ]
    numbers = [submission.id for submission in submissions]
    db.session.rollback()
    start = threading.Barrier(2)

    def run(number: int) -> None:
        with app.app_context():
            start.wait()
            assert process_submission(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    outcomes = [outcome(db.session.get_one(Submission, number, populate_existing=True)) for number in numbers]
    assert sorted(outcomes) == sorted([[(ACCEPTED, [])], [(REJECTED, ["-3200"])]])
    assert len(in_force()) == 1


@pytest.mark.parametrize(
    ("make", "item", "edit_id", "disposition"),
    [
        (oasis, "HHA_AGENCY_ID", "-3160", REJECTED),
        (oasis, "M0010_CCN", "-3170", ACCEPTED),
        (mds, "FAC_ID", "-3693", REJECTED),
        (mds, "A0100B", "-3695", ACCEPTED),
    ],
    ids=["-3160", "-3170", "-3693", "-3695"],
)
def test_what_the_registry_of_providers_contradicts(
    app: Flask,
    submitter: User,
    make: Callable[..., bytes],
    item: str,
    edit_id: str,
    disposition: Disposition,
) -> None:
    wrong = process(submitter, make(1, fixed={item: "997888"}))
    (record,) = Report(wrong).whole().records
    (finding,) = (one for one in record.findings if one.edit_id == edit_id)
    registered = "997999" if disposition is ACCEPTED else "SAMPLE001"
    assert f"it is “997888”; the registry has “{registered}” for Sample Home Health" in finding.message
    assert record.disposition is disposition
    (right,) = Report(process(submitter, make(2))).whole().records
    assert edit_id not in {one.edit_id for one in right.findings}


def test_case_of_a_submission_id_makes_no_difference(app: Flask, submitter: User) -> None:
    lower = oasis(1).replace(b"<HHA_AGENCY_ID>SAMPLE001", b"<HHA_AGENCY_ID>sample001")
    assert outcome(process(submitter, lower)) == [(ACCEPTED, [])]
