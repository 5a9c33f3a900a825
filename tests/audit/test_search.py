from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from iqies_flask.audit import search
from iqies_flask.audit import service as audit
from iqies_flask.audit.models import Outcome
from iqies_flask.audit.search import Filter, find, find_all
from iqies_flask.database import write_transaction

FIRST = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def entries(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Six entries, a day apart."""
    moments = iter(FIRST + timedelta(days=day) for day in range(6))
    monkeypatch.setattr(audit, "utc_now", lambda: next(moments))
    with write_transaction() as session:
        audit.record(session, "sign_in.password", actor_id=7, actor="one", object_type="account", object_id=7)
        audit.record(
            session,
            "sign_in.password",
            actor="",
            object_type="account",
            object_id=7,
            outcome=Outcome.FAILED,
        )
        audit.record(session, "sign_in.key", actor_id=7, actor="one", object_type="account", object_id=7)
        audit.record(
            session, "submission.received", actor_id=8, actor="two", object_type="submission", object_id=7
        )
        audit.record(session, "sign_inX", actor_id=8, actor="two")
        audit.record(session, "account.created", actor="command line", object_type="account", object_id=8)


def numbers(wanted: Filter) -> list[int]:
    return [entry.number for entry in find(wanted, 100).entries]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(), [6, 5, 4, 3, 2, 1]),
        (Filter(actor="two"), [5, 4]),
        (Filter(actor="command line"), [6]),
        (Filter(actor="one", account=7), [3, 2, 1]),
        (Filter(account=8), [6, 5, 4]),
        (Filter(actor="nobody"), []),
        (Filter(action="sign_in"), [3, 2, 1]),
        (Filter(action="sign_in.key"), [3]),
        (Filter(action="%"), []),
        (Filter(object_type="account"), [6, 3, 2, 1]),
        (Filter(object_id="7"), [4, 3, 2, 1]),
        (Filter(object_type="submission", object_id="7"), [4]),
        (Filter(outcome=Outcome.FAILED), [2]),
        (Filter(since=FIRST + timedelta(days=4)), [6, 5]),
        (Filter(before=FIRST + timedelta(days=2)), [2, 1]),
        (Filter(account=7, outcome=Outcome.DONE, before=FIRST + timedelta(days=1)), [1]),
    ],
)
def test_filters(entries: None, wanted: Filter, found: list[int]) -> None:
    assert numbers(wanted) == found


@pytest.mark.parametrize(
    ("place", "found", "newer", "older"),
    [
        ({}, [6, 5], False, True),
        ({"older_than": 5}, [4, 3], True, True),
        ({"older_than": 3}, [2, 1], True, False),
        ({"older_than": 1}, [], True, False),
        ({"newer_than": 2}, [4, 3], True, True),
        ({"newer_than": 4}, [6, 5], False, True),
        ({"newer_than": 0}, [2, 1], True, False),
    ],
)
def test_pages(entries: None, place: dict[str, int], found: list[int], newer: bool, older: bool) -> None:
    part = find(Filter(), 2, **place)
    assert [entry.number for entry in part.entries] == found
    assert (part.newer, part.older) == (newer, older)


def test_pages_of_what_is_filtered(entries: None) -> None:
    part = find(Filter(action="sign_in"), 2)
    assert [entry.number for entry in part.entries] == [3, 2]
    assert (part.newer, part.older) == (False, True)
    part = find(Filter(action="sign_in"), 2, older_than=2)
    assert [entry.number for entry in part.entries] == [1]
    assert (part.newer, part.older) == (True, False)


def test_all_are_found_some_at_a_time(entries: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "_BATCH", 2)
    assert [entry.number for entry in find_all(Filter())] == [6, 5, 4, 3, 2, 1]
    assert list(find_all(Filter(actor="nobody"))) == []
