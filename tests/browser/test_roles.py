"""A facility from nothing: its officials, its submitter and its vendor, until the vendor is sent away."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from iqies_flask.access.roles import Role
from tests.browser.conftest import Samples, SignIn
from tests.browser.installation import OASIS_CCN, Installation
from tests.browser.test_accessibility import check
from tests.browser.test_journeys import submission_id, tally, upload
from tests.browser.test_role_requests import next_step

CCN = "015301"
NAME = "Newly Certified Home"
FACILITY_ID = "TESTNEW1"

CMS = "cms.of.roles"
FIRST = "first.of.roles"
SECOND = "second.of.roles"
SUBMITTER = "submitter.of.roles"
VENDOR = "vendor.of.roles"


@dataclass(frozen=True, slots=True)
class People:
    """Everybody in a browser of his own, signed in."""

    cms: Page
    first: Page
    second: Page
    submitter: Page
    vendor: Page


@pytest.fixture
def people(installation: Installation, new_context: Callable[..., BrowserContext], sign_in: SignIn) -> People:
    """Persons without any role, but for the official of CMS and the vendor, who has a client already."""
    installation.add_provider(CCN, NAME, FACILITY_ID)
    installation.add_cms_official(CMS)
    for user_id in (FIRST, SECOND, SUBMITTER):
        installation.add_user(user_id)
    installation.add_user(VENDOR, OASIS_CCN, role=Role.VENDOR_ASSESSMENT_SUBMITTER)

    def page_of(user_id: str) -> Page:
        page = new_context().new_page()
        sign_in(page, user_id)
        return page

    return People(*(page_of(user_id) for user_id in (CMS, FIRST, SECOND, SUBMITTER, VENDOR)))


def list_provider(page: Page, category: str, role: str) -> None:
    """Go through the steps until the provider is to be put on the list, and try that."""
    page.goto("/roles/request")
    next_step(page, category)
    next_step(page, role)
    page.get_by_label("CMS Certification Number (CCN)").fill(CCN)
    page.get_by_role("button", name="Add").click()


def ask(page: Page, category: str, role: str, decided_by: str | re.Pattern[str]) -> None:
    """Request a role for the provider, and read who decides; other tests may have appointed more of CMS."""
    list_provider(page, category, role)
    expect(page.get_by_role("button", name=f"Remove {NAME}")).to_be_visible()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Submit Request").click()
    submitted = page.get_by_role("status").filter(has_text="Role Request Submitted")
    expect(submitted).to_contain_text(decided_by)


def approve(page: Page, queue: str, requester: str, role: str) -> None:
    """Approve a request in a queue."""
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name=queue).click()
    row = page.get_by_role("row").filter(has_text=requester)
    expect(row).to_contain_text(NAME)
    check(page)
    row.get_by_role("checkbox", name=f"Choose the request of {requester}, {role}, CCN {CCN}").check()
    page.get_by_label("Approve", exact=True).check()
    page.get_by_role("button", name="Save the decision").click()
    expect(page.get_by_text("1 of 1 done.")).to_be_visible()
    check(page)


def revoke(page: Page, holder: str, role: str) -> None:
    """Take a role from a user of the provider."""
    page.goto("/")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Users and roles").click()
    check(page)
    page.get_by_role("link", name=NAME).click()
    check(page)
    page.get_by_role("row").filter(has_text=holder).get_by_role("link", name=f"Revoke {role}").click()
    check(page)
    page.get_by_role("button", name="Revoke the role").click()
    expect(page.get_by_role("alert")).to_contain_text("Give the reason")
    check(page)
    page.get_by_label("Reason").fill("The contract has ended.")
    page.get_by_role("button", name="Revoke the role").click()
    expect(page.get_by_text(f"{holder} is no longer {role} for {NAME}.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=holder)).to_have_count(0)
    check(page)


def send(page: Page, samples: Samples, name: str) -> int:
    """Upload one record of the new facility and two of the vendor's other client, and wait for the end."""
    facility = samples.files("MDS", "NC", 1, provider=(CCN, FACILITY_ID))
    upload(page, samples.zip(name, *facility, *samples.files("OASIS", "01", 2)))
    expect(page.locator("[aria-current=step]")).to_have_text("Completed")
    return submission_id(page)


def counted(page: Page) -> tuple[str, str]:
    return tally(page, "Accepted"), tally(page, "Rejected")


def test_a_facility_from_nothing(people: People, worker: Installation, samples: Samples) -> None:
    official, vendors = "Provider Security Official", "Vendor Assessment Submitter"
    # Nobody decides for the facility yet, so nobody else can ask for anything.
    list_provider(people.submitter, "Provider", "Assessment Submitter")
    expect(people.submitter.locator("#ccns-error")).to_contain_text("has no Provider Security Official (PSO)")

    people.cms.goto("/officials/vacancies?q=" + CCN)
    expect(people.cms.get_by_role("link", name=NAME)).to_be_visible()
    check(people.cms)
    ask(people.first, "Provider", official, decided_by=re.compile(rf"CMS \(.*\b{re.escape(CMS)}\b.*\)"))
    approve(people.cms, "First officials", FIRST, official)
    people.cms.goto("/officials/vacancies?q=" + CCN)
    expect(people.cms.get_by_role("link", name=NAME)).to_have_count(0)

    ask(people.second, "Provider", official, decided_by=FIRST)
    people.first.goto("/officials/requests")
    expect(people.first.get_by_text("A second Security Official is missing")).to_be_visible()
    approve(people.first, "Role requests", SECOND, official)
    people.first.goto("/officials/requests")
    expect(people.first.get_by_text("A second Security Official is missing")).to_have_count(0)
    check(people.first)

    ask(people.submitter, "Provider", "Assessment Submitter", decided_by=SECOND)
    approve(people.second, "Role requests", SUBMITTER, "Assessment Submitter")
    ask(people.vendor, "Vendor", vendors, decided_by=FIRST)
    approve(people.first, "Role requests", VENDOR, vendors)

    accepted = send(people.vendor, samples, "before.zip")
    assert counted(people.vendor) == ("3", "0")

    revoke(people.first, VENDOR, vendors)
    people.vendor.goto("/profile")
    expect(people.vendor.get_by_role("main")).to_contain_text("Testville Home Health")

    # The other client's records are none the worse for it.
    refused = send(people.vendor, samples, "after.zip")
    assert counted(people.vendor) == ("2", "1")
    people.vendor.get_by_role("link", name="Read the Final Validation Report").click()
    record = people.vendor.get_by_role("article").filter(has_text="without facility authority")
    expect(record).to_have_count(1)
    expect(record).to_contain_text(CCN)
    expect(record).to_contain_text("-3693 MDS")
    expect(people.vendor.get_by_role("article").filter(has_text="Accepted")).to_have_count(2)
    check(people.vendor)

    # What was accepted before stays, and the facility's own people read it: only what is theirs.
    people.submitter.goto("/")
    people.submitter.get_by_role("navigation", name="Main").get_by_role(
        "link", name="Provider reports"
    ).click()
    row = people.submitter.get_by_role("row").filter(has_text=NAME)
    row.locator(f"a[href$='/submissions/{accepted}/providers/{CCN}/report']").click()
    expect(people.submitter.get_by_role("heading", level=1)).to_have_text(
        "MDS 3.0 NH Final Validation Report"
    )
    expect(people.submitter.get_by_role("article")).to_have_count(1)
    expect(people.submitter.get_by_role("article")).to_contain_text("Accepted")
    expect(people.submitter.get_by_role("main")).not_to_contain_text("Testville Home Health")
    check(people.submitter)
    # The whole submission stays the vendor's, and the provider's report is closed to him.
    for page, path in (
        (people.submitter, f"/submissions/{accepted}"),
        (people.vendor, f"/submissions/{accepted}/providers/{CCN}/report"),
        (people.vendor, f"/submissions/{refused}/providers/{CCN}/report"),
        (people.vendor, f"/officials/providers/{CCN}"),
    ):
        page.goto(path)
        expect(page.get_by_text("Error 404")).to_be_visible()
