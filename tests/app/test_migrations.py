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


def test_migrations_lead_back_to_nothing(empty_database_url: str) -> None:
    runner.upgrade(empty_database_url)
    runner.downgrade(empty_database_url, "base")
    engine = create_engine(empty_database_url)
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
                "INSERT INTO user_account (user_id, user_id_folded, password_hash, password_changed_at,"
                " active, proofing, handle, of_demonstration, created_at) VALUES ('u', 'u', 'x',"
                " '2026-01-01 00:00:00', true, 'proved', 'h', false, '2026-01-01 00:00:00')"
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


def test_records_stored_before_corrections_were_matched_are_in_force(empty_database_url: str) -> None:
    runner.upgrade(empty_database_url, "0001")
    engine = create_engine(empty_database_url)
    provider = (
        "INSERT INTO provider (ccn, name, state, facility_id, kind) VALUES ('1', 'n', 'CT', 'f', 'snf')"
    )
    assessment = text(
        'INSERT INTO stored_assessment (system, spec_version, subset, ccn, facility_id, "transaction",'
        " correction_number, reason, identity_key, submission_id, record_number, items, stored_at)"
        " VALUES ('MDS', '3.10', 'NC', '1', 'f', :kind, '', '', :key, 1, :number, '', '2026-01-01 00:00:00')"
    )
    with engine.begin() as connection:
        connection.execute(text(provider))
        for number in (1, 2, 3):
            connection.execute(assessment, {"kind": str(number), "key": bytes([number]), "number": number})
    runner.upgrade(empty_database_url)
    in_force = text("SELECT record_number FROM stored_assessment WHERE in_force ORDER BY record_number")
    with engine.connect() as connection:
        assert connection.scalars(in_force).all() == [1, 2]
    runner.downgrade(empty_database_url, "0001")
    with engine.connect() as connection:
        assert connection.scalars(text("SELECT record_number FROM stored_assessment")).all() == [1, 2]
    engine.dispose()


def test_who_could_act_becomes_submitter_and_back(empty_database_url: str) -> None:
    runner.upgrade(empty_database_url, "0003")
    engine = create_engine(empty_database_url)
    name = "ŉ" * 200
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO provider (ccn, name, state, facility_id, kind) VALUES"
                " (:ccn, :n, 'CT', '', 'snf')"
            ),
            [{"ccn": "075001", "n": name}, {"ccn": "075002", "n": "n"}],
        )
        connection.execute(
            text(
                "INSERT INTO user_account (id, user_id, user_id_folded, password_hash, password_changed_at,"
                " active, proofing, handle, of_demonstration, created_at) VALUES (:id, :name, :name, 'x',"
                " '2026-01-01 00:00:00', true, 'proved', :handle, false, '2026-01-01 00:00:00')"
            ),
            [{"id": 1, "name": "one", "handle": b"1"}, {"id": 2, "name": "two", "handle": b"2"}],
        )
        connection.execute(
            text(
                "INSERT INTO provider_grant (user_id, ccn, granted_at) VALUES"
                " (1, '075001', '2026-01-01 00:00:00'), (1, '075002', '2026-01-02 00:00:00')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO service_center_grant (user_id, role, granted_at) VALUES"
                " (2, 'auditor', '2026-01-03 00:00:00')"
            )
        )
    runner.upgrade(empty_database_url)
    with engine.begin() as connection:
        roles = connection.execute(text("SELECT user_id, ccn, role FROM role_grant ORDER BY ccn")).all()
        assert roles == [(1, "075001", "assessment_submitter"), (1, "075002", "assessment_submitter")]
        offices = connection.execute(text("SELECT user_id, role FROM office_grant")).all()
        assert offices == [(2, "auditor")]
        folded = connection.scalar(text("SELECT name_folded FROM provider WHERE ccn = '075001'"))
        assert folded == name.casefold()[:200]
        # Somebody who may upload in two roles, and somebody who may only look.
        connection.execute(
            text(
                "INSERT INTO role_grant (user_id, ccn, role, granted_at) VALUES"
                " (1, '075001', 'provider_security_official', '2026-02-01 00:00:00'),"
                " (2, '075001', 'provider_assessment_viewer', '2026-02-01 00:00:00')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO office_grant (user_id, role, granted_at) VALUES"
                " (1, 'state_viewer', '2026-02-01 00:00:00')"
            )
        )
    runner.downgrade(empty_database_url, "0003")
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT user_id, ccn FROM provider_grant ORDER BY ccn")).all()
        assert kept == [(1, "075001"), (1, "075002")]
        offices = connection.execute(text("SELECT user_id, role FROM service_center_grant")).all()
        assert offices == [(2, "auditor")]
    engine.dispose()
