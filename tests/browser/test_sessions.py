"""The end of a session, as somebody at the screen sees it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.conftest import SignIn
from tests.browser.installation import Installation
from tests.browser.test_accessibility import check

SESSION_SECONDS = 15 * 60


def let_time_pass(installation: Installation, page: Page, user_id: str, left: int) -> None:
    """Have nobody do anything until some seconds before the end of the session, and come back to the page."""
    installation.let_time_pass(user_id, SESSION_SECONDS - left)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def warning(page: Page) -> Locator:
    return page.get_by_role("dialog", name="You will be signed out soon")


def signed_out(page: Page) -> None:
    """Wait for the sign-in page, and for what its script fetches: that comes with a cookie, too."""
    expect(page.get_by_text("a session ends after 15 minutes")).to_be_visible()
    page.wait_for_load_state("networkidle")


def test_warning_says_how_long_is_left_and_the_session_goes_on(
    signed_in: Page, user_id: str, installation: Installation
) -> None:
    let_time_pass(installation, signed_in, user_id, 300)
    expect(warning(signed_in)).to_be_hidden()
    let_time_pass(installation, signed_in, user_id, 100 - 300 + SESSION_SECONDS)
    expect(warning(signed_in)).to_be_visible()
    expect(warning(signed_in)).to_contain_text("1 min")
    expect(signed_in.locator("#session-dialog-announcement")).to_have_text(
        "You are signed out in about 120 seconds."
    )
    stay = signed_in.get_by_role("button", name="Stay signed in")
    expect(stay).to_be_focused()
    check(signed_in)
    stay.click()
    expect(warning(signed_in)).to_be_hidden()
    signed_in.reload()
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("My submissions")
    expect(warning(signed_in)).to_be_hidden()


def test_escape_is_a_sign_of_life_too(signed_in: Page, user_id: str, installation: Installation) -> None:
    let_time_pass(installation, signed_in, user_id, 100)
    expect(warning(signed_in)).to_be_visible()
    with signed_in.expect_response("**/session") as answer:
        signed_in.keyboard.press("Escape")
    assert answer.value.request.method == "POST"
    expect(warning(signed_in)).to_be_hidden()


def test_warning_offers_to_sign_out(signed_in: Page, user_id: str, installation: Installation) -> None:
    let_time_pass(installation, signed_in, user_id, 100)
    warning(signed_in).get_by_role("button", name="Sign out").click()
    expect(signed_in.get_by_text("You are signed out.")).to_be_visible()


def test_other_tab_that_goes_on_takes_the_warning_away(
    signed_in: Page, user_id: str, installation: Installation
) -> None:
    other = signed_in.context.new_page()
    other.goto("/submissions")
    let_time_pass(installation, signed_in, user_id, 100)
    other.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(warning(signed_in)).to_be_visible()
    expect(warning(other)).to_be_visible()
    other.get_by_role("button", name="Stay signed in").click()
    expect(warning(signed_in)).to_be_hidden()


def test_longest_time_cannot_be_prolonged(signed_in: Page, user_id: str, installation: Installation) -> None:
    installation.let_time_pass(user_id, 0, since_signing_in=12 * 3600 - 100)
    signed_in.reload()
    expect(warning(signed_in)).to_contain_text("for as long as a session may last")
    warning(signed_in).get_by_role("button", name="Go on until then").click()
    expect(warning(signed_in)).to_be_hidden()


def test_page_is_left_when_the_session_has_ended_and_what_was_typed_comes_back(
    signed_in: Page, user_id: str, installation: Installation, sign_in: SignIn
) -> None:
    signed_in.goto("/security-keys/new")
    signed_in.get_by_label("Name of the key").fill("Key at the front desk")
    let_time_pass(installation, signed_in, user_id, 0)
    expect(signed_in.get_by_text("a session ends after 15 minutes")).to_be_visible()
    assert "front desk" not in signed_in.content()
    check(signed_in)
    next_page = signed_in.locator("input[name=next]").first.input_value()
    assert next_page == "/security-keys/new"
    sign_in(signed_in, user_id)
    signed_in.goto(next_page)
    expect(signed_in.get_by_text("check it and send it")).to_be_visible()
    expect(signed_in.get_by_label("Name of the key")).to_have_value("Key at the front desk")
    check(signed_in)


@pytest.mark.parametrize("java_script", [True, False])
def test_form_that_is_sent_too_late_comes_back(
    new_context: Callable[..., BrowserContext],
    user_id: str,
    installation: Installation,
    sign_in: SignIn,
    java_script: bool,
) -> None:
    page = new_context(java_script_enabled=java_script).new_page()
    sign_in(page, user_id)
    page.goto("/security-keys/new")
    page.get_by_label("Name of the key").fill("Key at the front desk")
    installation.let_time_pass(user_id, SESSION_SECONDS)
    # What the script of the page would do with a key stands in for one.
    if java_script:
        page.locator("main form[method=post]").first.evaluate("form => form.submit()")
    else:
        page.get_by_label("Name of the key").press("Enter")
    expect(page.get_by_text("You were signed out before you sent this form")).to_be_visible()
    sign_in(page, user_id)
    page.goto("/security-keys/new")
    expect(page.get_by_label("Name of the key")).to_have_value("Key at the front desk")


def test_form_that_came_back_is_kept_at_the_next_end_as_well(
    signed_in: Page, user_id: str, installation: Installation, sign_in: SignIn
) -> None:
    signed_in.goto("/security-keys/new")
    signed_in.get_by_label("Name of the key").fill("Key at the front desk")
    for _ in range(2):
        let_time_pass(installation, signed_in, user_id, 0)
        signed_out(signed_in)
        sign_in(signed_in, user_id)
        signed_in.goto("/security-keys/new")
        expect(signed_in.get_by_label("Name of the key")).to_have_value("Key at the front desk")


def test_of_several_forms_the_one_with_what_was_typed_is_kept(
    signed_in: Page, user_id: str, installation: Installation, sign_in: SignIn
) -> None:
    typed, again = f"{user_id}@agency.example", f"{user_id}@agency.exmaple"
    for second, what_comes in ((typed, "My profile"), (again, "Add your e-mail address")):
        signed_in.goto("/profile/email")
        signed_in.get_by_label("E-mail address", exact=True).fill(typed)
        signed_in.get_by_label("E-mail address again").fill(second)
        signed_in.get_by_role("button", name="Send the link").click()
        expect(signed_in.get_by_role("heading", level=1)).to_have_text(what_comes)
    # The first form of this page takes back the address that waits for its confirmation.
    expect(signed_in.get_by_role("button", name="Do not change my address")).to_be_visible()
    expect(signed_in.locator("#error-summary")).to_be_visible()
    let_time_pass(installation, signed_in, user_id, 0)
    signed_out(signed_in)
    assert signed_in.locator("input[name=next]").first.input_value() == "/profile/email"
    sign_in(signed_in, user_id)
    signed_in.goto("/profile/email")
    expect(signed_in.get_by_label("E-mail address again")).to_have_value(again)
