import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from iqies_flask.audit import chain
from iqies_flask.audit import service as audit
from iqies_flask.audit.chain import BEGINNING, Fault, Point, Verification, verify
from iqies_flask.audit.models import AuditEntry, Outcome
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db


def record(number: int = 1, **values: object) -> None:
    with write_transaction() as session:
        for index in range(number):
            audit.record(
                session,
                "sign_in.password",
                actor_id=index,
                actor=f"user{index}",
                address="192.0.2.1",
                object_type="account",
                object_id=index,
                **{"detail_of_it": "ä\x00", **values},  # type: ignore[arg-type]
            )


def change(statement: str, **values: object) -> None:
    """Do what somebody does who owns the database: take the guards off, and change the log."""
    with write_transaction() as session:
        if db.engine.dialect.name == "postgresql":
            session.execute(text("SET LOCAL session_replication_role = replica"))
        else:
            session.execute(text("DROP TRIGGER IF EXISTS audit_entry_no_update"))
            session.execute(text("DROP TRIGGER IF EXISTS audit_entry_no_delete"))
        session.execute(text(statement), values)


def fault() -> tuple[Fault | None, int]:
    verdict = verify()
    return verdict.fault, verdict.number


def end_of_chain() -> Point:
    return verify().end


def test_empty_log_is_in_order(app: Flask) -> None:
    assert verify() == Verification(Point(0, BEGINNING))


def test_log_is_in_order(app: Flask) -> None:
    record(5)
    verdict = verify()
    assert (verdict.fault, verdict.end.number, chain.length()) == (None, 5, 5)
    assert verdict.end.chain_hash != BEGINNING


def test_long_log_is_walked_in_batches(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "_BATCH", 2)
    record(5)
    seen: list[int] = []
    assert verify(progress=seen.append).fault is None
    assert seen == [2, 4, 5]


@pytest.mark.parametrize(
    "moment",
    [datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)],
)
def test_moments_come_back_as_they_were_hashed(
    app: Flask, monkeypatch: pytest.MonkeyPatch, moment: datetime
) -> None:
    monkeypatch.setattr(audit, "utc_now", lambda: moment)
    record()
    assert fault() == (None, 0)
    assert db.session.get_one(AuditEntry, 1, populate_existing=True).at == moment


@pytest.mark.parametrize(
    "assignment",
    [
        "at = '2020-01-01 00:00:00+00'",
        "actor_id = 77",
        "actor_id = NULL",
        "actor = 'other'",
        "address = ''",
        "action = 'sign_in.key'",
        "object_type = ''",
        "object_id = '4'",
        "outcome = 'failed'",
        "detail = ''",
        "chain_hash = (SELECT chain_hash FROM audit_entry WHERE number = 2)",
    ],
)
def test_altered_entry_is_named(app: Flask, assignment: str) -> None:
    record(5)
    if assignment.startswith("at") and db.engine.dialect.name == "sqlite":
        assignment = "at = '2020-01-01 00:00:00.000000'"
    change(f"UPDATE audit_entry SET {assignment} WHERE number = 3")
    db.session.rollback()
    assert fault() == (Fault.ALTERED, 3)


def test_first_of_several_altered_entries_is_named(app: Flask) -> None:
    record(5)
    change("UPDATE audit_entry SET actor = 'other' WHERE number IN (2, 4)")
    assert fault() == (Fault.ALTERED, 2)


def test_entry_taken_out_is_named(app: Flask) -> None:
    record(5)
    change("DELETE FROM audit_entry WHERE number = 3")
    assert fault() == (Fault.MISSING, 3)
    change("UPDATE audit_entry SET number = number - 1 WHERE number > 3")
    assert fault() == (Fault.ALTERED, 3)


def test_entries_that_changed_places_are_named(app: Flask) -> None:
    record(5)
    change("UPDATE audit_entry SET number = 99 WHERE number = 3")
    change("UPDATE audit_entry SET number = 3 WHERE number = 4")
    change("UPDATE audit_entry SET number = 4 WHERE number = 99")
    assert fault() == (Fault.ALTERED, 3)


def test_log_that_was_cut_off_is_told(app: Flask) -> None:
    record(5)
    change("DELETE FROM audit_entry WHERE number > 3")
    assert fault() == (Fault.CUT_OFF, 4)
    change("DELETE FROM audit_entry")
    assert fault() == (Fault.CUT_OFF, 1)


def test_head_that_was_altered_is_told(app: Flask) -> None:
    record(5)
    change("UPDATE audit_head SET chain_hash = :made_up", made_up=b"x" * 32)
    assert fault() == (Fault.HEAD, 5)


def test_entry_that_was_put_in_is_told(app: Flask) -> None:
    record(2)
    change(
        "INSERT INTO audit_entry SELECT 3, at, actor_id, actor, address, action, object_type, object_id,"
        " outcome, detail, chain_hash FROM audit_entry WHERE number = 2"
    )
    assert fault() == (Fault.ADDED, 3)


def set_back() -> None:
    """Put an older log in place, head and all."""
    change("DELETE FROM audit_entry WHERE number > 3")
    change(
        "UPDATE audit_head SET number = 3, chain_hash = (SELECT chain_hash FROM audit_entry WHERE number = 3)"
    )


def write_anew() -> None:
    """Put another log in place, made with the product and its key."""
    set_back()
    record(4, another="fact")


def test_log_that_was_set_back_shows_against_a_note(app: Flask) -> None:
    record(5)
    noted = end_of_chain()
    assert verify(noted).fault is None
    set_back()
    assert verify().fault is None
    verdict = verify(noted)
    assert (verdict.fault, verdict.number) == (Fault.CUT_OFF, 4)


def test_log_that_was_written_anew_shows_against_a_note(app: Flask) -> None:
    record(5)
    noted = end_of_chain()
    write_anew()
    assert verify().fault is None
    verdict = verify(noted)
    assert (verdict.fault, verdict.number) == (Fault.NOT_AS_NOTED, 5)


def test_note_of_an_earlier_end_does(app: Flask) -> None:
    empty = end_of_chain()
    record(3)
    noted = end_of_chain()
    record(3)
    assert verify(noted).fault is None
    assert verify(empty).fault is None
    assert verify(Point(0, b"x" * 32)).fault is Fault.NOT_AS_NOTED


def test_notes_are_written_and_read() -> None:
    point = Point(12, bytes(range(32)))
    assert Point.read(f" {point}\n") == point


@pytest.mark.parametrize("typed", ["", "12", "12:", ":00", "x:" + "00" * 32, "-1:" + "00" * 32, "1:zz"])
def test_what_is_no_note(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words are for nobody
        Point.read(typed)


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry"])
def test_database_refuses_changes(app: Flask, statement: str) -> None:
    record(2)
    with pytest.raises(DatabaseError, match="append-only"), write_transaction() as session:
        session.execute(text(statement))
    assert fault() == (None, 0)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_database_refuses_to_empty_the_log(app: Flask) -> None:
    record()
    with pytest.raises(DatabaseError, match="append-only"), write_transaction() as session:
        session.execute(text("TRUNCATE audit_entry"))


def test_entry_is_never_older_than_the_one_before(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    record()
    first = db.session.get_one(AuditEntry, 1)
    monkeypatch.setattr(audit, "utc_now", lambda: first.at - timedelta(days=1))
    record()
    assert db.session.get_one(AuditEntry, 2).at == first.at


def test_entry_of_what_was_rolled_back_is_not_there(app: Flask) -> None:
    record()

    def fail() -> None:
        with write_transaction() as session:
            audit.record(session, "sign_out", actor="user")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    record()
    assert (fault(), chain.length()) == ((None, 0), 2)


def test_submitted_values_are_cut_to_what_the_table_holds(app: Flask) -> None:
    with write_transaction() as session:
        entry = audit.record(
            session,
            "a.b",
            actor="u" * 100 + "\0",
            address="x" * 100,
            object_id="y" * 100,
            outcome=Outcome.FAILED,
        )
    assert (len(entry.actor), len(entry.address), len(entry.object_id)) == (64, 45, 64)
    assert fault() == (None, 0)


def test_those_who_append_at_once_make_one_chain(app: Flask) -> None:
    at_once = threading.Barrier(4)
    failed: list[BaseException] = []

    def append() -> None:
        try:
            with app.app_context():
                at_once.wait()
                for _ in range(10):
                    record()
        except BaseException as error:
            failed.append(error)
            raise

    threads = [threading.Thread(target=append) for _ in range(4)]
    _each(threads, threading.Thread.start)
    _each(threads, threading.Thread.join)
    assert failed == []
    assert (fault(), chain.length()) == ((None, 0), 40)


def _each(threads: list[threading.Thread], do: Callable[[threading.Thread], None]) -> None:
    for thread in threads:
        do(thread)
