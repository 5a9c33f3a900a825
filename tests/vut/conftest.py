from collections.abc import Iterator

import pytest

from tests.applications import Applications
from tests.databases import Database, SqliteDatabase


@pytest.fixture
def database(sqlite_database: SqliteDatabase, applications: Applications) -> Iterator[Database]:
    """Of one kind only: nothing here is asked of it."""
    yield sqlite_database
    applications.let_go()
    sqlite_database.empty()
