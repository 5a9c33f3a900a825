import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, StatementError

from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.models import Provider, RoleGrant
from iqies_flask.access.roles import Role
from iqies_flask.database import clip, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User


def provider(ccn: str) -> Provider:
    return Provider(ccn=ccn, name="N", state="CT", facility_id="F", kind=ProviderKind.SWING_BED)


def test_times_come_back_in_utc(app: Flask, submitter: User) -> None:
    eastern = datetime(2026, 3, 1, 19, 30, tzinfo=timezone(timedelta(hours=-5)))
    with write_transaction():
        submitter.created_at = eastern
    db.session.expire_all()
    assert submitter.created_at == eastern
    assert submitter.created_at.tzinfo is UTC


def test_times_without_a_zone_are_refused(app: Flask, submitter: User) -> None:
    with pytest.raises(StatementError, match="time zone"), write_transaction():
        submitter.created_at = datetime(2026, 3, 1)


def test_foreign_keys_are_enforced(app: Flask, submitter: User) -> None:
    with pytest.raises(IntegrityError), write_transaction() as session:
        session.add(RoleGrant(user_id=submitter.id, ccn="000000", role=Role.AUDITOR))


def test_failed_transaction_leaves_nothing(app: Flask) -> None:
    def fail() -> None:
        with write_transaction() as session:
            session.add(provider("995111"))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert db.session.scalars(select(Provider)).all() == []


def test_writing_transactions_are_not_nested(app: Flask) -> None:
    """The inner one would commit half of the outer one."""
    with write_transaction() as session:
        session.add(provider("995111"))
        with pytest.raises(RuntimeError, match="inside another"), write_transaction():
            pytest.fail("The inner transaction must not begin.")
    with write_transaction():
        assert len(db.session.scalars(select(Provider)).all()) == 1


def test_enumerations_come_back_as_such(app: Flask) -> None:
    with write_transaction() as session:
        session.add(provider("995111"))
    db.session.expire_all()
    assert db.session.get_one(Provider, "995111").kind is ProviderKind.SWING_BED


def test_reader_that_turns_writer_does_not_fail_after_another_wrote(app: Flask) -> None:
    """On SQLite a transaction that has read an older state cannot write any more; `write_transaction` can."""
    db.session.scalars(select(Provider)).all()
    with db.sessionmaker() as other:
        other.add(provider("995111"))
        other.commit()
    with write_transaction() as session:
        session.add(provider("995222"))
    assert len(db.session.scalars(select(Provider)).all()) == 2


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_writers_wait_for_each_other(app: Flask) -> None:
    inside = threading.Event()
    seen: list[int] = []

    def second() -> None:
        with app.app_context():
            inside.wait()
            with write_transaction() as session:
                session.merge(provider("995111"))
                seen.append(1)

    thread = threading.Thread(target=second)
    thread.start()
    with write_transaction() as session:
        session.add(provider("995111"))
        session.flush()
        inside.set()
        # The other writer is on its way, and has to wait for the commit at the end of this block.
    thread.join()
    assert seen == [1]


def test_submitted_texts_are_cut_to_what_the_column_holds() -> None:
    assert clip("x" * 100, Provider.state) == "xx"
    assert clip("\0a\0", Provider.state) == "a"
