from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import DictLoader

from iqies_flask import create_app
from iqies_flask.config import Settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.mail import service
from iqies_flask.mail.models import OutboxMessage


def enqueue(to: str = "person@example.org", template: str = "test", **values: object) -> OutboxMessage:
    with write_transaction() as session:
        return service.enqueue(session, to, template, **{"at": utc_now(), **values})


def test_mail_says_who_sends_it_and_where_the_site_is(app: Flask, settings: Settings) -> None:
    content = enqueue().content
    assert content is not None
    assert content["subject"] == f"E-mail from {settings.site_url} arrives"
    for part in (content["text"], content["html"]):
        assert "iQIES Flask" in part
        assert part.count(settings.site_url) >= 2
        assert "Answers to it are not read" in part
    assert "\n-- \n" in content["text"]


def test_html_fetches_nothing_and_has_no_style(app: Flask) -> None:
    content = enqueue().content
    assert content is not None
    for forbidden in ("style", "<img", "<script", "<link", "src="):
        assert forbidden not in content["html"]


def test_text_has_no_stray_lines(app: Flask) -> None:
    content = enqueue().content
    assert content is not None
    assert "\n\n\n\n" not in content["text"]
    assert not content["text"].startswith("\n")


@pytest.mark.changes_application
def test_values_are_escaped_in_html_only(app: Flask) -> None:
    app.jinja_env.loader = DictLoader(
        {
            "mail/x.txt": "Subject: About {{ name }}\n\n{{ name }}",
            "mail/x.html": "<p>{{ subject }}: {{ name }}</p>",
        }
    )
    content = enqueue(template="x", name="<b>\nTESTPERSON").content
    assert content is not None
    assert content["subject"] == "About <b>"
    assert content["text"].strip().endswith("<b>\nTESTPERSON")
    assert "<p>About &lt;b&gt;: &lt;b&gt;" in content["html"]


@pytest.mark.parametrize("address", ["nobody", "a@example.org\r\nBcc: b@example.org", "a@b.org, c@d.org", ""])
def test_what_is_no_address_is_refused(app: Flask, address: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the library's own kinds and words
        enqueue(address)
    assert service.list_unsent() == []


def test_contents_are_encrypted(app: Flask, settings: Settings) -> None:
    enqueue("somebody.special@example.org")
    kept = db.session.connection().exec_driver_sql("SELECT content FROM outbox_message").scalar_one()
    assert b"special" not in bytes(kept)


def test_mail_is_written_with_what_it_tells_of_or_not_at_all(app: Flask) -> None:
    def fail() -> None:
        with write_transaction() as session:
            service.enqueue(session, "person@example.org", "test", at=utc_now())
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert service.list_unsent() == []


def test_every_mail_extends_the_layout() -> None:
    """So that each says who sends it; and each has a text and an HTML."""
    folder = Path(__file__).parents[2] / "templates" / "mail"
    mails = {path.stem for path in folder.iterdir() if not path.stem.startswith("_")}
    assert "test" in mails
    for name in mails:
        for ending in ("txt", "html"):
            assert f"{{% extends 'mail/_layout.{ending}' %}}" in (folder / f"{name}.{ending}").read_text()


def test_mail_says_how_the_service_center_is_reached(settings: Settings) -> None:
    told = replace(settings, service_center_phone="202 555 0100", service_center_email="help@sample.example")
    with create_app(told).app_context():
        content = enqueue().content
    assert content is not None
    for part in (content["text"], content["html"]):
        assert "Service Center: 202 555 0100, help@sample.example" in part
