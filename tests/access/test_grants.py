import pytest
from flask import Flask

from iqies_flask.access.errors import AccessError
from iqies_flask.access.grants import appoint, dismiss, grant, offices_of, revoke, roles_of
from iqies_flask.access.matrix import built_in_matrix
from iqies_flask.access.models import Provider, RequestState, RoleGrant, RoleRequest
from iqies_flask.access.registry import add_provider
from iqies_flask.access.roles import Role
from iqies_flask.audit import chain
from iqies_flask.audit.search import Filter, find
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.service import create_user
from tests.conftest import PASSWORD
from tests.letters import letters

OFFICES = [role for role, entry in built_in_matrix().roles.items() if not entry.for_provider]
FOR_PROVIDER = [role for role in Role if role not in OFFICES]


def held(user: User) -> list[tuple[str, Role]]:
    return [(entry.ccn, entry.role) for entry in roles_of(user)]


def test_granting_twice_changes_nothing(submitter: User, provider: Provider) -> None:
    grant(submitter, provider.ccn)
    assert held(submitter) == [(provider.ccn, Role.ASSESSMENT_SUBMITTER)]


def test_all_roles_for_a_provider_are_revoked_or_one(submitter: User, provider: Provider) -> None:
    grant(submitter, provider.ccn, Role.PROVIDER_ADMINISTRATOR)
    assert revoke(submitter, provider.ccn, Role.PROVIDER_ADMINISTRATOR) == [Role.PROVIDER_ADMINISTRATOR]
    assert held(submitter) == [(provider.ccn, Role.ASSESSMENT_SUBMITTER)]
    grant(submitter, provider.ccn, Role.PROVIDER_ADMINISTRATOR)
    assert revoke(submitter, provider.ccn.lower()) == [Role.ASSESSMENT_SUBMITTER, Role.PROVIDER_ADMINISTRATOR]
    assert held(submitter) == []
    assert revoke(submitter, provider.ccn) == []


def test_offices_come_and_go(stranger: User) -> None:
    for _ in range(2):
        appoint(stranger, Role.AUDITOR)
    assert offices_of(stranger) == [Role.AUDITOR]
    for _ in range(2):
        dismiss(stranger, Role.AUDITOR)
    assert offices_of(stranger) == []


@pytest.mark.parametrize("role", OFFICES)
def test_an_office_is_held_for_no_provider(stranger: User, provider: Provider, role: Role) -> None:
    with pytest.raises(AccessError, match="is an office"):
        grant(stranger, provider.ccn, role)
    assert held(stranger) == []


@pytest.mark.parametrize("role", FOR_PROVIDER)
def test_a_role_for_a_provider_is_no_office(stranger: User, role: Role) -> None:
    with pytest.raises(AccessError, match="is no office"):
        appoint(stranger, role)
    assert offices_of(stranger) == []


def test_provider_must_be_registered_before_it_is_granted(submitter: User) -> None:
    with pytest.raises(AccessError, match="995999"):
        grant(submitter, "995999")


OFFICIAL, VENDOR = Role.PROVIDER_SECURITY_OFFICIAL, Role.VENDOR_ASSESSMENT_SUBMITTER


@pytest.mark.parametrize(("first", "second"), [(OFFICIAL, VENDOR), (VENDOR, OFFICIAL)])
def test_security_official_is_no_vendor_for_whichever_provider(
    stranger: User, provider: Provider, first: Role, second: Role
) -> None:
    other = add_provider("997002", "Sample Second", "OH", "SAMPLE002", provider.kind)
    grant(stranger, provider.ccn, first)
    with pytest.raises(AccessError, match="nobody is that and"):
        grant(stranger, other.ccn, second)
    grant(stranger, other.ccn, first)
    assert held(stranger) == sorted([(provider.ccn, first), (other.ccn, first)])


@pytest.mark.parametrize("role", [None, Role.ASSESSMENT_SUBMITTER])
def test_request_says_what_became_of_its_role(stranger: User, provider: Provider, role: Role | None) -> None:
    with write_transaction() as session:
        request = RoleRequest(
            user_id=stranger.id,
            role=Role.ASSESSMENT_SUBMITTER,
            ccn=provider.ccn,
            state=RequestState.APPROVED,
        )
        session.add(request)
        session.flush()
        session.add(
            RoleGrant(
                user_id=stranger.id,
                ccn=provider.ccn,
                role=Role.ASSESSMENT_SUBMITTER,
                request_id=request.id,
            )
        )
    revoke(stranger, provider.ccn, role)
    db.session.refresh(request)
    assert request.state is RequestState.REVOKED
    assert request.ended_at is not None


def test_what_changes_roles_is_in_the_audit_log(app: Flask, stranger: User, provider: Provider) -> None:
    before = chain.length()
    for _ in range(2):
        grant(stranger, provider.ccn)
        appoint(stranger, Role.AUDITOR)
    for _ in range(2):
        revoke(stranger, provider.ccn)
        dismiss(stranger, Role.AUDITOR, actor="somebody")
    entries = find(Filter(), 100).entries[: chain.length() - before][::-1]
    assert [(entry.action, entry.actor, entry.object_type, entry.object_id) for entry in entries] == [
        ("role.granted", "command line", "account", str(stranger.id)),
        ("office.appointed", "command line", "account", str(stranger.id)),
        ("role.revoked", "command line", "account", str(stranger.id)),
        ("office.dismissed", "somebody", "account", str(stranger.id)),
    ]
    assert entries[0].facts == {"ccn": provider.ccn, "role": "assessment_submitter"}
    assert entries[1].facts == {"role": "auditor"}


def test_cms_is_told_when_the_last_security_official_is_revoked(stranger: User, provider: Provider) -> None:
    official, second = Role.PROVIDER_SECURITY_OFFICIAL, create_user("second.official", PASSWORD)
    appoint(create_user("test.cms", PASSWORD, "test.cms@cms.example"), Role.CMS_OFFICIAL)
    for one in (stranger, second):
        grant(one, provider.ccn, official)
    revoke(stranger, provider.ccn)
    assert letters("providers_without_official") == []
    revoke(second, provider.ccn)
    (letter,) = letters("providers_without_official")
    assert letter.to == "test.cms@cms.example"
    assert provider.name in letter.text
