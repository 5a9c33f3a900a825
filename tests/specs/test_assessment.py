"""The item subset follows from the reasons for assessment; the summary picks what reports go by."""

from datetime import date

import pytest

from iqies_flask.model import MemoryContent, Record, Severity
from iqies_flask.specs.assessment import check_assessment, storable_items, summarize
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.sample import make_record

TODAY = date.today()


def _record(items: dict[str, str]) -> Record:
    return Record(1, "record.xml", "ASSESSMENT", items, MemoryContent(b""))


def _mds_reasons(
    provider: str, obra: str, pps: str, tracking: str, part_a: str, kind: str = "1"
) -> dict[str, str]:
    return {
        "A0050": kind,
        "A0200": provider,
        "A0310A": obra,
        "A0310B": pps,
        "A0310F": tracking,
        "A0310H": part_a,
    }


@pytest.mark.parametrize(
    ("reasons", "subset"),
    [
        (("1", "01", "99", "99", "0"), "NC"),
        (("1", "03", "01", "10", "1"), "NC"),
        (("1", "04", "99", "11", "0"), "NC"),
        (("1", "05", "01", "99", "0"), "NC"),
        (("1", "02", "99", "99", "0"), "NQ"),
        (("1", "06", "01", "99", "0"), "NQ"),
        (("1", "99", "01", "99", "0"), "NP"),
        (("1", "99", "01", "10", "1"), "NP"),
        (("1", "99", "99", "10", "0"), "ND"),
        (("1", "99", "99", "11", "1"), "ND"),
        (("1", "99", "99", "99", "1"), "NPE"),
        (("1", "99", "99", "99", "0"), None),
        (("1", "99", "99", "01", "0"), "NT"),
        (("1", "99", "99", "12", "0"), "NT"),
        (("1", "01", "99", "01", "0"), None),
        (("1", "99", "08", "99", ""), "IPA"),
        (("2", "99", "08", "99", ""), "IPA"),
        (("1", "99", "08", "10", ""), None),
        (("1", "02", "08", "99", ""), None),
        (("2", "99", "01", "99", "0"), "SP"),
        (("2", "99", "01", "11", "1"), "SP"),
        (("2", "99", "99", "10", "0"), "SD"),
        (("2", "99", "99", "12", "0"), "ST"),
        (("2", "01", "99", "99", "0"), None),
        (("2", "99", "99", "99", "1"), None),
        (("3", "99", "01", "99", "0"), None),
    ],
)
def test_item_subset_of_the_mds(
    mds: Pack, reasons: tuple[str, str, str, str, str], subset: str | None
) -> None:
    assert mds.recalculate_subset(_mds_reasons(*reasons)) == subset
    assert mds.recalculate_subset(_mds_reasons(*reasons, kind="2")) == subset
    assert mds.recalculate_subset(_mds_reasons(*reasons, kind="3")) == "XX"


@pytest.mark.parametrize("reason", ["01", "03", "04", "05", "06", "07", "08", "09"])
def test_item_subset_of_oasis(oasis: Pack, reason: str) -> None:
    for kind, subset in (("1", reason), ("2", reason), ("3", "XX"), ("", None)):
        items = {"TRANS_TYPE_CD": kind, "M0100_ASSMT_REASON": reason}
        assert oasis.recalculate_subset(items) == subset


@pytest.mark.parametrize(
    ("system", "subset", "other", "edit"), [("oasis", "01", "03", "-3240"), ("mds", "NQ", "NC", "-3796")]
)
def test_a_wrong_subset_is_fatal_and_the_right_one_is_checked(
    request: pytest.FixtureRequest, system: str, subset: str, other: str, edit: str
) -> None:
    pack: Pack = request.getfixturevalue(system)
    items = {**make_record(pack, subset, seed=3, number=1), "ITM_SBST_CD": other}
    (finding,) = check_assessment(_record(items), pack, summarize(items, pack).subset, TODAY)
    assert (finding.edit_id, finding.severity) == (edit, Severity.FATAL)
    assert f"item subset {subset}" in finding.message
    assert finding.items[0].item == "ITM_SBST_CD"


def test_reasons_that_lead_nowhere(mds: Pack) -> None:
    items = {**make_record(mds, "NQ", seed=3, number=1), "A0310A": "99", "A0310B": "99", "A0310F": "99"}
    items["A0310H"] = "0"
    finding, *others = check_assessment(_record(items), mds, summarize(items, mds).subset, TODAY)
    assert finding.edit_id == "-3796"
    reasons = _mds_reasons(*"12345").keys()
    assert all(reasons & {item.item for item in other.items} for other in others)
    assert "No item subset follows" in finding.message
    assert [item.item for item in finding.items] == ["ITM_SBST_CD", *_mds_reasons(*"12345")]


def test_a_missing_subset_item_is_told_once(oasis: Pack) -> None:
    items = make_record(oasis, "04", seed=3, number=1)
    del items["ITM_SBST_CD"]
    (finding,) = check_assessment(_record(items), oasis, summarize(items, oasis).subset, TODAY)
    assert (finding.edit_id, finding.items[0].item) == ("IF-302", "ITM_SBST_CD")


@pytest.mark.parametrize(("system", "edit"), [("oasis", "-3240"), ("mds", "-3796")])
def test_a_record_without_reasons_for_assessment_is_fatal(
    request: pytest.FixtureRequest, system: str, edit: str
) -> None:
    pack: Pack = request.getfixturevalue(system)
    items = {"ASMT_SYS_CD": pack.system}
    found = check_assessment(_record(items), pack, summarize(items, pack).subset, TODAY)
    assert found[0].edit_id == edit
    assert "none is there" in found[0].message
    assert "is missing" in found[0].message
    assert {finding.edit_id for finding in found[1:]} == {"IF-302", "IF-309"}


def test_a_missing_subset_item_and_reasons_that_lead_nowhere(mds: Pack) -> None:
    items = {**make_record(mds, "NQ", seed=3, number=1), "A0310A": "99", "A0310B": "99", "A0310F": "99"}
    items["A0310H"] = "0"
    del items["ITM_SBST_CD"]
    found = check_assessment(_record(items), mds, summarize(items, mds).subset, TODAY)
    assert [finding.edit_id for finding in found] == ["-3796", "IF-302"]


def test_summary_of_an_oasis_record(oasis: Pack) -> None:
    items = make_record(
        oasis,
        "01",
        seed=5,
        number=1,
        fixed={"M0010_CCN": "077001", "M0030_START_CARE_DT": "20260415"},
        today=date(2026, 4, 20),
    )
    summary = summarize(items, oasis)
    assert (summary.ccn, summary.facility_id, summary.subset) == ("077001", "SAMPLE001", "01")
    assert (summary.reason, summary.transaction, summary.correction_number) == ("01", "1", "00")
    assert summary.target_date == date(2026, 4, 15)


def test_summary_of_an_inactivation_takes_section_x(mds: Pack) -> None:
    items = make_record(mds, "XX", seed=5, number=1)
    summary = summarize(items, mds)
    assert summary.last_name == items["X0200C"]
    assert summary.ssn == items["X0500"]
    assert summary.reason == "/".join(
        items[name].strip("^") for name in ("X0600A", "X0600B", "X0600F", "X0600H")
    )
    assert summary.target_date is not None


@pytest.mark.parametrize(
    ("submitted", "summarized"), [("^", ""), ("-", ""), (" ", ""), (" 345623 ", "345623")]
)
def test_a_summary_has_no_blanks_dashes_and_spaces(mds: Pack, submitted: str, summarized: str) -> None:
    assert summarize({"A0100B": submitted}, mds).ccn == summarized


def test_summary_of_an_empty_record(mds: Pack) -> None:
    summary = summarize({}, mds)
    assert summary.reason == ""
    assert summary.target_date is None


def test_inactive_and_unknown_items_are_not_stored(mds: Pack) -> None:
    items = make_record(mds, "NQ", seed=1, number=1)
    more = {"NO_SUCH_ITEM": "1", **items, "S0180": "1", "V0200B2": "20260101"}
    assert storable_items(more, mds, "NQ") == {**items, "S0180": "1", "V0200B2": "20260101"}
    assert storable_items({**items, "V0200A01A": "1"}, mds, "IPA").keys() < items.keys()
    assert storable_items(more, mds, "") == {**items, "S0180": "1", "V0200B2": "20260101"}
