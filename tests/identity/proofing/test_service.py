"""Proofing as the person meets it: the way through, and everything that must not lead through."""

import logging
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from iqies_flask import current
from iqies_flask.audit.models import AuditEntry, Outcome
from iqies_flask.config import Environment, Settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import ProofingState, User
from iqies_flask.identity.origin import Origin
from iqies_flask.identity.proofing import service
from iqies_flask.identity.proofing.models import MANUAL, CaseState, ProofingCase
from iqies_flask.identity.proofing.service import ProofingError
from iqies_flask.identity.registration.models import Registration
from iqies_flask.mail.models import OutboxMessage
from iqies_flask.pipeline import circuit_breaker
from iqies_flask.pipeline import plugins as plugins_module
from tests.identity.proofing.persons import HALF, RIGHT, SSN, WRONG, add_person, install
from tests.persons import profile

BEGINNING = "from iqies_flask.plugin import *\n@hookimpl\ndef prove_identity(request):\n    "


def send(user: User, answers: dict[str, str]) -> None:
    """Answer what is asked."""
    standing = service.state_of(user)
    service.answer(user, standing.case_number, standing.step, answers, origin=Origin("192.0.2.7"))


def send_reference(user: User, reference: str) -> None:
    standing = service.state_of(user)
    service.give_reference(user, standing.case_number, standing.step, reference)


def pass_time(minutes: float) -> None:
    """Let time go by, as far as proofing knows."""
    by = timedelta(minutes=minutes)
    with write_transaction() as session:
        for case in session.scalars(select(ProofingCase)):
            case.state_since -= by
            case.retry_after = case.retry_after - by if case.retry_after else None


def cases() -> list[ProofingCase]:
    return list(db.session.scalars(select(ProofingCase).order_by(ProofingCase.id)))


def kept_ssn() -> str | None:
    return db.session.scalars(select(Registration).execution_options(populate_existing=True)).one().ssn


def audited() -> list[tuple[str, Outcome]]:
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action.like("proofing.%")))
    return [(entry.action, entry.outcome) for entry in entries.all() if entry.object_type == "account"]


def mails() -> list[str]:
    return [message.template for message in db.session.scalars(select(OutboxMessage))]


@pytest.mark.usefixtures("acme")
def test_right_answers_prove(person: User) -> None:
    assert service.state_of(person).state is None
    service.begin(person, origin=Origin("192.0.2.7"))
    standing = service.state_of(person)
    assert (standing.state, standing.notice) == (CaseState.ASKING, "ACME asks.")
    assert [question.text for question in standing.questions] == ["Is it A?", "Is it B?"]
    assert kept_ssn() == SSN
    send(person, RIGHT)
    assert service.state_of(person).state is CaseState.PROVED
    assert person.proofing is ProofingState.PROVED
    [case] = cases()
    assert (case.method, case.exchange, case.decision) == ("acme", None, {"reference": "ACME-1"})
    assert case.decided_at is not None
    assert kept_ssn() is None
    assert audited() == [("proofing.begun", Outcome.DONE), ("proofing.proved", Outcome.DONE)]
    assert mails() == []


@pytest.mark.usefixtures("acme")
def test_a_reference_number_proves_as_well(person: User) -> None:
    service.begin(person)
    send(person, HALF)
    standing = service.state_of(person)
    assert (standing.state, standing.instructions) == (CaseState.REFERENCE_NEEDED, "Call ACME.")
    assert standing.questions == ()
    send_reference(person, " R7 ")
    assert person.proofing is ProofingState.PROVED


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize("reference", ["", "  ", "R" * 41])
def test_a_reference_number_that_is_none_changes_nothing(person: User, reference: str) -> None:
    service.begin(person)
    send(person, HALF)
    with pytest.raises(ProofingError, match="reference number"):
        send_reference(person, reference)
    assert service.state_of(person).state is CaseState.REFERENCE_NEEDED


@pytest.mark.usefixtures("acme")
def test_wrong_answers_fail_and_may_be_retried_later_and_not_for_ever(person: User) -> None:
    service.begin(person)
    send(person, WRONG)
    standing = service.state_of(person)
    assert (standing.state, standing.message) == (CaseState.FAILED, "Too many do not fit.")
    assert (standing.tries_left, standing.may_retry) == (1, True)
    assert standing.retry_at is not None
    assert person.proofing is ProofingState.NEEDED
    with pytest.raises(ProofingError, match="too early"):
        service.begin(person)
    pass_time(29)
    with pytest.raises(ProofingError, match="too early"):
        service.begin(person)
    pass_time(2)
    assert service.state_of(person).retry_at is None
    assert kept_ssn() == SSN
    service.begin(person)
    assert cases()[-1].attempt == 2
    send(person, WRONG)
    standing = service.state_of(person)
    assert (standing.tries_left, standing.may_retry, standing.may_ask_officer) == (0, False, True)
    assert kept_ssn() is None
    pass_time(100)
    with pytest.raises(ProofingError, match="No further try"):
        service.begin(person, ssn=SSN)
    assert audited()[-1] == ("proofing.failed", Outcome.FAILED)


def test_what_a_service_calls_final_is_final(person: User, plugins: Path) -> None:
    install(plugins, BEGINNING + "return Failed('No.', False)\n")
    service.begin(person)
    standing = service.state_of(person)
    assert (standing.state, standing.may_retry, standing.may_ask_officer) == (CaseState.FAILED, False, True)
    assert kept_ssn() is None


@pytest.mark.usefixtures("acme")
def test_after_the_registration_expired_the_number_is_asked_for_again(app: Flask) -> None:
    late = add_person("late.person")
    assert service.state_of(late).needs_ssn
    for wrong in (None, "900010002"):
        with pytest.raises(ProofingError, match="not the Social Security number"):
            service.begin(late, ssn=wrong)
    assert cases() == []
    service.begin(late, ssn=SSN)
    assert service.state_of(late).state is CaseState.ASKING


@pytest.mark.usefixtures("acme")
def test_without_a_number_only_an_officer_decides(app: Flask) -> None:
    person = add_person("no.number", ssn=None, token="a token")
    standing = service.state_of(person)
    assert (standing.may_retry, standing.may_ask_officer, standing.gave_ssn) == (False, True, False)
    with pytest.raises(ProofingError):
        service.begin(person, ssn=SSN)
    service.ask_for_officer(person)
    assert service.state_of(person).state is CaseState.WAITING_FOR_OFFICER
    assert person.proofing is ProofingState.WAITING
    [case] = cases()
    assert case.exchange is not None
    assert (case.method, case.exchange["why"]) == (MANUAL, "no_ssn")
    assert mails() == ["proofing_waiting"]


@pytest.mark.usefixtures("acme")
def test_who_asks_for_an_officer_waits_and_cannot_go_back(person: User) -> None:
    service.begin(person)
    standing = service.state_of(person)
    service.ask_for_officer(person)
    assert kept_ssn() is None
    for step in (
        lambda: service.answer(person, standing.case_number, standing.step, RIGHT),
        lambda: service.begin(person, ssn=SSN),
        lambda: service.ask_for_officer(person),
    ):
        with pytest.raises(ProofingError):
            step()
    assert [case.state for case in cases()] == [CaseState.FAILED, CaseState.WAITING_FOR_OFFICER]
    assert person.proofing is ProofingState.WAITING


@pytest.mark.usefixtures("acme")
def test_the_number_of_a_proved_person_leads_to_an_officer_once_the_answers_are_right(
    person: User,
) -> None:
    service.begin(person)
    send(person, RIGHT)
    second = add_person("second.person")
    # Until then nothing tells that the number's owner has an account.
    service.begin(second, ssn=SSN)
    assert service.state_of(second).state is CaseState.ASKING
    send(second, WRONG)
    assert service.state_of(second).message == "Too many do not fit."
    pass_time(minutes=30)
    service.begin(second, ssn=SSN)
    send(second, RIGHT)
    assert second.proofing is ProofingState.WAITING
    assert cases()[-1].state is CaseState.WAITING_FOR_OFFICER
    assert (cases()[-1].exchange or {})["why"] == "same_ssn"


def test_what_no_service_takes_an_officer_decides(
    settings: Settings, person: User, plugins: Path, app: Flask
) -> None:
    install(plugins, BEGINNING + "return None\n")
    # In a demonstration the built-in one takes everybody who is left.
    service.begin(person)
    assert cases()[-1].method == "proofing_demo"
    other = add_person("other.person")
    earnest = replace(settings, environment=Environment.PRODUCTION, site_url="https://iqies.example")
    current.init_app(app, earnest)
    service.begin(other, ssn=SSN)
    assert other.proofing is ProofingState.WAITING
    assert cases()[-1].exchange == {"why": "no_provider", "message": ""}


def test_what_a_service_leaves_an_officer_decides(person: User, plugins: Path) -> None:
    install(plugins, BEGINNING + "return LeaveToOfficer('We have no data.')\n")
    service.begin(person)
    assert person.proofing is ProofingState.WAITING
    assert cases()[-1].exchange == {"why": "provider", "message": "We have no data."}
    assert service.state_of(person).message == "We have no data."
    assert kept_ssn() is None


FAULTS = {
    "raises": "raise RuntimeError(request.ssn)",
    "exits": "raise SystemExit(1)",
    "text": "return 'proved'",
    "truth": "return True",
    "class": "return Proved",
    "no questions": "return AskQuestions(())",
    "a list": "return AskQuestions([Question('a', 'A?', (Choice('1', 'Y'), Choice('2', 'N')))])",
    "one choice": "return AskQuestions((Question('a', 'A?', (Choice('1', 'Y'),)),))",
    "same ids": "return AskQuestions((Question('a', 'A?', (Choice('1', 'Y'), Choice('1', 'N'))),))",
    "no JSON": "return NeedReference('Call.', {'a': object()})",
    "not a number": "return NeedReference('Call.', {'a': float('nan')})",
    "no reason": "return Failed(None)",
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_service_that_fails_costs_no_try(
    person: User, plugins: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    install(plugins, BEGINNING + FAULTS[name] + "\n")
    service.begin(person)
    standing = service.state_of(person)
    assert (standing.state, standing.tries_left, standing.may_retry) == (CaseState.FAILED, 2, True)
    assert "does not count" in standing.message
    assert standing.may_ask_officer
    assert kept_ssn() == SSN
    assert "Plugin acme" in caplog.text
    known = profile()
    for fact in (SSN, known.last_name, known.street, known.email):
        assert fact not in caplog.text
    with pytest.raises(ProofingError, match="too early"):
        service.begin(person)
    pass_time(1)
    service.begin(person)
    assert cases()[-1].attempt == 1


def test_a_service_that_hangs_is_left(
    person: User, plugins: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(plugins_module._SECONDS, "prove_identity", 0.05)
    install(
        plugins,
        "import threading\nfrom iqies_flask.plugin import *\n@hookimpl\ndef prove_identity(request):\n"
        "    threading.Event().wait(2)\n    return Proved('late')\n",
    )
    service.begin(person)
    assert service.state_of(person).state is CaseState.FAILED
    assert person.proofing is ProofingState.NEEDED
    assert "Plugin acme: over 0.05 s in prove_identity; it is not called for" in caplog.text


def test_a_service_that_hung_once_is_asked_again_after_a_pause(
    person: User, plugins: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(plugins_module._SECONDS, "prove_identity", 0.5)
    monkeypatch.setattr(circuit_breaker, "PAUSE_SECONDS", 0.0)
    install(
        plugins,
        "import threading\nhung = []\n" + BEGINNING + "if not hung:\n"
        "        hung.append(1)\n        threading.Event().wait(2)\n    return Proved('it')\n",
    )
    service.begin(person)
    assert person.proofing is ProofingState.NEEDED
    pass_time(minutes=1)
    service.begin(person)
    assert service.state_of(person).state is CaseState.PROVED


def test_a_service_that_fails_half_way_is_not_replaced_by_another(person: User, plugins: Path) -> None:
    install(plugins, BEGINNING + "return Proved('always')\n", "aa_lenient")
    install(plugins, BEGINNING + "raise ConnectionError\n", "zz_strict")
    service.begin(person)
    assert cases()[-1].method == "zz_strict"
    assert person.proofing is ProofingState.NEEDED


def test_a_service_without_end_is_left(person: User, plugins: Path) -> None:
    install(plugins, BEGINNING + "return NeedReference('Again.')\n")
    service.begin(person)
    for _ in range(service.MOST_STEPS - 1):
        send_reference(person, "guess")
    standing = service.state_of(person)
    assert (standing.state, standing.tries_left) == (CaseState.FAILED, 1)


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(
    "answers",
    [{}, {"a b": "1"}, {**RIGHT, "c": "1"}, {"a b": "1", "b": "3"}, {"a b": "1", "b": ""}],
)
def test_answers_that_were_not_offered_are_not_passed_on(person: User, answers: dict[str, str]) -> None:
    service.begin(person)
    with pytest.raises(ProofingError, match="each question"):
        send(person, answers)
    assert service.state_of(person).state is CaseState.ASKING


@pytest.mark.usefixtures("acme")
def test_answers_to_the_case_of_another_person_change_nothing(person: User, app: Flask) -> None:
    service.begin(person)
    theirs = service.state_of(person)
    other = add_person("other.person", ssn=None)
    for user in (other, add_person("third.person")):
        with pytest.raises(ProofingError, match="no longer open"):
            service.answer(user, theirs.case_number, theirs.step, RIGHT)
        with pytest.raises(ProofingError, match="no longer open"):
            service.give_reference(user, theirs.case_number, theirs.step, "R7")
    assert service.state_of(person) == theirs
    assert other.proofing is ProofingState.NEEDED


@pytest.mark.usefixtures("acme")
def test_answers_count_once(person: User) -> None:
    service.begin(person)
    first = service.state_of(person)
    send(person, HALF)
    for answers in (RIGHT, HALF):
        with pytest.raises(ProofingError, match="no longer open"):
            service.answer(person, first.case_number, first.step, answers)
    assert service.state_of(person).state is CaseState.REFERENCE_NEEDED
    send_reference(person, "wrong")
    pass_time(31)
    service.begin(person)
    with pytest.raises(ProofingError, match="no longer open"):
        service.answer(person, first.case_number, first.step, RIGHT)
    assert person.proofing is ProofingState.NEEDED


@pytest.mark.usefixtures("acme")
def test_nothing_is_taken_while_the_service_is_at_work_and_a_late_answer_is_dropped(
    person: User, caplog: pytest.LogCaptureFixture
) -> None:
    service.begin(person)
    asked = service.state_of(person)
    with write_transaction() as session:
        session.execute(update(ProofingCase).values(state=CaseState.WITH_PROVIDER))
    assert service.state_of(person).state is CaseState.WITH_PROVIDER
    for step in (
        lambda: service.answer(person, asked.case_number, asked.step, RIGHT),
        lambda: service.begin(person),
        lambda: service.ask_for_officer(person),
    ):
        with pytest.raises(ProofingError):
            step()
    # The process that asked has died: the attempt counts as a fault of ours.
    pass_time(3)
    standing = service.state_of(person)
    assert (standing.state, standing.tries_left, standing.may_retry) == (CaseState.FAILED, 2, True)
    stuck = cases()[0]
    service.ask_for_officer(person)
    with caplog.at_level(logging.WARNING):
        service._write_down(person, stuck, service.Reply("acme", service.Proved("late")), "")
    assert "too late" in caplog.text
    assert person.proofing is ProofingState.WAITING


@pytest.mark.usefixtures("acme")
def test_the_number_is_in_no_log_and_in_no_case(person: User, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    service.begin(person)
    assert SSN not in str(cases()[0].exchange)
    send(person, HALF)
    send_reference(person, "R7")
    assert SSN not in str(cases()[0].decision)
    assert SSN not in caplog.text
    for entry in db.session.scalars(select(AuditEntry)):
        for fact in (SSN, profile().last_name, profile().street, profile().city):
            assert fact not in entry.detail


@pytest.mark.usefixtures("acme")
def test_a_proved_person_has_nothing_to_do(person: User) -> None:
    service.begin(person)
    send(person, RIGHT)
    for step in (lambda: service.begin(person, ssn=SSN), lambda: service.ask_for_officer(person)):
        with pytest.raises(ProofingError):
            step()
    assert person.proofing is ProofingState.PROVED


@pytest.mark.usefixtures("acme")
def test_cases_are_stored_so_that_nobody_reads_them(person: User) -> None:
    service.begin(person)
    raw = db.session.connection().exec_driver_sql("SELECT exchange FROM proofing_case").scalar_one()
    assert b"Is it A?" not in bytes(raw)
    assert utc_now() >= cases()[0].state_since
