"""The lists of officials in a browser: filters with htmx and without scripts, and ticking what they leave."""

import pytest
from playwright.sync_api import Page, expect

from iqies_flask.access.roles import Role
from tests.browser.conftest import SignIn
from tests.browser.installation import Installation
from tests.browser.test_accessibility import check

CCN = "015401"
NAME = "Filtered Home"
OFFICIAL = "official.who.filters"
CMS = "cms.who.filters"
VACANT = ("015402", "015403")


@pytest.fixture(scope="module")
def requests(installation: Installation) -> Installation:
    """Two who ask to submit and one who asks to read, and two providers without an official."""
    installation.add_provider(CCN, NAME, "TESTFLT1")
    installation.add_security_official(OFFICIAL, CCN)
    for user_id, role in (
        ("asking.first", Role.ASSESSMENT_SUBMITTER),
        ("asking.second", Role.ASSESSMENT_SUBMITTER),
        ("asking.reader", Role.PROVIDER_ASSESSMENT_VIEWER),
    ):
        installation.add_request(user_id, CCN, role)
    for number, ccn in enumerate(VACANT, 1):
        installation.add_provider(ccn, f"Vacant Home {number}", f"TESTVAC{number}")
    installation.add_cms_official(CMS)
    return installation


def test_requests_are_filtered_in_place(page: Page, requests: Installation, sign_in: SignIn) -> None:
    sign_in(page, OFFICIAL)
    page.goto("/officials/requests")
    status = page.get_by_role("status").filter(has_text="request")
    expect(status).to_have_text("3 requests, the oldest first")
    check(page)
    # A page that came anew would not have this.
    page.evaluate("document.body.dataset.stayed = 'yes'")
    page.get_by_label("Role", exact=True).select_option("Assessment Submitter")
    page.get_by_role("button", name="Search").press("Enter")
    expect(status).to_have_text("2 requests, the oldest first")
    expect(page.get_by_role("rowheader")).to_have_count(2)
    expect(page.get_by_role("button", name="Search")).to_be_focused()
    expect(page.locator("body")).to_have_attribute("data-stayed", "yes")
    assert "role=assessment_submitter" in page.url
    check(page)

    page.get_by_role("button", name="Choose all on this page").click()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(2)
    page.get_by_label("Reason").fill("Ask for another role.")

    page.get_by_label("Provider", exact=True).fill("nowhere")
    page.get_by_label("Provider", exact=True).press("Enter")
    expect(status).to_have_text("No request matches")
    expect(page.get_by_label("Provider", exact=True)).to_be_focused()
    check(page)
    page.get_by_label("Provider", exact=True).fill("")
    page.get_by_label("Provider", exact=True).press("Enter")
    expect(page.get_by_label("Reason")).to_have_value("Ask for another role.")
    page.go_back()
    expect(status).to_have_text("No request matches")
    # The way back is htmx's, which comes with the whole page.
    page.wait_for_load_state()
    page.go_back()
    expect(page.get_by_label("Provider", exact=True)).to_have_value("")
    expect(page.get_by_label("Role", exact=True)).to_have_value("assessment_submitter")
    expect(page.get_by_role("rowheader")).to_have_count(2)


def test_one_request_needs_no_button_to_choose_all(
    page: Page, requests: Installation, sign_in: SignIn
) -> None:
    sign_in(page, OFFICIAL)
    page.goto("/officials/requests")
    expect(page.get_by_role("button", name="Choose all on this page")).to_be_visible()
    page.get_by_label("Role", exact=True).select_option("Provider Assessment Viewer")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("rowheader")).to_have_count(1)
    expect(page.get_by_role("button", name="Choose all on this page")).to_be_hidden()


def test_what_a_filter_left_is_decided_about(page: Page, requests: Installation, sign_in: SignIn) -> None:
    requests.add_request("asking.administrator", CCN, Role.PROVIDER_ADMINISTRATOR)
    sign_in(page, OFFICIAL)
    page.goto("/officials/requests")
    # An error of the decision is not left standing beside another list.
    page.get_by_role("button", name="Save the decision").click()
    expect(page.get_by_role("alert")).to_contain_text("Tick at least one request.")
    page.get_by_label("Role", exact=True).select_option("Provider Administrator")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("rowheader")).to_have_count(1)
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_label("Role", exact=True).select_option("Any")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("rowheader")).to_have_count(4)
    page.get_by_role("checkbox", name="Choose the request of asking.administrator").check()
    page.get_by_label("Approve", exact=True).check()
    page.get_by_role("button", name="Save the decision").click()
    expect(page.get_by_text("1 of 1 done.")).to_be_visible()


def test_a_filter_that_cannot_be_used_says_so(page: Page, requests: Installation, sign_in: SignIn) -> None:
    sign_in(page, OFFICIAL)
    page.goto("/officials/requests")
    page.get_by_label("Provider", exact=True).evaluate("field => field.removeAttribute('maxlength')")
    page.get_by_label("Provider", exact=True).fill("x" * 101)
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("alert")).to_contain_text("Field cannot be longer than 100 characters.")
    check(page)
    page.get_by_label("Provider", exact=True).fill(CCN)
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("rowheader").filter(has_text="asking.first")).to_be_visible()


def test_requests_are_filtered_without_scripts(
    page_without_javascript: Page, requests: Installation, sign_in: SignIn
) -> None:
    page = page_without_javascript
    sign_in(page, OFFICIAL)
    page.goto("/officials/requests")
    page.get_by_label("Role", exact=True).select_option("Provider Assessment Viewer")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("rowheader")).to_have_count(1)
    expect(page.get_by_role("status").filter(has_text="request")).to_have_text("1 request, the oldest first")


def test_vacancies_are_filtered_in_place(page: Page, requests: Installation, sign_in: SignIn) -> None:
    sign_in(page, CMS)
    page.goto("/officials/vacancies")
    status = page.locator("#vacancies-status")
    page.evaluate("document.body.dataset.stayed = 'yes'")
    field = page.get_by_label("CCN or beginning of the name")
    field.fill("Vacant Home")
    field.press("Enter")
    expect(status).to_have_text("2 providers, by name")
    expect(page.get_by_role("rowheader")).to_have_count(2)
    expect(field).to_be_focused()
    assert "q=Vacant" in page.url
    field.fill(VACANT[1])
    field.press("Enter")
    expect(status).to_have_text("1 provider, by name")
    expect(page.locator("body")).to_have_attribute("data-stayed", "yes")
    check(page)
    field.fill("Nowhere")
    field.press("Enter")
    expect(status).to_have_text("No provider matches")
    expect(page.get_by_role("heading", name="No provider matches")).to_be_visible()
    check(page)


def test_pages_of_cms_about_offices_and_officials(
    page: Page, requests: Installation, sign_in: SignIn
) -> None:
    sign_in(page, CMS)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Offices").click()
    expect(page.get_by_role("rowheader", name=f"{CMS} (you)")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Give up CMS Official").click()
    expect(page.get_by_role("heading", name="Give up the office CMS Official?")).to_be_visible()
    check(page)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="To be certified").click()
    expect(page.get_by_role("heading", name="Nobody is due")).to_be_visible()
    check(page)
    page.goto(f"/providers/{CCN}")
    expect(page.get_by_text(f"{OFFICIAL}, since")).to_be_visible()
    check(page)
    page.get_by_role("link", name="See who holds roles, and revoke them").click()
    expect(page.get_by_role("heading", name=f"Security Officials of {NAME}")).to_be_visible()
    check(page)
