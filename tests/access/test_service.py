import pytest
from flask import Flask

from iqies_flask.access.actions import Action
from iqies_flask.access.errors import AccessError
from iqies_flask.access.grants import appoint, dismiss, grant, granted, offices_of, revoke
from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.models import Provider
from iqies_flask.access.permission import allowed_ccns, may
from iqies_flask.access.registry import add_provider, list_providers, name_of, provider_of
from iqies_flask.access.roles import Role
from iqies_flask.audit import chain
from iqies_flask.audit.search import Filter, find
from iqies_flask.identity.models import User
from iqies_flask.identity.service import deactivate
from iqies_flask.model import RecordSummary

FOR_PROVIDERS = (Action.UPLOAD, Action.VIEW_REPORTS)
ROLES = {
    Role.PROOFING_OFFICER: Action.PROVE_IDENTITIES,
    Role.AUDITOR: Action.VIEW_AUDIT_LOG,
}


@pytest.fixture
def other(app: Flask) -> Provider:
    return add_provider("99U888", "Sample Nursing", "OH", "SAMPLE002", ProviderKind.SWING_BED)


@pytest.mark.parametrize("action", FOR_PROVIDERS)
def test_grant_allows_for_its_provider_only(
    submitter: User, stranger: User, provider: Provider, other: Provider, action: Action
) -> None:
    assert may(submitter, action, provider.ccn)
    assert not may(submitter, action, other.ccn)
    assert not may(stranger, action, provider.ccn)
    assert allowed_ccns(submitter, action) == [provider.ccn]
    assert allowed_ccns(stranger, action) == []


@pytest.mark.parametrize("ccn", ["", "000000", "997999 ", "99\0999", "x" * 10_000])
def test_nothing_is_allowed_for_a_ccn_that_does_not_exist(submitter: User, ccn: str) -> None:
    assert not may(submitter, Action.UPLOAD, ccn)


def test_revoking_takes_it_back(submitter: User, provider: Provider) -> None:
    revoke(submitter, provider.ccn)
    assert not may(submitter, Action.UPLOAD, provider.ccn)
    revoke(submitter, provider.ccn)


def test_granting_twice_changes_nothing(submitter: User, provider: Provider) -> None:
    grant(submitter, provider.ccn)
    assert granted(submitter) == [provider]


def test_deactivated_user_may_nothing(submitter: User, provider: Provider) -> None:
    deactivate(submitter.user_id)
    assert not may(submitter, Action.UPLOAD, provider.ccn)
    assert allowed_ccns(submitter, Action.VIEW_REPORTS) == []


@pytest.mark.parametrize("role", Role)
def test_role_at_the_service_center_allows_its_action_only(
    submitter: User, provider: Provider, role: Role
) -> None:
    assert not any(may(submitter, action) for action in ROLES.values())
    appoint(submitter, role)
    appoint(submitter, role)
    assert [action for action in ROLES.values() if may(submitter, action)] == [ROLES[role]]
    assert offices_of(submitter) == [role]
    assert allowed_ccns(submitter, ROLES[role]) == []
    dismiss(submitter, role)
    dismiss(submitter, role)
    assert not may(submitter, ROLES[role])
    assert offices_of(submitter) == []


def test_role_at_the_service_center_allows_nothing_for_a_provider(stranger: User, provider: Provider) -> None:
    for role in ROLES:
        appoint(stranger, role)
    assert not any(may(stranger, action, provider.ccn) for action in FOR_PROVIDERS)


def test_deactivated_user_works_no_more_at_the_service_center(stranger: User) -> None:
    appoint(stranger, Role.AUDITOR)
    deactivate(stranger.user_id)
    assert not may(stranger, Action.VIEW_AUDIT_LOG)


def test_what_changes_access_is_in_the_audit_log(stranger: User, provider: Provider) -> None:
    before = chain.length()
    for _ in range(2):
        grant(stranger, provider.ccn)
        appoint(stranger, Role.AUDITOR)
    for _ in range(2):
        revoke(stranger, provider.ccn)
        dismiss(stranger, Role.AUDITOR, actor="somebody")
    add_provider(provider.ccn, "New Name", "CT", "F", provider.kind)
    entries = find(Filter(), 100).entries[: chain.length() - before][::-1]
    assert [(entry.action, entry.actor, entry.object_type, entry.object_id) for entry in entries] == [
        ("access.granted", "command line", "account", str(stranger.id)),
        ("service_center.appointed", "command line", "account", str(stranger.id)),
        ("access.revoked", "command line", "account", str(stranger.id)),
        ("service_center.dismissed", "somebody", "account", str(stranger.id)),
        ("provider.changed", "command line", "provider", provider.ccn),
    ]
    assert entries[0].facts == {"ccn": provider.ccn}
    assert entries[1].facts == {"role": "auditor"}


def test_provider_must_be_registered_before_it_is_granted(submitter: User) -> None:
    with pytest.raises(AccessError, match="123456"):
        grant(submitter, "123456")


@pytest.mark.parametrize(
    ("ccn", "name", "state"),
    [("12345", "N", "CT"), ("12-3456", "N", "CT"), ("123456", " ", "CT"), ("123456", "N", "Connecticut")],
)
def test_providers_that_do_not_do(app: Flask, ccn: str, name: str, state: str) -> None:
    with pytest.raises(AccessError):
        add_provider(ccn, name, state, "F", ProviderKind.SWING_BED)


def test_adding_a_provider_again_changes_it(provider: Provider) -> None:
    add_provider(provider.ccn.lower(), "New Name", "ct", "f2", provider.kind)
    (listed,) = list_providers()
    assert (listed.name, listed.state, listed.facility_id) == ("New Name", "CT", "F2")


def test_provider_is_found_by_ccn(provider: Provider) -> None:
    found = provider_of(RecordSummary(ccn=provider.ccn, state="", facility_id="UNKNOWN"))
    assert found == name_of(provider)


def test_provider_is_found_by_state_and_facility_id(provider: Provider) -> None:
    found = provider_of(RecordSummary(state="ct", facility_id=" sample001 "))
    assert found == name_of(provider)


def test_facility_id_counts_in_its_state_only(provider: Provider) -> None:
    assert provider_of(RecordSummary(state="OH", facility_id=provider.facility_id)).ccn == ""


def test_record_that_names_two_providers_belongs_to_neither(provider: Provider, other: Provider) -> None:
    found = provider_of(RecordSummary(ccn=provider.ccn, state=other.state, facility_id=other.facility_id))
    assert found.ccn == ""


def test_facility_with_two_ccns_is_told_apart_by_the_ccn(provider: Provider) -> None:
    swing = add_provider("99Z999", "Sample Swing", "CT", "SAMPLE001", ProviderKind.SWING_BED)
    facility = RecordSummary(state="CT", facility_id="SAMPLE001")
    assert provider_of(facility).ccn == ""
    assert provider_of(RecordSummary(ccn=swing.ccn, state="CT", facility_id="SAMPLE001")).ccn == swing.ccn
