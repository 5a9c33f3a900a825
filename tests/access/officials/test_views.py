"""The pages of officials, as those who may meet them, and others."""

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from iqies_flask.access.models import Provider, RequestState, RoleGrant, RoleRequest
from iqies_flask.access.officials import certification, queue, service
from iqies_flask.access.requests.service import withdraw
from iqies_flask.access.roles import Role
from iqies_flask.audit.search import Filter, find_all
from iqies_flask.current import current_settings
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity.models import User
from iqies_flask.identity.service import deactivate
from iqies_flask.identity.sessions.models import LoginSession
from iqies_flask.mail.models import OutboxMessage
from tests.access.officials.people import (
    HOME,
    OFFICIAL,
    OTHER,
    SUBMITTER,
    VENDOR,
    VIEWER,
    add_agency,
    add_cms_official,
    add_user,
    age,
    ask,
)
from tests.browsing import sign_in, token_of

REQUESTS = "/officials/requests"
FIRST = "/officials/first-officials"
PROVIDERS = "/officials/providers"
VACANCIES = "/officials/vacancies"
SOLE = "/officials/certifications"
USERS = f"{PROVIDERS}/{HOME}"
CERTIFICATION = f"{USERS}/certification"
HOSTILE = ["0", "-1", "abc", "4711", str(2**31), str(10**30), "1;2", "1\0"]


@pytest.fixture
def official(app: Flask) -> User:
    add_agency(HOME, "Testville Home Health")
    add_agency(OTHER, "Sampleton Home Health")
    return add_user("first.official", (HOME, OFFICIAL), named=True)


@pytest.fixture
def clerk(official: User) -> User:
    return add_user("test.clerk", (HOME, SUBMITTER))


@pytest.fixture
def cms(official: User) -> User:
    return add_cms_official("test.cms")


@pytest.fixture
def signed_in(client: FlaskClient, official: User) -> FlaskClient:
    sign_in(client, official.user_id)
    return client


@pytest.fixture
def signed_in_cms(client: FlaskClient, cms: User) -> FlaskClient:
    sign_in(client, cms.user_id)
    return client


def words(page: TestResponse) -> str:
    """What stands on a page, without tags."""
    main = page.text.partition("<main")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", main)).split())


def page_of(role: Role, user: User, what: str, ccn: str = HOME) -> str:
    return f"{PROVIDERS}/{ccn}/users/{user.id}/{role.value}/{what}"


def state(number: int) -> RequestState:
    db.session.rollback()
    return db.session.get_one(RoleRequest, number, populate_existing=True).state


def roles_of(user: User) -> set[Role]:
    db.session.rollback()
    return set(db.session.scalars(select(RoleGrant.role).where(RoleGrant.user_id == user.id)))


def send(client: FlaskClient, page: str, **fields: object) -> TestResponse:
    """Fill the form of a page and send it; follow where it leads to what came of it."""
    token = token_of(client.get("/submissions"))
    answer = client.post(page, data={"csrf_token": token, **fields})
    if "?outcome=" in answer.headers.get("Location", ""):
        answer = client.get(answer.headers["Location"])
    assert isinstance(answer, TestResponse)
    return answer


def test_an_official_approves_several_at_once(signed_in: FlaskClient) -> None:
    people = [add_user(f"asking.{number}") for number in range(3)]
    numbers = [ask(person, HOME, days=number) for number, person in enumerate(people)]
    page = signed_in.get(REQUESTS)
    assert "Role requests <span" in page.text
    assert "(3<span" in page.text
    assert 'href="/officials/requests" aria-current="page"' in page.text
    assert page.text.index("asking.2") < page.text.index("asking.1") < page.text.index("asking.0")
    answer = send(signed_in, REQUESTS, requests=numbers[:2], verdict="approve")
    assert "2 of 2 done." in answer.text
    assert answer.text.count("Approved. The requester is told by e-mail.") == 2
    assert [state(number) for number in numbers] == [
        RequestState.APPROVED,
        RequestState.APPROVED,
        RequestState.PENDING,
    ]
    assert roles_of(people[0]) == {SUBMITTER}
    assert "(1<span" in signed_in.get(REQUESTS).text


def test_what_came_of_a_decision_stays_the_same_when_it_is_loaded_again(signed_in: FlaskClient) -> None:
    number = ask(add_user("asking.person", named=True), HOME)
    fields = {"csrf_token": token_of(signed_in.get("/submissions")), "requests": number, "verdict": "approve"}
    answer = signed_in.post(REQUESTS, data=fields)
    assert answer.status_code == 302
    assert "Testperson" not in str(signed_in.get_cookie("session"))
    for _ in range(2):
        page = signed_in.get(answer.headers["Location"])
        assert "1 of 1 done." in page.text
        assert "Testville Home Health" in page.text
    # An address that was kept says nothing of later decisions, nor does another page.
    assert "1 of 1 done." not in signed_in.get(f"{REQUESTS}?outcome=other").text
    assert (
        "1 of 1 done." not in signed_in.get(answer.headers["Location"].replace(REQUESTS, CERTIFICATION)).text
    )


def test_what_was_decided_meanwhile_is_told_and_costs_the_others_nothing(signed_in: FlaskClient) -> None:
    people = [add_user(f"asking.{number}") for number in range(2)]
    numbers = [ask(person, HOME, days=1) for person in people]
    withdraw(people[0], numbers[0])
    answer = send(signed_in, REQUESTS, requests=numbers, verdict="approve")
    assert answer.status_code == 200
    assert "1 of 2 done." in answer.text
    assert "has been withdrawn by the requester. Nothing was changed by you." in answer.text
    assert [state(number) for number in numbers] == [RequestState.WITHDRAWN, RequestState.APPROVED]
    again = send(signed_in, REQUESTS, requests=numbers, verdict="reject", reason="Too late.")
    assert "0 of 2 done." in again.text
    assert state(numbers[1]) is RequestState.APPROVED


def test_an_official_rejects_with_a_reason(signed_in: FlaskClient) -> None:
    person = add_user("asking.person")
    number = ask(person, HOME)
    answer = send(signed_in, REQUESTS, requests=[number], verdict="reject", reason=" \n")
    assert answer.status_code == 422
    assert "Give the reason: the requester reads it in an e-mail." in answer.text
    assert re.search(rf'value="{number}" checked', answer.text)
    assert state(number) is RequestState.PENDING
    answer = send(signed_in, REQUESTS, requests=[number], verdict="reject", reason="Not <known> here.")
    assert "Rejected. The requester is told by e-mail." in answer.text
    assert state(number) is RequestState.REJECTED
    letter = db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id.desc())).first()
    assert letter is not None
    assert letter.content is not None
    assert (letter.template, letter.content["to"]) == ("role_rejected", person.email)
    assert "Not <known> here." in letter.content["text"]


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"verdict": "approve"}, "Tick at least one request."),
        ({"requests": ["abc"], "verdict": "approve"}, "could not be coerced"),
        ({"requests": ["1"]}, "Choose to approve or to reject."),
        ({"requests": ["1"], "verdict": "forget"}, "Not a valid choice"),
        ({"requests": ["1"], "verdict": "reject", "reason": "x" * 2001}, "at most 2,000 characters"),
    ],
)
def test_what_is_wrong_with_a_decision(
    signed_in: FlaskClient, fields: dict[str, object], problem: str
) -> None:
    number = ask(add_user("asking.person"), HOME)
    assert number == 1
    answer = send(signed_in, REQUESTS, **fields)
    assert answer.status_code == 422
    assert problem in answer.text
    assert state(number) is RequestState.PENDING


def test_the_own_request_cannot_be_ticked_nor_sent(signed_in: FlaskClient, official: User) -> None:
    number = ask(official, HOME, VIEWER)
    page = signed_in.get(REQUESTS)
    assert "Your own: another official decides" in page.text
    assert f'value="{number}"' not in page.text
    answer = send(signed_in, REQUESTS, requests=[number], verdict="approve")
    assert "Nobody decides about the own request." in answer.text
    assert state(number) is RequestState.PENDING


@pytest.mark.parametrize(
    ("domain", "words"),
    [("sample.example", "Address of the provider"), ("other.example", "Not an address of the provider")],
)
def test_cms_sees_whether_the_address_is_the_providers(
    signed_in_cms: FlaskClient, domain: str, words: str
) -> None:
    with write_transaction() as session:
        session.get_one(Provider, OTHER).email_domains = [domain]
    ask(add_user("asking.person"), OTHER, OFFICIAL)
    page = signed_in_cms.get(FIRST)
    assert words in page.text
    assert (domain in page.text.replace("asking.person@sample.example", "")) is (domain == "other.example")


def test_officials_find_the_registry_of_their_providers(signed_in: FlaskClient) -> None:
    assert 'href="/providers"' in signed_in.get(PROVIDERS).text
    page = signed_in.get("/providers")
    assert "Testville Home Health" in page.text
    assert "Sampleton Home Health" not in page.text


def test_requests_of_others_do_not_exist(signed_in: FlaskClient, cms: User) -> None:
    own, others = ask(add_user("asking.person"), HOME), ask(add_user("asking.other"), OTHER, OFFICIAL)
    assert send(signed_in, REQUESTS, requests=[own, others], verdict="approve").status_code == 404
    for number in (0, -1, 4711, 2**31, 10**30):
        assert send(signed_in, REQUESTS, requests=[own, number], verdict="approve").status_code == 404
    assert (state(own), state(others)) == (RequestState.PENDING, RequestState.PENDING)
    sign_in(signed_in, cms.user_id)
    assert send(signed_in, FIRST, requests=[own], verdict="approve").status_code == 404
    assert send(signed_in, FIRST, requests=[others], verdict="approve").status_code == 200
    assert (state(own), state(others)) == (RequestState.PENDING, RequestState.APPROVED)


def test_cms_approves_the_first_official(signed_in_cms: FlaskClient) -> None:
    person, colleague = add_user("asking.person"), add_user("asking.colleague")
    first, second = ask(person, OTHER, OFFICIAL, days=1), ask(colleague, OTHER, OFFICIAL)
    page = signed_in_cms.get(FIRST)
    assert "(2<span" in page.text
    answer = send(signed_in_cms, FIRST, requests=[first, second], verdict="approve")
    # From the first one on, the provider decides itself.
    assert "1 of 2 done." in answer.text
    assert "no longer yours to decide" in answer.text
    assert roles_of(person) == {OFFICIAL}
    assert state(second) is RequestState.PENDING
    assert "No request waits" in signed_in_cms.get(FIRST).text


def test_the_filter_stays_while_one_pages(signed_in: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "PAGE_REQUESTS", 1)
    numbers = [ask(add_user(f"asking.{number}"), HOME, VIEWER, days=9 - number) for number in range(2)]
    ask(add_user("asking.submitter"), HOME, days=9)
    page = signed_in.get(f"{REQUESTS}?role=provider_assessment_viewer&days=3&provider=testville")
    assert "asking.0" in page.text
    assert "asking.submitter" not in page.text
    assert "1 of more requests, the oldest first" in words(page)
    onward = re.search(r'rel="next" href="([^"]+)"', page.text)
    assert onward
    second = signed_in.get(unescape(onward[1]))
    assert f'value="{numbers[1]}"' in second.text
    assert "First page" in second.text
    assert 'rel="next"' not in second.text
    assert "No request matches" in signed_in.get(f"{REQUESTS}?category=vendor").text


@pytest.mark.parametrize(
    "query", ["role=cms_official", "role=%00", "category=nobody", "days=1", "provider=" + "x" * 101]
)
def test_filters_that_no_page_offers(signed_in: FlaskClient, query: str) -> None:
    assert signed_in.get(f"{REQUESTS}?{query}").status_code == 422


@pytest.mark.parametrize("after", HOSTILE)
def test_places_that_do_not_exist(signed_in: FlaskClient, after: str) -> None:
    ask(add_user("asking.person"), HOME)
    for page in (REQUESTS, USERS, CERTIFICATION, PROVIDERS):
        assert signed_in.get(page, query_string={"after": after}).status_code == 200
    assert "asking.person" in signed_in.get(REQUESTS, query_string={"after": after}).text


def test_users_of_a_provider(signed_in: FlaskClient, clerk: User) -> None:
    age(clerk, HOME, SUBMITTER, days=400)
    with write_transaction() as session:
        session.get_one(User, clerk.id).created_at -= timedelta(days=400)
    overview = words(signed_in.get(PROVIDERS))
    assert "Testville Home Health CCN 017001, AL 1 One more needed 2 0 1 role due" in overview
    assert "1 provider has only one Security Official." in overview
    page = words(signed_in.get(USERS))
    assert "One Security Official only" in page
    assert "Testy Q Testperson (you)" in page
    assert "Inactive: roles end soon" in page
    assert "Assessment Submitter since" in page
    add_user("second.official", (HOME, OFFICIAL))
    assert "One Security Official only" not in words(signed_in.get(USERS))
    deactivate("second.official")
    page = words(signed_in.get(USERS))
    assert "One Security Official only" in page
    assert "Account closed" in page


def test_an_official_revokes_a_role(signed_in: FlaskClient, clerk: User) -> None:
    link = page_of(SUBMITTER, clerk, "revocation")
    assert f'href="{link}"' in signed_in.get(USERS).text
    assert "will no longer be" in signed_in.get(link).text
    answer = send(signed_in, link, reason="")
    assert answer.status_code == 422
    assert "Give the reason" in answer.text
    assert roles_of(clerk) == {SUBMITTER}
    answer = send(signed_in, link, reason="Left.")
    assert answer.headers["Location"] == USERS
    assert "test.clerk is no longer Assessment Submitter for Testville Home Health." in words(
        signed_in.get(USERS)
    )
    assert roles_of(clerk) == set()
    assert signed_in.get(link).status_code == 404
    assert send(signed_in, link, reason="Left.").status_code == 404


def test_an_official_changes_a_role(signed_in: FlaskClient, clerk: User) -> None:
    link = page_of(SUBMITTER, clerk, "change")
    page = signed_in.get(link)
    assert "Provider Administrator. Looks after" in page.text
    assert 'value="assessment_submitter"' not in page.text
    for wrong in ("", "assessment_submitter", "vendor_assessment_submitter", "cms_official"):
        assert send(signed_in, link, new_role=wrong, reason="Other work.").status_code == 422
    answer = send(signed_in, link, new_role=VIEWER.value, reason="Other work.")
    assert answer.headers["Location"] == USERS
    assert "is Provider Assessment Viewer for Testville Home Health now" in words(signed_in.get(USERS))
    assert roles_of(clerk) == {VIEWER}


def test_a_vendors_role_cannot_be_changed(signed_in: FlaskClient) -> None:
    vendor = add_user("test.vendor", (HOME, Role.VENDOR_ASSESSMENT_SUBMITTER))
    page = signed_in.get(USERS).text
    assert page_of(Role.VENDOR_ASSESSMENT_SUBMITTER, vendor, "revocation") in page
    link = page_of(Role.VENDOR_ASSESSMENT_SUBMITTER, vendor, "change")
    assert link not in page
    assert signed_in.get(link).status_code == 404


def test_the_own_role_is_given_up_elsewhere(signed_in: FlaskClient, official: User) -> None:
    link = page_of(OFFICIAL, official, "revocation")
    assert link not in signed_in.get(USERS).text
    answer = send(signed_in, link, reason="Enough.")
    assert answer.status_code == 422
    assert "you are the only Security Official of this provider" in answer.text
    assert roles_of(official) == {OFFICIAL}


def test_roles_are_certified_and_revoked_together(signed_in: FlaskClient, clerk: User) -> None:
    leaver = add_user("test.leaver", (HOME, SUBMITTER), (HOME, VIEWER))
    assert "Nothing is due" in signed_in.get(CERTIFICATION).text
    for user, role in ((clerk, SUBMITTER), (leaver, SUBMITTER), (leaver, VIEWER)):
        age(user, HOME, role, days=366)
    values = [f"{clerk.id}:{SUBMITTER}", f"{leaver.id}:{SUBMITTER}", f"{leaver.id}:{VIEWER}"]
    page = signed_in.get(CERTIFICATION)
    assert [value for value in values if f'value="{value}"' in page.text] == values
    answer = send(signed_in, CERTIFICATION, roles=values[1:], verdict="revoke", reason="")
    assert answer.status_code == 422
    assert "Give the reason: the person reads it in an e-mail." in answer.text
    answer = send(signed_in, CERTIFICATION, roles=values[:1], verdict="keep")
    assert "Kept for another year." in answer.text
    # One of them was revoked meanwhile.
    assert send(signed_in, page_of(VIEWER, leaver, "revocation"), reason="Left.").status_code == 302
    answer = send(signed_in, CERTIFICATION, roles=values[1:], verdict="revoke", reason="Left.")
    assert "1 of 2 done." in answer.text
    assert "Provider Assessment Viewer is not held any more." in answer.text
    assert "Nothing is due" in signed_in.get(CERTIFICATION).text
    assert (roles_of(clerk), roles_of(leaver)) == ({SUBMITTER}, set())


@pytest.mark.parametrize(
    "picked",
    ["abc", "1", ":", "1:nobody", "1:cms_official", "-1:assessment_submitter", "9" * 30 + ":x", "²:x"],
)
def test_roles_that_no_page_offers(signed_in: FlaskClient, clerk: User, picked: str) -> None:
    good = f"{clerk.id}:{SUBMITTER}"
    answer = send(signed_in, CERTIFICATION, roles=[good, picked], verdict="revoke", reason="Try.")
    assert answer.status_code == 404
    assert roles_of(clerk) == {SUBMITTER}


@pytest.mark.parametrize("number", ["0", "4711", str(2**31), str(10**30)])
def test_users_that_do_not_exist(signed_in: FlaskClient, clerk: User, number: str) -> None:
    for what in ("revocation", "change"):
        page = f"{USERS}/users/{number}/{SUBMITTER}/{what}"
        assert signed_in.get(page).status_code == 404
        assert send(signed_in, page, reason="Try.", new_role=VIEWER.value).status_code == 404
    for name in ("nobody", "cms_official", "ASSESSMENT_SUBMITTER"):
        assert signed_in.get(f"{USERS}/users/{clerk.id}/{name}/revocation").status_code == 404


def test_providers_of_others_do_not_exist(signed_in: FlaskClient, clerk: User) -> None:
    other = add_user("other.clerk", (OTHER, SUBMITTER))
    for ccn in (OTHER, "999999", "01700", "x" * 300, "%00"):
        for page in ("", "/certification"):
            assert signed_in.get(f"{PROVIDERS}/{ccn}{page}").status_code == 404
        for what in ("revocation", "change"):
            page = f"{PROVIDERS}/{ccn}/users/{other.id}/{SUBMITTER}/{what}"
            assert signed_in.get(page).status_code == 404
            assert send(signed_in, page, reason="Try.", new_role=VIEWER.value).status_code == 404
    certified = send(
        signed_in, f"{PROVIDERS}/{OTHER}/certification", roles=[f"{other.id}:{SUBMITTER}"], verdict="keep"
    )
    assert certified.status_code == 404
    for page in (FIRST, VACANCIES):
        assert signed_in.get(page).status_code == 403
    assert roles_of(other) == {SUBMITTER}


def test_others_read_why_not_and_the_pages_of_a_provider_do_not_exist(
    client: FlaskClient, clerk: User
) -> None:
    needed = {
        REQUESTS: "Provider Security Official",
        PROVIDERS: "Provider Security Official",
        FIRST: "CMS Official",
        VACANCIES: "CMS Official",
        SOLE: "CMS Official",
    }
    pages = [USERS, CERTIFICATION]
    pages += [page_of(SUBMITTER, clerk, what) for what in ("revocation", "change")]
    for page in (*needed, *pages):
        assert "/sign-in" in client.get(page).headers["Location"]
    sign_in(client, clerk.user_id)
    for page, role in needed.items():
        answer = client.get(page)
        assert (answer.status_code, f"It takes the role {role}." in answer.text) == (403, True)
    for page in pages:
        assert client.get(page).status_code == 404
    assert "/officials/" not in client.get("/submissions").text


def test_cms_sees_only_officials_of_a_provider(
    signed_in_cms: FlaskClient, clerk: User, official: User
) -> None:
    page = signed_in_cms.get(USERS)
    assert "Security Officials of Testville Home Health" in page.text
    assert "first.official" in page.text
    assert "test.clerk" not in page.text
    for closed in (
        page_of(SUBMITTER, clerk, "revocation"),
        page_of(OFFICIAL, official, "change"),
        f"{PROVIDERS}/999999",
    ):
        assert signed_in_cms.get(closed).status_code == 404
    for page in (REQUESTS, PROVIDERS):
        assert signed_in_cms.get(page).status_code == 403
    link = page_of(OFFICIAL, official, "revocation")
    assert send(signed_in_cms, link, reason="Not employed there.").status_code == 302
    assert "The provider has no Security Official now." in signed_in_cms.get(USERS).text
    assert roles_of(official) == set()


def test_cms_sees_all_users_where_nobody_is_in_office_and_shuts_a_vendor_out(
    signed_in_cms: FlaskClient, official: User
) -> None:
    vendor = add_user("test.vendor", (HOME, VENDOR))
    link = page_of(VENDOR, vendor, "revocation")
    assert signed_in_cms.get(link).status_code == 404
    deactivate(official.user_id)
    page = signed_in_cms.get(USERS)
    assert "Users of Testville Home Health" in page.text
    assert f'href="{link}"' in page.text
    assert "/change" not in page.text
    assert send(signed_in_cms, link, reason="No longer their vendor.").status_code == 302
    assert roles_of(vendor) == set()


def test_cms_certifies_who_alone_is_in_office(
    client: FlaskClient, official: User, clerk: User, cms: User
) -> None:
    for user, role in ((official, OFFICIAL), (clerk, SUBMITTER)):
        age(user, HOME, role, days=400)
    both = [add_user(name, (OTHER, OFFICIAL)) for name in ("some.official", "other.official")]
    for user in both:
        age(user, OTHER, OFFICIAL, days=400)
    sign_in(client, official.user_id)
    assert "Your own: CMS certifies it" in client.get(CERTIFICATION).text
    sign_in(client, cms.user_id)
    page = client.get(SOLE)
    assert "Testy Q Testperson" in page.text
    assert f'href="{CERTIFICATION}"' in page.text
    assert "Sampleton" not in page.text, "the two there certify each other"
    page = client.get(CERTIFICATION)
    assert "test.clerk" not in page.text
    unseen = send(client, CERTIFICATION, roles=f"{clerk.id}:{SUBMITTER}", verdict="revoke", reason="Try.")
    assert "0 of 1 done." in unseen.text
    assert "test.clerk" not in unseen.text
    answer = send(client, CERTIFICATION, roles=f"{official.id}:{OFFICIAL}", verdict="keep")
    assert "1 of 1 done." in answer.text
    assert "Nobody is due" in client.get(SOLE).text
    assert "Nothing is due" in client.get(CERTIFICATION).text
    assert roles_of(clerk) == {SUBMITTER}


def test_navigation_counts_what_is_to_be_certified(
    signed_in: FlaskClient, official: User, clerk: User
) -> None:
    link = 'href="/officials/providers">Users and roles <span class="site-nav__waiting">(1<'
    age(official, HOME, OFFICIAL, days=400)
    assert link not in signed_in.get("/submissions").text, "the own one is certified by others"
    assert "1 role due" not in signed_in.get(PROVIDERS).text
    age(clerk, HOME, SUBMITTER, days=400)
    assert link in signed_in.get("/submissions").text
    assert "1 role due" in words(signed_in.get(PROVIDERS))
    send(signed_in, CERTIFICATION, roles=f"{clerk.id}:{SUBMITTER}", verdict="keep")
    assert link not in signed_in.get("/submissions").text


@pytest.mark.parametrize(("days", "said"), [(365, "year"), (30, "30 days"), (1, "day")])
def test_how_long_a_role_counts_as_certified_is_said_as_it_is_set(
    app: Flask, signed_in: FlaskClient, clerk: User, monkeypatch: pytest.MonkeyPatch, days: int, said: str
) -> None:
    set_to = replace(current_settings(), recertify_days=days)
    for module in (service, certification):
        monkeypatch.setattr(module, "current_settings", lambda: set_to)
    page = words(signed_in.get(CERTIFICATION))
    assert f"Every {said} you say of each role" in page
    assert f"was given or certified within the last {said}." in page
    age(clerk, HOME, SUBMITTER, days=days + 1)
    answer = send(signed_in, CERTIFICATION, roles=f"{clerk.id}:{SUBMITTER}", verdict="keep")
    assert f"Kept for another {said}." in answer.text


def test_providers_without_an_official(signed_in_cms: FlaskClient, official: User) -> None:
    page = words(signed_in_cms.get(VACANCIES))
    assert "Sampleton Home Health CCN 017002" in page
    assert "Testville Home Health" not in page
    assert "Lost their last Security Official" not in page
    ask(add_user("asking.person"), OTHER, OFFICIAL)
    assert 'href="/officials/first-officials?provider=017002"' in signed_in_cms.get(VACANCIES).text
    with write_transaction() as session:
        session.get_one(Provider, OTHER).vacated_at = utc_now()
    assert "Lost their last Security Official" in signed_in_cms.get(VACANCIES).text
    assert "No provider matches" in signed_in_cms.get(f"{VACANCIES}?q=testville").text
    assert "Sampleton" in signed_in_cms.get(f"{VACANCIES}?q=samp&state=al").text
    assert signed_in_cms.get(f"{VACANCIES}?state=Alabama").status_code == 422
    for after in [*HOSTILE, "x" * 300]:
        assert signed_in_cms.get(VACANCIES, query_string={"after": after}).status_code == 200


def test_a_key_given_long_ago_is_asked_for_again(signed_in: FlaskClient, clerk: User) -> None:
    number = ask(add_user("asking.person"), HOME)
    age(clerk, HOME, SUBMITTER, days=366)
    token = token_of(signed_in.get(REQUESTS))
    with write_transaction() as session:
        session.execute(update(LoginSession).values(proved_at=utc_now() - timedelta(minutes=11)))
    picked = f"{clerk.id}:{SUBMITTER}"
    for page, fields in (
        (REQUESTS, {"requests": number, "verdict": "approve"}),
        (CERTIFICATION, {"roles": picked, "verdict": "revoke", "reason": "Left."}),
        (page_of(SUBMITTER, clerk, "revocation"), {"reason": "Left."}),
        (page_of(SUBMITTER, clerk, "change"), {"reason": "Left.", "new_role": VIEWER.value}),
    ):
        answer = signed_in.post(page, data={"csrf_token": token, **fields})
        assert "/sign-in/again" in answer.headers["Location"]
    assert state(number) is RequestState.PENDING
    assert roles_of(clerk) == {SUBMITTER}
    for page in (REQUESTS, USERS, CERTIFICATION):
        assert signed_in.get(page).status_code == 200


def test_the_audit_log_says_from_where_officials_act(signed_in: FlaskClient, clerk: User) -> None:
    leaver = add_user("test.leaver", (HOME, SUBMITTER))
    age(leaver, HOME, SUBMITTER, days=366)
    first, second = ask(add_user("asking.first"), HOME), ask(add_user("asking.second"), HOME)
    signed_in.environ_base["REMOTE_ADDR"] = "192.0.2.9"
    send(signed_in, REQUESTS, requests=[first], verdict="approve")
    send(signed_in, REQUESTS, requests=[second], verdict="reject", reason="Not known here.")
    send(signed_in, CERTIFICATION, roles=[f"{leaver.id}:{SUBMITTER}"], verdict="keep")
    send(signed_in, page_of(SUBMITTER, leaver, "revocation"), reason="Left.")
    send(signed_in, page_of(SUBMITTER, clerk, "change"), new_role=VIEWER.value, reason="Other work.")
    acted = {"role.approved", "role.rejected", "role.certified", "role.revoked", "role.granted"}
    entries = [entry for entry in find_all(Filter(action="role")) if entry.actor == "first.official"]
    assert {entry.action for entry in entries} == acted
    assert {entry.address for entry in entries} == {"192.0.2.9"}


def test_a_form_without_its_token_does_nothing(signed_in: FlaskClient, clerk: User) -> None:
    number = ask(add_user("asking.person"), HOME)
    assert signed_in.post(REQUESTS, data={"requests": number, "verdict": "approve"}).status_code == 400
    revocation = page_of(SUBMITTER, clerk, "revocation")
    assert signed_in.post(revocation, data={"reason": "Left."}).status_code == 400
    assert state(number) is RequestState.PENDING
    assert roles_of(clerk) == {SUBMITTER}
