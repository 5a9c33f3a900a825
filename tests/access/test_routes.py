"""Every route of the application, walked with every role and with none, against the table ``routes.toml``.

A route that is not in the table fails: whoever adds a page says there who may see it. Besides one's own
objects, and those of the provider for which the role is held, another's are asked for by their right numbers.
"""

import tomllib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, url_for
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from iqies_flask.access.grants import appoint, grant
from iqies_flask.access.kinds import ProviderKind
from iqies_flask.access.matrix import built_in_matrix
from iqies_flask.access.models import Provider, RequestState, RoleDraft, RoleRequest
from iqies_flask.access.registry import add_provider
from iqies_flask.access.roles import Category, Role
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.extensions import db, limiter
from iqies_flask.identity.models import ProofingState, User
from iqies_flask.identity.proofing import service as proofing
from iqies_flask.identity.security_keys.models import SecurityKey
from iqies_flask.identity.service import create_user
from iqies_flask.identity.sessions.models import LoginSession
from iqies_flask.submissions.processing import process_submission
from tests.authenticator import Authenticator, add_key
from tests.browsing import sign_in
from tests.conftest import PASSWORD
from tests.identity.proofing.persons import add_person
from tests.submissions.uploading import PBJ, oasis, submit, zip_of

TABLE: dict[str, dict[str, dict[str, Any]]] = tomllib.loads(
    Path(__file__).with_name("routes.toml").read_text(encoding="utf-8")
)
GROUPS = {"everybody", "signed in", "owner", "own provider", "some provider", "office"}
NOT_SIGNED_IN, NOT_PROVED, WITHOUT_ROLE = "not signed in", "not proved", "without a role"
VISITORS = [NOT_SIGNED_IN, NOT_PROVED, WITHOUT_ROLE, *Role]
UNPROVED = {"proofing", "security_keys"}
UNPROVED_ENDPOINTS = {"recovery.codes", "sign_in.recovery_code", "sign_in.step_up", "sign_in.key"}
"""What somebody may reach whose identity is not proved: how far that is, and the means to sign in."""

Arguments = dict[str, Any]


@dataclass(frozen=True)
class World:
    """What the addresses speak of: something of one's own, and the same of somebody else."""

    own: Arguments
    anothers: Arguments
    shared_submission: int


def routes(app: Flask) -> list[tuple[str, str]]:
    """Every endpoint with every method."""
    return sorted(
        (rule.endpoint, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    )


def is_for_provider(role: str) -> bool:
    return role in set(Role) and built_in_matrix().roles[Role(role)].for_provider


def newest_login(user: User) -> int:
    found = db.session.scalar(
        select(LoginSession.id)
        .where(LoginSession.user_id == user.id)
        .order_by(LoginSession.id.desc())
        .limit(1)
    )
    assert found is not None
    return found


@pytest.fixture
def colleague(app: Flask, provider: Provider) -> User:
    """Somebody else, with objects of every kind, who has the say for the visitor's provider and another."""
    user = create_user("test.colleague", PASSWORD)
    grant(user, provider.ccn)
    grant(user, provider.ccn, Role.PROVIDER_SECURITY_OFFICIAL)
    appoint(user, Role.CMS_OFFICIAL)
    return user


@pytest.fixture
def anothers(app: Flask, colleague: User) -> Provider:
    other = add_provider("997002", "Sample Other", "CT", "SAMPLE002", ProviderKind.HOME_HEALTH_AGENCY)
    grant(colleague, other.ccn)
    grant(colleague, other.ccn, Role.PROVIDER_SECURITY_OFFICIAL)
    return other


@pytest.fixture(params=VISITORS)
def visitor(request: pytest.FixtureRequest, app: Flask, provider: Provider) -> tuple[str, User]:
    """Somebody who holds the role and nothing else."""
    role: str = request.param
    user = create_user("test.visitor", PASSWORD)
    if is_for_provider(role):
        grant(user, provider.ccn, Role(role))
    elif role in set(Role):
        appoint(user, Role(role))
    return role, user


@pytest.fixture
def closed(app: Flask) -> Provider:
    """A provider for which nobody can get a role."""
    former = add_provider("997003", "Sample Closed", "CT", "SAMPLE003", ProviderKind.HOME_HEALTH_AGENCY)
    with write_transaction() as session:
        session.get_one(Provider, former.ccn).terminated_on = utc_now().date() - timedelta(days=10)
    return former


def add_draft(user: User, provider: Provider) -> int:
    """Somebody's request for a role, filled in."""
    draft = RoleDraft(
        user_id=user.id,
        category=Category.PROVIDER,
        role=Role.PROVIDER_ASSESSMENT_VIEWER,
        ccns=[provider.ccn],
    )
    with write_transaction() as session:
        session.add(draft)
    return draft.id


def add_request(user: User, provider: Provider) -> int:
    """Somebody's request for a role, which waits."""
    request = RoleRequest(
        user_id=user.id,
        role=Role.PROVIDER_ASSESSMENT_VIEWER,
        ccn=provider.ccn,
        state=RequestState.PENDING,
    )
    with write_transaction() as session:
        session.add(request)
    return request.id


@pytest.fixture
def world(
    app: Flask,
    visitor: tuple[str, User],
    colleague: User,
    provider: Provider,
    anothers: Provider,
    closed: Provider,
) -> World:
    role, user = visitor
    members = [
        oasis(
            number,
            fixed={"M0010_CCN": entry.ccn, "HHA_AGENCY_ID": entry.facility_id, "STATE_CD": entry.state},
        )
        for number, entry in enumerate((provider, anothers), start=1)
    ]
    shared = submit(colleague, zip_of(*members)).id
    mine = submit(user, zip_of(PBJ)).id
    for number in (shared, mine):
        process_submission(number)
    waiting = add_person("test.waiting", ssn=None)
    proofing.ask_for_officer(waiting)
    reference = {"system": "OASIS", "version": "3.02", "edit_id": "-3160", "item_id": "M0010_CCN"}
    same: Arguments = {
        **reference,
        "token": "x" * 43,
        "filename": "site.css",
        "case_number": proofing.state_of(waiting).case_number,
        "user_number": colleague.id,
        "role_name": Role.PROVIDER_SECURITY_OFFICIAL.value,
        "office_name": Role.CMS_OFFICIAL.value,
        "own_office": Role.AUDITOR.value if role not in set(Role) or is_for_provider(role) else role,
        "name": role if is_for_provider(role) else Role.ASSESSMENT_SUBMITTER.value,
    }
    app.config["WTF_CSRF_ENABLED"] = False
    elsewhere = app.test_client(), app.test_client()
    for client, person in zip(elsewhere, (user, colleague), strict=True):
        sign_in(client, person.user_id)
    return World(
        own={
            **same,
            "submission_id": mine,
            "key_id": add_key(user, Authenticator()).id,
            "login_id": newest_login(user),
            "draft_id": add_draft(user, closed),
            "request_id": add_request(user, anothers),
            "ccn": provider.ccn,
        },
        anothers={
            **same,
            "submission_id": shared,
            "key_id": add_key(colleague, Authenticator()).id,
            "login_id": newest_login(colleague),
            "draft_id": add_draft(colleague, closed),
            "request_id": add_request(colleague, anothers),
            "ccn": anothers.ccn,
        },
        shared_submission=shared,
    )


def arguments_of(app: Flask, endpoint: str, given: Arguments) -> Arguments:
    """What an address needs; a name that the walk does not know must be added to the world."""
    (rule, *_) = app.url_map.iter_rules(endpoint)
    return {name: given[name] for name in rule.arguments}


class Visits:
    """A person's requests. To read changes nothing; after whatever may have, a new browser signs in."""

    def __init__(self, app: Flask, user: User, role: str) -> None:
        self._app = app
        self._user = user
        self._role = role
        self._client: FlaskClient | None = None

    def ask(self, endpoint: str, method: str, given: Arguments) -> TestResponse:
        """Ask for a route, the key having been used just now."""
        limiter.reset()
        client = self._client or self._signed_in()
        self._client = client if method == "GET" else None
        with self._app.test_request_context():
            address = url_for(endpoint, **arguments_of(self._app, endpoint, given))
        return client.open(address, method=method)

    def _signed_in(self) -> FlaskClient:
        client: FlaskClient = self._app.test_client()
        if self._role != NOT_SIGNED_IN:
            sign_in(client, self._user.user_id)
            with write_transaction() as session:
                session.execute(update(LoginSession).values(proved_at=utc_now()))
        return client


def is_led_away(answer: TestResponse, where: str) -> bool:
    return answer.status_code == 302 and answer.location.split("?")[0] == where


def test_table_names_every_route_and_no_other(app: Flask) -> None:
    table = {(endpoint, method) for endpoint, methods in TABLE.items() for method in methods}
    assert table == set(routes(app))


def test_table_says_of_each_route_for_whom_it_is() -> None:
    for methods in TABLE.values():
        for entry in methods.values():
            assert entry["for"] in GROUPS
            assert ("roles" in entry) is (entry["for"] in {"own provider", "some provider", "office"})
            assert set(entry.get("roles", ())) <= set(Role)
            # An office may be named beside roles for a provider, but no such role where only offices may.
            for_provider = any(is_for_provider(role) for role in entry.get("roles", ()))
            assert for_provider is (entry["for"] in {"own provider", "some provider"})


def test_whatever_names_an_object_is_for_its_owner_a_provider_or_an_office(app: Flask) -> None:
    of_nobody = {"filename", "token", "system", "version", "edit_id", "item_id"}
    for rule in app.url_map.iter_rules():
        if rule.arguments - of_nobody:
            for entry in TABLE[rule.endpoint].values():
                assert entry["for"] in {"owner", "own provider", "office"}, rule


def test_what_names_an_object_does_not_exist_for_who_may_not_see_it(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.arguments:
            assert all("refused" not in entry for entry in TABLE[rule.endpoint].values()), rule


def test_every_route_answers_those_whom_the_table_names_and_nobody_else(
    app: Flask, visitor: tuple[str, User], world: World
) -> None:
    role, user = visitor
    visits = Visits(app, user, role)
    wrong = []
    for endpoint, method in routes(app):
        entry = TABLE[endpoint][method]
        if role == NOT_PROVED:
            prove(user, ProofingState.WAITING)
        elif is_for_provider(role):
            # One of the pages gives the role up.
            grant(user, world.own["ccn"], Role(role))
        elif role in set(Role):
            appoint(user, Role(role))
        given = dict(world.own)
        if entry["for"] == "own provider":
            given["submission_id"] = world.shared_submission
        answer = visits.ask(endpoint, method, given)
        expected = expectation(entry, endpoint, role)
        if not fits(answer, expected):
            wrong.append(f"{method} {endpoint}: {answer.status_code} {answer.location or ''}, not {expected}")
    assert not wrong, "\n".join(wrong)


def test_what_is_anothers_does_not_exist(
    app: Flask, visitor: tuple[str, User], colleague: User, world: World
) -> None:
    role, user = visitor
    if role in {NOT_SIGNED_IN, NOT_PROVED}:
        return
    visits = Visits(app, user, role)
    wrong = []
    for endpoint, method in routes(app):
        entry = TABLE[endpoint][method]
        if entry["for"] not in {"owner", "own provider"}:
            continue
        asked = [world.anothers]
        if entry["for"] == "own provider":
            # Another's provider in one's own submission, and in one that has records of both.
            asked.append({**world.anothers, "submission_id": world.own["submission_id"]})
        for given in asked:
            answer = visits.ask(endpoint, method, given)
            sees_all = role in entry.get("roles", ()) and not is_for_provider(role)
            expected = entry.get("status", 200) if sees_all else entry.get("anothers", 404)
            if answer.status_code != expected:
                wrong.append(f"{method} {endpoint}: {answer.status_code} {answer.location or ''}")
    assert not wrong, "\n".join(wrong)
    db.session.rollback()
    assert newest_login(colleague) == world.anothers["login_id"]
    assert db.session.get(SecurityKey, world.anothers["key_id"]) is not None


def expectation(entry: dict[str, Any], endpoint: str, role: str) -> int | str:
    """The status of the answer, or where one is led instead."""
    status: int = entry.get("status", 200)
    if entry["for"] == "everybody":
        return status if role == NOT_SIGNED_IN else entry.get("signed_in", status)
    if role == NOT_SIGNED_IN:
        return "/sign-in"
    reachable = endpoint.split(".", maxsplit=1)[0] in UNPROVED or endpoint in UNPROVED_ENDPOINTS
    if role == NOT_PROVED and not reachable:
        return "/identity-proofing"
    if "roles" in entry:
        return status if role in entry["roles"] else entry.get("refused", 404)
    return status


def fits(answer: TestResponse, expected: int | str) -> bool:
    return answer.status_code == expected if isinstance(expected, int) else is_led_away(answer, expected)


def prove(user: User, state: ProofingState) -> None:
    with write_transaction() as session:
        session.get_one(User, user.id).proofing = state
