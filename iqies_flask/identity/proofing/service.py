"""The rules of proofing for the person who is to be proved. Knows no request.

While a plugin is asked, no transaction is open, since that can take half a minute. So each step is two
transactions: the first gives the attempt over to the plugin, so that nothing can be sent twice at a time, and
the second writes down what came of it.

The Social Security number goes to the plugin in the first step of each attempt only. Until proofing has
ended or is in the hands of an officer, it stays encrypted in the registration, for the next try. When the
registration has expired before that, the person enters it again, and it is compared with the kept hash.
"""

import hmac
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from iqies_flask.audit.models import Outcome
from iqies_flask.current import current_settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity import events
from iqies_flask.identity.locking import lock
from iqies_flask.identity.models import Person, ProofingState, User
from iqies_flask.identity.origin import NOWHERE, Origin
from iqies_flask.identity.persons import find_proved, ssn_hash
from iqies_flask.identity.proofing import exchange
from iqies_flask.identity.proofing.exchange import Exchange, Reply
from iqies_flask.identity.proofing.models import MANUAL, CaseState, ProofingCase
from iqies_flask.identity.registration.service import forget_ssn, ssn_of
from iqies_flask.model import AskQuestions, Failed, LeaveToOfficer, NeedReference, Proved, Question

logger = logging.getLogger(__name__)

MOST_STEPS = 10
"""Times that a plugin may be asked within one attempt: one that always asks again cannot be guessed at."""

MOST_REFERENCE_CHARACTERS = 40

_STUCK = timedelta(minutes=2)
"""After this long no plugin is still at work; the process that asked it has died."""

_FAULT_PAUSE = timedelta(minutes=1)
"""How long to wait after a fault of a plugin, so that nobody hammers at a service that is down."""

_CORRECTABLE = {None, CaseState.FAILED, CaseState.REFUSED, CaseState.WAITING_FOR_OFFICER}

_SET_ASIDE = "set_aside"

_NO_LONGER_OPEN = (
    "That step is no longer open: it was sent already, or in another window. Nothing was changed by this;"
    " below is how far your proofing is now."
)
_UNANSWERED = "The proofing service could not be reached. This does not count as a try."


class ProofingError(ValueError):
    """It cannot be done; the message says why, for the person who asked."""


class WhyOfficer(StrEnum):
    """Why an officer decides."""

    ASKED = "asked"
    NO_SSN = "no_ssn"
    SAME_SSN = "same_ssn"
    NO_PROVIDER = "no_provider"
    PROVIDER = "provider"
    NAME_CHANGED = "name_changed"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the proofing of a person is, and what the person can do.

    Attributes:
        state: Of the newest attempt; None where none was begun.
        case_number: Number of that attempt.
        step: Its step, to be sent back with what the person enters.
        questions: What is to be answered.
        instructions: How to get a reference number.
        notice: What the proofing service says on top.
        message: Why the attempt ended as it did, or why an officer decides.
        since: Since when it is so.
        tries_left: Further tries at a proofing service.
        may_retry: Whether a further try is allowed, now or later.
        retry_at: From when on; None for now.
        needs_ssn: Whether the Social Security number must be entered again for it.
        gave_ssn: Whether one was given at all; without it only an officer can decide.
        may_ask_officer: Whether an officer may be asked for.
        may_correct: Whether the person may correct what was entered: not while questions made of it are open.
    """

    state: CaseState | None
    case_number: int = 0
    step: int = 0
    questions: tuple[Question, ...] = ()
    instructions: str = ""
    notice: str = ""
    message: str = ""
    since: datetime | None = None
    tries_left: int = 0
    may_retry: bool = False
    retry_at: datetime | None = None
    needs_ssn: bool = False
    gave_ssn: bool = False
    may_ask_officer: bool = False
    may_correct: bool = False


def state_of(user: User) -> Standing:
    """Say how far the proofing of a person is."""
    session: Session = db.session
    if user.proofing is ProofingState.PROVED:
        return Standing(CaseState.PROVED)
    cases = cases_of(session, user)
    case = cases[-1] if cases else None
    retry_at = _retry_at(cases)
    kept = Exchange.from_json(case.exchange) if case and case.exchange and "step" in case.exchange else None
    state = CaseState.FAILED if case and _is_stuck(case) else case.state if case else None
    return Standing(
        state=state,
        case_number=case.id if case else 0,
        step=kept.step if kept else 0,
        questions=kept.questions if kept else (),
        instructions=kept.instructions if kept else "",
        notice=kept.notice if kept else "",
        message=_message(case),
        since=case.state_since if case else None,
        tries_left=_tries_left(cases),
        may_retry=_may_retry(session, user, cases),
        retry_at=retry_at if retry_at and retry_at > utc_now() else None,
        needs_ssn=ssn_of(user) is None,
        gave_ssn=_gave_ssn(session, user),
        may_ask_officer=may_ask_officer(cases),
        may_correct=state in _CORRECTABLE and session.get(Person, user.id) is not None,
    )


def begin(user: User, *, ssn: str | None = None, origin: Origin = NOWHERE) -> None:
    """Begin to prove who the person of an account is, or try once more.

    Not to be called inside of a transaction.

    Args:
        user: The account.
        ssn: The Social Security number, where `Standing.needs_ssn` says so.
        origin: Where the request came from.

    Raises:
        ProofingError: No further try is allowed, or not yet; or the number is not the one given before.
    """
    known = ssn_of(user) or ssn
    person = db.session.get(Person, user.id)
    given_before = person.ssn_hash if person else None
    if known is None or given_before is None or not hmac.compare_digest(given_before, ssn_hash(known)):
        raise ProofingError(
            "This is not the Social Security number that you gave when you registered. Check it, or ask for a"
            " proofing officer."
        )
    _try(user, known, origin)


def answer(
    user: User, case_number: int, step: int, answers: dict[str, str], *, origin: Origin = NOWHERE
) -> None:
    """Answer the questions of a proofing service.

    Args:
        user: The account.
        case_number: Number of the attempt, as the page had it.
        step: Its step, as the page had it.
        answers: Question id to choice id.
        origin: Where the request came from.

    Raises:
        ProofingError: The questions are no longer open, or not each has one of its own choices as answer.
    """
    with write_transaction() as session:
        case, kept = _open_step(session, user, case_number, step, CaseState.ASKING)
        offered = {one.id: {choice.id for choice in one.choices} for one in kept.questions}
        if answers.keys() != offered.keys() or any(answers[one] not in offered[one] for one in offered):
            raise ProofingError("Answer each question with one of the choices below it.")
        _set_state(case, CaseState.WITH_PROVIDER)
        person = session.get_one(Person, user.id)
    _write_down(user, case, exchange.ask_again(case, person, answers=answers), origin)


def give_reference(
    user: User, case_number: int, step: int, reference: str, *, origin: Origin = NOWHERE
) -> None:
    """Enter the reference number that the proofing service gave by telephone.

    Args:
        user: The account.
        case_number: Number of the attempt, as the page had it.
        step: Its step, as the page had it.
        reference: As typed.
        origin: Where the request came from.

    Raises:
        ProofingError: No reference number is asked for any more, or it is empty or too long.
    """
    reference = reference.strip()
    if not 0 < len(reference) <= MOST_REFERENCE_CHARACTERS:
        raise ProofingError("Enter the reference number as it was given to you.")
    with write_transaction() as session:
        case, _ = _open_step(session, user, case_number, step, CaseState.REFERENCE_NEEDED)
        _set_state(case, CaseState.WITH_PROVIDER)
        person = session.get_one(Person, user.id)
    _write_down(user, case, exchange.ask_again(case, person, reference=reference), origin)


def ask_for_officer(user: User, *, origin: Origin = NOWHERE) -> None:
    """Leave the decision to an officer of the Service Center. An attempt that is under way ends.

    Raises:
        ProofingError: An officer decides already or has decided, or a service is being asked just now.
    """
    why = WhyOfficer.ASKED if _gave_ssn(db.session, user) else WhyOfficer.NO_SSN
    _give_to_officer(user, why, origin)


def _try(user: User, ssn: str, origin: Origin) -> None:
    with write_transaction() as session:
        locked = lock(session, user)
        cases = cases_of(session, locked)
        if cases and not _may_retry(session, locked, cases):
            raise ProofingError("No further try at the proofing service is possible now.")
        retry_at = _retry_at(cases)
        if retry_at is not None and retry_at > utc_now():
            raise ProofingError("It is too early for another try. The page says from when on it is possible.")
        case = ProofingCase(
            user_id=locked.id, method="", state=CaseState.WITH_PROVIDER, attempt=_tries_used(cases) + 1
        )
        session.add(case)
        session.flush()
        _audit(session, "proofing.begun", locked, case, origin)
        person = session.get_one(Person, locked.id)
    _write_down(user, case, exchange.ask_first(case, person, ssn), origin)


def _give_to_officer(user: User, why: WhyOfficer, origin: Origin) -> None:
    with write_transaction() as session:
        locked = lock(session, user)
        cases = cases_of(session, locked)
        if locked.proofing is ProofingState.PROVED or not may_ask_officer(cases):
            raise ProofingError(_NO_LONGER_OPEN)
        if cases and cases[-1].state in (CaseState.ASKING, CaseState.REFERENCE_NEEDED):
            _end(cases[-1], CaseState.FAILED, message="You asked for a proofing officer instead.")
        case = ProofingCase(user_id=locked.id, method=MANUAL, state=CaseState.WAITING_FOR_OFFICER, attempt=1)
        session.add(case)
        session.flush()
        _wait_for_officer(session, locked, case, cases, why=why, origin=origin)


def _write_down(user: User, case: ProofingCase, reply: Reply, origin: Origin) -> None:
    """Write down what came of asking a plugin."""
    with write_transaction() as session:
        locked = lock(session, user)
        cases = cases_of(session, locked)
        if not cases or cases[-1].id != case.id or case.state is not CaseState.WITH_PROVIDER:
            logger.warning("An answer to proofing case %s came too late, and was not used.", case.id)
            return
        case.method = reply.plugin
        step = case.exchange["step"] + 1 if case.exchange else 1
        match reply.answer:
            case AskQuestions() | NeedReference() if step >= MOST_STEPS:
                logger.error("Plugin %s has no end with proofing case %s.", reply.plugin, case.id)
                message = "There were too many steps."
                _fail(session, locked, case, cases, origin=origin, message=message, may_retry=True)
            case AskQuestions() | NeedReference() as asked:
                asking = isinstance(asked, AskQuestions)
                _set_state(case, CaseState.ASKING if asking else CaseState.REFERENCE_NEEDED)
                case.exchange = Exchange.after(asked, step).to_json()
            case Proved() if _is_anothers(session, locked):
                # Only now: told before the questions, it would tell whoever knows a number that its owner
                # has an account.
                _wait_for_officer(session, locked, case, cases[:-1], why=WhyOfficer.SAME_SSN, origin=origin)
            case Proved(reference=reference):
                _end(case, CaseState.PROVED, reference=reference)
                locked.proofing = ProofingState.PROVED
                forget_ssn(session, locked)
                _audit(session, "proofing.proved", locked, case, origin)
            case Failed(message=message, may_retry=may_retry):
                _fail(session, locked, case, cases, origin=origin, message=message, may_retry=may_retry)
            case LeaveToOfficer(message=message):
                _wait_for_officer(
                    session,
                    locked,
                    case,
                    cases[:-1],
                    why=WhyOfficer.PROVIDER,
                    origin=origin,
                    message=message,
                )
            case None if reply.plugin:
                _end(case, CaseState.FAILED, message=_UNANSWERED, fault=True)
                case.retry_after = utc_now() + _FAULT_PAUSE
                _audit(session, "proofing.failed", locked, case, origin, outcome=Outcome.FAILED, fault=True)
            case None:
                _wait_for_officer(
                    session, locked, case, cases[:-1], why=WhyOfficer.NO_PROVIDER, origin=origin
                )


def _fail(
    session: Session,
    user: User,
    case: ProofingCase,
    cases: list[ProofingCase],
    *,
    origin: Origin,
    message: str,
    may_retry: bool,
) -> None:
    _end(case, CaseState.FAILED, message=message, final=not may_retry)
    if may_retry and _tries_left(cases):
        case.retry_after = utc_now() + timedelta(minutes=current_settings().proofing_retry_minutes)
    else:
        forget_ssn(session, user)
    _audit(session, "proofing.failed", user, case, origin, outcome=Outcome.FAILED)


def _wait_for_officer(
    session: Session,
    user: User,
    case: ProofingCase,
    before: list[ProofingCase],
    *,
    why: WhyOfficer,
    origin: Origin,
    message: str = "",
) -> None:
    case.method = MANUAL
    case.attempt = sum(one.method == MANUAL for one in before) + 1
    case.exchange = {"why": why.value, "message": message}
    _set_state(case, CaseState.WAITING_FOR_OFFICER)
    user.proofing = ProofingState.WAITING
    forget_ssn(session, user)
    _audit(session, "proofing.left_to_officer", user, case, origin, why=why.value)
    events.tell(session, user, "proofing_waiting", origin)


def _set_state(case: ProofingCase, state: CaseState) -> None:
    case.state = state
    case.state_since = utc_now()


def _end(case: ProofingCase, state: CaseState, **decision: object) -> None:
    _set_state(case, state)
    case.decided_at = case.state_since
    case.exchange = None
    case.decision = decision


def cases_of(session: Session, user: User) -> list[ProofingCase]:
    """List a person's attempts, the oldest first.

    Args:
        session: Where to look.
        user: Whose.
    """
    statement = select(ProofingCase).where(ProofingCase.user_id == user.id).order_by(ProofingCase.id)
    return list(session.scalars(statement, execution_options={"populate_existing": True}))


def _open_step(
    session: Session, user: User, case_number: int, step: int, state: CaseState
) -> tuple[ProofingCase, Exchange]:
    cases = cases_of(session, lock(session, user))
    case = cases[-1] if cases else None
    if case is None or case.id != case_number or case.state is not state or case.exchange is None:
        raise ProofingError(_NO_LONGER_OPEN)
    kept = Exchange.from_json(case.exchange)
    if kept.step != step:
        raise ProofingError(_NO_LONGER_OPEN)
    return case, kept


def _is_stuck(case: ProofingCase) -> bool:
    return case.state is CaseState.WITH_PROVIDER and case.state_since + _STUCK <= utc_now()


def set_aside(case: ProofingCase) -> None:
    """Have an attempt that has ended count no longer. It is kept."""
    case.decision = {**(case.decision or {}), _SET_ASIDE: True}


def _that_count(cases: list[ProofingCase]) -> list[ProofingCase]:
    return [case for case in cases if not (case.decision and case.decision.get(_SET_ASIDE))]


def _is_fault(case: ProofingCase) -> bool:
    return _is_stuck(case) or bool(case.decision and case.decision.get("fault"))


def _tries_used(cases: list[ProofingCase]) -> int:
    return sum(case.method != MANUAL and not _is_fault(case) for case in _that_count(cases))


def _tries_left(cases: list[ProofingCase]) -> int:
    return max(0, current_settings().proofing_attempts - _tries_used(cases))


def _retry_at(cases: list[ProofingCase]) -> datetime | None:
    return cases[-1].retry_after if cases else None


def _may_retry(session: Session, user: User, cases: list[ProofingCase]) -> bool:
    if not _gave_ssn(session, user) or user.proofing is not ProofingState.NEEDED:
        return False
    if cases and cases[-1].state is not CaseState.FAILED and not _is_stuck(cases[-1]):
        return False
    final = any(case.decision and case.decision.get("final") for case in _that_count(cases))
    return not final and _tries_left(cases) > 0


def _gave_ssn(session: Session, user: User) -> bool:
    person = session.get(Person, user.id)
    return person is not None and person.ssn_hash is not None


def may_ask_officer(cases: list[ProofingCase]) -> bool:
    """Whether a person may ask for an officer.

    Args:
        cases: The person's attempts, the oldest first.
    """
    if not cases:
        return True
    if sum(case.method == MANUAL for case in _that_count(cases)) >= current_settings().proofing_attempts:
        return False
    return cases[-1].state not in (
        CaseState.WAITING_FOR_OFFICER,
        CaseState.PROVED,
    ) and (cases[-1].state is not CaseState.WITH_PROVIDER or _is_stuck(cases[-1]))


def _message(case: ProofingCase | None) -> str:
    if case is None:
        return ""
    if _is_stuck(case):
        return _UNANSWERED
    if case.state is CaseState.REFUSED:
        return str((case.decision or {}).get("reason", ""))
    return str((case.decision or case.exchange or {}).get("message", ""))


def _is_anothers(session: Session, user: User) -> bool:
    """Whether another account that is in use was proved with the same number: nobody needs two."""
    hashed_ssn = session.get_one(Person, user.id).ssn_hash
    other = find_proved(session, hashed_ssn) if hashed_ssn else None
    return other is not None and other.id != user.id


def _audit(
    session: Session,
    action: str,
    user: User,
    case: ProofingCase,
    origin: Origin,
    *,
    outcome: Outcome = Outcome.DONE,
    **detail: object,
) -> None:
    events.record(
        session,
        action,
        user,
        origin,
        outcome,
        case=case.id,
        method=case.method,
        attempt=case.attempt,
        **detail,
    )
