"""From nobody to a person who is signed in: the steps, each tested by itself elsewhere, as one journey."""

import re
from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.authenticators import VirtualAuthenticator
from tests.browser.conftest import SignIn
from tests.browser.installation import PASSWORD, Installation
from tests.browser.test_accessibility import check
from tests.browser.test_proofing import decide, take_right_answers
from tests.browser.test_registration import GOOD_PASSWORD, enter_account, enter_profile, link_for
from tests.browser.test_security_keys import sign_out, use_key

_numbers = count(1)


@pytest.fixture
def email() -> str:
    """An address of this test's own: all tests' e-mails are in one outbox."""
    return f"journey{next(_numbers)}@sample.example.org"


@pytest.fixture
def ssn() -> str:
    """A number that is never issued, and of this test's own: whoever has one already goes to an officer."""
    return f"901-22-{next(_numbers):04}"


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def enter_password(page: Page, user_id: str) -> None:
    page.get_by_label("User ID").fill(user_id)
    page.get_by_label("Password").fill(GOOD_PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def set_up_first_key(page: Page, authenticator: VirtualAuthenticator) -> None:
    heading(page, "Set up your first security key")
    with authenticator.touched():
        page.get_by_role("button", name="Set up a key").click()
        heading(page, "Your recovery codes")
    page.get_by_role("link", name="I have kept them").click()


def confirm_address(page: Page, email: str) -> str:
    """Follow the link out of the outbox, to which the page leads; give it back."""
    page.get_by_role("link", name="outbox").click()
    link = link_for(page, email)
    page.goto(link)
    page.get_by_role("button", name="Confirm this address").click()
    page.wait_for_url("**/identity-proofing")
    return link


def test_from_registering_to_signing_in_with_the_key(page: Page, email: str, ssn: str) -> None:
    authenticator = VirtualAuthenticator(page)
    enter_profile(page, email, ssn)
    user_id = enter_account(page, email)
    link = confirm_address(page, email)
    page.get_by_role("button", name="Begin Remote Proofing").click()
    take_right_answers(page)
    page.get_by_role("button", name="Send my answers").click()
    expect(page.get_by_text("Your identity is proved.")).to_be_visible()
    page.get_by_role("link", name="Continue").click()
    heading(page, "You are registered")
    check(page)
    page.get_by_role("main").get_by_role("link", name="Sign in").click()
    enter_password(page, user_id)
    set_up_first_key(page, authenticator)
    heading(page, "My submissions")
    expect(page.get_by_role("heading", name="You may not submit for a provider yet")).to_be_visible()
    check(page)
    sign_out(page)
    enter_password(page, user_id)
    heading(page, "Use your security key")
    use_key(page, authenticator)
    heading(page, "My submissions")
    sign_out(page)
    # The link of the beginning does nothing more, and gives nobody away.
    page.goto(link)
    heading(page, "Your e-mail address is confirmed already")
    expect(page.get_by_role("main")).not_to_contain_text(user_id)
    check(page)


def test_from_registering_without_a_number_to_signing_in_once_an_officer_approved(
    page: Page,
    new_context: Callable[..., BrowserContext],
    installation: Installation,
    sign_in: SignIn,
    email: str,
) -> None:
    authenticator = VirtualAuthenticator(page)
    enter_profile(page, email, ssn="")
    user_id = enter_account(page, email)
    confirm_address(page, email)
    page.get_by_role("button", name="Ask for a proofing officer").click()
    expect(page.get_by_role("heading", name="What to have ready")).to_be_visible()

    officer = new_context().new_page()
    officer_id = f"officer.journey{next(_numbers)}"
    installation.add_officer(officer_id)
    sign_in(officer, officer_id)
    # Who works in an office begins there.
    expect(officer).to_have_url(re.compile("/service-center/proofing$"))
    check(officer)
    row = officer.get_by_role("row").filter(has_text=user_id)
    expect(row).to_contain_text("No Social Security number given")
    row.get_by_role("link").click()
    decide(officer, "Approve", "Photo and name are those of the person.")
    expect(officer.get_by_text(f"You approved {user_id}.")).to_be_visible()

    page.goto("/sign-in")
    enter_password(page, user_id)
    set_up_first_key(page, authenticator)
    heading(page, "My submissions")


def test_registering_in_two_tabs_and_back(page: Page, email: str, ssn: str) -> None:
    enter_profile(page, email, ssn)
    other = page.context.new_page()
    other.goto("/register/account")
    heading(other, "Register: account information")
    user_id = enter_account(page, email)
    # The tab that was left behind sees what was entered in the other one.
    other.reload()
    expect(other.get_by_label("User ID")).to_have_value(user_id)
    page.go_back()
    page.go_back()
    expect(page.get_by_label("City")).to_have_value("Testville")
    page.goto("/register/e-mail")
    confirm_address(page, email)
    # In whichever tab, no step that is closed can be taken again.
    other.get_by_role("button", name="Continue").click()
    other.wait_for_url("**/identity-proofing")


def test_form_of_the_profile_outlives_the_session(
    page: Page, signed_in: Page, user_id: str, installation: Installation
) -> None:
    authenticator = VirtualAuthenticator(page)
    page.goto("/security-keys/new")
    with authenticator.touched(), page.expect_navigation():
        page.get_by_role("button", name="Add a key").click()
    page.goto("/profile/personal")
    page.get_by_label("Legal first name").fill("Testy")
    page.get_by_label("City").fill("Testville")
    installation.let_time_pass(user_id, 15 * 60)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("You were signed out before you sent this form")).to_be_visible()
    page.get_by_label("User ID").fill(user_id)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    use_key(page, authenticator)
    heading(page, "Name, phone and address")
    expect(page.get_by_text("check it and send it")).to_be_visible()
    expect(page.get_by_label("Legal first name")).to_have_value("Testy")
    expect(page.get_by_label("City")).to_have_value("Testville")
    check(page)
