"""Every page does with a policy that allows nothing inline."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Samples, SignIn, Violations
from tests.browser.installation import Installation
from tests.browser.test_journeys import upload


def test_no_page_violates_the_policy(
    sign_in: SignIn, page: Page, user_id: str, worker: Installation, samples: Samples, violations: Violations
) -> None:
    page.goto("/sign-in")
    sign_in(page, user_id)
    upload(page, samples.mixed())
    expect(page.locator("[aria-current=step]")).to_have_text("Completed")
    status = page.url
    for path in ("/submissions", "/submissions/new", "/reports", f"{status}/report", "/no-such-page"):
        page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert violations.seen == []


@pytest.mark.parametrize("path", ["/sign-in", "/no-such-page", "/static/site.css"])
def test_every_answer_carries_the_policy(page: Page, path: str) -> None:
    answer = page.goto(path)
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_a_violation_would_be_heard(page: Page, violations: Violations) -> None:
    page.goto("/sign-in")
    with page.expect_console_message(lambda message: "Content Security Policy" in message.text):
        page.evaluate(
            """() => {
              const script = document.createElement('script');
              script.textContent = 'window.ran = true';
              document.head.append(script);
            }"""
        )
    assert page.evaluate("window.ran") is None
    assert len(violations.seen) == 1
    violations.seen.clear()


def test_nothing_is_loaded_from_elsewhere(signed_in: Page, installation: Installation) -> None:
    asked: list[str] = []
    signed_in.on("request", lambda request: asked.append(request.url))
    signed_in.goto("/submissions/new")
    assert len(asked) > 3
    assert [url for url in asked if not url.startswith(installation.url)] == []
