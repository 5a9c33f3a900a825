import sqlite3
from pathlib import Path

import pytest

from .conftest import Invoke
from .terminal import on_terminal


@pytest.fixture
def log(iqies: Invoke) -> Invoke:
    """An installation with three entries in its log."""
    iqies("db", "upgrade")
    for ccn, name in (("995001", "Test Home"), ("995002", "Test Home"), ("995001", "Renamed Home")):
        iqies(
            "provider",
            "add",
            ccn,
            *("--name", name, "--state", "CT", "--facility-id", "TESTNH1", "--kind", "snf"),
        )
    return iqies


def table(iqies: Invoke, *arguments: str) -> list[list[str]]:
    return [line.split("\t") for line in iqies("audit", "list", *arguments).stdout.splitlines()[1:]]


def end(log: Invoke) -> str:
    return str(log("audit", "verify").stdout.splitlines()[-1])


def tamper(statement: str) -> None:
    with sqlite3.connect(Path("instance") / "iqies.db") as connection:
        connection.execute("DROP TRIGGER IF EXISTS audit_entry_no_update")
        connection.execute("DROP TRIGGER IF EXISTS audit_entry_no_delete")
        connection.execute(statement)
    connection.close()


def test_log_in_order_prints_its_end(log: Invoke) -> None:
    said = log("audit", "verify").stdout.splitlines()
    assert said[0] == "All 3 entries are as they were written."
    number, _, digits = said[1].partition(":")
    assert number == "3"
    assert len(bytes.fromhex(digits)) == 32


def test_progress_is_shown_on_a_terminal_and_never_mixes_with_the_end(log: Invoke) -> None:
    said, shown = on_terminal("audit", "verify")
    assert said.decode().splitlines()[-1] == end(log)
    assert b"audit log" in shown
    assert b"3/3" in shown
    assert b"\x1b" not in said


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE audit_entry SET actor = 'x' WHERE number = 2", "Entry 2 is not as it was written"),
        ("DELETE FROM audit_entry WHERE number = 2", "Entry 2 is missing, and later ones are there"),
        ("DELETE FROM audit_entry WHERE number > 1", "Entry 2 is missing, and all after it"),
        ("UPDATE audit_head SET chain_hash = x'00'", "The note of where the log ends was altered; entry 3"),
    ],
)
def test_tampering_is_named(log: Invoke, statement: str, message: str) -> None:
    tamper(statement)
    assert message in log("audit", "verify", status=1).stderr


def test_database_that_was_set_back_shows_against_a_note(log: Invoke) -> None:
    noted = end(log)
    log("audit", "verify", "--expect", noted)
    tamper("DELETE FROM audit_entry WHERE number > 2")
    tamper(
        "UPDATE audit_head SET number = 2, chain_hash = (SELECT chain_hash FROM audit_entry WHERE number = 2)"
    )
    log("audit", "verify")
    assert "older copy" in log("audit", "verify", "--expect", noted, status=1).stderr


def test_note_that_is_none_is_refused(log: Invoke) -> None:
    assert (
        "is not what `iqies audit verify` prints" in log("audit", "verify", "--expect", "12", status=2).stderr
    )


def test_entries_are_listed(log: Invoke) -> None:
    entries = table(log)
    assert [(entry[0], entry[4], entry[5]) for entry in entries] == [
        ("3", "provider.changed", "provider 995001"),
        ("2", "provider.registered", "provider 995002"),
        ("1", "provider.registered", "provider 995001"),
    ]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--limit", "2"], ["3", "2"]),
        (["--action", "provider.registered"], ["2", "1"]),
        (["--action", "provider"], ["3", "2", "1"]),
        (["--object", "provider 995002"], ["2"]),
        (["--object", "995001"], ["3", "1"]),
        (["--user", "command line"], ["3", "2", "1"]),
        (["--user", "nobody.known"], []),
        (["--outcome", "failed"], []),
        (["--from", "2999-01-01"], []),
        (["--to", "2999-01-01"], ["3", "2", "1"]),
    ],
)
def test_filters(log: Invoke, arguments: list[str], found: list[str]) -> None:
    assert [entry[0] for entry in table(log, *arguments)] == found
