import hashlib
import io

import pytest
from flask import Flask
from sqlalchemy import func, select

from iqies_flask.current import current_settings
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.submissions import service
from iqies_flask.submissions.models import FIRST_SUBMISSION_ID, State, Submission, SubmissionChunk
from iqies_flask.submissions.service import EmptyFileError, printable_name
from iqies_flask.submissions.storage import CHUNK_BYTES, TooLargeError, open_content
from tests.submissions.uploading import submit


def number_of(model: type[Submission] | type[SubmissionChunk]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_submission_is_committed_with_its_bytes_before_anything_else(app: Flask, submitter: User) -> None:
    content = bytes(range(256)) * 2000
    submission = submit(submitter, content, "batch.zip")
    assert submission.id == FIRST_SUBMISSION_ID
    with db.sessionmaker() as other_session:
        stored = other_session.get_one(Submission, submission.id)
        assert stored.state is State.RECEIVED
        assert (stored.size, stored.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    with open_content(submission.id, submission.size) as stream:
        assert stream.read() == content


def test_bytes_can_be_read_from_anywhere(app: Flask, submitter: User) -> None:
    content = bytes(index % 251 for index in range(2 * CHUNK_BYTES + 1000))
    submission = submit(submitter, content)
    with open_content(submission.id, submission.size) as stream:
        for start, length in ((0, 10), (CHUNK_BYTES - 5, 10), (2 * CHUNK_BYTES, 5000), (7, CHUNK_BYTES)):
            stream.seek(start)
            assert stream.read(length) == content[start : start + length]
        assert stream.seek(-3, io.SEEK_END) == len(content) - 3
        assert stream.read() == content[-3:]
        stream.seek(10 * len(content))
        assert stream.read() == b""
        with pytest.raises(ValueError, match="negative"):
            stream.seek(-10 * len(content), io.SEEK_END)


def test_file_of_exactly_the_limit_is_taken(app: Flask, submitter: User) -> None:
    limit = current_settings().limits.upload_bytes
    assert submit(submitter, b"x" * limit).size == limit


def test_larger_file_is_refused_and_nothing_is_stored(app: Flask, submitter: User) -> None:
    limit = current_settings().limits.upload_bytes
    with pytest.raises(TooLargeError):
        submit(submitter, b"x" * (limit + 1))
    assert number_of(Submission) == number_of(SubmissionChunk) == 0


def test_empty_file_is_refused_and_nothing_is_stored(app: Flask, submitter: User) -> None:
    with pytest.raises(EmptyFileError):
        submit(submitter, b"")
    assert number_of(Submission) == 0


def test_stream_that_breaks_leaves_nothing(app: Flask, submitter: User) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell():
                raise ConnectionError
            return super().read(size)

    with pytest.raises(ConnectionError):
        service.receive(submitter, "batch.zip", Broken(b"x" * 2 * CHUNK_BYTES))
    assert number_of(Submission) == number_of(SubmissionChunk) == 0


def test_upload_succeeds_although_no_worker_can_be_woken(
    app: Flask, submitter: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_order(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr("iqies_flask.submissions.tasks._wake", out_of_order)
    assert submit(submitter, b"x").id


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("C:\\mds\\batch.zip", "batch.zip"),
        ("../../etc/passwd", "passwd"),
        ("a\x00b\r\n\u202ec.zip", "abc.zip"),
        ("", "unnamed"),
        ("Österreich.zip", "Österreich.zip"),
    ],
)
def test_file_names_are_shown_without_folders_and_tricks(given: str, kept: str) -> None:
    assert printable_name(given) == kept


def test_long_file_name_is_cut(app: Flask, submitter: User) -> None:
    assert len(submit(submitter, b"x", "n" * 1000).file_name) == 255
