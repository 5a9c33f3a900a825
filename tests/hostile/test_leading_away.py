"""Redirects and links that lead to somebody else's site: by what a request asks for, and by its host."""

import re
from dataclasses import replace
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from iqies_flask.config import Settings
from iqies_flask.extensions import limiter
from iqies_flask.identity.service import create_user
from tests.authenticator import Authenticator, add_key
from tests.browsing import answer_of_key, give_password, sign_in
from tests.conftest import PASSWORD
from tests.hostile.journey import journey
from tests.hostile.visitors import ON_ONE_DATABASE, VISITORS, browser_of, form_token, places
from tests.letters import letters

pytestmark = ON_ONE_DATABASE

EVIL = "evil.example"
TARGETS = [
    f"https://{EVIL}/",
    f"//{EVIL}/",
    f"///{EVIL}/",
    f"/\\{EVIL}/",
    f"\\\\{EVIL}/",
    f"/\t/{EVIL}/",
    f"/\r\n/{EVIL}/",
    f"/\r\nLocation: https://{EVIL}/",
    f" https://{EVIL}/",
    f"https:{EVIL}",
    f"javascript:location='//{EVIL}/'",
    f"/@{EVIL}/../..//{EVIL}/",
]
NAMES = ("next", "page", "url", "return_to", "redirect")


def leads_away(answer: TestResponse) -> bool:
    """Whether an answer leads to another site, by any of the ways in which one can."""
    ways = [answer.headers.get(name, "") for name in ("Location", "HX-Redirect", "HX-Location", "Refresh")]
    if answer.is_json:
        ways.append(str((answer.get_json() or {}).get("page", "")))
    else:
        ways += re.findall(r'(?:href|action|hx-\w+|formaction|src)="([^"]*)"', answer.text)
    # A browser takes tabs and line breaks out, and a backslash for a slash.
    plain = [re.sub(r"[\t\r\n]", "", way.strip()).replace("\\", "/").lower() for way in ways]
    return any(re.match(rf"(?:[a-z]+:|//+)[^?]*{re.escape(EVIL)}", way) for way in plain)


def test_what_leads_away_is_seen(app: Flask) -> None:
    for target in TARGETS[:6]:
        assert leads_away(TestResponse(iter([b""]), "302", [("Location", target)], request=None))  # type: ignore[arg-type]
    kept = [("Location", f"/sign-in?next=//{EVIL}/")]
    assert not leads_away(TestResponse(iter([b""]), "302", kept, request=None))  # type: ignore[arg-type]


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize("visitor", VISITORS)
def test_no_page_leads_to_where_a_request_says(
    app: Flask, monkeypatch: pytest.MonkeyPatch, visitor: str
) -> None:
    """Every page and every form, with a target in the address, in the form and as the page before."""
    monkeypatch.setattr(limiter, "enabled", False)
    led = []
    client = browser_of(app, visitor)
    for target in TARGETS[1:8]:
        asked = dict.fromkeys(NAMES, target)
        came_from = {"Referer": f"https://{EVIL}{quote(target)}"}
        for place in places(app, "GET"):
            answer = client.get(place.path, query_string=asked, headers=came_from)
            if leads_away(answer):
                led.append(("GET", place.endpoint, target))
    for target in (TARGETS[0], TARGETS[1], TARGETS[3], TARGETS[5]):
        asked = dict.fromkeys(NAMES, target)
        came_from = {"Referer": f"https://{EVIL}{quote(target)}"}
        client = browser_of(app, visitor)
        for place in places(app, "POST"):
            if place.endpoint == "sign_in.sign_out":
                client = browser_of(app, visitor)
            token = form_token(client)
            answer = client.post(
                place.path, query_string=asked, data=asked | {"csrf_token": token}, headers=came_from
            )
            if leads_away(answer):
                led.append(("POST", place.endpoint, target))
    assert led == []


@pytest.mark.parametrize("target", TARGETS)
def test_signing_in_leads_to_no_other_site(app: Flask, client: FlaskClient, target: str) -> None:
    """From the address of the sign-in page to after the last step."""
    authenticator = Authenticator()
    add_key(create_user("testperson", PASSWORD), authenticator)
    give_password(client, "testperson", next_page=target)
    answer = client.post("/sign-in/key", data=answer_of_key(client.get("/sign-in/key"), authenticator))
    assert answer.status_code == 302
    assert answer.location.startswith("/")
    assert not leads_away(answer)


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize("visitor", VISITORS)
def test_no_page_answers_under_a_made_up_host(
    app: Flask, monkeypatch: pytest.MonkeyPatch, visitor: str
) -> None:
    monkeypatch.setattr(limiter, "enabled", False)
    client = browser_of(app, visitor)
    token = form_token(client)
    answered = []
    for method in ("GET", "POST"):
        for place in places(app, method):
            answer = client.open(
                place.path, method=method, data={"csrf_token": token}, headers={"Host": EVIL}
            )
            if answer.status_code != 400 or EVIL in answer.text or "Set-Cookie" in answer.headers:
                answered.append((method, place.endpoint, answer.status_code))
    assert answered == []


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize("visitor", VISITORS)
def test_no_page_believes_a_header_that_names_the_host(
    app: Flask, monkeypatch: pytest.MonkeyPatch, visitor: str
) -> None:
    monkeypatch.setattr(limiter, "enabled", False)
    client = browser_of(app, visitor)
    headers = dict.fromkeys(("X-Forwarded-Host", "X-Host", "X-Forwarded-Server", "X-Original-Host"), EVIL)
    headers["Forwarded"] = f"host={EVIL}"
    for place in places(app, "GET"):
        answer = client.get(place.path, headers=headers)
        assert EVIL not in answer.text + str(answer.headers), place


class TestUnderAnotherName:
    """The site answers under two names; a request comes under the one that is not its address."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, site_url="http://iqies.example", trusted_hosts=("monitor.example",))

    def test_links_in_every_mail_lead_to_the_address_of_the_settings(self, app: Flask) -> None:
        done = journey(app, host="monitor.example", origin="http://iqies.example", rp_id="iqies.example")
        sent = letters()
        assert {letter.template for letter in sent} == done.templates
        for letter in sent:
            led_to = re.findall(r"\bhttps?://[^\s\"<>]+", letter.text + letter.html)
            assert led_to, letter.template
            for url in led_to:
                assert url.startswith("http://iqies.example/") or url == "http://iqies.example", (
                    letter.template
                )


def test_sessions_do_not_cross_from_one_name_to_another(client: FlaskClient) -> None:
    """Cookies carry no domain, so that a browser gives them back to the host alone that set them."""
    create_user("testperson", PASSWORD)
    sign_in(client, "testperson")
    assert all(cookie.domain == "localhost" and cookie.origin_only for cookie in client._cookies.values())
