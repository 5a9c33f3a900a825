import shutil
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from iqies_flask.specs.sample_batch import sample_files, write_zip
from tests.browser.installation import MDS_CCN, OASIS_CCN, PASSWORD, PROVIDERS, Installation, running
from tests.packs import all_packs

CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first is the same browser without its own windows and menus, and takes two thirds of the time."""

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MILLISECONDS = 60_000
"""How long a page may take to show what is waited for. A machine that does much else is slow."""

expect.set_options(timeout=PATIENCE_MILLISECONDS)
_numbers = count(1)
_seeds = count(1)


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with running(tmp_path_factory.mktemp("installation")) as made:
        yield made


@pytest.fixture
def worker(installation: Installation) -> Installation:
    """The installation with its worker running."""
    installation.start_worker()
    return installation


@pytest.fixture
def no_worker(installation: Installation) -> Installation:
    """The installation with its worker stopped, so that submissions stay "Received"."""
    installation.stop_worker()
    return installation


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, closed after this folder: while Playwright runs, its thread has a running event loop."""
    executable = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    assert executable, "The browser tests need Chromium; scripts/install-browser finds or installs it."
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, headless=True, args=ARGUMENTS)
        yield started
        started.close()


class Violations:
    """What browsers say when a page does what its content security policy forbids."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def hear(self, message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            self.seen.append(message.text)


@pytest.fixture
def violations() -> Violations:
    return Violations()


@pytest.fixture
def new_context(
    browser: Browser, installation: Installation, violations: Violations
) -> Iterator[Callable[..., BrowserContext]]:
    """Open browser contexts, in which no page may violate its policy or raise a script error."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def new(**options: object) -> BrowserContext:
        context = browser.new_context(base_url=installation.url, **options)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MILLISECONDS)
        context.on("console", violations.hear)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        contexts.append(context)
        return context

    yield new
    for context in contexts:
        context.close()
    assert violations.seen == []
    assert errors == []


@pytest.fixture
def page(new_context: Callable[..., BrowserContext]) -> Page:
    return new_context().new_page()


@pytest.fixture
def page_without_javascript(new_context: Callable[..., BrowserContext]) -> Page:
    return new_context(java_script_enabled=False).new_page()


@pytest.fixture
def user_id(installation: Installation) -> str:
    """A new account that may send files for both providers, and has sent none."""
    name = f"tester.{next(_numbers)}"
    installation.add_user(name, OASIS_CCN, MDS_CCN)
    return name


def give_password(page: Page, user_id: str, password: str = PASSWORD) -> None:
    """Take the first step of signing in."""
    page.goto("/sign-in")
    page.get_by_label("User ID").fill(user_id)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()


SignIn = Callable[[Page, str], None]


@pytest.fixture
def sign_in(installation: Installation) -> SignIn:
    """Signs somebody in wholly, and shows the start page. The steps themselves have tests of their own."""

    def complete(page: Page, user_id: str) -> None:
        # What the script of a sign-in page still fetches would bring a cookie in place of these.
        page.goto("about:blank")
        sent = (f"{cookie['name']}={cookie['value']}" for cookie in page.context.cookies())
        cookies = installation.session_cookies(user_id, "; ".join(sent))
        page.context.add_cookies(
            [{"name": name, "value": value, "url": installation.url} for name, value in cookies.items()]
        )
        page.goto("/")

    return complete


@pytest.fixture
def signed_in(page: Page, user_id: str, sign_in: SignIn) -> Page:
    sign_in(page, user_id)
    return page


class Samples:
    """Makes files to upload. No two batches of one run hold the same record."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._packs = {pack.system: pack for pack in all_packs()}

    def files(
        self,
        system: str,
        subset: str,
        number: int,
        break_edit: str | None = None,
        provider: tuple[str, str] | None = None,
    ) -> list[tuple[str, bytes]]:
        """Make records; of another provider than the usual one where its CCN and facility ID are given."""
        ccn, _, state, facility_id, _ = PROVIDERS[0] if system == "OASIS" else PROVIDERS[1]
        ccn, facility_id = provider or (ccn, facility_id)
        return list(
            sample_files(
                self._packs[system],
                subset,
                number,
                seed=next(_seeds),
                break_edit=break_edit,
                ccn=ccn,
                facility_id=facility_id,
                state=state,
            )
        )

    def zip(self, name: str, *files: tuple[str, bytes]) -> Path:
        path = self._folder / name
        stream = BytesIO()
        write_zip(files, stream)
        path.write_bytes(stream.getvalue())
        return path

    def mixed(self) -> Path:
        """Three OASIS records and two MDS records, the last two OASIS ones broken."""
        return self.zip(
            "mixed.zip",
            *self.files("OASIS", "01", 1),
            *self.files("MDS", "NC", 2),
            *self.files("OASIS", "01", 2, break_edit="-3060"),
        )

    def clean(self, number: int = 3) -> Path:
        return self.zip("clean.zip", *self.files("OASIS", "01", number))

    def not_a_zip(self) -> Path:
        path = self._folder / "notes.zip"
        path.write_text("These are notes, and no zip.")
        return path

    def too_large(self) -> Path:
        path = self._folder / "large.zip"
        path.write_bytes(bytes(5 * 2**20 + 1))
        return path


@pytest.fixture
def samples(tmp_path: Path) -> Samples:
    return Samples(tmp_path)
