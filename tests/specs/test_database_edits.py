"""Each edit that needs the database, with what it is told, and with nobody to tell it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from iqies_flask.model import Severity
from iqies_flask.specs.database_edits import check_with_database
from iqies_flask.specs.edits.predicates import NOTHING_SUPPLIED, Answer, Supplied
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.sample import make_record

MANY_OASIS = "M0030_START_CARE_DT, M0032_ROC_DT, M0032_ROC_DT_NA, M0040_PAT_FNAME, M0040_PAT_LNAME, "
CORRECTION = {"TRANS_TYPE_CD": "2", "CORRECTION_NUM": "01"}
MDS_CORRECTION = {"A0050": "2", "X0800": "01"}


_LABEL = re.compile(r"(?<=[A-Z0-9]) \((?:[^()]|\([^()]*\))*\)")
"""What stands behind an item's first mention."""


@dataclass(frozen=True)
class Case:
    """What breaks an edit.

    Attributes:
        edit: Its number.
        predicate: What it asks.
        items: What the record must hold for it.
        nearest: What, changed in the record, makes the edit hold all the same; nothing where nothing does.
        says: A part of its message.
        breaks: The answer that breaks it.
    """

    edit: str
    predicate: str
    items: Mapping[str, str]
    nearest: Mapping[str, str]
    says: str
    breaks: bool = False
    warns: bool = field(default=False)


OASIS_CASES = [
    Case(
        "-3160",
        "submission-id",
        {"HHA_AGENCY_ID": "X1"},
        {},
        "be the provider's submission ID, but it is “X1”; told",
    ),
    Case("-3162", "submitters-provider", {"HHA_AGENCY_ID": "X1"}, {}, "for which the submitter may submit"),
    Case(
        "-3170",
        "provider-ccn",
        {"M0010_CCN": "997888"},
        {},
        "M0010_CCN should be the provider's CCN",
        warns=True,
    ),
    Case(
        "-3200",
        "next-correction-number",
        CORRECTION,
        {"TRANS_TYPE_CD": "1"},
        "TRANS_TYPE_CD is “2”, so CORRECTION_NUM must be the next correction number of the record",
    ),
    Case(
        "-4690",
        "agency-without-branches",
        {"M0016_BRANCH_ID": "P"},
        {"M0016_BRANCH_ID": "N"},
        "is that of an agency without branches, so M0016_BRANCH_ID must be N, but it is “P”",
        breaks=True,
    ),
    Case(
        "-4700",
        "agency-with-branches",
        {"M0016_BRANCH_ID": "N"},
        {"M0016_BRANCH_ID": "P"},
        "of an agency with branches and M0016_BRANCH_ID is “N”, so M0016_BRANCH_ID must be P",
        breaks=True,
    ),
    Case(
        "-4710",
        "branch-of-agency",
        {"M0016_BRANCH_ID": "99Q9999999"},
        {"M0016_BRANCH_ID": "P"},
        "must be a present or past branch of the agency, but it is “99Q9999999”; told",
    ),
    Case(
        "-7050",
        "stored-record",
        CORRECTION,
        {"TRANS_TYPE_CD": "1"},
        "TRANS_TYPE_CD is “2”, so M0030_START_CARE_DT, M0032_ROC_DT, M0032_ROC_DT_NA",
    ),
]
MDS_CASES = [
    Case("-3693", "submission-id", {"FAC_ID": "X1"}, {}, "FAC_ID must be the provider's submission ID"),
    Case("-3693", "submitters-provider", {"FAC_ID": "X1"}, {}, "FAC_ID must be that of a provider for which"),
    Case(
        "-3695", "provider-ccn", {"A0100B": "997888"}, {}, "A0100B should be the provider's CCN", warns=True
    ),
    Case(
        "-3783",
        "next-correction-number",
        MDS_CORRECTION,
        {"A0050": "1"},
        "A0050 is “2”, so X0800 must be the next correction number of the record, but it is “01”; told",
    ),
    Case(
        "-3806",
        "state-provider-number",
        {"A0200": "1", "A0100C": "S1"},
        {"A0200": "2"},
        "A0200 is “1”, so A0100C should be the provider's number at the state, but it is “S1”; told",
        warns=True,
    ),
    Case(
        "-3966",
        "state-pdpm-setting",
        {"A0310A": "06", "A0310B": "99", "STATE_PDPM_OBRA_CD": "1"},
        {"A0310A": "99"},
        "so STATE_PDPM_OBRA_CD should be what the state has set for the target date, but it is “1”; told",
        warns=True,
    ),
    Case(
        "-3977",
        "stored-record",
        MDS_CORRECTION,
        {"A0050": "1"},
        "A0050 is “2”, so X0150 through X0700C must be those of a stored record",
    ),
]


def answering(name: str, holds: bool | None) -> Supplied:
    return {name: lambda _: None if holds is None else Answer(holds, "told by nobody but this test")}


def found(
    pack: Pack, subset: str, items: dict[str, str], supplied: Supplied
) -> dict[str, tuple[Severity, str]]:
    day = pack.in_force_from
    return {
        one.edit_id: (one.severity, one.message)
        for one in check_with_database(items, pack, subset, day, supplied)
    }


def assert_case(pack: Pack, subset: str, case: Case) -> None:
    items = {**make_record(pack, subset, seed=1, number=1), **case.items}
    broken = found(pack, subset, items, answering(case.predicate, case.breaks))
    severity, message = broken.pop(case.edit)
    assert not broken
    assert severity is (Severity.WARNING if case.warns else Severity.FATAL)
    assert case.says in _without_labels(message)
    assert not found(pack, subset, items, answering(case.predicate, not case.breaks))
    assert not found(pack, subset, items, answering(case.predicate, None))
    assert not found(pack, subset, items, NOTHING_SUPPLIED)
    if case.nearest:
        nearest = {**items, **case.nearest}
        assert not found(pack, subset, nearest, answering(case.predicate, case.breaks))


@pytest.mark.parametrize("case", OASIS_CASES, ids=lambda case: case.edit)
def test_oasis(oasis: Pack, case: Case) -> None:
    assert_case(oasis, "01", case)


@pytest.mark.parametrize("case", MDS_CASES, ids=lambda case: f"{case.edit} {case.predicate}")
def test_mds(mds: Pack, case: Case) -> None:
    assert_case(mds, "NQ", case)


def test_no_edit_is_without_a_case(oasis: Pack, mds: Pack) -> None:
    for pack, cases in ((oasis, OASIS_CASES), (mds, MDS_CASES)):
        asked = {(edit.id, name) for edit in pack.database_edits for name in edit.predicates}
        assert asked == {(case.edit, case.predicate) for case in cases}


def test_an_edit_that_names_a_missing_item_is_not_judged(oasis: Pack) -> None:
    items = make_record(oasis, "01", seed=1, number=1)
    del items["M0010_CCN"]
    assert not found(oasis, "01", items, answering("provider-ccn", False))


def test_an_item_that_the_subset_does_not_have_is_not_asked_about(oasis: Pack) -> None:
    inactivation = make_record(oasis, "XX", seed=1, number=1)
    assert not found(oasis, "XX", inactivation, answering("provider-ccn", False))
    assert "-3160" in found(oasis, "XX", inactivation, answering("submission-id", False))


def test_a_record_of_no_subset_is_not_judged(oasis: Pack) -> None:
    items = make_record(oasis, "01", seed=1, number=1)
    assert not found(oasis, "", items, answering("submission-id", False))


def _without_labels(message: str) -> str:
    return _LABEL.sub("", message)
