"""The rules of registering. Knows no request; needs an application context for the database.

Whatever a registration tells its visitor is the same for addresses and persons with an account as for those
without one: which it is stands only in the e-mail to the address.
"""

from datetime import datetime, timedelta
from enum import Enum, auto

from sqlalchemy import Select, delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from iqies_flask.audit.models import Outcome
from iqies_flask.current import current_settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity import events
from iqies_flask.identity.models import Person, ProofingState, User
from iqies_flask.identity.origin import Origin
from iqies_flask.identity.persons import Profile, ssn_hash
from iqies_flask.identity.registration.models import ConfirmationMail, Registration
from iqies_flask.identity.service import email_hash, find_by_email
from iqies_flask.identity.tokens import new_token, token_hash
from iqies_flask.mail.service import enqueue

LIFETIME = timedelta(hours=24)
"""Of a registration since the last step that was finished, and of the link in its e-mail."""

_PAUSE = timedelta(minutes=1)
_MAILS_AN_HOUR = 5
"""To one address, whoever asks for them."""


class UserIdTakenError(ValueError):
    """Another account, or another registration under way, has the user ID."""


class Sending(Enum):
    """What came of asking for the e-mail."""

    SENT = auto()
    JUST_SENT = auto()
    TOO_MANY = auto()


class LinkState(Enum):
    """What a link in an e-mail is worth."""

    OPEN = auto()
    USED = auto()
    WORTHLESS = auto()


class Confirmation(Enum):
    """What came of confirming an address."""

    CONFIRMED = auto()
    ALREADY_CONFIRMED = auto()
    WORTHLESS = auto()
    ACCOUNT_EXISTS = auto()
    USER_ID_TAKEN = auto()


def resume(session: Session, token: str | None) -> tuple[Registration, str]:
    """Go on with a registration, or begin one where there is none; throw away those that have expired.

    Args:
        session: A session in a writing transaction, which the caller commits.
        token: The browser's; None if it has none.

    Returns:
        The registration, and the token for the browser's session.
    """
    sweep(session)
    if token is not None:
        statement = select(Registration).where(Registration.token_hash == token_hash(token)).with_for_update()
        found = session.scalar(statement, execution_options={"populate_existing": True})
        if found is not None:
            return found, token
    token = new_token()
    now = utc_now()
    registration = Registration(token_hash=token_hash(token), started_at=now, expires_at=now + LIFETIME)
    session.add(registration)
    return registration, token


def sweep(session: Session) -> None:
    """Throw away the registrations that have expired, and with them what nobody shall keep."""
    session.execute(delete(Registration).where(Registration.expires_at <= utc_now()))


def has_expired() -> bool:
    """Whether there is anything to sweep: looking costs no lock."""
    return (
        db.session.scalar(select(Registration.id).where(Registration.expires_at <= utc_now()).limit(1))
        is not None
    )


def find(token: str) -> Registration | None:
    """Look up a registration by the browser's token; None if there is none, or it has expired."""
    return db.session.scalar(
        select(Registration).where(
            Registration.token_hash == token_hash(token), Registration.expires_at > utc_now()
        )
    )


def is_free(user_id: str, registration: Registration | None) -> bool:
    """Whether nobody else has a user ID, in whichever case.

    Args:
        user_id: Which.
        registration: The one that asks; None before it is begun.
    """
    folded = user_id.lower()
    if db.session.scalar(select(User.id).where(User.user_id_folded == folded)) is not None:
        return False
    other = db.session.scalar(
        select(Registration).where(Registration.user_id_folded == folded, Registration.expires_at > utc_now())
    )
    return other is None or (registration is not None and other.id == registration.id)


def save_profile(registration: Registration, profile: Profile) -> None:
    """Keep what the first step asked for.

    A link that was sent to another address confirms nothing from now on.

    Args:
        registration: Whose, in a writing transaction of the caller.
        profile: What was entered.
    """
    hashed = email_hash(profile.email)
    if hashed != registration.email_hash:
        registration.link_hash = None
        registration.link_sent_at = None
    registration.profile = profile.to_json()
    registration.email_hash = hashed
    registration.expires_at = utc_now() + LIFETIME


def keep_user_id(registration_id: int, user_id: str) -> None:
    """Keep the user ID that was chosen. Nobody else can take it while the registration lasts.

    Args:
        registration_id: Number of the registration.
        user_id: One that `user_ids.problem` finds no fault with.

    Raises:
        UserIdTakenError: Somebody else has it.
    """
    try:
        with write_transaction() as session:
            sweep(session)
            registration = session.get_one(Registration, registration_id, populate_existing=True)
            if not is_free(user_id, registration):
                raise UserIdTakenError(user_id)
            registration.user_id = user_id
            registration.user_id_folded = user_id.lower()
    except IntegrityError:
        # Two took it at the same moment.
        raise UserIdTakenError(user_id) from None


def keep_password(registration_id: int, password_hash: str) -> None:
    """Keep the password that was chosen.

    Args:
        registration_id: Number of the registration.
        password_hash: Of one that `passwords.problems` finds no fault with.
    """
    with write_transaction() as session:
        session.get_one(Registration, registration_id, populate_existing=True).password_hash = password_hash


def send_link(session: Session, registration: Registration, origin: Origin) -> Sending:
    """Send the e-mail that confirms the address; to one that has an account, the ways into it.

    Either way the same is done and stored.

    Args:
        session: A session in a writing transaction, which the caller commits.
        registration: One that is complete.
        origin: Where the request comes from.
    """
    # Of two requests at once, the second shall see that the first has sent it.
    session.refresh(registration, with_for_update=True)
    now = utc_now()
    if registration.link_sent_at is not None and now - registration.link_sent_at < _PAUSE:
        return Sending.JUST_SENT
    if _mails_sent(session, registration, now) >= _MAILS_AN_HOUR:
        return Sending.TOO_MANY
    profile = profile_of(registration)
    account = _account_at_same_address(session, registration)
    token = new_token()
    registration.link_hash = token_hash(token)
    registration.link_sent_at = now
    session.add(ConfirmationMail(email_hash=registration.email_hash, sent_at=now))
    registration.expires_at = now + LIFETIME
    # No name: whoever registers with somebody else's address shall write nothing into the message.
    enqueue(
        session,
        profile.email,
        _letter_for(account),
        link=f"{current_settings().site_url}/register/confirm/{token}",
        hours=LIFETIME // timedelta(hours=1),
        at=now,
        **origin._asdict(),
    )
    outcome = Outcome.REFUSED if account else Outcome.DONE
    events.record_by(session, "registration.begun", account, origin, outcome, actor=None)
    return Sending.SENT


def find_link(token: str) -> tuple[LinkState, Registration | None]:
    """Say what a link is worth, and whose it is."""
    registration = db.session.scalar(_of_link(token))
    if registration is None:
        return LinkState.WORTHLESS, None
    return (LinkState.OPEN if registration.account_id is None else LinkState.USED), registration


def confirm(token: str, origin: Origin) -> tuple[Confirmation, Registration | None]:
    """Confirm an address by its link: the account is made.

    Of two registrations for one address, or of one person, the first that is confirmed gets the account.

    Args:
        token: The link's.
        origin: Where the request comes from.
    """
    try:
        with write_transaction() as session:
            # Two requests at once: the second sees what the first did.
            registration = session.scalar(
                _of_link(token).with_for_update(), execution_options={"populate_existing": True}
            )
            if registration is None:
                return Confirmation.WORTHLESS, None
            if registration.account_id is not None:
                return Confirmation.ALREADY_CONFIRMED, registration
            if _account_at_same_address(session, registration) is not None:
                return Confirmation.ACCOUNT_EXISTS, registration
            if not is_free(registration.user_id or "", registration):
                return Confirmation.USER_ID_TAKEN, registration
            _make_account(session, registration, origin)
            return Confirmation.CONFIRMED, registration
    except IntegrityError:
        # Another one got the address or the user ID in between; now it is there to be seen.
        return confirm(token, origin)


def profile_of(registration: Registration) -> Profile:
    """Read back what the first step asked for."""
    assert registration.profile is not None
    return Profile.from_json(registration.profile)


def account_of(registration: Registration) -> User | None:
    """The account that came of a registration; None before its address was confirmed, or if it is shut."""
    if registration.account_id is None:
        return None
    return db.session.scalar(select(User).where(User.id == registration.account_id, User.active))


def ssn_of(user: User) -> str | None:
    """The Social Security number for the proofing of an account; None where not given, or thrown away."""
    return db.session.scalar(
        select(Registration.ssn).where(
            Registration.account_id == user.id, Registration.expires_at > utc_now()
        )
    )


def forget_ssn(session: Session, user: User) -> None:
    """Throw away the Social Security number: proofing needs it no longer. Its keyed hash stays.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Whose account came of the registration.
    """
    for registration in session.scalars(select(Registration).where(Registration.account_id == user.id)):
        registration.ssn = None


def throw_away(session: Session, user: User) -> None:
    """Throw away the registration that an account came of, with all that it still holds.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Whose account.
    """
    session.execute(delete(Registration).where(Registration.account_id == user.id))


def discard(session: Session, registration: Registration) -> None:
    """Throw away a registration of which no account has come: its user ID is free, its link does nothing.

    Args:
        session: A session in a writing transaction, which the caller commits.
        registration: Which.
    """
    session.execute(
        delete(Registration).where(Registration.id == registration.id, Registration.account_id.is_(None))
    )


def is_complete(registration: Registration) -> bool:
    """Whether both steps before the e-mail are done."""
    return (
        registration.profile is not None
        and registration.password_hash is not None
        and bool(registration.user_id)
    )


def _of_link(token: str) -> Select[Registration]:
    return select(Registration).where(
        Registration.link_hash == token_hash(token), Registration.expires_at > utc_now()
    )


def _letter_for(account: User | None) -> str:
    if account is None:
        return "confirm_address"
    return "address_exists" if account.active else "account_shut"


def _account_at_same_address(session: Session, registration: Registration) -> User | None:
    # Not by the Social Security number: proofing meets the same person again, and until then the answer
    # would tell whoever knows somebody's number whether there is an account.
    return find_by_email(session, profile_of(registration).email)


def _mails_sent(session: Session, registration: Registration, now: datetime) -> int:
    session.execute(delete(ConfirmationMail).where(ConfirmationMail.sent_at <= now - timedelta(hours=1)))
    statement = select(func.count()).where(ConfirmationMail.email_hash == registration.email_hash)
    return session.scalars(statement).one()


def _make_account(session: Session, registration: Registration, origin: Origin) -> None:
    profile = profile_of(registration)
    assert registration.user_id is not None
    assert registration.password_hash is not None
    user = User(
        user_id=registration.user_id,
        user_id_folded=registration.user_id.lower(),
        password_hash=registration.password_hash,
        email=profile.email,
        email_hash=email_hash(profile.email),
        proofing=ProofingState.NEEDED,
    )
    session.add(user)
    session.flush()
    session.add(
        Person(
            user_id=user.id,
            profile=profile.to_json(),
            ssn_hash=ssn_hash(registration.ssn) if registration.ssn else None,
        )
    )
    registration.account_id = user.id
    registration.expires_at = utc_now() + LIFETIME
    events.record(session, "registration.confirmed", user, origin)
