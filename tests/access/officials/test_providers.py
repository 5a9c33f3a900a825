"""The providers of an official, and those without any."""

from datetime import date

import pytest
from flask import Flask

from iqies_flask.access.models import Provider
from iqies_flask.access.officials import providers
from iqies_flask.access.officials.providers import (
    last_leavings,
    providers_of,
    providers_without_official,
    short_of_officials,
)
from iqies_flask.access.officials.service import revoke
from iqies_flask.access.requests.service import approve
from iqies_flask.database import write_transaction
from iqies_flask.identity.models import User
from iqies_flask.identity.service import deactivate
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
    ask,
)

VACANT = "017003"


@pytest.fixture
def official(app: Flask) -> User:
    add_agency(HOME, "Testville Home Health")
    add_agency(OTHER, "Sampleton Home Health")
    add_agency(VACANT, "Vacant Home Health")
    return add_user("first.official", (HOME, OFFICIAL), (OTHER, OFFICIAL))


def names(search: str = "", state: str = "") -> list[str]:
    return [vacancy.ccn for vacancy in providers_without_official(search, state).items]


def test_providers_of_an_official(official: User) -> None:
    clerk = add_user("test.clerk", (HOME, SUBMITTER), (HOME, VIEWER), (VACANT, SUBMITTER))
    age(clerk, HOME, VIEWER, days=400)
    ask(clerk, OTHER)
    add_user("second.official", (OTHER, OFFICIAL))
    home, other = providers_of(official).items
    assert (home.ccn, home.officials, home.users, home.waiting, home.due) == (HOME, 1, 2, 0, 1)
    assert (other.ccn, other.officials, other.users, other.waiting, other.due) == (OTHER, 2, 2, 1, 0)
    assert short_of_officials(official) == 1
    # Whose account is closed does not count.
    deactivate("second.official")
    assert short_of_officials(official) == 2
    assert providers_of(official).items[1].officials == 1
    assert providers_of(clerk).items == []
    assert short_of_officials(clerk) == 0


def test_providers_of_an_official_page_by_page(official: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "PAGE_PROVIDERS", 1)
    first = providers_of(official)
    assert ([provider.ccn for provider in first.items], first.next_after) == ([HOME], HOME)
    second = providers_of(official, after=HOME)
    assert ([provider.ccn for provider in second.items], second.next_after) == ([OTHER], None)


def test_providers_without_an_official(official: User) -> None:
    assert names() == [VACANT]
    ask(add_user("asking.person"), VACANT, OFFICIAL)
    assert providers_without_official().items[0].waiting == 1
    deactivate(official.user_id)
    assert names() == [OTHER, HOME, VACANT]
    assert names("testVILLE") == names(HOME) == [HOME]
    assert names("%") == names("home") == names(state="CT") == []
    assert names("vacant", "AL") == [VACANT]
    with write_transaction() as session:
        session.get_one(Provider, VACANT).terminated_on = date(2020, 1, 1)
        session.get_one(Provider, HOME).terminated_on = date(2999, 1, 1)
    assert names() == [OTHER, HOME]


def test_providers_without_an_official_page_by_page(official: User, monkeypatch: pytest.MonkeyPatch) -> None:
    deactivate(official.user_id)
    monkeypatch.setattr(providers, "PAGE_PROVIDERS", 2)
    # Of the same name, so that the CCN decides.
    add_agency("017004", "Sampleton Home Health")
    first = providers_without_official()
    assert ([vacancy.ccn for vacancy in first.items], first.next_after) == ([OTHER, "017004"], "017004")
    second = providers_without_official(after="017004")
    assert ([vacancy.ccn for vacancy in second.items], second.next_after) == ([HOME, VACANT], None)


def test_who_lost_the_last_official(official: User) -> None:
    cms = add_cms_official("test.cms")
    assert last_leavings(5) == []
    left = []
    for ccn in (HOME, VACANT):
        person = add_user(f"official.{ccn}")
        by = official if ccn == HOME else cms
        approve(by, ask(person, ccn, OFFICIAL))
        revoke(cms, person.id, ccn, OFFICIAL, "Left.")
        left.append(person)
    (vacancy,) = last_leavings(5)
    assert (vacancy.ccn, vacancy.waiting) == (VACANT, 0)
    assert vacancy.left_at == providers_without_official().items[0].left_at
    assert vacancy.left_at is not None
    assert last_leavings(0) == []
