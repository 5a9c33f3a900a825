"""Who holds offices, and how they end."""

import pytest
from flask import Flask

from iqies_flask.access import holder_accounts
from iqies_flask.access.actions import Action
from iqies_flask.access.errors import AccessError
from iqies_flask.access.grants import appoint, offices_of
from iqies_flask.access.models import OfficeGrant, RequestState, RoleRequest
from iqies_flask.access.offices.service import LastApproverError, give_up, holders, revoke
from iqies_flask.access.permission import may
from iqies_flask.access.requests.service import approve
from iqies_flask.access.roles import Role
from iqies_flask.audit.search import Filter, find
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.origin import Origin
from iqies_flask.identity.service import deactivate
from tests.access.officials.people import add_cms_official, add_user, ask
from tests.at_once import overlapping
from tests.letters import letters

CMS, STATE, AUDITOR = Role.CMS_OFFICIAL, Role.STATE_VIEWER, Role.AUDITOR


@pytest.fixture
def cms(app: Flask) -> User:
    return add_cms_official("test.cms")


@pytest.fixture
def viewer(cms: User) -> User:
    """Somebody at a State agency, whose office CMS has approved."""
    viewer = add_user("test.viewer")
    approve(cms, ask(viewer, None, STATE))
    return viewer


def own(number: int) -> User:
    return db.session.get_one(User, number)


def test_holders_of_the_offices_that_cms_decides_about(
    cms: User, viewer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    appoint(add_user("test.auditor"), AUDITOR)
    appoint(viewer, CMS)
    found = holders()
    assert [(holder.account.user_id, holder.role) for holder in found.items] == [
        ("test.cms", CMS),
        ("test.viewer", CMS),
        ("test.viewer", STATE),
    ]
    assert found.next_after is None
    monkeypatch.setattr(holder_accounts, "PAGE_ACCOUNTS", 1)
    first = holders()
    assert ([holder.account.user_id for holder in first.items], first.next_after) == (["test.cms"], cms.id)
    second = holders(after=cms.id)
    assert ([holder.account.user_id for holder in second.items], second.next_after) == (
        ["test.viewer"] * 2,
        None,
    )


def test_cms_revokes_an_office(cms: User, viewer: User) -> None:
    assert may(viewer, Action.VIEW_REGISTRY)
    revoke(cms, viewer.id, STATE, " Left the agency. ", origin=Origin("192.0.2.7"))
    assert not may(viewer, Action.VIEW_REGISTRY)
    (letter,) = letters("office_revoked")
    assert letter.to == viewer.email
    for part in (letter.text, letter.html):
        assert "State Agency Viewer" in part
        assert "Left the agency." in part
    (entry,) = find(Filter(action="office.dismissed"), 10).entries
    assert (entry.actor, entry.object_id, entry.address) == ("test.cms", str(viewer.id), "192.0.2.7")
    assert entry.facts == {"role": "state_viewer"}
    request = db.session.query(RoleRequest).one()
    assert (request.state, request.reason) == (RequestState.REVOKED, "Left the agency.")
    with pytest.raises(LookupError):
        revoke(cms, viewer.id, STATE, "Again.")


def test_of_an_office_that_nobody_asked_for_it_is_kept_why_it_was_revoked(cms: User) -> None:
    appointed = add_user("test.appointed")
    appoint(appointed, STATE)
    revoke(cms, appointed.id, STATE, "Left the agency.")
    request = db.session.query(RoleRequest).filter_by(user_id=appointed.id).one()
    assert (request.role, request.ccn, request.state) == (STATE, None, RequestState.REVOKED)
    assert request.reason == "Left the agency."


def test_who_may_not_revoke_an_office(cms: User, viewer: User) -> None:
    auditor = add_user("test.auditor")
    appoint(auditor, AUDITOR)
    with pytest.raises(LookupError):
        revoke(viewer, cms.id, CMS, "Why not.")
    with pytest.raises(LookupError):
        revoke(cms, auditor.id, AUDITOR, "Of the Service Center: the operator's.")
    with pytest.raises(AccessError, match="Nobody decides about the own offices"):
        revoke(cms, cms.id, CMS, "Enough.")
    with pytest.raises(AccessError, match="Give a reason"):
        revoke(cms, viewer.id, STATE, " ")
    assert [offices_of(user) for user in (cms, viewer, auditor)] == [[CMS], [STATE], [AUDITOR]]


def test_an_office_is_given_up(viewer: User) -> None:
    give_up(viewer, STATE)
    assert offices_of(viewer) == []
    assert [letter.to for letter in letters("office_ended")] == [viewer.email]
    assert db.session.query(RoleRequest).one().state is RequestState.ENDED
    with pytest.raises(LookupError):
        give_up(viewer, STATE)


def test_the_last_official_of_cms_stays(cms: User) -> None:
    other = add_cms_official("other.cms")
    deactivate(other.user_id)
    with pytest.raises(LastApproverError):
        give_up(cms, CMS)
    assert offices_of(cms) == [CMS]
    add_cms_official("third.cms")
    give_up(cms, CMS)
    assert offices_of(cms) == []


def test_of_two_officials_of_cms_who_leave_or_are_sent_at_once_one_stays(app: Flask, cms: User) -> None:
    numbers = [cms.id, add_cms_official("other.cms").id]
    came_of = overlapping(app, lambda: give_up(own(numbers[0]), CMS), lambda: give_up(own(numbers[1]), CMS))
    assert {type(outcome) for outcome in came_of} == {type(None), LastApproverError}
    for number in numbers:
        appoint(own(number), CMS)
    came_of = overlapping(
        app,
        lambda: revoke(own(numbers[0]), numbers[1], CMS, "A quarrel."),
        lambda: revoke(own(numbers[1]), numbers[0], CMS, "A quarrel."),
    )
    assert {type(outcome) for outcome in came_of} == {type(None), LookupError}
    db.session.rollback()
    assert db.session.query(OfficeGrant).filter_by(role=CMS).count() == 1
