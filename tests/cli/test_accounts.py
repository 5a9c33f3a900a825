from datetime import UTC, datetime
from pathlib import Path

import pytest

from iqies_flask import create_app
from iqies_flask.database import write_transaction
from iqies_flask.identity.security_keys.models import SecurityKey
from iqies_flask.identity.service import authenticate, create_user, find_user
from iqies_flask.identity.sessions import service as sessions
from iqies_flask.identity.sessions.models import Level

from .conftest import Invoke

PASSWORD = "a sentence for tests"
PROVIDER = ("--name", "Test Home", "--state", "CT", "--facility-id", "TESTNH1", "--kind", "snf")


@pytest.fixture
def database(iqies: Invoke) -> Invoke:
    iqies("db", "upgrade")
    iqies("provider", "add", "995001", *PROVIDER)
    return iqies


def table(iqies: Invoke, *arguments: str) -> list[list[str]]:
    return [line.split("\t") for line in iqies(*arguments).stdout.splitlines()[1:]]


def row(
    state: str, *, keys: str = "0", signed_in: str = "never", roles: str = "", offices: str = ""
) -> list[str]:
    return ["test.user", state, "proved", keys, signed_in, roles, offices]


def test_an_account_is_made_and_can_sign_in(database: Invoke) -> None:
    database("user", "add", "test.user", "--ccn", "995001", stdin=f"{PASSWORD}\n{PASSWORD}\n")
    assert table(database, "user", "list") == [row("active", roles="995001 assessment-submitter")]
    with create_app().app_context():
        assert authenticate("test.user", PASSWORD) is not None


def test_the_password_is_asked_for_twice(database: Invoke) -> None:
    run = database("user", "add", "test.user", stdin=f"{PASSWORD}\nsomething else\n", status=1)
    assert "do not match" in run.output
    assert table(database, "user", "list") == []


def test_the_password_comes_from_the_standard_input(database: Invoke) -> None:
    database("user", "add", "test.user", "--password-stdin", stdin=PASSWORD)
    database("user", "passwd", "test.user", "--password-stdin", stdin="another sentence\n")
    with create_app().app_context():
        assert authenticate("test.user", PASSWORD) is None
        assert authenticate("test.user", "another sentence") is not None


def test_grants_come_and_go(database: Invoke) -> None:
    database("user", "add", "test.user", "--password-stdin", stdin=PASSWORD)
    assert "Test Home" not in database("user", "grant", "test.user", "--ccn", "995001").stderr
    assert table(database, "user", "list") == [row("active", roles="995001 assessment-submitter")]
    database("user", "revoke", "test.user", "--ccn", "995001")
    assert table(database, "user", "list") == [row("active")]


def test_roles_are_granted_and_revoked_one_by_one_or_all(database: Invoke) -> None:
    database("user", "add", "test.user", "--ccn", "995001", "--password-stdin", stdin=PASSWORD)
    said = database(
        "user", "grant", "test.user", "--ccn", "995001", "--role", "provider-administrator"
    ).stdout
    assert said == "test.user is assessment-submitter for 995001, provider-administrator for 995001.\n"
    said = database("user", "revoke", "test.user", "--ccn", "995001", "--role", "assessment-submitter").stdout
    assert said == "test.user is provider-administrator for 995001.\n"
    said = database("user", "revoke", "test.user", "--ccn", "995001", "--role", "assessment-submitter").stdout
    assert "does not hold assessment-submitter for 995001: nothing to revoke" in said
    database("user", "revoke", "test.user", "--ccn", "995001")
    assert table(database, "user", "list") == [row("active")]


def test_matrix_that_is_printed_can_be_used(
    database: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "matrix.toml"
    path.write_text(database("user", "matrix").stdout)
    monkeypatch.setenv("IQIES_MATRIX_FILE", str(path))
    assert table(database, "user", "list") == []
    path.write_text("[actions]")
    said = database("user", "list", status=1).stderr
    assert f"The permission matrix {path} cannot be used: the action" in said


@pytest.mark.parametrize("command", ["worker", "web"])
def test_processes_say_what_is_wrong_with_the_matrix(
    database: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("IQIES_MATRIX_FILE", str(tmp_path / "missing.toml"))
    said = database(command, status=1)
    assert "missing.toml cannot be read" in said.stderr
    assert "Traceback" not in said.output


def test_an_account_is_shut_and_opened(database: Invoke) -> None:
    database("user", "add", "test.user", "--password-stdin", stdin=PASSWORD)
    database("user", "deactivate", "test.user")
    assert table(database, "user", "list") == [row("deactivated")]
    database("user", "activate", "test.user")
    assert table(database, "user", "list") == [row("active")]


def test_sessions_are_ended_for_one_and_for_all(database: Invoke) -> None:
    for user_id in ("test.user", "other.user", "third.user"):
        database("user", "add", user_id, "--password-stdin", stdin=PASSWORD)
    signed_in = {}
    with create_app().app_context():
        for user_id in ("test.user", "other.user"):
            user = find_user(user_id)
            assert user is not None
            with write_transaction() as session:
                signed_in[user_id] = sessions.begin(session, user, Level.FULL, address="", browser="")

    def still() -> list[str]:
        with create_app().app_context():
            return [user_id for user_id, token in signed_in.items() if sessions.find(token)]

    assert database("user", "sign-out", "test.user").stdout == "test.user is signed out everywhere.\n"
    assert still() == ["other.user"]
    assert (
        "Accounts that were signed out everywhere: 1." in database("user", "sign-out", "--everybody").stdout
    )
    assert still() == []
    assert [entry[4] for entry in table(database, "audit", "list")[:2]] == ["session.ended"] * 2
    for arguments in ((), ("test.user", "--everybody")):
        assert "Give a user ID, or --everybody." in database("user", "sign-out", *arguments, status=2).stderr


def test_officers_come_and_go(database: Invoke) -> None:
    database("user", "add", "test.user", "--password-stdin", stdin=PASSWORD)
    said = database("user", "appoint", "test.user", "proofing-officer").stdout
    assert said == "test.user is proofing-officer now.\n"
    database("user", "appoint", "test.user", "auditor")
    assert table(database, "user", "list") == [row("active", offices="auditor proofing-officer")]
    database("user", "dismiss", "test.user", "auditor")
    assert table(database, "user", "list") == [row("active", offices="proofing-officer")]


def test_what_the_command_line_does_is_in_the_audit_log(database: Invoke) -> None:
    database("user", "add", "test.user", "--ccn", "995001", "--password-stdin", stdin=PASSWORD)
    database("user", "passwd", "test.user", "--password-stdin", stdin="another sentence")
    database("user", "deactivate", "test.user")
    database("user", "activate", "test.user")
    entries = table(database, "audit", "list")[::-1]
    assert [(entry[2], entry[4]) for entry in entries] == [
        ("command line", "provider.registered"),
        ("command line", "account.created"),
        ("command line", "role.granted"),
        ("command line", "password.changed"),
        ("command line", "account.deactivated"),
        ("command line", "account.activated"),
    ]


def test_the_operator_is_told_what_the_person_does(database: Invoke) -> None:
    said = database(
        "user", "add", "test.user", "--email", "Test@example.org", "--password-stdin", stdin=PASSWORD
    ).stdout
    assert "sets up a security key or passkey and gets ten recovery codes" in said
    assert "http://localhost:8000/" in said
    assert "no e-mail address" not in said
    with create_app().app_context():
        user = find_user("test.user")
        assert user is not None
        assert user.email == "Test@example.org"
    said = database("user", "add", "other.user", "--password-stdin", stdin=PASSWORD).stdout
    assert "no e-mail address" in said


def test_an_address_serves_one_account(database: Invoke) -> None:
    mail = ("--email", "test@example.org", "--password-stdin")
    database("user", "add", "test.user", *mail, stdin=PASSWORD)
    assert "is taken" in database("user", "add", "other.user", *mail, stdin=PASSWORD, status=1).stderr


def add_key() -> None:
    with create_app().app_context(), write_transaction() as session:
        user = find_user("test.user")
        assert user is not None
        user.last_sign_in_at = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
        session.add(
            SecurityKey(
                user_id=user.id,
                name="Key",
                credential_id=b"c",
                public_key=b"k",
                sign_count=0,
                transports=[],
                aaguid="",
                backed_up=False,
            )
        )


def test_lost_keys_are_taken_away_once_the_operator_is_sure(database: Invoke) -> None:
    database("user", "add", "test.user", "--password-stdin", stdin=PASSWORD)
    add_key()
    with_key = row("active", keys="1", signed_in="2026-11-22 09:30 UTC")
    assert table(database, "user", "list") == [with_key]
    run = database("user", "reset-second-factor", "test.user", stdin="n\n", status=1)
    assert "Call the person back" in run.output
    assert table(database, "user", "list") == [with_key]
    said = database("user", "reset-second-factor", "test.user", stdin="y\n").stdout
    assert "1 key was removed" in said
    assert "tell the person yourself" in said
    assert table(database, "user", "list") == [row("active", signed_in="2026-11-22 09:30 UTC")]
    assert table(database, "audit", "list", "--action", "second_factor.reset")[0][2] == "command line"


def test_being_sure_can_be_said_beforehand(database: Invoke) -> None:
    database("user", "add", "test.user", "--email", "test@example.org", "--password-stdin", stdin=PASSWORD)
    said = database("user", "reset-second-factor", "test.user", "--yes").stdout
    assert "0 keys were removed" in said
    assert "told by e-mail" in said


def test_accounts_of_a_demonstration_are_shut(database: Invoke) -> None:
    database("user", "add", "test.user", "--password-stdin", stdin=PASSWORD)
    assert "No account" in database("user", "deactivate-demo").stdout
    with create_app().app_context():
        create_user("demo.person", PASSWORD, of_demonstration=True)
    assert "Deactivated: demo.person." in database("user", "deactivate-demo").stdout
    assert [line[:2] for line in table(database, "user", "list")] == [
        ["demo.person", "deactivated"],
        ["test.user", "active"],
    ]


def test_providers_are_listed(database: Invoke) -> None:
    assert table(database, "provider", "list") == [["995001", "Test Home", "CT", "TESTNH1", "snf"]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["user", "add", "test.user", "--ccn", "997999", "--password-stdin"],
            "no provider with the CCN 997999",
        ),
        (["user", "add", "x", "--password-stdin"], "It needs 6 to 30"),
        (["user", "add", "test.user", "--email", "nowhere", "--password-stdin"], "Enter an e-mail address"),
        (["user", "reset-second-factor", "nobody"], "There is no user nobody"),
        (["user", "passwd", "nobody", "--password-stdin"], "There is no user nobody"),
        (["user", "grant", "nobody", "--ccn", "995001"], "There is no user nobody"),
        (["user", "sign-out", "nobody"], "There is no user nobody"),
        (["user", "deactivate", "nobody"], "There is no user nobody"),
        (["user", "appoint", "nobody", "auditor"], "There is no user nobody"),
        (["user", "dismiss", "nobody", "auditor"], "There is no user nobody"),
        (["provider", "add", "12", *PROVIDER], "12 has 2 positions; a CCN has six"),
    ],
)
def test_what_cannot_be_done_is_said_plainly(database: Invoke, arguments: list[str], message: str) -> None:
    run = database(*arguments, stdin=PASSWORD, status=1)
    assert message in run.stderr
    assert table(database, "user", "list") == []


def test_a_short_password_is_refused(database: Invoke) -> None:
    assert (
        "fewer than 8"
        in database("user", "add", "test.user", "--password-stdin", stdin="short", status=1).stderr
    )


def test_without_a_database_the_command_to_make_one_is_named(iqies: Invoke) -> None:
    assert "iqies db upgrade" in iqies("user", "list", status=1).stderr


def test_without_keys_the_setting_is_named(
    iqies: Invoke, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("IQIES_ENVIRONMENT", "production")
    monkeypatch.setenv("IQIES_SITE_URL", "https://iqies.example.org")
    assert "IQIES_SECRET_KEY" in iqies("user", "list", status=1).stderr


def test_what_cannot_be_corrected_or_reopened_is_said(database: Invoke) -> None:
    database("user", "add", "test.user", "--password-stdin", stdin=PASSWORD)
    run = database("user", "reopen-proofing", "test.user", status=1)
    assert "Error: The identity of test.user is proved already." in run.output
    run = database("user", "correct-birth-date", "test.user", stdin="1981-02-30\n", status=1)
    assert "There is no such date." in run.output
    run = database("user", "correct-birth-date", "test.user", stdin="1981-03-01\n", status=1)
    assert "Nothing is known of the person" in run.output
    assert "1981" not in run.output
