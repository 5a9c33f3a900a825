from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from iqies_flask.model import Change, EditType, Finding, ItemValue, Receipt, RecordSummary, Route, Severity
from iqies_flask.pipeline.answers import MOST_ANSWERS, check_answer
from iqies_flask.plugin import Identification

FINDING = Finding("T-1", "test", Severity.WARNING, EditType.CONSISTENCY, "It is odd.", "", (ItemValue("A"),))
CHANGE = Change("A", "b", "c", "why")
ROUTE = Route("here", "this place")
RECEIPT = Receipt(1, "r", "done", datetime(2026, 1, 1, tzinfo=UTC))
KNOWN = Identification("TEST", findings=(FINDING,))


@pytest.mark.parametrize(
    ("hook", "answer", "value"),
    [
        ("validate", [FINDING], [FINDING]),
        ("validate", (FINDING,), [FINDING]),
        ("validate", iter([FINDING]), [FINDING]),
        ("validate", None, []),
        ("scrub", [CHANGE, FINDING], [CHANGE, FINDING]),
        ("register_specs", [Path("a")], [Path("a")]),
        ("route", ROUTE, ROUTE),
        ("route", None, None),
        ("identify", KNOWN, KNOWN),
        ("identify", None, None),
        ("deliver", [RECEIPT], [RECEIPT]),
        ("deliver", [], []),
        ("deliver", None, None),
    ],
)
def test_right_answers_are_taken(hook: str, answer: object, value: object) -> None:
    checked = check_answer(hook, answer)
    assert (checked.value, checked.fault) == (value, "")


def spoiled(thing: Any, **fields: object) -> Any:
    return replace(thing, **fields)


@pytest.mark.parametrize(
    ("hook", "answer", "value"),
    [
        ("validate", 42, []),
        ("validate", "a text", []),
        ("validate", {"a": 1}, []),
        ("validate", FINDING, []),
        ("validate", [FINDING, "a text"], [FINDING]),
        ("validate", [CHANGE], []),
        ("validate", [spoiled(FINDING, severity="Fatal")], []),
        ("validate", [spoiled(FINDING, edit_type="Format")], []),
        ("validate", [spoiled(FINDING, edit_id=-3060)], []),
        ("validate", [spoiled(FINDING, message=None)], []),
        ("validate", [spoiled(FINDING, items=None)], []),
        ("validate", [spoiled(FINDING, items=("A",))], []),
        ("validate", [spoiled(FINDING, items=(ItemValue("A", value=1),))], []),  # type: ignore[arg-type]
        ("scrub", [spoiled(CHANGE, after=None)], []),
        ("register_specs", ["a"], []),
        ("route", "assessments", None),
        ("route", spoiled(ROUTE, destination=None), None),
        ("identify", "MDS", None),
        ("identify", spoiled(KNOWN, system=""), None),
        ("identify", spoiled(KNOWN, pack="3.10"), None),
        ("identify", spoiled(KNOWN, summary=None), None),
        ("identify", spoiled(KNOWN, summary=RecordSummary(ccn=None)), None),  # type: ignore[arg-type]
        ("identify", spoiled(KNOWN, findings=[FINDING]), None),
        ("identify", spoiled(KNOWN, findings=("x",)), None),
        ("deliver", [None], []),
        ("deliver", [spoiled(RECEIPT, delivered_at="now")], []),
        ("deliver", RECEIPT, []),
    ],
)
def test_of_wrong_answers_only_what_is_right_is_taken(hook: str, answer: object, value: object) -> None:
    checked = check_answer(hook, answer)
    assert checked.value == value
    assert checked.fault


def test_a_generator_without_end_is_left() -> None:
    def endless() -> Iterator[Finding]:
        while True:
            yield FINDING

    checked = check_answer("validate", endless())
    assert len(checked.value) == MOST_ANSWERS
    assert "more than" in checked.fault


def test_a_fault_names_the_type_and_never_the_value() -> None:
    assert "999-99-9999" not in check_answer("validate", ["999-99-9999"]).fault
