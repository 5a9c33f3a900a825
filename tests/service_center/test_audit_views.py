import csv
import datetime
import io
from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from iqies_flask import create_app
from iqies_flask.access.grants import appoint
from iqies_flask.access.roles import Role
from iqies_flask.audit import service as audit
from iqies_flask.audit.models import Outcome
from iqies_flask.config import Settings
from iqies_flask.database import write_transaction
from iqies_flask.identity.models import User
from iqies_flask.identity.service import create_user
from iqies_flask.service_center import audit_log
from tests.browsing import sign_in
from tests.conftest import PASSWORD


@pytest.fixture
def auditor(app: Flask) -> User:
    user = create_user("test.auditor", PASSWORD)
    appoint(user, Role.AUDITOR)
    return user


@pytest.fixture
def browsing(client: FlaskClient, auditor: User) -> FlaskClient:
    sign_in(client, auditor.user_id)
    return client


def record(number: int, **values: object) -> None:
    with write_transaction() as session:
        for _ in range(number):
            audit.record(session, **{"action": "test.done", "actor": "somebody", **values})  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["/service-center/audit", "/service-center/audit.csv"])
def test_others_read_why_they_may_not_see_the_log(client: FlaskClient, submitter: User, path: str) -> None:
    assert client.get(path).status_code == 302
    appoint(submitter, Role.PROOFING_OFFICER)
    sign_in(client, submitter.user_id)
    answer = client.get(path)
    assert (answer.status_code, "It takes the role Auditor." in answer.text) == (403, True)
    assert "Audit log" not in client.get("/submissions").text
    appoint(submitter, Role.AUDITOR)
    assert client.get(path).status_code == 200
    assert (
        '<a class="site-nav__link" href="/service-center/audit">Audit log</a>'
        in client.get("/submissions").text
    )


def test_entries_are_shown_with_all_that_is_known(browsing: FlaskClient, submitter: User) -> None:
    record(
        1,
        action="key.added",
        actor_id=submitter.id,
        actor=submitter.user_id,
        address="192.0.2.7",
        object_type="account",
        object_id=submitter.id,
        outcome=Outcome.REFUSED,
        name="<b>blue</b>",
    )
    page = browsing.get("/service-center/audit", query_string={"action": "key"}).text
    for shown in ("192.0.2.7", "<code>key.added</code>", "Refused", f"account {submitter.id}", "submitter"):
        assert shown in page
    assert "&lt;b&gt;blue&lt;/b&gt;" in page
    assert "<code>account.created</code>" not in page


def test_filters_come_from_the_form(browsing: FlaskClient, submitter: User, stranger: User) -> None:
    page = browsing.get("/service-center/audit", query_string={"user_id": "SUBMITTER"}).text
    assert ">stranger<" not in page
    assert ">submitter<" in page
    page = browsing.get("/service-center/audit", query_string={"user_id": "nobody.known"}).text
    assert "No entry matches" in page


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"since": "yesterday"}, "Not a valid date value."),
        ({"since": "0001-01-01"}, "Give a date with a year from 2000 on."),
        ({"until": "9999-12-31"}, "Give a date with a year from 2000 on."),
        ({"since": "2026-03-02", "until": "2026-03-01"}, "The last day is before the first one."),
        ({"outcome": "x"}, "Not a valid choice."),
        ({"user_id": "x" * 65}, "Field cannot be longer than 64 characters."),
    ],
)
def test_what_cannot_be_asked_is_said(browsing: FlaskClient, query: dict[str, str], message: str) -> None:
    answer = browsing.get("/service-center/audit", query_string=query)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert message in answer.text
    assert browsing.get("/service-center/audit.csv", query_string=query).status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        {"user_id": "a\0b"},
        {"action": "%"},
        {"object": "account \0"},
        {"before": "x"},
        {"before": "-1"},
        {"after": "9" * 30},
        {"since": "2026-03-01", "until": "2026-03-01"},
    ],
)
def test_strange_questions_are_answered(browsing: FlaskClient, query: dict[str, str]) -> None:
    assert browsing.get("/service-center/audit", query_string=query).status_code == 200


def test_pages_go_by_number_and_keep_the_filter(
    browsing: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_log, "PAGE_ENTRIES", 2)
    record(5)
    asked = {"action": "test.done"}
    page = browsing.get("/service-center/audit", query_string=asked).text
    first, second = page.split("Entries ")[1].split(",")[0].split(" to ")
    assert int(first) == int(second) + 1
    assert "Newer" not in page
    assert f"/service-center/audit?before={second}&amp;action=test.done" in page
    page = browsing.get("/service-center/audit", query_string={**asked, "before": second}).text
    assert f"Entries {int(second) - 1} to {int(second) - 2}," in page
    assert f"?after={int(second) - 1}&amp;action=test.done" in page
    assert "Older" in page
    page = browsing.get("/service-center/audit", query_string={**asked, "before": int(second) - 2}).text
    assert "Older" not in page


def test_days_are_those_of_the_installation(settings: Settings) -> None:
    zone = replace(settings, time_zone="America/New_York").zone
    with create_app(settings).app_context():
        day = datetime.date(2026, 3, 1)
        asked = audit_log.wanted(since=day, until=day, zone=zone)
    assert asked.since == datetime.datetime(2026, 3, 1, 5, tzinfo=datetime.UTC)
    assert asked.before == datetime.datetime(2026, 3, 2, 5, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("typed", "kind", "which"),
    [
        ("account 12", "account", "12"),
        ("submission", "submission", ""),
        ("1000001", "", "1000001"),
        ("", "", ""),
    ],
)
def test_objects_as_they_are_typed(settings: Settings, typed: str, kind: str, which: str) -> None:
    asked = audit_log.wanted(thing=typed, zone=settings.zone)
    assert (asked.object_type, asked.object_id) == (kind, which)


def test_download_holds_what_was_asked_for_and_no_formula(browsing: FlaskClient, auditor: User) -> None:
    record(3, actor="=HYPERLINK(1)", note="x")
    record(1, action="other.done")
    answer = browsing.get("/service-center/audit.csv", query_string={"action": "test"})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=audit-")
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))
    assert [row["actor"] for row in rows] == ["'=HYPERLINK(1)"] * 3
    assert [int(row["number"]) for row in rows] == sorted((int(row["number"]) for row in rows), reverse=True)
    assert rows[0]["detail"] == '{"note":"x"}'
    assert len(rows[0]["chain_hash"]) == 64
    page = browsing.get("/service-center/audit", query_string={"action": "audit.downloaded"}).text
    assert auditor.user_id in page
    assert "&#39;action&#39;: &#39;test&#39;" in page
