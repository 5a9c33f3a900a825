"""Opening the ways of proofing again for a person who has used them up. Knows no request."""

from iqies_flask.database import write_transaction
from iqies_flask.identity import events
from iqies_flask.identity.locking import lock
from iqies_flask.identity.models import ProofingState, User
from iqies_flask.identity.origin import NOWHERE
from iqies_flask.identity.proofing.models import CaseState
from iqies_flask.identity.proofing.service import ProofingError, cases_of, set_aside


def reopen(user: User) -> None:
    """Let a person try again to prove the own identity, as often as at first. The person is told by e-mail.

    The attempts before are kept, and count no longer.

    Raises:
        ProofingError: The person is proved, an officer decides just now, or there were no attempts.
    """
    with write_transaction() as session:
        locked = lock(session, user)
        if locked.proofing is ProofingState.PROVED:
            raise ProofingError(f"The identity of {user.user_id} is proved already.")
        cases = cases_of(session, locked)
        if not cases or cases[-1].state not in (CaseState.FAILED, CaseState.REFUSED):
            raise ProofingError(
                f"No attempt of {user.user_id} has come to an end without proof, so there is nothing to"
                " reopen."
            )
        for case in cases:
            set_aside(case)
        cases[-1].retry_after = None
        events.record_by_operator(session, "proofing.reopened", locked)
        events.tell(session, locked, "proofing_reopened", NOWHERE)
