import re
import subprocess
import sys

from flask import Flask
from lxml import html

from iqies_flask.config import Settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.mail import service
from iqies_flask.mail.delivery import compose
from iqies_flask.mail.looks import STYLE_SHEET, styled
from iqies_flask.resources import templates_folder


def sent(settings: Settings) -> tuple[str, html.HtmlElement, str]:
    """What a mail program gets of an e-mail: its text, its page, and that page's source."""
    with write_transaction() as session:
        message = service.enqueue(session, "person@example.org", "test", at=utc_now())
    text, page = (part.get_content() for part in compose(message, settings).iter_parts())
    assert message.content is not None
    assert text == message.content["text"]
    return text, html.document_fromstring(page), page


def luminance(color: str) -> float:
    """As WCAG 2.2 defines it for a colour that is not very dark."""
    red, green, blue = (((int(color[at : at + 2], 16) / 255 + 0.055) / 1.055) ** 2.4 for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_what_a_mail_is_about_is_a_button(app: Flask, settings: Settings) -> None:
    _, page, _ = sent(settings)
    (button,) = page.xpath("//p[@class='action']/a")
    assert button.get("href") == settings.site_url
    assert "padding: 12px 24px" in button.get("style")
    assert "background: #0071bc" in button.get("style")


def test_mail_is_as_wide_as_is_read_well(app: Flask, settings: Settings) -> None:
    _, page, _ = sent(settings)
    assert "max-width: 600px" in page.body[0].get("style")


def test_mail_fetches_nothing_and_says_the_same_as_before(app: Flask, settings: Settings) -> None:
    text, page, source = sent(settings)
    for forbidden in ("<style", "<link", "<img", "<script", "src=", "url(", "@import", "background="):
        assert forbidden not in source
    assert settings.site_url in text
    assert "iqies mail test" in page.text_content()


def test_words_stay_as_they_are() -> None:
    words = "<p>Größe “x” &lt;b&gt; &amp; ✓</p>"
    inside = styled(f"<!doctype html><html><body>{words}</body></html>").partition("<p")[2]
    assert inside.partition(">")[2].startswith("Größe “x” &lt;b&gt; &amp; ✓</p>")


def test_each_text_is_dark_enough() -> None:
    rules = (templates_folder() / STYLE_SHEET).read_text("utf-8")
    found = re.findall(r"\{([^}]*[ ;]color: #[^}]*)\}", rules)
    assert len(found) >= 4
    for rule in found:
        color = re.search(r"(?<!-)\bcolor: (#\w{6})", rule)
        ground = re.search(r"\bbackground: (#\w{6})", rule)
        assert color is not None
        assert contrast(color[1], ground[1] if ground else "#ffffff") >= 4.5, rule


def test_web_process_does_not_load_the_library_for_it() -> None:
    program = "import sys, iqies_flask.application; sys.exit('css_inline' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
