"""What persons are called before those who have to do with them."""

from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from iqies_flask.identity.models import User
from iqies_flask.identity.proofing import renaming


def person_names(session: Session, users: Iterable[User]) -> Mapping[int, str]:
    """Name persons for those who have to do with them: by name, or by user ID where no name is known.

    A name that was taken after the proof comes with the proved one, until an officer has confirmed it.

    Args:
        session: Where to look.
        users: Whom.

    Returns:
        Number of the account to name.
    """
    names = {user.id: user.user_id for user in users}
    return {**names, **renaming.names_of(session, names)}


def person_name(session: Session, user: User) -> str:
    """Name one person as `person_names` does."""
    return person_names(session, [user])[user.id]
