import http.client
import io
import tempfile
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import waitress
from flask import Flask
from waitress.server import BaseWSGIServer

from iqies_flask.confidential import ScratchFile, waitress_buffers
from iqies_flask.config import Settings
from iqies_flask.identity.models import User
from iqies_flask.submissions.processing import process_submission
from tests.browsing import sign_in, token_of
from tests.submissions.uploading import oasis, submit, zip_of

BOUNDARY = "boundary"


def test_scratch_file_gives_back_what_was_written_and_keeps_nothing_readable() -> None:
    kept = io.BytesIO()
    scratch = ScratchFile(kept)
    for number in range(10_000):
        scratch.write(f"TESTPERSON {number}\n".encode())
    assert b"TESTPERSON" not in kept.getvalue()
    scratch.rewind()
    assert scratch.read() == b"".join(f"TESTPERSON {number}\n".encode() for number in range(10_000))


def test_no_two_scratch_files_are_alike() -> None:
    kept = [io.BytesIO(), io.BytesIO()]
    scratch = [ScratchFile(file) for file in kept]
    for file in scratch:
        file.write(bytes(64))
    assert kept[0].getvalue() != kept[1].getvalue()


def test_closing_a_scratch_file_closes_what_it_is_kept_in() -> None:
    kept = io.BytesIO()
    ScratchFile(kept).close()
    assert kept.closed


class Disk:
    """Remembers what is written to temporary files."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.files: list[io.BytesIO] = []
        monkeypatch.setattr(tempfile, "TemporaryFile", self._open)

    def _open(self, *_: Any, **__: Any) -> io.BytesIO:
        class Kept(io.BytesIO):
            content = b""

            def write(self, data: Any) -> int:
                self.content += bytes(data)
                return super().write(data)

        self.files.append(Kept())
        return self.files[-1]

    def holds(self, text: bytes) -> bool:
        return any(text in file.content for file in self.files)  # type: ignore[attr-defined]


@pytest.fixture
def site(app: Flask, settings: Settings) -> Iterator[BaseWSGIServer]:
    server = waitress.create_server(app, host="127.0.0.1", port=0, **waitress_buffers(settings))
    thread = threading.Thread(target=server.run)
    thread.start()
    yield server
    server.trigger.pull_trigger(server.close)
    server.task_dispatcher.shutdown()
    thread.join(10)


def test_disk_sees_what_is_written_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    disk = Disk(monkeypatch)
    with tempfile.TemporaryFile() as file:
        file.write(b"TESTPERSON")
    assert disk.holds(b"TESTPERSON")


def test_neither_upload_nor_report_reaches_the_disk_readable(
    app: Flask, site: BaseWSGIServer, submitter: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = app.test_client()
    sign_in(client, submitter.user_id)
    token = token_of(client.get("/submissions/new"))
    cookie = client.get_cookie("session")
    assert cookie is not None
    finished = submit(submitter, zip_of(*(oasis(number) for number in range(1, 4))))
    process_submission(finished.id)
    disk = Disk(monkeypatch)
    content = b"TESTPERSON".ljust(5 * 1024 * 1024, b" ")
    body = b"".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode()
        + value
        + b"\r\n"
        for name, more, value in (
            ("csrf_token", "", token.encode()),
            ("submission_file", '; filename="batch.zip"', content),
        )
    )
    headers = {
        "Cookie": f"session={cookie.value}",
        "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
    }

    def ask(method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", site.effective_port, timeout=60)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        given = answer.status, answer.read()
        connection.close()
        return given

    assert ask("POST", "/submissions/new", body + f"--{BOUNDARY}--\r\n".encode())[0] == 303
    status, received = ask("GET", f"/submissions/{finished.id + 1}/file")
    assert (status, received) == (200, content)
    status, report = ask("GET", f"/submissions/{finished.id}/report.csv")
    assert status == 200
    assert b"record00003.xml" in report
    assert disk.files, "The report was kept somewhere else; this test has to look there."
    assert not disk.holds(b"TESTPERSON")
    assert not disk.holds(b"record00003.xml")
