from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from iqies_flask.audit.models import AuditEntry, Outcome
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.browsers import known as known_browsers
from iqies_flask.identity.models import User
from iqies_flask.identity.origin import Origin
from iqies_flask.identity.service import create_user
from iqies_flask.identity.throttle import service as throttle
from iqies_flask.mail.models import OutboxMessage
from tests.at_once import at_once
from tests.browsing import give_password
from tests.conftest import PASSWORD

ELSEWHERE = "192.0.2.1"


class Clock:
    """The time that the throttle goes by: it stands still, however slow the machine is."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)
        self._start = utc_now()

    def __call__(self) -> datetime:
        return self._start + self.ahead


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    made = Clock()
    monkeypatch.setattr(throttle, "utc_now", made)
    return made


@pytest.fixture
def owner(app: Flask) -> User:
    return create_user("account.owner", PASSWORD, "owner@testperson.example")


def fail(user_id: str, address: str = ELSEWHERE, browser_token: str = "", user: User | None = None) -> None:
    attempt = throttle.begin(user_id, address=address, browser_token=browser_token)
    with write_transaction() as session:
        throttle.failed(session, attempt, user, "sign_in.password", Origin(address, "Firefox"))


def wait(user_id: str, address: str = ELSEWHERE, browser_token: str = "") -> int:
    """Seconds that the next attempt must wait, rounded; an attempt that is let through is taken back."""
    try:
        attempt = throttle.begin(user_id, address=address, browser_token=browser_token)
    except throttle.BlockedError as error:
        return round(error.wait.total_seconds())
    with write_transaction() as session:
        throttle.passed(session, attempt)
    return 0


def of_signing_in() -> list[AuditEntry]:
    """The audit log's entries on attempts."""
    statement = select(AuditEntry).where(AuditEntry.action.startswith("sign_in"))
    return list(db.session.scalars(statement.order_by(AuditEntry.number)))


@pytest.mark.parametrize("user_id", ["account.owner", "nobody.at.all"])
def test_delays_grow_after_five_failures_whether_or_not_there_is_such_an_account(
    owner: User, clock: Clock, user_id: str
) -> None:
    for _ in range(5):
        assert wait(user_id) == 0
        fail(user_id)
    delays = []
    for _ in range(7):
        delays.append(wait(user_id))
        clock.ahead += timedelta(seconds=delays[-1] + 1)
        fail(user_id)
    assert delays == [30, 60, 120, 240, 480, 900, 900]
    # Another account from elsewhere is not held up.
    assert wait("somebody.else", "192.0.2.2") == 0


def test_user_id_is_counted_from_all_addresses_and_in_whichever_case(owner: User, clock: Clock) -> None:
    for number in range(5):
        fail("account.OWNER", f"192.0.2.{number}")
    assert wait("Account.owner", "192.0.2.99") == 30


def test_address_is_counted_for_all_user_ids_and_more_leniently(app: Flask, clock: Clock) -> None:
    for number in range(20):
        assert wait(f"guess.{number}") == 0
        fail(f"guess.{number}")
    assert wait("guess.20") == 30
    assert wait("guess.20", "192.0.2.2") == 0


def test_owner_is_not_locked_out_of_a_known_browser(owner: User, clock: Clock) -> None:
    with write_transaction() as session:
        token = known_browsers.remember(session, owner, "")
    for _ in range(5):
        fail(owner.user_id)
    assert wait(owner.user_id) > 0
    assert wait(owner.user_id, browser_token=token) == 0
    # What fails in the known browser is counted there.
    for _ in range(5):
        fail(owner.user_id, browser_token=token)
    assert wait(owner.user_id, browser_token=token) == 30
    # It is known for its owner only.
    assert wait("somebody.else", browser_token=token) == 0
    for _ in range(5):
        fail("somebody.else", browser_token=token)
    assert wait("somebody.else", browser_token="made up") > 0


def test_failures_are_forgotten_after_a_day(owner: User, clock: Clock) -> None:
    for _ in range(4):
        fail(owner.user_id)
    clock.ahead = timedelta(hours=23)
    fail(owner.user_id)
    assert wait(owner.user_id) == 30
    clock.ahead += timedelta(days=1, seconds=1)
    fail(owner.user_id)
    assert wait(owner.user_id) == 0


def test_right_password_does_not_make_guesses_of_the_second_factor_free(owner: User, clock: Clock) -> None:
    for _ in range(4):
        assert wait(owner.user_id) == 0
        fail(owner.user_id)
    assert wait(owner.user_id) == 0
    fail(owner.user_id)
    assert wait(owner.user_id) == 30


def test_signing_in_wholly_forgets_what_failed_there(owner: User, clock: Clock) -> None:
    for _ in range(4):
        fail(owner.user_id)
    with write_transaction() as session:
        throttle.forget(session, owner, "")
    for _ in range(4):
        fail(owner.user_id)
    assert wait(owner.user_id) == 0


def test_first_block_is_told_to_the_owner_once_with_a_link_that_ends_it(owner: User, clock: Clock) -> None:
    for _ in range(4):
        fail(owner.user_id, user=owner)
    assert db.session.scalars(select(OutboxMessage)).all() == []
    for _ in range(3):
        fail(owner.user_id, user=owner)
        clock.ahead += timedelta(hours=1)
    message = db.session.scalars(select(OutboxMessage)).one()
    assert message.content is not None
    assert message.content["to"] == "owner@testperson.example"
    assert "/unlock/" in message.content["text"]
    assert ELSEWHERE in message.content["html"]
    with write_transaction() as session:
        throttle.forgive(session, owner)
    assert wait(owner.user_id) == 0


def test_failures_and_blocks_stand_in_the_audit_log_without_an_actor(owner: User, clock: Clock) -> None:
    for _ in range(5):
        fail(owner.user_id, user=owner)
    entries = of_signing_in()
    assert [entry.action for entry in entries] == ["sign_in.password"] * 5 + ["sign_in.blocked"]
    assert {(entry.actor_id, entry.actor) for entry in entries} == {(None, "")}
    assert {(entry.object_type, entry.object_id) for entry in entries} == {("account", str(owner.id))}
    assert entries[0].outcome is Outcome.FAILED


def test_what_was_typed_as_a_user_id_is_not_written_down(app: Flask, clock: Clock) -> None:
    for _ in range(5):
        fail("my-password-by-mistake")
    entries = of_signing_in()
    assert len(entries) == 6
    assert {(entry.actor, entry.object_type, entry.object_id, entry.detail) for entry in entries} == {
        ("", "", "", '{"browser":"Firefox"}')
    }


def test_sweeping_takes_old_failures_only(owner: User, clock: Clock) -> None:
    for _ in range(5):
        fail(owner.user_id)
    with write_transaction() as session:
        throttle.sweep(session)
    assert wait(owner.user_id) == 30
    clock.ahead = timedelta(days=1, seconds=1)
    with write_transaction() as session:
        throttle.sweep(session)
    clock.ahead = timedelta(0)
    assert wait(owner.user_id) == 0


def test_guesses_at_once_are_counted_one_by_one(app: Flask) -> None:
    let_through = at_once(app, 12, lambda: begins("somebody.new", ELSEWHERE))
    assert let_through.count(True) == throttle.FREE_ATTEMPTS


def test_an_office_that_signs_in_at_once_need_not_wait(app: Flask) -> None:
    numbers = iter(range(12))
    assert all(at_once(app, 12, lambda: begins(f"person.{next(numbers)}", ELSEWHERE)))


def test_addresses_of_one_ipv6_network_are_counted_as_one(app: Flask, clock: Clock) -> None:
    for number in range(20):
        fail(f"guess.{number}", f"2001:db8:1:2::{number:x}")
    assert wait("guess.20", "2001:db8:1:2:ffff::1") == 30
    assert wait("guess.20", "2001:db8:1:3::1") == 0


def test_user_id_that_no_database_holds_is_only_wrong(client: FlaskClient) -> None:
    assert give_password(client, "somebody\0else").status_code == 422


def begins(user_id: str, address: str) -> bool:
    try:
        throttle.begin(user_id, address=address, browser_token="")
    except throttle.BlockedError:
        return False
    return True
