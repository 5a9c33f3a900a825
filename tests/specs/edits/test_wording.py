"""Messages say what is wrong with the values at hand."""

from datetime import date

import pytest

from iqies_flask.specs.edits.evaluation import Situation
from iqies_flask.specs.edits.parser import parse_edits
from iqies_flask.specs.edits.tree import Edit
from iqies_flask.specs.edits.wording import explain
from iqies_flask.specs.pack import Pack

TODAY = date(2026, 6, 1)


def _explained(oasis: Pack, edit: Edit, items: dict[str, str], clause: int = 0, must: str = "must") -> str:
    situation = Situation(items, frozenset(item.id for item in oasis.active("01")), TODAY, must)
    return explain(edit.clauses[clause], situation)


@pytest.mark.parametrize(
    ("number", "clause", "items", "message"),
    [
        (
            "-3530",
            0,
            {"M0064_SSN_UK": "0", "M0064_SSN": "^"},
            "M0064_SSN_UK is “0”, so M0064_SSN must not be blank (^), but it is blank (^).",
        ),
        (
            "-5500",
            0,
            {"GG0110Z": "1", "GG0110A": "0", "GG0110B": "1", "GG0110C": "0", "GG0110D": "1", "GG0110E": "0"},
            "GG0110Z is “1”, so GG0110B and GG0110D must be 0, but they are “1”.",
        ),
        (
            "-5500",
            1,
            {"GG0110Z": "0", "GG0110A": "0", "GG0110B": "0", "GG0110C": "0", "GG0110D": "0", "GG0110E": "0"},
            "GG0110Z is “0”, so at least one of GG0110A, GG0110B, GG0110C, GG0110D and GG0110E must be 1, "
            "but they are “0”.",
        ),
        (
            "-5500",
            2,
            {"GG0110Z": "-", "GG0110A": "-", "GG0110B": "1", "GG0110C": "0", "GG0110D": "-", "GG0110E": "0"},
            "GG0110Z is a dash (-), so those of GG0110A, GG0110B, GG0110C, GG0110D and GG0110E that are not "
            "a dash (-) must be 0 or a dash (-), but GG0110B is “1”.",
        ),
        (
            "-3261",
            0,
            {
                "M0032_ROC_DT": "^",
                "M0066_PAT_BIRTH_DT": "1940",
                "M1005_INP_DISCHARGE_DT": "^",
                "M0102_PHYSN_ORDRD_SOCROC_DT": "20260512",
                "M0030_START_CARE_DT": "20260511",
                "M0090_INFO_COMPLETED_DT": "20260602",
            },
            "M0032_ROC_DT is blank (^), so M0102_PHYSN_ORDRD_SOCROC_DT May 12, 2026 must not be after "
            "M0030_START_CARE_DT May 11, 2026; M0090_INFO_COMPLETED_DT Jun 2, 2026 must not be after "
            "the day of submission Jun 1, 2026.",
        ),
        (
            "-5800",
            0,
            dict.fromkeys(("C0200", "C0300A", "C0300B", "C0300C", "C0400A", "C0400B", "C0400C"), "1")
            | {"C0500": "08"},
            "C0500 must be 7, the sum of C0200, C0300A, C0300B, C0300C, C0400A, C0400B and C0400C, "
            "but it is “08”.",
        ),
    ],
)
def test_messages(
    oasis: Pack, oasis_edits: dict[str, Edit], number: str, clause: int, items: dict[str, str], message: str
) -> None:
    explained = _explained(oasis, oasis_edits[number], items, clause)
    assert explained == message or explained.endswith(message)


def test_days_are_counted_out(oasis: Pack, oasis_edits: dict[str, Edit]) -> None:
    items = {
        "M0100_ASSMT_REASON": "01",
        "M0030_START_CARE_DT": "20260511",
        "M0090_INFO_COMPLETED_DT": "20260520",
    }
    assert _explained(oasis, oasis_edits["-3300"], items, must="should") == (
        "M0100_ASSMT_REASON is “01”, so M0090_INFO_COMPLETED_DT May 20, 2026 should be 0 to 5 days "
        "after M0030_START_CARE_DT May 11, 2026, but it is 9 days after it."
    )


def _said(oasis: Pack, rule: str, items: dict[str, str], must: str = "must", labelled: bool = False) -> str:
    """What is said of a record that breaks a rule, with all that a finding knows."""
    order = list(oasis.items)
    (edit,) = parse_edits(f"-9999 consistency fatal V3.02.0 {rule}", order)
    situation = Situation(
        items,
        frozenset(items),
        TODAY,
        must,
        labels={item: oasis.items[item].label for item in items} if labelled else {},
        places={item: place for place, item in enumerate(order)},
    )
    return explain(edit.clauses[0], situation)


def _from(oasis: Pack, first: str, count: int) -> list[str]:
    order = list(oasis.items)
    place = order.index(first)
    return order[place : place + count]


def test_the_first_mention_of_an_item_says_what_it_is(oasis: Pack) -> None:
    items = {"M0030_START_CARE_DT": "20260511", "M0090_INFO_COMPLETED_DT": "20260520"}
    rule = "days M0030_START_CARE_DT to M0090_INFO_COMPLETED_DT in 0 to 5"
    assert _said(oasis, rule, items, "should", labelled=True) == (
        "M0090_INFO_COMPLETED_DT (Date assessment completed) May 20, 2026 should be 0 to 5 days after "
        "M0030_START_CARE_DT (Start of care date) May 11, 2026, but it is 9 days after it."
    )


def test_a_submitted_value_that_looks_like_an_item_gets_no_label(oasis: Pack) -> None:
    items = {"M0020_PAT_ID": "M0020_PAT_ID"}
    assert _said(oasis, "M0020_PAT_ID = [^]", items, labelled=True) == (
        "M0020_PAT_ID (Patient ID number) must be blank (^), but it is “M0020_PAT_ID”."
    )


def test_long_lists_bear_no_labels(oasis: Pack) -> None:
    items = dict.fromkeys(_from(oasis, "GG0110A", 5), "1")
    rule = "all of GG0110A through GG0110E = [0]"
    assert "(" not in _said(oasis, rule, items, labelled=True)


def test_the_age_is_what_is_wrong(oasis: Pack) -> None:
    items = {
        "M0100_ASSMT_REASON": "01",
        "M0066_PAT_BIRTH_DT": "18760131",
        "M0090_INFO_COMPLETED_DT": "20260518",
    }
    rule = (
        "if M0100_ASSMT_REASON = [01] then age of M0066_PAT_BIRTH_DT at M0090_INFO_COMPLETED_DT in 18 to 140"
    )
    assert _said(oasis, rule, items) == (
        "M0100_ASSMT_REASON is “01”, so the age on M0090_INFO_COMPLETED_DT May 18, 2026 must be 18 to 140 "
        "years, but with M0066_PAT_BIRTH_DT “18760131” it is 150."
    )


def test_dates_that_must_be_the_same_day(oasis: Pack) -> None:
    items = {"M0030_START_CARE_DT": "20260511", "M0090_INFO_COMPLETED_DT": "20260510"}
    assert _said(oasis, "days M0030_START_CARE_DT to M0090_INFO_COMPLETED_DT in 0 to 0", items) == (
        "M0090_INFO_COMPLETED_DT May 10, 2026 must be the same day as M0030_START_CARE_DT May 11, 2026, "
        "but it is 1 day before it."
    )


def test_runs_are_named_only_where_every_item_in_them_is_wrong(oasis: Pack) -> None:
    items = _from(oasis, "GG0100A", 20)
    rule = f"all of {items[0]} through {items[-1]} <> [-]"
    held = dict.fromkeys(items, "-") | {items[3]: "1", items[5]: "1"}
    assert _said(oasis, rule, held).startswith(
        f"{items[0]} through {items[2]}, {items[4]} and {items[6]} through {items[-1]} must not be"
    )


def test_long_lists_say_how_many_more_there_are(oasis: Pack) -> None:
    items = _from(oasis, "GG0100A", 40)
    rule = f"all of {items[0]} through {items[-1]} = [^]"
    scattered = {item: str(place % 8) if place % 2 else "^" for place, item in enumerate(items)}
    said = _said(oasis, rule, scattered)
    assert " and 8 more must be blank (^), but " in said
    assert said.endswith("; 8 more items are not listed here.")
    thirteen = {item: str(place % 8) for place, item in enumerate(items[:13])}
    assert _said(oasis, rule, thirteen).endswith("; 1 more item is not listed here.")


@pytest.mark.parametrize(
    ("rule", "items", "said"),
    [
        (
            "if today >= 20260401 then M0020_PAT_ID has 1 to 3 characters",
            {"M0020_PAT_ID": "12345"},
            "The record is received on or after Apr 1, 2026, so M0020_PAT_ID must be 1 to 3 characters long, "
            "but it is “12345”.",
        ),
        (
            'M0020_PAT_ID consists of digits or M0020_PAT_ID matches "AA-99"',
            {"M0020_PAT_ID": "A B"},
            "M0020_PAT_ID must consist only of digits or be of the form AA-99 (9: a digit, A: a letter, "
            "X: either), but it is “A B”.",
        ),
        (
            "if M0020_PAT_ID <> [^] then today < 20260401",
            {"M0020_PAT_ID": "1"},
            "M0020_PAT_ID is “1”, so the record must be received before Apr 1, 2026, but it is received on "
            "Jun 1, 2026.",
        ),
        (
            "if M1311_NBR_PRSULC_STG2_A1 > 0 then M1311_NBR_ULC_SOCROC_STG2_A2 <= M1311_NBR_PRSULC_STG2_A1 or"
            " M1311_NBR_ULC_SOCROC_STG2_A2 = [-]",
            {"M1311_NBR_PRSULC_STG2_A1": "46", "M1311_NBR_ULC_SOCROC_STG2_A2": "64"},
            "M1311_NBR_PRSULC_STG2_A1 is “46”, so M1311_NBR_ULC_SOCROC_STG2_A2 must be at most "
            "M1311_NBR_PRSULC_STG2_A1 or be a dash (-), but it is “64”.",
        ),
        (
            "M1311_NBR_ULC_SOCROC_STG2_A2 <= M1311_NBR_PRSULC_STG2_A1",
            {"M1311_NBR_PRSULC_STG2_A1": "46", "M1311_NBR_ULC_SOCROC_STG2_A2": "64"},
            "M1311_NBR_ULC_SOCROC_STG2_A2 must be at most M1311_NBR_PRSULC_STG2_A1, which is “46”, "
            "but it is “64”.",
        ),
        (
            "GG0110A = [1] or GG0110B = [1,^]",
            {"GG0110A": "0", "GG0110B": "-"},
            "GG0110A must be 1, or GG0110B must be 1 or blank (^), but GG0110A is “0”; "
            "GG0110B is a dash (-).",
        ),
        (
            "count of (GG0110A, GG0110B) = [1] in 0 to 1",
            {"GG0110A": "1", "GG0110B": "1"},
            "At most 1 of GG0110A and GG0110B may be 1; they are “1”.",
        ),
        (
            "count of (GG0110A, GG0110B) <> [1] in 0 to 0",
            {"GG0110A": "0", "GG0110B": "0"},
            "None of GG0110A and GG0110B may be other than 1; they are “0”.",
        ),
        (
            "count of (GG0110A, GG0110B) = [1] in 1 to 2",
            {"GG0110A": "0", "GG0110B": "0"},
            "1 to 2 of GG0110A and GG0110B must be 1; they are “0”.",
        ),
    ],
)
def test_nothing_is_told_twice(oasis: Pack, rule: str, items: dict[str, str], said: str) -> None:
    assert _said(oasis, rule, items) == said


def test_values_of_a_megabyte_do_not_reach_messages(oasis: Pack, oasis_edits: dict[str, Edit]) -> None:
    items = {"M0064_SSN_UK": "1", "M0064_SSN": "9" * 1_000_000}
    assert len(_explained(oasis, oasis_edits["-3540"], items)) < 300


@pytest.mark.parametrize("digit", ["²", "①", "٣"])
def test_digits_that_are_not_ascii_are_no_numbers(
    oasis: Pack, oasis_edits: dict[str, Edit], digit: str
) -> None:
    items = {"GG0110Z": "1", **dict.fromkeys(("GG0110A", "GG0110B", "GG0110C", "GG0110D", "GG0110E"), digit)}
    assert _explained(oasis, oasis_edits["-5500"], items).endswith(f"must be 0, but they are “{digit}”.")


def test_a_code_with_a_zero_before_it_is_another_code(oasis: Pack, oasis_edits: dict[str, Edit]) -> None:
    items = {"GG0110Z": "1", **dict.fromkeys(("GG0110A", "GG0110B", "GG0110C", "GG0110D", "GG0110E"), "00")}
    assert _explained(oasis, oasis_edits["-5500"], items).endswith("must be 0, but they are “00”.")


def test_what_must_not_be_known_is_named_with_its_value(oasis: Pack) -> None:
    text = "-9999 consistency fatal V3.02.0 not M0010_CCN is known as provider-ccn"
    (edit,) = parse_edits(text, list(oasis.items))
    assert _explained(oasis, edit, {"M0010_CCN": "997999"}) == (
        "M0010_CCN must not be the provider's CCN, but it is “997999”."
    )
