from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from flask import Flask
from sqlalchemy import select, text

from iqies_flask import create_app
from iqies_flask.config import Settings
from iqies_flask.encryption import DecryptionError, Vault
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.pipeline.intake import open_batch
from iqies_flask.submissions.models import Submission, SubmissionChunk
from iqies_flask.submissions.storage import open_content
from tests.submissions.uploading import oasis, submit, zip_of

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


def test_older_keys_still_decrypt() -> None:
    token = Vault([OLD], "h").encrypt(b"text")
    assert Vault([NEW, OLD], "h").decrypt(token) == b"text"


def test_first_key_encrypts() -> None:
    token = Vault([NEW, OLD], "h").encrypt(b"text")
    assert Vault([NEW], "h").decrypt(token) == b"text"


def test_missing_key_is_named() -> None:
    with pytest.raises(DecryptionError, match="IQIES_ENCRYPTION_KEYS"):
        Vault([NEW], "h").decrypt(Vault([OLD], "h").encrypt(b"text"))


def test_keyed_hash_depends_on_the_key_and_on_which_text_stands_where() -> None:
    vault = Vault([NEW], "h")
    assert vault.keyed_hash("a", "b") == vault.keyed_hash("a", "b")
    assert len({vault.keyed_hash("a", "b"), vault.keyed_hash("ab", ""), vault.keyed_hash("b", "a")}) == 3
    assert vault.keyed_hash("a", "b") != Vault([NEW], "other").keyed_hash("a", "b")


def test_submitted_bytes_are_not_readable_in_the_database(app: Flask, submitter: User) -> None:
    submission = submit(submitter, b"<ASSESSMENT><SECRET>TESTPERSON</SECRET></ASSESSMENT>")
    stored = db.session.execute(text("SELECT content FROM submission_chunk")).scalar_one()
    assert b"TESTPERSON" not in bytes(stored)
    content = select(SubmissionChunk.content).where(SubmissionChunk.submission_id == submission.id)
    assert b"TESTPERSON" in (db.session.scalar(content) or b"")


def test_json_comes_back_as_it_was(app: Flask, submitter: User) -> None:
    submission = submit(submitter, b"<A/>")
    finding = {"message": "Ünïcode \ud800 and \0", "items": [["A", "", None]]}
    submission.file_findings = [finding]
    db.session.commit()
    db.session.expire_all()
    assert db.session.get_one(Submission, submission.id).file_findings == [finding]


def test_lost_key_is_not_taken_for_a_broken_file(app: Flask, submitter: User, settings: Settings) -> None:
    """Otherwise an operator's mistake would reject everybody's records as damaged."""
    submission = submit(submitter, zip_of(oasis(1)))
    size = submission.size
    other = create_app(replace(settings, encryption_keys=(NEW,)))
    with (
        other.app_context(),
        pytest.raises(DecryptionError),
        open_batch(open_content(submission.id, size), "batch.zip") as batch,
    ):
        pytest.fail(f"Intake read {batch.record_count} records.")
