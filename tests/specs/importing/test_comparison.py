import pytest

from iqies_flask.specs.edits.compiler import compile_edits
from iqies_flask.specs.edits.parser import parse_edits
from iqies_flask.specs.edits.tree import Edit
from iqies_flask.specs.importing.comparison import compare
from iqies_flask.specs.pack import Pack


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


def test_two_edits_that_never_fail_were_not_compared(oasis: Pack) -> None:
    always = _edit("C0100 = [0] or C0100 <> [0]", oasis)
    comparison = compare(always, always, oasis)
    assert comparison.differing == 0
    assert not comparison.agree


def test_the_same_records_are_made_each_time(oasis: Pack) -> None:
    first, second = _edit("C0100 = [0]", oasis), _edit("C0100 = [1]", oasis)
    assert compare(first, second, oasis) == compare(first, second, oasis)
