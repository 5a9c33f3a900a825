"""Forms that another site has a browser send."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from iqies_flask.extensions import limiter
from tests.hostile.visitors import ON_ONE_DATABASE, VISITORS, browser_of, browsers, form_token, places
from tests.statements import noted

pytestmark = [pytest.mark.usefixtures("accounts"), ON_ONE_DATABASE]

FOR_PROGRAMS = {"vut_api.assessment_upload"}
"""Looks at no session, so there is nothing that could be done in somebody's name."""

LEADS_ON = {"sign_in.key", "sign_in.password", "sign_in.recovery_code", "sign_in.sign_out"}
"""Where there may be nothing to be done, as somebody is signed in or nobody: these lead on then."""

REFUSED = "The page was open for too long"


def written(statements: list[str]) -> list[str]:
    """Those that write into the database."""
    return [statement for statement in statements if re.match(r"\s*(INSERT|UPDATE|DELETE)", statement)]


@pytest.mark.parametrize(
    "token", ["none", "made up", "of another session", "of another session, as a header"]
)
def test_no_form_is_taken_without_the_token_of_its_session(
    app: Flask, attacker: FlaskClient, token: str
) -> None:
    """Every address that takes a form, for every kind of visitor: refused, and nothing is written."""
    theirs = form_token(attacker)
    fields = {"made up": {"csrf_token": "x"}, "of another session": {"csrf_token": theirs}}.get(token, {})
    headers = {"X-CSRFToken": theirs} if "header" in token else {}
    taken = []
    for visitor, client in browsers(app):
        form_token(client)
        for place in places(app, "POST"):
            if place.endpoint in FOR_PROGRAMS:
                continue
            with noted() as statements:
                answer = client.post(place.path, data=fields, headers=headers)
            refused = answer.status_code == 400
            led_on = answer.status_code == 302 and place.endpoint in LEADS_ON
            if written(statements) or not (refused or led_on):
                taken.append((visitor, place.endpoint, answer.status_code, written(statements)))
        # Whoever was signed in still is.
        assert (client.get("/session").get_json()["seconds"] > 0) == (visitor not in VISITORS[:2])
    assert taken == []


def test_the_right_token_is_taken(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "enabled", False)
    refused = []
    for visitor in VISITORS:
        for place in places(app, "POST"):
            client = browser_of(app, visitor)
            answer = client.post(place.path, data={"csrf_token": form_token(client)})
            if REFUSED in answer.text:
                refused.append((visitor, place.endpoint))
    assert refused == []


def test_nothing_but_the_service_for_programs_goes_without_tokens(app: Flask) -> None:
    csrf = app.extensions["csrf"]
    assert csrf._exempt_views == set()
    assert {blueprint.name for blueprint in csrf._exempt_blueprints} == {"vut_api"}
    of_it = {place.endpoint for place in places(app, "POST") if place.endpoint.startswith("vut_api.")}
    assert of_it == FOR_PROGRAMS


def test_other_methods_change_nothing(app: Flask) -> None:
    """What changes anything is a POST, which alone is protected by a token."""
    for method in ("PUT", "PATCH", "DELETE"):
        assert places(app, method) == []


def test_opening_pages_changes_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture on another site can have any page opened."""
    monkeypatch.setattr(limiter, "enabled", False)
    # A question to a key, and that somebody looked at what is confidential.
    allowed = re.compile(r"(?:INSERT INTO|DELETE FROM|UPDATE) (?:webauthn_challenge|audit_(?:entry|head))\b")
    changed = []
    for visitor, client in browsers(app):
        for place in places(app, "GET"):
            with noted() as statements:
                client.get(place.path)
            changed += [
                (visitor, place.path, each) for each in written(statements) if not allowed.match(each)
            ]
    assert changed == []
