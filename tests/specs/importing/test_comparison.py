import random
from dataclasses import replace

import pytest

from iqies_flask.specs.edits import tree
from iqies_flask.specs.edits.compiler import compile_edits
from iqies_flask.specs.edits.parser import parse_edits
from iqies_flask.specs.edits.tree import Edit
from iqies_flask.specs.importing.comparison import compare
from iqies_flask.specs.pack import Pack
from tests.specs.edits.mutations import makes_no_difference, mutations

SLIPS = 12
MOST_ITEMS = 12


def _edit(sentence: str, pack: Pack) -> Edit:
    return parse_edits(f"-9901 consistency fatal V3.03.0\n  {sentence}\n", tuple(pack.items))[0]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (
            "if GG0110Z = [1] then all of GG0110A through GG0110E = [0]",
            "if GG0110Z = [1] then not any of GG0110A through GG0110E <> [0]",
        ),
        (
            "if M1306_UNHLD_STG2_PRSR_ULCR = [1] then any of (M1311_NBR_PRSULC_STG2_A1, M1311_NSTG_DRSG_D1, "
            "M1311_NSTG_CVRG_E1) > 0",
            "if M1306_UNHLD_STG2_PRSR_ULCR = [1] then M1311_NBR_PRSULC_STG2_A1 > 0 or "
            "M1311_NSTG_DRSG_D1 > 0 or M1311_NSTG_CVRG_E1 > 0",
        ),
        (
            "order M0030_START_CARE_DT <= M0090_INFO_COMPLETED_DT",
            "not days M0030_START_CARE_DT to M0090_INFO_COMPLETED_DT at most -1",
        ),
    ],
)
def test_two_ways_of_saying_the_same_agree(oasis: Pack, first: str, second: str) -> None:
    comparison = compare(_edit(first, oasis), _edit(second, oasis), oasis)
    assert comparison.agree
    assert comparison.records == 3_000
    assert comparison.failed > 20


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("if C0100 = [0] then C0200 = [^]", "if C0100 = [0,-] then C0200 = [^]"),
        (
            "if GG0110Z = [1] then all of GG0110A through GG0110E = [0]",
            "if GG0110Z = [1] then all of GG0110A through GG0110D = [0]",
        ),
        ("if GG0110Z = [0] then any of GG0110A through GG0110E = [1]", "if GG0110Z = [0] then GG0110A = [1]"),
        ("M1311_NSTG_DRSG_D1 > 0", "M1311_NSTG_DRSG_D1 >= 0"),
        (
            "days M0030_START_CARE_DT to M0090_INFO_COMPLETED_DT in 0 to 14",
            "days M0030_START_CARE_DT to M0090_INFO_COMPLETED_DT in 0 to 13",
        ),
        (
            "order M0030_START_CARE_DT <= M0090_INFO_COMPLETED_DT",
            "order M0030_START_CARE_DT < M0090_INFO_COMPLETED_DT",
        ),
        (
            "age of M0066_PAT_BIRTH_DT at M0090_INFO_COMPLETED_DT in 18 to 140",
            "age of M0066_PAT_BIRTH_DT at M0090_INFO_COMPLETED_DT in 17 to 140",
        ),
        (
            "age of M0066_PAT_BIRTH_DT at M0090_INFO_COMPLETED_DT in 18 to 140",
            "age of M0066_PAT_BIRTH_DT at M0090_INFO_COMPLETED_DT in 18 to 141",
        ),
        ("D0160 = sum of D0150A2 through D0150I2", "D0160 = sum of (D0150A2, D0150B2)"),
        (
            "D0160 = sum of (D0150A2, D0150B2, D0150C2) times 9/8",
            "D0160 = sum of (D0150A2, D0150B2, D0150C2) times 9/7",
        ),
        (
            "if count of (C0200, C0300A, C0300B, C0300C, C0400A, C0400B, C0400C) = [0] in 4 to 7 "
            "then C0500 = [99]",
            "if count of (C0200, C0300A, C0300B, C0300C, C0400A, C0400B, C0400C) = [0] in 5 to 7 "
            "then C0500 = [99]",
        ),
        (
            "if M1021_PRIMARY_DIAG_ICD starts with [V,W,X,Y,Z] then M1021_PRIMARY_DIAG_SEVERITY = [^]",
            "if M1021_PRIMARY_DIAG_ICD starts with [V,W,X,Y] then M1021_PRIMARY_DIAG_SEVERITY = [^]",
        ),
        ("if K0520Z4 = [1] then all of K0520A4 through K0520D4 = [0]", "if K0520Z4 = [1] then K0520A4 = [0]"),
    ],
)
def test_a_difference_is_found_and_shown_with_a_record(oasis: Pack, first: str, second: str) -> None:
    edits = _edit(first, oasis), _edit(second, oasis)
    comparison = compare(*edits, oasis)
    assert not comparison.agree
    assert comparison.example is not None
    record = {item: "^" for edit in edits for item in edit.items} | dict(comparison.example)
    active = {item.id for item in oasis.active(comparison.subset)}
    record = {item: value for item, value in record.items() if item in active}
    verdicts = [bool(compile_edits([edit], oasis.items, active)(record, "20260601")) for edit in edits]
    assert verdicts == [comparison.first_fails, not comparison.first_fails]


@pytest.mark.parametrize("edit", ["-3300", "-3310", "-3320", "-3330"])
@pytest.mark.parametrize("more", [-1, 1, 2, 7, 30])
def test_another_number_of_days_is_found(oasis: Pack, edit: str, more: int) -> None:
    (written,) = (one for one in oasis.consistency_edits if one.id == edit)
    (clause,) = written.clauses
    days = clause.requirement
    assert isinstance(days, tree.Days)
    assert days.high is not None
    changed = replace(clause, requirement=replace(days, high=days.high + more))
    assert not compare(replace(written, clauses=(changed,)), written, oasis).agree


def test_one_slip_in_an_edit_is_found(oasis: Pack) -> None:
    """Where it makes any difference: some slips do not, as the other clauses of the edit ask for more."""
    edits = [edit for edit in oasis.consistency_edits if len(edit.items) < MOST_ITEMS]
    slips = [(slip, edit) for edit in edits for slip in mutations(edit, oasis.items)]
    tried = random.Random(3).sample(slips, SLIPS)
    missed = [what for (what, changed), edit in tried if compare(changed, edit, oasis).agree]
    assert [what for what in missed if not makes_no_difference(what)] == []


def test_a_clause_that_no_record_fails_was_not_compared(oasis: Pack) -> None:
    clauses = "(a) if C0100 = [0] then C0200 = [^]\n  (b) if C0100 = [1] then C0200 = [^] or C0200 <> [^]"
    edit = _edit(clauses, oasis)
    comparison = compare(edit, edit, oasis)
    assert comparison.failed > 0
    assert comparison.untried == ("b",)
    assert not comparison.agree


def test_two_edits_that_never_fail_were_not_compared(oasis: Pack) -> None:
    always = _edit("C0100 = [0] or C0100 <> [0]", oasis)
    comparison = compare(always, always, oasis)
    assert comparison.differing == 0
    assert not comparison.agree


def test_the_same_records_are_made_each_time(oasis: Pack) -> None:
    first, second = _edit("C0100 = [0]", oasis), _edit("C0100 = [1]", oasis)
    assert compare(first, second, oasis) == compare(first, second, oasis)
