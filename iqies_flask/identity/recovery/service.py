"""The rules of ways back into an account by e-mail. Knows no request.

Whoever asks for an e-mail learns nothing about who has an account: neither by words nor by the time it takes.
"""

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from iqies_flask.audit.models import Outcome
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.identity import events, passwords
from iqies_flask.identity.links import service as links
from iqies_flask.identity.links.letters import tell_evenly
from iqies_flask.identity.links.models import LinkPurpose
from iqies_flask.identity.locking import lock_number
from iqies_flask.identity.models import Person, User
from iqies_flask.identity.origin import Origin
from iqies_flask.identity.persons import Profile, basis_of
from iqies_flask.identity.service import email_hash, find_by_email, find_user, replace_password
from iqies_flask.identity.throttle import service as throttle

MAILS_AN_HOUR = 3
"""Of one kind to the owner of one account, whoever asks for them."""

_NO_ACCOUNT = 0


def send_user_id(email: str, origin: Origin) -> None:
    """Send the owner of an address his or her user ID, if there is an account.

    Args:
        email: As it was typed.
        origin: Where the request comes from.
    """
    with write_transaction() as session:
        _send(session, find_by_email(session, email), "user_id.asked", "your_user_id", origin)


def send_password_link(typed: str, origin: Origin) -> None:
    """Send the owner of an account a link that gives it a new password, if there is such an account.

    Args:
        typed: A user ID or an e-mail address.
        origin: Where the request comes from.
    """
    with write_transaction() as session:
        user = find_by_email(session, typed) if "@" in typed else find_user(typed)
        purpose = LinkPurpose.RESET_PASSWORD
        _send(session, user, "password.reset_asked", "reset_password", origin, purpose=purpose)


def reset_password(token: str, password: str, origin: Origin) -> User | None:
    """Give an account a new password by a link, and end its sessions.

    Whoever reads the owner's e-mail is no guesser: waiting after failed attempts ends, too.

    Args:
        token: The link's.
        password: One that `passwords.problems` finds no fault with.
        origin: Where the request comes from.

    Returns:
        The account; None if the link does nothing any more.
    """
    hashed = passwords.hashed(password)
    with write_transaction() as session:
        found = links.use(session, token, LinkPurpose.RESET_PASSWORD)
        if found is None:
            return None
        user = found[1]
        replace_password(session, user, hashed)
        throttle.forgive(session, user)
        events.record(session, "password.reset", user, origin)
        events.tell(session, user, "password_changed", origin)
        return user


def unlock(token: str, origin: Origin) -> User | None:
    """End the waiting after failed attempts to sign in, by a link.

    Args:
        token: The link's.
        origin: Where the request comes from.

    Returns:
        The account; None if the link does nothing any more.
    """
    with write_transaction() as session:
        found = links.use(session, token, LinkPurpose.UNLOCK)
        if found is None:
            return None
        user = found[1]
        throttle.forgive(session, user)
        events.record(session, "sign_in.unlocked", user, origin)
        return user


def confirm_address(token: str, origin: Origin) -> User | None:
    """Make the address that a link confirms the account's own.

    Args:
        token: The link's.
        origin: Where the request comes from.

    Returns:
        The account; None if the link does nothing any more, or another account got the address meanwhile.
    """
    try:
        with write_transaction() as session:
            found = links.use(session, token, LinkPurpose.CONFIRM_NEW_ADDRESS)
            if found is None or found[0].address is None:
                return None
            address, user = found[0].address, found[1]
            other = find_by_email(session, address)
            if other is not None and other.id != user.id:
                events.record(session, "address.changed", user, origin, Outcome.REFUSED)
                return None
            _change_address(session, user, address, origin)
            return user
    except IntegrityError:
        # Another account got the address in between; now it is there to be seen.
        return confirm_address(token, origin)


def _change_address(session: Session, user: User, address: str, origin: Origin) -> None:
    before = user.email
    user.email = address
    user.email_hash = email_hash(address)
    person = session.get(Person, user.id, populate_existing=True)
    if person is not None:
        profile = Profile.from_json(person.profile).with_email(address, basis_of(address))
        person.profile = profile.to_json()
        person.changed_at = utc_now()
    # Whoever reads what comes to the former address has nothing more to do with the account.
    links.void(session, user)
    events.record(session, "address.changed", user, origin)
    for to in filter(None, (before, address)):
        events.tell(session, user, "address_changed", origin, to=to, new_address=address)


def _send(
    session: Session,
    user: User | None,
    action: str,
    template: str,
    origin: Origin,
    *,
    purpose: LinkPurpose | None = None,
) -> None:
    """Write an e-mail for the owner of an account. Where there is none, do the same and take it back."""
    if user is not None and not (user.active and user.email):
        user = None
    lock_number(session, user.id if user else _NO_ACCOUNT)
    sent = events.count_last_hour(session, action, user.id if user else _NO_ACCOUNT, Outcome.DONE)
    known = user is not None and sent < MAILS_AN_HOUR
    tell_evenly(session, user, template, origin, purpose=purpose, sent=known)
    events.record_by(session, action, user, origin, Outcome.DONE if known else Outcome.REFUSED, actor=None)
