"""Checking a file without an account, in a real browser."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree
from playwright.sync_api import BrowserContext, Page, Request, expect

from tests.browser.conftest import PATIENCE_MILLISECONDS, Samples, SignIn
from tests.browser.test_accessibility import check
from tests.browser.test_journeys import drop, tally


def choose(page: Page, path: Path) -> None:
    page.goto("/vut")
    page.get_by_label("choose a file").set_input_files(path)
    page.get_by_role("button", name="Check").click()


def downloaded(page: Page, form: str) -> tuple[str, bytes]:
    """Download the report in a form; gives the file's name and content."""
    with page.expect_download() as download:
        page.get_by_role("link", name=f"Download {form}").click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


@pytest.mark.parametrize("java_script", [True, False])
def test_from_the_sign_in_page_to_the_downloads(
    new_context: Callable[..., BrowserContext], samples: Samples, java_script: bool
) -> None:
    page = new_context(java_script_enabled=java_script).new_page()
    page.goto("/sign-in")
    page.get_by_role("main").get_by_role("link", name="Validation Utility Tool").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Validation Utility Tool")
    page.get_by_label("choose a file").set_input_files(samples.mixed())
    page.get_by_role("button", name="Check").click()

    expect(page.get_by_role("heading", name="2 of 5 records would be rejected")).to_be_visible()
    expect(page).to_have_title("Report: Validation Utility Tool | iQIES Flask")
    assert (tally(page, "Records in file"), tally(page, "Accepted"), tally(page, "Rejected")) == (
        "5",
        "3",
        "2",
    )
    expect(page.get_by_role("article")).to_have_count(5)
    rejected = page.get_by_role("article").filter(has_text="Rejected")
    expect(rejected.first.get_by_role("table")).to_contain_text("-3060 (opens in a new tab) OASIS")

    # The report cannot be fetched again, so it stays where it is.
    with page.context.expect_page() as beside:
        rejected.first.get_by_role("link", name="-3060").click()
    expect(beside.value.get_by_role("heading", level=1)).to_contain_text("-3060")
    beside.value.close()

    name, content = downloaded(page, "CSV")
    assert name == "mixed_results.csv"
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert {row["record_number"] for row in rows} == {"1", "2", "3", "4", "5"}
    name, content = downloaded(page, "XML")
    assert name == "mixed_results.xml"
    assert len(etree.fromstring(content).findall(".//{*}record")) == 5

    page.get_by_role("link", name="Check another file").click()
    expect(page.get_by_role("button", name="Check")).to_be_visible()


def test_a_report_of_some_megabytes_can_be_downloaded(page: Page, samples: Samples) -> None:
    """Browsers bound the length of addresses; those that are downloaded are none that they go to."""
    many = [(f"{number:05}.xml", b"<unknown/>") for number in range(9000)]
    choose(page, samples.zip("many.zip", *many))
    expect(page.get_by_role("heading", name="9,000 of 9,000 records would be rejected")).to_be_visible(
        timeout=2 * PATIENCE_MILLISECONDS
    )
    _, content = downloaded(page, "XML")
    assert len(content) > 3 * 2**20
    assert len(etree.fromstring(content).findall(".//{*}record")) == 9000


def test_a_dropped_file_is_checked(page: Page, samples: Samples) -> None:
    page.goto("/vut")
    drop(page, samples.clean(2))
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("heading", name="Nothing to correct")).to_be_visible()
    expect(page.get_by_role("main")).to_be_focused()


def test_a_file_over_the_limit_is_refused_before_it_travels(page: Page, samples: Samples) -> None:
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    choose(page, samples.too_large())
    expect(page.get_by_role("alert")).to_contain_text("larger than the limit of 5 MB")
    assert sent == []


def test_a_check_that_breaks_off_says_what_to_do(page: Page, samples: Samples) -> None:
    page.goto("/vut")
    page.get_by_label("choose a file").set_input_files(samples.clean(1))
    page.context.set_offline(True)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("alert")).to_contain_text("then try again")
    page.context.set_offline(False)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("heading", name="Nothing to correct")).to_be_visible()


def test_nothing_of_it_is_among_my_submissions(signed_in: Page, samples: Samples) -> None:
    signed_in.get_by_role("navigation", name="Main").get_by_role(
        "link", name="Validation Utility Tool"
    ).click()
    signed_in.get_by_label("choose a file").set_input_files(samples.clean(1))
    signed_in.get_by_role("button", name="Check").click()
    expect(signed_in.get_by_role("heading", name="Nothing to correct")).to_be_visible()
    signed_in.goto("/submissions")
    expect(signed_in.get_by_role("heading", name="You have not sent a file yet")).to_be_visible()


def test_axe_finds_nothing(sign_in: SignIn, page: Page, user_id: str, samples: Samples) -> None:
    page.goto("/vut")
    check(page)
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("alert").first).to_contain_text("There is a problem")
    check(page)
    choose(page, samples.not_a_zip())
    expect(page.get_by_role("heading", name="No record was found in this file")).to_be_visible()
    check(page)
    choose(page, samples.clean(1))
    expect(page.get_by_role("heading", name="Nothing to correct")).to_be_visible()
    check(page)
    sign_in(page, user_id)
    choose(page, samples.mixed())
    expect(page.get_by_role("heading", name="2 of 5 records would be rejected")).to_be_visible()
    check(page)
