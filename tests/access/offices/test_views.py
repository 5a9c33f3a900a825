"""The pages about offices."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from iqies_flask.access.grants import appoint, offices_of
from iqies_flask.access.roles import Role
from iqies_flask.identity.models import User
from tests.access.officials.people import add_cms_official, add_user
from tests.access.officials.test_views import send
from tests.browsing import sign_in

OFFICES = "/offices"


@pytest.fixture
def cms(app: Flask) -> User:
    return add_cms_official("test.cms")


@pytest.fixture
def viewer(app: Flask) -> User:
    viewer = add_user("test.viewer", named=True)
    appoint(viewer, Role.STATE_VIEWER)
    return viewer


def test_cms_sees_and_revokes_offices(client: FlaskClient, cms: User, viewer: User) -> None:
    sign_in(client, cms.user_id)
    page = client.get(OFFICES)
    assert "Testy Q Testperson" in page.text
    assert "test.cms (you)" in page.text
    link = f"{OFFICES}/state_viewer/of/{viewer.id}/revocation"
    assert f'href="{link}"' in page.text
    assert send(client, link, reason="").status_code == 422
    assert send(client, link, reason="Left.").headers["Location"] == OFFICES
    assert "is no longer State Agency Viewer. The person is told by e-mail." in client.get(OFFICES).text
    assert offices_of(viewer) == []
    assert client.get(link).status_code == 404
    own = send(client, f"{OFFICES}/cms_official/of/{cms.id}/revocation", reason="Enough.")
    assert own.status_code == 422
    assert "Nobody decides about the own offices." in own.text


@pytest.mark.parametrize(
    "office", ["nobody", "auditor", "provider_security_official", "CMS_OFFICIAL", "x" * 300, "\0"]
)
def test_no_other_offices_exist_there(client: FlaskClient, cms: User, office: str) -> None:
    holder = add_user("test.holder")
    appoint(holder, Role.AUDITOR)
    sign_in(client, cms.user_id)
    for number in (holder.id, 4711, 10**30):
        assert client.get(f"{OFFICES}/{office}/of/{number}/revocation").status_code == 404
    assert client.get(f"{OFFICES}/held/{office}/end").status_code == 404
    for after in ("abc", "-1", str(10**30)):
        assert client.get(OFFICES, query_string={"after": after}).status_code == 200


def test_others_read_why_not_and_the_pages_of_an_office_do_not_exist(
    client: FlaskClient, cms: User, viewer: User
) -> None:
    sign_in(client, viewer.user_id)
    answer = client.get(OFFICES)
    assert (answer.status_code, "It takes the role CMS Official." in answer.text) == (403, True)
    for page in (
        f"{OFFICES}/cms_official/of/{cms.id}/revocation",
        f"{OFFICES}/held/cms_official/end",
    ):
        assert client.get(page).status_code == 404


def test_a_holder_gives_the_office_up(client: FlaskClient, viewer: User) -> None:
    sign_in(client, viewer.user_id)
    page = f"{OFFICES}/held/state_viewer/end"
    assert f'href="{page}"' in client.get("/profile").text
    assert "To have it back you must request it again." in client.get(page).text
    answer = send(client, page)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/profile#roles")
    assert "You have given up the office State Agency Viewer." in client.get("/profile").text
    assert offices_of(viewer) == []


def test_the_last_official_of_cms_is_told_to_stay(client: FlaskClient, cms: User) -> None:
    sign_in(client, cms.user_id)
    page = f"{OFFICES}/held/cms_official/end"
    assert "You cannot give it up now" in client.get(page).text
    assert send(client, page).status_code == 422
    assert offices_of(cms) == [Role.CMS_OFFICIAL]
