from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html

from iqies_flask.access import permission
from iqies_flask.access.actions import OF_OFFICES
from iqies_flask.access.grants import appoint, grant
from iqies_flask.access.matrix import built_in_matrix, built_in_text
from iqies_flask.access.models import OfficeGrant, Provider, RoleGrant, RoleRequest
from iqies_flask.access.roles import Role
from iqies_flask.config import Settings
from iqies_flask.identity.models import User
from tests.browsing import sign_in
from tests.statements import noted

PAGE = "/roles/matrix"
OFFICES = [role for role, entry in built_in_matrix().roles.items() if not entry.for_provider]


def cell(page: str, action: str, role: str) -> str:
    """What the table says of a role and an action, read as a screen reader finds it: by the headers."""
    for table in html.fromstring(page).iter("table"):
        columns = [header.text_content().strip() for header in table.xpath(".//thead//th[@scope='col']")]
        for row in table.xpath(".//tbody/tr"):
            (header,) = row.xpath("./th[@scope='row']")
            if header.text_content().strip() == action and role in columns:
                return " ".join(row.xpath("./td")[columns.index(role) - 1].text_content().split())
    raise AssertionError((action, role))


def test_everybody_who_is_signed_in_sees_the_whole_matrix(client: FlaskClient, stranger: User) -> None:
    assert client.get(PAGE).location.startswith("/sign-in?")
    sign_in(client, stranger.user_id)
    page = client.get(PAGE).text
    matrix = built_in_matrix()
    for entry in matrix.roles.values():
        assert entry.describes in html.fromstring(page).text_content()
        for action, label in matrix.actions.items():
            if (action in OF_OFFICES) is not entry.for_provider:
                assert cell(page, label, entry.label) == ("Yes" if action in entry.actions else "No")
    assert "changed here" not in page


def test_what_the_operator_changed_is_marked(
    app: Flask, client: FlaskClient, stranger: User, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "matrix.toml"
    path.write_text(
        built_in_text().replace('may = ["upload", "view_reports"]', 'may = ["upload", "add_patient"]', 1)
    )
    permission.init_app(app, replace(settings, matrix_file=path))
    sign_in(client, stranger.user_id)
    page = client.get(PAGE).text
    assert "Whoever runs this site has changed" in page
    assert cell(page, "Add patient record", "Assessment Submitter") == "Yes (changed here)"
    assert cell(page, "Generate and view reports", "Assessment Submitter") == "No (changed here)"
    assert cell(page, "Upload XML files", "Assessment Submitter") == "Yes"
    assert page.count("(changed here)") == 2


def test_navigation_shows_what_one_may(client: FlaskClient, stranger: User, provider: Provider) -> None:
    sign_in(client, stranger.user_id)
    assert "Provider reports</a>" not in client.get(PAGE).text
    grant(stranger, provider.ccn, Role.PROVIDER_ASSESSMENT_VIEWER)
    assert '<a class="site-nav__link" href="/reports">Provider reports</a>' in client.get(PAGE).text


@pytest.mark.parametrize(
    ("roles", "expected"),
    [
        ([], 1),
        ([Role.ASSESSMENT_SUBMITTER, Role.AUDITOR], 1),
        ([Role.PROVIDER_SECURITY_OFFICIAL], 2),
        ([Role.CMS_OFFICIAL], 2),
        ([Role.PROVIDER_SECURITY_OFFICIAL, *OFFICES], 2),
    ],
)
def test_navigation_looks_at_roles_once_and_counts_what_waits_once(
    client: FlaskClient, stranger: User, provider: Provider, roles: list[Role], expected: int
) -> None:
    for role in roles:
        if role in OFFICES:
            appoint(stranger, role)
        else:
            grant(stranger, provider.ccn, role)
    sign_in(client, stranger.user_id)
    with noted() as asked:
        # The page itself asks nothing.
        assert client.get(PAGE).status_code == 200
    tables = (OfficeGrant.__tablename__, RoleGrant.__tablename__, RoleRequest.__tablename__)
    assert len([one for one in asked if any(table in one for table in tables)]) == expected


@pytest.mark.parametrize(
    ("role", "warned"),
    [
        (None, True),
        (Role.PROVIDER_ADMINISTRATOR, True),
        (Role.ASSESSMENT_SUBMITTER, False),
        (Role.VENDOR_ASSESSMENT_SUBMITTER, False),
        (Role.PROVIDER_SECURITY_OFFICIAL, False),
    ],
)
def test_upload_page_says_why_nothing_would_be_taken(
    client: FlaskClient, stranger: User, provider: Provider, role: Role | None, warned: bool
) -> None:
    if role is not None:
        grant(stranger, provider.ccn, role)
    sign_in(client, stranger.user_id)
    page = client.get("/submissions/new").text
    assert ("Assessments that you send now are rejected" in page) is warned
    assert ("Payroll Based Journal files need no role" in page) is warned
    assert 'name="submission_file"' in page
