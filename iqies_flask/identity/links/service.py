"""Links that are sent by e-mail to the owner of an account, and do what they do once."""

from datetime import timedelta

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from iqies_flask.current import current_settings
from iqies_flask.database import utc_now
from iqies_flask.extensions import db
from iqies_flask.identity.links.models import EmailLink, LinkPurpose
from iqies_flask.identity.locking import lock_number
from iqies_flask.identity.models import User
from iqies_flask.identity.tokens import new_token, token_hash

_PATHS = {
    LinkPurpose.CONFIRM_NEW_ADDRESS: "confirm-address",
    LinkPurpose.RESET_PASSWORD: "reset-password",
    LinkPurpose.UNLOCK: "unlock",
}
_LIFETIMES = {
    LinkPurpose.CONFIRM_NEW_ADDRESS: timedelta(hours=24),
    LinkPurpose.RESET_PASSWORD: timedelta(hours=1),
    LinkPurpose.UNLOCK: timedelta(hours=24),
}
_KEPT = timedelta(days=30)
_NO_ACCOUNT = 0


def make(session: Session, user: User | None, purpose: LinkPurpose, address: str | None = None) -> str:
    """Make a link for an e-mail. Earlier ones of the same person and purpose do nothing from now on.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Whose account. For None the same work is done, and the link does nothing: how long it
            takes shall tell nobody who has an account.
        purpose: What it does.
        address: The new address, where the link confirms one.

    Returns:
        The URL, made of the settings: nothing of a request can lead it elsewhere.
    """
    number = _NO_ACCOUNT if user is None else user.id
    lock_number(session, number)
    now = utc_now()
    session.execute(delete(EmailLink).where(EmailLink.expires_at < now - _KEPT))
    _expire(session, number, purpose)
    token = new_token()
    if user is not None:
        session.add(
            EmailLink(
                token_hash=token_hash(token),
                purpose=purpose,
                user_id=user.id,
                address=address,
                created_at=now,
                expires_at=now + _LIFETIMES[purpose],
            )
        )
    return f"{current_settings().site_url}/{_PATHS[purpose]}/{token}"


def void(session: Session, user: User, *purposes: LinkPurpose) -> None:
    """Have links of a person do nothing from now on, as when a new password locks an intruder out.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Whose account.
        purposes: Of which links; none for all.
    """
    for purpose in purposes or LinkPurpose:
        _expire(session, user.id, purpose)


def waiting_address(user: User) -> EmailLink | None:
    """The link with which a person has still to confirm a new address; None if there is none."""
    return db.session.scalar(
        select(EmailLink).where(
            EmailLink.user_id == user.id,
            EmailLink.purpose == LinkPurpose.CONFIRM_NEW_ADDRESS,
            EmailLink.used_at.is_(None),
            EmailLink.expires_at > utc_now(),
        )
    )


def lifetime_in_words(purpose: LinkPurpose) -> str:
    """Tell how long a link works, for the e-mail that brings it."""
    hours = round(_LIFETIMES[purpose] / timedelta(hours=1))
    return "1 hour" if hours == 1 else f"{hours} hours"


def find(token: str, purpose: LinkPurpose) -> tuple[EmailLink, User] | None:
    """Look up a link that still works; None if it was used, is too old, or never was."""
    row = db.session.execute(_usable(token, purpose)).one_or_none()
    return None if row is None else (row[0], row[1])


def use(session: Session, token: str, purpose: LinkPurpose) -> tuple[EmailLink, User] | None:
    """Use a link up. Of two requests that do so at once, one gets it.

    Args:
        session: A session in a writing transaction, which the caller commits with what the link does.
        token: The link's token.
        purpose: What it is asked to do.

    Returns:
        As for `find`.
    """
    owner = session.scalar(select(EmailLink.user_id).where(EmailLink.token_hash == token_hash(token)))
    if owner is None:
        return None
    lock_number(session, owner)
    statement = _usable(token, purpose).with_for_update(of=EmailLink)
    row = session.execute(statement, execution_options={"populate_existing": True}).one_or_none()
    if row is None:
        return None
    row[0].used_at = utc_now()
    return row[0], row[1]


def _expire(session: Session, user_number: int, purpose: LinkPurpose) -> None:
    now = utc_now()
    session.execute(
        update(EmailLink)
        .where(EmailLink.user_id == user_number, EmailLink.purpose == purpose, EmailLink.expires_at > now)
        .values(expires_at=now)
    )


def _usable(token: str, purpose: LinkPurpose) -> Select[EmailLink, User]:
    return (
        select(EmailLink, User)
        .join(User, User.id == EmailLink.user_id)
        .where(
            EmailLink.token_hash == token_hash(token),
            EmailLink.purpose == purpose,
            EmailLink.used_at.is_(None),
            EmailLink.expires_at > utc_now(),
            User.active,
        )
    )
