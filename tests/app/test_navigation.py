import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html

from iqies_flask.access.grants import appoint, grant
from iqies_flask.access.models import Provider
from iqies_flask.access.roles import Role
from iqies_flask.identity.models import User
from iqies_flask.submissions.processing import process_submission
from tests.browsing import sign_in
from tests.submissions.uploading import oasis, submit, zip_of


def links(client: FlaskClient, page: str) -> dict[str, str | None]:
    """The links at the top of a page, and what marks each as the current one."""
    found = html.fromstring(client.get(page, follow_redirects=True).text).cssselect("nav.site-nav a")
    return {link.text.strip(): link.get("aria-current") for link in found}


def test_without_an_account_the_public_pages_are_linked(client: FlaskClient) -> None:
    for page in ("/vut", "/reference", "/sign-in", "/nowhere"):
        assert list(links(client, page)) == ["Validation Utility Tool", "Reference", "Sign in"]
    assert links(client, "/vut")["Validation Utility Tool"] == "page"


@pytest.mark.parametrize(
    ("page", "marked"),
    [
        ("/submissions", {"My submissions": "page"}),
        ("/submissions/new", {"Upload a file": "page"}),
        ("/submissions/{}", {"My submissions": "true"}),
        ("/submissions/{}/report", {"My submissions": "true"}),
        ("/submissions/{}/providers/997999/report", {"Provider reports": "true"}),
        ("/reference/OASIS/3.02/edits/-3060", {"Reference": "true"}),
        ("/submissionsx", {}),
        ("/profile/password", {}),
    ],
)
def test_one_knows_in_which_section_one_is(
    client: FlaskClient, submitter: User, page: str, marked: dict[str, str]
) -> None:
    submission = submit(submitter, zip_of(oasis(1)))
    process_submission(submission.id)
    sign_in(client, submitter.user_id)
    shown = links(client, page.format(submission.id))
    assert {name: current for name, current in shown.items() if current} == marked


def test_my_profile_is_marked_on_its_pages(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    for page, current in (("/profile", "page"), ("/profile/sessions", "true"), ("/submissions", None)):
        found = html.fromstring(client.get(page).text).cssselect(".site-header__profile")
        assert [link.get("aria-current") for link in found] == [current]


@pytest.mark.parametrize(
    ("role", "home"),
    [
        (None, "/submissions"),
        (Role.ASSESSMENT_SUBMITTER, "/submissions"),
        (Role.PROVIDER_ASSESSMENT_VIEWER, "/reports"),
        (Role.CMS_OFFICIAL, "/officials/first-officials"),
        (Role.PROOFING_OFFICER, "/service-center/proofing"),
        (Role.AUDITOR, "/service-center/audit"),
    ],
)
def test_the_start_page_is_where_the_work_is(
    app: Flask, client: FlaskClient, stranger: User, provider: Provider, role: Role | None, home: str
) -> None:
    if role in {Role.ASSESSMENT_SUBMITTER, Role.PROVIDER_ASSESSMENT_VIEWER}:
        grant(stranger, provider.ccn, role)
    elif role is not None:
        appoint(stranger, role)
    sign_in(client, stranger.user_id)
    assert client.get("/").location == home
    assert ("Upload a file" in links(client, "/submissions")) == (home == "/submissions")
