"""Structure: missing, unknown, inactive, calculated and empty items; how findings are listed."""

from datetime import date

import pytest

from iqies_flask.model import Finding, Severity
from iqies_flask.specs.assessment import subset_checker
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.sample import make_record

TODAY = date(2026, 5, 20)


def _found(pack: Pack, subset: str | None, items: dict[str, str]) -> list[Finding]:
    return subset_checker(pack, subset).check_items(items)


@pytest.fixture
def record(oasis: Pack) -> dict[str, str]:
    return make_record(oasis, "01", seed=1, number=1)


def test_a_clean_record(oasis: Pack, record: dict[str, str]) -> None:
    assert _found(oasis, "01", record) == []


def test_each_missing_item_is_named(oasis: Pack, record: dict[str, str]) -> None:
    for name in list(record):
        less = {item: value for item, value in record.items() if item != name}
        (finding,) = _found(oasis, "01", less)
        assert (finding.edit_id, finding.severity) == ("IF-302", Severity.FATAL)
        assert [(item.item, item.value) for item in finding.items] == [(name, None)]
        assert "item subset 01 (Start of care)" in finding.message


def test_the_remedy_for_a_missing_item_says_what_it_may_hold(oasis: Pack, record: dict[str, str]) -> None:
    del record["A1005A"], record["M0064_SSN"], record["M0030_START_CARE_DT"]
    assert {finding.items[0].item: finding.remedy for finding in _found(oasis, "01", record)} == {
        "M0030_START_CARE_DT": "Add the element. It may hold a date as YYYYMMDD, and no blank (^).",
        "M0064_SSN": "Add the element. It may hold text of up to 9 characters or ^ for a blank.",
        "A1005A": "Add the element. It may hold 0 or 1, and no blank (^).",
    }


def test_missing_items_come_in_the_order_of_the_data_specification(
    oasis: Pack, record: dict[str, str]
) -> None:
    names = [item.id for item in oasis.active("01")]
    found = _found(oasis, "01", {name: record[name] for name in names[20:]})
    assert [finding.items[0].item for finding in found] == names[:20]


def test_hundreds_of_missing_items_are_summed_up(oasis: Pack, record: dict[str, str]) -> None:
    names = [item.id for item in oasis.active("01")]
    found = _found(oasis, "01", {name: record[name] for name in names[21:]})
    assert [finding.edit_id for finding in found] == ["IF-302"] * 20 + ["IF-309"]
    assert "1 more of those active for item subset 01 (Start of care)" in found[-1].message
    *named, rest = _found(oasis, "01", {})
    assert len(named) == 20
    assert f"{len(names) - 20} more of those" in rest.message
    assert rest.severity is Severity.FATAL


def test_an_unknown_item_is_fatal_and_the_likely_one_is_suggested(
    oasis: Pack, record: dict[str, str]
) -> None:
    record["M0064_SSM"] = record.pop("M0064_SSN")
    unknown, missing = _found(oasis, "01", record)
    assert (unknown.edit_id, unknown.severity) == ("IF-303", Severity.FATAL)
    assert "Perhaps M0064_SSN was meant." in unknown.message
    assert missing.edit_id == "IF-302"


def test_an_item_that_is_there_already_is_not_suggested(oasis: Pack, record: dict[str, str]) -> None:
    (unknown,) = _found(oasis, "01", {**record, "M0064_SSM": "1"})
    assert "M0064_SSN" not in unknown.message


def test_an_inactive_item_is_a_warning(oasis: Pack, record: dict[str, str]) -> None:
    (finding,) = _found(oasis, "01", {**record, "M0906_DC_TRAN_DTH_DT": "20260401"})
    assert (finding.edit_id, finding.severity) == ("IF-304", Severity.WARNING)


def test_the_format_of_an_inactive_item_does_not_matter(oasis: Pack, record: dict[str, str]) -> None:
    (finding,) = _found(oasis, "01", {**record, "M0906_DC_TRAN_DTH_DT": "nonsense"})
    assert finding.edit_id == "IF-304"


def test_a_calculated_item_is_a_warning_and_a_filler_unknown(oasis: Pack, record: dict[str, str]) -> None:
    calculated = next(item.id for item in oasis.items.values() if item.group == "Calc")
    filler = next(item.id for item in oasis.items.values() if item.group == "Filler")
    found = _found(oasis, "01", {**record, calculated: "1", filler: "1"})
    assert [finding.edit_id for finding in found] == ["IF-305", "IF-303"]


def test_an_empty_element_that_no_edit_refuses(oasis: Pack, record: dict[str, str]) -> None:
    (finding,) = _found(oasis, "01", {**record, "ACY_DOC_CD": ""})
    assert (finding.edit_id, finding.severity) == ("IF-306", Severity.FATAL)


def test_an_empty_element_that_an_edit_refuses_is_told_once(oasis: Pack, record: dict[str, str]) -> None:
    (finding,) = _found(oasis, "01", {**record, "M0030_START_CARE_DT": ""})
    assert finding.edit_id == "-3070"


def test_state_optional_items_may_be_there_and_are_checked(mds: Pack) -> None:
    record = make_record(mds, "NQ", seed=1, number=1)
    assert _found(mds, "NQ", {**record, "S0180": "1"}) == []
    (finding,) = _found(mds, "NQ", {**record, "S0180": "4"})
    assert (finding.edit_id, finding.severity) == ("-3808", Severity.WARNING)
    (inactive,) = _found(mds, "SP", {**make_record(mds, "SP", seed=1, number=1), "S0180": "1"})
    assert inactive.edit_id == "IF-304"


def test_one_item_may_fail_several_edits_in_the_order_that_cms_reports(
    oasis: Pack, record: dict[str, str]
) -> None:
    found = _found(oasis, "01", {**record, "M0064_SSN": "154-87-5926"})
    assert [finding.edit_id for finding in found] == ["-3110", "-3010"]
    assert {finding.items[0].value for finding in found} == {"154-87-5926"}


def test_findings_follow_the_order_of_the_record(oasis: Pack, record: dict[str, str]) -> None:
    broken = {**record, "A1110A": "", "M0030_START_CARE_DT": "x", "GG0130A1": "x"}
    turned = dict(reversed(broken.items()))
    in_order = [finding.items[0].item for finding in _found(oasis, "01", turned)]
    assert in_order == [name for name in turned if name in {"A1110A", "M0030_START_CARE_DT", "GG0130A1"}]


def test_without_a_subset_formats_are_checked_and_the_items_of_every_subset_asked_for(oasis: Pack) -> None:
    control = {item.id for item in oasis.submitted_items if item.group == "Control"}
    some = {"M0906_DC_TRAN_DTH_DT": "x", "M0030_START_CARE_DT": "20260401", "NONSENSE": "1"}
    found = _found(oasis, None, some)
    assert [finding.edit_id for finding in found[:2]] == ["-3070", "IF-303"]
    every = [item.id for item in oasis.submitted_items if oasis.subsets.keys() <= item.subsets]
    assert control < set(every)
    assert "M1021_PRIMARY_DIAG_ICD" not in every
    expected = [name for name in every if name not in some]
    assert [finding.items[0].item for finding in found[2:22]] == expected[:20]
    assert [finding.edit_id for finding in found[22:]] == ["IF-309"]
    assert f"{len(expected) - 20} more of those" in found[22].message
    assert "active for every item subset" in found[2].message


def test_names_of_unknown_elements_are_shortened(oasis: Pack, record: dict[str, str]) -> None:
    (finding,) = _found(oasis, "01", {**record, "X" * 5000: "1"})
    assert len(finding.message) < 300


def test_thousands_of_unknown_elements_are_summed_up(oasis: Pack, record: dict[str, str]) -> None:
    nonsense = {f"GG0170A{number}{number}": "" for number in range(1, 1_101)}
    found = _found(oasis, "01", {**nonsense, **record, "ACY_DOC_CD": ""})
    assert [finding.edit_id for finding in found] == ["IF-303"] * 100 + ["IF-306", "IF-308"]
    assert "1,000 more elements" in found[-1].message
    assert found[-1].severity is Severity.FATAL


@pytest.mark.parametrize(
    ("system", "subset", "changes", "edit", "remedy"),
    [
        (
            "OASIS",
            "01",
            {"SFW_PROD_NAME": "^", "SFW_PROD_VRSN_CD": "1"},
            "-3220",
            "Your software writes these",
        ),
        ("OASIS", "01", {"CORRECTION_NUM": "78"}, "-3340", "Your software writes these"),
        ("OASIS", "01", {"M0090_INFO_COMPLETED_DT": "20260401"}, "-3330", "Check the date. If it is right, "),
        ("MDS", "NC", {"V0200C2": "20260401"}, "-3810", "Check the date. If it is right, "),
        ("OASIS", "01", {"M0064_SSN_UK": "0", "M0064_SSN": "^"}, "-3530", "Compare these items with the "),
    ],
)
def test_the_remedy_fits_what_is_wrong(
    oasis: Pack, mds: Pack, system: str, subset: str, changes: dict[str, str], edit: str, remedy: str
) -> None:
    pack = {"OASIS": oasis, "MDS": mds}[system]
    record = make_record(pack, subset, seed=1, number=1, today=TODAY, fixed={"A0310A": "01"}) | changes
    findings = subset_checker(pack, subset).check(record, TODAY)
    found = {finding.edit_id: finding.remedy for finding in findings}
    assert found[edit].startswith(remedy)
