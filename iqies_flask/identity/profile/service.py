"""What persons change about their own accounts. Knows no request; needs an application context."""

from enum import Enum, auto

from iqies_flask.audit.models import Outcome
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.identity import events, passwords
from iqies_flask.identity.links import service as links
from iqies_flask.identity.links.models import LinkPurpose
from iqies_flask.identity.locking import lock, lock_to_shut
from iqies_flask.identity.models import Person, User
from iqies_flask.identity.origin import Origin
from iqies_flask.identity.persons import Profile
from iqies_flask.identity.proofing import renaming
from iqies_flask.identity.service import find_by_email, replace_password, shut
from iqies_flask.identity.sessions import service as sessions

ADDRESSES_AN_HOUR = 5
"""New addresses, or repetitions of one, that a person may ask for: each gets an e-mail."""


class PersonalChange(Enum):
    """What came of changing what a person says of himself or herself."""

    NOTHING = auto()
    DONE = auto()
    NAME_TO_BE_PROVED = auto()


class TooManyAddressesError(Exception):
    """The person has asked for too many new addresses within the last hour."""


def change_personal(user: User, profile: Profile, origin: Origin) -> PersonalChange:
    """Keep what a person says of himself or herself.

    A change of name is told to the owner, and left to a proofing officer.

    Args:
        user: Who.
        profile: The whole profile, changed.
        origin: Where the request comes from.
    """
    with write_transaction() as session:
        account = lock(session, user)
        person = session.get(Person, user.id, populate_existing=True)
        before = {} if person is None else person.profile
        after = profile.to_json()
        changed = sorted(name for name in after if before.get(name) != after[name])
        if not changed:
            return PersonalChange.NOTHING
        if person is None:
            session.add(Person(user_id=user.id, profile=after))
        else:
            person.profile = after
            person.changed_at = utc_now()
        events.record(session, "profile.changed", user, origin, fields=changed)
        if not before or not set(changed) & profile.names().keys():
            return PersonalChange.DONE
        waits = renaming.leave_to_officer(session, account, Profile.from_json(before), profile, origin)
        events.tell(session, account, "name_changed", origin, waits=waits)
        return PersonalChange.NAME_TO_BE_PROVED if waits else PersonalChange.DONE


def ask_for_address(user: User, address: str, origin: Origin) -> None:
    """Send a link that confirms a new address to it, and a notice to the present one.

    Where another account has the address, its owner is told so instead, and the person who asks sees no
    difference.

    Args:
        user: Who.
        address: The new address, in its normal form.
        origin: Where the request comes from.

    Raises:
        TooManyAddressesError: There were several within the last hour.
    """
    with write_transaction() as session:
        lock(session, user)
        if events.count_last_hour(session, "address.asked", user.id) >= ADDRESSES_AN_HOUR:
            raise TooManyAddressesError
        taken = find_by_email(session, address) is not None
        link = links.make(session, user, LinkPurpose.CONFIRM_NEW_ADDRESS, address)
        events.record(session, "address.asked", user, origin, Outcome.REFUSED if taken else Outcome.DONE)
        events.tell(session, user, "address_change_asked", origin, new_address=address)
        events.tell(
            session,
            user,
            "address_in_use" if taken else "confirm_new_address",
            origin,
            to=address,
            link=link,
            lifetime=links.lifetime_in_words(LinkPurpose.CONFIRM_NEW_ADDRESS),
        )


def keep_address(user: User, origin: Origin) -> None:
    """Have the link that would confirm a new address do nothing: the present address stays.

    Args:
        user: Who.
        origin: Where the request comes from.
    """
    with write_transaction() as session:
        lock(session, user)
        links.void(session, user, LinkPurpose.CONFIRM_NEW_ADDRESS)
        events.record(session, "address.kept", user, origin)


def change_password(user: User, login_id: int, password: str, origin: Origin) -> None:
    """Give a person's account a new password, and sign the person out everywhere else.

    Args:
        user: Who.
        login_id: Number of the session that goes on.
        password: One that `passwords.problems` finds no fault with.
        origin: Where the request comes from.
    """
    hashed = passwords.hashed(password)
    with write_transaction() as session:
        lock(session, user)
        replace_password(session, user, hashed, but=login_id)
        events.record(session, "password.changed", user, origin)
        events.tell(session, user, "password_changed", origin)


def end_session(user: User, login_id: int, origin: Origin) -> bool:
    """Sign a person out elsewhere.

    Args:
        user: Who.
        login_id: Number of the session. Others than the person's own are not touched.
        origin: Where the request comes from.

    Returns:
        Whether there was one.
    """
    with write_transaction() as session:
        ended = sessions.end(session, user.id, login_id)
        if ended:
            events.record(session, "session.ended", user, origin)
        return ended


def end_other_sessions(user: User, login_id: int, origin: Origin) -> None:
    """Sign a person out everywhere else.

    Args:
        user: Who.
        login_id: Number of the session that goes on.
        origin: Where the request comes from.
    """
    with write_transaction() as session:
        sessions.end_all(session, user, but=login_id)
        events.record(session, "session.ended", user, origin, which="all others")


def deactivate(user: User, origin: Origin) -> None:
    """Shut a person's own account, at his or her wish.

    Args:
        user: Who.
        origin: Where the request comes from.
    """
    with write_transaction() as session:
        shut(session, lock_to_shut(session, user))
        events.record(session, "account.deactivated", user, origin)
        events.tell(session, user, "account_deactivated", origin)
