import re
from datetime import UTC, date, datetime
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from iqies_flask.access.branches import ListedBranch, list_branches
from iqies_flask.access.grants import appoint, grant
from iqies_flask.access.models import Provider, RoleGrant
from iqies_flask.access.registry import add_provider
from iqies_flask.access.roles import Role
from iqies_flask.audit.search import Filter, find
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.service import create_user, deactivate, find_user
from tests.browsing import sign_in, token_of
from tests.conftest import PASSWORD

AGENCY, HOME = "/providers/997999", "/providers/995001"


@pytest.fixture
def home(app: Flask) -> Provider:
    return add_provider("995001", "Sample <b>Nursing</b>", "OH", "", None)


def browsing(client: FlaskClient, user: User, role: Role | None) -> FlaskClient:
    if role in {Role.CMS_OFFICIAL, Role.STATE_VIEWER, Role.REGISTRY_MANAGER, Role.AUDITOR}:
        appoint(user, role)
    elif role is not None:
        grant(user, "997999", role)
    sign_in(client, user.user_id)
    return client


@pytest.fixture
def manager(client: FlaskClient, stranger: User, provider: Provider, home: Provider) -> FlaskClient:
    return browsing(client, stranger, Role.REGISTRY_MANAGER)


def filled(**changes: str) -> dict[str, str]:
    """The fields of the agency's form as it is shown, changed."""
    return {"name": "Sample Home Health", "facility_id": "SAMPLE001", "branches_known": "unknown"} | changes


def send(client: FlaskClient, path: str, **changes: str) -> TestResponse:
    return save(client, path, client.get(f"{path}/edit"), **changes)


def save(client: FlaskClient, path: str, page: TestResponse, **changes: str) -> TestResponse:
    """Send the form as one page shows it, changed."""
    return client.post(
        f"{path}/edit", data={"csrf_token": token_of(page), "seen": seen_on(page), **filled(**changes)}
    )


def seen_on(page: TestResponse) -> str:
    found = re.search(r'name="seen"[^>]*value="(\w+)"', page.text)
    assert found
    return found[1]


@pytest.mark.parametrize(
    ("role", "index", "agency", "other", "edit"),
    [
        (None, 403, 404, 404, 404),
        (Role.AUDITOR, 403, 404, 404, 404),
        (Role.ASSESSMENT_SUBMITTER, 403, 404, 404, 404),
        (Role.PROVIDER_ADMINISTRATOR, 403, 404, 404, 404),
        (Role.PROVIDER_SECURITY_OFFICIAL, 200, 200, 404, 404),
        (Role.CMS_OFFICIAL, 200, 200, 200, 404),
        (Role.STATE_VIEWER, 200, 200, 200, 404),
        (Role.REGISTRY_MANAGER, 200, 200, 200, 200),
    ],
)
def test_who_sees_and_changes_what(
    client: FlaskClient,
    stranger: User,
    provider: Provider,
    home: Provider,
    role: Role | None,
    index: int,
    agency: int,
    other: int,
    edit: int,
) -> None:
    for path in ("/providers", AGENCY, f"{AGENCY}/edit"):
        assert client.get(path).status_code == 302
    browsing(client, stranger, role)
    assert client.get("/providers").status_code == index
    assert client.get(AGENCY).status_code == agency
    assert client.get(HOME).status_code == other
    assert client.get(f"{AGENCY}/edit").status_code == edit
    assert client.get(f"{HOME}/edit").status_code == edit


def test_security_official_finds_the_own_providers_only(
    client: FlaskClient, stranger: User, provider: Provider, home: Provider
) -> None:
    browsing(client, stranger, Role.PROVIDER_SECURITY_OFFICIAL)
    page = client.get("/providers?q=sample").text
    assert "997999" in page
    assert "995001" not in page
    assert "iqies providers import" not in client.get("/providers?q=nothing").text
    assert "Change" not in client.get(AGENCY).text


def test_search(manager: FlaskClient) -> None:
    page = manager.get("/providers").text
    assert "Sample &lt;b&gt;Nursing&lt;/b&gt;" in page
    assert "2 providers, by name" in page
    page = manager.get("/providers?q=+home++health&state=CT").text
    assert '<a href="/providers/997999">' in page
    assert "1 provider, by name" in page
    assert 'value="home health"' in page
    assert '<option value="CT" selected>' in page
    page = manager.get("/providers?q=home&state=OH").text
    assert "No provider matches" in page
    assert "2 providers" in manager.get("/providers?state=XX&after=nowhere&before=").text


def test_pages_of_the_search_keep_what_was_asked(
    manager: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("iqies_flask.access.providers.search.PAGE_ENTRIES", 1)
    first = manager.get("/providers?q=sample").text
    assert 'rel="prev"' not in first
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    second = manager.get(unescape(following[1])).text
    assert 'value="sample"' in second
    assert 'rel="next"' not in second
    previous = re.search(r'rel="prev" href="([^"]+)"', second)
    assert previous
    assert found_on(manager.get(unescape(previous[1])).text) == found_on(first) != found_on(second)


def found_on(page: str) -> list[str]:
    return re.findall(r'href="/providers/(\w+)"', page)


@pytest.mark.parametrize("ccn", ["000000", "99%00001", "%20997999", "997999%20", "x" * 3_000])
def test_providers_that_do_not_exist(manager: FlaskClient, ccn: str) -> None:
    assert manager.get(f"/providers/{ccn}").status_code == 404
    assert manager.get(f"/providers/{ccn}/edit").status_code == 404


def test_all_that_can_be_changed_is_changed_shown_and_written_down(manager: FlaskClient) -> None:
    answer = send(
        manager,
        AGENCY,
        name=" New  Name ",
        street="1 Test Street",
        city="Testville",
        zip="061012345",
        facility_id="new1",
        npi="123 456 7893",
        group_name="Test Group",
        email_domains="Example.org\r\nhome.example.org",
        certified_on="2001-02-03",
        terminated_on="2026-02-03",
        branches_known="listed",
        branches="99q7999001\r\n99Q7999002 2025-12-31",
    )
    assert (answer.status_code, answer.location) == (302, AGENCY)
    page = manager.get(AGENCY).text
    for shown in (
        "The changes are saved.",
        "<h1>New Name</h1>",
        "1 Test Street, Testville, CT 06101-2345",
        "NEW1",
        "1234567893",
        "Test Group",
        "example.org, home.example.org",
        "Feb 3, 2001",
        "Its certification ended on",
        "99Q7999001</span></li>",
        "99Q7999002</span>, closed",
    ):
        assert shown in page
    provider = db.session.get_one(Provider, "997999", populate_existing=True)
    assert (provider.name_folded, provider.terminated_on) == ("new name", date(2026, 2, 3))
    assert list_branches(db.session, provider.ccn) == [
        ListedBranch("99Q7999001"),
        ListedBranch("99Q7999002", date(2025, 12, 31)),
    ]
    (entry,) = find(Filter(action="provider.changed"), 10).entries
    assert (entry.actor, entry.object_type, entry.object_id) == ("stranger", "provider", "997999")
    assert entry.facts["before"]["name"] == "Sample Home Health"  # type: ignore[index]
    assert entry.facts["after"]["branches"] == [  # type: ignore[index]
        ["99Q7999001", None],
        ["99Q7999002", "2025-12-31"],
    ]
    form = manager.get(f"{AGENCY}/edit").text
    assert "99Q7999001\n99Q7999002 2025-12-31" in form.replace("\r\n", "\n")
    assert 'value="2026-02-03"' in form


def test_saving_what_is_there_changes_nothing(manager: FlaskClient) -> None:
    assert send(manager, AGENCY).status_code == 302
    assert "Nothing was changed" in manager.get(AGENCY).text
    assert find(Filter(action="provider.changed"), 10).entries == []


def test_what_others_changed_meanwhile_is_not_undone_unseen(manager: FlaskClient) -> None:
    opened = manager.get(f"{AGENCY}/edit")
    assert send(manager, AGENCY, npi="1234567893", branches_known="none").status_code == 302
    typed = {"npi": "", "city": "Testville"}
    answer = save(manager, AGENCY, opened, **typed)
    assert answer.status_code == 422
    said = unescape(answer.text)
    assert "Somebody else has changed this provider since you opened this page." in said
    assert said.count("The registry holds now: 1234567893") == 2, "at the field and on top"
    assert "The registry holds now: The agency has none and never had any" in said
    assert "The registry holds now: nothing" in said, "of the city"
    present = db.session.get_one(Provider, "997999", populate_existing=True)
    assert (present.npi, present.city, present.branches_known) == ("1234567893", "", True)
    # Whoever saves once more has seen it.
    assert save(manager, AGENCY, answer, **typed).status_code == 302
    db.session.rollback()
    present = db.session.get_one(Provider, "997999", populate_existing=True)
    assert (present.npi, present.city, present.branches_known) == ("", "Testville", False)


def test_without_saying_what_was_seen_nothing_is_changed(manager: FlaskClient) -> None:
    token = token_of(manager.get(f"{AGENCY}/edit"))
    answer = manager.post(f"{AGENCY}/edit", data={"csrf_token": token, **filled(name="New")})
    assert answer.status_code == 422


def test_known_to_have_no_branches_is_another_thing_than_not_known(manager: FlaskClient) -> None:
    assert "Not known" in manager.get(AGENCY).text
    for known, expected in (("none", True), ("unknown", False)):
        send(manager, AGENCY, branches_known=known)
        db.session.rollback()
        stored = db.session.get_one(Provider, "997999", populate_existing=True)
        assert stored.branches_known is expected


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", " ", "A provider needs a name."),
        ("zip", "1234", "1234 is no ZIP Code"),
        ("facility_id", "A-1", "A-1 is no facility ID"),
        ("npi", "1234567890", "its last digit does not fit"),
        ("email_domains", "gmail.com", "Everybody can have an address at gmail.com"),
        ("certified_on", "1900-01-01", "Give a day from"),
        ("terminated_on", "1999-12-31", "would end on Dec 31, 1999, before it begins on Jan 1, 2000"),
        ("branches", "99Q7999001", "Choose that the branches are listed"),
        ("branches", "X", "X is no branch ID"),
        ("branches_known", "listed", "List the branches, one a line"),
        ("street", "x" * 201, "201 characters; at most 200"),
    ],
)
def test_wrong_values_are_said_at_their_fields(
    manager: FlaskClient, field: str, value: str, says: str
) -> None:
    answer = send(manager, AGENCY, **{"certified_on": "2000-01-01", "city": "New City", field: value})
    assert answer.status_code == 422
    place = "branches" if field == "branches_known" else field
    assert f'<a href="#{place}">' in answer.text
    assert says in answer.text
    assert db.session.get_one(Provider, "997999", populate_existing=True).city == ""


def test_home_without_branches_is_changed_without_that_question(manager: FlaskClient) -> None:
    assert "branches" not in manager.get(f"{HOME}/edit").text
    answer = send(manager, HOME, name="New", branches_known="listed", branches="99Q7999001")
    assert answer.status_code == 302
    provider = db.session.get_one(Provider, "995001", populate_existing=True)
    assert (provider.name, provider.branches_known) == ("New", False)
    assert list_branches(db.session, "995001") == []


def test_form_without_its_token_changes_nothing(manager: FlaskClient) -> None:
    assert manager.post(f"{AGENCY}/edit", data=filled(name="New")).status_code == 400
    assert db.session.get_one(Provider, "997999", populate_existing=True).name == "Sample Home Health"


@pytest.mark.parametrize(
    ("role", "decides"),
    [
        (Role.STATE_VIEWER, False),
        (Role.REGISTRY_MANAGER, False),
        (Role.CMS_OFFICIAL, True),
        (Role.PROVIDER_SECURITY_OFFICIAL, True),
    ],
)
def test_officials_stand_with_their_provider(
    client: FlaskClient, stranger: User, provider: Provider, role: Role, decides: bool
) -> None:
    pages = browsing(client, stranger, role)
    if role is not Role.PROVIDER_SECURITY_OFFICIAL:
        assert "Nobody is in office now." in pages.get(AGENCY).text
    for name in ("some.official", "shut.official"):
        grant(
            create_user(name, PASSWORD, f"{name}@agency.example"), "997999", Role.PROVIDER_SECURITY_OFFICIAL
        )
    grant(create_user("some.submitter", PASSWORD), "997999")
    deactivate("shut.official")
    with write_transaction() as session:
        official = find_user("some.official")
        assert official is not None
        held = session.get_one(RoleGrant, (official.id, "997999", Role.PROVIDER_SECURITY_OFFICIAL))
        held.granted_at = datetime(2026, 1, 31, 12, tzinfo=UTC)
    page = pages.get(AGENCY).text
    assert "some.official, since" in page
    assert ">Jan 31, 2026</time>" in page
    for unseen in ("shut.official", "some.submitter", "agency.example"):
        assert unseen not in page
    assert ('href="/officials/providers/997999"' in page) is decides
    if decides:
        assert 'href="/providers/997999"' in pages.get("/officials/providers/997999").text
