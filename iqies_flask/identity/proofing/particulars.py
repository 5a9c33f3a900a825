"""Putting right what a person entered about himself or herself. Knows no request.

Who is not proved corrects it alone: whoever proves the person sees what stands there then. The date of birth
of a proved person is corrected by the operator, and the name as in `renaming`.
"""

from datetime import date

from sqlalchemy.orm import Session

from iqies_flask.database import utc_now, write_transaction
from iqies_flask.identity import events
from iqies_flask.identity.locking import lock
from iqies_flask.identity.models import Person, ProofingState, User
from iqies_flask.identity.origin import NOWHERE, Origin
from iqies_flask.identity.persons import Profile
from iqies_flask.identity.proofing.service import ProofingError, state_of


def correct(user: User, profile: Profile, origin: Origin) -> bool:
    """Keep what a person who is not proved says of himself or herself now.

    Args:
        user: Who.
        profile: The whole profile, corrected.
        origin: Where the request comes from.

    Returns:
        Whether anything was different.

    Raises:
        ProofingError: The person is proved, or questions are open that were made of what stood there before.
    """
    with write_transaction() as session:
        locked = lock(session, user)
        if not state_of(locked).may_correct:
            raise ProofingError(
                "This cannot be corrected now. The page says how far your proofing is, and what you can do."
            )
        changed = _keep(session, locked, profile)
        if changed:
            events.record(session, "profile.changed", locked, origin, fields=changed)
        return bool(changed)


def correct_birth_date(user: User, born: date) -> None:
    """Correct the date of birth of a proved person, whose document the operator has seen. The person is told.

    Raises:
        ProofingError: The person is not proved, or nothing is known of the person.
    """
    with write_transaction() as session:
        locked = lock(session, user)
        if locked.proofing is not ProofingState.PROVED:
            raise ProofingError(
                f"The identity of {user.user_id} is not proved: the person corrects the date of birth alone,"
                " after signing in."
            )
        person = session.get(Person, user.id, populate_existing=True)
        if person is None:
            raise ProofingError(
                f"Nothing is known of the person of {user.user_id}, who enters the date of birth alone, under"
                " My profile."
            )
        before = Profile.from_json(person.profile)
        changed = _keep(session, locked, before.with_birth_date(born))
        events.record_by_operator(session, "profile.changed", locked, fields=changed)
        events.tell(session, locked, "birth_date_corrected", NOWHERE)


def _keep(session: Session, user: User, profile: Profile) -> list[str]:
    """Keep a profile, and name the parts that are different."""
    person = session.get_one(Person, user.id, populate_existing=True)
    after = profile.to_json()
    changed = sorted(name for name in after if person.profile.get(name) != after[name])
    if changed:
        person.profile = after
        person.changed_at = utc_now()
    return changed
