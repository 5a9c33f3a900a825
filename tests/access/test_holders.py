"""Roles are taken from one person by several at the same moment."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from iqies_flask.access import grants, inactivity
from iqies_flask.access.grants import grant, roles_of
from iqies_flask.access.models import RoleGrant
from iqies_flask.access.officials import service as officials
from iqies_flask.access.requests.ending import give_up
from iqies_flask.audit import service as audit
from iqies_flask.audit.search import Filter, find
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from tests.access.requests.cast import CARE, PSO, SUBMITTER, VIEWER, add_official, add_person, add_providers

IDLE = timedelta(days=61)


@pytest.fixture
def numbers(app: Flask) -> tuple[int, int]:
    """Accounts of an official, and of somebody who holds two roles and was warned that they end."""
    add_providers()
    official, holder = add_official("first.official", CARE), add_person("testperson")
    for role in (SUBMITTER, VIEWER):
        grant(holder, CARE, role)
    with write_transaction() as session:
        account = session.get_one(User, holder.id)
        account.created_at = utc_now() - IDLE
        account.last_sign_in_at = utc_now() - IDLE
        for role in (SUBMITTER, VIEWER):
            held = session.get_one(RoleGrant, (holder.id, CARE, role))
            held.granted_at, held.warned_at = utc_now() - IDLE, utc_now() - timedelta(days=5, hours=1)
    return official.id, holder.id


def user(number: int) -> User:
    return db.session.get_one(User, number)


def sweep(_official: int, _holder: int) -> None:
    inactivity.sweep(utc_now())


def take_all(_official: int, holder: int) -> None:
    grants.revoke(user(holder), CARE)


def take_one(official: int, holder: int) -> None:
    officials.revoke(user(official), holder, CARE, VIEWER, "Not needed.")


def leave(_official: int, holder: int) -> None:
    give_up(user(holder), CARE, VIEWER)


@pytest.mark.parametrize("second", [take_one, leave])
@pytest.mark.parametrize("first", [sweep, take_all])
def test_who_takes_roles_at_once_is_not_stuck(
    app: Flask,
    numbers: tuple[int, int],
    first: Callable[[int, int], None],
    second: Callable[[int, int], None],
) -> None:
    threads: list[threading.Thread] = []
    came_of: list[str] = []

    def run(job: Callable[[int, int], None]) -> None:
        with app.app_context():
            try:
                job(*numbers)
            except Exception as error:
                came_of.append(type(error).__name__)
            else:
                came_of.append("done")

    with write_transaction() as session:
        # Whoever holds the end of the audit log has all others queue before it, each with its own locks.
        audit.record(session, "test.waited", actor=audit.SYSTEM)
        for number, job in enumerate((first, second), start=1):
            threads.append(threading.Thread(target=run, args=(job,)))
            threads[-1].start()
            wait_until_waiting(number)
    for thread in threads:
        thread.join()
    # On SQLite either may come first.
    assert sorted(came_of) in (["LookupError", "done"], ["NotHeldError", "done"], ["done", "done"])
    assert roles_of(user(numbers[1])) == []
    assert [held.role for held in roles_of(user(numbers[0]))] == [PSO]
    taken = [entry for entry in find(Filter(), 100).entries if entry.action in {"role.ended", "role.revoked"}]
    assert len(taken) == 2


def wait_until_waiting(number: int) -> None:
    """Wait until so many connections wait for a lock, where the database can tell."""
    if db.engine.dialect.name != "postgresql":
        return
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    with db.engine.connect() as connection:
        while connection.execute(waiting).scalar_one() < number:
            connection.rollback()
            time.sleep(0.02)
