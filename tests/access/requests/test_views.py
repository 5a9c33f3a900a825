"""The four steps and what My profile shows of them, seen from a browser without scripts."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from iqies_flask import current
from iqies_flask.access.grants import appoint, grant
from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.models import RequestState, RoleDraft, RoleGrant, RoleRequest
from iqies_flask.access.registry import add_provider
from iqies_flask.access.requests import drafts, tasks, views
from iqies_flask.access.requests.service import approve, reject, submit, withdraw
from iqies_flask.access.roles import Category, Role
from iqies_flask.audit.search import Filter, find_all
from iqies_flask.config import Settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.service import deactivate
from tests.access.requests.cast import (
    CARE,
    HOME,
    PSO,
    SUBMITTER,
    SWING,
    VENDOR,
    add_official,
    add_person,
    let_days_pass,
)
from tests.browsing import sign_in, token_of
from tests.letters import letters


@pytest.fixture
def browser(client: FlaskClient, person: User) -> FlaskClient:
    """A browser in which somebody without any role is signed in."""
    sign_in(client, person.user_id)
    return client


def send(
    browser: FlaskClient, path: str, page: str = "", headers: dict[str, str] | None = None, **fields: str
) -> TestResponse:
    data = {"csrf_token": token_of(browser.get(page or path)), **fields}
    return browser.post(path, data=data, headers=headers)


def begin(browser: FlaskClient, category: str = "provider", role: str = SUBMITTER) -> str:
    """Take the first two steps; the path of the draft."""
    answer = send(browser, "/roles/request", category=category)
    assert answer.location.endswith("/role")
    draft = answer.location.removesuffix("/role")
    assert send(browser, f"{draft}/role", role=role).status_code == 303
    return str(draft)


def requests_made() -> list[tuple[str | None, Role, RequestState]]:
    db.session.rollback()
    return [
        (request.ccn, request.role, request.state)
        for request in db.session.scalars(
            select(RoleRequest).order_by(RoleRequest.id), execution_options={"populate_existing": True}
        )
    ]


def test_the_four_steps(browser: FlaskClient, official: User) -> None:
    answer = send(browser, "/roles/request", category="provider")
    page = browser.get(answer.location)
    for label in ("Assessment Submitter", "Provider Security Official", "Upload XML files"):
        assert label in page.text
    assert "Vendor Assessment Submitter" not in page.text
    draft = answer.location.removesuffix("/role")
    assert send(browser, f"{draft}/role", role="assessment_submitter").location == f"{draft}/organizations"
    answer = send(browser, f"{draft}/organizations", ccns="01-5001")
    page = browser.get(answer.location)
    assert "Added: Testville Care Center (015001)." in page.text
    page = browser.get(f"{draft}/review")
    assert all(
        words in page.text for words in ("Assessment Submitter", "Testville Care Center", "Submit Request")
    )
    assert requests_made() == []
    assert send(browser, f"{draft}/review").location == "/profile"
    assert requests_made() == [(CARE, SUBMITTER, RequestState.PENDING)]
    page = browser.get("/profile")
    assert "Role Request Submitted" in page.text
    assert "Your approval status will be e-mailed to you after your request is reviewed." in " ".join(
        page.text.split()
    )
    assert "To decide: Ofelia Q Testperson (Security Official of the provider)." in page.text
    assert "Role Request Submitted" not in browser.get("/profile").text


def test_going_on_takes_what_was_typed_along(browser: FlaskClient, official: User) -> None:
    grant(official, SWING, PSO)
    draft = begin(browser)
    htmx = {"HX-Request": "true"}
    answer = send(browser, f"{draft}/organizations", go_on="yes", ccns=CARE)
    assert answer.location == f"{draft}/review"
    answer = send(browser, f"{draft}/organizations", go_on="yes", ccns=f"{SWING} 015009")
    assert (answer.status_code, 'value="015009"' in answer.text) == (422, True)
    assert "2 organizations on your list" in answer.text
    answer = send(browser, f"{draft}/organizations", headers=htmx, go_on="yes", ccns="015009")
    assert 'value="015009"' in answer.text
    answer = send(browser, f"{draft}/organizations", headers=htmx, go_on="yes", ccns=" ")
    assert answer.headers["HX-Redirect"] == f"{draft}/review"
    for ccn in (CARE, SWING):
        send(browser, f"{draft}/organizations", take_off=ccn)
    answer = send(browser, f"{draft}/organizations", go_on="yes", ccns=" ")
    assert (answer.status_code, "Enter a CCN" in answer.text) == (422, True)


def test_what_is_not_chosen_is_asked_for(browser: FlaskClient, official: User) -> None:
    answer = send(browser, "/roles/request")
    assert (answer.status_code, "Choose whom you work for." in answer.text) == (422, True)
    answer = send(browser, "/roles/request", category="service_center")
    assert (answer.status_code, "iqies user appoint" in answer.text) == (422, True)
    draft = send(browser, "/roles/request", category="provider").location.removesuffix("/role")
    for role in ("", "cms_official", "vendor_assessment_submitter", "nothing"):
        assert send(browser, f"{draft}/role", role=role).status_code == 422
    for step in ("organizations", "review"):
        assert browser.get(f"{draft}/{step}").location == f"{draft}/role"
    send(browser, f"{draft}/role", role=SUBMITTER)
    answer = send(browser, f"{draft}/organizations", ccns=" ")
    assert (answer.status_code, "Enter a CCN: six digits and letters" in answer.text) == (422, True)
    assert browser.get(f"{draft}/review").location == f"{draft}/organizations"


def test_many_are_added_and_each_refusal_is_said(browser: FlaskClient, official: User) -> None:
    grant(official, SWING, PSO)
    draft = begin(browser)
    answer = send(browser, f"{draft}/organizations", ccns="015001, 01u101\n15001;015009 017001")
    assert answer.status_code == 422
    assert "2 organizations on your list" in answer.text
    assert "Added: 2 providers." in answer.text
    assert "Not added" not in answer.text
    for words in (
        "Did a zero at the front get lost?",
        "015009 is not in the registry",
        "has no Provider Security Official (PSO) yet",
    ):
        assert words in answer.text
    # To be corrected where they stand.
    assert 'value="15001 015009 017001"' in answer.text
    answer = send(browser, f"{draft}/organizations", ccns="015001")
    assert "015001 is on the list already." in answer.text


def test_a_long_list_of_refusals_has_an_end(browser: FlaskClient, official: User) -> None:
    draft = begin(browser)
    typed = " ".join(f"0159{number}" for number in range(10, 35))
    answer = send(browser, f"{draft}/organizations", ccns=typed)
    assert "015929 is not in the registry" in answer.text
    assert "015930 is not in the registry" not in answer.text
    assert "5 more were not added." in answer.text
    assert f'value="{typed}"' in answer.text


def test_a_long_list_of_what_came_between_has_an_end(
    browser: FlaskClient, official: User, person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "MOST_REFUSALS", 1)
    grant(official, HOME, PSO)
    draft = begin(browser)
    send(browser, f"{draft}/organizations", ccns=f"{CARE} {HOME}")
    for ccn in (CARE, HOME):
        grant(person, ccn, SUBMITTER)
    page = browser.get(f"{draft}/review")
    assert page.text.count("You hold this role for") == 1
    assert "1 more organization cannot be asked for either." in page.text


def test_htmx_gets_the_same_page_without_an_error(browser: FlaskClient, official: User) -> None:
    draft = begin(browser)
    for ccns, words in (("015009", "is not in the registry"), (CARE, "Added: Testville Care Center")):
        answer = send(browser, f"{draft}/organizations", headers={"HX-Request": "true"}, ccns=ccns)
        assert (answer.status_code, words in answer.text) == (200, True)
    answer = send(browser, f"{draft}/organizations", headers={"HX-Request": "true"}, take_off=CARE)
    assert (answer.status_code, "0 organizations on your list" in answer.text) == (200, True)


def test_a_provider_is_taken_off_the_list(browser: FlaskClient, official: User) -> None:
    draft = begin(browser)
    send(browser, f"{draft}/organizations", ccns=CARE)
    for ccn, count in ((HOME, "1 organization "), (CARE, "0 organizations "), (CARE, "0 organizations ")):
        answer = send(browser, f"{draft}/organizations", take_off=ccn)
        assert count in browser.get(answer.location).text


def test_going_back_loses_nothing(browser: FlaskClient, official: User) -> None:
    draft = begin(browser)
    send(browser, f"{draft}/organizations", ccns=CARE)
    send(browser, f"{draft}/category", category="provider")
    assert re.search(
        r'value="assessment_submitter"[^>]*checked|checked[^>]*value="assessment_submitter"',
        browser.get(f"{draft}/role").text,
    )
    send(browser, f"{draft}/category", category="vendor")
    assert browser.get(f"{draft}/review").location == f"{draft}/role"
    send(browser, f"{draft}/role", role=VENDOR)
    assert "Testville Care Center" in browser.get(f"{draft}/review").text


def test_two_tabs_do_not_mix(browser: FlaskClient, official: User) -> None:
    first, second = begin(browser), begin(browser, "vendor", VENDOR)
    assert first != second
    send(browser, f"{first}/organizations", ccns=CARE)
    assert "0 organizations on your list" in browser.get(f"{second}/organizations").text
    assert "Assessment Submitter" in browser.get(f"{first}/review").text
    send(browser, f"{first}/review")
    assert requests_made() == [(CARE, SUBMITTER, RequestState.PENDING)]
    assert browser.get(f"{second}/organizations").status_code == 200


def test_submitting_twice_asks_once(browser: FlaskClient, official: User) -> None:
    draft = begin(browser)
    send(browser, f"{draft}/organizations", ccns=CARE)
    token = token_of(browser.get(f"{draft}/review"))
    for _ in range(2):
        assert browser.post(f"{draft}/review", data={"csrf_token": token}).status_code == 303
    assert len(requests_made()) == 1
    for step in ("category", "role", "organizations", "review"):
        assert browser.get(f"{draft}/{step}").location == "/profile#roles"
    assert "submitted already" in browser.get("/profile").text


def test_what_came_between_is_said_on_the_last_page(
    browser: FlaskClient, official: User, person: User
) -> None:
    draft = begin(browser)
    send(browser, f"{draft}/organizations", ccns=CARE)
    token = token_of(browser.get(f"{draft}/review"))
    grant(person, CARE, SUBMITTER)
    answer = browser.post(f"{draft}/review", data={"csrf_token": token})
    assert (answer.status_code, "You hold this role for Testville Care Center" in answer.text) == (422, True)
    assert requests_made() == []
    assert "You hold this role" in browser.get(f"{draft}/organizations").text


def test_an_office_needs_no_organization(browser: FlaskClient, cms: User) -> None:
    draft = begin(browser, "state", Role.STATE_VIEWER)
    assert browser.get(f"{draft}/organizations").location == f"{draft}/review"
    send(browser, f"{draft}/review")
    assert requests_made() == [(None, Role.STATE_VIEWER, RequestState.PENDING)]
    assert "CMS (cms.official)" in browser.get("/profile").text


def test_drafts_of_others_do_not_exist(browser: FlaskClient, app: Flask, official: User) -> None:
    draft = begin(browser)
    other = app.test_client()
    sign_in(other, official.user_id)
    token = token_of(other.get("/roles/request"))
    for step in ("category", "role", "organizations", "review"):
        assert other.get(f"{draft}/{step}").status_code == 404
        assert other.post(f"{draft}/{step}", data={"csrf_token": token}).status_code == 404
    for number in ("0", "999999", "99999999999"):
        assert other.get(f"/roles/request/{number}/role").status_code == 404


def test_requests_of_others_are_not_withdrawn(browser: FlaskClient, official: User, person: User) -> None:
    [own] = submit(person, SUBMITTER, [CARE])
    other = add_person("other.person")
    [foreign] = submit(other, SUBMITTER, [CARE])
    answer = send(browser, f"/roles/requests/{foreign.id}/withdraw", "/profile")
    assert answer.status_code == 404
    answer = send(browser, f"/roles/requests/{own.id}/withdraw", "/profile")
    assert "Your request is withdrawn." in browser.get(answer.location).text
    answer = send(browser, f"/roles/requests/{own.id}/withdraw", "/profile")
    assert "This request has been withdrawn by the requester." in browser.get(answer.location).text
    assert [state for _, _, state in requests_made()] == [RequestState.WITHDRAWN, RequestState.PENDING]


def test_my_profile_shows_roles_requests_and_what_was_before(
    browser: FlaskClient, cms: User, official: User, person: User
) -> None:
    page = browser.get("/profile")
    assert "You hold no role, so you may not act for any provider yet." in page.text
    [request] = submit(person, SUBMITTER, [CARE])
    reject(official, request.id, "Ask <again> tomorrow.")
    [request] = submit(person, SUBMITTER, [CARE])
    let_days_pass(request, 8)
    tasks.sweep()
    page = browser.get("/profile")
    assert "CMS was told" in page.text
    assert "Reason: Ask &lt;again&gt; tomorrow." in page.text
    approve(official, request.id)
    page = browser.get("/profile")
    assert "Requests that wait" not in page.text
    assert f"/roles/held/{CARE}/assessment_submitter/end" in page.text


def test_my_profile_leads_to_what_a_role_does_not_allow_and_why(
    browser: FlaskClient, official: User, person: User
) -> None:
    grant(person, CARE, Role.PROVIDER_ASSESSMENT_VIEWER)
    assert f'href="/roles/held/{CARE}"' in browser.get("/profile").text
    page = browser.get(f"/roles/held/{CARE}")
    may, _, may_not = page.text.partition("You may not")
    assert "View assessments" in may
    assert "View assessments" not in may_not
    assert "Upload XML files" in may_not
    assert (
        "For Testville Care Center (CCN 015001) you are Provider Assessment Viewer, which does not" in may_not
    )
    assert re.search(r"Its Security Official Ofelia [\w ]*can give it to you\.", may_not)
    for ccn in (HOME, "015009", "%00", CARE.lower() + "X"):
        assert browser.get(f"/roles/held/{ccn}").status_code == 404


@pytest.fixture
def agencies(official: User) -> list[str]:
    """More providers than My profile shows on a page."""
    made = [f"0171{number:02}" for number in range(26)]
    for ccn in made:
        add_provider(ccn, f"Agency {ccn}", "AL", f"TEST{ccn}", ProviderKind.HOME_HEALTH_AGENCY)
    return made


def test_my_profile_shows_a_page_of_many_roles(
    browser: FlaskClient, person: User, agencies: list[str]
) -> None:
    for ccn in agencies:
        grant(person, ccn, SUBMITTER)
    appoint(person, Role.STATE_VIEWER)
    given_up = f'/{SUBMITTER.value}/end"'
    page = browser.get("/profile")
    assert page.text.count(given_up) == 25
    assert "26 roles for providers" in page.text
    assert "State Agency Viewer" in page.text
    assert page.text.count("/offices/held/state_viewer/end") == 1
    assert "/profile?role_page=2#roles" in page.text
    for number in ("2", "99"):
        page = browser.get(f"/profile?role_page={number}")
        assert page.text.count(given_up) == 1
        assert agencies[-1] in page.text
    for asked, found in (("AGENCY 01710", 10), ("01712", 6), ("%", 0), ("testville", 0)):
        page = browser.get("/profile", query_string={"role_q": asked})
        assert page.text.count(given_up) == found
        assert "You hold no role" not in page.text
    grant(person, CARE, SUBMITTER)
    for asked in ("1", "-1", "x", "9" * 30):
        assert browser.get(f"/profile?role_page={asked}&request_page={asked}").status_code == 200


def test_my_profile_shows_a_page_of_many_requests(
    browser: FlaskClient, official: User, person: User, agencies: list[str]
) -> None:
    for ccn in agencies:
        grant(official, ccn, PSO)
    draft = begin(browser)
    send(browser, f"{draft}/organizations", ccns=" ".join(agencies))
    page = browser.get(send(browser, f"{draft}/review").location)
    assert "each of your 26 requests is reviewed" in " ".join(page.text.split())
    assert page.text.count("/withdraw") == 25
    page = browser.get("/profile?request_page=2")
    assert page.text.count("/withdraw") == 1
    assert f"Agency {agencies[-1]}" in page.text
    assert "Role Request Submitted" not in page.text


def test_giving_a_role_up(browser: FlaskClient, official: User, person: User) -> None:
    grant(person, CARE, SUBMITTER)
    path = f"/roles/held/{CARE}/assessment_submitter/end"
    assert "last Security Official" not in browser.get(path).text
    answer = send(browser, path)
    assert "You have given up the role Assessment Submitter" in browser.get(answer.location).text
    db.session.rollback()
    assert db.session.get(RoleGrant, (person.id, CARE, SUBMITTER), populate_existing=True) is None
    assert browser.get(path).status_code == 404


def test_the_last_official_confirms_knowing_it(client: FlaskClient, cms: User, official: User) -> None:
    sign_in(client, official.user_id)
    path = f"/roles/held/{CARE}/provider_security_official/end"
    token = token_of(client.get(path))
    answer = client.post(path, data={"csrf_token": token})
    assert (answer.status_code, "You are its last Security Official" in answer.text) == (422, True)
    assert letters("role_last_official") == []
    client.post(path, data={"csrf_token": token, "knows_last": "y"})
    assert [letter.to for letter in letters("role_last_official")] == [cms.email]


def test_the_last_official_reads_it_before_deactivating_the_account(
    client: FlaskClient, official: User, person: User
) -> None:
    add_official("second.official", HOME)
    grant(official, HOME, PSO)
    grant(official, SWING, PSO)
    shut = add_official("third.official", SWING)
    deactivate(shut.user_id)
    sign_in(client, official.user_id)
    page = client.get("/profile/deactivation")
    assert "You are the last Security Official of 2 providers" in page.text
    assert "Testville Care Center (015001)" in page.text
    assert f"Testville Hospital ({SWING})" in page.text
    assert "Testville Home Health" not in page.text
    sign_in(client, person.user_id)
    assert "last Security Official" not in client.get("/profile/deactivation").text


def test_asking_too_often_is_refused_where_the_ccn_is_typed_and_where_it_is_submitted(
    browser: FlaskClient, app: Flask, settings: Settings, official: User, person: User
) -> None:
    current.init_app(app, replace(settings, role_requests_per_provider=1))
    draft = begin(browser)
    send(browser, f"{draft}/organizations", ccns=CARE)
    [request] = submit(person, SUBMITTER, [CARE])
    withdraw(person, request.id)
    answer = send(browser, f"{draft}/review")
    assert (answer.status_code, "You may ask again from" in answer.text) == (422, True)
    answer = send(browser, f"{begin(browser)}/organizations", ccns=CARE)
    assert (answer.status_code, "You may ask again from" in answer.text) == (422, True)
    assert requests_made() == [(CARE, SUBMITTER, RequestState.WITHDRAWN)]


def test_a_list_beyond_what_one_day_allows_is_refused_as_a_whole(
    browser: FlaskClient, app: Flask, settings: Settings, official: User
) -> None:
    current.init_app(app, replace(settings, role_requests_per_day=1))
    grant(official, SWING, PSO)
    draft = begin(browser)
    send(browser, f"{draft}/organizations", ccns=f"{CARE} {SWING}")
    answer = send(browser, f"{draft}/review")
    assert (answer.status_code, "Your list has 2: remove some" in answer.text) == (422, True)
    assert requests_made() == []


def test_the_audit_log_says_from_where_roles_are_asked_for_and_given_up(
    browser: FlaskClient, official: User, person: User
) -> None:
    browser.environ_base["REMOTE_ADDR"] = "192.0.2.9"
    draft = begin(browser)
    send(browser, f"{draft}/organizations", ccns=CARE)
    send(browser, f"{draft}/review")
    request = db.session.scalars(select(RoleRequest)).one()
    send(browser, f"/roles/requests/{request.id}/withdraw", "/profile")
    grant(person, CARE, SUBMITTER)
    send(browser, f"/roles/held/{CARE}/assessment_submitter/end")
    entries = [entry for entry in find_all(Filter(action="role")) if entry.actor == person.user_id]
    assert [entry.action for entry in entries] == ["role.ended", "role.withdrawn", "role.requested"]
    assert {entry.address for entry in entries} == {"192.0.2.9"}


@pytest.mark.parametrize(
    "path", [f"{HOME}/assessment_submitter", f"{CARE}/nothing", "%00/assessment_submitter"]
)
def test_a_role_that_is_not_held_has_no_page(browser: FlaskClient, official: User, path: str) -> None:
    assert browser.get(f"/roles/held/{path}/end").status_code == 404


def test_a_list_has_an_end(person: User, official: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "MOST_PROVIDERS", 1)
    grant(official, HOME, PSO)
    draft = drafts.begin(person, Category.PROVIDER)
    drafts.set_role(draft, SUBMITTER)
    added = drafts.add(person, draft, f"{CARE} {HOME}")
    assert [provider.ccn for provider in added.providers] == [CARE]
    assert "one request takes 1 providers" in added.refused[HOME]


def test_drafts_that_nobody_came_back_for_are_thrown_away(person: User) -> None:
    old, young = (drafts.begin(person, Category.PROVIDER) for _ in range(2))
    with write_transaction() as session:
        session.get_one(RoleDraft, old.id).changed_at = utc_now() - drafts.LIFETIME
    numbers = old.id, young.id
    tasks.sweep()
    db.session.expunge_all()
    assert [db.session.get(RoleDraft, number) is None for number in numbers] == [True, False]
