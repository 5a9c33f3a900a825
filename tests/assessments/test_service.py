import threading
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from iqies_flask.access.models import Provider
from iqies_flask.assessments.models import StoredAssessment
from iqies_flask.assessments.service import (
    NewAssessment,
    Version,
    find_version,
    identity_key,
    store,
    store_correction,
)
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db
from iqies_flask.model import RecordSummary

SUMMARY = RecordSummary(
    facility_id="SAMPLE001",
    ccn="997999",
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
    ccn="997999",
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
    ],
)
def test_what_makes_another_record(app: Flask, change: dict[str, object]) -> None:
    other = replace(NEW, summary=replace(SUMMARY, **change))  # type: ignore[arg-type]
    assert identity_key(other) != identity_key(NEW)


@pytest.mark.parametrize(
    "change",
    [
        {"first_name": " testa "},
        {"transaction": "2", "correction_number": "01"},
        {"transaction": "3", "correction_number": "02"},
        {"document_id": "X"},
        {"medicare_id": "X"},
        {"subset": "04"},
    ],
)
def test_what_does_not(app: Flask, change: dict[str, object]) -> None:
    same = replace(NEW, summary=replace(SUMMARY, **change))  # type: ignore[arg-type]
    assert identity_key(same) == identity_key(NEW)


def test_two_systems_and_two_providers_do_not_share_records(app: Flask) -> None:
    assert identity_key(replace(NEW, system="MDS")) != identity_key(NEW)
    assert identity_key(replace(NEW, ccn="997888")) != identity_key(NEW)


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


LOCATOR = ("SAMPLEALPHA", "20260301", "")
LOCATED = replace(NEW, locator=LOCATOR)


def correction(kind: str, number: str, **change: str) -> NewAssessment:
    summary = replace(SUMMARY, transaction=kind, correction_number=number, **change)  # type: ignore[arg-type]
    locator = (summary.last_name, *LOCATOR[1:]) if kind == "2" else ()
    return replace(NEW, summary=summary, locator=locator)


def found(locator: tuple[str, ...] = LOCATOR, ccn: str = "997999") -> Version | None:
    return find_version(db.session, "OASIS", ccn, locator)


def correct(submission_id: int, new: NewAssessment, locator: tuple[str, ...] = LOCATOR) -> bool:
    with write_transaction() as session:
        version = find_version(session, "OASIS", "997999", locator)
        assert version is not None
        return store_correction(session, submission_id, new, version)


def test_a_modification_takes_the_place_of_the_version_that_it_corrects(provider: Provider) -> None:
    with write_transaction() as session:
        store(session, 1, [LOCATED])
    original = found((" samplealpha ", *LOCATOR[1:]))
    assert original is not None
    assert original.corrections == 0
    assert correct(2, correction("2", "01", last_name="SAMPLEBRAVO"))
    assert found() is None
    second = found(("SAMPLEBRAVO", *LOCATOR[1:]))
    assert second is not None
    assert (second.corrections, second.id != original.id) == (1, True)
    rows = db.session.scalars(select(StoredAssessment).order_by(StoredAssessment.id)).all()
    assert [(row.in_force, row.corrects_id) for row in rows] == [(False, None), (True, original.id)]


def test_an_inactivation_ends_the_record_which_may_then_be_sent_anew(provider: Provider) -> None:
    with write_transaction() as session:
        store(session, 1, [LOCATED])
    assert correct(2, correction("3", "01"))
    assert found() is None
    with write_transaction() as session:
        assert store(session, 3, [LOCATED]) == {1}
    assert found() is not None


def test_a_modification_may_not_make_a_record_the_same_as_another(provider: Provider) -> None:
    other = replace(
        LOCATED, record_number=2, summary=replace(SUMMARY, last_name="SAMPLEBRAVO"), locator=("SAMPLEBRAVO",)
    )
    with write_transaction() as session:
        store(session, 1, [LOCATED, other])
    assert not correct(2, correction("2", "01", last_name="SAMPLEBRAVO"))
    assert found() is not None
    assert stored() == 2


def test_corrections_that_were_matched_with_no_record_stand_beside_it(provider: Provider) -> None:
    """Such as those of a data specification that does not say how records are found."""
    beside = [replace(correction("2", number), record_number=2 + int(number)) for number in ("01", "02")]
    with write_transaction() as session:
        assert store(session, 1, [NEW, *beside]) == {1, 3, 4}
        assert store(session, 2, beside) == set()


@pytest.mark.parametrize(
    ("locator", "ccn"),
    [(("SAMPLEALPHA", "20260301", "1"), "997999"), (LOCATOR, "997888"), (("", "", ""), "997999")],
    ids=["another value", "another provider", "blank"],
)
def test_a_record_is_found_by_all_of_its_values_and_its_provider(
    provider: Provider, locator: tuple[str, ...], ccn: str
) -> None:
    with write_transaction() as session:
        store(session, 1, [LOCATED])
        store(session, 2, [replace(NEW, summary=replace(SUMMARY, ssn="900000002"))])
    assert found(locator, ccn) is None


def test_batches_in_opposite_order_do_not_lock_each_other_out(app: Flask, provider: Provider) -> None:
    batch = [
        replace(NEW, record_number=number, summary=replace(SUMMARY, ssn=f"90000{number:04}"))
        for number in range(1, 41)
    ]
    stored_by: list[set[int]] = []
    start = threading.Barrier(2)

    def run(submission_id: int, assessments: list[NewAssessment]) -> None:
        with app.app_context():
            start.wait()
            with write_transaction() as session:
                stored_by.append(store(session, submission_id, assessments))

    threads = [
        threading.Thread(target=run, args=(1, batch)),
        threading.Thread(target=run, args=(2, batch[::-1])),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(map(len, stored_by)) == stored() == 40
