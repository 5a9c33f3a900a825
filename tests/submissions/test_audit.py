import pytest
from flask.testing import FlaskClient

from iqies_flask.access.models import Provider
from iqies_flask.audit.models import AuditEntry
from iqies_flask.audit.search import Filter, find
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.submissions.processing import process_submission
from tests.browsing import sign_in
from tests.submissions.uploading import oasis, submit, zip_of


def entries(submission_id: int) -> list[AuditEntry]:
    # The requests wrote in sessions of their own.
    db.session.rollback()
    return find(Filter(object_type="submission", object_id=str(submission_id)), 100).entries[::-1]


def test_what_is_received_and_given_out_is_in_the_audit_log(
    client: FlaskClient, submitter: User, provider: Provider
) -> None:
    submission = submit(submitter, zip_of(oasis(1, fixed={"M0010_CCN": provider.ccn})))
    process_submission(submission.id)
    sign_in(client, submitter.user_id)
    page = f"/submissions/{submission.id}"
    for path in ("file", "report", "report.csv", "report.xml", f"providers/{provider.ccn}/report.csv"):
        assert client.get(f"{page}/{path}").status_code == 200, path
    found = entries(submission.id)
    assert [(entry.action, entry.facts) for entry in found[1:]] == [
        ("submission.downloaded", {}),
        ("report.downloaded", {"ccn": "", "form": "csv"}),
        ("report.downloaded", {"ccn": "", "form": "xml"}),
        ("report.downloaded", {"ccn": provider.ccn, "form": "csv"}),
    ]
    assert found[0].action == "submission.received"
    assert found[0].facts == {"bytes": submission.size}
    assert {(entry.actor_id, entry.actor) for entry in found} == {(submitter.id, submitter.user_id)}
    assert {entry.address for entry in found[1:]} == {"127.0.0.1"}


@pytest.mark.parametrize("path", ["file", "report.csv"])
def test_what_is_not_given_out_is_not_in_the_log(
    client: FlaskClient, submitter: User, stranger: User, path: str
) -> None:
    submission = submit(submitter, zip_of(oasis(1)))
    process_submission(submission.id)
    sign_in(client, stranger.user_id)
    assert client.get(f"/submissions/{submission.id}/{path}").status_code == 404
    assert [entry.action for entry in entries(submission.id)] == ["submission.received"]
