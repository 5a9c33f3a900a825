from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from iqies_flask.model import (
    AskQuestions,
    Change,
    Choice,
    EditType,
    Failed,
    Finding,
    ItemValue,
    LeaveToOfficer,
    NeedReference,
    Proved,
    Question,
    Receipt,
    RecordSummary,
    Route,
    Severity,
)
from iqies_flask.pipeline.answers import MOST_ANSWERS, MOST_QUESTIONS, check_answer
from iqies_flask.plugin import Identification

FINDING = Finding("T-1", "test", Severity.WARNING, EditType.CONSISTENCY, "It is odd.", "", (ItemValue("A"),))
CHANGE = Change("A", "b", "c", "why")
ROUTE = Route("here", "this place")
RECEIPT = Receipt(1, "r", "done", datetime(2026, 1, 1, tzinfo=UTC))
KNOWN = Identification("TEST", findings=(FINDING,))
YES_NO = (Choice("1", "Yes"), Choice("2", "No"))
ASKED = AskQuestions((Question("a", "Is it A?", YES_NO), Question("b", "Is it B?", YES_NO)), {"right": [1]})
CALL = NeedReference("Call us.", {"tries": 1})
MANY = tuple(Question(str(number), "Is it?", YES_NO) for number in range(MOST_QUESTIONS + 1))


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
        ("prove_identity", None, None),
        *(
            ("prove_identity", answer, answer)
            for answer in (
                ASKED,
                CALL,
                Proved(),
                Failed("No."),
                LeaveToOfficer("Ask them."),
                replace(ASKED, questions=MANY[:-1]),
            )
        ),
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
        ("prove_identity", True, None),
        ("prove_identity", Proved, None),
        ("prove_identity", [Proved()], None),
        ("prove_identity", spoiled(Proved(), reference=7), None),
        ("prove_identity", spoiled(Failed("No."), may_retry=1), None),
        ("prove_identity", spoiled(Failed("No."), message=None), None),
        ("prove_identity", spoiled(LeaveToOfficer("Ask."), message=None), None),
        ("prove_identity", spoiled(CALL, instructions=""), None),
        ("prove_identity", spoiled(CALL, state=[]), None),
        ("prove_identity", spoiled(CALL, state={"at": datetime(2026, 1, 1, tzinfo=UTC)}), None),
        ("prove_identity", spoiled(CALL, state={"x": float("nan")}), None),
        ("prove_identity", spoiled(CALL, state={"x": "y" * 100_000}), None),
        ("prove_identity", spoiled(CALL, notice=None), None),
        ("prove_identity", spoiled(ASKED, questions=()), None),
        ("prove_identity", spoiled(ASKED, questions=list(ASKED.questions)), None),
        ("prove_identity", spoiled(ASKED, questions=MANY), None),
        ("prove_identity", spoiled(ASKED, questions=ASKED.questions[:1] * 2), None),
        ("prove_identity", spoiled(ASKED, questions=(Question("a", "", YES_NO),)), None),
        ("prove_identity", spoiled(ASKED, questions=(Question("a", "A?", YES_NO[:1]),)), None),
        ("prove_identity", spoiled(ASKED, questions=(Question("a", "A?", YES_NO[:1] * 2),)), None),
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
