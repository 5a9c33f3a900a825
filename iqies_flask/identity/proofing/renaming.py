"""Another name after the proof: an officer compares it with documents. Knows no request.

The new name stands at once, and its owner goes on meanwhile: who marries shall not be kept from work. The
name that was proved is kept with the case, so that a refusal puts it back.
"""

from typing import Any

from sqlalchemy import select
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
