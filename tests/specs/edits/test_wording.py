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
            "M0032_ROC_DT is blank (^), so M0102_PHYSN_ORDRD_SOCROC_DT 2026-05-12 must not be after "
            "M0030_START_CARE_DT 2026-05-11; M0090_INFO_COMPLETED_DT 2026-06-02 must not be after "
            "the day of submission 2026-06-01.",
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
        "M0100_ASSMT_REASON is “01”, so M0090_INFO_COMPLETED_DT 2026-05-20 is 9 days after "
        "M0030_START_CARE_DT 2026-05-11; it should be 0 to 5 days after."
    )


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
