"""The registry in a browser: what is found while one types, and changing a provider."""

from itertools import count

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.installation import MDS_CCN, OASIS_CCN, Installation
from tests.browser.test_accessibility import check

_numbers = count(1)


@pytest.fixture
def manager(installation: Installation) -> str:
    user_id = f"manager.{next(_numbers)}"
    installation.add_registry_manager(user_id)
    return user_id


def test_providers_are_found_while_one_types(page: Page, manager: str, sign_in: SignIn) -> None:
    sign_in(page, manager)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Providers", exact=True).click()
    expect(page.get_by_role("link", name="Testville Home Health")).to_be_visible()
    expect(page.get_by_role("link", name="Show all")).to_have_count(0)
    check(page)
    page.get_by_label("Name or CCN").press_sequentially("care testv")
    expect(page.get_by_role("link", name="Testville Home Health")).to_have_count(0)
    expect(page.get_by_role("link", name="Testville Care Center")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("1 provider, by name")
    expect(page.get_by_label("Name or CCN")).to_be_focused()
    page.get_by_label("State", exact=True).select_option("CT")
    expect(page.get_by_role("heading", name="No provider matches")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Show all").click()
    expect(page.get_by_role("link", name="Testville Home Health")).to_be_visible()
    expect(page.get_by_role("link", name="Show all")).to_have_count(0)


def test_back_leads_to_what_was_searched_for(page: Page, manager: str, sign_in: SignIn) -> None:
    sign_in(page, manager)
    page.goto("/providers")
    page.get_by_label("Name or CCN").press_sequentially(MDS_CCN[:4])
    expect(page.get_by_role("link", name="Testville Home Health")).to_have_count(0)
    page.get_by_role("link", name="Testville Care Center").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Testville Care Center")
    check(page)
    page.go_back()
    expect(page.get_by_label("Name or CCN")).to_have_value(MDS_CCN[:4])
    expect(page.get_by_role("link", name="Testville Home Health")).to_have_count(0)


def test_search_works_without_scripts(page_without_javascript: Page, manager: str, sign_in: SignIn) -> None:
    page = page_without_javascript
    sign_in(page, manager)
    page.goto("/providers")
    page.get_by_label("Name or CCN").fill("home health")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("link", name="Testville Home Health")).to_be_visible()
    expect(page.get_by_role("link", name="Testville Care Center")).to_have_count(0)


def test_provider_is_changed(page: Page, manager: str, sign_in: SignIn) -> None:
    sign_in(page, manager)
    page.goto(f"/providers/{OASIS_CCN}")
    page.get_by_role("link", name="Change").click()
    check(page)
    page.get_by_label("NPI").fill("1234567890")
    page.get_by_label("Corporate group").fill("Test Group")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("link", name="its last digit does not fit")).to_be_visible()
    check(page)
    page.get_by_label("NPI").fill("1234567893")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The changes are saved.")).to_be_visible()
    expect(page.get_by_text("Test Group")).to_be_visible()
    check(page)
