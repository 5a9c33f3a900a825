"""What waits for whom."""

import pytest
from flask import Flask
from sqlalchemy import select

from iqies_flask.access.models import Provider, RequestState, RoleRequest
from iqies_flask.access.officials import queue
from iqies_flask.access.officials.queue import Desk, QueueFilter, in_remit, number_waiting, waiting
from iqies_flask.access.roles import Category, Role
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.origin import NOWHERE
from iqies_flask.identity.profile.service import change_personal
from iqies_flask.identity.proofing import officers
from iqies_flask.identity.service import create_user, deactivate
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
    ask,
)
from tests.conftest import PASSWORD
from tests.identity.proofing.persons import add_officer
from tests.identity.proofing.test_officers import SEEN
from tests.persons import profile
from tests.statements import noted

ALL = QueueFilter()
VACANT = "017003"


@pytest.fixture
def official(app: Flask) -> User:
    add_agency(HOME, "Testville Home Health")
    add_agency(OTHER, "Sampleton Home Health")
    add_agency(VACANT, "Vacant Home Health")
    add_user("other.official", (OTHER, OFFICIAL))
    return add_user("first.official", (HOME, OFFICIAL))


@pytest.fixture
def cms(official: User) -> User:
    return add_cms_official("test.cms")


def test_officials_see_with_which_name_a_person_was_proved(official: User) -> None:
    asking = add_user("asking.person", named=True)
    ask(asking, HOME)
    change_personal(asking, profile(last_name="Newname"), NOWHERE)
    [request] = waiting(official, Desk.PROVIDERS, ALL).items
    assert request.name == "Testy Q Newname (proved as Testy Q Testperson)"
    officer = add_officer("test.officer")
    [case] = officers.queue(1).items
    officers.decide(officer, case.case_number, SEEN, "It fits.", approve=True)
    [request] = waiting(official, Desk.PROVIDERS, ALL).items
    assert request.name == "Testy Q Newname"


def numbers(official: User, desk: Desk, asked: QueueFilter = ALL) -> list[int]:
    return [request.id for request in waiting(official, desk, asked).items]


@pytest.mark.parametrize(
    ("domains", "email", "role", "expected"),
    [
        (["sample.example"], "asking.person@sample.example", OFFICIAL, True),
        (["sample.example"], "asking.person@mail.Sample.example", OFFICIAL, True),
        (["other.example", "sample.example"], "asking.person@sample.example", SUBMITTER, True),
        (["ample.example"], "asking.person@sample.example", OFFICIAL, False),
        (["sample.example"], "asking.person@sample.example", VENDOR, None),
        (["sample.example"], None, OFFICIAL, None),
        ([], "asking.person@sample.example", OFFICIAL, None),
    ],
)
def test_the_address_of_who_asks_is_held_against_the_providers_domains(
    official: User, domains: list[str], email: str | None, role: Role, expected: bool | None
) -> None:
    person = create_user("asking.person", PASSWORD, email)
    with write_transaction() as session:
        session.get_one(Provider, HOME).email_domains = domains
    ask(person, HOME, role)
    [found] = waiting(official, Desk.PROVIDERS, ALL).items
    assert found.works_there is expected


def test_officials_see_the_requests_for_their_providers_oldest_first(official: User) -> None:
    asking = add_user("asking.person", named=True)
    young = ask(asking, HOME, days=1)
    old = ask(asking, HOME, VIEWER, days=5.5)
    ask(asking, OTHER, days=9)
    found = waiting(official, Desk.PROVIDERS, ALL)
    assert [request.id for request in found.items] == [old, young]
    first = found.items[0]
    assert (first.name, first.user_id, first.email) == (
        "Testy Q Testperson",
        "asking.person",
        "asking.person@sample.example",
    )
    assert (first.role, first.category, first.days) == (
        "Provider Assessment Viewer",
        Category.PROVIDER,
        5,
    )
    assert (first.ccn, first.provider, first.own) == (HOME, "Testville Home Health, AL", False)
    assert db.session.scalar(select(number_waiting(official, Desk.PROVIDERS))) == 2
    with write_transaction() as session:
        session.get_one(RoleRequest, old).state = RequestState.WITHDRAWN
    assert numbers(official, Desk.PROVIDERS) == [young]


def test_the_own_request_is_marked(official: User) -> None:
    ask(official, HOME, VIEWER)
    (own,) = waiting(official, Desk.PROVIDERS, ALL).items
    assert own.own


def test_cms_sees_first_officials_and_offices(official: User, cms: User) -> None:
    asking = add_user("asking.person")
    first = ask(asking, VACANT, OFFICIAL, days=3)
    office = ask(asking, None, Role.STATE_VIEWER, days=2)
    second = ask(asking, HOME, OFFICIAL, days=4)
    ask(asking, HOME, days=5)
    assert numbers(cms, Desk.CMS) == [first, office]
    assert [request.provider for request in waiting(cms, Desk.CMS, ALL).items] == [
        "Vacant Home Health, AL",
        "",
    ]
    assert db.session.scalar(select(number_waiting(cms, Desk.CMS))) == 2
    # Whose only official can act no longer, has none.
    deactivate(official.user_id)
    assert numbers(cms, Desk.CMS) == [second, first, office]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (QueueFilter(provider=HOME), ["viewer", "vendor"]),
        (QueueFilter(provider="testVILLE"), ["viewer", "vendor"]),
        (QueueFilter(provider="%"), []),
        (QueueFilter(provider="Sampleton"), ["young"]),
        (QueueFilter(role=VIEWER), ["viewer", "young"]),
        (QueueFilter(category=Category.VENDOR), ["vendor"]),
        (QueueFilter(days=7), ["viewer"]),
        (QueueFilter(role=VIEWER, days=3, provider=OTHER), []),
    ],
)
def test_filters(official: User, asked: QueueFilter, expected: list[str]) -> None:
    both = add_user("both.official", (HOME, OFFICIAL), (OTHER, OFFICIAL))
    asking = add_user("asking.person")
    made = {
        "viewer": ask(asking, HOME, VIEWER, days=8),
        "vendor": ask(asking, HOME, VENDOR, days=4),
        "young": ask(asking, OTHER, VIEWER),
    }
    assert numbers(both, Desk.PROVIDERS, asked) == [made[name] for name in expected]


def test_pages_follow_each_other_without_gap_or_repetition(
    official: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "PAGE_REQUESTS", 2)
    made = [ask(add_user(f"asking.{number}"), HOME, days=3) for number in range(5)]
    first = waiting(official, Desk.PROVIDERS, ALL)
    with write_transaction() as session:
        # The last one of the page is decided while it is read.
        session.get_one(RoleRequest, first.items[-1].id).state = RequestState.REJECTED
    second = waiting(official, Desk.PROVIDERS, ALL, first.next_after)
    third = waiting(official, Desk.PROVIDERS, ALL, second.next_after)
    seen = [request.id for page in (first, second, third) for request in page.items]
    assert seen == made
    assert third.next_after is None
    assert numbers(official, Desk.PROVIDERS) == [made[0], made[2]]
    assert len(waiting(official, Desk.PROVIDERS, ALL, 4711).items) == 2


def test_the_number_is_counted_only_so_far(official: User, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(3):
        ask(add_user(f"asking.{number}"), HOME)
    assert db.session.scalar(select(number_waiting(official, Desk.PROVIDERS))) == 3
    monkeypatch.setattr(queue, "MOST_COUNTED", 2)
    assert db.session.scalar(select(number_waiting(official, Desk.PROVIDERS))) == 2


def test_decided_requests_are_still_in_the_remit_and_others_never(official: User, cms: User) -> None:
    asking = add_user("asking.person")
    own, others, first = ask(asking, HOME), ask(asking, OTHER), ask(asking, VACANT, OFFICIAL)
    with write_transaction() as session:
        session.get_one(RoleRequest, own).state = RequestState.WITHDRAWN
    everything = {own, others, first, 4711}
    assert [request.id for request in in_remit(official, Desk.PROVIDERS, everything)] == [own]
    assert [request.id for request in in_remit(cms, Desk.CMS, everything)] == [first]


@pytest.mark.parametrize("desk", list(Desk))
def test_the_number_of_statements_does_not_grow(official: User, cms: User, desk: Desk) -> None:
    looking = official if desk is Desk.PROVIDERS else cms
    counts = []
    for batch in range(2):
        for number in range(1 + 9 * batch):
            asking = add_user(f"asking.{batch}.{number}", named=True)
            ask(asking, HOME)
            ask(asking, VACANT, OFFICIAL)
        db.session.rollback()
        db.session.refresh(looking)
        with noted() as statements:
            found = waiting(looking, desk, ALL)
        assert len(found.items) == (1, 11)[batch]
        counts.append(len(statements))
    assert counts == [2, 2]
