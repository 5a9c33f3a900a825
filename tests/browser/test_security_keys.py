"""Security keys in a real browser, with its virtual authenticator."""

import re
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from playwright.sync_api import BrowserContext, Page, Request, expect

from tests.browser.authenticators import VirtualAuthenticator
from tests.browser.conftest import give_password
from tests.browser.installation import PASSWORD, Installation
from tests.browser.test_accessibility import check


def set_up(page: Page, user_id: str, authenticator: VirtualAuthenticator, name: str = "") -> list[str]:
    """Set the first key up, go on to the site, and give the recovery codes back."""
    give_password(page, user_id)
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up your first security key")
    page.get_by_label("Name of the key").fill(name)
    with authenticator.touched():
        page.get_by_role("button", name="Set up a key").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    codes = page.get_by_role("list", name="Recovery codes").get_by_role("listitem").all_inner_texts()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My submissions")
    return codes


def use_key(page: Page, authenticator: VirtualAuthenticator) -> None:
    with authenticator.touched(), page.expect_navigation():
        page.get_by_role("button", name="Use my key").click()


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


@pytest.fixture
def authenticator(page: Page) -> VirtualAuthenticator:
    return VirtualAuthenticator(page)


def test_from_the_first_key_to_signing_in_with_it(
    page: Page, user_id: str, authenticator: VirtualAuthenticator
) -> None:
    give_password(page, user_id)
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up your first security key")
    check(page)
    page.goto("/submissions")
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up your first security key")
    page.get_by_label("Name of the key").fill("Blue key")
    with authenticator.touched():
        page.get_by_role("button", name="Set up a key").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    check(page)
    assert "code" not in page.url
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My submissions")
    sign_out(page)

    give_password(page, user_id)
    expect(page.get_by_role("heading", level=1)).to_have_text("Use your security key")
    check(page)
    use_key(page, authenticator)
    expect(page.get_by_role("heading", level=1)).to_have_text("My submissions")
    page.goto("/security-keys")
    row = page.get_by_role("row").filter(has_text="Blue key")
    expect(row).not_to_contain_text("Not used yet")
    check(page)
    page.go_back()
    page.goto("/sign-in/key")
    expect(page.get_by_role("heading", level=1)).to_have_text("My submissions")


def test_the_page_that_was_wanted_comes_after_the_key(
    page: Page, user_id: str, authenticator: VirtualAuthenticator
) -> None:
    set_up(page, user_id, authenticator)
    sign_out(page)
    page.goto("/reports")
    page.get_by_label("User ID").fill(user_id)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    use_key(page, authenticator)
    expect(page).to_have_url(re.compile(r"/reports$"))


def test_the_recovery_codes_can_be_downloaded_and_printed(
    page: Page, user_id: str, authenticator: VirtualAuthenticator
) -> None:
    give_password(page, user_id)
    with authenticator.touched():
        page.get_by_role("button", name="Set up a key").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    codes = page.get_by_role("list", name="Recovery codes").get_by_role("listitem").all_inner_texts()
    assert len(set(codes)) == 10
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as text").click()
    assert download.value.suggested_filename == "recovery-codes.txt"
    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert text.splitlines()[-10:] == codes
    assert user_id in text
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_text("The codes were copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").splitlines() == codes
    page.evaluate("() => { window.print = () => { window.printed = true; }; }")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed") is True


def test_a_wrong_key(page: Page, user_id: str, authenticator: VirtualAuthenticator) -> None:
    set_up(page, user_id, authenticator)
    sign_out(page)
    held = authenticator.credentials
    authenticator.forget()
    give_password(page, user_id)
    # A browser does not offer a key that the site does not name.
    authenticator.touch()
    page.get_by_role("button", name="Use my key").click()
    expect(page.get_by_role("alert")).to_contain_text("No key was used")
    check(page)
    # One that pretends to be named signs with another private key.
    other = VirtualAuthenticator(page)
    other.hold({**held[0], "privateKey": another_private_key()})
    authenticator.unplug()
    with other.touched(), page.expect_navigation():
        page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("alert")).to_contain_text("This key does not belong to the account")
    check(page)
    other.forget()
    other.hold({**held[0], "signCount": 100})
    use_key(page, other)
    expect(page.get_by_role("heading", level=1)).to_have_text("My submissions")


def test_a_cancelled_prompt(page: Page, user_id: str, authenticator: VirtualAuthenticator) -> None:
    set_up(page, user_id, authenticator)
    sign_out(page)
    give_password(page, user_id)
    cancel(page)
    page.get_by_role("button", name="Use my key").click()
    expect(page.get_by_role("alert")).to_contain_text("No key was used")
    check(page)
    expect(page.get_by_role("status")).to_be_empty()
    with authenticator.touched(), page.expect_navigation():
        page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("My submissions")


def test_a_prompt_that_waits_says_so(page: Page, user_id: str, authenticator: VirtualAuthenticator) -> None:
    set_up(page, user_id, authenticator)
    sign_out(page)
    give_password(page, user_id)
    page.get_by_role("button", name="Use my key").click()
    expect(page.get_by_role("status")).to_contain_text("Waiting for your key")
    check(page)


def test_a_replayed_answer(page: Page, user_id: str, authenticator: VirtualAuthenticator) -> None:
    set_up(page, user_id, authenticator)
    sign_out(page)
    give_password(page, user_id)
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    use_key(page, authenticator)
    expect(page.get_by_role("heading", level=1)).to_have_text("My submissions")
    (answer,) = [request for request in sent if request.url.endswith("/sign-in/key")]
    assert answer.post_data
    sign_out(page)
    give_password(page, user_id)
    # The same browser, the same cookies: only the page's own token is new.
    page.locator("form[data-webauthn]").evaluate(
        """(form, sent) => {
          for (const [name, value] of new URLSearchParams(sent)) {
            if (name !== 'csrf_token') form.elements[name].value = value;
          }
          form.submit();
        }""",
        answer.post_data,
    )
    expect(page.locator("#error-summary")).to_contain_text("too late, or had been given before")
    use_key(page, authenticator)
    expect(page.get_by_role("heading", level=1)).to_have_text("My submissions")


def test_a_lost_key(page: Page, user_id: str, authenticator: VirtualAuthenticator) -> None:
    code, *_ = set_up(page, user_id, authenticator, "Lost key")
    sign_out(page)
    authenticator.unplug()
    give_password(page, user_id)
    page.get_by_role("link", name="Use a recovery code").click()
    check(page)
    page.get_by_label("Recovery code").fill("0000-0000-0000-0000")
    page.get_by_role("button", name="Use this code").click()
    expect(page.get_by_role("alert")).to_contain_text("none of your recovery codes")
    check(page)
    page.get_by_label("Recovery code").fill(code.lower().replace("-", " "))
    page.get_by_role("button", name="Use this code").click()
    expect(page.get_by_text("9 recovery codes are left")).to_be_visible()
    expect(page.get_by_role("link", name="Remove")).to_have_count(0)
    new = VirtualAuthenticator(page)
    page.get_by_role("link", name="Add a key").click()
    check(page)
    with new.touched(), page.expect_navigation():
        page.get_by_role("button", name="Add a key").click()
    page.get_by_role("row").filter(has_text="Lost key").get_by_role("link", name="Remove").click()
    check(page)
    page.get_by_role("button", name="Remove this key").click()
    expect(page.get_by_text("The key “Lost key” was removed")).to_be_visible()
    expect(page.get_by_role("rowheader")).to_have_text(["Security key"])
    expect(page.get_by_role("link", name="Remove")).to_have_count(0)
    sign_out(page)
    give_password(page, user_id)
    page.get_by_role("link", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(code)
    page.get_by_role("button", name="Use this code").click()
    expect(page.get_by_role("alert")).to_contain_text("none of your recovery codes")


def test_a_cloned_key(page: Page, user_id: str, authenticator: VirtualAuthenticator) -> None:
    code, *_ = set_up(page, user_id, authenticator)
    (before,) = authenticator.credentials
    sign_out(page)
    give_password(page, user_id)
    use_key(page, authenticator)
    sign_out(page)
    authenticator.unplug()
    copy = VirtualAuthenticator(page)
    copy.hold(before)
    give_password(page, user_id)
    use_key(page, copy)
    expect(page.get_by_role("alert")).to_contain_text("somebody may have a copy of it")
    check(page)
    expect(page.get_by_role("button", name="Use my key")).to_have_count(0)
    page.get_by_role("link", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(code)
    page.get_by_role("button", name="Use this code").click()
    expect(page.get_by_text("there may be a copy")).to_be_visible()
    check(page)


def test_two_tabs(page: Page, user_id: str, authenticator: VirtualAuthenticator) -> None:
    set_up(page, user_id, authenticator)
    sign_out(page)
    give_password(page, user_id)
    second = page.context.new_page()
    second.goto("/sign-in/key")
    expect(second.get_by_role("heading", level=1)).to_have_text("Use your security key")
    # The first tab's question is as good as ever, though the second was asked after it.
    use_key(page, authenticator)
    expect(page.get_by_role("heading", level=1)).to_have_text("My submissions")
    same = VirtualAuthenticator(second)
    same.hold(authenticator.credentials[0])
    use_key(second, same)
    expect(second.get_by_role("heading", level=1)).to_have_text("My submissions")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("My submissions")


def test_the_same_key_is_not_added_twice(
    page: Page, user_id: str, authenticator: VirtualAuthenticator
) -> None:
    set_up(page, user_id, authenticator)
    page.goto("/security-keys/new")
    authenticator.touch()
    page.get_by_role("button", name="Add a key").click()
    expect(page.get_by_role("alert")).to_contain_text("has been added already")


def test_renaming(page: Page, user_id: str, authenticator: VirtualAuthenticator) -> None:
    set_up(page, user_id, authenticator)
    page.goto("/security-keys")
    page.get_by_role("link", name="Rename Security key").click()
    check(page)
    page.get_by_label("Name of the key").fill("  ")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose another name")
    check(page)
    page.get_by_label("Name of the key").fill("Office")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("rowheader")).to_have_text(["Office"])


def test_asking_again_before_keys_are_changed(
    page: Page, user_id: str, authenticator: VirtualAuthenticator, installation: Installation
) -> None:
    code, *_ = set_up(page, user_id, authenticator)
    installation.age_proof(user_id)
    page.goto("/security-keys")
    page.get_by_role("link", name="Add a key").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Use your security key again")
    check(page)
    cancel(page)
    page.get_by_role("button", name="Use my key").click()
    expect(page.get_by_role("alert")).to_contain_text("No key was used")
    with authenticator.touched(), page.expect_navigation():
        page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Add a security key")

    installation.age_proof(user_id)
    page.goto("/recovery-codes")
    check(page)
    page.get_by_role("button", name="Make new codes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Use your security key again")
    page.get_by_role("link", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(code)
    page.get_by_role("button", name="Use this code").click()
    expect(page.get_by_text("9 recovery codes")).to_have_count(2)
    page.get_by_role("button", name="Make new codes").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your recovery codes")
    check(page)
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("You have 10 recovery codes left")).to_be_visible()


def test_signing_in_with_a_suggested_passkey(page: Page, user_id: str) -> None:
    authenticator = VirtualAuthenticator(page, internal=True)
    set_up(page, user_id, authenticator)
    sign_out(page)
    check(page)
    # Chromium's authenticator picks the one suggestion for the user ID as soon as there is one.
    authenticator.touch()
    # It may be on the way to the reports before the sign-in page has loaded to its end.
    page.goto("/sign-in?next=/reports", wait_until="commit")
    # Not the sign-in page, whose address ends so, too.
    expect(page).to_have_url(re.compile(r"^[^?]+/reports$"))
    # The page is there, and nothing is on its way any more that the next address would cut off.
    page.wait_for_load_state()
    page.goto("/security-keys")
    expect(page.get_by_role("rowheader")).to_have_text(["Passkey"])


def test_suggestions_outlive_their_question(page: Page) -> None:
    VirtualAuthenticator(page, internal=True)
    page.clock.install()
    with page.expect_response("**/sign-in/passkey"):
        page.goto("/sign-in")
    with page.expect_response("**/sign-in/passkey"):
        page.clock.run_for(4 * 60 * 1000)


def test_signing_in_with_the_button_for_passkeys(page: Page, user_id: str) -> None:
    authenticator = VirtualAuthenticator(page, internal=True)
    set_up(page, user_id, authenticator)
    sign_out(page)
    page.add_init_script(
        """const get = navigator.credentials.get.bind(navigator.credentials);
        navigator.credentials.get = (options) => {
          if (options.mediation !== 'conditional') return get(options);
          // A person who looks at the suggestions and takes none.
          return new Promise((resolve, reject) => {
            options.signal.addEventListener('abort', () => reject(options.signal.reason));
          });
        };"""
    )
    page.goto("/sign-in?next=/reports")
    cancel(page)
    button = page.get_by_role("button", name="Sign in with a passkey")
    with page.expect_response("**/sign-in/passkey"):
        button.click()
    expect(page.get_by_role("alert")).to_contain_text("No key was used")
    check(page)
    with authenticator.touched(), page.expect_navigation():
        page.get_by_role("button", name="Try again").click()
    expect(page).to_have_url(re.compile(r"/reports$"))


def test_a_key_that_does_not_check_its_user_is_no_passkey(page: Page, user_id: str) -> None:
    authenticator = VirtualAuthenticator(page, verifies=False)
    set_up(page, user_id, authenticator)
    sign_out(page)
    authenticator.touch()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("alert")).to_contain_text("No key was used")
    check(page)
    authenticator.touch(False)
    give_password(page, user_id)
    use_key(page, authenticator)
    expect(page.get_by_role("heading", level=1)).to_have_text("My submissions")


def test_a_browser_that_knows_no_keys(new_context: Callable[..., BrowserContext], user_id: str) -> None:
    page = new_context().new_page()
    page.add_init_script("delete window.PublicKeyCredential")
    page.goto("/sign-in")
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_have_count(0)
    give_password(page, user_id)
    expect(page.get_by_role("heading", name="This browser cannot ask for a security key")).to_be_visible()
    expect(page.get_by_role("button", name="Set up a key")).to_have_count(0)
    check(page)


def test_a_browser_without_scripts(
    page: Page, page_without_javascript: Page, user_id: str, authenticator: VirtualAuthenticator
) -> None:
    code, *_ = set_up(page, user_id, authenticator)
    plain = page_without_javascript
    give_password(plain, user_id)
    expect(plain.get_by_role("heading", name="This browser cannot ask for a security key")).to_be_visible()
    plain.get_by_role("link", name="Use a recovery code").click()
    plain.get_by_label("Recovery code").fill(code)
    plain.get_by_role("button", name="Use this code").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("My security keys")


def test_a_browser_that_does_not_turn_json_into_options(
    page: Page, user_id: str, authenticator: VirtualAuthenticator
) -> None:
    page.add_init_script(
        """for (const name of ['parseCreationOptionsFromJSON', 'parseRequestOptionsFromJSON']) {
          delete PublicKeyCredential[name];
        }
        delete PublicKeyCredential.prototype.toJSON;"""
    )
    set_up(page, user_id, authenticator)
    sign_out(page)
    give_password(page, user_id)
    use_key(page, authenticator)
    expect(page.get_by_role("heading", level=1)).to_have_text("My submissions")


def cancel(page: Page) -> None:
    """Have the next prompt end as it does when somebody closes its window."""
    page.evaluate(
        """() => {
          const get = navigator.credentials.get;
          navigator.credentials.get = async (options) => {
            if (options.mediation === 'conditional') return get.call(navigator.credentials, options);
            navigator.credentials.get = get;
            throw new DOMException('The operation either timed out or was not allowed.', 'NotAllowedError');
          };
        }"""
    )


def another_private_key() -> str:
    """Make a private key as the browser's debugging protocol takes it."""
    key = ec.generate_private_key(ec.SECP256R1())
    return b64encode(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode()
