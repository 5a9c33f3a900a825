"""Asking for a role in a real browser: the four steps with htmx and without scripts, and giving a role up."""

from itertools import count

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import SignIn
from tests.browser.installation import MDS_CCN, OASIS_CCN, Installation
from tests.browser.test_accessibility import check

_numbers = count(1)


@pytest.fixture
def official(installation: Installation) -> str:
    """A Security Official of the nursing home; the home health agency has none."""
    name = f"official.{next(_numbers)}"
    installation.add_security_official(name, MDS_CCN)
    return name


@pytest.fixture
def asking(installation: Installation, page: Page, sign_in: SignIn, official: str) -> Page:
    """A browser in which somebody without any role is signed in."""
    name = f"asking.{next(_numbers)}"
    installation.add_user(name)
    sign_in(page, name)
    return page


def next_step(page: Page, choice: str) -> None:
    page.get_by_label(choice, exact=True).check()
    page.get_by_role("button", name="Next").click()


def heading(page: Page, text: str) -> None:
    """Wait for a page, and for its scripts: before these are there, forms are sent without them."""
    expect(page.get_by_role("heading", level=1)).to_have_text(text)
    page.wait_for_load_state()


def test_the_four_steps(asking: Page, official: str) -> None:
    page = asking
    page.get_by_role("link", name="Request User Role").click()
    heading(page, "Request User Role")
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#error-summary")).to_be_focused()
    check(page)
    next_step(page, "Provider")
    heading(page, "Which role do you need?")
    page.get_by_text("What it may do: Assessment Submitter").click()
    expect(page.get_by_text("Upload XML files").locator("visible=true")).to_have_count(1)
    check(page)
    next_step(page, "Assessment Submitter")

    heading(page, "For which organizations?")
    check(page)
    field = page.get_by_label("CMS Certification Number (CCN)")
    address = page.url
    page.evaluate("window.thisPage = true")
    field.fill("15001")
    field.press("Enter")
    expect(page.locator("#ccns-error")).to_contain_text("Did a zero at the front get lost?")
    expect(field).to_be_focused()
    check(page)
    field.fill(f"{OASIS_CCN} 015009")
    field.press("Enter")
    expect(page.locator("#ccns-error")).to_contain_text("has no Provider Security Official (PSO) yet")
    expect(page.locator("#ccns-error")).to_contain_text("015009 is not in the registry of providers")
    check(page)
    field.fill("01-5001")
    field.press("Enter")
    expect(page.get_by_role("heading", name="1 organization on your list")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Added: Testville Care Center")).to_be_visible()
    expect(page.locator("#ccns-error")).to_have_count(0)
    expect(field).to_have_value("")
    expect(field).to_be_focused()
    check(page)
    page.get_by_role("button", name="Remove Testville Care Center").click()
    expect(page.get_by_role("heading", name="0 organizations on your list")).to_be_focused()
    field.fill(MDS_CCN)
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("button", name="Remove Testville Care Center")).to_be_visible()
    # All of this was the same page, whose parts were exchanged.
    assert page.url == address
    assert page.evaluate("window.thisPage") is True

    # What stands in the field comes along, and is not lost where it is wrong.
    field.fill("015009")
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#ccns-error")).to_contain_text("015009 is not in the registry of providers")
    expect(field).to_have_value("015009")
    field.fill("")
    page.get_by_role("button", name="Next").click()
    heading(page, "Review your request")
    check(page)
    page.go_back()
    expect(page.get_by_role("button", name="Remove Testville Care Center")).to_be_visible()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Submit Request").click()
    heading(page, "My profile")
    submitted = page.get_by_role("status").filter(has_text="Role Request Submitted")
    expect(submitted).to_contain_text(
        "Your approval status will be e-mailed to you after your request is reviewed."
    )
    expect(submitted).to_contain_text(official)
    check(page)
    page.get_by_role("button", name="Withdraw the request for Assessment Submitter").click()
    expect(page.get_by_text("Your request is withdrawn.")).to_be_visible()
    check(page)


def test_the_next_one_is_typed_while_the_server_answers(asking: Page) -> None:
    page = asking
    page.goto("/roles/request")
    next_step(page, "Provider")
    next_step(page, "Assessment Submitter")
    heading(page, "For which organizations?")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    field = page.get_by_label("CMS Certification Number (CCN)")
    field.fill(MDS_CCN)
    page.route("**/organizations", hold)
    with page.expect_request("**/organizations"):
        field.press("Enter")
    page.keyboard.type("015")
    held[0].continue_()
    expect(page.get_by_role("heading", name="1 organization on your list")).to_be_visible()
    expect(field).to_have_value("015")
    page.keyboard.type("009")
    expect(field).to_have_value("015009")


@pytest.mark.parametrize("way", ["click", "Space", "Enter"])
def test_the_focus_is_where_the_next_ccn_is_typed(asking: Page, official: str, way: str) -> None:
    page = asking
    page.goto("/roles/request")
    next_step(page, "Provider")
    next_step(page, "Assessment Submitter")
    heading(page, "For which organizations?")
    field = page.get_by_label("CMS Certification Number (CCN)")

    def add(ccn: str) -> None:
        field.fill(ccn)
        if way == "click":
            page.get_by_role("button", name="Add").click()
            return
        field.press("Tab")
        expect(page.get_by_role("button", name="Add")).to_be_focused()
        page.keyboard.press(way)

    add("15001")
    expect(page.locator("#ccns-error")).to_contain_text("Did a zero at the front get lost?")
    expect(field).to_be_focused()
    expect(page.locator("#organizations-status")).to_be_empty()
    add("")
    expect(page.locator("#ccns-error")).to_contain_text("Enter a CCN")
    expect(field).to_be_focused()
    add(MDS_CCN)
    expect(page.get_by_role("button", name="Remove Testville Care Center")).to_be_visible()
    expect(page.locator("#ccns-error")).to_have_count(0)
    expect(field).to_be_focused()


def test_a_list_is_pasted(asking: Page) -> None:
    page = asking
    page.goto("/roles/request")
    next_step(page, "Vendor")
    next_step(page, "Vendor Assessment Submitter")
    field = page.get_by_label("CMS Certification Number (CCN)")
    field.focus()
    page.keyboard.insert_text(f"Testville Care Center\t{MDS_CCN}\nTestville Home Health\t{OASIS_CCN}\n")
    field.press("Enter")
    expect(page.get_by_role("heading", name="1 organization on your list")).to_be_visible()
    expect(page.locator("#ccns-error")).to_contain_text(
        "Testville Home Health (017001) has no Provider Security"
    )
    expect(field).to_have_value(OASIS_CCN)


def test_the_steps_without_scripts(
    installation: Installation, page_without_javascript: Page, sign_in: SignIn, official: str
) -> None:
    page, name = page_without_javascript, f"asking.{next(_numbers)}"
    installation.add_user(name)
    sign_in(page, name)
    page.goto("/roles/request")
    next_step(page, "Provider")
    next_step(page, "Assessment Submitter")
    field = page.get_by_label("CMS Certification Number (CCN)")
    field.fill(f"{MDS_CCN} 15001")
    field.press("Enter")
    expect(page.get_by_role("heading", name="1 organization on your list")).to_be_visible()
    expect(page.locator("#error-summary")).to_contain_text("Did a zero at the front get lost?")
    page.get_by_role("button", name="Remove Testville Care Center").click()
    expect(page.get_by_text("Removed from the list.")).to_be_visible()
    field.fill(MDS_CCN)
    field.press("Enter")
    expect(page.get_by_text("Added: Testville Care Center").first).to_be_visible()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Submit Request").click()
    expect(page.get_by_role("heading", name="Role Request Submitted")).to_be_visible()


def test_the_last_official_reads_what_leaving_means(
    installation: Installation, page: Page, sign_in: SignIn
) -> None:
    installation.add_security_official("last.official", OASIS_CCN)
    sign_in(page, "last.official")
    page.goto("/profile")
    check(page)
    page.get_by_role("link", name="Give up Provider Security Official").click()
    expect(page.get_by_role("heading", name="You are its last Security Official")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Give it up, and warn CMS").click()
    expect(page.get_by_text("You have given up the role Provider Security Official")).to_be_visible()
    expect(page.get_by_text("You hold no role")).to_be_visible()
    check(page)
