from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from iqies_flask import current
from iqies_flask.config import Settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.sessions import service
from iqies_flask.identity.sessions.models import Level, LoginSession


def begin(user: User, level: Level = Level.FULL) -> str:
    with write_transaction() as session:
        return service.begin(session, user, level, address="192.0.2.1", browser="Firefox on Linux")


def age(token: str, *, seen: timedelta = timedelta(0), created: timedelta = timedelta(0)) -> None:
    """Let a session have begun, and its person have done something last, some time ago."""
    found = service.find(token)
    assert found is not None
    with write_transaction() as session:
        session.execute(
            update(LoginSession)
            .where(LoginSession.id == found[1].id)
            .values(seen_at=utc_now() - seen, created_at=utc_now() - created)
        )


@pytest.mark.parametrize(
    ("seen", "created", "lives"),
    [
        (timedelta(minutes=14), timedelta(hours=1), True),
        (timedelta(minutes=15), timedelta(hours=1), False),
        (timedelta(0), timedelta(hours=11, minutes=59), True),
        (timedelta(0), timedelta(hours=12), False),
    ],
)
def test_session_ends_when_idle_or_too_old(
    app: Flask, submitter: User, seen: timedelta, created: timedelta, lives: bool
) -> None:
    token = begin(submitter)
    age(token, seen=seen, created=created)
    assert (service.find(token) is not None) == lives


def test_times_are_those_of_the_settings(app: Flask, settings: Settings, submitter: User) -> None:
    current.init_app(app, replace(settings, session_minutes=5, session_hours=1))
    token = begin(submitter)
    age(token, seen=timedelta(minutes=4))
    assert service.find(token) is not None
    age(token, seen=timedelta(minutes=5))
    assert service.find(token) is None


def test_activity_prolongs_a_session_but_not_beyond_its_longest(app: Flask, submitter: User) -> None:
    token = begin(submitter)
    age(token, seen=timedelta(minutes=14), created=timedelta(hours=11, minutes=50))
    found = service.find(token)
    assert found is not None
    with write_transaction() as session:
        service.touch(session, found[1])
    db.session.expire_all()
    left = service.ends_at(found[1]) - utc_now()
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)


def test_token_is_not_stored(app: Flask, submitter: User) -> None:
    token = begin(submitter)
    stored = db.session.scalars(select(LoginSession)).one()
    assert token.encode() not in stored.token_hash
    assert service.find(stored.token_hash.hex()) is None


def test_tokens_are_long_and_none_is_like_another(app: Flask, submitter: User) -> None:
    tokens = {begin(submitter) for _ in range(100)}
    assert len(tokens) == 100
    # 32 bytes in base 64, and every place takes part.
    assert {len(token) for token in tokens} == {43}
    assert all(len(set(place)) > 10 for place in zip(*tokens, strict=True))


def test_second_factor_changes_the_token(app: Flask, submitter: User) -> None:
    token = begin(submitter, Level.PASSWORD)
    found = service.find(token)
    assert found is not None
    assert not service.is_recently_proved(found[1])
    with write_transaction() as session:
        new = service.prove(session, found[1])
    assert service.find(token) is None
    raised = service.find(new)
    assert raised is not None
    assert raised[1].level is Level.FULL
    assert service.is_recently_proved(raised[1])


def test_proof_is_recent_for_some_minutes(app: Flask, submitter: User) -> None:
    found = service.find(begin(submitter))
    assert found is not None
    login = found[1]
    login.proved_at = utc_now() - timedelta(minutes=9)
    assert service.is_recently_proved(login)
    login.proved_at = utc_now() - timedelta(minutes=11)
    assert not service.is_recently_proved(login)


def test_only_one_s_own_session_can_be_ended(app: Flask, submitter: User, stranger: User) -> None:
    token = begin(submitter)
    found = service.find(token)
    assert found is not None
    with write_transaction() as session:
        assert not service.end(session, stranger.id, found[1].id)
    assert service.find(token) is not None
    with write_transaction() as session:
        assert service.end(session, submitter.id, found[1].id)
    assert service.find(token) is None


def test_all_but_one_can_be_ended(app: Flask, submitter: User) -> None:
    this, other = begin(submitter), begin(submitter)
    found = service.find(this)
    assert found is not None
    with write_transaction() as session:
        service.end_all(session, submitter, but=found[1].id)
    assert service.find(this) is not None
    assert service.find(other) is None


def test_sweeping_takes_what_has_ended(app: Flask, submitter: User) -> None:
    idle, old, going_on = begin(submitter), begin(submitter), begin(submitter)
    age(idle, seen=timedelta(minutes=15))
    age(old, created=timedelta(hours=12))
    age(going_on, seen=timedelta(minutes=14), created=timedelta(hours=11))
    with write_transaction() as session:
        service.sweep(session)
    assert len(db.session.scalars(select(LoginSession)).all()) == 1
    assert service.find(going_on) is not None
