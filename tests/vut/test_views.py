import base64
import csv
import io
import re

import pytest
from flask.testing import FlaskClient
from lxml import etree, html
from werkzeug.test import TestResponse

from iqies_flask.identity.models import User
from tests.browsing import sign_in, token_of
from tests.submissions.uploading import BROKEN, PBJ, oasis, zip_of


def check(client: FlaskClient, content: bytes, name: str = "october.zip") -> TestResponse:
    token = token_of(client.get("/vut"))
    return client.post("/vut", data={"csrf_token": token, "assessment_file": (io.BytesIO(content), name)})


def downloads(page: TestResponse) -> dict[str, bytes]:
    """The files that the page carries, by the names under which a browser saves them."""
    return {
        str(link.get("download")): base64.b64decode(str(link.get("href")).split(";base64,")[1])
        for link in html.fromstring(page.text).xpath("//a[@download]")
    }


def test_sign_in_page_leads_there(client: FlaskClient) -> None:
    assert 'href="/vut"' in client.get("/sign-in").text


def test_those_who_are_signed_in_find_it_in_the_navigation(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    link = html.fromstring(client.get("/vut").text).xpath("//nav//a[@aria-current='page']")[0]
    assert link.get("href") == "/vut"


def test_report_needs_no_account_and_says_what_would_become_of_each_record(client: FlaskClient) -> None:
    page = check(client, zip_of(oasis(1), BROKEN, PBJ))
    assert page.status_code == 200
    assert "nothing was submitted" in page.text
    assert "1 of 3 records would be rejected" in page.text
    assert re.findall(r"record0000\d\.xml", page.text) == [f"record0000{number}.xml" for number in (1, 2, 3)]
    assert "What to do:" in page.text
    assert "stored" not in page.text


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (oasis(1), "a.xml", "Nothing to correct"),
        (oasis(1), "a.zip", "No record would be rejected, with 1 warning"),
        (zip_of(BROKEN), "a.zip", "1 of 1 record would be rejected"),
        (b"plain text", "a.zip", "No record was found in this file"),
        (zip_of(), "a.zip", "No record was found in this file"),
    ],
)
def test_the_first_words_say_how_it_is(client: FlaskClient, content: bytes, name: str, said: str) -> None:
    assert said in check(client, content, name).text


def test_page_carries_the_whole_report_as_csv_and_xml(client: FlaskClient) -> None:
    files = downloads(check(client, zip_of(oasis(1), BROKEN)))
    assert set(files) == {"october_results.csv", "october_results.xml"}
    rows = list(csv.DictReader(io.StringIO(files["october_results.csv"].decode("utf-8-sig"), newline="")))
    assert [row["record_number"] for row in rows] == ["1", "2"]
    assert [row["disposition"] for row in rows] == ["Accepted", "Rejected"]
    records = etree.fromstring(files["october_results.xml"]).findall(".//{*}record")
    assert len(records) == 2


def test_a_name_cannot_break_out_of_the_page(client: FlaskClient) -> None:
    page = check(client, oasis(1), "<script>alert(1)<script>'.xml")
    assert "<script>alert" not in page.text
    assert set(downloads(page)) == {f"<script>alert(1)<script>'_results.{form}" for form in ("csv", "xml")}


def test_without_a_file_it_says_what_to_do(client: FlaskClient) -> None:
    page = client.post("/vut", data={"csrf_token": token_of(client.get("/vut"))})
    assert page.status_code == 422
    assert "Choose a zip or XML file to check." in page.text


def test_an_empty_file_says_what_to_do(client: FlaskClient) -> None:
    page = check(client, b"")
    assert page.status_code == 422
    assert "The file is empty" in page.text


@pytest.mark.parametrize("surplus", [1, 1024 * 1024])
def test_a_larger_file_is_refused_with_the_limit(client: FlaskClient, surplus: int) -> None:
    page = check(client, bytes(5 * 1024 * 1024 + surplus))
    assert page.status_code == 413
    assert "5 MB" in page.text
