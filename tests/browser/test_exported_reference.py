"""The exported reference in a browser, opened from the disk and from a plain web server."""

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from iqies_flask.catalogue import OWN_MESSAGES
from iqies_flask.reference.exporting.export import export_reference
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.reference_search import search
from tests.browser.test_accessibility import check
from tests.packs import all_packs


@pytest.fixture(scope="module")
def packs() -> list[Pack]:
    return all_packs()


@pytest.fixture(scope="module")
def exported(packs: list[Pack], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reference") / "exported"
    export_reference(packs, OWN_MESSAGES, folder)
    return folder


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing of each request."""


@pytest.fixture(scope="module")
def served(exported: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_QuietHandler, directory=str(exported)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["disk", "server"])
def start(request: pytest.FixtureRequest, exported: Path) -> str:
    """The address of the first page."""
    if request.param == "disk":
        return f"{exported.as_uri()}/index.html"
    return f"{request.getfixturevalue('served')}/index.html"


def shown(page: Page) -> list[str]:
    return page.locator("#found tbody th").all_inner_texts()


def test_an_edit_is_found_and_read(page: Page, start: str) -> None:
    page.goto(start)
    page.get_by_label("Id or words").fill("3261")
    expect(page.get_by_role("status")).to_contain_text("found")
    page.get_by_role("link", name="-3261", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("OASIS 3.02: edit -3261")
    expect(page.locator(".clause__box--then")).to_be_visible()
    assert page.evaluate("document.styleSheets.length") == 3
    assert page.evaluate(
        "document.fonts.ready.then(() => [...document.fonts].some(f => f.status === 'loaded'))"
    )
    page.get_by_role("link", name="M0090_INFO_COMPLETED_DT").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("OASIS 3.02: item M0090_INFO_COMPLETED_DT")
    page.go_back()
    page.go_back()
    expect(page.get_by_label("Id or words")).to_have_value("3261")
    assert shown(page)[0] == "-3261"


@pytest.mark.parametrize(
    "query", ["3261", "-3300", "m0090_info_completed_dt", "Start  CARE date", "zebra", "a"]
)
def test_the_search_finds_what_the_site_finds(page: Page, start: str, packs: list[Pack], query: str) -> None:
    for chosen in ("", "MDS 3.10"):
        page.goto(start)
        page.get_by_label("Id or words").fill(query)
        page.get_by_label("Data specification").select_option(chosen)
        searched = [pack for pack in packs if chosen in {"", pack.name}]
        expected = [entry.id for entry in search(searched, query, OWN_MESSAGES)]
        assert shown(page) == expected[:50]
        count = len(expected)
        said = f"{count:,} edits and items found" if count > 1 else "1 edit or item found"
        expect(page.get_by_role("status")).to_contain_text(said if count else "Nothing matches")
        page.get_by_role("button", name="Search").click()
        assert shown(page) == expected[:50]
        expect(page.get_by_role("link", name="OASIS 3.02", exact=True)).to_be_hidden()


def test_what_was_searched_for_is_in_the_address_and_no_markup(page: Page, start: str) -> None:
    page.goto(f"{start}?q=%3Cb%20id%3Dhurt%3E&pack=NONE")
    expect(page.get_by_role("status")).to_contain_text("Nothing matches “<b id=hurt>”")
    assert page.locator("#hurt").count() == 0
    page.get_by_label("Id or words").fill("")
    expect(page.get_by_role("link", name="OASIS 3.02", exact=True)).to_be_visible()
    assert page.url == start


def test_without_a_script_the_lists_lead_everywhere(
    new_context: Callable[..., BrowserContext], start: str
) -> None:
    page = new_context(java_script_enabled=False).new_page()
    page.goto(start)
    expect(page.get_by_role("search")).to_be_hidden()
    page.get_by_role("link", name="OASIS 3.02", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("OASIS 3.02")
    page.get_by_role("link", name="Section M", exact=True).click()
    page.get_by_role("link", name="M1306_UNHLD_STG2_PRSR_ULCR").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("item M1306_UNHLD_STG2_PRSR_ULCR")


def test_the_pages_are_accessible(page: Page, served: str) -> None:
    # From a disk axe would fetch the style sheets, which the policy rightly forbids.
    page.goto(f"{served}/index.html")
    check(page)
    page.get_by_label("Id or words").fill("-4070")
    expect(page.get_by_role("status")).to_contain_text("found")
    check(page)
    page.get_by_role("link", name="-4070", exact=True).click()
    expect(page.get_by_role("heading", name="Clause (a)")).to_be_visible()
    check(page)
    page.get_by_role("link", name="A0310H", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("MDS 3.10: item A0310H")
    check(page)
    page.get_by_role("link", name="Reference of items and edits").click()
    page.get_by_role("link", name="MDS 3.10", exact=True).click()
    check(page)
    page.get_by_role("link", name="Edits -").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("MDS 3.10: Edits -")
    check(page)
