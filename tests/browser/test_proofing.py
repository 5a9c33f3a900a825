"""Proving who one is, in a browser: the questions of a demonstration, and an officer's decision."""

import re
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SignIn
from tests.browser.installation import Installation
from tests.browser.test_accessibility import check
from tests.persons import TRUTHS

_numbers = count(1)


@pytest.fixture
def applicant(page: Page, installation: Installation, sign_in: SignIn) -> str:
    """User ID of somebody who is signed in and not proved."""
    number = next(_numbers)
    user_id = f"applicant.{number}"
    installation.add_applicant(user_id, f"900{number:06}")
    sign_in(page, user_id)
    return user_id


@pytest.fixture
def officer(installation: Installation) -> str:
    user_id = f"officer.{next(_numbers)}"
    installation.add_officer(user_id)
    return user_id


def take_right_answers(page: Page, wrong: int = 0) -> None:
    """Answer as the person would, some questions wrongly."""
    groups = page.get_by_role("group")
    expect(groups).to_have_count(len(TRUTHS))
    for number, (group, truth) in enumerate(zip(groups.all(), TRUTHS.values(), strict=True)):
        right = group.get_by_label(truth, exact=True)
        choice = right if right.count() else group.get_by_label("None of these")
        if number < wrong:
            ids = [radio.get_attribute("value") for radio in group.get_by_role("radio").all()]
            other = next(value for value in ids if value != choice.get_attribute("value"))
            choice = group.locator(f"input[value='{other}']")
        choice.check()


def decide(page: Page, verdict: str, reason: str) -> None:
    """Record a passport that was seen in person, and decide about the case on the page."""
    first = page.get_by_role("group", name="First document", exact=True)
    first.get_by_label("Document", exact=True).select_option("Passport")
    first.get_by_label("Issued by").fill("Department of State")
    first.get_by_label("Last characters of its number").fill("9876")
    first.get_by_label("Yes").check()
    page.get_by_label("In person").check()
    page.get_by_label(verdict).check()
    page.get_by_label("Reason").fill(reason)
    page.get_by_role("button", name="Save the decision").click()


@pytest.mark.usefixtures("applicant")
def test_questions_and_a_reference_number(page: Page) -> None:
    page.goto("/submissions")
    expect(page.get_by_role("heading", level=1)).to_have_text("Identity proofing")
    check(page)
    page.get_by_role("button", name="Begin Remote Proofing").click()
    expect(page.get_by_text("This is a demonstration.")).to_be_visible()
    check(page)
    page.get_by_role("radio").first.check()
    page.get_by_role("button", name="Send my answers").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose an answer")
    expect(page.get_by_role("radio").first).to_be_checked()
    check(page)
    page.get_by_role("alert").get_by_role("link").first.click()
    expect(page.get_by_role("radio").nth(5)).to_be_focused()
    take_right_answers(page, wrong=1)
    page.get_by_role("button", name="Send my answers").click()
    expect(page.get_by_label("Reference number")).to_be_visible()
    expect(page.get_by_text("This is a demonstration.")).to_be_visible()
    check(page)
    shown = re.search(r"shown instead: (\d{6})", page.get_by_role("main").inner_text())
    assert shown
    page.get_by_label("Reference number").fill(shown[1])
    page.get_by_role("button", name="Send the number").click()
    expect(page.get_by_text("Your identity is proved.")).to_be_visible()
    check(page)
    page.get_by_role("link", name="Go to the start page").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My submissions")


@pytest.mark.usefixtures("applicant")
def test_failing_and_going_back(page: Page) -> None:
    page.get_by_role("button", name="Begin Remote Proofing").click()
    take_right_answers(page, wrong=2)
    page.get_by_role("button", name="Send my answers").click()
    expect(page.get_by_role("heading", name="Your identity could not be proved yet")).to_be_visible()
    expect(page.get_by_text("You can try again from")).to_be_visible()
    check(page)
    page.go_back()
    if page.get_by_role("button", name="Send my answers").is_visible():
        take_right_answers(page)
        page.get_by_role("button", name="Send my answers").click()
        expect(page.get_by_text("no longer open")).to_be_visible()
    expect(page.get_by_role("heading", name="Your identity could not be proved yet")).to_be_visible()


@pytest.mark.usefixtures("applicant")
def test_a_slip_is_corrected(page: Page) -> None:
    page.get_by_role("link", name="Look at them, and correct them").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Correct what you entered")
    check(page)
    page.get_by_label("Year", exact=True).fill("86")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("with four digits")
    check(page)
    page.get_by_label("Year", exact=True).fill("1968")
    page.get_by_label("No", exact=True).check()
    page.get_by_label("Country").fill("Canada")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("What you entered is corrected.")).to_be_visible()


def test_an_officer_decides(page: Page, applicant: str, officer: str, sign_in: SignIn) -> None:
    page.get_by_role("button", name="Ask for a proofing officer").click()
    expect(page.get_by_role("heading", name="What to have ready")).to_be_visible()
    check(page)

    sign_in(page, officer)
    row = page.get_by_role("row").filter(has_text=applicant)
    expect(row).to_contain_text("The person asked for it")
    check(page)
    row.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Proofing of Testy Q Testperson")
    check(page)
    page.get_by_role("button", name="Save the decision").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose to approve or to refuse.")
    check(page)
    decide(page, "Refuse", "The photo shows somebody else.")
    expect(page.get_by_text(f"You refused {applicant}.")).to_be_visible()
    check(page)

    sign_in(page, applicant)
    expect(page.get_by_text("The photo shows somebody else.")).to_be_visible()
    check(page)
    page.get_by_role("button", name="Ask for a proofing officer").click()
    expect(page.get_by_role("heading", name="What happens next")).to_be_visible()
