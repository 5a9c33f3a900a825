import pytest

from tests.databases import SqliteDatabase


@pytest.fixture
def database_url(sqlite_database: SqliteDatabase) -> str:
    """Of one kind of database only: nothing here is asked of it."""
    return sqlite_database.url
