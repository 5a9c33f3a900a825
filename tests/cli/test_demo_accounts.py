import secrets
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet
from flask import Flask

from iqies_flask.access.actions import Action
from iqies_flask.access.grants import grant, revoke
from iqies_flask.access.officials.queue import Desk, QueueFilter, waiting
from iqies_flask.access.permission import allowed_ccns, may
from iqies_flask.access.requests.service import approve, reject, withdraw
from iqies_flask.access.roles import Role
from iqies_flask.application import assemble
from iqies_flask.audit import chain
from iqies_flask.cli.demo_accounts import ACCOUNTS, PASSWORD, RECOVERY_CODES, make_accounts, ways_to_sign_in
from iqies_flask.config import Environment, Settings
from iqies_flask.database import write_transaction
from iqies_flask.identity import service as identity
from iqies_flask.identity.demonstration import active_accounts, deactivate_accounts
from iqies_flask.identity.models import ProofingState, User
from iqies_flask.identity.persons import checked_ssn, profile_of
from iqies_flask.identity.proofing.models import CaseState
from iqies_flask.identity.proofing.service import begin, state_of
from iqies_flask.identity.recovery import codes
from tests.letters import letters

pytestmark = pytest.mark.usefixtures("app")


def account(user_id: str) -> User:
    user = identity.find_user(user_id)
    assert user is not None
    return user


def use(user: User, code: str) -> bool:
    with write_transaction() as session:
        return codes.use(session, user, code)


def requests_at(official: User, desk: Desk) -> list[tuple[str, str]]:
    return [(request.user_id, request.ccn) for request in waiting(official, desk, QueueFilter()).items]


def test_each_kind_of_user_can_sign_in_without_a_key() -> None:
    make_accounts()
    for made in ACCOUNTS:
        user = identity.authenticate(made.user_id, PASSWORD)
        assert user is not None
        assert codes.left(user) == codes.NUMBER
        assert use(user, RECOVERY_CODES[0])
        profile = profile_of(user)
        assert profile is not None
        assert profile.email == user.email == f"{made.user_id}@example.org"
    assert len(allowed_ccns(account("demo.submitter"), Action.UPLOAD)) == 3
    assert allowed_ccns(account("demo.nursing"), Action.UPLOAD) == ["995001"]
    assert may(account("demo.officer"), Action.PROVE_IDENTITIES)
    assert not may(account("demo.officer"), Action.VIEW_AUDIT_LOG)
    assert may(account("demo.auditor"), Action.VIEW_AUDIT_LOG)
    assert allowed_ccns(account("demo.official"), Action.APPROVE_ROLES) == ["995001", "997001"]
    assert allowed_ccns(account("demo.vendor"), Action.UPLOAD) == ["997001"]
    assert allowed_ccns(account("demo.newcomer"), Action.UPLOAD) == []
    assert may(account("demo.cms"), Action.APPROVE_FIRST_OFFICIAL)
    assert not may(account("demo.official"), Action.APPROVE_FIRST_OFFICIAL)


def test_each_official_has_a_request_to_decide() -> None:
    make_accounts()
    official, cms = account("demo.official"), account("demo.cms")
    assert requests_at(official, Desk.PROVIDERS) == [("demo.vendor", "995001")]
    assert requests_at(cms, Desk.CMS) == [("demo.newcomer", "995002")]
    for decider, desk in ((official, Desk.PROVIDERS), (cms, Desk.CMS)):
        for request in waiting(decider, desk, QueueFilter()).items:
            approve(decider, request.id)
    assert allowed_ccns(account("demo.vendor"), Action.UPLOAD) == ["995001", "997001"]
    assert allowed_ccns(account("demo.newcomer"), Action.APPROVE_ROLES) == ["995002"]


def test_whoever_asked_is_told_who_decides() -> None:
    make_accounts()
    told = {letter.to: letter.text for letter in letters("role_requested")}
    assert "To decide: CMS (Testperson Cms)." in told["demo.newcomer@example.org"]
    assert "To decide: Testperson Official" in told["demo.vendor@example.org"]


def test_another_start_asks_again_for_what_was_rejected_only() -> None:
    make_accounts()
    official, cms = account("demo.official"), account("demo.cms")
    (request,) = waiting(official, Desk.PROVIDERS, QueueFilter()).items
    approve(official, request.id)
    (request,) = waiting(cms, Desk.CMS, QueueFilter()).items
    reject(cms, request.id, "Tried out.")
    make_accounts()
    assert requests_at(official, Desk.PROVIDERS) == []
    assert requests_at(cms, Desk.CMS) == [("demo.newcomer", "995002")]


def test_another_start_copes_with_a_vendor_who_became_an_official() -> None:
    make_accounts()
    vendor = account("demo.vendor")
    revoke(vendor, "997001")
    (request,) = waiting(account("demo.official"), Desk.PROVIDERS, QueueFilter()).items
    withdraw(vendor, request.id)
    grant(vendor, "99U001", Role.PROVIDER_SECURITY_OFFICIAL)
    make_accounts()
    assert allowed_ccns(vendor, Action.APPROVE_ROLES) == ["99U001"]
    assert allowed_ccns(vendor, Action.UPLOAD) == ["99U001"]


def test_whose_identity_is_not_proved_can_be_followed_both_ways() -> None:
    make_accounts()
    standing = state_of(account("demo.applicant"))
    assert standing.state is None
    assert standing.may_retry
    (applicant,) = [made for made in ACCOUNTS if made.user_id == "demo.applicant"]
    assert applicant.ssn is not None
    begin(account("demo.applicant"), ssn=checked_ssn(applicant.ssn))
    assert state_of(account("demo.applicant")).state is CaseState.ASKING
    assert state_of(account("demo.waiting")).state is CaseState.WAITING_FOR_OFFICER


def test_another_start_changes_nothing() -> None:
    make_accounts()
    before = chain.length()
    make_accounts()
    assert chain.length() == before
    assert len(active_accounts()) == len(ACCOUNTS)


def test_another_start_brings_back_what_was_used_up() -> None:
    make_accounts()
    for code in RECOVERY_CODES:
        assert use(account("demo.nursing"), code)
    assert not use(account("demo.nursing"), RECOVERY_CODES[0])
    identity.set_password("demo.auditor", "another sentence")
    identity.deactivate("demo.officer")
    make_accounts()
    assert use(account("demo.nursing"), RECOVERY_CODES[0])
    assert identity.authenticate("demo.auditor", PASSWORD) is not None
    assert identity.authenticate("demo.officer", PASSWORD) is not None


def test_accounts_of_before_there_were_persons_are_completed() -> None:
    identity.create_user("demo.submitter", PASSWORD)
    make_accounts()
    user = account("demo.submitter")
    assert profile_of(user) is not None
    assert user.email == "demo.submitter@example.org"
    assert user.of_demonstration


def test_what_is_printed_says_how_it_stands(app: Flask) -> None:
    make_accounts()
    text = "\n".join(ways_to_sign_in("http://localhost:8000"))
    for expected in (
        PASSWORD,
        "Use a recovery code instead",
        *RECOVERY_CODES[:3],
        "http://localhost:8000/demo/outbox",
    ):
        assert expected in text
    for made in ACCOUNTS:
        assert made.user_id in text
    assert "demo.applicant   has still to prove who it is" in text
    assert (
        "demo.official    may submit, and decides about roles, for Demo Nursing Home,"
        " Demo Home Health Agency\n"
        "  demo.vendor      may submit, as its vendor, for Demo Home Health Agency;"
        " has asked to be Vendor Assessment Submitter for Demo Nursing Home\n"
        "  demo.newcomer    has asked to be Provider Security Official for Another Nursing Home\n"
        "  demo.cms         CMS official: decides"
    ) in text
    with write_transaction() as session:
        session.get_one(User, account("demo.applicant").id).proofing = ProofingState.PROVED
    assert "has still to prove" not in "\n".join(ways_to_sign_in("http://localhost:8000"))


def test_they_are_shut_with_the_keys_of_another_installation(settings: Settings) -> None:
    make_accounts()
    own = replace(
        settings,
        environment=Environment.PRODUCTION,
        site_url="https://iqies.example.org",
        encryption_keys=(Fernet.generate_key().decode(),),
        hash_key=secrets.token_urlsafe(48),
    )
    with assemble(own).app_context():
        assert len(deactivate_accounts()) == len(ACCOUNTS)
        assert active_accounts() == []
