from dataclasses import replace

from flask import Flask
from flask.testing import FlaskClient

from iqies_flask import create_app
from iqies_flask.config import Environment, Settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.mail import service
from iqies_flask.mail.sending import send_due
from iqies_flask.mail.service import OUTBOX_PAGE


def write(to: str) -> None:
    with write_transaction() as session:
        service.enqueue(session, to, "test", at=utc_now())


def test_outbox_of_a_demonstration_shows_mail_with_its_links(client: FlaskClient, settings: Settings) -> None:
    write("first@example.org")
    send_due()
    write("second@example.org")
    page = client.get("/demo/outbox").text
    assert 0 < page.index("second@example.org") < page.index("first@example.org")
    assert f'<a href="{settings.site_url}"' in page
    assert "sent" in page


def test_empty_outbox(client: FlaskClient) -> None:
    assert "No message yet" in client.get("/demo/outbox").text


def test_outbox_is_shown_in_pages(client: FlaskClient) -> None:
    for number in range(OUTBOX_PAGE.entries + 1):
        write(f"person{number}@example.org")
    assert "person0@" not in client.get("/demo/outbox").text
    last = client.get("/demo/outbox?page=2").text
    assert "person0@" in last
    assert "person1@" not in last


def test_real_installation_has_no_such_page(settings: Settings) -> None:
    app: Flask = create_app(
        replace(settings, environment=Environment.PRODUCTION, site_url="https://site.example.org")
    )
    answer = app.test_client().get("/demo/outbox", base_url="https://site.example.org")
    assert answer.status_code == 404


def test_templates_know_a_demonstration(app: Flask, settings: Settings) -> None:
    assert app.jinja_env.globals["demonstration"] is True
    real = create_app(
        replace(settings, environment=Environment.PRODUCTION, site_url="https://site.example.org")
    )
    assert real.jinja_env.globals["demonstration"] is False
    assert "/demo/outbox" not in real.test_client().get("/sign-in", base_url="https://site.example.org").text
