"""Bringing a database's schema up to date, and asking how far it is."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine

from iqies_flask.access import models as _access
from iqies_flask.assessments import models as _assessments
from iqies_flask.database import Model, prepare_engine
from iqies_flask.identity import models as _identity
from iqies_flask.resources import migrations_folder
from iqies_flask.submissions import models as _submissions

_MODELS = (_access, _assessments, _identity, _submissions)


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
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def _config(connection: Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations_folder()))
    config.attributes["connection"] = connection
    return config
