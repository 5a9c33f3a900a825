import threading
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from iqies_flask.access.models import Provider
from iqies_flask.assessments.models import StoredAssessment
from iqies_flask.assessments.service import NewAssessment, identity_key, store
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db
from iqies_flask.model import RecordSummary

SUMMARY = RecordSummary(
    facility_id="SAMPLE001",
    ccn="999999",
    state="CT",
    subset="01",
    transaction="1",
    correction_number="00",
    reason="01",
    target_date=date(2026, 3, 1),
    target_date_text="20260301",
    first_name="TESTA",
    last_name="SAMPLEALPHA",
    gender="1",
    birth_date="19400101",
    ssn="900000001",
)
NEW = NewAssessment(
    record_number=1,
    system="OASIS",
    spec_version="3.02",
    ccn="999999",
    summary=SUMMARY,
    items={"M0064_SSN": "900000001"},
)


def stored() -> int:
    return db.session.scalar(select(func.count()).select_from(StoredAssessment)) or 0


def test_assessment_is_stored_once(provider: Provider) -> None:
    with write_transaction() as session:
        assert store(session, 1, [NEW]) == {1}
    with write_transaction() as session:
        assert store(session, 2, [NEW]) == set()
    assert stored() == 1


def test_of_two_alike_in_one_batch_the_first_is_stored(provider: Provider) -> None:
    with write_transaction() as session:
        assert store(session, 1, [NEW, replace(NEW, record_number=2)]) == {1}


def test_nothing_to_store(provider: Provider) -> None:
    with write_transaction() as session:
        assert store(session, 1, []) == set()


def test_same_record_of_a_submission_is_never_stored_twice(provider: Provider) -> None:
    """Other than a duplicate, this is a fault of ours, and must not pass silently."""
    other = replace(NEW, summary=replace(SUMMARY, ssn="900000002"))
    with write_transaction() as session:
        store(session, 1, [NEW])
    with pytest.raises(IntegrityError), write_transaction() as session:
        store(session, 1, [other])


@pytest.mark.parametrize(
    "change",
    [
        {"reason": "03"},
        {"target_date": date(2026, 3, 2)},
        {"first_name": "TESTB"},
        {"last_name": "SAMPLEBRAVO"},
        {"gender": "2"},
        {"birth_date": "19400102"},
        {"ssn": "900000002"},
        {"facility_id": "SAMPLE002"},
        {"transaction": "2", "correction_number": "01"},
        {"transaction": "3", "correction_number": "01"},
    ],
)
def test_what_makes_another_record(app: Flask, change: dict[str, object]) -> None:
    other = replace(NEW, summary=replace(SUMMARY, **change))  # type: ignore[arg-type]
    assert identity_key(other) != identity_key(NEW)


@pytest.mark.parametrize(
    "change",
    [
        {"first_name": " testa "},
        {"correction_number": "01"},
        {"document_id": "X"},
        {"medicare_id": "X"},
        {"subset": "04"},
    ],
)
def test_what_does_not(app: Flask, change: dict[str, object]) -> None:
    same = replace(NEW, summary=replace(SUMMARY, **change))  # type: ignore[arg-type]
    assert identity_key(same) == identity_key(NEW)


def test_corrections_are_told_apart_by_their_number(app: Flask) -> None:
    first, second = (
        replace(NEW, summary=replace(SUMMARY, transaction="2", correction_number=number))
        for number in ("01", "02")
    )
    assert identity_key(first) != identity_key(second)


def test_two_systems_and_two_providers_do_not_share_records(app: Flask) -> None:
    assert identity_key(replace(NEW, system="MDS")) != identity_key(NEW)
    assert identity_key(replace(NEW, ccn="888888")) != identity_key(NEW)


def test_two_workers_at_once_store_one(app: Flask, provider: Provider) -> None:
    """The second must wait for the first's commit, and then find the record."""
    inside = threading.Event()
    seconds: list[set[int]] = []

    def second() -> None:
        with app.app_context():
            inside.wait()
            with write_transaction() as session:
                seconds.append(store(session, 2, [NEW]))

    thread = threading.Thread(target=second)
    thread.start()
    with write_transaction() as session:
        firsts = store(session, 1, [NEW])
        inside.set()
    thread.join()
    assert (firsts, seconds) == ({1}, [set()])
    assert stored() == 1


def test_batches_in_opposite_order_do_not_lock_each_other_out(app: Flask, provider: Provider) -> None:
    batch = [
        replace(NEW, record_number=number, summary=replace(SUMMARY, ssn=f"90000{number:04}"))
        for number in range(1, 41)
    ]
    found: list[set[int]] = []
    start = threading.Barrier(2)

    def run(submission_id: int, assessments: list[NewAssessment]) -> None:
        with app.app_context():
            start.wait()
            with write_transaction() as session:
                found.append(store(session, submission_id, assessments))

    threads = [
        threading.Thread(target=run, args=(1, batch)),
        threading.Thread(target=run, args=(2, batch[::-1])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(map(len, found)) == stored() == 40
