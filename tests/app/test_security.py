from dataclasses import replace
from http.cookies import SimpleCookie

import pytest
from flask import Flask
from flask.testing import FlaskClient

from iqies_flask import create_app
from iqies_flask.config import Settings
from tests.browsing import token_of


@pytest.mark.parametrize("path", ["/sign-in", "/healthz", "/nowhere", "/static/site.css"])
def test_every_answer_has_a_strict_policy(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Strict-Transport-Security" not in headers


def test_pages_are_not_kept_in_caches_but_style_sheets_are(client: FlaskClient) -> None:
    assert client.get("/sign-in").headers["Cache-Control"] == "no-store"
    assert "no-store" not in client.get("/static/site.css").headers["Cache-Control"]


def test_over_https_cookies_are_secure_and_browsers_are_told_to_insist(settings: Settings) -> None:
    app = create_app(replace(settings, https=True))
    answer = app.test_client().get("/sign-in", base_url="https://localhost")
    assert "max-age=" in answer.headers["Strict-Transport-Security"]
    cookie = SimpleCookie(answer.headers["Set-Cookie"])["__Host-session"]
    assert cookie["secure"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["path"] == "/"


def test_addresses_behind_a_proxy_are_believed_only_if_it_is_trusted(settings: Settings) -> None:
    forwarded = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "site.example"}
    for proxies, location in ((0, "http://localhost/x"), (1, "https://site.example/x")):
        app = create_app(replace(settings, trusted_proxies=proxies, trusted_hosts=("site.example",)))
        # Before the gate: nobody needs to be signed in to see it.
        app.before_request_funcs[None].insert(1, lambda app=app: app.url_for("x", _external=True))
        app.add_url_rule("/x", endpoint="x", view_func=str)
        assert app.test_client().get("/x", headers=forwarded).text == location


def test_forms_need_their_token(client: FlaskClient) -> None:
    answer = client.post("/sign-in", data={"user_id": "somebody", "password": "x"})
    assert answer.status_code == 400
    assert "open for too long" in answer.text


def test_token_of_another_session_does_not_do(app: Flask) -> None:
    theirs = token_of(app.test_client().get("/sign-in"))
    mine = app.test_client()
    mine.get("/sign-in")
    answer = mine.post("/sign-in", data={"csrf_token": theirs, "user_id": "somebody", "password": "x"})
    assert answer.status_code == 400
