"""Where what is secret or personal could be left lying: log, database, cookies, addresses, caches, pages."""

import json
import logging
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, inspect, text

from iqies_flask.config import Settings
from iqies_flask.extensions import db
from iqies_flask.logs import DiscreetFormatter
from tests.hostile.journey import (
    NEW_EMAIL,
    PASSWORDS,
    SSN,
    USER_ID,
    WRONG_PASSWORD,
    journey,
    written_forms,
)

DATABASE_FILES = {".db", ".db-wal", ".db-journal"}


def contents_of(database_url: str) -> bytes:
    """Everything that a database holds, as somebody reads it who has got hold of it."""
    engine = create_engine(database_url)
    with engine.connect() as connection:
        tables = [
            connection.execute(text(f'SELECT * FROM "{name}"')) for name in inspect(engine).get_table_names()
        ]
        cells = [cell for table in tables for row in table for cell in row]
    engine.dispose()
    return b"\n".join(cell if isinstance(cell, bytes) else str(cell).encode() for cell in cells)


def found_in(kept: bytes, secrets: set[str]) -> list[str]:
    return sorted(secret for secret in secrets if any(form in kept for form in written_forms(secret)))


def test_what_is_written_down_is_found(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'some.db'}"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE kept (plain TEXT, hexadecimal TEXT, bytes BLOB)"))
        values = {"plain": SSN, "hexadecimal": PASSWORDS[0].encode().hex(), "bytes": NEW_EMAIL.encode()}
        connection.execute(text("INSERT INTO kept VALUES (:plain, :hexadecimal, :bytes)"), values)
    engine.dispose()
    assert len(found_in(contents_of(url), {SSN, PASSWORDS[0], NEW_EMAIL, PASSWORDS[1]})) == 3


def test_database_holds_nothing_readable(app: Flask, settings: Settings) -> None:
    done = journey(app)
    db.session.rollback()
    kept = contents_of(settings.database_url)
    assert USER_ID.encode() in kept
    assert found_in(kept, done.secrets | done.personal) == []


def test_files_hold_nothing_readable(app: Flask, settings: Settings) -> None:
    """The database's file with what was deleted in it, and the work queue."""
    done = journey(app)
    files = [path for path in settings.instance_folder.parent.rglob("*") if path.suffix in DATABASE_FILES]
    kept = b"".join(path.read_bytes() for path in files)
    assert b"SQLite format" in kept
    assert found_in(kept, done.secrets | done.personal) == []


def test_log_tells_nothing_even_at_its_most_talkative(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    done = journey(app)
    logging.getLogger("test").debug("The log is read.")
    formatter = DiscreetFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    logged = "\n".join(formatter.format(record) for record in caplog.records).encode()
    assert b"The log is read." in logged
    assert found_in(logged, done.secrets | done.personal) == []


def test_session_cookie_holds_tokens_and_nothing_of_the_person(app: Flask) -> None:
    """It is signed, not encrypted: whoever uses the computer next can read it."""
    done = journey(app)
    kept = json.dumps(done.cookies, default=str, ensure_ascii=False).encode()
    assert b"csrf_token" in kept
    assert found_in(kept, (done.secrets - done.tokens) | done.personal) == []
    assert {name for contents in done.cookies for name in contents} <= {
        "_fresh",
        "_flashes",
        "_id",
        "_permanent",
        "_user_id",
        "ceremonies",
        "csrf_token",
        "kept_form",
        "next_page",
        "registration",
        "registration_used_at",
    }


def test_every_cookie_is_kept_from_scripts_and_other_sites(app: Flask) -> None:
    done = journey(app)
    names = set()
    for _, path, answer in done.answers:
        for header in answer.headers.getlist("Set-Cookie"):
            for name, cookie in SimpleCookie(header).items():
                names.add(name)
                assert cookie["httponly"], path
                assert cookie["samesite"] == "Lax", path
                assert cookie["path"] == "/", path
                assert not cookie["domain"], path
    assert names == {"session", "browser"}


def test_no_answer_stays_in_a_cache(app: Flask) -> None:
    done = journey(app)
    for _, path, answer in done.answers:
        assert answer.headers["Cache-Control"] == "no-store", path


def test_addresses_hold_no_secret_but_a_link_s_own_token(app: Flask) -> None:
    done = journey(app)
    for _, path, answer in done.answers:
        for address in (path, answer.headers.get("Location", ""), answer.headers.get("HX-Redirect", "")):
            assert found_in(address.encode(), (done.secrets - done.links) | done.personal) == [], address


def test_pages_with_a_link_s_token_in_their_address_send_it_to_nobody(app: Flask) -> None:
    done = journey(app)
    opened = [answer for _, path, answer in done.answers if any(link in path for link in done.links)]
    assert len(opened) >= 8
    for answer in opened:
        assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}


def test_no_page_shows_a_password_or_the_ssn_again_and_codes_are_shown_once(app: Flask) -> None:
    done = journey(app)
    # The last one was typed as a user ID, which its page shows again.
    never = {SSN, SSN.replace("-", ""), *PASSWORDS[:2], WRONG_PASSWORD}
    for _, path, answer in done.answers:
        assert not [secret for secret in never if secret in answer.text], path
    for code in done.codes:
        assert len([answer for _, _, answer in done.answers if code in answer.text]) == 1
