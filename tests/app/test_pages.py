from dataclasses import replace
from datetime import UTC, datetime

from flask import Flask
from flask.testing import FlaskClient

from iqies_flask import create_app
from iqies_flask.config import Settings
from iqies_flask.identity.models import User
from tests.browsing import sign_in


def test_start_page_leads_to_signing_in_and_then_to_the_submissions(
    client: FlaskClient, submitter: User
) -> None:
    assert client.get("/").location == "/sign-in"
    sign_in(client, submitter.user_id)
    assert client.get("/").location == "/submissions"


def test_health_check_needs_no_account(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok")


def test_times_are_shown_in_the_installation_s_zone(app: Flask, settings: Settings) -> None:
    moment = datetime(2026, 1, 1, 3, 4, 5, tzinfo=UTC)
    assert app.jinja_env.filters["local_time"](moment) == "Jan 1, 2026, 3:04:05 AM UTC"
    eastern = create_app(replace(settings, time_zone="America/New_York"))
    assert eastern.jinja_env.filters["local_time"](moment) == "Dec 31, 2025, 10:04:05 PM EST"


def test_foot_of_pages_says_how_the_service_center_is_reached(
    settings: Settings, client: FlaskClient
) -> None:
    assert "service-center" not in client.get("/sign-in").text
    told = create_app(
        replace(
            settings,
            service_center_name="Help <Desk>",
            service_center_phone="202 555 0100",
            service_center_email="help@sample.example",
        )
    )
    page = told.test_client().get("/sign-in").text
    for part in ("Help &lt;Desk&gt;:", 'href="tel:2025550100">202 555 0100', "mailto:help@sample.example"):
        assert part in page
    by_phone = create_app(replace(settings, service_center_phone="202 555 0100"))
    page = by_phone.test_client().get("/sign-in").text
    assert "<strong>Service Center:</strong>" in page
    assert "mailto:" not in page
