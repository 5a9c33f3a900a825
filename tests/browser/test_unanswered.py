"""What htmx asks for and does not get is said: no connection, an error, or signed out elsewhere meanwhile."""

from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Samples, SignIn
from tests.browser.installation import MDS_CCN, Installation
from tests.browser.test_accessibility import check
from tests.browser.test_journeys import upload
from tests.browser.test_role_requests import heading, next_step

_numbers = count(1)


@pytest.fixture
def asking(installation: Installation, page: Page, sign_in: SignIn) -> Page:
    """A browser on the page on which the CCNs of a request are typed."""
    installation.add_security_official(f"deciding.{next(_numbers)}", MDS_CCN)
    name = f"unanswered.{next(_numbers)}"
    installation.add_user(name)
    sign_in(page, name)
    page.goto("/roles/request")
    next_step(page, "Provider")
    next_step(page, "Assessment Submitter")
    heading(page, "For which organizations?")
    return page


def type_ccn(page: Page) -> None:
    field = page.get_by_label("CMS Certification Number (CCN)")
    field.fill(MDS_CCN)
    field.press("Enter")


def refuse_htmx(status: int) -> Callable[[Route], None]:
    def handle(route: Route) -> None:
        if "hx-request" in route.request.headers:
            route.fulfill(status=status, body="An error.")
        else:
            route.continue_()

    return handle


def test_without_a_connection_what_is_typed_stays_and_is_sent_again(asking: Page) -> None:
    page = asking
    page.context.set_offline(True)
    type_ccn(page)
    alert = page.get_by_role("alert").filter(has_text="The site did not answer")
    expect(alert).to_be_in_viewport()
    expect(page.get_by_label("CMS Certification Number (CCN)")).to_have_value(MDS_CCN)
    page.context.set_offline(False)
    check(page)
    type_ccn(page)
    expect(page.get_by_role("heading", name="1 organization on your list")).to_be_visible()
    expect(alert).to_have_count(0)


def test_a_fault_of_the_site_is_said(asking: Page) -> None:
    page = asking
    page.route("**/organizations", refuse_htmx(500))
    for _ in range(2):
        type_ccn(page)
        alert = page.get_by_role("alert").filter(has_text="Something went wrong on our side")
        expect(alert).to_have_count(1)
    expect(page.get_by_label("CMS Certification Number (CCN)")).to_have_value(MDS_CCN)


def test_what_is_refused_is_sent_as_a_form_with_the_button_that_was_pressed(asking: Page) -> None:
    page = asking
    type_ccn(page)
    expect(page.get_by_role("heading", name="1 organization on your list")).to_be_visible()
    page.route("**/organizations", refuse_htmx(400))
    page.get_by_role("button", name="Remove Testville Care Center").click()
    expect(page.get_by_text("Removed from the list.")).to_be_visible()


def test_what_was_typed_outlives_the_session(installation: Installation, page: Page, sign_in: SignIn) -> None:
    name = f"outlived.{next(_numbers)}"
    installation.add_user(name)
    sign_in(page, name)
    page.goto("/roles/request")
    next_step(page, "Provider")
    next_step(page, "Assessment Submitter")
    heading(page, "For which organizations?")
    address = page.url
    installation.let_time_pass(name, 15 * 60)
    type_ccn(page)
    expect(page.get_by_text("You were signed out before you sent this form")).to_be_visible()
    sign_in(page, name)
    page.goto(address)
    expect(page.get_by_label("CMS Certification Number (CCN)")).to_have_value(MDS_CCN)


def test_who_signed_out_in_another_tab_reads_it(asking: Page) -> None:
    page = asking
    other = page.context.new_page()
    other.goto("/profile")
    other.get_by_role("button", name="Sign out").click()
    expect(other.get_by_role("heading", level=1)).not_to_have_text("My profile")
    type_ccn(page)
    heading(page, "The page was open for too long")


def test_who_signed_in_again_in_another_tab_reads_what_to_do(
    installation: Installation, asking: Page, sign_in: SignIn
) -> None:
    page, other, name = asking, asking.context.new_page(), f"again.{next(_numbers)}"
    installation.add_user(name)
    sign_in(other, name)
    type_ccn(page)
    heading(page, "The page was open for too long")


def test_a_check_beside_a_field_is_not_passed_over(page: Page) -> None:
    page.goto("/register")
    page.route("**/register/address-fields", refuse_htmx(400))
    page.get_by_label("No", exact=True).check()
    expect(page.get_by_role("alert").filter(has_text="This page is out of date")).to_be_in_viewport()


def test_a_page_that_asks_by_itself_says_it_once(
    no_worker: Installation, signed_in: Page, samples: Samples
) -> None:
    page = signed_in
    upload(page, samples.clean())
    expect(page.get_by_text("Your file is stored and waits to be checked.")).to_be_visible()
    page.route("**/progress", lambda route: route.abort())
    alert = page.get_by_role("alert").filter(has_text="The site did not answer")
    expect(alert).to_have_count(1)
    alert.evaluate("alert => { alert.dataset.same = 'yes'; }")
    for _ in range(2):
        with page.expect_event("requestfailed"):
            pass
    expect(page.locator("[data-same]")).to_have_count(1)
    page.unroute("**/progress")
    expect(alert).to_have_count(0)
