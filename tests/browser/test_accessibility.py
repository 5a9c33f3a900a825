"""axe finds nothing on any page, in any state; nothing scrolls sideways on the narrowest screen."""

import sqlite3
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Samples, SignIn, give_password
from tests.browser.installation import MDS_CCN, PASSWORD, Installation
from tests.browser.test_journeys import submission_id, upload

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "section508", "best-practice"],
    },
    "resultTypes": ["violations"],
}
NARROWEST = {"width": 320, "height": 640}
WIDE = {"width": 1280, "height": 900}


def check(page: Page) -> None:
    """Let axe look at the page as it stands, on a wide and on the narrowest screen."""
    # Without its style sheets it is not the page yet.
    page.wait_for_load_state()
    for size in (WIDE, NARROWEST):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        # axe comes in over the browser's debugging protocol, so the content security policy stays in force.
        results = Axe().run(page, options=RULES)
        assert results.violations_count == 0, f"{page.url} at {size}: {results.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], page.url
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    levels = page.locator("h1, h2, h3, h4").evaluate_all("all => all.map(h => Number(h.tagName[1]))")
    assert levels.count(1) == 1
    assert page.locator("html").get_attribute("lang") == "en"


def test_axe_finds_what_is_wrong(page: Page) -> None:
    page.goto("/sign-in")
    page.locator("label").first.evaluate("label => label.remove()")
    with pytest.raises(AssertionError, match="label"):
        check(page)


def test_signing_in(page: Page, user_id: str) -> None:
    page.goto("/sign-in")
    check(page)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    check(page)
    give_password(page, user_id, "not the password")
    expect(page.get_by_role("alert")).to_be_visible()
    check(page)
    page.goto("/submissions")
    expect(page.get_by_text("Sign in to see this page.")).to_be_visible()
    check(page)


def test_signing_in_too_often(page: Page, user_id: str) -> None:
    for _ in range(4):
        give_password(page, user_id, "not the password")
    expect(page.get_by_text("Error 429")).to_be_visible()
    check(page)


def test_pages_of_somebody_new(sign_in: SignIn, page: Page, user_id: str) -> None:
    sign_in(page, user_id)
    for path, heading in (
        ("/submissions", "You have not sent a file yet"),
        ("/submissions?q=nothing", "No submission matches “nothing”"),
        ("/submissions/new", "Upload a file"),
        ("/roles/matrix", "Roles, and what each may do"),
        ("/submissions/7", None),
        ("/no-such-page", None),
    ):
        page.goto(path)
        if heading:
            expect(page.get_by_role("heading", name=heading)).to_be_visible()
        else:
            expect(page.get_by_text("Error 404")).to_be_visible()
        check(page)


def test_the_matrix_fits_where_it_is_a_table(sign_in: SignIn, page: Page, user_id: str) -> None:
    sign_in(page, user_id)
    for width in (768, 800, 870, 1023, 1024):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto("/roles/matrix")
        expect(page.locator(".matrix thead").first).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_no_provider_reports(sign_in: SignIn, page: Page, installation: Installation) -> None:
    installation.add_user("tester.without.providers")
    sign_in(page, "tester.without.providers")
    page.goto("/reports")
    expect(page.get_by_role("heading", name="There are no reports yet")).to_be_visible()
    check(page)


def test_errors_while_uploading(signed_in: Page, samples: Samples) -> None:
    signed_in.goto("/submissions/new")
    signed_in.get_by_role("button", name="Upload").click()
    expect(signed_in.get_by_role("alert").first).to_be_visible()
    check(signed_in)
    upload(signed_in, samples.too_large())
    expect(signed_in.locator("#upload-problem")).to_contain_text("limit")
    check(signed_in)


def test_the_page_for_a_file_over_the_limit(signed_in: Page, samples: Samples) -> None:
    signed_in.goto("/submissions/new")
    # The page's own check is taken out of the way, so that the server's answer is seen.
    signed_in.locator("#upload-form").evaluate("form => { form.dataset.limitBytes = '1e12'; }")
    signed_in.get_by_label("choose a file").set_input_files(samples.too_large())
    signed_in.get_by_role("button", name="Upload").click()
    expect(signed_in.get_by_role("main")).to_contain_text("5 MB")
    check(signed_in)


def test_a_sign_in_page_that_was_open_for_too_long(page: Page, user_id: str) -> None:
    # Until its script has asked for passkeys: the answer would set the cookie anew.
    page.goto("/sign-in", wait_until="networkidle")
    page.context.clear_cookies()
    page.get_by_label("User ID").fill(user_id)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("open for too long")
    check(page)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("security key")


def test_a_form_that_was_tampered_with(signed_in: Page) -> None:
    signed_in.goto("/submissions")
    signed_in.locator("input[name=csrf_token]").first.evaluate("input => { input.value = 'stale'; }")
    signed_in.get_by_role("button", name="Sign out").click()
    expect(signed_in.get_by_text("Error 400")).to_be_visible()
    check(signed_in)


@pytest.mark.parametrize("status", [403, 500])
def test_errors_that_no_link_leads_to(page: Page, installation: Installation, status: int) -> None:
    html = installation.error_page(status)
    page.route("**/error", lambda route: route.fulfill(status=status, content_type="text/html", body=html))
    page.goto("/error")
    expect(page.get_by_text(f"Error {status}")).to_be_visible()
    check(page)


def test_a_submission_on_its_way(signed_in: Page, no_worker: Installation, samples: Samples) -> None:
    no_worker.hold()
    upload(signed_in, samples.clean(4))
    expect(signed_in.locator("[aria-current=step]")).to_have_text("Received")
    check(signed_in)
    no_worker.start_worker()
    expect(signed_in.get_by_role("progressbar", name="2 of 4 records checked")).to_be_visible()
    check(signed_in)
    signed_in.goto("/submissions")
    expect(signed_in.get_by_role("cell", name="Processing")).to_be_visible()
    check(signed_in)
    no_worker.release()


def test_a_submission_that_waits_for_the_operator(
    signed_in: Page, no_worker: Installation, samples: Samples
) -> None:
    upload(signed_in, samples.clean(1))
    number = submission_id(signed_in)
    # A fault of the software itself cannot be ordered; its outcome can.
    with sqlite3.connect(no_worker.folder / "instance" / "iqies.db") as database:
        database.execute("UPDATE submission SET state = 'needs_attention' WHERE id = ?", (number,))
    database.close()
    signed_in.reload()
    expect(signed_in.get_by_role("heading", name="We could not finish checking this file")).to_be_visible()
    check(signed_in)
    signed_in.goto("/submissions")
    check(signed_in)


def test_reports(signed_in: Page, worker: Installation, samples: Samples) -> None:
    upload(signed_in, samples.mixed())
    expect(signed_in.locator("[aria-current=step]")).to_have_text("Completed")
    check(signed_in)
    status = signed_in.url
    for path in (
        f"{status}/report",
        f"{status}/report?show=rejected",
        f"{status}/report?show=messages",
        f"{status}/providers/{MDS_CCN}/report",
        f"{status}/providers/{MDS_CCN}/report?show=rejected",
        "/reports",
        "/submissions",
    ):
        signed_in.goto(path)
        expect(signed_in.get_by_role("heading", level=1)).not_to_contain_text("not found")
        check(signed_in)


def test_a_file_that_cannot_be_read(signed_in: Page, worker: Installation, samples: Samples) -> None:
    upload(signed_in, samples.not_a_zip())
    expect(signed_in.locator("[aria-current=step]")).to_have_text("Completed")
    check(signed_in)
    signed_in.get_by_role("link", name="Read the Final Validation Report").click()
    check(signed_in)


def test_nothing_moves_for_those_who_do_not_want_it(new_context: Callable[..., BrowserContext]) -> None:
    page = new_context(reduced_motion="reduce").new_page()
    page.goto("/sign-in")
    moving = page.locator("*").evaluate_all(
        """all => all.filter(e => {
          const s = getComputedStyle(e);
          return parseFloat(s.transitionDuration) > 0.01 || parseFloat(s.animationDuration) > 0.01;
        }).map(e => e.outerHTML)"""
    )
    assert moving == []
