"""Every Format edit with values that break it and the nearest that do not, item by item."""

from dataclasses import replace

import pytest

from iqies_flask.model import Severity
from iqies_flask.specs.formats import build_check
from iqies_flask.specs.pack import FormatEdit, Pack, PackError
from iqies_flask.specs.registry import SpecRegistry

# system, edit, item, values that pass, values that fail
CASES = [
    ("OASIS", "-3060", "M1100_PTNT_LVG_STUTN", ["01", "15"], ["1", "00", "16", "^", "", " 01", "01 "]),
    ("OASIS", "-3060", "GG0130A1", ["06", "88", "-"], ["6", "08", "--"]),
    ("OASIS", "-3060", "STATE_CD", ["CT", "PR"], ["ct", "GU", "XX"]),
    ("OASIS", "-3060", "ASMT_SYS_CD", ["OASIS"], ["MDS", "oasis", ""]),
    ("OASIS", "-5360", "ITM_SET_VRSN_CD", ["E2-042026", "D-012019"], ["E2", "E3-012027", ""]),
    (
        "OASIS",
        "-3090",
        "M1060_HEIGHT_A",
        ["50", "80", "-", "66."[:2]],
        ["49", "81", "050", "+5", "-5", "^", "", "a"],
    ),
    ("OASIS", "-3090", "M1060_WEIGHT_B", ["065", "65", "440", "-"], ["064", "64", "441", "0065"]),
    ("OASIS", "-3090", "CORRECTION_NUM", ["00", "0", "99", "1."], ["100", "-1", "+1", "1,0", "^"]),
    ("OASIS", "-3090", "C0500", ["00", "15", "99", "-", "^"], ["16", "98", "15.", "1.5"]),
    (
        "OASIS",
        "-3100",
        "CORRECTION_NUM",
        ["0", "00", "01", "1"],
        ["1.", "1.0", "01.", "+1", "-2", "1.1", "x", ""],
    ),
    ("OASIS", "-3100", "C0500", ["1", "01", "99", "^", "-"], ["1.", "+1", "-1", "\u0663"]),
    (
        "OASIS",
        "-3070",
        "M0030_START_CARE_DT",
        ["20240229", "00010101"],
        ["20230229", "00000101", "^", "2024", ""],
    ),
    (
        "OASIS",
        "-3070",
        "M0032_ROC_DT",
        ["^", "20260401"],
        ["20261301", "20260431", "2026-04-01", "-", "99999999"],
    ),
    (
        "OASIS",
        "-3080",
        "M0066_PAT_BIRTH_DT",
        ["19400131", "194001", "1940"],
        ["19400132", "194013", "0000", "^", "19"],
    ),
    ("OASIS", "-3180", "HHA_AGENCY_ID", ["A", "^A", "0"], ["^", "", " ", " ^ "]),
    ("OASIS", "-3210", "HHA_AGENCY_ID", ["1234567890123456"], ["12345678901234567"]),
    ("OASIS", "-3210", "M0040_PAT_FNAME", ["ABCDEFGHIJKL"], ["ABCDEFGHIJKLM"]),
    ("OASIS", "-3210", "M0063_MEDICARE_NUM", ["123456789012", "^"], ["1234567890123"]),
    ("OASIS", "-3010", "M0064_SSN", ["123456780", "^"], ["12345678", "1234567890", "^^", ""]),
    ("OASIS", "-3010", "NATL_PRVDR_ID", ["1234567893", "^"], ["123456789", "12345678901"]),
    ("OASIS", "-3110", "M0064_SSN", ["123456780", "1", "^"], ["12345678A", "123-45-6789", " ", "", "\u0661"]),
    ("OASIS", "-3110", "M0060_PAT_ZIP", ["06051"], ["06051-", "^", ""]),
    ("OASIS", "-3120", "M0010_CCN", ["07A001", "abc", "^"], ["07-001", "07 001", "^^"]),
    ("OASIS", "-5280", "M0010_CCN", ["070001", "^"], ["07001", "0700011", ""]),
    (
        "OASIS",
        "-3130",
        "M0040_PAT_LNAME",
        ["O'NEIL-SMITH", "DE LA CRUZ", "A@'/+,._-", "a  b"],
        [" A", "A ", "A&B", "A(B", "^", "", "\u00c9", "A\tB", "A\nB"],
    ),
    ("OASIS", "-3130", "M0040_PAT_SUFFIX", ["JR.", "^", "III"], ["J R ", "?"]),
    ("OASIS", "-3140", "M0040_PAT_MI", ["A", "a", "1", "@", "_", "^"], ["-", " ", "&", "", "A "]),
    ("OASIS", "-3250", "SFW_NAME", ["A & B, INC.", "A&B", "^"], ["A%B", " A&B", "A&B ", "(A)"]),
    ("OASIS", "-3250", "A1110A", ["SPANISH", "-"], ["^", ""]),
    (
        "OASIS",
        "-3150",
        "SFW_EMAIL_ADR",
        ["a.b+c@d-e.org", "A_%!#$*@x.y", "^"],
        ["a b@c", "a@b,c", "a'b@c", "(a)", "", "a@b;"],
    ),
    ("OASIS", "-3430", "M0060_PAT_ZIP", ["06051", "060511234"], ["0605", "060511", "06051-1234", ""]),
    (
        "OASIS",
        "-5710",
        "M0063_MEDICARE_NUM",
        ["1EG4TE5MK73", "1eg4te5mk73", "9AA9AA9AA99", "1E44T55MK73", "^"],
        [
            "0EG4TE5MK73",
            "1SG4TE5MK73",
            "1EG4TE5MK7",
            "1EG4TE5MK733",
            "1E?4TE5MK73",
            "1EGATE5MK73",
            "1EG4TE5M073",
            "234333344",
        ],
    ),
    ("OASIS", "-3020", "M0064_SSN", ["001000000", "^", "900000000"], ["000123456", "000"]),
    ("OASIS", "-3030", "M0064_SSN", ["111111112", "^"], ["111111111", "333333333", "123456789", "999999999"]),
    (
        "OASIS",
        "-7045",
        "M1023_OTH_DIAG1_ICD",
        ["A12.^^^^", "A12.3456", "a1b.4^^^", "AB2.3^^^", "^"],
        ["A12", "A12.", "A12.^4^^", "112.^^^^", "A12^^^^^", "A12.34567", "A12.^^^", "", "A12.3-^^"],
    ),
    ("OASIS", "-7045", "M1021_PRIMARY_DIAG_ICD", ["I10.^^^^"], ["^"]),
    (
        "OASIS",
        "-4900",
        "M1021_PRIMARY_DIAG_ICD",
        ["U07.1^^^", "Z47.1^^^"],
        ["V01.1^^^", "w01.^^^^", "X00.^^^^", "y99.9^^^"],
    ),
    ("MDS", "-3676", "A0310A", ["01", "99"], ["1", "07", "^"]),
    ("MDS", "-3676", "K0520A3", ["0", "1", "-"], ["^", "2"]),
    ("MDS", "-3676", "PRODN_TEST_CD", ["P"], ["T", ""]),
    ("MDS", "-3807", "SPEC_VRSN_CD", ["3.10", "1.00"], ["3.1", "3.10.", "3.10.0"]),
    ("MDS", "-3807", "ITM_SET_VRSN_CD", ["1.20"], ["1.2", "1.21"]),
    ("MDS", "-3808", "S0180", ["1", "3", "^"], ["4", "", "01"]),
    ("MDS", "-3808", "S6200", ["0", "90", "07"], ["91", "-1", "+1", "1.5", "", "090"]),
    ("MDS", "-3808", "S0511", ["20260101", "-", "^"], ["20260132", "01012026", ""]),
    ("MDS", "-3808", "S6305B", ["12312025", "^", "-", "999999999"], ["20251231", "02302025", "99999999"]),
    ("MDS", "-3808", "S6060C", ["--------", "20260101", "^"], ["-", "-------"]),
    ("MDS", "-3808", "S0120", ["06051", "1", "-"], ["", "060511"]),
    ("MDS", "-3808", "S0200B", ["WHY"], [""]),
    ("MDS", "-3679", "M0300A", ["0", "9", "-", "^"], ["10", "00", "-1", ""]),
    ("MDS", "-3679", "X0800", ["01", "99", "1", "^"], ["00", "0", "-"]),
    ("MDS", "-3680", "O0430", ["0", "007", "999", "-", "^"], ["1.", "1.0", "+1", ""]),
    ("MDS", "-3677", "A2300", ["20251001"], ["20251032", "^", "", "202510"]),
    ("MDS", "-3677", "A2400C", ["--------", "^", "20251001"], ["-", "-------", "2025"]),
    ("MDS", "-3678", "A0900", ["1931", "193112", "19311231"], ["193113", "^", "31"]),
    ("MDS", "-3678", "X0400", ["1931", "^"], ["19311301"]),
    ("MDS", "-3702", "A0500C", ["X"], ["^", "", "  "]),
    ("MDS", "-3687", "A0100A", ["1234567893", "^"], ["123456789X", ""]),
    ("MDS", "-3687", "X0500", ["^", "1"], ["-"]),
    ("MDS", "-3688", "A0600B", ["1EG4TE5MK73", "^"], ["1EG4-TE5-MK73", "1EG4 TE5"]),
    ("MDS", "-3690", "A0500C", ["O'HARA", "VAN DYKE"], ["O\u2019HARA", "X ", "^"]),
    ("MDS", "-3690", "SFTWR_PROD_VRSN_CD", ["V1.2-3", "^"], ["V1&2", " 1"]),
    ("MDS", "-3802", "Z0200B", ["A&B", "^"], ["A*B"]),
    ("MDS", "-3692", "SFTWR_VNDR_EMAIL_ADR", ["a@b.org", "^"], ["a b@c.org", "<a@b.org>"]),
    ("MDS", "-3568", "A0100A", ["1234567893", "^"], ["123456789"]),
    ("MDS", "-3565", "A0600A", ["123456780", "^"], ["12345678"]),
    ("MDS", "-3854", "A0100B", ["075001", "^"], ["75001", "0750011"]),
    ("MDS", "-3793", "A1300C", ["A" * 23, "^"], ["A" * 24]),
    ("MDS", "-3913", "A0600B", ["1EG4TE5MK73", "^"], ["1EG4TE5MK7", "1LG4TE5MK73"]),
    ("MDS", "-3566", "A0600A", ["001123456", "^"], ["000123456"]),
    ("MDS", "-3567", "X0500", ["123456788", "^"], ["123456789"]),
    ("MDS", "-3852", "I0020B", ["A12.3456", "I1A.^^^^", "^"], ["AB2.3^^^", "A1-.^^^^", "I10"]),
]


def _edit(pack: Pack, number: str) -> FormatEdit:
    return next(edit for edit in pack.format_edits if edit.id == number)


@pytest.mark.parametrize(("system", "number", "item", "passing", "failing"), CASES)
def test_edit_passes_and_fails(
    specs: SpecRegistry, system: str, number: str, item: str, passing: list[str], failing: list[str]
) -> None:
    pack = next(pack for pack in specs.packs if pack.system == system)
    edit = _edit(pack, number)
    assert item in edit.items
    check = build_check(edit, pack.items[item])
    assert [value for value in passing if not check.passes(value)] == []
    assert [value for value in failing if check.passes(value)] == []


def test_every_format_edit_has_a_case(specs: SpecRegistry) -> None:
    edits = {(pack.system, edit.id) for pack in specs.packs for edit in pack.format_edits}
    assert edits == {(system, number) for system, number, *_ in CASES}


@pytest.mark.parametrize(("system", "number", "item", "passing", "failing"), CASES)
def test_explanations_name_the_item_and_say_what_to_do(
    specs: SpecRegistry, system: str, number: str, item: str, passing: list[str], failing: list[str]
) -> None:
    pack = next(pack for pack in specs.packs if pack.system == system)
    check = build_check(_edit(pack, number), pack.items[item])
    for value in failing:
        message, remedy = check.explain(value)
        assert message.startswith(f"{item} is ")
        assert message.endswith((".", "”."))
        assert remedy.endswith(".")


def test_code_near_a_listed_one_is_suggested(oasis: Pack) -> None:
    check = build_check(_edit(oasis, "-3060"), oasis.items["M1100_PTNT_LVG_STUTN"])
    assert check.explain("1")[1] == "Send 01 if that is what was meant."
    assert check.explain(" 01")[1] == "Send 01 if that is what was meant."
    assert check.explain("77")[1] == "Send one of the codes of this item."


def test_codes_are_listed_with_what_they_mean(mds: Pack) -> None:
    message, _ = build_check(_edit(mds, "-3676"), mds.items["K0520B2"]).explain("1.")
    assert message == (
        "K0520B2 is “1.”, which is not one of its codes: 0 = Not checked (No); 1 = Checked (Yes); "
        "- = Not assessed/no information; ^ = Blank (skip pattern)."
    )


def test_long_labels_are_cut_between_words(oasis: Pack) -> None:
    message, _ = build_check(_edit(oasis, "-3060"), oasis.items["M1700_COG_FUNCTION"]).explain("9")
    assert "00 = Alert/oriented, able to focus and shift attention,…; 01 = Requires prompting" in message


def test_blank_is_suggested_for_an_empty_code(mds: Pack) -> None:
    check = build_check(_edit(mds, "-3676"), mds.items["C0100"])
    assert check.explain("")[1] == "Send ^ if that is what was meant."


def test_a_long_value_is_not_repeated_whole(mds: Pack) -> None:
    check = build_check(_edit(mds, "-3793"), mds.items["A1300C"])
    message, _ = check.explain("A" * 1_000_000)
    assert len(message) < 300
    assert "1000000 characters" in message


def test_control_characters_do_not_reach_messages(mds: Pack) -> None:
    check = build_check(_edit(mds, "-3690"), mds.items["A0500C"])
    message, _ = check.explain("A\x1b[31m\nB")
    assert "\x1b" not in message
    assert "\n" not in message


def test_version_edits_and_state_items_only_warn(specs: SpecRegistry) -> None:
    warnings = {
        edit.id for pack in specs.packs for edit in pack.format_edits if edit.severity is Severity.WARNING
    }
    assert warnings == {"-5360", "-3807", "-3808"}


@pytest.mark.parametrize(
    ("check", "options"), [("no_such_check", {}), ("characters", {"family": "runes"}), ("icd10", {})]
)
def test_unknown_checks_and_options_are_refused(mds: Pack, check: str, options: dict[str, str]) -> None:
    edit = FormatEdit("-1", Severity.FATAL, check, frozenset({"I0020B"}), options, "V0")
    with pytest.raises(PackError, match="-1 on I0020B"):
        build_check(edit, mds.items["I0020B"])


def test_a_code_item_that_takes_text_too_takes_no_empty_one(oasis: Pack) -> None:
    item = replace(oasis.items["M1100_PTNT_LVG_STUTN"], values={"01": "a code", "Text": "or words"})
    check = build_check(_edit(oasis, "-3060"), item)
    assert [check.passes(value) for value in ("01", "any words", "")] == [True, True, False]
