"""Proofing by hand: what waits for an officer of the Service Center, and the officer's decision.

Who is an officer is not known here. Knows no request.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from iqies_flask.audit.models import Outcome
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity import events
from iqies_flask.identity.locking import lock_number
from iqies_flask.identity.models import Person, ProofingState, User
from iqies_flask.identity.origin import NOWHERE, Origin
from iqies_flask.identity.persons import Profile
from iqies_flask.identity.proofing import renaming
from iqies_flask.identity.proofing.models import CaseState, ProofingCase
from iqies_flask.identity.proofing.service import WhyOfficer, cases_of, may_ask_officer
from iqies_flask.paging import Page, PageSize

MOST_NUMBER_CHARACTERS = 4
"""Of a document's number no more than its end is kept: enough to tell two apart, too little to misuse."""

CORRECTED_MEANWHILE = (
    "The person has corrected what is shown here since you opened the page. It stands here as it is now:"
    " compare it again, then decide."
)

_QUEUE_PAGE = PageSize(20)


class DecisionError(ValueError):
    """The decision cannot be taken; the message says why, for the officer."""


class AlreadyDecidedError(DecisionError):
    """The case waits no longer: somebody else has decided, or it was never there."""


class DocumentKind(StrEnum):
    """What proves a person's identity; the text is its name on pages."""

    DRIVERS_LICENSE = "Driver's license"
    STATE_ID = "State identification card"
    PASSPORT = "Passport"
    PASSPORT_CARD = "Passport card"
    MILITARY_ID = "Military identification card"
    PERMANENT_RESIDENT_CARD = "Permanent resident card"
    TRIBAL_ID = "Tribal identification card"
    BIRTH_CERTIFICATE = "Birth certificate"
    SOCIAL_SECURITY_CARD = "Social Security card"
    UTILITY_BILL = "Utility bill or bank statement with the home address"


PHOTO_DOCUMENTS = tuple(DocumentKind)[:7]
"""Those with a photo, one of which is needed."""


class HowSeen(StrEnum):
    """How an officer saw the documents; the text is its name on pages."""

    IN_PERSON = "In person"
    VIDEO_CALL = "In a video call"
    MAIL = "By mail"


@dataclass(frozen=True, slots=True)
class Document:
    """A document that an officer saw.

    Attributes:
        kind: What it is.
        issuer: Who issued it, such as a state.
        number_end: The last characters of its number, at most `MOST_NUMBER_CHARACTERS`; may be empty.
        in_force: Whether it has not expired.
    """

    kind: DocumentKind
    issuer: str
    number_end: str
    in_force: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an officer saw of a person.

    Attributes:
        documents: The documents; none where the person showed none.
        how_seen: How.
        notes: For other officers; the person does not read them.
    """

    documents: tuple[Document, ...]
    how_seen: HowSeen
    notes: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case in the queue.

    Attributes:
        case_number: Its number.
        user_number: Number of the account.
        user_id: Its user ID.
        name: The person's name.
        since: Since when it waits.
        why: Why an officer decides.
    """

    case_number: int
    user_number: int
    user_id: str
    name: str
    since: datetime
    why: WhyOfficer


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What an officer needs to decide a case.

    Attributes:
        waiting: The case.
        profile: The person, as he or she registered.
        gave_ssn: Whether a Social Security number was given.
        same_ssn: User IDs of other accounts with the same one.
        message: What the proofing service said, if it left the case to the Service Center.
        proved_name: The name with which the person was proved, where another one is to be decided about;
            else empty.
        earlier: The attempts before, the oldest first.
        as_of: When the person last changed what is shown.
    """

    waiting: Waiting
    profile: Profile
    gave_ssn: bool
    same_ssn: Sequence[str]
    message: str
    proved_name: str
    earlier: Sequence[ProofingCase]
    as_of: datetime


def queue(number: int) -> Page[Waiting]:
    """List the cases that wait for an officer, the one that waits longest first.

    Args:
        number: Which page, from 1.
    """
    session = db.session
    is_waiting = ProofingCase.state == CaseState.WAITING_FOR_OFFICER
    count = select(func.count()).select_from(ProofingCase).join(User, User.id == ProofingCase.user_id)
    total = session.scalar(count.where(is_waiting, User.active)) or 0
    number = _QUEUE_PAGE.number(number, total)
    rows = session.execute(
        select(ProofingCase, User, Person)
        .join(User, User.id == ProofingCase.user_id)
        .join(Person, Person.user_id == User.id)
        .where(is_waiting, User.active)
        .order_by(ProofingCase.state_since, ProofingCase.id)
        .limit(_QUEUE_PAGE.entries)
        .offset(_QUEUE_PAGE.offset(number))
    )
    return Page([_waiting(*row) for row in rows], number, _QUEUE_PAGE.pages(total), total)


def open_case(officer: User, case_number: int, *, origin: Origin = NOWHERE) -> CaseFile:
    """Open the file of a case that waits. The audit log keeps that it was looked at, and by whom.

    Args:
        officer: Who looks.
        case_number: Number of the case.
        origin: Where the request came from.

    Raises:
        LookupError: There is no such case.
        DecisionError: It is the officer's own, or the account is deactivated.
        AlreadyDecidedError: It waits no longer.
    """
    with write_transaction() as session:
        case = _case_to_decide(session, officer, case_number)
        user, person = session.get_one(User, case.user_id), session.get_one(Person, case.user_id)
        events.record_by(session, "proofing.viewed", user, origin, case=case.id, actor=officer)
    earlier = session.scalars(
        select(ProofingCase)
        .where(ProofingCase.user_id == user.id, ProofingCase.id < case.id)
        .order_by(ProofingCase.id)
    )
    profile = Profile.from_json(person.profile)
    proved = renaming.proved_name(case)
    return CaseFile(
        waiting=_waiting(case, user, person),
        profile=profile,
        gave_ssn=person.ssn_hash is not None,
        same_ssn=_same_ssn(session, person),
        message=str((case.exchange or {}).get("message", "")),
        proved_name=replace(profile, **proved).name if proved else "",
        earlier=list(earlier),
        as_of=person.changed_at,
    )


def decide(
    officer: User,
    case_number: int,
    evidence: Evidence,
    reason: str,
    *,
    approve: bool,
    as_of: datetime | None = None,
    origin: Origin = NOWHERE,
) -> str:
    """Approve or refuse a person, or the name that a proved person has taken. The person is told by e-mail.

    Args:
        officer: Who decides.
        case_number: Number of the case.
        evidence: What was seen.
        reason: Why it is decided so; the person reads it where it is refused.
        approve: Whether the person is proved. Where it is about the name, the person stays proved either
            way, and a refusal puts the proved name back.
        as_of: `CaseFile.as_of` of what the officer compared with; None where that was read just now.
        origin: Where the request came from.

    Returns:
        The person's user ID.

    Raises:
        LookupError: There is no such case.
        AlreadyDecidedError: Somebody else was quicker.
        DecisionError: The case is the officer's own, its account is deactivated, the person has corrected
            the particulars meanwhile, or the evidence does not bear the decision.
    """
    _check(evidence, reason, approve=approve)
    with write_transaction() as session:
        case = _case_to_decide(session, officer, case_number)
        user = session.get_one(User, case.user_id)
        if as_of is not None and as_of != session.get_one(Person, user.id, populate_existing=True).changed_at:
            raise DecisionError(CORRECTED_MEANWHILE)
        proved = renaming.proved_name(case)
        case.state = CaseState.PROVED if approve else CaseState.REFUSED
        case.state_since = case.decided_at = utc_now()
        case.officer_id = officer.id
        case.exchange = None
        case.decision = {**asdict(evidence), "reason": reason.strip()}
        if proved is None:
            user.proofing = ProofingState.PROVED if approve else ProofingState.REFUSED
        elif not approve:
            renaming.put_back(session.get_one(Person, user.id, populate_existing=True), proved)
        verdict = "approved" if approve else "refused"
        outcome = Outcome.DONE if approve else Outcome.REFUSED
        kinds = [document.kind.name.lower() for document in evidence.documents]
        seen = evidence.how_seen.name.lower()
        events.record_by(
            session,
            f"proofing.{verdict}",
            user,
            origin,
            outcome,
            case=case.id,
            documents=kinds,
            how_seen=seen,
            about="person" if proved is None else "name",
            actor=officer,
        )
        template = f"{'proofing' if proved is None else 'name'}_{verdict}"
        # From where an officer works is no business of the person's.
        further_try = not approve and may_ask_officer(cases_of(session, user))
        events.tell(session, user, template, NOWHERE, reason=reason.strip(), further_try=further_try)
        return user.user_id


def _check(evidence: Evidence, reason: str, *, approve: bool) -> None:
    if not reason.strip():
        raise DecisionError("Give a reason.")
    if any(len(document.number_end) > MOST_NUMBER_CHARACTERS for document in evidence.documents):
        raise DecisionError(f"Enter no more than the last {MOST_NUMBER_CHARACTERS} characters of a number.")
    if approve and not any(
        document.in_force and document.kind in PHOTO_DOCUMENTS for document in evidence.documents
    ):
        raise DecisionError(
            "To approve, record a document with a photo that has not expired. Without one, refuse, and say in"
            " the reason what the person should bring."
        )


def _case_to_decide(session: Session, officer: User, case_number: int) -> ProofingCase:
    found = session.get(ProofingCase, case_number)
    if found is None:
        raise LookupError(case_number)
    # Whatever changes a case locks its account first.
    user = lock_number(session, found.user_id)
    case = session.get_one(ProofingCase, case_number, populate_existing=True)
    if case.user_id == officer.id:
        raise DecisionError("Nobody decides about the own proofing. Leave this case to another officer.")
    if case.state is not CaseState.WAITING_FOR_OFFICER:
        raise AlreadyDecidedError(_what_became_of(session, case))
    if user is None or not user.active:
        raise DecisionError("The account of this case is deactivated, so there is nothing to decide.")
    return case


def _what_became_of(session: Session, case: ProofingCase) -> str:
    verdicts = {CaseState.PROVED: "approved", CaseState.REFUSED: "refused"}
    if case.officer_id is None or case.state not in verdicts:
        return "This case does not wait for an officer. Nothing was changed."
    other = session.get_one(User, case.officer_id).user_id
    return f"This case was {verdicts[case.state]} by {other} already. Nothing was changed by you."


def _waiting(case: ProofingCase, user: User, person: Person) -> Waiting:
    profile = Profile.from_json(person.profile)
    why = WhyOfficer((case.exchange or {}).get("why", WhyOfficer.ASKED))
    return Waiting(case.id, user.id, user.user_id, profile.name, case.state_since, why)


def _same_ssn(session: Session, person: Person) -> list[str]:
    if person.ssn_hash is None:
        return []
    statement = select(User.user_id).join(Person, Person.user_id == User.id).order_by(User.user_id_folded)
    same = statement.where(Person.ssn_hash == person.ssn_hash, User.id != person.user_id)
    return list(session.scalars(same))
