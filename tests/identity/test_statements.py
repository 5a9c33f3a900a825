"""Pages with lists ask the database as often for many entries as for one."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from iqies_flask.access.models import OfficeGrant
from iqies_flask.access.roles import Role
from iqies_flask.database import write_transaction
from iqies_flask.identity import events
from iqies_flask.identity.origin import NOWHERE
from iqies_flask.identity.proofing import service as proofing
from iqies_flask.identity.security_keys.models import SecurityKey
from iqies_flask.identity.service import create_user, find_user
from iqies_flask.identity.sessions import service as sessions
from iqies_flask.identity.sessions.models import Level
from tests.browsing import sign_in
from tests.conftest import PASSWORD
from tests.identity.proofing.persons import add_person
from tests.statements import noted


@pytest.fixture
def owner(app: Flask, client: FlaskClient) -> str:
    user = create_user("test.owner", PASSWORD)
    with write_transaction() as session:
        session.add_all(
            OfficeGrant(user_id=user.id, role=role) for role in (Role.AUDITOR, Role.PROOFING_OFFICER)
        )
    add_entries(1)
    sign_in(client, user.user_id)
    return user.user_id


def add_entries(first: int, last: int = 0) -> None:
    """Give the owner keys, sessions and history, and officers persons to prove."""
    user = find_user("test.owner")
    assert user is not None
    for number in range(first, max(first, last) + 1):
        with write_transaction() as session:
            session.add(
                SecurityKey(
                    user_id=user.id,
                    name=f"Key {number}",
                    credential_id=bytes([number]),
                    public_key=b"",
                    sign_count=0,
                    transports=[],
                    aaguid="",
                    backed_up=False,
                )
            )
            sessions.begin(session, user, Level.FULL, address="192.0.2.7", browser="Firefox")
            events.record(session, "sign_in.key", user, NOWHERE)
        proofing.ask_for_officer(add_person(f"waiting.{number}", ssn=None))


def statements(client: FlaskClient, page: str) -> int:
    """Count what a page asks the database, once everything that is read once has been read."""
    client.get(page)
    with noted() as asked:
        assert client.get(page).status_code == 200
    assert asked
    return len(asked)


@pytest.mark.usefixtures("owner")
@pytest.mark.parametrize(
    "page",
    [
        "/profile",
        "/profile/sessions",
        "/profile/history",
        "/security-keys",
        "/service-center/proofing",
        "/service-center/audit",
    ],
)
def test_pages_ask_as_often_for_many_entries_as_for_one(client: FlaskClient, page: str) -> None:
    one = statements(client, page)
    add_entries(2, 6)
    assert statements(client, page) == one
