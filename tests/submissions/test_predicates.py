"""What the registry says of branches, and the edits that ask for it."""

from datetime import date

import pytest
from flask import Flask

from iqies_flask.access.models import Branch, Provider
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.model import Severity
from iqies_flask.submissions.models import Submission
from iqies_flask.submissions.processing import process_submission
from iqies_flask.submissions.reports import Report
from tests.submissions.uploading import oasis, submit, zip_of

OPEN, CLOSED, FOREIGN = "99Q7999001", "99Q7999002", "99Q7888001"


def fatal_edits(user: User, branch_id: str) -> list[str]:
    submission = submit(user, zip_of(oasis(1, fixed={"M0016_BRANCH_ID": branch_id})))
    assert process_submission(submission.id)
    report = Report(db.session.get_one(Submission, submission.id, populate_existing=True)).whole()
    (record,) = report.records
    return [finding.edit_id for finding in record.findings if finding.severity is Severity.FATAL]


def register(ccn: str, *branches: tuple[str, date | None]) -> None:
    with write_transaction() as session:
        session.get_one(Provider, ccn).branches_known = True
        for branch_id, ended_on in branches:
            session.add(Branch(ccn=ccn, branch_id=branch_id, ended_on=ended_on))


@pytest.mark.parametrize("branch_id", ["N", "P", FOREIGN])
def test_nothing_is_judged_where_the_registry_does_not_list_branches(
    app: Flask, submitter: User, branch_id: str
) -> None:
    assert fatal_edits(submitter, branch_id) == []


@pytest.mark.parametrize(("branch_id", "edits"), [("N", []), ("P", ["-4690"]), (FOREIGN, ["-4690", "-4710"])])
def test_agency_without_branches(
    submitter: User, provider: Provider, branch_id: str, edits: list[str]
) -> None:
    register(provider.ccn)
    assert fatal_edits(submitter, branch_id) == edits


@pytest.mark.parametrize(
    ("branch_id", "edits"),
    [("N", ["-4700"]), ("P", []), (OPEN, []), (CLOSED, []), (FOREIGN, ["-4710"])],
)
def test_agency_with_branches(submitter: User, provider: Provider, branch_id: str, edits: list[str]) -> None:
    register(provider.ccn, (OPEN, None), (CLOSED, date(2025, 1, 1)))
    assert fatal_edits(submitter, branch_id) == edits


@pytest.mark.parametrize(("branch_id", "edits"), [("N", []), ("P", []), (CLOSED, []), (FOREIGN, ["-4710"])])
def test_agency_that_has_closed_its_branches(
    submitter: User, provider: Provider, branch_id: str, edits: list[str]
) -> None:
    register(provider.ccn, (CLOSED, date(2025, 1, 1)))
    assert fatal_edits(submitter, branch_id) == edits


def test_submission_id_is_not_judged_where_the_registry_has_none(submitter: User, provider: Provider) -> None:
    with write_transaction() as session:
        session.get_one(Provider, provider.ccn).facility_id = ""
    assert fatal_edits(submitter, "N") == []
