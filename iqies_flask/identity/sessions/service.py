"""The rules of sessions. Knows no request; needs an application context for the database."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from iqies_flask.current import current_settings
from iqies_flask.database import clip, utc_now
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.sessions.models import Level, LoginSession
from iqies_flask.identity.tokens import new_token, token_hash

_SEEN_STEP = timedelta(seconds=20)
"""Activity is written down no more often than this: not every page shall cost a write."""


def begin(
    session: Session,
    user: User,
    level: Level,
    *,
    address: str,
    browser: str,
    warning_id: int | None = None,
) -> str:
    """Sign a person in.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Who.
        level: How far.
        address: Where the person signs in from.
        browser: What the browser calls itself.
        warning_id: As `LoginSession` has it.

    Returns:
        The token for the browser.
    """
    token = new_token()
    now = utc_now()
    session.add(
        LoginSession(
            token_hash=token_hash(token),
            user_id=user.id,
            level=level,
            created_at=now,
            seen_at=now,
            proved_at=now if level is Level.FULL else None,
            address=clip(address, LoginSession.address),
            browser=clip(browser, LoginSession.browser),
            warning_id=warning_id,
        )
    )
    return token


def find(token: str) -> tuple[User, LoginSession] | None:
    """Look up who is signed in with a token; None if the session has ended or the account is shut."""
    row = db.session.execute(
        select(User, LoginSession)
        .join(LoginSession, LoginSession.user_id == User.id)
        .where(LoginSession.token_hash == token_hash(token), User.active)
    ).one_or_none()
    if row is None or ends_at(row[1]) <= utc_now():
        return None
    return row[0], row[1]


def ends_at(login: LoginSession) -> datetime:
    """When a session ends unless the person does something."""
    idle = login.seen_at + timedelta(minutes=current_settings().session_minutes)
    return min(idle, ends_at_latest(login))


def ends_at_latest(login: LoginSession) -> datetime:
    """When a session ends in any case."""
    return login.created_at + timedelta(hours=current_settings().session_hours)


def touch(session: Session, login: LoginSession) -> None:
    """Write down that the person has done something."""
    session.execute(update(LoginSession).where(LoginSession.id == login.id).values(seen_at=utc_now()))


def is_stale(login: LoginSession) -> bool:
    """Whether `touch` is due."""
    return utc_now() - login.seen_at >= _SEEN_STEP


def prove(session: Session, login: LoginSession) -> str:
    """Write down that the person has just given a security key, and raise the session to the full level.

    Returns:
        A new token for the browser; the one before is worthless.
    """
    token = new_token()
    now = utc_now()
    session.execute(
        update(LoginSession)
        .where(LoginSession.id == login.id)
        .values(token_hash=token_hash(token), level=Level.FULL, proved_at=now, seen_at=now)
    )
    return token


def is_recently_proved(login: LoginSession) -> bool:
    """Whether a security key was given so lately that a sensitive action needs no further one."""
    if login.proved_at is None:
        return False
    return utc_now() - login.proved_at <= timedelta(minutes=current_settings().step_up_minutes)


def list_sessions(user: User) -> list[LoginSession]:
    """List a person's sessions that have not ended, the one last used first."""
    logins = db.session.scalars(
        select(LoginSession).where(LoginSession.user_id == user.id).order_by(LoginSession.seen_at.desc())
    )
    now = utc_now()
    return [login for login in logins if ends_at(login) > now]


def list_signed_in(session: Session) -> list[User]:
    """List the accounts that have a session, whether or not it has ended by itself meanwhile."""
    statement = select(User).where(User.id.in_(select(LoginSession.user_id))).order_by(User.id)
    return list(session.scalars(statement))


def end(session: Session, user_number: int, login_id: int) -> bool:
    """End one of a person's sessions.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user_number: Number of the person's account.
        login_id: Number of the session.

    Returns:
        Whether there was one.
    """
    statement = delete(LoginSession).where(LoginSession.id == login_id, LoginSession.user_id == user_number)
    return bool(session.execute(statement.returning(LoginSession.id)).all())


def end_all(session: Session, user: User, *, but: int | None = None) -> int:
    """End all sessions of a person.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Whose.
        but: Number of one that goes on.

    Returns:
        How many there were.
    """
    statement = delete(LoginSession).where(LoginSession.user_id == user.id)
    if but is not None:
        statement = statement.where(LoginSession.id != but)
    return len(session.scalars(statement.returning(LoginSession.id)).all())


def sweep(session: Session) -> None:
    """Delete the sessions that have ended by themselves.

    Args:
        session: A session in a writing transaction, which the caller commits.
    """
    settings = current_settings()
    now = utc_now()
    session.execute(
        delete(LoginSession).where(
            or_(
                LoginSession.seen_at <= now - timedelta(minutes=settings.session_minutes),
                LoginSession.created_at <= now - timedelta(hours=settings.session_hours),
            )
        )
    )
