"""The scores of the MDS, by the RAI manual's cases and against the rules of the pack."""

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from iqies_flask.plugin import (
    SpecRegistry,
    bims_summary_scores,
    bundled_packs,
    mood_interview_scores,
    staff_mood_scores,
)
from iqies_flask.specs.edits.compiler import CompiledEdits, as_submitted, compile_edits

BIMS = ("C0200", "C0300A", "C0300B", "C0300C", "C0400A", "C0400B", "C0400C")
INTERVIEW = tuple(f"D0150{letter}2" for letter in "ABCDEFGHI")
STAFF = tuple(f"D0500{letter}2" for letter in "ABCDEFGHIJ")


def bims(text: str) -> dict[str, str]:
    return dict(zip(BIMS, text, strict=True))


def interview(text: str) -> dict[str, str]:
    return {"D0100": "1", "D0150A1": "1", "D0150B1": "1", **dict(zip(INTERVIEW, text, strict=True))}


def staff(text: str) -> dict[str, str]:
    return {"D0100": "0", **dict(zip(STAFF, text, strict=True))}


@pytest.mark.parametrize(
    ("answers", "scores"),
    [
        ("3323222", {"17"}),
        ("3322222", {"16"}),
        ("3310100", {"08"}),
        ("3010000", {"04", "99"}),
        ("0000000", {"00", "99"}),
        ("332222-", {"99"}),
        ("-------", set()),
        ("^^^^^^^", set()),
    ],
)
def test_bims(answers: str, scores: set[str]) -> None:
    assert bims_summary_scores(bims(answers)) == scores


@pytest.mark.parametrize(
    ("answers", "scores"),
    [
        ("333333333", {"27"}),
        ("01^^^^^^^", {"01"}),
        ("210000000", {"03"}),
        # 11 * 9/8 = 12.375; 12 * 9/8 = 13.5, halves up; 11 * 9/7 = 14.14.
        ("32111111-", {"12"}),
        ("32211111-", {"14"}),
        ("3221111^-", {"14"}),
        ("322111---", {"99"}),
        ("^^^^^^^^^", set()),
    ],
)
def test_the_mood_interview(answers: str, scores: set[str]) -> None:
    assert mood_interview_scores(interview(answers)) == scores


def test_a_mood_interview_that_was_not_answered_has_no_score() -> None:
    assert mood_interview_scores(interview("^^^^^^^^^") | {"D0150A1": "9", "D0150B1": "9"}) == {"^"}


@pytest.mark.parametrize(
    ("answers", "scores"),
    [
        ("3333333333", {"30"}),
        # 11 * 10/9 = 12.2; 10 * 10/8 = 12.5, halves up.
        ("321111110-", {"12"}),
        ("32111110-1", {"12"}),
        ("32111110--", {"13"}),
        ("3211111---", {"-"}),
        ("^^^^^^^^^^", set()),
    ],
)
def test_the_staff_assessment_of_mood(answers: str, scores: set[str]) -> None:
    assert staff_mood_scores(staff(answers)) == scores


(MDS,) = SpecRegistry(bundled_packs("mds")).packs


@cache
def compiled(edit_id: str, active: frozenset[str]) -> CompiledEdits:
    edits = [edit for edit in MDS.advice_edits if edit.id == edit_id]
    return compile_edits(edits, MDS.items, active)


def fails(edit_id: str, items: Mapping[str, str]) -> bool:
    return bool(compiled(edit_id, frozenset(items))(items, as_submitted(date(2026, 5, 20))))


def answers_of(names: tuple[str, ...], values: str = "0123-^") -> st.SearchStrategy[dict[str, str]]:
    return st.fixed_dictionaries({name: st.sampled_from(values) for name in names})


def assert_as_the_rule(
    edit: str, item: str, compute: Callable[[Mapping[str, str]], frozenset[str]], items: dict[str, str]
) -> None:
    scores = compute(items)
    for value in [*(f"{number:02d}" for number in range(31)), "99", "-", "^"]:
        assert fails(edit, items | {item: value}) == (bool(scores) and value not in scores), (value, scores)


@settings(deadline=None)
@given(answers_of(BIMS, "0123-") | answers_of(BIMS, "0012-^"))
def test_bims_is_what_the_rule_asks(items: dict[str, str]) -> None:
    mixed = {"-", "^"} <= set(items.values())
    if not mixed:
        assert_as_the_rule("IF-601", "C0500", bims_summary_scores, items)


@settings(deadline=None)
@given(answers_of(INTERVIEW) | answers_of(INTERVIEW, "222333-"), st.sampled_from("01-"))
def test_the_mood_interview_is_what_the_rule_asks(items: dict[str, str], conducted: str) -> None:
    presence = {"D0100": conducted, "D0150A1": "1", "D0150B1": "1"}
    assert_as_the_rule("IF-622", "D0160", mood_interview_scores, items | presence)


@settings(deadline=None)
@given(answers_of(STAFF, "0123-") | answers_of(STAFF, "22333-"), st.sampled_from("01-"))
def test_the_staff_assessment_is_what_the_rule_asks(items: dict[str, str], conducted: str) -> None:
    assert_as_the_rule("IF-638", "D0600", staff_mood_scores, items | {"D0100": conducted})
