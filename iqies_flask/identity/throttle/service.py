"""Slowing down whoever guesses: failures are counted per user ID, per address, and per known browser.

A browser in which the person has signed in before is counted on its own, so that guesses from elsewhere do
not lock the owner out. Knows no request. Unknown user IDs are counted like known ones.

Failures of an address are forgotten one by one as time goes by, and a whole sign-in takes back those of its
person: many sit behind one address, and their typing errors must not add up to a block.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from iqies_flask.addresses import network_of
from iqies_flask.audit.models import Outcome
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.encryption import current_vault
from iqies_flask.identity import events, user_ids
from iqies_flask.identity.browsers import known as known_browsers
from iqies_flask.identity.links.letters import tell_evenly
from iqies_flask.identity.links.models import LinkPurpose
from iqies_flask.identity.models import User
from iqies_flask.identity.origin import Origin
from iqies_flask.identity.throttle.models import SignInThrottle
from iqies_flask.identity.tokens import token_hash

FREE_ATTEMPTS = 5
"""Failures for one user ID, or in one known browser, that delay nothing."""

FREE_ATTEMPTS_OF_ADDRESS = 20
"""The same for one address, where a whole office may sit."""

_FIRST_DELAY = timedelta(seconds=30)
_LONGEST_DELAY = timedelta(minutes=15)
_FORGOTTEN_AFTER = timedelta(days=1)

ONE_FORGOTTEN_IN = timedelta(minutes=15)
"""Of an address's failures. Not less than the longest delay, or guessing would go on for ever."""

_TOLD_AGAIN_AFTER = timedelta(hours=23)
"""An hour before the link stops working that ends the wait."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was let through. It counts as failed until `passed` takes it back.

    Attributes:
        keys: What it is counted for.
        blocks: Whether the owner is to be told, if it fails, that the next must wait: the first time, and
            again when the link in the e-mail of the last time works no more.
    """

    keys: tuple[bytes, ...]
    blocks: bool


class BlockedError(Exception):
    """The next attempt must wait.

    Attributes:
        wait: How long.
        of_address: Whether it is the address that waits, with every account: no link ends that.
    """

    def __init__(self, wait: timedelta, *, of_address: bool) -> None:
        super().__init__(f"The next attempt must wait for {wait}.")
        self.wait = wait
        self.of_address = of_address


def begin(user_id: str, *, address: str, browser_token: str) -> Attempt:
    """Let an attempt through and count it, before anything is compared: many at once gain nothing.

    Opens a transaction of its own.

    Args:
        user_id: As it was typed; there need not be such an account.
        address: Where the attempt comes from.
        browser_token: The token by which the browser is known; empty for a strange one.

    Raises:
        BlockedError: There were too many failures of late.
    """
    with write_transaction() as session:
        allowances = _allowances(session, user_id, address, browser_token)
        for key in sorted(allowances):
            session.execute(_insert_if_absent(session).values(_nothing_counted(key)))
        counts = _locked(session, allowances)
        # Only now: an attempt that had to wait for another one's is not earlier than that.
        now = utc_now()
        waits = {key: count.blocked_until - now for key, count in counts.items()}
        longest = max(waits, key=lambda key: waits[key])
        if waits[longest] > timedelta(0):
            raise BlockedError(waits[longest], of_address=allowances[longest] == FREE_ATTEMPTS_OF_ADDRESS)
        blocks = False
        for key, free in allowances.items():
            count = counts[key]
            if free == FREE_ATTEMPTS_OF_ADDRESS:
                _forget_some(count, now)
            else:
                if count.failed_at <= now - _FORGOTTEN_AFTER:
                    count.failures = 0
                count.failed_at = now
            count.failures += 1
            count.blocked_until = now + _delay(count.failures, free)
            if free == FREE_ATTEMPTS <= count.failures:
                blocks |= count.told_at is None or count.told_at <= now - _TOLD_AGAIN_AFTER
    return Attempt(tuple(allowances), blocks)


def passed(session: Session, attempt: Attempt) -> None:
    """Take back that an attempt counts as failed. What failed before still counts, until `forget`.

    Args:
        session: A session in a writing transaction, which the caller commits.
        attempt: The attempt.
    """
    for count in _locked(session, attempt.keys).values():
        count.failures = max(0, count.failures - 1)
        count.blocked_until = utc_now()


def failed(session: Session, attempt: Attempt, user: User | None, action: str, origin: Origin) -> None:
    """Write down that an attempt has failed, and tell the owner where it is one that blocks.

    The same work is done where there is no such account.

    Args:
        session: A session in a writing transaction, which the caller commits.
        attempt: The attempt.
        user: Whose account it was for; None where there is no such account.
        action: What was tried, as the audit log calls it: ``sign_in.password``.
        origin: Where the attempt came from.
    """
    if attempt.blocks:
        for count in _locked(session, attempt.keys).values():
            count.told_at = utc_now()
        tell_evenly(
            session,
            user,
            "sign_in_blocked",
            origin,
            purpose=LinkPurpose.UNLOCK,
            password_right=action != "sign_in.password",
        )
    events.record_by(session, action, user, origin, Outcome.FAILED, actor=None)
    if attempt.blocks:
        events.record_by(session, "sign_in.blocked", user, origin, actor=None)


def forget(session: Session, user: User, *, address: str, browser_token: str) -> None:
    """Forget failures once a person has signed in, key and all: those counted for the same browser.

    In a strange browser those of the user ID, which are taken back from the address as well: they were the
    person's own. Failures with other user IDs stay, or an attacker's own account would make guessing free.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Who.
        address: Where the person signs in from.
        browser_token: The token by which the browser was known; empty for a strange one.
    """
    if known_browsers.is_known(session, user, browser_token):
        _delete(session, [_browser_key(user.user_id, token_hash(browser_token))])
        return
    of_user, of_address = _user_key(user.user_id), _address_key(address)
    counts = _locked(session, [of_user, of_address])
    if of_user in counts and of_address in counts:
        # More of them came from elsewhere.
        own = min(counts[of_user].failures, FREE_ATTEMPTS)
        counts[of_address].failures = max(0, counts[of_address].failures - own)
    _delete(session, [of_user])


def forgive(session: Session, user: User) -> None:
    """Let a person sign in at once, from everywhere, as the link in the e-mail about blocked attempts does.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Who.
    """
    browsers = known_browsers.tokens_of(session, user)
    _delete(session, [_user_key(user.user_id), *(_browser_key(user.user_id, token) for token in browsers)])


def sweep(session: Session) -> None:
    """Forget failures of long ago."""
    old = select(SignInThrottle.key).where(SignInThrottle.failed_at <= utc_now() - _FORGOTTEN_AFTER)
    # What an attempt is about to count is not that old any more.
    _delete(session, list(session.scalars(old.with_for_update(skip_locked=True))))


def _allowances(session: Session, user_id: str, address: str, browser_token: str) -> dict[bytes, int]:
    """What an attempt is counted for, and how many failures each is allowed."""
    user = None
    # PostgreSQL cannot even be asked for what no user ID holds.
    if user_ids.USER_ID.fullmatch(user_id):
        user = session.scalar(select(User).where(User.user_id_folded == user_id.lower()))
    if known_browsers.is_known(session, user, browser_token):
        return {_browser_key(user_id, token_hash(browser_token)): FREE_ATTEMPTS}
    return {_user_key(user_id): FREE_ATTEMPTS, _address_key(address): FREE_ATTEMPTS_OF_ADDRESS}


def _insert_if_absent(session: Session) -> postgresql.Insert | sqlite.Insert:
    # The two databases spell it alike, SQLAlchemy keeps one class for each.
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(SignInThrottle).on_conflict_do_nothing()
    return sqlite.insert(SignInThrottle).on_conflict_do_nothing()


def _nothing_counted(key: bytes) -> dict[str, object]:
    now = utc_now()
    return {"key": key, "failures": 0, "failed_at": now, "blocked_until": now}


def _locked(session: Session, keys: Iterable[bytes]) -> dict[bytes, SignInThrottle]:
    """Read counts as they are now, and keep other attempts waiting until this one's are written."""
    statement = (
        select(SignInThrottle)
        .where(SignInThrottle.key.in_(list(keys)))
        .order_by(SignInThrottle.key)
        .with_for_update()
    )
    counts = session.scalars(statement, execution_options={"populate_existing": True})
    return {count.key: count for count in counts}


def _forget_some(count: SignInThrottle, now: datetime) -> None:
    """Forget the failures of an address for which enough time has gone by."""
    forgotten = max(0, (now - count.failed_at) // ONE_FORGOTTEN_IN)
    count.failures -= min(forgotten, count.failures)
    # What is left of a quarter of an hour counts with the next; from nothing, time runs anew.
    count.failed_at = now if not count.failures else count.failed_at + forgotten * ONE_FORGOTTEN_IN


def _delay(failures: int, free: int) -> timedelta:
    if failures < free:
        return timedelta(0)
    delay: timedelta = _FIRST_DELAY * 2 ** min(failures - free, 10)
    return min(delay, _LONGEST_DELAY)


def _delete(session: Session, keys: list[bytes]) -> None:
    session.execute(delete(SignInThrottle).where(SignInThrottle.key.in_(keys)))


def _user_key(user_id: str) -> bytes:
    return current_vault().keyed_hash("sign-in failures of user", user_id.lower())


def _address_key(address: str) -> bytes:
    return current_vault().keyed_hash("sign-in failures of address", network_of(address))


def _browser_key(user_id: str, browser: bytes) -> bytes:
    return current_vault().keyed_hash("sign-in failures of browser", user_id.lower(), browser.hex())
