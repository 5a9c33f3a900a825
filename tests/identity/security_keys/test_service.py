"""Whole ceremonies: what the site asks, what an authenticator answers, and what the site makes of it."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies
from sqlalchemy import func, select
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from iqies_flask.audit.models import AuditEntry
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.security_keys import service
from iqies_flask.identity.security_keys.models import Challenge, Purpose, SecurityKey
from iqies_flask.identity.security_keys.refusals import KeyRefused, Reason
from iqies_flask.identity.service import create_user, deactivate
from iqies_flask.identity.sessions import service as sessions
from iqies_flask.identity.sessions.models import Level
from iqies_flask.mail.models import OutboxMessage
from tests.authenticator import Authenticator, add_key
from tests.conftest import PASSWORD


def ask(user: User | None, purpose: Purpose = Purpose.SIGN_IN) -> tuple[str, str]:
    with write_transaction() as session:
        return service.sign_in_options(session, user, purpose)


def answer(
    user: User | None, authenticator: Authenticator, purpose: Purpose = Purpose.SIGN_IN, **options: Any
) -> SecurityKey:
    token, asked = ask(user, purpose)
    return service.verify(token, purpose, authenticator.sign(asked), user, **options)


def refusal(user: User | None, authenticator: Authenticator, **options: Any) -> Reason:
    with pytest.raises(KeyRefused) as refused:
        answer(user, authenticator, **options)
    assert str(refused.value)
    return refused.value.reason


def count_challenges() -> int:
    return db.session.scalar(select(func.count()).select_from(Challenge)) or 0


def mails() -> list[tuple[str, str]]:
    sent = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    return [(message.template, message.content["text"]) for message in sent if message.content]


def audited() -> list[tuple[str, str, str]]:
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.number))
    return [(entry.action, entry.actor, entry.outcome.value) for entry in entries]


# Adding


def test_what_is_asked_of_a_new_key(person: User, key: SecurityKey) -> None:
    with write_transaction() as session:
        _, text = service.registration_options(session, person)
    options = json.loads(text)
    assert options["rp"] == {"id": "localhost", "name": "iQIES Flask"}
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"]["residentKey"] == "preferred"
    assert options["authenticatorSelection"]["userVerification"] == "preferred"
    assert [excluded["transports"] for excluded in options["excludeCredentials"]] == [["usb"]]
    assert options["user"]["id"] == bytes_to_base64url(person.handle)
    assert len(base64url_to_bytes(options["challenge"])) >= 32


def test_adding_a_key(person: User, authenticator: Authenticator) -> None:
    assert not service.has_keys(person)
    key = add_key(person, authenticator, "  Blue \t key ")
    assert service.has_keys(person)
    assert service.list_keys(person) == [key]
    assert (key.name, key.credential_id, key.transports) == ("Blue key", authenticator.credential_id, ["usb"])
    assert (key.sign_count, key.backed_up, key.last_used_at, key.cloned_at) == (1, False, None, None)
    assert audited()[-1] == ("key.added", "testperson", "done")
    ((template, text),) = mails()
    assert template == "key_added"
    assert "Blue key" in text


def test_a_key_of_somebody_without_an_address(authenticator: Authenticator, app: object) -> None:
    add_key(create_user("no.address", PASSWORD), authenticator)
    assert mails() == []


def test_two_keys_get_names_of_their_own(person: User) -> None:
    made = [
        add_key(person, Authenticator(transports=transports), name).name
        for transports, name in (
            (("usb", "nfc"), ""),
            (("usb",), ""),
            (("internal", "hybrid"), ""),
            (("hybrid", "usb"), ""),
            ((), "PASSKEY"),
        )
    ]
    assert made == ["Security key", "Security key 2", "Passkey", "Security key 3", "PASSKEY 2"]


def test_a_key_is_added_once(person: User, key: SecurityKey, authenticator: Authenticator) -> None:
    with pytest.raises(KeyRefused) as refused:
        add_key(person, authenticator)
    assert refused.value.reason is Reason.ALREADY_ADDED
    with pytest.raises(KeyRefused) as refused:
        add_key(create_user("somebody.else", PASSWORD), authenticator)
    assert refused.value.reason is Reason.ALREADY_ADDED
    assert service.list_keys(person) == [key]


def test_the_first_key_is_the_first(person: User) -> None:
    add_key(person, Authenticator(), first=True)
    with pytest.raises(KeyRefused) as refused:
        add_key(person, Authenticator(), first=True)
    assert refused.value.reason is Reason.NOT_THE_FIRST


def test_registrations_that_are_wrong(person: User) -> None:
    for wrong in (
        Authenticator(origin="http://localhost.example:8000"),
        Authenticator(origin="http://localhost:8001"),
        Authenticator(rp_id="example.org"),
    ):
        with pytest.raises(KeyRefused) as refused:
            add_key(person, wrong)
        assert refused.value.reason is Reason.UNREADABLE
    assert not service.has_keys(person)
    assert mails() == []


def test_the_answer_to_another_challenge_adds_nothing(person: User, authenticator: Authenticator) -> None:
    with write_transaction() as session:
        token, _ = service.registration_options(session, person)
        _, options = service.registration_options(session, person)
    with pytest.raises(KeyRefused) as refused:
        service.add_key(person, token, authenticator.register(options))
    assert refused.value.reason is Reason.UNREADABLE


def test_a_registration_counts_once(person: User, authenticator: Authenticator) -> None:
    with write_transaction() as session:
        token, options = service.registration_options(session, person)
    registered = authenticator.register(options)
    service.add_key(person, token, registered)
    with pytest.raises(KeyRefused) as refused:
        service.add_key(person, token, registered)
    assert refused.value.reason is Reason.TOO_LATE


# Using


@pytest.mark.parametrize("purpose", [Purpose.SIGN_IN, Purpose.STEP_UP])
def test_using_a_key(person: User, key: SecurityKey, authenticator: Authenticator, purpose: Purpose) -> None:
    used = answer(person, authenticator, purpose)
    assert used.id == key.id
    assert used.sign_count == 2
    assert used.last_used_at is not None
    assert answer(person, authenticator, purpose).sign_count == 3
    assert count_challenges() == 0


def test_only_ones_own_keys_are_asked_for(person: User, key: SecurityKey) -> None:
    add_key(create_user("somebody.else", PASSWORD), Authenticator())
    options = json.loads(ask(person)[1])
    assert len(options["allowCredentials"]) == 1
    assert options["userVerification"] == "preferred"
    assert options["rpId"] == "localhost"
    of_anybody = json.loads(ask(None, Purpose.PASSKEY)[1])
    assert of_anybody["allowCredentials"] == []
    assert of_anybody["userVerification"] == "required"


def test_answers_that_are_wrong(person: User, key: SecurityKey, authenticator: Authenticator) -> None:
    stranger = Authenticator()
    forged = replace(stranger, credential_id=authenticator.credential_id, count=100)
    for wrong in (
        replace(authenticator, origin="http://evil.example", count=100),
        replace(authenticator, origin="http://localhost:8001", count=100),
        replace(authenticator, rp_id="evil.example", count=100),
        replace(authenticator, user_handle=b"somebody else", count=100),
        stranger,
        forged,
    ):
        assert refusal(person, wrong) is Reason.WRONG_KEY
    assert answer(person, authenticator).sign_count == 2


def test_the_answer_to_another_challenge(
    person: User, key: SecurityKey, authenticator: Authenticator
) -> None:
    token, _ = ask(person)
    _, other = ask(person)
    with pytest.raises(KeyRefused) as refused:
        service.verify(token, Purpose.SIGN_IN, authenticator.sign(other), person)
    assert refused.value.reason is Reason.WRONG_KEY


def test_an_answer_counts_once(person: User, key: SecurityKey, authenticator: Authenticator) -> None:
    token, options = ask(person)
    signed = authenticator.sign(options)
    service.verify(token, Purpose.SIGN_IN, signed, person)
    with pytest.raises(KeyRefused) as refused:
        service.verify(token, Purpose.SIGN_IN, signed, person)
    assert refused.value.reason is Reason.TOO_LATE
    assert service.list_keys(person)[0].cloned_at is None


def test_a_wrong_answer_uses_the_challenge_up(
    person: User, key: SecurityKey, authenticator: Authenticator
) -> None:
    token, options = ask(person)
    with pytest.raises(KeyRefused):
        service.verify(token, Purpose.SIGN_IN, "no answer", person)
    with pytest.raises(KeyRefused) as refused:
        service.verify(token, Purpose.SIGN_IN, authenticator.sign(options), person)
    assert refused.value.reason is Reason.TOO_LATE


def test_an_answer_to_one_purpose_is_none_to_another(
    person: User, key: SecurityKey, authenticator: Authenticator
) -> None:
    token, options = ask(person, Purpose.SIGN_IN)
    with pytest.raises(KeyRefused) as refused:
        service.verify(token, Purpose.STEP_UP, authenticator.sign(options), person)
    assert refused.value.reason is Reason.TOO_LATE


def test_a_challenge_of_somebody_else(person: User, key: SecurityKey, authenticator: Authenticator) -> None:
    other = create_user("somebody.else", PASSWORD)
    add_key(other, Authenticator())
    for asked, answering in ((other, person), (None, person), (person, None)):
        token, options = ask(asked)
        with pytest.raises(KeyRefused) as refused:
            service.verify(token, Purpose.SIGN_IN, authenticator.sign(options), answering)
        assert refused.value.reason is Reason.TOO_LATE


def test_somebody_elses_key(person: User, key: SecurityKey) -> None:
    theirs = Authenticator()
    add_key(create_user("somebody.else", PASSWORD), theirs)
    assert refusal(person, theirs) is Reason.WRONG_KEY


def test_an_answer_after_five_minutes(person: User, key: SecurityKey, authenticator: Authenticator) -> None:
    for minutes, in_time in ((6, False), (4, True)):
        token, options = ask(person)
        with write_transaction() as session:
            challenge = session.scalars(select(Challenge)).one()
            challenge.expires_at -= timedelta(minutes=minutes)
        if in_time:
            service.verify(token, Purpose.SIGN_IN, authenticator.sign(options), person)
            continue
        with pytest.raises(KeyRefused) as refused:
            service.verify(token, Purpose.SIGN_IN, authenticator.sign(options), person)
        assert refused.value.reason is Reason.TOO_LATE


def test_challenges_that_nobody_answers_are_swept(person: User, key: SecurityKey) -> None:
    ask(person)
    with write_transaction() as session:
        session.scalars(select(Challenge)).one().expires_at = utc_now() - timedelta(seconds=1)
    ask(person)
    assert count_challenges() == 1


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=strategies.data())
def test_answers_that_are_no_answers(
    person: User, key: SecurityKey, authenticator: Authenticator, data: strategies.DataObject
) -> None:
    token, options = ask(person)
    signed = json.loads(authenticator.sign(options))
    anything = strategies.recursive(
        strategies.none() | strategies.booleans() | strategies.integers() | strategies.text(max_size=20),
        lambda inner: strategies.lists(inner, max_size=3) | strategies.dictionaries(strategies.text(), inner),
        max_leaves=4,
    )
    field = data.draw(strategies.sampled_from([*signed["response"], "id", "rawId", "type", "response", ""]))
    broken = data.draw(anything)
    if field in signed["response"]:
        if broken is None and field == "userHandle":
            return
        signed["response"][field] = broken
    elif field:
        signed[field] = broken
    text = json.dumps(signed) if field else data.draw(strategies.text() | anything.map(json.dumps))
    with pytest.raises(KeyRefused) as refused:
        service.verify(token, Purpose.SIGN_IN, text, person)
    assert refused.value.reason in {Reason.UNREADABLE, Reason.WRONG_KEY}
    with write_transaction() as session:
        token, _ = service.registration_options(session, person)
    with pytest.raises(KeyRefused):
        service.add_key(person, token, text)


def test_an_answer_nested_too_deeply(person: User, key: SecurityKey) -> None:
    token, _ = ask(person)
    with pytest.raises(KeyRefused) as refused:
        service.verify(token, Purpose.SIGN_IN, "[" * 60_000, person)
    assert refused.value.reason is Reason.UNREADABLE


# Copies


def test_a_copy_gives_itself_away(person: User, key: SecurityKey, authenticator: Authenticator) -> None:
    copy = authenticator.copy()
    answer(person, authenticator)
    assert refusal(person, copy) is Reason.FOUND_CLONED
    assert service.list_keys(person)[0].cloned_at is not None
    assert audited()[-1] == ("key.cloned", "", "refused")
    assert mails()[-1][0] == "key_cloned"
    # Nobody knows which of the two is the owner's, so neither is taken any more.
    with pytest.raises(KeyRefused) as refused:
        ask(person)
    assert refused.value.reason is Reason.NO_USABLE_KEY
    assert service.has_keys(person)


def test_a_copy_ends_the_sessions_that_may_have_been_begun_with_it(
    person: User, key: SecurityKey, authenticator: Authenticator
) -> None:
    spare = Authenticator()
    add_key(person, spare)
    other = create_user("somebody.else", PASSWORD)
    with write_transaction() as session:
        for user, level in ((person, Level.FULL), (person, Level.PASSWORD), (other, Level.FULL)):
            sessions.begin(session, user, level, address="192.0.2.1", browser="Firefox")
        sessions.begin(session, person, Level.PASSWORD, address="192.0.2.2", browser="Firefox")
    at_hand = next(login for login in sessions.list_sessions(person) if login.address == "192.0.2.2").id
    copy = authenticator.copy()
    answer(person, authenticator)
    refusal(person, copy, but=at_hand)
    assert [login.id for login in sessions.list_sessions(person)] == [at_hand]
    assert len(sessions.list_sessions(other)) == 1
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
    assert entry is not None
    assert (entry.action, entry.detail) == ("key.cloned", f'{{"key":{key.id},"sessions_ended":2}}')
    template, text = mails()[-1]
    assert template == "key_cloned"
    assert "Whoever was signed in to the account was signed out." in text
    # A key that was flagged before ends nothing: whoever holds the copy could sign the owner out for ever.
    with write_transaction() as session:
        sessions.begin(session, person, Level.FULL, address="192.0.2.3", browser="Firefox")
    assert refusal(person, copy) is Reason.CLONED
    assert len(sessions.list_sessions(person)) == 2


def test_a_copy_that_was_flagged_stays_refused_beside_a_good_key(
    person: User, key: SecurityKey, authenticator: Authenticator
) -> None:
    spare = Authenticator()
    add_key(person, spare)
    copy = authenticator.copy()
    answer(person, authenticator)
    assert refusal(person, copy) is Reason.FOUND_CLONED
    assert refusal(person, authenticator) is Reason.CLONED
    assert [template for template, _ in mails()].count("key_cloned") == 1
    assert len(json.loads(ask(person)[1])["allowCredentials"]) == 1
    assert answer(person, spare).cloned_at is None


def test_nobody_can_have_a_key_flagged_without_it(
    person: User, key: SecurityKey, authenticator: Authenticator
) -> None:
    answer(person, authenticator)
    forged = replace(Authenticator(), credential_id=authenticator.credential_id, user_handle=person.handle)
    assert refusal(person, forged) is Reason.WRONG_KEY
    assert answer(person, authenticator).cloned_at is None


def test_a_key_without_a_counter(person: User) -> None:
    passkey = Authenticator(counts=False, backed_up=True)
    add_key(person, passkey)
    for _ in range(2):
        used = answer(person, passkey)
        assert (used.sign_count, used.cloned_at, used.backed_up) == (0, None, True)


def test_a_counter_that_ends_is_a_copy(person: User, key: SecurityKey, authenticator: Authenticator) -> None:
    assert refusal(person, replace(authenticator, counts=False, count=0)) is Reason.FOUND_CLONED


# Passkeys


def test_signing_in_with_a_passkey(person: User, key: SecurityKey, authenticator: Authenticator) -> None:
    used = answer(None, authenticator, Purpose.PASSKEY, require_user_verification=True)
    assert used.user_id == person.id


def test_a_passkey_has_to_check_its_user(
    person: User, key: SecurityKey, authenticator: Authenticator
) -> None:
    unchecked = replace(authenticator, verifies=False)
    options: dict[str, Any] = {"purpose": Purpose.PASSKEY, "require_user_verification": True}
    assert refusal(None, unchecked, **options) is Reason.NOT_VERIFIED
    # As a second factor it does without.
    unchecked = replace(unchecked, count=10)
    assert answer(person, unchecked).id == key.id


def test_a_passkey_has_to_say_whose_it_is(
    person: User, key: SecurityKey, authenticator: Authenticator
) -> None:
    token, options = ask(None, Purpose.PASSKEY)
    with pytest.raises(KeyRefused) as refused:
        service.verify(token, Purpose.PASSKEY, authenticator.sign(options, tell_user=False), None)
    assert refused.value.reason is Reason.WRONG_KEY
    token, options = ask(person)
    service.verify(token, Purpose.SIGN_IN, authenticator.sign(options, tell_user=False), person)


def test_a_passkey_of_an_account_that_was_shut(
    person: User, key: SecurityKey, authenticator: Authenticator
) -> None:
    deactivate(person.user_id)
    assert refusal(None, authenticator, purpose=Purpose.PASSKEY) is Reason.WRONG_KEY


# Renaming and removing


def test_renaming(person: User, key: SecurityKey) -> None:
    renamed = service.rename(person, key.id, " On my  keyring ")
    assert renamed is not None
    assert renamed.name == "On my keyring"
    assert service.rename(person, key.id, "ON MY KEYRING") is not None
    assert audited()[-1] == ("key.renamed", "testperson", "done")
    longest = service.rename(person, key.id, "x" * 60)
    assert longest is not None


@pytest.mark.parametrize("name", ["", "  ", "x" * 61, "security KEY 2", "bad\u202ename"])
def test_names_that_do_not_do(person: User, key: SecurityKey, name: str) -> None:
    add_key(person, Authenticator())
    with pytest.raises(KeyRefused) as refused:
        service.rename(person, key.id, name)
    assert refused.value.reason is Reason.NAME
    db.session.rollback()
    assert service.list_keys(person)[0].name == "Security key"


def test_removing_ends_the_sessions_that_may_have_been_begun_with_the_key(
    person: User, key: SecurityKey
) -> None:
    add_key(person, Authenticator())
    with write_transaction() as session:
        for _ in range(3):
            sessions.begin(session, person, Level.FULL, address="192.0.2.1", browser="Firefox")
    own, *_ = sessions.list_sessions(person)
    service.remove(person, key.id, but=own.id)
    assert [login.id for login in sessions.list_sessions(person)] == [own.id]


def test_removing(person: User, key: SecurityKey, authenticator: Authenticator) -> None:
    add_key(person, Authenticator())
    assert service.remove(person, key.id) is not None
    assert [left.name for left in service.list_keys(person)] == ["Security key 2"]
    assert mails()[-1][0] == "key_removed"
    assert audited()[-1] == ("key.removed", "testperson", "done")
    assert refusal(person, authenticator) is Reason.WRONG_KEY


def test_the_last_key_stays(person: User, key: SecurityKey) -> None:
    with pytest.raises(KeyRefused) as refused:
        service.remove(person, key.id)
    assert refused.value.reason is Reason.LAST_KEY
    assert service.list_keys(person) == [key]


def test_the_last_usable_key_stays(person: User, key: SecurityKey, authenticator: Authenticator) -> None:
    spare = Authenticator()
    add_key(person, spare)
    copy = authenticator.copy()
    answer(person, authenticator)
    refusal(person, copy)
    cloned, usable = service.list_keys(person)
    with pytest.raises(KeyRefused):
        service.remove(person, usable.id)
    assert service.remove(person, cloned.id) is not None


def test_a_copied_key_is_not_removed_before_there_is_another(
    person: User, key: SecurityKey, authenticator: Authenticator
) -> None:
    """Else the copy's holder, who knows the password, could add a first key."""
    copy = authenticator.copy()
    answer(person, authenticator)
    refusal(person, copy)
    with pytest.raises(KeyRefused) as refused:
        service.remove(person, key.id)
    assert refused.value.reason is Reason.LAST_KEY


def test_keys_of_others_are_not_there(person: User, key: SecurityKey) -> None:
    other = create_user("somebody.else", PASSWORD)
    add_key(other, Authenticator())
    assert service.find_key(other, key.id) is None
    assert service.rename(other, key.id, "Mine") is None
    assert service.remove(other, key.id) is None
    assert service.list_keys(person) == [key]
