import pytest
from flask import Flask
from flask.testing import FlaskClient

from iqies_flask.database import write_transaction
from iqies_flask.identity.models import ProofingState, User
from iqies_flask.identity.sessions.models import Level
from tests.browsing import sign_in

PUBLIC = {"/", "/healthz", "/reference", "/session", "/sign-in", "/vut"}


def plain_pages(app: Flask) -> set[str]:
    """The addresses of all pages that can be asked for without further ado."""
    return {
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments and not rule.rule.startswith("/api/")
    }


def test_what_is_not_public_asks_to_sign_in(app: Flask, client: FlaskClient) -> None:
    closed = {
        path
        for path in plain_pages(app)
        if client.get(path).headers.get("Location", "").startswith("/sign-in?")
    }
    assert {"/submissions", "/submissions/new", "/reports", "/security-keys", "/sign-in/key"} <= closed
    assert not PUBLIC & closed


def test_page_asked_for_is_remembered(client: FlaskClient) -> None:
    assert client.get("/submissions?q=1").location == "/sign-in?next=/submissions?q%3D1"


def test_password_alone_opens_only_the_second_step(app: Flask, client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id, Level.PASSWORD)
    for path in ("/submissions", "/reports", "/security-keys", "/sign-in/again"):
        assert client.get(path).location == "/sign-in/key"
    assert client.get("/sign-in/recovery-code").status_code == 200
    assert "Main" not in client.get("/vut").text


@pytest.mark.parametrize("state", [ProofingState.NEEDED, ProofingState.WAITING, ProofingState.REFUSED])
def test_unproved_person_sees_the_state_of_proofing_and_nothing_else(
    app: Flask, client: FlaskClient, submitter: User, state: ProofingState
) -> None:
    with write_transaction() as session:
        session.get_one(User, submitter.id).proofing = state
    sign_in(client, submitter.user_id)
    for path in ("/submissions", "/submissions/new", "/reports"):
        assert client.get(path).location == "/identity-proofing"
    assert client.get("/security-keys").status_code == 200


def test_proved_person_gets_through(client: FlaskClient, submitter: User) -> None:
    sign_in(client, submitter.user_id)
    for path in ("/submissions", "/submissions/new", "/reports"):
        assert client.get(path).status_code == 200
