from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from iqies_flask.access import holder_accounts
from iqies_flask.access.holder_accounts import account_of, page_of_accounts
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.identity.models import User
from tests.access.requests import cast


def test_accounts_are_walked_through_by_user_id(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holder_accounts, "PAGE_ACCOUNTS", 2)
    numbers = {name: cast.add_person(name).id for name in ("clerk.c", "Clerk.B", "clerk.a")}
    cast.add_person("nobody.of.these")
    chosen = select(User.id).where(User.id.in_(numbers.values()))
    first = page_of_accounts(chosen, None)
    assert [user.user_id for user in first.items] == ["clerk.a", "Clerk.B"]
    assert first.next_after == numbers["Clerk.B"]
    second = page_of_accounts(chosen, first.next_after)
    assert ([user.user_id for user in second.items], second.next_after) == (["clerk.c"], None)


def test_one_role_about_to_end_makes_an_account_inactive(app: Flask) -> None:
    user = cast.add_person("testperson")
    long_ago = utc_now() - timedelta(days=1000)
    with write_transaction() as session:
        session.get_one(User, user.id).created_at = long_ago
    assert account_of(user, "Testy", [utc_now(), long_ago]).inactive
    assert not account_of(user, "Testy", [utc_now()]).inactive


def test_who_has_no_address_is_not_told(app: Flask, stranger: User) -> None:
    told = account_of(cast.add_person("testperson"), "Testy", []).told
    assert told == "The person is told by e-mail."
    assert account_of(stranger, "stranger", []).told == "The account has no e-mail address."
