"""Another name after the proof: an officer compares it with documents. Knows no request.

The new name stands at once, and its owner goes on meanwhile: who marries shall not be kept from work. The
name that was proved is kept with the case, so that a refusal puts it back.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from iqies_flask.database import utc_now
from iqies_flask.extensions import db
from iqies_flask.identity import events
from iqies_flask.identity.models import Person, User
from iqies_flask.identity.origin import Origin
from iqies_flask.identity.persons import Profile
from iqies_flask.identity.proofing.models import MANUAL, CaseState, ProofingCase
from iqies_flask.identity.proofing.service import WhyOfficer

_PROVED = "proved_name"


def is_waiting(user: User) -> bool:
    """Whether the name of a person whose identity is proved waits for an officer."""
    return _waiting_case(db.session, user) is not None


def leave_to_officer(session: Session, user: User, before: Profile, now: Profile, origin: Origin) -> bool:
    """Have an officer look at the name that a person has taken, whose identity was proved with another one.

    A case that waits already ends, as its officer may have seen another name. Back at the proved name there
    is nothing to decide.

    Args:
        session: A session in a writing transaction, which the caller commits. The account is locked.
        user: Whose name.
        before: The person until now.
        now: The person from now on.
        origin: Where the request comes from.

    Returns:
        Whether an officer decides.
    """
    proved = before.names()
    waiting = _waiting_case(session, user)
    if waiting is not None:
        proved = proved_name(waiting) or proved
        waiting.state, waiting.exchange = CaseState.FAILED, None
        waiting.state_since = waiting.decided_at = utc_now()
        waiting.decision = {"reason": "The name was changed again."}
    if now.names() == proved:
        return False
    case = ProofingCase(
        user_id=user.id,
        method=MANUAL,
        state=CaseState.WAITING_FOR_OFFICER,
        attempt=1,
        exchange={"why": WhyOfficer.NAME_CHANGED.value, _PROVED: proved},
    )
    session.add(case)
    session.flush()
    events.record(
        session, "proofing.left_to_officer", user, origin, case=case.id, why=WhyOfficer.NAME_CHANGED.value
    )
    return True


def proved_name(case: ProofingCase) -> dict[str, Any] | None:
    """The parts of the name that was proved, as in `Profile`; None where a case is about something else."""
    return (case.exchange or {}).get(_PROVED)


def names_of(session: Session, numbers: Collection[int]) -> dict[int, str]:
    """Name persons for those who decide about them: where a new name is not proved yet, with the proved one.

    Args:
        session: Where to look.
        numbers: Numbers of their accounts.

    Returns:
        Number of the account to name. An account of whose person nothing is known is missing.
    """
    waits = and_(ProofingCase.user_id == Person.user_id, ProofingCase.state == CaseState.WAITING_FOR_OFFICER)
    statement = select(Person, ProofingCase).outerjoin(ProofingCase, waits).where(Person.user_id.in_(numbers))
    names: dict[int, str] = {}
    for person, case in session.execute(statement):
        profile = Profile.from_json(person.profile)
        proved = None if case is None else proved_name(case)
        names[person.user_id] = (
            f"{profile.name} (proved as {replace(profile, **proved).name})" if proved else profile.name
        )
    return names


def put_back(person: Person, proved: dict[str, Any]) -> None:
    """Give a person the name again that was proved."""
    person.profile = {**person.profile, **proved}
    person.changed_at = utc_now()


def _waiting_case(session: Session, user: User) -> ProofingCase | None:
    # Of a person whose identity is proved no other case waits.
    return session.scalar(
        select(ProofingCase)
        .where(ProofingCase.user_id == user.id, ProofingCase.state == CaseState.WAITING_FOR_OFFICER)
        .execution_options(populate_existing=True)
    )
