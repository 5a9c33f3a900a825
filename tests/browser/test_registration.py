"""Registering in a real browser: the four steps, the e-mail, and what goes wrong on the way."""

import re
from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from tests.browser.test_accessibility import check

GOOD_PASSWORD = "wombats juggle teapots"
SSN = "900-65-4321"
_numbers = count(1)


@pytest.fixture
def email() -> str:
    """An address of this test's own: all tests' e-mails are in one outbox."""
    return f"testy{next(_numbers)}@sample.example.org"


def enter_profile(page: Page, email: str, ssn: str = SSN) -> None:
    """Take the first step; without a Social Security number, tick that none is given."""
    page.goto("/sign-in")
    page.get_by_role("link", name="Register").click()
    for label, value in {
        "Legal first name": "Testy",
        "Legal last name": "Testperson",
        "Month": "4",
        "Day": "28",
        "Year": "1986",
        "E-mail address": email,
        "E-mail address again": email,
        "Phone number": "202-555-0123",
        "Street address": "1 Sample Street",
        "City": "Testville",
        "ZIP Code": "35004",
        "Social Security number (SSN)": ssn,
    }.items():
        page.get_by_label(label, exact=True).fill(value)
    if not ssn:
        page.get_by_label("I do not want to enter my Social Security number").check()
    page.get_by_label("State", exact=True).select_option("AL")
    page.get_by_label("I have read the terms").check()
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/register/account")


def enter_account(page: Page, email: str) -> str:
    user_id = "testy." + email.partition("@")[0]
    page.get_by_label("User ID").fill(user_id)
    page.get_by_label("Password", exact=True).fill(GOOD_PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/register/e-mail")
    return user_id


def link_for(page: Page, email: str) -> str:
    """Read the link in the latest message to an address; a path, as the outbox knows another port."""
    page.goto("/demo/outbox")
    letter = page.get_by_role("article").filter(has=page.get_by_text(email, exact=True)).first
    found = re.search(r"/register/confirm/\S+", letter.inner_text())
    assert found
    return found[0]


@pytest.mark.parametrize("width", [1280, 360])
def test_what_is_said_while_one_types_moves_no_button(page: Page, email: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    enter_profile(page, email)
    button = page.get_by_role("button", name="Continue")
    place = button.evaluate("button => button.offsetTop")
    page.get_by_label("User ID").fill(f"still.{width}")
    page.get_by_label("Password", exact=True).fill(GOOD_PASSWORD)
    expect(page.get_by_text("This user ID is free.")).to_be_visible()
    expect(page.get_by_text("Strength:")).to_be_visible()
    assert button.evaluate("button => button.offsetTop") == place


def test_register_and_confirm_on_another_device(
    page: Page, new_context: Callable[..., BrowserContext], email: str
) -> None:
    enter_profile(page, email)
    expect(page.locator("[aria-current=step]")).to_have_text("Account information")
    enter_account(page, email)
    expect(page.get_by_text(f"We have sent a message to {email}")).to_be_visible()
    check(page)

    telephone = new_context().new_page()
    telephone.goto(link_for(telephone, email))
    check(telephone)
    telephone.get_by_role("button", name="Confirm this address").click()
    expect(telephone.get_by_role("heading", level=1)).to_have_text("Your e-mail address is confirmed")
    check(telephone)

    # Without a touch of the page it moves on.
    page.wait_for_url("**/identity-proofing")
    # The browser's history leads to no closed step.
    page.go_back()
    page.reload()
    page.wait_for_url("**/identity-proofing")


def test_confirm_in_the_same_browser(page: Page, email: str) -> None:
    enter_profile(page, email)
    enter_account(page, email)
    link = link_for(page, email)
    page.goto("/register/proofing")
    expect(page.get_by_role("status")).to_contain_text("not confirmed yet")
    page.goto(link)
    page.get_by_role("button", name="Confirm this address").click()
    page.wait_for_url("**/identity-proofing")


def test_link_that_is_worth_nothing(page: Page) -> None:
    page.goto("/register/confirm/nothing")
    expect(page.get_by_role("heading", level=1)).to_have_text("This link does nothing any more")
    check(page)


def test_everything_without_javascript(page_without_javascript: Page, email: str) -> None:
    page = page_without_javascript
    page.goto("/register")
    page.get_by_label("Legal last name").press("Enter")
    expect(page.locator("#error-summary")).to_contain_text("Accept the terms of use.")
    page.get_by_label("No", exact=True).check()
    page.get_by_label("Legal first name").fill("Testy")
    page.get_by_label("Social Security number (SSN)").fill(SSN)
    page.get_by_role("button", name="Show the fields for this kind of address").click()
    expect(page.get_by_label("Country")).to_be_visible()
    expect(page.get_by_label("Legal first name")).to_have_value("Testy")
    expect(page.get_by_text("Entered. Leave this empty to keep it")).to_be_visible()
    page.get_by_label("Yes", exact=True).check()
    page.get_by_role("button", name="Show the fields for this kind of address").click()
    enter_profile(page, email)
    page.get_by_label("User ID").fill("testy.without")
    page.get_by_label("Password", exact=True).fill(GOOD_PASSWORD)
    page.get_by_label("Password again").fill("something else")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("link", name="The two passwords differ")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(GOOD_PASSWORD)
    page.get_by_label("Password again").fill(GOOD_PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/register/e-mail")
    page.goto(link_for(page, email))
    page.get_by_role("button", name="Confirm this address").click()
    page.wait_for_url("**/identity-proofing")


def test_address_fields_change_in_place(page: Page) -> None:
    page.goto("/register")
    check(page)
    page.get_by_label("City").fill("Testville")
    page.get_by_label("No", exact=True).check()
    expect(page.get_by_label("Country")).to_be_visible()
    expect(page.get_by_label("ZIP Code")).to_have_count(0)
    expect(page.get_by_label("City")).to_have_value("Testville")
    check(page)
    page.get_by_label("Yes", exact=True).check()
    expect(page.get_by_label("ZIP Code")).to_be_visible()


def test_address_that_is_typed_stays_whichever_fields_come(page: Page) -> None:
    page.goto("/register")
    page.get_by_label("State", exact=True).select_option("AL")
    page.get_by_label("ZIP Code").fill("35004")
    # With the keyboard one comes past the other choice easily.
    page.get_by_label("Yes", exact=True).focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Country")).to_be_visible()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_label("ZIP Code")).to_have_value("35004")
    expect(page.get_by_label("State", exact=True)).to_have_value("AL")
    expect(page.get_by_label("Yes", exact=True)).to_be_focused()

    # The server is slow, and one types on.
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route("**/register/address-fields", hold)
    with page.expect_request("**/register/address-fields"):
        page.get_by_label("No", exact=True).check()
    city = page.get_by_label("City")
    city.fill("Testville")
    waiting[0].continue_()
    expect(page.get_by_label("Country")).to_be_visible()
    expect(city).to_have_value("Testville")
    expect(city).to_be_focused()


def test_faults_of_the_profile_are_listed_and_lead_to_their_fields(page: Page) -> None:
    page.goto("/register")
    page.get_by_role("button", name="Continue").click()
    summary = page.locator("#error-summary")
    expect(summary).to_be_focused()
    check(page)
    for line, field in (
        ("Enter the month, day and year of your birth.", "#birth_year"),
        ("Enter your Social Security number, or tick", "#ssn"),
        ("Accept the terms of use.", "#terms"),
    ):
        summary.get_by_role("link", name=line).click()
        expect(page.locator(field)).to_be_focused()


def test_account_is_rated_while_it_is_typed(page: Page, email: str) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url))
    enter_profile(page, email)
    page.get_by_label("User ID").fill("sunny.care.center")
    page.get_by_label("User ID").blur()
    expect(page.get_by_text("looks like the name of a facility")).to_be_visible()
    password = page.get_by_label("Password", exact=True)
    password.press_sequentially("testperson1")
    expect(page.get_by_role("meter", name="Strength: Cannot be used yet")).to_be_visible()
    check(page)
    password.fill("")
    password.press_sequentially(GOOD_PASSWORD)
    expect(page.get_by_role("meter", name="Strength: Strong")).to_be_visible()
    show = page.get_by_role("button", name="Show password")
    show.click()
    expect(password).to_have_attribute("type", "text")
    expect(show).to_have_attribute("aria-pressed", "true")
    check(page)
    show.click()
    expect(password).to_have_attribute("type", "password")
    # Warned once, it is taken unchanged.
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/register/e-mail")
    assert not [url for url in sent if "wombats" in url or "testperson1" in url]


def test_back_and_forth_loses_nothing(page: Page, email: str) -> None:
    enter_profile(page, email)
    page.get_by_label("User ID").fill("testy.backandforth")
    page.get_by_role("button", name="Back to profile information").click()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("User ID")).to_have_value("testy.backandforth")
    page.get_by_label("Password", exact=True).fill(GOOD_PASSWORD)
    page.get_by_role("button", name="Back to profile information").click()
    expect(page.get_by_label("City")).to_have_value("Testville")
    expect(page.get_by_label("State", exact=True)).to_have_value("AL")
    ssn = page.get_by_label("Social Security number (SSN)")
    expect(ssn).to_have_value("")
    expect(ssn).to_have_accessible_description(re.compile("Entered. Leave this empty to keep it"))
    check(page)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("User ID")).to_have_value("testy.backandforth")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text(f"We have sent a message to {email}")).to_be_visible()
    page.get_by_role("button", name="Discard what I entered").click()
    expect(page.get_by_text("What you entered is thrown away.")).to_be_visible()
    page.goto("/register")
    expect(page.get_by_label("City")).to_have_value("")


def test_terms(page: Page) -> None:
    page.goto("/register/terms")
    expect(page.get_by_role("heading", level=1)).to_have_text("Terms of use")
    check(page)
