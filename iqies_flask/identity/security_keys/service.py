"""Security keys and passkeys: adding, asking for, renaming and removing them.

Knows no request; needs an application context for the database. What browser
and authenticator do is in the W3C's Web Authentication; py_webauthn checks their answers (7.1 and 7.2 there).
"""

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import (
    parse_authentication_credential_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from iqies_flask.audit.models import Outcome
from iqies_flask.current import current_settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity import events
from iqies_flask.identity.locking import lock
from iqies_flask.identity.models import User
from iqies_flask.identity.origin import NOWHERE, Origin
from iqies_flask.identity.security_keys import challenges, names
from iqies_flask.identity.security_keys.models import Purpose, SecurityKey
from iqies_flask.identity.security_keys.refusals import KeyRefused, Reason
from iqies_flask.identity.sessions import service as sessions

MOST_ANSWER_CHARACTERS = 65_536
_RP_NAME = "iQIES Flask"
_TIMEOUT_MILLISECONDS = round(challenges.LIFETIME.total_seconds() * 1000)


def list_keys(user: User) -> list[SecurityKey]:
    """List a person's keys, the oldest first."""
    statement = select(SecurityKey).where(SecurityKey.user_id == user.id).order_by(SecurityKey.id)
    return list(db.session.scalars(statement, execution_options={"populate_existing": True}))


def find_key(user: User, key_id: int) -> SecurityKey | None:
    """Look up one of a person's own keys."""
    return next((key for key in list_keys(user) if key.id == key_id), None)


def has_keys(user: User) -> bool:
    """Whether a person ever added a key.

    A cloned key counts: were it none, its copy and the password would be enough to add a key of one's own.
    """
    return (
        db.session.scalar(select(SecurityKey.id).where(SecurityKey.user_id == user.id).limit(1)) is not None
    )


def count_keys() -> dict[int, int]:
    """Count the keys of every account that has any, by its number."""
    statement = select(SecurityKey.user_id, func.count()).group_by(SecurityKey.user_id)
    return dict(db.session.execute(statement).all())


def registration_options(session: Session, user: User) -> tuple[str, str]:
    """Begin to add a key.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Whose key it will be.

    Returns:
        The token for the browser's session, and the options for the browser as JSON.
    """
    token, challenge = challenges.issue(session, Purpose.ADD_KEY, user)
    options = generate_registration_options(
        rp_id=current_settings().rp_id,
        rp_name=_RP_NAME,
        user_id=user.handle,
        user_name=user.user_id,
        challenge=challenge,
        timeout=_TIMEOUT_MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
        exclude_credentials=[_descriptor(key) for key in list_keys(user)],
    )
    return token, options_to_json(options)


def add_key(
    user: User,
    token: str,
    credential_json: str,
    name: str = "",
    *,
    first: bool = False,
    origin: Origin = NOWHERE,
) -> SecurityKey:
    """Add the key that answered, and tell its owner by e-mail.

    Args:
        user: Whose key it is.
        token: From `registration_options`.
        credential_json: The browser's answer.
        name: What the person would call it; numbered where another key has that name, ours where empty.
        first: Whether it must be the account's first: the password alone allows no other.
        origin: Where the request came from.

    Raises:
        KeyRefused: The answer is not right or too late, or the key was added before.
    """
    challenge = challenges.take(token, Purpose.ADD_KEY, user)
    if challenge is None:
        raise KeyRefused(Reason.TOO_LATE)
    key = _new_key(user, challenge, credential_json)
    with write_transaction() as session:
        lock(session, user)
        others = list_keys(user)
        if first and others:
            raise KeyRefused(Reason.NOT_THE_FIRST)
        if session.scalar(select(SecurityKey.id).where(SecurityKey.credential_id == key.credential_id)):
            raise KeyRefused(Reason.ALREADY_ADDED)
        key.name = names.for_new_key(name, key.transports, [other.name for other in others])
        session.add(key)
        session.flush()
        events.record(session, "key.added", user, origin, key=key.id)
        events.tell(session, user, "key_added", origin, key_name=key.name)
    return key


def sign_in_options(session: Session, user: User | None, purpose: Purpose) -> tuple[str, str]:
    """Begin to ask for a key.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Whose key; None for a passkey, which tells itself whose it is.
        purpose: What for.

    Returns:
        The token for the browser's session, and the options for the browser as JSON.

    Raises:
        KeyRefused: The person has no key that may be used.
    """
    usable = [] if user is None else [key for key in list_keys(user) if key.cloned_at is None]
    if user is not None and not usable:
        raise KeyRefused(Reason.NO_USABLE_KEY)
    token, challenge = challenges.issue(session, purpose, user)
    options = generate_authentication_options(
        rp_id=current_settings().rp_id,
        challenge=challenge,
        timeout=_TIMEOUT_MILLISECONDS,
        allow_credentials=[_descriptor(key) for key in usable],
        user_verification=(
            UserVerificationRequirement.REQUIRED if user is None else UserVerificationRequirement.PREFERRED
        ),
    )
    return token, options_to_json(options)


def verify(
    token: str,
    purpose: Purpose,
    credential_json: str,
    user: User | None,
    require_user_verification: bool = False,
    *,
    but: int | None = None,
    origin: Origin = NOWHERE,
) -> SecurityKey:
    """Check the answer of a key. The challenge is used up whatever the answer is worth.

    Where the answer shows that there is a copy of the key, whoever has signed in with it, or is about to, is
    signed out: nobody knows which of the two is the owner.

    Args:
        token: From `sign_in_options`.
        purpose: What the challenge was for.
        credential_json: The browser's answer.
        user: Whose key it must be; None for a passkey.
        require_user_verification: Whether the key must have checked who used it, by PIN, fingerprint or face.
        but: Number of a session that goes on in any case, as it was not begun with a key.
        origin: Where the request came from.

    Raises:
        KeyRefused: The answer is not right or too late, or the key may not be used.
    """
    challenge = challenges.take(token, purpose, user)
    if challenge is None:
        raise KeyRefused(Reason.TOO_LATE)
    answer = _parsed_answer(credential_json)
    cloned = False
    with write_transaction() as session:
        key, owner = _locked_key(session, answer, user)
        verified = _verified(answer, challenge, key)
        if key.cloned_at is not None:
            raise KeyRefused(Reason.CLONED)
        if require_user_verification and not verified.user_verified:
            raise KeyRefused(Reason.NOT_VERIFIED)
        if _went_back(key.sign_count, verified.new_sign_count):
            cloned = True
            key.cloned_at = utc_now()
            ended = sessions.end_all(session, owner, but=but)
            events.record_by(
                session,
                "key.cloned",
                owner,
                origin,
                Outcome.REFUSED,
                key=key.id,
                sessions_ended=ended,
                actor=None,
            )
            events.tell(session, owner, "key_cloned", origin, key_name=key.name)
        else:
            key.sign_count = verified.new_sign_count
            key.backed_up = verified.credential_backed_up
            key.last_used_at = utc_now()
    if cloned:
        raise KeyRefused(Reason.FOUND_CLONED)
    return key


def rename(user: User, key_id: int, name: str, *, origin: Origin = NOWHERE) -> SecurityKey | None:
    """Call a key something else.

    Returns:
        The key; None if the person has no such key.

    Raises:
        KeyRefused: The name does not do.
    """
    with write_transaction() as session:
        lock(session, user)
        key = find_key(user, key_id)
        if key is not None:
            key.name = names.checked(name, [other.name for other in list_keys(user) if other is not key])
            events.record(session, "key.renamed", user, origin, key=key.id)
    return key


def remove(
    user: User, key_id: int, *, but: int | None = None, origin: Origin = NOWHERE
) -> SecurityKey | None:
    """Remove a key, and tell its owner by e-mail. Whoever has signed in with it is signed out.

    Args:
        user: Whose key it is.
        key_id: Its number.
        but: Number of a session that goes on.
        origin: Where the request came from.

    Returns:
        What was removed; None if the person has no such key.

    Raises:
        KeyRefused: No other key would be left to sign in with.
    """
    with write_transaction() as session:
        lock(session, user)
        key = find_key(user, key_id)
        if key is None:
            return None
        if not can_be_removed(key, list_keys(user)):
            raise KeyRefused(Reason.LAST_KEY)
        session.delete(key)
        sessions.end_all(session, user, but=but)
        events.record(session, "key.removed", user, origin, key=key.id)
        events.tell(session, user, "key_removed", origin, key_name=key.name)
    return key


def remove_all(session: Session, user: User) -> int:
    """Remove all keys of a person, who then sets a first one up at the next sign-in.

    Args:
        session: A session in a writing transaction, which the caller commits.
        user: Whose.

    Returns:
        How many there were.
    """
    lock(session, user)
    statement = delete(SecurityKey).where(SecurityKey.user_id == user.id).returning(SecurityKey.id)
    return len(session.scalars(statement).all())


def can_be_removed(key: SecurityKey, keys: list[SecurityKey]) -> bool:
    """Whether another one of a person's keys would be left to sign in with."""
    return any(other.id != key.id and other.cloned_at is None for other in keys)


def _new_key(user: User, challenge: bytes, credential_json: str) -> SecurityKey:
    try:
        credential: RegistrationCredential = parse_registration_credential_json(
            credential_json[:MOST_ANSWER_CHARACTERS]
        )
        verified = verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=current_settings().rp_id,
            expected_origin=list(current_settings().origins),
        )
    except Exception:  # Parsers below the library let errors of every kind through.
        raise KeyRefused(Reason.UNREADABLE) from None
    return SecurityKey(
        user_id=user.id,
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        transports=[transport.value for transport in credential.response.transports or ()],
        aaguid=verified.aaguid,
        backed_up=verified.credential_backed_up,
    )


def _parsed_answer(credential_json: str) -> AuthenticationCredential:
    try:
        return parse_authentication_credential_json(credential_json[:MOST_ANSWER_CHARACTERS])
    except Exception:  # As above.
        raise KeyRefused(Reason.UNREADABLE) from None


def _locked_key(
    session: Session, answer: AuthenticationCredential, user: User | None
) -> tuple[SecurityKey, User]:
    """Find the key that answered, and keep a second answer of it waiting until its counter is written."""
    statement = (
        select(SecurityKey, User)
        .join(User, User.id == SecurityKey.user_id)
        .where(SecurityKey.credential_id == answer.raw_id, User.active)
        .with_for_update(of=SecurityKey)
    )
    row = session.execute(statement, execution_options={"populate_existing": True}).one_or_none()
    if row is None or (user is not None and row[1].id != user.id):
        raise KeyRefused(Reason.WRONG_KEY)
    handle = answer.response.user_handle
    # A passkey has to say whose it is (section 7.2, step 6); another key may.
    if handle != row[1].handle and (handle is not None or user is None):
        raise KeyRefused(Reason.WRONG_KEY)
    return row[0], row[1]


def _verified(answer: AuthenticationCredential, challenge: bytes, key: SecurityKey) -> VerifiedAuthentication:
    try:
        return verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=current_settings().rp_id,
            expected_origin=list(current_settings().origins),
            credential_public_key=key.public_key,
            # The library checks the counter before the signature: anybody could have a key flagged so.
            credential_current_sign_count=0,
        )
    except Exception:  # As above.
        raise KeyRefused(Reason.WRONG_KEY) from None


def _went_back(before: int, now: int) -> bool:
    """Whether a counter shows that there is a copy of the key; 0 and 0 is a key that does not count."""
    return (before > 0 or now > 0) and now <= before


def _descriptor(key: SecurityKey) -> PublicKeyCredentialDescriptor:
    return PublicKeyCredentialDescriptor(
        id=key.credential_id, transports=[AuthenticatorTransport(way) for way in key.transports]
    )
