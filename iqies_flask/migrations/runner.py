"""Bringing a database's schema up to date, and asking how far it is."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, create_engine, event

from iqies_flask.access import models as _access
from iqies_flask.assessments import models as _assessments
from iqies_flask.audit import models as _audit
from iqies_flask.database import Model, prepare_engine
from iqies_flask.identity import models as _identity
from iqies_flask.identity.browsers import models as _browsers
from iqies_flask.identity.links import models as _links
from iqies_flask.identity.proofing import models as _proofing
from iqies_flask.identity.recovery import models as _recovery
from iqies_flask.identity.registration import models as _registration
from iqies_flask.identity.security_keys import models as _security_keys
from iqies_flask.identity.sessions import models as _sessions
from iqies_flask.identity.throttle import models as _throttle
from iqies_flask.mail import models as _mail
from iqies_flask.resources import migrations_folder
from iqies_flask.submissions import models as _submissions

_MODELS = (
    _access,
    _assessments,
    _audit,
    _browsers,
    _identity,
    _links,
    _mail,
    _proofing,
    _recovery,
    _registration,
    _security_keys,
    _sessions,
    _submissions,
    _throttle,
)


def models() -> MetaData:
    """The tables as the models describe them; importing this module has loaded them all."""
    return Model.metadata


def upgrade(database_url: str, revision: str = "head") -> None:
    """Bring a database to a revision, creating it from nothing if need be.

    Args:
        database_url: SQLAlchemy URL.
        revision: The newest by default.
    """
    with _connection(database_url) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(database_url: str, revision: str) -> None:
    """Take a database back to an older revision.

    Args:
        database_url: SQLAlchemy URL.
        revision: ``base`` for an empty database.
    """
    with _connection(database_url) as connection:
        command.downgrade(_config(connection), revision)


def current(database_url: str) -> str | None:
    """Tell the revision of a database; None for an empty one."""
    with _connection(database_url) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """Tell the newest revision that this version of the product knows."""
    revision = ScriptDirectory.from_config(_config(None)).get_current_head()
    assert revision is not None
    return revision


def differences(database_url: str) -> list[Any]:
    """List how a database differs from the models, in Alembic's terms; empty when they agree."""
    with _connection(database_url) as connection:
        return list(compare_metadata(MigrationContext.configure(connection), models()))


@contextmanager
def _connection(database_url: str) -> Iterator[Connection]:
    engine = create_engine(database_url)
    prepare_engine(engine)
    _leave_foreign_keys_alone(engine)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _leave_foreign_keys_alone(engine: Engine) -> None:
    """Let SQLite replace a table that others refer to, which is how it changes one."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def set_pragma(connection: sqlite3.Connection, _record: Any) -> None:
        connection.execute("PRAGMA foreign_keys = OFF")


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    config.attributes["connection"] = connection
    return config
