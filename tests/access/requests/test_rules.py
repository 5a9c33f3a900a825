from datetime import timedelta

import pytest

from iqies_flask.access.certified import today
from iqies_flask.access.grants import appoint, grant, revoke
from iqies_flask.access.models import Provider
from iqies_flask.access.requests.rules import Refusal, Why, check
from iqies_flask.access.requests.service import submit, withdraw
from iqies_flask.access.roles import Role
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.service import deactivate
from tests.access.requests.cast import CARE, HOME, PSO, SUBMITTER, VENDOR, VIEWER


def why(user: User, role: Role, ccn: str = "") -> Why | None:
    refusal = check(db.session, user, role, ccn)
    return None if refusal is None else refusal.why


def refusal(user: User, role: Role, ccn: str = "") -> Refusal:
    found = check(db.session, user, role, ccn)
    assert found is not None
    return found


def test_nothing_stands_against_a_request_where_there_is_an_official(official: User, person: User) -> None:
    for role in (SUBMITTER, VIEWER, VENDOR, PSO):
        assert why(person, role, CARE) is None
        assert why(person, role, " 01-5001") is None


@pytest.mark.parametrize(
    ("ccn", "expected", "words"),
    [
        ("15001", Why.MALFORMED, "Did a zero at the front get lost?"),
        ("01500É", Why.MALFORMED, "É cannot stand in one"),
        ("010001", Why.MALFORMED, "short-term hospital"),
        ("015002", Why.UNKNOWN, "015002 is not in the registry of providers"),
        (HOME, Why.NO_OFFICIAL, "Testville Home Health (017001) has no Provider Security Official (PSO) yet"),
    ],
)
def test_each_rule_has_its_message(official: User, person: User, ccn: str, expected: Why, words: str) -> None:
    found = refusal(person, SUBMITTER, ccn)
    assert (found.why, words in found.message) == (expected, True), found.message


def test_the_first_official_needs_no_other(person: User) -> None:
    assert why(person, PSO, HOME) is None


def test_an_official_whose_account_is_shut_does_not_count(official: User, person: User) -> None:
    deactivate(official.user_id)
    assert why(person, SUBMITTER, CARE) is Why.NO_OFFICIAL


@pytest.mark.parametrize(("days", "expected"), [(0, Why.TERMINATED), (-400, Why.TERMINATED), (1, None)])
def test_a_provider_counts_until_the_day_on_which_it_is_terminated(
    official: User, person: User, days: int, expected: Why | None
) -> None:
    with write_transaction() as session:
        session.get_one(Provider, CARE).terminated_on = today() + timedelta(days=days)
    assert why(person, SUBMITTER, CARE) is expected


def test_what_is_held_or_asked_for_is_not_asked_for_again(official: User, person: User) -> None:
    [request] = submit(person, SUBMITTER, [CARE])
    assert why(person, SUBMITTER, CARE) is Why.ASKED_FOR
    assert why(person, VIEWER, CARE) is None
    withdraw(person, request.id)
    assert why(person, SUBMITTER, CARE) is None
    grant(person, CARE, SUBMITTER)
    assert why(person, SUBMITTER, CARE) is Why.HELD
    assert why(person, VIEWER, CARE) is None


def test_an_official_needs_no_lesser_role(official: User) -> None:
    assert why(official, SUBMITTER, CARE) is Why.INCLUDED
    assert why(official, PSO, CARE) is Why.HELD


def test_nobody_is_official_and_vendor_for_any_providers(official: User, person: User) -> None:
    other = official
    assert why(other, VENDOR, CARE) is Why.OFFICIAL_AND_VENDOR
    [request] = submit(person, VENDOR, [CARE])
    found = refusal(person, PSO, HOME)
    assert found.why is Why.OFFICIAL_AND_VENDOR
    assert (
        "cannot be a vendor. You have asked for the role Vendor Assessment Submitter for 015001. Withdraw"
        in (found.message)
    )
    withdraw(person, request.id)
    assert why(person, PSO, HOME) is None
    grant(person, CARE, VENDOR)
    assert "You hold the role" in refusal(person, PSO, HOME).message
    revoke(person, CARE)
    submit(person, PSO, [HOME])
    assert why(person, VENDOR, CARE) is Why.OFFICIAL_AND_VENDOR


def test_offices_are_asked_for_without_a_provider(person: User) -> None:
    assert why(person, Role.CMS_OFFICIAL) is None
    submit(person, Role.STATE_VIEWER, [])
    assert why(person, Role.STATE_VIEWER) is Why.ASKED_FOR
    appoint(person, Role.CMS_OFFICIAL)
    assert why(person, Role.CMS_OFFICIAL) is Why.HELD


def test_the_operator_gives_the_roles_of_the_service_center(person: User) -> None:
    found = refusal(person, Role.AUDITOR)
    assert found.why is Why.NOT_ASKED_FOR_HERE
    assert "iqies user appoint" in found.message
