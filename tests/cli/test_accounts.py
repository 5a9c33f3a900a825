from pathlib import Path

import pytest

from iqies_flask import create_app
from iqies_flask.identity.service import authenticate

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


def test_an_account_is_made_and_can_sign_in(database: Invoke) -> None:
    database("user", "add", "test.user", "--ccn", "995001", stdin=f"{PASSWORD}\n{PASSWORD}\n")
    assert table(database, "user", "list") == [["test.user", "active", "995001", ""]]
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
    assert table(database, "user", "list") == [["test.user", "active", "995001", ""]]
    database("user", "revoke", "test.user", "--ccn", "995001")
    assert table(database, "user", "list") == [["test.user", "active", "", ""]]


def test_an_account_is_shut_and_opened(database: Invoke) -> None:
    database("user", "add", "test.user", "--password-stdin", stdin=PASSWORD)
    database("user", "deactivate", "test.user")
    assert table(database, "user", "list") == [["test.user", "deactivated", "", ""]]
    database("user", "activate", "test.user")
    assert table(database, "user", "list") == [["test.user", "active", "", ""]]


def test_officers_come_and_go(database: Invoke) -> None:
    database("user", "add", "test.user", "--password-stdin", stdin=PASSWORD)
    said = database("user", "appoint", "test.user", "proofing-officer").stdout
    assert said == "test.user is proofing-officer at the Service Center.\n"
    database("user", "appoint", "test.user", "auditor")
    assert table(database, "user", "list") == [["test.user", "active", "", "auditor proofing-officer"]]
    database("user", "dismiss", "test.user", "auditor")
    assert table(database, "user", "list") == [["test.user", "active", "", "proofing-officer"]]


def test_what_the_command_line_does_is_in_the_audit_log(database: Invoke) -> None:
    database("user", "add", "test.user", "--ccn", "995001", "--password-stdin", stdin=PASSWORD)
    database("user", "passwd", "test.user", "--password-stdin", stdin="another sentence")
    database("user", "deactivate", "test.user")
    database("user", "activate", "test.user")
    entries = table(database, "audit", "list")[::-1]
    assert [(entry[2], entry[4]) for entry in entries] == [
        ("command line", "provider.registered"),
        ("command line", "account.created"),
        ("command line", "access.granted"),
        ("command line", "password.changed"),
        ("command line", "account.deactivated"),
        ("command line", "account.activated"),
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
        (["user", "passwd", "nobody", "--password-stdin"], "There is no user nobody"),
        (["user", "grant", "nobody", "--ccn", "995001"], "There is no user nobody"),
        (["user", "deactivate", "nobody"], "There is no user nobody"),
        (["user", "appoint", "nobody", "auditor"], "There is no user nobody"),
        (["user", "dismiss", "nobody", "auditor"], "There is no user nobody"),
        (["provider", "add", "12", *PROVIDER], "is no CCN"),
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
