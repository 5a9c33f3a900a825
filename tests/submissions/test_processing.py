import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from iqies_flask import create_app
from iqies_flask.access.grants import grant, revoke
from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.models import Provider
from iqies_flask.access.registry import add_provider
from iqies_flask.access.roles import Role
from iqies_flask.assessments.models import StoredAssessment
from iqies_flask.config import Settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.model import Receipt
from iqies_flask.pipeline.chain import Chain
from iqies_flask.pipeline.report.model import Disposition, RecordReport
from iqies_flask.submissions import lease
from iqies_flask.submissions.models import State, Submission
from iqies_flask.submissions.processing import process_submission
from iqies_flask.submissions.reports import Report
from iqies_flask.submissions.service import view_of
from tests.submissions.uploading import BROKEN, PBJ, mds, oasis, submit, zip_of


def reloaded(submission: Submission) -> Submission:
    return db.session.get_one(Submission, submission.id, populate_existing=True)


def records_of(submission: Submission) -> dict[int, RecordReport]:
    report = Report(reloaded(submission)).whole()
    return {record.number: record for record in report.records}


def dispositions(submission: Submission) -> list[Disposition]:
    return [record.disposition for _, record in sorted(records_of(submission).items())]


def stored_numbers(submission: Submission) -> list[int]:
    return sorted(
        db.session.scalars(
            select(StoredAssessment.record_number).where(StoredAssessment.submission_id == submission.id)
        )
    )


def run_out(submission: Submission) -> None:
    """Do what time does to a lease or a delay."""
    with write_transaction() as session:
        row = session.get_one(Submission, submission.id, populate_existing=True)
        row.available_at = utc_now() - timedelta(seconds=1)


def test_every_record_gets_what_it_deserves(app: Flask, submitter: User) -> None:
    submission = submit(submitter, zip_of(oasis(1), BROKEN, mds(2), oasis(1), PBJ, oasis(3)))
    assert process_submission(submission.id)
    assert dispositions(submission) == [
        Disposition.ACCEPTED,
        Disposition.REJECTED,
        Disposition.ACCEPTED,
        Disposition.DUPLICATE,
        Disposition.HANDED_OVER,
        Disposition.ACCEPTED,
    ]
    assert stored_numbers(submission) == [1, 3, 6]
    view = view_of(reloaded(submission))
    assert view.state is State.COMPLETED
    assert view.done
    counts = view.counts
    assert (counts.in_file, counts.processed, counts.accepted, counts.rejected) == (6, 6, 3, 2)
    assert (counts.duplicate, counts.handed_over, counts.without_authority) == (1, 1, 0)


def test_finished_submission_is_not_processed_again(app: Flask, submitter: User) -> None:
    submission = submit(submitter, zip_of(oasis(1)))
    process_submission(submission.id)
    assert not process_submission(submission.id)


def test_duplicate_of_an_earlier_submission_is_rejected_with_what_to_do(app: Flask, submitter: User) -> None:
    first, second = submit(submitter, zip_of(oasis(1))), submit(submitter, zip_of(oasis(2), oasis(1)))
    process_submission(first.id)
    process_submission(second.id)
    assert dispositions(second) == [Disposition.ACCEPTED, Disposition.DUPLICATE]
    finding = records_of(second)[2].findings[-1]
    assert (finding.edit_id, finding.system) == ("IF-501", "iqies_flask")
    assert "modification" in finding.remedy


@pytest.mark.parametrize(
    ("make", "system", "edit_id"), [(oasis, "OASIS", "-3162"), (mds, "MDS", "-3693")], ids=["oasis", "mds"]
)
def test_record_for_a_provider_one_may_not_submit_for(
    app: Flask, submitter: User, make: Callable[..., bytes], system: str, edit_id: str
) -> None:
    foreign = {"M0010_CCN": "99U888", "A0100B": "99U888", "FAC_ID": "OTHER", "HHA_AGENCY_ID": "OTHER"}
    add_provider("99U888", "Sample Other", "CT", "OTHER", ProviderKind.SWING_BED)
    submission = submit(submitter, zip_of(oasis(1), make(2, fixed=foreign), oasis(3)))
    process_submission(submission.id)
    assert dispositions(submission) == [
        Disposition.ACCEPTED,
        Disposition.WITHOUT_AUTHORITY,
        Disposition.ACCEPTED,
    ]
    assert stored_numbers(submission) == [1, 3]
    finding = records_of(submission)[2].findings[-1]
    assert (finding.edit_id, finding.system) == (edit_id, system)
    assert "OTHER" in finding.message
    assert finding.remedy.startswith("You hold no role for Sample Other (CCN 99U888). It takes the role")
    assert "The provider has no Security Official" in finding.remedy
    assert view_of(reloaded(submission)).counts.without_authority == 1
    # A wrong CCN must not show the patient to the provider that has it.
    assert [entry.ccn for entry in view_of(reloaded(submission)).providers] == ["997999"]


def test_authority_is_that_at_the_time_of_processing(app: Flask, submitter: User) -> None:
    submission = submit(submitter, zip_of(oasis(1)))
    revoke(submitter, "997999")
    process_submission(submission.id)
    assert dispositions(submission) == [Disposition.WITHOUT_AUTHORITY]


def test_vendor_submits_for_a_client_while_the_approval_stands(
    app: Flask, stranger: User, provider: Provider
) -> None:
    grant(stranger, provider.ccn, Role.VENDOR_ASSESSMENT_SUBMITTER)
    first = submit(stranger, zip_of(oasis(1)))
    process_submission(first.id)
    assert dispositions(first) == [Disposition.ACCEPTED]
    revoke(stranger, provider.ccn)
    second = submit(stranger, zip_of(oasis(2)))
    process_submission(second.id)
    assert dispositions(second) == [Disposition.WITHOUT_AUTHORITY]


def test_role_that_is_taken_meanwhile_counts_no_more_for_the_records_after_the_next_commit(
    app: Flask, submitter: User, provider: Provider, settings: Settings
) -> None:
    submission = submit(submitter, zip_of(*(oasis(number) for number in range(1, 6))))
    done = iter(range(1, 10))

    def revoke_after_the_first() -> bool:
        if next(done) == 1:
            revoke(submitter, provider.ccn)
        return False

    process_submission(submission.id, revoke_after_the_first)
    accepted = [Disposition.ACCEPTED] * settings.batch_records
    assert dispositions(submission) == [*accepted, *[Disposition.WITHOUT_AUTHORITY] * 2]


def test_nobody_needs_authority_for_pbj(app: Flask, stranger: User, settings: Settings) -> None:
    submission = submit(stranger, zip_of(PBJ))
    process_submission(submission.id)
    (record,) = records_of(submission).values()
    assert record.disposition is Disposition.HANDED_OVER
    assert "QIES" in record.delivery
    (delivered,) = settings.pbj_spool.glob("*.xml")
    assert delivered.read_bytes() == PBJ


@pytest.mark.parametrize("content", [b"\x00\x01\x02 no zip", b"PK\x03\x04 broken", zip_of()])
def test_unreadable_file_is_completed_and_says_so(app: Flask, submitter: User, content: bytes) -> None:
    submission = submit(submitter, content)
    process_submission(submission.id)
    view = view_of(reloaded(submission))
    assert view.state_label == "Completed: file could not be read"
    assert view.counts.in_file == 0
    assert view.counts.fatal >= 1
    assert view.file_findings[0].message


def test_items_are_stored_as_scrubbed_and_the_bytes_as_they_came(app: Flask, submitter: User) -> None:
    content = zip_of(oasis(1).replace(b"<M0040_PAT_LNAME>SAMPLE", b"<M0040_PAT_LNAME>Sample"))
    submission = submit(submitter, content)
    process_submission(submission.id)
    stored = db.session.scalars(select(StoredAssessment)).one()
    assert stored.items["M0040_PAT_LNAME"].isupper()
    (record,) = records_of(submission).values()
    assert [change.item for change in record.changes] == ["M0040_PAT_LNAME"]


def test_same_person_in_another_case_is_a_duplicate(app: Flask, submitter: User) -> None:
    lower = oasis(1).replace(b"<M0040_PAT_LNAME>SAMPLE", b"<M0040_PAT_LNAME>sample")
    submission = submit(submitter, zip_of(oasis(1), lower))
    process_submission(submission.id)
    assert dispositions(submission) == [Disposition.ACCEPTED, Disposition.DUPLICATE]


class FaultError(Exception):
    """Stands for any bug of ours."""


def fail_at(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    check = Chain.check

    def failing(self: Chain, record: object, context: object) -> object:
        if record.number == number:  # type: ignore[attr-defined]
            raise FaultError
        return check(self, record, context)  # type: ignore[arg-type]

    monkeypatch.setattr(Chain, "check", failing)


def test_fault_of_ours_is_retried_and_then_left_to_an_operator_and_nothing_is_lost(
    app: Flask, submitter: User, settings: Settings
) -> None:
    submission = submit(submitter, zip_of(*(oasis(number) for number in range(1, 7))))
    with pytest.MonkeyPatch.context() as monkeypatch:
        fail_at(monkeypatch, 5)
        attempts = 0
        while reloaded(submission).state is not State.NEEDS_ATTENTION:
            run_out(submission)
            assert process_submission(submission.id)
            attempts += 1
        # The first made progress up to the record at fault; the others count.
        assert attempts == settings.attempts + 1
    assert stored_numbers(submission) == [1, 2, 3, 4]
    assert view_of(reloaded(submission)).state_label == "Delayed: needs attention"
    assert lease.try_again(submission.id)
    process_submission(submission.id)
    assert reloaded(submission).state is State.COMPLETED
    assert stored_numbers(submission) == [1, 2, 3, 4, 5, 6]


def test_log_of_a_fault_names_the_submission_and_no_value(
    app: Flask, submitter: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fail_at(monkeypatch, 1)
    submission = submit(submitter, zip_of(oasis(1)))
    process_submission(submission.id)
    assert f"Submission {submission.id} could not be processed." in caplog.messages
    assert "SAMPLE" not in caplog.text


def test_worker_that_is_told_to_stop_commits_what_it_has(app: Flask, submitter: User) -> None:
    submission = submit(submitter, zip_of(*(oasis(number) for number in range(1, 6))))
    asked = Counter[str]()

    def after_two() -> bool:
        asked["times"] += 1
        return asked["times"] == 2

    process_submission(submission.id, after_two)
    assert reloaded(submission).processed == 2
    assert reloaded(submission).state is State.PROCESSING
    process_submission(submission.id)
    assert dispositions(submission) == [Disposition.ACCEPTED] * 5


def test_worker_that_is_ended_gives_the_submission_back(
    app: Flask, submitter: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended() -> bool:
        raise KeyboardInterrupt

    submission = submit(submitter, zip_of(oasis(1), oasis(2)))
    with pytest.raises(KeyboardInterrupt):
        process_submission(submission.id, ended)
    assert process_submission(submission.id)
    assert stored_numbers(submission) == [1, 2]


def test_slow_worker_that_was_overtaken_commits_nothing(app: Flask, submitter: User) -> None:
    submission = submit(submitter, zip_of(*(oasis(number) for number in range(1, 6))))
    overtaken = Counter[str]()

    def let_another_finish() -> bool:
        if not overtaken["times"]:
            overtaken["times"] = 1
            run_out(submission)
            assert process_submission(submission.id)
        return False

    process_submission(submission.id, let_another_finish)
    assert overtaken["times"] == 1
    assert dispositions(submission) == [Disposition.ACCEPTED] * 5
    assert stored_numbers(submission) == [1, 2, 3, 4, 5]
    assert reloaded(submission).state is State.COMPLETED


def test_record_that_cannot_be_delivered_is_retried_and_then_rejected_alone(
    app: Flask, submitter: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.pbj_spool.parent.mkdir(exist_ok=True)
    settings.pbj_spool.write_text("A file where the folder should be.")
    submission = submit(submitter, zip_of(oasis(1), PBJ, oasis(2)))
    process_submission(submission.id)
    assert reloaded(submission).state is State.PROCESSING
    assert stored_numbers(submission) == [1]
    while not view_of(reloaded(submission)).done:
        run_out(submission)
        assert process_submission(submission.id)
    assert dispositions(submission) == [Disposition.ACCEPTED, Disposition.REJECTED, Disposition.ACCEPTED]
    assert records_of(submission)[2].findings[-1].edit_id == "IF-503"


def test_delivery_succeeds_once_the_spool_is_repaired(
    app: Flask, submitter: User, settings: Settings
) -> None:
    settings.pbj_spool.parent.mkdir(exist_ok=True)
    settings.pbj_spool.write_text("A file where the folder should be.")
    submission = submit(submitter, zip_of(PBJ))
    process_submission(submission.id)
    settings.pbj_spool.unlink()
    run_out(submission)
    process_submission(submission.id)
    assert dispositions(submission) == [Disposition.HANDED_OVER]


def test_delivery_is_asked_for_again_after_a_death_and_made_once(
    app: Flask, submitter: User, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver = Chain.deliver
    died: list[list[Receipt] | None] = []

    def deliver_and_die(self: Chain, *arguments: object) -> list[Receipt] | None:
        receipts = deliver(self, *arguments)  # type: ignore[arg-type]
        if not died:
            died.append(receipts)
            raise KeyboardInterrupt
        return receipts

    monkeypatch.setattr(Chain, "deliver", deliver_and_die)
    submission = submit(submitter, zip_of(PBJ))
    with pytest.raises(KeyboardInterrupt):
        process_submission(submission.id)
    process_submission(submission.id)
    assert dispositions(submission) == [Disposition.HANDED_OVER]
    assert len(list(settings.pbj_spool.glob("*.xml"))) == 1


def test_vendor_plugin_from_the_operator_s_folder_takes_part(
    settings: Settings, submitter: User, tmp_path: Path
) -> None:
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "vendor.py").write_text(
        "from iqies_flask.plugin import EditType, Finding, Severity, hookimpl\n"
        "@hookimpl\n"
        "def validate(record, context):\n"
        "    option = context.option('vendor', 'word')\n"
        "    yield Finding('V-1', 'vendor', Severity.WARNING, EditType.ADVICE, f'Option {option}.')\n"
    )
    app = create_app(replace(settings, plugin_folder=folder, plugin_options={"vendor": {"word": "tested"}}))
    with app.app_context():
        user = db.session.get_one(User, submitter.id)
        submission = submit(user, zip_of(oasis(1)))
        process_submission(submission.id)
        (record,) = records_of(submission).values()
        assert [finding.message for finding in record.findings if finding.plugin == "vendor"] == [
            "Option tested."
        ]
        assert record.disposition is Disposition.ACCEPTED


def test_hostile_values_reach_the_database_on_every_engine(app: Flask, submitter: User) -> None:
    """Columns are narrow, values are not: nothing that a record says may stop the work on it."""
    long = "9" * 4000
    fields = (
        "M0010_CCN",
        "HHA_AGENCY_ID",
        "STATE_CD",
        "CORRECTION_NUM",
        "TRANS_TYPE_CD",
        "M0100_ASSMT_REASON",
    )
    hostile = [oasis(1, fixed={field: long}) for field in fields]
    hostile.append(
        oasis(1).replace(b"</ASSESSMENT>", b"<%s>1</%s></ASSESSMENT>" % (b"Z" * 3000, b"Z" * 3000))
    )
    submission = submit(submitter, zip_of(*hostile))
    process_submission(submission.id)
    assert reloaded(submission).state is State.COMPLETED
    assert reloaded(submission).processed == len(hostile)


def test_many_records_of_two_providers(app: Flask, submitter: User, provider: Provider) -> None:
    second = add_provider("997888", "Sample Second", "OH", "SAMPLE002", ProviderKind.HOME_HEALTH_AGENCY)
    grant(submitter, second.ccn)
    other = {"M0010_CCN": second.ccn, "HHA_AGENCY_ID": second.facility_id, "STATE_CD": second.state}
    submission = submit(
        submitter, zip_of(*(oasis(number, fixed=other if number % 2 else None) for number in range(1, 12)))
    )
    process_submission(submission.id)
    per_provider = db.session.execute(
        select(StoredAssessment.ccn, func.count()).group_by(StoredAssessment.ccn)
    )
    assert {row[0]: row[1] for row in per_provider} == {provider.ccn: 5, second.ccn: 6}


def test_receipt_beside_the_delivered_file_names_the_record(
    app: Flask, submitter: User, settings: Settings
) -> None:
    submission = submit(submitter, zip_of(oasis(1), PBJ))
    process_submission(submission.id)
    (receipt,) = settings.pbj_spool.glob("*.json")
    told = json.loads(receipt.read_text())
    assert submission.id in told.values()
    assert 2 in told.values()
