"""The proofing service for demonstrations: it asks fair questions, and never in earnest."""

import logging
from dataclasses import replace
from random import Random

import pytest

from iqies_flask.plugin import (
    AskQuestions,
    Failed,
    NeedReference,
    ProofingAnswer,
    ProofingRequest,
    Proved,
)
from plugins.proofing_demo import prove_identity
from plugins.proofing_demo.questions import NONE_OF_THESE, make_questions
from tests.persons import TRUTHS, applicant

REQUEST = ProofingRequest(applicant(), "900010001", case_number=1, attempt=1, demonstration=True)


def ask() -> tuple[AskQuestions, dict[str, str]]:
    """Take the first step, and find the right answers as the person would."""
    answer = prove_identity(REQUEST)
    assert isinstance(answer, AskQuestions)
    right = {}
    for question in answer.questions:
        ids = {choice.text: choice.id for choice in question.choices}
        right[question.id] = ids.get(TRUTHS[question.id], ids[NONE_OF_THESE])
    return answer, right


def go_on(answer: AskQuestions | NeedReference, **details: object) -> ProofingAnswer | None:
    return prove_identity(replace(REQUEST, ssn=None, state=answer.state, **details))  # type: ignore[arg-type]


def spoil(right: dict[str, str], count: int) -> dict[str, str]:
    wrong = dict(right)
    for question in list(right)[:count]:
        wrong[question] = "1" if right[question] != "1" else "2"
    return wrong


def test_right_answers_prove() -> None:
    answer, right = ask()
    assert len(answer.questions) == 5
    assert "demonstration" in answer.notice
    assert isinstance(go_on(answer, answers=right), Proved)


def test_one_wrong_answer_needs_the_number_that_is_shown() -> None:
    answer, right = ask()
    needed = go_on(answer, answers=spoil(right, 1))
    assert isinstance(needed, NeedReference)
    assert "demonstration" in needed.notice
    shown = needed.state["reference"]
    assert shown in needed.instructions
    assert isinstance(go_on(needed, reference=f" {shown} "), Proved)
    assert isinstance(go_on(needed, reference=f"{shown}0"), Failed)
    assert isinstance(go_on(needed, reference="é"), Failed)


@pytest.mark.parametrize("count", [2, 5])
def test_more_wrong_answers_fail(count: int) -> None:
    answer, right = ask()
    failed = go_on(answer, answers=spoil(right, count))
    assert isinstance(failed, Failed)
    assert failed.may_retry
    assert "demonstration" in failed.message


def test_in_earnest_it_takes_nobody_and_says_so_without_a_fact(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert prove_identity(replace(REQUEST, demonstration=False)) is None
    assert prove_identity(replace(REQUEST, demonstration=False, state={"right": {}})) is None
    assert caplog.messages == ["Plugin proofing_demo proves nobody outside of a demonstration."] * 2


@pytest.mark.parametrize("seed", range(20))
def test_each_question_has_one_right_choice_and_one_of_all_is_none_of_these(seed: int) -> None:
    questions, right = make_questions(applicant(), Random(seed))
    none_right = 0
    for question in questions:
        texts = [choice.text for choice in question.choices]
        assert len(texts) == len(set(texts)) == 5
        assert texts[-1] == NONE_OF_THESE
        [text] = [choice.text for choice in question.choices if choice.id == right[question.id]]
        none_right += text == NONE_OF_THESE
        assert text in {TRUTHS[question.id], NONE_OF_THESE}
        assert (TRUTHS[question.id] in texts) == (text != NONE_OF_THESE)
    assert none_right == 1


def test_places_of_right_choices_differ() -> None:
    places = {tuple(make_questions(applicant(), Random(seed))[1].values()) for seed in range(20)}
    assert len(places) > 10


def test_what_a_person_abroad_has_not_entered_is_not_asked() -> None:
    abroad = applicant(in_us=False, zip="", state="", street="Sample House", country="Iceland")
    questions, _ = make_questions(abroad, Random(1))
    assert [question.id for question in questions] == ["street", "birth_year", "phone", "city", "birth_month"]
