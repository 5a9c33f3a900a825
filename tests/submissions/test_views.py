import csv
import io
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree, html
from markupsafe import Markup
from sqlalchemy import event
from werkzeug.test import TestResponse

from iqies_flask.access.grants import appoint, grant, revoke
from iqies_flask.access.models import Provider
from iqies_flask.access.requests.service import submit as submit_request
from iqies_flask.access.roles import Role
from iqies_flask.current import current_settings
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.paging import PageSize
from iqies_flask.submissions.models import State, Submission
from iqies_flask.submissions.processing import process_submission
from iqies_flask.submissions.reports import REJECTED_FIRST, REPORT_PAGE
from tests.browsing import sign_in, token_of
from tests.submissions.uploading import BROKEN, PBJ, oasis, record_of, submit, zip_of

OTHERS = zip_of(oasis(1), BROKEN, PBJ, oasis(1))


@pytest.fixture
def signed_in(client: FlaskClient, submitter: User) -> FlaskClient:
    sign_in(client, submitter.user_id)
    return client


@pytest.fixture
def finished(app: Flask, submitter: User) -> Submission:
    submission = submit(submitter, OTHERS, "october.zip")
    process_submission(submission.id)
    return submission


def upload(client: FlaskClient, content: bytes, name: str = "batch.zip") -> TestResponse:
    token = token_of(client.get("/submissions/new"))
    return client.post(
        "/submissions/new", data={"csrf_token": token, "submission_file": (io.BytesIO(content), name)}
    )


PAGES = (
    "/submissions/{id}",
    "/submissions/{id}/progress",
    "/submissions/{id}/file",
    "/submissions/{id}/report",
    "/submissions/{id}/report.csv",
    "/submissions/{id}/report.xml",
    "/submissions/{id}/providers/997999/report",
    "/submissions/{id}/providers/997999/report.csv",
    "/submissions/{id}/providers/997999/report.xml",
)


@pytest.mark.parametrize("page", [*PAGES, "/submissions", "/submissions/new", "/reports"])
def test_nobody_sees_anything_without_signing_in(
    client: FlaskClient, finished: Submission, page: str
) -> None:
    answer = client.get(page.format(id=finished.id))
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in?next=")


@pytest.mark.parametrize("page", PAGES)
def test_owner_sees_every_page(signed_in: FlaskClient, finished: Submission, page: str) -> None:
    assert signed_in.get(page.format(id=finished.id)).status_code == 200


def without_seconds(page: str) -> str:
    """A page without what differs from second to second: CSRF tokens, and how long one stays signed in."""
    return re.sub(r'name="csrf_token"[^>]*|data-[a-z-]*seconds="\d+"', "", page)


@pytest.mark.parametrize("page", PAGES)
def test_to_others_a_submission_does_not_exist(
    client: FlaskClient, stranger: User, finished: Submission, page: str
) -> None:
    sign_in(client, stranger.user_id)
    theirs = client.get(page.format(id=finished.id))
    nobody_s = client.get(page.format(id=finished.id + 1))
    assert theirs.status_code == nobody_s.status_code == 404
    assert without_seconds(theirs.text) == without_seconds(nobody_s.text)


@pytest.mark.parametrize("number", ["0", "-1", "99999999999999999999", "1e3", "x", "1000001%00"])
def test_odd_submission_ids_are_not_found(signed_in: FlaskClient, number: str) -> None:
    assert signed_in.get(f"/submissions/{number}").status_code == 404


@pytest.mark.parametrize("ccn", ["000000", "%00", "9" * 5000, "' OR 1=1"])
def test_odd_ccns_are_not_found(signed_in: FlaskClient, finished: Submission, ccn: str) -> None:
    assert signed_in.get(f"/submissions/{finished.id}/providers/{ccn}/report").status_code == 404


def test_upload_answers_with_the_status_page_at_once(signed_in: FlaskClient) -> None:
    answer = upload(signed_in, OTHERS)
    assert answer.status_code == 303
    page = signed_in.get(answer.location)
    assert "Received" in page.text
    assert "Nothing is accepted yet" in page.text


def test_report_is_the_status_page_until_there_is_one(signed_in: FlaskClient, submitter: User) -> None:
    submission = submit(submitter, OTHERS)
    answer = signed_in.get(f"/submissions/{submission.id}/report")
    assert answer.location == f"/submissions/{submission.id}"
    assert signed_in.get(f"/submissions/{submission.id}/report.csv").status_code == 404
    assert signed_in.get(f"/submissions/{submission.id}/providers/997999/report").status_code == 404


def test_upload_without_a_file_says_what_to_do(signed_in: FlaskClient) -> None:
    token = token_of(signed_in.get("/submissions/new"))
    answer = signed_in.post("/submissions/new", data={"csrf_token": token})
    assert answer.status_code == 422
    assert "Choose a zip or XML file" in answer.text


def test_two_files_at_once_are_refused(signed_in: FlaskClient) -> None:
    files = [(io.BytesIO(OTHERS), "first.zip"), (io.BytesIO(OTHERS), "second.zip")]
    token = token_of(signed_in.get("/submissions/new"))
    answer = signed_in.post("/submissions/new", data={"csrf_token": token, "submission_file": files})
    assert answer.status_code == 422
    assert "one file at a time" in answer.text
    assert "have not sent a file yet" in signed_in.get("/submissions").text


def test_empty_file_says_what_to_do(signed_in: FlaskClient) -> None:
    answer = upload(signed_in, b"")
    assert answer.status_code == 422
    assert "The file is empty" in answer.text


@pytest.mark.parametrize("surplus", [1, 1024 * 1024])
def test_larger_file_is_refused_with_the_limit(
    signed_in: FlaskClient, settings_limit: int, surplus: int
) -> None:
    answer = upload(signed_in, b"x" * (settings_limit + surplus))
    assert answer.status_code == 413
    assert "5 MB" in answer.text
    assert "have not sent a file yet" in signed_in.get("/submissions").text


@pytest.fixture
def settings_limit(app: Flask) -> int:
    return current_settings().limits.upload_bytes


def test_bytes_come_back_as_they_came(signed_in: FlaskClient, submitter: User) -> None:
    content = bytes(range(256)) * 3000
    submission = submit(submitter, content, "Österreich.zip")
    answer = signed_in.get(f"/submissions/{submission.id}/file")
    assert answer.data == content
    assert answer.content_length == len(content)
    assert "attachment" in answer.headers["Content-Disposition"]
    assert "%C3%96sterreich.zip" in answer.headers["Content-Disposition"]


def test_progress_is_a_part_of_a_page_and_moves_until_done(signed_in: FlaskClient, submitter: User) -> None:
    submission = submit(submitter, OTHERS)
    before = signed_in.get(f"/submissions/{submission.id}/progress").text
    assert "<html" not in before
    assert "hx-get" in before
    process_submission(submission.id)
    after = signed_in.get(f"/submissions/{submission.id}/progress").text
    assert "hx-get" not in after
    assert "2 of 4 records rejected" in after


def test_submission_that_needs_attention_tells_its_submitter(signed_in: FlaskClient, submitter: User) -> None:
    submission = submit(submitter, OTHERS)
    with write_transaction():
        submission.state = State.NEEDS_ATTENTION
    page = signed_in.get(f"/submissions/{submission.id}").text
    assert "need not send it again" in page
    assert "needs attention" in page


@pytest.mark.parametrize(("show", "numbers"), [("all", 4), ("rejected", 2), ("messages", 3), ("nonsense", 4)])
def test_report_can_be_narrowed(
    signed_in: FlaskClient, finished: Submission, show: str, numbers: int
) -> None:
    page = signed_in.get(f"/submissions/{finished.id}/report", query_string={"show": show}).text
    assert len(re.findall(r"record\d{5}\.xml", page)) == numbers


def test_numbers_of_rejected_records_lead_to_them(signed_in: FlaskClient, finished: Submission) -> None:
    rejected = f"/submissions/{finished.id}/report?show=rejected#records-heading"
    for page in ("/submissions", f"/submissions/{finished.id}", f"/submissions/{finished.id}/report"):
        assert rejected in signed_in.get(page).text
    of_provider = f"/submissions/{finished.id}/providers/997999/report?show=rejected#records-heading"
    for page in ("/reports", f"/submissions/{finished.id}/providers/997999/report"):
        assert of_provider in signed_in.get(page).text


def test_a_record_without_messages_takes_one_line(signed_in: FlaskClient, finished: Submission) -> None:
    page = html.fromstring(signed_in.get(f"/submissions/{finished.id}/report").text)
    records = page.cssselect("article.record")
    brief = [record for record in records if "record--brief" in record.classes]
    assert len(records) - len(brief) == 3
    assert [record.cssselect("table, dl, p") for record in brief] == [[]]
    assert "Accepted" in brief[0].text_content()


def test_a_file_that_could_not_be_read_stands_out(signed_in: FlaskClient, submitter: User) -> None:
    process_submission(submit(submitter, b"no zip", "notes.zip").id)
    badge = html.fromstring(signed_in.get("/submissions").text).cssselect("td .ds-c-badge--alert")
    assert [element.text for element in badge] == ["File could not be read"]


def test_csv_and_xml_hold_every_record_and_are_named_as_cms_does(
    signed_in: FlaskClient, finished: Submission
) -> None:
    answer = signed_in.get(f"/submissions/{finished.id}/report.csv")
    assert re.search(rf'filename="?\d{{14}}\.{finished.id}\.csv', answer.headers["Content-Disposition"])
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert len({row["record_number"] for row in rows} - {""}) == 4
    answer = signed_in.get(f"/submissions/{finished.id}/report.xml")
    assert answer.mimetype == "application/xml"
    assert etree.fromstring(answer.data).tag


def test_provider_s_report_shows_that_provider_s_records_to_whoever_may_see_them(
    client: FlaskClient, finished: Submission, stranger: User, provider: Provider
) -> None:
    grant(stranger, provider.ccn)
    sign_in(client, stranger.user_id)
    page = client.get(f"/submissions/{finished.id}/providers/{provider.ccn}/report").text
    assert "OASIS Final Validation Report" in page
    assert "record00001.xml" in page
    assert "record00004.xml" in page
    # The unreadable record and the PBJ file belong to the submitter's report alone.
    assert "record00002.xml" not in page
    assert "record00003.xml" not in page
    assert f"/submissions/{finished.id}/providers/{provider.ccn}/report" in client.get("/reports").text
    revoke(stranger, provider.ccn)
    assert client.get(f"/submissions/{finished.id}/providers/{provider.ccn}/report").status_code == 404
    assert "There are no reports yet" in client.get("/reports").text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 1),
        ("octo", 1),
        ("OCTOBER.zip", 1),
        ("1000001", 1),
        ("completed", 1),
        ("1000002", 0),
        ("received", 0),
        ("%", 0),
        ("_", 0),
        ("99999999999999999999", 0),
        ("a\x00b", 0),
        ("²", 0),
    ],
)
def test_submissions_can_be_searched(
    signed_in: FlaskClient, finished: Submission, query: str, found: int
) -> None:
    page = signed_in.get("/submissions", query_string={"q": query})
    assert page.status_code == 200
    assert page.text.count("october.zip") == found


def test_others_submissions_are_not_listed(client: FlaskClient, finished: Submission, stranger: User) -> None:
    sign_in(client, stranger.user_id)
    assert "october.zip" not in client.get("/submissions").text


def test_list_is_paged(signed_in: FlaskClient, submitter: User) -> None:
    for number in range(27):
        submit(submitter, b"x", f"file{number:02}.zip")
    first = re.findall(r"file\d\d", signed_in.get("/submissions").text)
    second = re.findall(r"file\d\d", signed_in.get("/submissions?page=2").text)
    assert first == [f"file{number:02}" for number in range(26, 1, -1)]
    assert second == ["file01", "file00"]
    assert re.findall(r"file\d\d", signed_in.get("/submissions?page=999999999999").text) == second
    assert re.findall(r"file\d\d", signed_in.get("/submissions?page=-3").text) == first


class Statements:
    """Counts what is asked of the database."""

    def __init__(self, app: Flask) -> None:
        self._number = 0
        with app.app_context():
            event.listen(db.engine, "before_cursor_execute", self._count)

    def _count(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        # On SQLite the application begins transactions itself, elsewhere the driver does.
        self._number += not statement.startswith("BEGIN")

    def of(self, client: FlaskClient, path: str) -> int:
        before = self._number
        assert client.get(path).status_code == 200
        return self._number - before


@pytest.fixture
def statements(app: Flask) -> Iterator[Statements]:
    return Statements(app)


@pytest.mark.parametrize(
    "path",
    [
        "/submissions",
        "/reports",
        "/submissions/{id}",
        "/submissions/{id}/report",
        "/submissions/{id}/report.csv",
        "/submissions/{id}/providers/997999/report",
    ],
)
def test_number_of_queries_does_not_grow_with_the_rows(
    signed_in: FlaskClient, submitter: User, statements: Statements, path: str
) -> None:
    small = submit(submitter, zip_of(*(oasis(number) for number in range(31, 37)), BROKEN))
    process_submission(small.id)
    few = statements.of(signed_in, path.format(id=small.id))
    large = submit(submitter, zip_of(*(oasis(number) for number in range(1, 31)), BROKEN, BROKEN))
    process_submission(large.id)
    many = statements.of(signed_in, path.format(id=large.id))
    assert 0 < many == few <= 11


def test_a_report_of_several_pages_is_printed_as_one(
    signed_in: FlaskClient, submitter: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = REPORT_PAGE.entries + 2
    submission = submit(submitter, zip_of(*(oasis(index) for index in range(1, number)), BROKEN))
    process_submission(submission.id)
    path = f"/submissions/{submission.id}/report"
    page = html.fromstring(signed_in.get(path).text)
    (link,) = [link for link in page.iter("a") if link.text_content() == f"Print all {number} records"]
    printed = html.fromstring(signed_in.get(link.get("href")).text)
    assert len(printed.findall(".//article")) == number
    assert printed.get_element_by_id("print-report").get("data-at-once") is not None
    assert "page 1 of" not in printed.text_content()
    rejected = html.fromstring(signed_in.get(f"{path}?show=rejected").text)
    assert rejected.get_element_by_id("print-report").text == "Print"
    monkeypatch.setattr("iqies_flask.submissions.views.PRINTED_PAGE", PageSize(number - 1))
    page = html.fromstring(signed_in.get(path).text)
    assert page.get_element_by_id("print-report").text == "Print this page"
    assert "Print all" not in page.text_content()


def listed_first(client: FlaskClient, path: str) -> list[tuple[str, str]]:
    """The records that a report names before its records: address and words of each."""
    page = html.fromstring(client.get(path).text)
    return [
        (entry.find("a").get("href"), " ".join(entry.text_content().split()))
        for entry in page.xpath("//*[@class='rejected-list__records']/li")
    ]


def test_rejected_records_among_others_are_named_first(signed_in: FlaskClient, submitter: User) -> None:
    broken = oasis(9).replace(b"<M0066_PAT_BIRTH_DT>", b"<M0066_PAT_BIRTH_DT>2")
    submission = submit(submitter, zip_of(BROKEN, *(oasis(index) for index in range(1, 6)), broken))
    process_submission(submission.id)
    path = f"/submissions/{submission.id}/report"
    (without_system, birth_date) = listed_first(signed_in, path)
    assert without_system == ("#record-1", "Record 1 IF-221")
    assert birth_date[0] == "#record-7"
    person = record_of(oasis(9))["M0040_PAT_LNAME"]
    assert birth_date[1].startswith(f"Record 7 {person}, ")
    assert "-3080" in birth_date[1]
    assert 'id="record-7"' in signed_in.get(path).text
    assert listed_first(signed_in, f"{path}?show=rejected") == []


@pytest.mark.parametrize("members", [(BROKEN,) * 7, (oasis(1), BROKEN)])
def test_rejected_records_that_are_seen_anyway_are_not_named_first(
    signed_in: FlaskClient, submitter: User, members: tuple[bytes, ...]
) -> None:
    submission = submit(submitter, zip_of(*members))
    process_submission(submission.id)
    assert listed_first(signed_in, f"/submissions/{submission.id}/report") == []


def test_rejected_records_named_first_are_bounded_and_may_stand_on_another_page(
    signed_in: FlaskClient, submitter: User
) -> None:
    accepted = (oasis(index) for index in range(1, REPORT_PAGE.entries))
    submission = submit(submitter, zip_of(*accepted, *[BROKEN] * (REJECTED_FIRST + 1)))
    process_submission(submission.id)
    path = f"/submissions/{submission.id}/report"
    listed = listed_first(signed_in, path)
    assert len(listed) == REJECTED_FIRST
    for address, _ in listed:
        page, _, place = address.partition("#")
        assert html.fromstring(signed_in.get(page or path).text).get_element_by_id(place) is not None
    text = signed_in.get(path).text
    assert f'show=rejected#records-heading">All {REJECTED_FIRST + 1} rejected records</a>' in text
    assert listed_first(signed_in, f"{path}?page=2") == []


def test_who_may_submit_for_nobody_is_told_what_to_do(client: FlaskClient, stranger: User) -> None:
    sign_in(client, stranger.user_id)
    for path, message in (
        ("/submissions", "You may not submit for a provider yet"),
        ("/submissions/new", "Assessments that you send now are rejected"),
    ):
        page = client.get(path).text
        assert message in page
        assert f">{stranger.user_id}</strong>" in page


def test_who_waits_for_a_role_is_told_who_decides(
    client: FlaskClient, stranger: User, provider: Provider
) -> None:
    submit_request(stranger, Role.PROVIDER_SECURITY_OFFICIAL, [provider.ccn])
    sign_in(client, stranger.user_id)
    page = client.get("/submissions").text
    told = re.sub(r"\s+", " ", Markup(page).striptags())
    assert "Your request to be Provider Security Official for" in told
    assert f"({provider.ccn}) waits since" in told
    assert "To decide: CMS, where nobody is appointed yet" in told
    assert 'href="/profile#roles"' in page
    assert "Request a role for each" not in told


def test_who_may_submit_is_not_told_so(signed_in: FlaskClient) -> None:
    assert "You may not submit for a provider yet" not in signed_in.get("/submissions").text
    assert "Assessments that you send now are rejected" not in signed_in.get("/submissions/new").text


def test_who_works_at_the_service_center_is_led_there(client: FlaskClient, stranger: User) -> None:
    appoint(stranger, Role.AUDITOR)
    sign_in(client, stranger.user_id)
    page = client.get("/submissions").text
    assert "You may not submit for a provider yet" not in page
    work = page.partition("What you do here")[2]
    assert 'href="/service-center/audit"' in work
    assert 'href="/service-center/proofing"' not in work
