"""What facility users do, in a real browser against a real server and worker."""

import csv
import re
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from tests.browser.conftest import Samples, SignIn, give_password
from tests.browser.installation import PASSWORD, Installation

DROP = """([zone, files]) => {
  const transfer = new DataTransfer();
  for (const [name, text] of files) {
    transfer.items.add(new File([Uint8Array.from(atob(text), c => c.charCodeAt(0))], name));
  }
  for (const type of ["dragenter", "dragover", "drop"]) {
    zone.dispatchEvent(new DragEvent(type, {dataTransfer: transfer, bubbles: true, cancelable: true}));
  }
}"""


def drop(page: Page, *paths: Path) -> None:
    """Drop files on the drop zone, as a file manager would."""
    zone = page.locator(".drop-zone").element_handle()
    page.evaluate(DROP, [zone, [[path.name, b64encode(path.read_bytes()).decode()] for path in paths]])


def upload(page: Page, path: Path) -> None:
    page.goto("/submissions/new")
    page.get_by_label("choose a file").set_input_files(path)
    page.get_by_role("button", name="Upload").click()


def submission_id(page: Page) -> int:
    """Wait for the page of the submission that was uploaded, and read its ID from the address."""
    page.wait_for_url(re.compile(r"/submissions/\d+$"))
    return int(page.url.rsplit("/", 1)[1])


def tally(page: Page, name: str) -> str:
    return page.locator(".tally", has=page.get_by_text(name, exact=True)).locator("dd").inner_text()


def test_from_signing_in_to_signing_out(
    sign_in: SignIn, page: Page, user_id: str, no_worker: Installation, samples: Samples
) -> None:
    sign_in(page, user_id)
    expect(page.get_by_role("heading", name="My submissions")).to_be_visible()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Upload a file").click()
    page.get_by_label("choose a file").set_input_files(samples.mixed())
    page.get_by_role("button", name="Upload").click()

    # Received: there is an ID at once, and nothing is called accepted.
    number = submission_id(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Submission {number}")
    expect(page.locator("[aria-current=step]")).to_have_text("Received")
    expect(page.get_by_text("Nothing is accepted yet")).to_be_visible()

    # Without a touch of the page it moves on.
    no_worker.start_worker()
    expect(page.locator("[aria-current=step]")).to_have_text("Completed")
    expect(page.get_by_role("heading", name="2 of 5 records rejected")).to_be_visible()
    assert (tally(page, "Records in file"), tally(page, "Accepted"), tally(page, "Rejected")) == (
        "5",
        "3",
        "2",
    )
    expect(page).to_have_title(f"Completed: submission {number} | iQIES Flask")
    expect(page.locator("#status-announcement")).to_have_text("Completed. 3 records accepted, 2 rejected.")

    # What was rejected is one step away.
    page.get_by_role("link", name="See the 2 rejected records").click()
    expect(page.get_by_role("article")).to_have_count(2)
    page.go_back()
    page.get_by_role("link", name="Read the Final Validation Report").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Submitter Final Validation Report")
    expect(page.get_by_role("article")).to_have_count(5)
    rejected = page.get_by_role("article").filter(has_text="Rejected")
    expect(rejected).to_have_count(2)
    expect(rejected.first.get_by_role("table")).to_contain_text("-3060 OASIS")
    expect(rejected.first.get_by_role("table")).to_contain_text("What to do:")

    shown = page.get_by_role("navigation", name="Which records to show")
    shown.get_by_role("link", name="Rejected").click()
    expect(page.get_by_role("article")).to_have_count(2)
    expect(page.get_by_text("2 rejected records")).to_be_visible()

    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    with Path(download.value.path()).open(encoding="utf-8-sig", newline="") as stream:
        text = stream.read()
    assert "-3060" in text
    assert len(list(csv.reader(text.splitlines()))) >= 5
    with page.expect_download() as download:
        page.get_by_role("link", name="Download XML").click()
    assert Path(download.value.path()).read_bytes().startswith(b"<?xml")

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    page.goto("/submissions")
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()


def test_dropping_a_file_and_uploading_it(signed_in: Page, worker: Installation, samples: Samples) -> None:
    signed_in.goto("/submissions/new")
    drop(signed_in, samples.clean(2))
    expect(signed_in.get_by_label("choose a file")).to_be_focused()
    signed_in.get_by_role("button", name="Upload").click()
    expect(signed_in.get_by_role("heading", name="All 2 records were accepted")).to_be_visible()
    expect(signed_in.get_by_text("clean.zip")).to_be_visible()


def test_two_files_dropped_together_are_not_taken(signed_in: Page, samples: Samples) -> None:
    signed_in.goto("/submissions/new")
    drop(signed_in, samples.clean(1), samples.not_a_zip())
    expect(signed_in.get_by_role("alert")).to_contain_text("Drop one file at a time")
    assert signed_in.get_by_label("choose a file").evaluate("input => input.files.length") == 0


def test_a_file_dropped_beside_the_zone_leaves_the_page_alone(signed_in: Page) -> None:
    signed_in.goto("/submissions/new")
    kept = signed_in.evaluate(
        """() => !document.querySelector('h1').dispatchEvent(
            new DragEvent('drop', {bubbles: true, cancelable: true}))"""
    )
    assert kept


def test_the_same_without_javascript(
    sign_in: SignIn, page_without_javascript: Page, user_id: str, no_worker: Installation, samples: Samples
) -> None:
    page = page_without_javascript
    sign_in(page, user_id)
    upload(page, samples.mixed())
    expect(page.locator("[aria-current=step]")).to_have_text("Received")
    no_worker.start_worker()
    for _ in range(1000):
        if not page.get_by_role("link", name="Check again").is_visible():
            break
        page.get_by_role("link", name="Check again").click()
    expect(page.get_by_role("heading", name="2 of 5 records rejected")).to_be_visible()
    page.get_by_role("link", name="Read the Final Validation Report").click()
    expect(page.get_by_role("article")).to_have_count(5)
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    page.get_by_role("navigation", name="Which records to show").get_by_role("link", name="Rejected").click()
    expect(page.get_by_role("article")).to_have_count(2)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    assert "-3060" in Path(download.value.path()).read_text(encoding="utf-8")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()


def test_with_the_keyboard_alone(
    page: Page, user_id: str, worker: Installation, samples: Samples, sign_in: SignIn
) -> None:
    def tab_to(name: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            focused = page.locator(":focus")
            assert focused.count() == 1
            outlined = focused.evaluate(
                """e => {
                  const style = getComputedStyle(e);
                  return style.outlineStyle !== 'none' || style.boxShadow !== 'none';
                }"""
            )
            assert outlined, focused.evaluate("e => e.outerHTML")
            if name in (focused.get_attribute("id"), focused.inner_text().strip()):
                return
        raise AssertionError(f"Tab never came to {name}.")

    # From now on, not only when it is waited for, the browser leaves choosing files to the test.
    page.on("filechooser", lambda _: None)
    page.goto("/sign-in")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to main content")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_attribute("autocomplete", "username webauthn")
    page.keyboard.type(user_id)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("security key")
    sign_in(page, user_id)
    expect(page.get_by_role("heading", name="My submissions")).to_be_visible()

    tab_to("Upload a file")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Upload a file")).to_be_visible()
    tab_to("submission_file")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(samples.clean(2))
    tab_to("Upload")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="All 2 records were accepted")).to_be_visible()

    tab_to("Read the Final Validation Report")
    page.keyboard.press("Enter")
    expect(page.get_by_role("article")).to_have_count(2)
    tab_to("Sign out")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()


def test_a_wrong_password_is_told_at_the_top(page: Page, user_id: str) -> None:
    give_password(page, user_id, "not the password")
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("There is a problem")
    expect(summary).to_be_focused()
    expect(page).to_have_title("Error: Sign in | iQIES Flask")
    assert "not the password" not in page.content()


def test_missing_fields_are_named_and_led_to(page: Page) -> None:
    page.goto("/sign-in")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("alert").get_by_role("link", name="Enter your user ID").click()
    field = page.get_by_label("User ID")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description("Error: Enter your user ID.")


@pytest.mark.parametrize("java_script", [True, False])
def test_uploading_without_a_file(
    sign_in: SignIn, new_context: Callable[..., BrowserContext], user_id: str, java_script: bool
) -> None:
    page = new_context(java_script_enabled=java_script).new_page()
    sign_in(page, user_id)
    page.goto("/submissions/new")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("alert").first).to_contain_text("There is a problem")
    expect(page.locator("#submission_file")).to_have_attribute("aria-invalid", "true")
    expect(page).to_have_title("Error: Upload a file | iQIES Flask")


def test_a_file_that_is_no_zip(signed_in: Page, worker: Installation, samples: Samples) -> None:
    upload(signed_in, samples.not_a_zip())
    expect(signed_in.locator("[aria-current=step]")).to_have_text("Completed")
    expect(signed_in.get_by_role("heading", name="Nothing was accepted")).to_be_visible()
    expect(signed_in.get_by_role("table", name="Messages on the file")).to_contain_text("What to do:")


def test_a_file_over_the_limit_is_refused_before_it_travels(signed_in: Page, samples: Samples) -> None:
    sent: list[Request] = []
    signed_in.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    upload(signed_in, samples.too_large())
    expect(signed_in.get_by_role("alert")).to_contain_text("larger than the limit of 5 MB")
    assert sent == []


def test_a_file_over_the_limit_is_refused_by_the_server_too(
    sign_in: SignIn, page_without_javascript: Page, user_id: str, samples: Samples
) -> None:
    sign_in(page_without_javascript, user_id)
    upload(page_without_javascript, samples.too_large())
    expect(page_without_javascript.get_by_role("main")).to_contain_text("5 MB")
    page_without_javascript.goto("/submissions")
    expect(
        page_without_javascript.get_by_role("heading", name="You have not sent a file yet")
    ).to_be_visible()


def test_an_answer_that_refuses_the_upload_is_shown(signed_in: Page, samples: Samples) -> None:
    signed_in.goto("/submissions/new")
    signed_in.locator("main input[name=csrf_token]").evaluate("input => { input.value = 'stale'; }")
    signed_in.get_by_label("choose a file").set_input_files(samples.clean(1))
    signed_in.get_by_role("button", name="Upload").click()
    expect(signed_in.get_by_role("heading", level=1)).not_to_have_text("Upload a file")
    expect(signed_in.get_by_text("Error 400")).to_be_visible()


def test_who_was_signed_out_reads_that_the_file_was_not_taken(
    signed_in: Page, user_id: str, installation: Installation, samples: Samples
) -> None:
    signed_in.goto("/submissions/new")
    signed_in.get_by_label("choose a file").set_input_files(samples.clean(1))
    installation.let_time_pass(user_id, 15 * 60)
    signed_in.get_by_role("button", name="Upload").click()
    expect(signed_in.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    expect(signed_in.get_by_text("so nothing has been done. Sign in and send it again.")).to_be_visible()
    expect(signed_in.locator("input[name=next]").first).to_have_value("/submissions/new")


def test_an_upload_that_breaks_off(signed_in: Page, samples: Samples) -> None:
    signed_in.goto("/submissions/new")
    signed_in.get_by_label("choose a file").set_input_files(samples.clean(1))
    signed_in.context.set_offline(True)
    signed_in.get_by_role("button", name="Upload").click()
    expect(signed_in.get_by_role("alert")).to_contain_text("The upload was interrupted")
    expect(signed_in.get_by_role("progressbar")).to_be_hidden()
    signed_in.context.set_offline(False)
    signed_in.get_by_role("button", name="Upload").click()
    expect(signed_in.get_by_role("heading", level=1)).to_contain_text("Submission")


def test_a_page_that_history_brings_back_uploads_again(signed_in: Page, samples: Samples) -> None:
    held: list[Route] = []

    def hold_the_first(route: Route) -> None:
        if route.request.method == "POST" and not held:
            held.append(route)
        else:
            route.continue_()

    signed_in.goto("/submissions/new")
    signed_in.get_by_label("choose a file").set_input_files(samples.clean(1))
    signed_in.route("**/submissions/new", hold_the_first)
    button = signed_in.get_by_role("button", name="Upload")
    button.click()
    expect(signed_in.get_by_role("progressbar")).to_be_visible()
    expect(button).to_be_disabled()
    signed_in.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    expect(signed_in.get_by_role("progressbar")).to_be_hidden()
    button.click()
    expect(signed_in.get_by_role("heading", level=1)).to_contain_text("Submission")


def test_progress_is_shown_and_said_once(signed_in: Page, worker: Installation, samples: Samples) -> None:
    worker.hold()
    upload(signed_in, samples.clean(4))
    bar = signed_in.get_by_role("progressbar", name="2 of 4 records checked")
    expect(bar).to_have_attribute("value", "2")
    expect(signed_in.locator("[aria-current=step]")).to_have_text("Processing")
    expect(signed_in.locator("#status-announcement")).to_have_text("Processing.")
    signed_in.evaluate(
        """() => {
          const announcement = document.getElementById('status-announcement');
          window.said = [];
          new MutationObserver(() => window.said.push(announcement.textContent))
            .observe(announcement, {childList: true});
        }"""
    )
    for _ in range(2):
        signed_in.wait_for_event("requestfinished", lambda request: request.url.endswith("/progress"))
    worker.release()
    expect(signed_in.locator("[aria-current=step]")).to_have_text("Completed")
    assert signed_in.evaluate("window.said") == ["Completed. 4 records accepted, 0 rejected."]


def test_a_link_in_the_progress_keeps_the_focus_and_the_press(
    signed_in: Page, no_worker: Installation, samples: Samples
) -> None:
    def wait_for_an_answer() -> None:
        signed_in.wait_for_event("requestfinished", lambda request: request.url.endswith("/progress"))
        signed_in.wait_for_timeout(100)  # for htmx to put it in

    upload(signed_in, samples.clean(1))
    link = signed_in.get_by_role("main").get_by_role("link", name="My submissions")
    link.focus()
    wait_for_an_answer()
    expect(link).to_be_focused()
    link.hover()
    signed_in.mouse.down()
    wait_for_an_answer()
    signed_in.mouse.up()
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("My submissions")


def test_the_focus_stays_with_the_progress_when_what_had_it_is_gone(
    signed_in: Page, no_worker: Installation, samples: Samples
) -> None:
    upload(signed_in, samples.clean(1))
    expect(signed_in.locator("[aria-current=step]")).to_have_text("Received")
    signed_in.get_by_role("main").get_by_role("link", name="My submissions").focus()
    no_worker.start_worker()
    expect(signed_in.get_by_role("heading", name="The record was accepted")).to_be_visible()
    expect(signed_in.get_by_role("region", name="Progress of the submission")).to_be_focused()
    signed_in.keyboard.press("Tab")
    expect(signed_in.get_by_role("link", name="Read the Final Validation Report")).to_be_focused()


def test_a_finished_page_asks_no_more(signed_in: Page, worker: Installation, samples: Samples) -> None:
    signed_in.clock.install()
    upload(signed_in, samples.clean(1))
    finished = signed_in.get_by_role("heading", name="The record was accepted")
    for _ in range(200):
        if finished.is_visible():
            break
        with signed_in.expect_response(lambda response: response.url.endswith("/progress")):
            signed_in.clock.run_for(1000)
    expect(finished).to_be_visible()
    asked: list[str] = []
    signed_in.on("request", lambda request: asked.append(request.url))
    signed_in.clock.run_for(60_000)
    assert asked == []


def test_a_session_that_ends_while_the_page_is_watched_leads_to_signing_in(
    signed_in: Page, user_id: str, no_worker: Installation, samples: Samples
) -> None:
    upload(signed_in, samples.clean(1))
    expect(signed_in.locator("[aria-current=step]")).to_have_text("Received")
    status = urlsplit(signed_in.url).path
    no_worker.end_sessions(user_id)
    expect(signed_in.get_by_role("heading", name="Sign in", exact=True)).to_be_visible()
    expect(signed_in.locator("input[name=next]").first).to_have_value(status)


def test_searching_my_submissions(signed_in: Page, worker: Installation, samples: Samples) -> None:
    for path in (samples.clean(1), samples.not_a_zip()):
        upload(signed_in, path)
        expect(signed_in.locator("[aria-current=step]")).to_have_text("Completed")
    signed_in.goto("/submissions")
    expect(signed_in.get_by_role("rowheader")).to_have_count(2)
    signed_in.get_by_label("Submission ID, file name or status").fill("CLEAN")
    signed_in.get_by_role("button", name="Search").click()
    expect(signed_in.get_by_role("rowheader")).to_have_count(1)
    expect(signed_in.get_by_role("rowheader")).to_contain_text("clean.zip")
    signed_in.get_by_label("Submission ID, file name or status").fill("no such file")
    signed_in.get_by_role("button", name="Search").click()
    expect(signed_in.get_by_role("heading", name="No submission matches “no such file”")).to_be_visible()
    signed_in.get_by_role("link", name="Show all").click()
    expect(signed_in.get_by_role("rowheader")).to_have_count(2)


def test_a_provider_reads_its_own_report(signed_in: Page, worker: Installation, samples: Samples) -> None:
    upload(signed_in, samples.mixed())
    expect(signed_in.locator("[aria-current=step]")).to_have_text("Completed")
    number = str(submission_id(signed_in))
    signed_in.get_by_role("link", name="Provider reports").click()
    row = signed_in.get_by_role("row").filter(has_text=number).filter(has_text="Testville Care Center")
    row.get_by_role("link").click()
    expect(signed_in.get_by_role("heading", level=1)).to_have_text("MDS 3.0 NH Final Validation Report")
    expect(signed_in.get_by_role("article")).to_have_count(2)
    expect(signed_in.get_by_role("main")).not_to_contain_text("Testville Home Health")


def test_printing_the_report(signed_in: Page, worker: Installation, samples: Samples) -> None:
    upload(signed_in, samples.mixed())
    signed_in.get_by_role("link", name="Read the Final Validation Report").click()
    signed_in.evaluate("() => { window.print = () => { window.printed = true; }; }")
    signed_in.get_by_role("button", name="Print").click()
    assert signed_in.evaluate("window.printed") is True
    signed_in.add_init_script("window.print = () => { window.printedAtOnce = true; };")
    signed_in.goto(f"{signed_in.url}?print=1")
    signed_in.wait_for_function("window.printedAtOnce")
    signed_in.emulate_media(media="print")
    expect(signed_in.get_by_role("heading", level=1)).to_be_visible()
    expect(signed_in.get_by_role("article")).to_have_count(5)
    for gone in (".site-header", ".site-footer", ".filter", "main .actions"):
        expect(signed_in.locator(gone)).to_be_hidden()
    assert signed_in.pdf().startswith(b"%PDF")
