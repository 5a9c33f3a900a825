from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from iqies_flask.access import permission
from iqies_flask.access.actions import OF_OFFICES, Action
from iqies_flask.access.grants import appoint, dismiss, grant, revoke
from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.matrix import built_in_matrix
from iqies_flask.access.models import Provider
from iqies_flask.access.permission import (
    allowed_anywhere,
    allowed_ccns,
    current_matrix,
    may,
    may_anywhere,
    why_not,
)
from iqies_flask.access.registry import add_provider
from iqies_flask.access.roles import Role
from iqies_flask.config import Settings
from iqies_flask.database import write_transaction
from iqies_flask.identity.models import Person, ProofingState, User
from iqies_flask.identity.service import create_user, deactivate
from tests.conftest import PASSWORD
from tests.persons import profile

OFFICES = [role for role, entry in built_in_matrix().roles.items() if not entry.for_provider]
FOR_PROVIDER = [role for role in Role if role not in OFFICES]
YES, NO = True, False
# The table of docs/access.md.
COLUMNS = (
    Role.ASSESSMENT_SUBMITTER,
    Role.PROVIDER_ADMINISTRATOR,
    Role.PROVIDER_ASSESSMENT_COORDINATOR,
    Role.PROVIDER_ASSESSMENT_VIEWER,
    Role.PROVIDER_SECURITY_OFFICIAL,
    Role.VENDOR_ASSESSMENT_SUBMITTER,
)
TABLE = {
    Action.UPLOAD: (YES, NO, NO, NO, YES, YES),
    Action.VIEW_REPORTS: (YES, YES, YES, YES, YES, YES),
    Action.APPROVE_ROLES: (NO, NO, NO, NO, YES, NO),
    Action.ADD_PATIENT: (NO, YES, YES, NO, YES, NO),
    Action.CHANGE_PATIENT: (NO, YES, NO, NO, YES, NO),
    Action.VIEW_PATIENT: (NO, YES, YES, YES, YES, NO),
    Action.EDIT_ASSESSMENT: (NO, YES, NO, NO, YES, NO),
    Action.CORRECT_ASSESSMENT: (NO, YES, NO, NO, YES, NO),
    Action.VIEW_ASSESSMENT: (NO, YES, YES, YES, YES, NO),
    Action.SUBMIT_ASSESSMENT: (NO, YES, NO, NO, YES, NO),
}
OF_OFFICE = {
    Role.CMS_OFFICIAL: {Action.VIEW_REGISTRY, Action.APPROVE_FIRST_OFFICIAL},
    Role.STATE_VIEWER: {Action.VIEW_REGISTRY},
    Role.REGISTRY_MANAGER: {Action.VIEW_REGISTRY, Action.MANAGE_PROVIDERS},
    Role.PROOFING_OFFICER: {Action.PROVE_IDENTITIES},
    Role.AUDITOR: {Action.VIEW_AUDIT_LOG},
}


@pytest.fixture
def other(app: Flask) -> Provider:
    return add_provider("99U888", "Sample Swing", "OH", "SAMPLE002", ProviderKind.SWING_BED)


@pytest.fixture
def official(provider: Provider) -> User:
    user = create_user("test.official", PASSWORD)
    grant(user, provider.ccn, Role.PROVIDER_SECURITY_OFFICIAL)
    return user


def unprove(user: User) -> None:
    with write_transaction() as session:
        session.merge(user).proofing = ProofingState.WAITING


def test_table_and_offices_are_whole() -> None:
    assert set(TABLE) == set(Action) - OF_OFFICES
    assert set(COLUMNS) == set(FOR_PROVIDER)
    assert set(OF_OFFICE) == set(OFFICES)


@pytest.mark.parametrize("role", COLUMNS)
def test_role_allows_what_the_table_says_for_its_provider_only(
    stranger: User, provider: Provider, other: Provider, role: Role
) -> None:
    grant(stranger, provider.ccn, role)
    for action in Action:
        allowed = action in TABLE and TABLE[action][COLUMNS.index(role)]
        assert may(stranger, action, provider.ccn) is allowed, action
        assert may_anywhere(stranger, action) is allowed, action
        assert allowed_ccns(stranger, action) == ([provider.ccn] if allowed else [])
        assert (why_not(stranger, action, provider.ccn) is None) is allowed, action
        assert (why_not(stranger, action) is None) is allowed, action
        assert (action in allowed_anywhere(stranger)) is allowed, action
        assert not may(stranger, action, other.ccn)
        assert not may(stranger, action)


@pytest.mark.parametrize("role", OFFICES)
def test_office_allows_its_actions_only(stranger: User, provider: Provider, role: Role) -> None:
    appoint(stranger, role)
    for action in Action:
        allowed = action in OF_OFFICE[role]
        assert may(stranger, action) is allowed, action
        assert may_anywhere(stranger, action) is allowed, action
        assert (why_not(stranger, action) is None) is allowed, action
        assert allowed_ccns(stranger, action) == []
        if action not in OF_OFFICES:
            assert not may(stranger, action, provider.ccn)
    assert allowed_anywhere(stranger) == OF_OFFICE[role]
    dismiss(stranger, role)
    assert not any(may_anywhere(stranger, action) for action in Action)
    assert not allowed_anywhere(stranger)


@pytest.mark.parametrize("ccn", ["", "000000", "999999 ", "99\0999", "x" * 10_000])
def test_nothing_is_allowed_for_a_ccn_that_does_not_exist(submitter: User, ccn: str) -> None:
    assert not may(submitter, Action.UPLOAD, ccn)
    if ccn:
        assert "No provider with this CCN" in (why_not(submitter, Action.UPLOAD, ccn) or "")


def test_revoking_takes_it_back_at_once(submitter: User, provider: Provider) -> None:
    assert why_not(submitter, Action.UPLOAD, provider.ccn) is None
    revoke(submitter, provider.ccn)
    assert not may(submitter, Action.UPLOAD, provider.ccn)


def test_deactivated_user_may_nothing_and_reads_why(stranger: User, provider: Provider) -> None:
    grant(stranger, provider.ccn)
    appoint(stranger, Role.AUDITOR)
    deactivate(stranger.user_id)
    assert not any(may(stranger, action, provider.ccn) or may_anywhere(stranger, action) for action in Action)
    assert not allowed_anywhere(stranger)
    assert allowed_ccns(stranger, Action.VIEW_REPORTS) == []
    assert "deactivated" in (why_not(stranger, Action.UPLOAD, provider.ccn) or "")


def test_whose_identity_is_not_proved_may_nothing_and_reads_why(stranger: User, provider: Provider) -> None:
    grant(stranger, provider.ccn)
    appoint(stranger, Role.AUDITOR)
    unprove(stranger)
    assert not any(may(stranger, action, provider.ccn) or may_anywhere(stranger, action) for action in Action)
    assert not allowed_anywhere(stranger)
    assert "Prove your identity" in (why_not(stranger, Action.VIEW_AUDIT_LOG) or "")


def test_who_holds_no_role_reads_which_it_takes_and_who_gives_it(
    stranger: User, provider: Provider, official: User
) -> None:
    with write_transaction() as session:
        session.add(Person(user_id=official.id, profile=profile(first_name="Testina").to_json()))
    assert why_not(stranger, Action.UPLOAD, provider.ccn) == (
        f"You hold no role for {provider.name} (CCN {provider.ccn}). It takes the role Provider Security"
        " Official, Assessment Submitter or Vendor Assessment Submitter. Its Security Official Testina"
        " Testperson can give it to you."
    )


def test_who_holds_another_role_reads_that_it_does_not_do(
    stranger: User, provider: Provider, official: User
) -> None:
    grant(stranger, provider.ccn, Role.PROVIDER_ASSESSMENT_VIEWER)
    assert (why_not(stranger, Action.UPLOAD, provider.ccn) or "").startswith(
        f"For {provider.name} (CCN {provider.ccn}) you are Provider Assessment Viewer, which does not allow"
        " this: “Upload XML files”."
    )


def test_only_security_officials_who_can_act_are_named(
    stranger: User, provider: Provider, official: User
) -> None:
    for number in range(4):
        user = create_user(f"test.official{number}", PASSWORD)
        grant(user, provider.ccn, Role.PROVIDER_SECURITY_OFFICIAL)
    deactivate("test.official")
    reason = why_not(stranger, Action.UPLOAD, provider.ccn) or ""
    assert "test.official0, test.official1, test.official2 and others" in reason
    deactivate("test.official1")
    reason = why_not(stranger, Action.UPLOAD, provider.ccn) or ""
    assert "Its Security Officials test.official0, test.official2 and test.official3 can give it" in reason


def test_provider_without_security_official_is_said_to_have_none(
    stranger: User, provider: Provider, official: User
) -> None:
    unprove(official)
    reason = why_not(stranger, Action.UPLOAD, provider.ccn) or ""
    assert "has no Security Official" in reason
    assert "CMS approves" in reason


@pytest.mark.parametrize(
    ("action", "role", "giver"),
    [
        (Action.VIEW_AUDIT_LOG, "Auditor", "The operator of this site gives it."),
        (Action.APPROVE_FIRST_OFFICIAL, "CMS Official", "A CMS Official gives it."),
    ],
)
def test_office_that_is_missing_is_named(stranger: User, action: Action, role: str, giver: str) -> None:
    reason = why_not(stranger, action) or ""
    assert f"It takes the role {role}." in reason
    assert reason.endswith(giver)


def test_action_that_no_role_allows_is_said_to_be_such(
    app: Flask, stranger: User, provider: Provider, settings: Settings, tmp_path: Path
) -> None:
    text = (Path(permission.__file__).parent / "matrix.toml").read_text()
    path = tmp_path / "matrix.toml"
    path.write_text(text.replace('may = ["view_audit_log"]', "may = []").replace('"correct_assessment",', ""))
    permission.init_app(app, replace(settings, matrix_file=path))
    assert current_matrix() != built_in_matrix()
    assert why_not(stranger, Action.VIEW_AUDIT_LOG) == "No role allows it on this site."
    assert "No role allows it" in (why_not(stranger, Action.CORRECT_ASSESSMENT, provider.ccn) or "")
