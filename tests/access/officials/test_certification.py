"""Who is written to when roles are due for being certified, and how often."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from iqies_flask.access.models import RoleGrant
from iqies_flask.access.officials import certification
from iqies_flask.access.officials.service import certify
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.service import deactivate
from iqies_flask.queue import current_queue
from tests.access.officials.people import (
    HOME,
    OFFICIAL,
    OTHER,
    SUBMITTER,
    VIEWER,
    add_agency,
    add_cms_official,
    add_user,
    age,
)
from tests.at_once import at_once
from tests.letters import letters
from tests.queueing import work


@pytest.fixture
def official(app: Flask) -> User:
    add_agency(HOME, "Testville Home Health")
    add_agency(OTHER, "Sampleton Home Health")
    return add_user("first.official", (HOME, OFFICIAL), (OTHER, OFFICIAL))


@pytest.fixture
def clerk(official: User) -> User:
    """Somebody with a role that is due since yesterday."""
    clerk = add_user("test.clerk", (HOME, SUBMITTER), (HOME, VIEWER))
    age(clerk, HOME, SUBMITTER, days=366)
    return clerk


def told() -> list[str]:
    return [letter.to.removesuffix("@sample.example") for letter in letters("certification_due")]


def let_days_pass(days: float) -> None:
    """Let everything that is known of the roles have happened some days earlier."""
    span = timedelta(days=days)
    with write_transaction() as session:
        for grant in session.scalars(select(RoleGrant)):
            grant.granted_at -= span
            if grant.certified_at:
                grant.certified_at -= span
            if grant.due_told_at:
                grant.due_told_at -= span


def test_officials_are_written_to_once_when_roles_are_due(official: User, clerk: User) -> None:
    add_user("second.official", (HOME, OFFICIAL))
    add_cms_official("test.cms")
    add_user("other.official", (OTHER, OFFICIAL))
    certification.sweep()
    certification.sweep()
    assert sorted(told()) == ["first.official", "second.official"]
    letter = letters("certification_due")[0]
    for part in (letter.text, letter.html):
        assert "Testville Home Health (CCN 017001): 1 role" in part
        assert "365 days ago" in part
        assert "/officials/providers" in part
        assert OTHER not in part
        assert "test.clerk" not in part


@pytest.mark.parametrize(("days", "expected"), [(364.9, []), (365, ["first.official"])])
def test_nobody_is_written_to_before_a_role_is_due(official: User, days: float, expected: list[str]) -> None:
    age(add_user("test.clerk", (HOME, SUBMITTER)), HOME, SUBMITTER, days=days)
    certification.sweep()
    assert told() == expected


def test_all_providers_stand_in_one_letter_with_what_is_still_due(official: User, clerk: User) -> None:
    certification.sweep()
    colleague = add_user("test.colleague", (OTHER, SUBMITTER), (HOME, SUBMITTER))
    age(colleague, OTHER, SUBMITTER, days=370)
    age(colleague, HOME, SUBMITTER, days=345)
    let_days_pass(31)
    certification.sweep()
    first, second = letters("certification_due")
    assert "Testville Home Health (CCN 017001): 2 roles" in second.text
    assert "Sampleton Home Health (CCN 017002): 1 role\n" in second.text
    assert OTHER not in first.text


def test_what_falls_due_soon_after_waits_for_the_next_letter(official: User, clerk: User) -> None:
    certification.sweep()
    age(clerk, HOME, VIEWER, days=360)
    let_days_pass(29)
    certification.sweep()
    assert len(told()) == 1
    let_days_pass(1)
    certification.sweep()
    assert len(told()) == 2
    let_days_pass(31)
    certification.sweep()
    assert len(told()) == 2


def test_each_year_has_its_letter(official: User, clerk: User) -> None:
    certification.sweep()
    certify(official, clerk.id, HOME, SUBMITTER)
    let_days_pass(364)
    with write_transaction() as session:
        # The other role and the official's own are not what is looked at.
        for grant in session.scalars(select(RoleGrant).where(RoleGrant.role != SUBMITTER)):
            grant.granted_at = utc_now()
    certification.sweep()
    assert len(told()) == 1
    let_days_pass(1)
    certification.sweep()
    certification.sweep()
    assert len(told()) == 2


def test_nobody_is_written_to_about_the_own_role(official: User) -> None:
    age(official, HOME, OFFICIAL, days=366)
    certification.sweep()
    assert told() == []
    # As soon as there is somebody who can decide, that one is told.
    add_user("second.official", (HOME, OFFICIAL))
    certification.sweep()
    assert told() == ["second.official"]


def test_who_cannot_act_is_not_written_to(official: User, clerk: User) -> None:
    add_user("second.official", (HOME, OFFICIAL))
    deactivate(official.user_id)
    certification.sweep()
    assert told() == ["second.official"]
    certification.sweep()
    assert told() == ["second.official"]


def test_where_nobody_decides_it_is_told_once_somebody_does(official: User, clerk: User) -> None:
    deactivate(official.user_id)
    certification.sweep()
    assert told() == []
    add_user("second.official", (HOME, OFFICIAL))
    certification.sweep()
    assert told() == ["second.official"]


def test_several_workers_write_once(app: Flask, official: User, clerk: User) -> None:
    # So many roles that each worker could get hold of some.
    with write_transaction() as session:
        for number in range(200):
            name = f"holder.{number}"
            holder = User(user_id=name, user_id_folded=name, password_hash="")
            session.add(holder)
            session.flush()
            given = utc_now() - timedelta(days=366)
            session.add(RoleGrant(user_id=holder.id, ccn=HOME, role=VIEWER, granted_at=given))
    db.session.rollback()
    at_once(app, 3, certification.sweep)
    assert told() == ["first.official"]


def test_many_providers_are_told_of_part_by_part(
    official: User, clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certification, "_AT_A_TIME", 1)
    age(add_user("other.clerk", (OTHER, SUBMITTER)), OTHER, SUBMITTER, days=366)
    certification.sweep(lambda: True)
    assert told() == []
    certification.sweep()
    assert len(told()) == 2


def test_an_official_without_an_address_gets_nothing_and_stops_nobody(official: User, clerk: User) -> None:
    add_user("second.official", (HOME, OFFICIAL))
    with write_transaction() as session:
        account = session.get_one(User, official.id)
        account.email = account.email_hash = None
    certification.sweep()
    assert told() == ["second.official"]


def test_workers_look_by_themselves(official: User, clerk: User) -> None:
    for _ in range(2):
        current_queue().wake_for_daily()
        work(current_queue().huey)
        assert told() == ["first.official"]


def test_who_alone_is_in_office_page_by_page(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certification, "PAGE_OFFICIALS", 2)
    ccns = [f"01711{number}" for number in range(3)]
    for ccn in ccns:
        add_agency(ccn)
        age(add_user(f"official.{ccn}", (ccn, OFFICIAL)), ccn, OFFICIAL, days=400)
    first = certification.sole_officials()
    assert ([sole.ccn for sole in first.items], first.next_after) == (ccns[:2], ccns[1])
    second = certification.sole_officials(ccns[1])
    assert ([sole.ccn for sole in second.items], second.next_after) == (ccns[2:], None)
    # Whose account is shut is not in office, so the other one is alone.
    stays, goes = (add_user(name, (ccns[0], OFFICIAL)) for name in ("who.stays", "who.goes"))
    assert [sole.ccn for sole in certification.sole_officials().items] == ccns[1:]
    deactivate(goes.user_id)
    deactivate(f"official.{ccns[0]}")
    assert [sole.ccn for sole in certification.sole_officials().items] == ccns[1:]
    age(stays, ccns[0], OFFICIAL, days=400)
    assert certification.sole_officials().items[0].name == "who.stays"
