import pytest
from sqlalchemy import create_engine, inspect, text

from iqies_flask.migrations import runner
from iqies_flask.submissions.models import FIRST_SUBMISSION_ID


def test_migrations_lead_from_nothing_to_what_the_models_describe(empty_database_url: str) -> None:
    assert runner.current(empty_database_url) is None
    assert runner.differences(empty_database_url) != []
    runner.upgrade(empty_database_url)
    assert runner.current(empty_database_url) == runner.newest()
    assert runner.differences(empty_database_url) == []


def test_upgrading_twice_changes_nothing(database_url: str) -> None:
    runner.upgrade(database_url)
    assert runner.differences(database_url) == []


def test_migrations_lead_back_to_nothing(database_url: str) -> None:
    runner.downgrade(database_url, "base")
    engine = create_engine(database_url)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    engine.dispose()


@pytest.mark.parametrize("column", ["provider_ccn", "submission_id"])
def test_foreign_keys_are_kept(database_url: str, column: str) -> None:
    engine = create_engine(database_url)
    tables = inspect(engine).get_foreign_keys("submission_record")
    engine.dispose()
    assert [column] in [key["constrained_columns"] for key in tables]


def test_first_submission_has_seven_digits(empty_database_url: str) -> None:
    runner.upgrade(empty_database_url)
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO user_account (user_id, user_id_folded, password_hash, active, session_token,"
                " created_at) VALUES ('u', 'u', 'x', true, 't', '2026-01-01 00:00:00')"
            )
        )
        number = connection.execute(
            text(
                "INSERT INTO submission (user_id, file_name, size, sha256, state, received_at, processed,"
                " available_at, attempts, file_findings, file_fatal, file_warnings) VALUES ("
                "(SELECT id FROM user_account), 'f', 1, 'x', 'received', '2026-01-01 00:00:00', 0,"
                " '2026-01-01 00:00:00', 0, '', 0, 0) RETURNING id"
            )
        ).scalar_one()
    engine.dispose()
    assert number == FIRST_SUBMISSION_ID
