"""Changing who holds which role, by those who may."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from iqies_flask.access import holder_accounts
from iqies_flask.access.errors import AccessError
from iqies_flask.access.models import Provider, RequestState, RoleGrant, RoleRequest
from iqies_flask.access.officials import service
from iqies_flask.access.officials.service import NotHeldError, certify, change, revoke, users_of
from iqies_flask.access.requests.overview import overview_of
from iqies_flask.access.requests.service import approve
from iqies_flask.access.roles import Role
from iqies_flask.audit.models import AuditEntry
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.origin import Origin
from iqies_flask.identity.service import activate, deactivate
from iqies_flask.mail.models import OutboxMessage
from tests.access.officials.people import (
    HOME,
    OFFICIAL,
    OTHER,
    SUBMITTER,
    VENDOR,
    VIEWER,
    add_agency,
    add_cms_official,
    add_user,
    age,
    ask,
)


@pytest.fixture
def official(app: Flask) -> User:
    add_agency(HOME)
    add_agency(OTHER)
    return add_user("first.official", (HOME, OFFICIAL), named=True)


@pytest.fixture
def second(official: User) -> User:
    return add_user("second.official", (HOME, OFFICIAL))


@pytest.fixture
def clerk(official: User) -> User:
    return add_user("test.clerk", (HOME, SUBMITTER))


def roles_of(user: User, ccn: str = HOME) -> set[Role]:
    db.session.rollback()
    return set(
        db.session.scalars(select(RoleGrant.role).where(RoleGrant.user_id == user.id, RoleGrant.ccn == ccn))
    )


def actions() -> list[str]:
    db.session.rollback()
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.number))
    return [entry.action for entry in entries if entry.action.startswith("role.") and entry.actor_id]


def letters_to(user: User) -> list[tuple[str, str]]:
    db.session.rollback()
    messages = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id))
    return [
        (message.template, message.content["text"])
        for message in messages
        if message.content and message.content["to"] == user.email
    ]


def test_an_official_revokes_a_role(official: User, clerk: User) -> None:
    number = ask(clerk, HOME, VIEWER)
    approve(official, number)
    revoke(official, clerk.id, HOME, VIEWER, " Left the agency. ", origin=Origin("192.0.2.7"))
    assert roles_of(clerk) == {SUBMITTER}
    request = db.session.get_one(RoleRequest, number)
    assert (request.state, request.reason) == (RequestState.REVOKED, "Left the agency.")
    assert request.ended_at is not None
    assert actions() == ["role.approved", "role.revoked"]
    entry = db.session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
    assert entry is not None
    assert (entry.address, entry.facts["ccn"], entry.facts["role"]) == ("192.0.2.7", HOME, VIEWER.value)
    template, text = letters_to(clerk)[-1]
    assert template == "role_revoked"
    for words in ("Provider Assessment Viewer", HOME, "Left the agency.", "Testy Q Testperson"):
        assert words in text


def test_a_role_without_a_request_is_revoked_as_well(official: User, clerk: User) -> None:
    revoke(official, clerk.id, HOME, SUBMITTER, "Left.")
    assert roles_of(clerk) == set()
    with pytest.raises(NotHeldError, match="Assessment Submitter is not held any more"):
        revoke(official, clerk.id, HOME, SUBMITTER, "Left.")


def test_a_reason_is_needed(official: User, clerk: User) -> None:
    with pytest.raises(AccessError, match="Give a reason"):
        revoke(official, clerk.id, HOME, SUBMITTER, " \n")
    with pytest.raises(AccessError, match="Give a reason"):
        change(official, clerk.id, HOME, SUBMITTER, new_role=VIEWER, reason="")
    assert roles_of(clerk) == {SUBMITTER}


def test_officials_of_others_may_nothing(official: User, clerk: User) -> None:
    stranger = add_user("other.official", (OTHER, OFFICIAL), (HOME, SUBMITTER))
    for who in (stranger, clerk, add_cms_official("test.cms")):
        with pytest.raises(LookupError):
            revoke(who, clerk.id, HOME, SUBMITTER, "Why not.")
        with pytest.raises(LookupError):
            change(who, clerk.id, HOME, SUBMITTER, new_role=VIEWER, reason="Why not.")
        with pytest.raises(LookupError):
            certify(who, clerk.id, HOME, SUBMITTER)
    assert roles_of(clerk) == {SUBMITTER}
    assert actions() == []


def test_nobody_decides_about_the_own_roles(official: User, clerk: User) -> None:
    for act in (
        lambda: revoke(official, official.id, HOME, OFFICIAL, "Enough."),
        lambda: change(official, official.id, HOME, OFFICIAL, new_role=VIEWER, reason="Enough."),
        lambda: certify(official, official.id, HOME, OFFICIAL),
    ):
        with pytest.raises(AccessError, match="you are the only Security Official of this provider"):
            act()
    add_user("second.official", (HOME, OFFICIAL))
    with pytest.raises(AccessError, match="Leave this to another Security Official"):
        revoke(official, official.id, HOME, OFFICIAL, "Enough.")
    assert roles_of(official) == {OFFICIAL}


def test_cms_revokes_officials_also_the_last_one(official: User, second: User) -> None:
    cms = add_cms_official("test.cms")
    revoke(cms, second.id, HOME, OFFICIAL, "Does not work there.")
    revoke(cms, official.id, HOME, OFFICIAL, "Does not work there either.")
    assert roles_of(official) == roles_of(second) == set()
    assert letters_to(official)[-1][0] == "role_revoked"


def test_cms_revokes_every_role_where_nobody_is_in_office(official: User, clerk: User) -> None:
    cms = add_cms_official("test.cms")
    vendor = add_user("test.vendor", (HOME, VENDOR))
    with pytest.raises(LookupError):
        revoke(cms, vendor.id, HOME, VENDOR, "Shut out.")
    deactivate(official.user_id)
    revoke(cms, vendor.id, HOME, VENDOR, "Shut out.")
    assert roles_of(vendor) == set()
    assert letters_to(vendor)[-1][0] == "role_revoked"
    with pytest.raises(LookupError):
        change(cms, clerk.id, HOME, SUBMITTER, new_role=VIEWER, reason="Not CMS's to give.")


def test_of_two_officials_who_revoke_each_other_one_stays(app: Flask, official: User, second: User) -> None:
    numbers = [(official.id, second.id), (second.id, official.id)]
    db.session.rollback()
    start = threading.Barrier(2)
    came_of: list[str] = []

    def run(own: int, other: int) -> None:
        with app.app_context():
            user = db.session.get_one(User, own)
            start.wait()
            try:
                revoke(user, other, HOME, OFFICIAL, "A quarrel.")
            except LookupError:
                came_of.append("may not any more")
            else:
                came_of.append("revoked")

    threads = [threading.Thread(target=run, args=pair) for pair in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(came_of) == ["may not any more", "revoked"]
    assert sorted([roles_of(official), roles_of(second)], key=len) == [set(), {OFFICIAL}]


def test_an_official_changes_a_role(official: User, clerk: User) -> None:
    change(official, clerk.id, HOME, SUBMITTER, new_role=VIEWER, reason="Reads only.")
    assert roles_of(clerk) == {VIEWER}
    assert db.session.get_one(RoleGrant, (clerk.id, HOME, VIEWER)).granted_by == official.id
    assert actions() == ["role.revoked", "role.granted"]
    template, text = letters_to(clerk)[-1]
    assert template == "role_changed"
    for words in ("Provider Assessment Viewer", "no longer Assessment Submitter", "Reads only."):
        assert words in text


def test_a_request_for_what_a_role_is_changed_into_is_settled(official: User, clerk: User) -> None:
    ask(clerk, HOME, VIEWER)
    request = db.session.scalars(select(RoleRequest).where(RoleRequest.state == RequestState.PENDING)).one()
    change(official, clerk.id, HOME, SUBMITTER, new_role=VIEWER, reason="Reads only.")
    db.session.refresh(request)
    assert (request.state, request.decided_by) == (RequestState.APPROVED, official.id)
    revoke(official, clerk.id, HOME, VIEWER, "Left.")
    db.session.refresh(request)
    assert (request.state, request.reason) == (RequestState.REVOKED, "Left.")


def test_what_was_given_without_being_asked_for_is_found_among_what_was(official: User, clerk: User) -> None:
    change(official, clerk.id, HOME, SUBMITTER, new_role=VIEWER, reason="Reads only.")
    revoke(official, clerk.id, HOME, VIEWER, "Left.")
    settled = overview_of(clerk).settled
    assert [(one.role, one.ccn, one.state, one.reason) for one in settled] == [
        ("Provider Assessment Viewer", HOME, RequestState.REVOKED, "Left."),
        ("Assessment Submitter", HOME, RequestState.REVOKED, "Reads only."),
    ]


def test_an_account_that_is_shut_becomes_no_official(official: User, clerk: User) -> None:
    deactivate(clerk.user_id)
    with pytest.raises(AccessError, match=r"cannot be used now\. Revoke the role instead"):
        change(official, clerk.id, HOME, SUBMITTER, new_role=OFFICIAL, reason="Try.")
    activate(clerk.user_id)
    change(official, clerk.id, HOME, SUBMITTER, new_role=OFFICIAL, reason="Works there again.")
    assert roles_of(clerk) == {OFFICIAL}


def test_for_a_terminated_provider_no_role_is_given_instead_of_another(official: User, clerk: User) -> None:
    with write_transaction() as session:
        session.get_one(Provider, HOME).terminated_on = utc_now().date() - timedelta(days=400)
    for new_role in (OFFICIAL, VIEWER):
        with pytest.raises(AccessError, match=r"not certified any more, so no roles are given"):
            change(official, clerk.id, HOME, SUBMITTER, new_role=new_role, reason="Try.")
    assert roles_of(clerk) == {SUBMITTER}
    revoke(official, clerk.id, HOME, SUBMITTER, "Closed.")


@pytest.mark.parametrize("role", [SUBMITTER, VENDOR, Role.CMS_OFFICIAL])
def test_what_a_role_cannot_be_changed_into(official: User, clerk: User, role: Role) -> None:
    with pytest.raises(AccessError, match="another role of the same category"):
        change(official, clerk.id, HOME, SUBMITTER, new_role=role, reason="Try.")
    assert roles_of(clerk) == {SUBMITTER}


def test_a_role_is_not_changed_into_one_that_is_held(official: User) -> None:
    both = add_user("test.both", (HOME, SUBMITTER), (HOME, VIEWER))
    with pytest.raises(AccessError, match="holds the role Provider Assessment Viewer already"):
        change(official, both.id, HOME, SUBMITTER, new_role=VIEWER, reason="Try.")
    assert roles_of(both) == {SUBMITTER, VIEWER}


@pytest.mark.parametrize("held", [True, False])
def test_who_acts_for_a_vendor_does_not_become_an_official(official: User, clerk: User, held: bool) -> None:
    vendor = add_user("test.vendor", (HOME, SUBMITTER), *([(OTHER, VENDOR)] if held else []))
    if not held:
        ask(vendor, OTHER, VENDOR)
    with pytest.raises(AccessError, match="cannot be a vendor"):
        change(official, vendor.id, HOME, SUBMITTER, new_role=OFFICIAL, reason="Promoted.")
    change(official, clerk.id, HOME, SUBMITTER, new_role=OFFICIAL, reason="Promoted.")
    assert (roles_of(vendor), roles_of(clerk)) == ({SUBMITTER}, {OFFICIAL})


def test_roles_are_certified_once_a_year(official: User, clerk: User, second: User) -> None:
    age(clerk, HOME, SUBMITTER, days=366)
    age(second, HOME, OFFICIAL, days=364)
    (due,) = users_of(HOME, due_only=True).items
    assert [(held.role, held.due, held.certified_at) for held in due.roles] == [(SUBMITTER, True, None)]
    certify(official, clerk.id, HOME, SUBMITTER)
    assert users_of(HOME, due_only=True).items == []
    held = service.holder_of(HOME, clerk.id, SUBMITTER)[1]
    assert not held.due
    assert held.certified_at is not None
    assert actions() == ["role.certified"]
    with write_transaction() as session:
        grant = session.get_one(RoleGrant, (clerk.id, HOME, SUBMITTER))
        assert grant.certified_at is not None
        grant.certified_at -= timedelta(days=366)
    assert [holder.account.user_id for holder in users_of(HOME, due_only=True).items] == ["test.clerk"]


def test_a_role_that_was_given_late_is_not_about_to_end(official: User, clerk: User) -> None:
    with write_transaction() as session:
        account = session.get_one(User, clerk.id)
        account.created_at = account.last_sign_in_at = utc_now() - timedelta(days=59)
    assert not users_of(HOME).items[1].account.inactive
    age(clerk, HOME, SUBMITTER, days=44)
    assert not users_of(HOME).items[1].account.inactive
    age(clerk, HOME, SUBMITTER, days=1)
    assert users_of(HOME).items[1].account.inactive


def test_users_of_a_provider(official: User, clerk: User) -> None:
    add_user("other.clerk", (OTHER, SUBMITTER))
    with write_transaction() as session:
        session.get_one(User, clerk.id).last_sign_in_at = utc_now() - timedelta(days=46)
        session.get_one(User, official.id).last_sign_in_at = utc_now() - timedelta(days=44)
    age(clerk, HOME, SUBMITTER, days=100)
    age(official, HOME, OFFICIAL, days=100)
    found = users_of(HOME)
    assert [(holder.account.name, holder.account.inactive) for holder in found.items] == [
        ("Testy Q Testperson", False),
        ("test.clerk", True),
    ]
    assert [held.changeable for holder in found.items for held in holder.roles] == [True, True]
    assert [holder.account.user_id for holder in users_of(HOME, officials_only=True).items] == [
        "first.official"
    ]


def test_users_are_listed_page_by_page(official: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holder_accounts, "PAGE_ACCOUNTS", 2)
    for name in ("Clerk.B", "clerk.a", "clerk.c"):
        add_user(name, (HOME, SUBMITTER), (HOME, VIEWER))
    seen, after = [], None
    for _ in range(2):
        page = users_of(HOME, after=after)
        seen.append([holder.account.user_id for holder in page.items])
        after = page.next_after
    assert seen == [["clerk.a", "Clerk.B"], ["clerk.c", "first.official"]]
    assert after is None
