"""Recovery codes: what they look like, and that each works once."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from iqies_flask.database import write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.recovery import codes
from iqies_flask.identity.recovery.models import RecoveryCode
from iqies_flask.identity.service import create_user
from iqies_flask.mail.models import OutboxMessage
from tests.conftest import PASSWORD


@pytest.fixture
def person(app: Flask) -> User:
    return create_user("testperson", PASSWORD, "testperson@agency.example")


def make(user: User) -> list[str]:
    with write_transaction() as session:
        return codes.make(session, user)


def use(user: User, code: str) -> bool:
    with write_transaction() as session:
        return codes.use(session, user, code)


def mails() -> list[tuple[str, str]]:
    sent = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    return [(message.template, message.content["text"]) for message in sent if message.content]


def test_what_is_said_of_a_code_is_so() -> None:
    code = codes._new_code()
    number, example = re.findall(r"^(\d+) letters and digits, such as ([^.]+)\.", codes.HINT)[0]
    assert int(number) == len(code.replace("-", ""))
    assert [len(group) for group in example.split("-")] == [len(group) for group in code.split("-")]
    assert set(example) <= set(codes._ALPHABET + "-")


def test_ten_codes_that_cannot_be_misread(person: User) -> None:
    made = make(person)
    assert len(set(made)) == 10
    for code in made:
        assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){5}", code)
    assert codes.left(person) == 10
    assert mails() == []


def test_only_hashes_are_kept(person: User) -> None:
    made = make(person)
    kept = b"".join(db.session.scalars(select(RecoveryCode.code_hash)))
    assert len(kept) == 320
    assert not any(code.replace("-", "").encode() in kept for code in made)


def test_each_works_once(person: User) -> None:
    first, second, *_ = make(person)
    assert use(person, first)
    assert not use(person, first)
    assert codes.left(person) == 9
    assert use(person, second)
    assert [template for template, _ in mails()] == ["recovery_code_used"] * 2
    assert "9 are left" in mails()[0][1]


def test_the_last_ones_are_counted_in_words(person: User) -> None:
    for code in make(person):
        assert use(person, code)
    texts = [text for _, text in mails()]
    assert "One is left" in texts[-2]
    assert "None is left: make new ones" in texts[-1]


def test_new_ones_end_the_old(person: User) -> None:
    old = make(person)
    assert use(person, old[0])
    new = make(person)
    assert codes.left(person) == 10
    assert not use(person, old[1])
    assert use(person, new[0])
    assert [template for template, _ in mails()].count("recovery_codes_made") == 1


@pytest.mark.parametrize("digits", ["0", "1"])
def test_typing_is_forgiven(person: User, digits: str) -> None:
    for code in make(person):
        plain = code.replace("-", "")
        if digits in plain:
            typed = plain.replace("0", "o").replace("1", "l").lower()
            assert use(person, f"  {typed[:7]} {typed[7:12]}\u2013{typed[12:]}\n")
            return
    # Without such a digit in 240 characters the chance is next to nothing: look at what is left.
    assert use(person, make(person)[0].lower())


@pytest.mark.parametrize("typed", ["", "----", "0000-0000-0000-0000", "x" * 60, "🔑" * 15])
def test_what_is_no_code(person: User, typed: str) -> None:
    make(person)
    assert not use(person, typed)
    assert codes.left(person) == 10


def test_codes_of_others(person: User) -> None:
    other = create_user("somebody.else", PASSWORD)
    code = make(other)[0]
    assert not use(person, code)
    assert codes.left(person) == 0
    assert use(other, code)
    assert mails() == []
