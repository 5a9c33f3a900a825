import io
import json
import os
import re
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from email.message import Message
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from iqies_flask import create_app
from iqies_flask.config import Settings
from iqies_flask.extensions import limiter
from tests.browser.installation import Installation
from tests.submissions.uploading import BROKEN, PBJ, oasis, zip_of

UPLOAD = "/api/vut/v1/assessmentUpload"
RESULT_KEYS = {"message_number", "error_id", "severity", "text", "item", "item_value"}
PAYLOAD_KEYS = {
    "ssn",
    "firstName",
    "lastName",
    "facilityName",
    "stateCode",
    "targetDate",
    "reasonType",
    "medicareId",
    "transactionTypeCode",
    "systemCode",
}


def post(client: FlaskClient, content: bytes, name: str = "record.xml") -> TestResponse:
    return client.post(UPLOAD, data={"assessmentFile": (io.BytesIO(content), name)})


def error_ids(entry: dict[str, object]) -> list[str]:
    errors = entry["validationErrors"]
    assert isinstance(errors, list)
    return [error["results"]["error_id"] for error in errors]


def test_a_clean_record_has_no_errors_and_its_payload(client: FlaskClient) -> None:
    answer = post(client, oasis(1, fixed={"M0040_PAT_LNAME": "TESTPERSON"}))
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert set(answer.json) == {"submissionDate", "validationResults"}
    assert re.fullmatch(r"\d\d/\d\d/\d{4} \d\d:\d\d [AP]M", answer.json["submissionDate"])
    (entry,) = answer.json["validationResults"]
    assert set(entry) == {"filename", "validationErrors", "jsonPayload"}
    assert entry["filename"] == "record.xml"
    assert entry["validationErrors"] == []
    assert set(entry["jsonPayload"]) == PAYLOAD_KEYS
    assert entry["jsonPayload"]["systemCode"] == "OASIS"
    assert entry["jsonPayload"]["lastName"] == "TESTPERSON"


def test_messages_are_numbered_and_name_item_and_value(client: FlaskClient) -> None:
    """A social security number with dashes, which the service itself answers with these two edits."""
    answer = post(client, oasis(1, fixed={"M0064_SSN": "987-65-4320"}))
    (entry,) = answer.json["validationResults"]
    results = [error["results"] for error in entry["validationErrors"]]
    assert all(set(result) == RESULT_KEYS for result in results)
    assert [result["message_number"] for result in results] == [1, 2]
    assert {result["error_id"] for result in results} == {"-3110", "-3010"}
    for result in results:
        assert (result["item"], result["item_value"]) == ("M0064_SSN", "987-65-4320")
        assert result["severity"] == "Fatal"
        assert result["text"]


def test_a_zip_has_an_entry_for_each_record_whatever_it_is(client: FlaskClient) -> None:
    answer = post(client, zip_of(oasis(1), BROKEN, PBJ, oasis(2)), "batch.zip")
    entries = answer.json["validationResults"]
    assert [entry["filename"] for entry in entries] == [f"record0000{number}.xml" for number in (1, 2, 3, 4)]
    assert [bool(entry["validationErrors"]) for entry in entries] == [False, True, False, False]


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and nothing", b"plain text"])
def test_a_file_that_cannot_be_read_says_why_in_its_entry(client: FlaskClient, content: bytes) -> None:
    answer = post(client, content, "batch.zip")
    assert answer.status_code == 200
    (entry,) = answer.json["validationResults"]
    assert entry["filename"] == "batch.zip"
    (error,) = entry["validationErrors"]
    assert error["results"]["severity"] == "Fatal"


def test_it_needs_no_token_and_gives_no_cookie_while_the_page_needs_one(client: FlaskClient) -> None:
    assert "Set-Cookie" not in post(client, oasis(1)).headers
    page = client.post("/vut", data={"assessment_file": (io.BytesIO(oasis(1)), "record.xml")})
    assert page.status_code == 400


def problem(answer: TestResponse, status: int) -> str:
    assert answer.status_code == answer.json["status"] == status
    assert answer.mimetype == "application/problem+json"
    assert answer.json["title"]
    return str(answer.json["detail"])


@pytest.mark.parametrize(
    "request_body",
    [
        {"data": {}},
        {"data": {"file": (io.BytesIO(b"<a/>"), "a.xml")}},
        {"data": {"assessmentFile": "no file but a text"}},
        {"data": b"<a/>", "content_type": "application/xml"},
        {"json": {"assessmentFile": "<a/>"}},
        {"data": b"no boundary", "content_type": "multipart/form-data"},
    ],
)
def test_a_request_without_the_part_is_told_its_name(
    client: FlaskClient, request_body: dict[str, object]
) -> None:
    detail = problem(client.post(UPLOAD, **request_body), 400)
    assert "assessmentFile" in detail


def test_two_files_in_one_request_are_refused(client: FlaskClient) -> None:
    files = [(io.BytesIO(oasis(number)), f"{number}.xml") for number in (1, 2)]
    assert "zip" in problem(client.post(UPLOAD, data={"assessmentFile": files}), 400)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused_and_the_right_one_named(client: FlaskClient, method: str) -> None:
    answer = client.open(UPLOAD, method=method)
    assert problem(answer, 405)
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("path", ["/api", "/api/vut/v1/", "/api/vut/v2/assessmentUpload"])
def test_other_addresses_are_not_found(client: FlaskClient, path: str) -> None:
    answer = client.post(path)
    assert answer.status_code == 404
    assert (answer.mimetype == "application/problem+json") == path.startswith("/api/")


@pytest.mark.parametrize("surplus", [1, 1024 * 1024])
def test_a_larger_file_is_refused_with_the_limit(
    client: FlaskClient, settings: Settings, surplus: int
) -> None:
    answer = post(client, bytes(settings.limits.upload_bytes + surplus))
    assert "5 MB" in problem(answer, 413)
    # Another attempt would not help.
    assert "Retry-After" not in answer.headers


def test_a_form_of_too_many_parts_is_told_so_and_not_that_its_file_is_too_large(client: FlaskClient) -> None:
    def send(parts: int) -> TestResponse:
        more = {f"more{number}": "1" for number in range(parts - 1)}
        return client.post(UPLOAD, data={**more, "assessmentFile": (io.BytesIO(oasis(1)), "record.xml")})

    assert send(50).status_code == 200
    detail = problem(send(51), 413)
    assert "at most 50 parts" in detail
    assert "MB" not in detail


def test_a_form_with_too_long_a_text_is_told_that_only_files_may_be_long(client: FlaskClient) -> None:
    form = {"assessmentFile": (io.BytesIO(oasis(1)), "record.xml"), "other": "x" * 600_000}
    detail = problem(client.post(UPLOAD, data=form), 413)
    assert "only files may be long" in detail
    assert "MB" not in detail


def test_a_file_of_the_largest_size_is_looked_at(client: FlaskClient, settings: Settings) -> None:
    assert post(client, b" " * settings.limits.upload_bytes).status_code == 200


def test_too_many_from_one_address_are_refused_and_told_when_to_come_back(settings: Settings) -> None:
    client = create_app(replace(settings, vut_limit_address="2 per hour")).test_client()
    limiter.reset()
    for _ in range(2):
        assert post(client, b"").status_code == 200
    answer = post(client, b"")
    assert problem(answer, 429)
    assert 0 < int(answer.headers["Retry-After"]) <= 3600 + 1
    # The page draws on the same allowance, reading it is free, and another address has its own.
    assert client.post("/vut").status_code in {400, 429}
    assert client.get("/vut").status_code == 200
    elsewhere = client.post(
        UPLOAD,
        data={"assessmentFile": (io.BytesIO(b""), "a.xml")},
        environ_base={"REMOTE_ADDR": "192.0.2.7"},
    )
    assert elsewhere.status_code == 200


@pytest.mark.changes_application
def test_a_fault_of_ours_is_told_without_its_reason(app: Flask) -> None:
    def fail() -> str:
        raise ValueError("TESTPERSON")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    # Under a name that needs no signing in.
    app.add_url_rule("/api/fail", endpoint="vut_api", view_func=fail)
    answer = app.test_client().get("/api/fail")
    assert "TESTPERSON" not in answer.text
    assert problem(answer, 500)


class Disk:
    """Which files there are below some folders, and what was opened through `tempfile`."""

    def __init__(self, *folders: Path) -> None:
        self._folders = folders
        self._before = self._now()

    def _now(self) -> dict[Path, tuple[int, int]]:
        return {
            path: (path.stat().st_size, path.stat().st_mtime_ns)
            for folder in self._folders
            for path in folder.rglob("*")
        }

    def changed(self) -> set[Path]:
        now = self._now()
        return {path for path in now.keys() | self._before.keys() if now.get(path) != self._before.get(path)}


def test_nothing_is_written_to_disk(
    client: FlaskClient,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("A temporary file was opened.")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refuse)
    disk = Disk(temporary, settings.instance_folder.parent)
    # Beyond the size from which the web framework itself would use a temporary file.
    padding = b"<!-- " + os.urandom(800_000).hex().encode() + b" -->"
    padded = oasis(1).replace(b"</ASSESSMENT>", padding + b"</ASSESSMENT>")
    answer = post(client, zip_of(padded, BROKEN), "batch.zip")
    assert len(answer.json["validationResults"]) == 2
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/vut").text)
    assert token
    page = client.post(
        "/vut",
        data={
            "csrf_token": token[1],
            "assessment_file": (io.BytesIO(zip_of(padded, BROKEN)), "batch.zip"),
        },
    )
    assert "1 of 2 records would be rejected" in page.text
    assert disk.changed() == set()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an installation's web site, as `iqies web` runs it."""
    installation = Installation(tmp_path_factory.mktemp("installation"))
    try:
        installation.prepare()
        yield installation.url
    finally:
        installation.close()


def multipart(name: str, content: bytes) -> tuple[bytes, str]:
    """A form with one file, written out as a vendor's client sends it."""
    boundary = "----------------------------5ca1ab1e"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="assessmentFile"; filename="{name}"\r\n'
        "Content-Type: application/xml\r\n\r\n"
    ).encode()
    return body + content + f"\r\n--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def send(server: str, name: str, content: bytes) -> tuple[int, Message, object]:
    body, content_type = multipart(name, content)
    request = urllib.request.Request(server + UPLOAD, body, {"Content-Type": content_type}, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, json.load(error)


def test_a_real_client_gets_its_answer_from_a_real_server(server: str) -> None:
    status, headers, answer = send(server, "record.xml", oasis(1, fixed={"M0064_SSN": "987-65-4320"}))
    assert (status, headers.get_content_type()) == (200, "application/json")
    assert isinstance(answer, dict)
    (entry,) = answer["validationResults"]
    assert entry["filename"] == "record.xml"
    assert set(error_ids(entry)) == {"-3110", "-3010"}


def test_a_real_client_sends_a_batch_of_hundreds(server: str) -> None:
    batch = zip_of(*(oasis(number) for number in range(1, 201)))
    status, _, answer = send(server, "batch.zip", batch)
    assert status == 200
    assert isinstance(answer, dict)
    assert [entry["validationErrors"] for entry in answer["validationResults"]] == [[]] * 200


def test_a_real_client_is_told_that_its_file_is_too_large(server: str, settings: Settings) -> None:
    status, headers, answer = send(server, "batch.zip", bytes(settings.limits.upload_bytes + 1))
    assert (status, headers.get_content_type()) == (413, "application/problem+json")
    assert isinstance(answer, dict)
    assert "5 MB" in answer["detail"]
