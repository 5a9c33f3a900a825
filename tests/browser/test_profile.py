"""My profile, and ways back into an account by e-mail, in a real browser with its virtual authenticator."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.authenticators import VirtualAuthenticator
from tests.browser.conftest import SignIn, give_password
from tests.browser.installation import PASSWORD, Installation
from tests.browser.test_accessibility import check
from tests.browser.test_security_keys import set_up, use_key

NEW_PASSWORD = "wombats juggle teapots"


@pytest.fixture
def authenticator(page: Page) -> VirtualAuthenticator:
    return VirtualAuthenticator(page)


def heading(page: Page, text: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def open_letter(page: Page, subject: str, address: str) -> None:
    """Follow the link in the newest message of a subject to an address, out of the demonstration's outbox."""
    page.goto("/demo/outbox")
    letter = page.get_by_role("article").filter(has_text=subject).filter(has_text=address).first
    found = re.search(r"https?://\S+/[\w-]+/[\w-]{20,}", letter.inner_text())
    assert found
    page.goto(found[0])


def add_address(page: Page, address: str) -> None:
    page.goto("/profile/email")
    page.get_by_label("E-mail address", exact=True).fill(address)
    page.get_by_label("E-mail address again").fill(address)
    page.get_by_role("button", name="Send the link").click()
    heading(page, "My profile")
    open_letter(page, "Confirm your new e-mail address", address)
    page.get_by_role("button", name="Confirm this address").click()
    expect(page.get_by_text("Your e-mail address is changed")).to_be_visible()


def test_account_is_completed_step_by_step(page: Page, signed_in: Page, user_id: str) -> None:
    address = f"{user_id}@agency.example"
    page.get_by_role("link", name="My profile").click()
    heading(page, "My profile")
    expect(page.get_by_text("has no e-mail address")).to_be_visible()
    check(page)

    page.get_by_role("link", name="Add Name, phone and address").click()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#error-summary")).to_be_focused()
    check(page)
    page.get_by_label("Legal first name").fill("Testy")
    page.get_by_label("Legal last name").fill("Testperson")
    for part, value in (("Month", "4"), ("Day", "28"), ("Year", "1986")):
        page.get_by_label(part, exact=True).fill(value)
    page.get_by_label("Phone number").fill("+1 416 555 0199")
    page.get_by_label("Street address", exact=True).fill("1 Sample Street")
    page.get_by_label("City").fill("Testville")
    page.get_by_label("No", exact=True).check()
    page.get_by_label("Country").fill("Canada")
    expect(page.get_by_label("City")).to_have_value("Testville")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Your profile is changed.")).to_be_visible()
    expect(page.get_by_text("Testy Testperson")).to_be_visible()

    page.get_by_role("link", name="Add E-mail").click()
    check(page)
    page.get_by_label("E-mail address", exact=True).fill(address)
    page.get_by_label("E-mail address again").fill(address)
    page.get_by_role("button", name="Send the link").click()
    expect(page.get_by_text("We have sent a message to the new address")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Add E-mail").click()
    expect(page.get_by_role("button", name="Do not change my address")).to_be_visible()
    check(page)
    open_letter(page, "Confirm your new e-mail address", address)
    heading(page, "Confirm your new e-mail address")
    check(page)
    page.get_by_role("button", name="Confirm this address").click()
    page.goto("/profile")
    expect(page.get_by_text("has no e-mail address")).not_to_be_visible()
    check(page)
    page.get_by_role("link", name="Change Name").click()
    expect(page.get_by_label("Country")).to_have_value("Canada")
    check(page)


def test_sensitive_pages_ask_for_the_key_and_then_go_on(
    page: Page, user_id: str, authenticator: VirtualAuthenticator, installation: Installation
) -> None:
    set_up(page, user_id, authenticator)
    page.goto("/profile")
    page.get_by_role("link", name="Change Password").click()
    heading(page, "Change your password")
    check(page)
    installation.age_proof(user_id)
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    use_key(page, authenticator)
    # A password is not kept meanwhile.
    heading(page, "Change your password")
    page.get_by_label("Current password").fill("not the password")
    page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    expect(page.locator("#error-summary")).to_contain_text("This is not your current password.")
    check(page)
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    expect(page.get_by_text("Strength:")).to_be_visible()
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("Your password is changed")).to_be_visible()


def test_forgotten_password(page: Page, user_id: str, authenticator: VirtualAuthenticator) -> None:
    set_up(page, user_id, authenticator)
    address = f"{user_id}@agency.example"
    add_address(page, address)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="Password forgotten").click()
    heading(page, "Password forgotten")
    check(page)
    page.get_by_role("button", name="Send a link").click()
    expect(page.locator("#error-summary")).to_be_focused()
    page.get_by_label("User ID or e-mail address").fill(user_id.upper())
    page.get_by_role("button", name="Send a link").click()
    heading(page, "Check your e-mail")
    check(page)
    open_letter(page, "Choose a new password", address)
    heading(page, "Choose a new password")
    link = page.url
    page.get_by_label("New password", exact=True).fill("password1")
    expect(page.get_by_role("meter", name="Strength: Cannot be used yet")).to_be_visible()
    check(page)
    page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
    page.get_by_role("button", name="Change the password").click()
    expect(page.get_by_text("Sign in with the new password and your security key.")).to_be_visible()
    page.goto(link)
    heading(page, "This link does nothing any more")
    check(page)
    give_password(page, user_id, NEW_PASSWORD)
    heading(page, "Use your security key")
    use_key(page, authenticator)
    heading(page, "My submissions")


def test_forgotten_user_id(page: Page, signed_in: Page, user_id: str) -> None:
    address = f"{user_id}@agency.example"
    add_address(page, address)
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("link", name="User ID forgotten").click()
    check(page)
    page.get_by_label("E-mail address").fill(address)
    page.get_by_role("button", name="Send my user ID").click()
    heading(page, "Check your e-mail")
    check(page)
    page.goto("/demo/outbox")
    letter = page.get_by_role("article").filter(has_text="Your user ID").filter(has_text=address).first
    expect(letter).to_contain_text(user_id)


def test_signing_out_elsewhere_and_the_history(
    page: Page, page_without_javascript: Page, user_id: str, sign_in: SignIn
) -> None:
    sign_in(page, user_id)
    other = page_without_javascript
    sign_in(other, user_id)
    page.goto("/profile/sessions")
    check(page)
    row = page.get_by_role("row").filter(has=page.get_by_role("button", name="Sign out there"))
    expect(row).to_have_count(1)
    expect(row).to_contain_text("127.0.0.1")
    row.get_by_role("button").click()
    expect(page.get_by_text("You are signed out there.")).to_be_visible()
    expect(page.get_by_role("button", name="Sign out everywhere else")).to_have_count(0)
    other.goto("/profile")
    heading(other, "Sign in")
    page.goto("/profile/history")
    expect(page.get_by_role("cell", name="Password given").first).to_be_visible()
    check(page)


def test_deactivation(page: Page, signed_in: Page, user_id: str) -> None:
    page.goto("/profile")
    page.get_by_role("link", name="Deactivate my account").click()
    check(page)
    page.get_by_role("button", name="Deactivate my account").click()
    expect(page.locator("#error-summary")).to_be_focused()
    page.get_by_label("Your user ID").fill(user_id)
    page.get_by_role("button", name="Deactivate my account").click()
    expect(page.get_by_text("Your account is deactivated")).to_be_visible()
    give_password(page, user_id)
    expect(page.locator("#error-summary")).to_contain_text("is not right")
