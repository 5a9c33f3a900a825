"""The database: what all models share, and how SQLite and PostgreSQL are made to behave alike."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from typing import Any

from flask import Flask
from sqlalchemy import Connection, DateTime, Dialect, Engine, Enum, MetaData, event
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session
from sqlalchemy.types import TypeDecorator

from iqies_flask.extensions import db

_BUSY_MILLISECONDS = 30_000
_BEGIN_OPTION = "sqlite_begin"
_WRITING = "writing"

LARGEST_NUMBER = 2**31 - 1
"""What a column for a number holds; a larger one in an address names nothing."""


class UTCDateTime(TypeDecorator[datetime]):
    """A moment in time. Stored in UTC, read back aware; one without a time zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn to UTC on the way in.

        Raises:
            ValueError: The value has no time zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a time zone cannot be stored.")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Mark as UTC on the way out; SQLite keeps no zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Model(DeclarativeBase):
    """Base of all models. Constraints have predictable names, so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def text_enum(kind: type[StrEnum], length: int) -> Enum:
    """Column type for a `StrEnum`, stored as its text in ``length`` characters."""
    return Enum(
        kind,
        native_enum=False,
        length=length,
        values_callable=lambda members: [member.value for member in members],
    )


def utc_now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)


def init_app(app: Flask, url: str) -> None:
    """Connect an application to its database.

    Args:
        app: The application.
        url: SQLAlchemy URL.
    """
    app.config["SQLALCHEMY_ENGINES"] = {
        # Values of statements do not belong into error messages.
        "default": {"url": url, "pool_pre_ping": True, "hide_parameters": True}
    }
    db.init_app(app)
    with app.app_context():
        prepare_engine(db.engine)


def prepare_engine(engine: Engine) -> None:
    """Make SQLite keep foreign keys, and let readers and one writer work side by side.

    Does nothing for other databases.
    """
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver's own idea of when to begin breaks savepoints and snapshots; see `begin` below.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        kind = connection.get_execution_options().get(_BEGIN_OPTION, "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {kind}")


@contextmanager
def write_transaction() -> Iterator[Session]:
    """Open a transaction that writes, on the application context's session; commit it at the end.

    SQLite cannot turn a reading transaction into a writing one once another writer has committed. So the
    reading one is ended first, and the write lock taken before anything is read.

    Yields:
        The session. On an exception everything is rolled back.

    Raises:
        RuntimeError: The session is in such a transaction already, which this one would commit half-way.
    """
    session = db.session
    if session.info.get(_WRITING):
        raise RuntimeError("A writing transaction cannot be opened inside another one.")
    session.commit()
    session.connection(execution_options={_BEGIN_OPTION: "IMMEDIATE"})
    session.info[_WRITING] = True
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        del session.info[_WRITING]


def clip(text: str, column: InstrumentedAttribute[str]) -> str:
    """Cut a submitted text to what its column holds: PostgreSQL refuses a longer one, and NUL."""
    return text.replace("\0", "")[: length_of(column)]


@cache
def length_of(column: InstrumentedAttribute[str]) -> int | None:
    """How many characters a column holds; None where there is no bound."""
    length: int | None = getattr(column.type, "length", None)
    return length
