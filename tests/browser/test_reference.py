"""From a finding of a report to its edit, from there to an item, and back by searching."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import Samples
from tests.browser.installation import Installation
from tests.browser.test_accessibility import check


def test_a_finding_leads_to_the_reference(page: Page, installation: Installation, samples: Samples) -> None:
    page.goto("/vut")
    page.set_input_files(
        "input[type=file]", samples.zip("late.zip", *samples.files("OASIS", "01", 1, "-3300"))
    )
    page.get_by_role("button", name="Check", exact=True).click()
    with page.context.expect_page() as beside:
        page.get_by_role("link", name="-3300").click()
    page = beside.value
    expect(page.get_by_role("heading", level=1)).to_have_text("OASIS 3.02: edit -3300")
    check(page)
    page.get_by_role("link", name="M0100_ASSMT_REASON").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("OASIS 3.02: item M0100_ASSMT_REASON")
    check(page)
    page.get_by_role("link", name="Reference of items and edits").click()
    check(page)
    page.get_by_label("Id or words").fill("-4070")
    page.get_by_role("button", name="Search").click()
    check(page)
    page.get_by_role("link", name="-4070").click()
    expect(page.get_by_role("heading", name="Clause (a)")).to_be_visible()
    check(page)
