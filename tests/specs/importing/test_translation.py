# ruff: noqa: E501 - a sentence is easier to read on one line
import pytest

from iqies_flask.model import EditType, Severity
from iqies_flask.specs.importing.release import OfficialEdit
from iqies_flask.specs.importing.translation import UntranslatableError, translate
from iqies_flask.specs.pack import Pack


def _official(text: str, pack: Pack, *, items: tuple[str, ...] | None = None) -> OfficialEdit:
    listed = tuple(pack.items) if items is None else items
    return OfficialEdit("-9901", EditType.SKIP_PATTERN, Severity.WARNING, "V3.03.0", text, listed)


def _translated(text: str, pack: Pack) -> list[str]:
    """The clauses, each on one line."""
    head, *lines = translate(_official(text, pack), pack.items).text.splitlines()
    assert head == "-9901 skip warning V3.03.0"
    clauses: list[str] = []
    for line in lines:
        if line.startswith("      "):
            clauses[-1] += f" {line.strip()}"
        else:
            clauses.append(line.strip())
    return clauses


def _refusal(text: str, pack: Pack) -> str:
    with pytest.raises(UntranslatableError) as caught:
        translate(_official(text, pack), pack.items)
    return str(caught.value)


@pytest.mark.parametrize(
    ("english", "expected"),
    [
        ("If J0510=[1,2], then J0520 must equal [^].", "if J0510 = [1,2] then J0520 = [^]"),
        (
            "If the J0510 is equal to [1, 2], then J0520 must not be equal to [^].",
            "if J0510 = [1,2] then J0520 <> [^]",
        ),
        ("If J0510 is NOT equal to [^] then J0520 cannot equal [-]", "if J0510 <> [^] then J0520 <> [-]"),
        ("If J0510 = [1] (contains an answer), then J0520 should be [2].", "if J0510 = [1] then J0520 = [2]"),
        ("If J0510=[1], then if J0520 is active it must be equal to [^].", "if J0510 = [1] then J0520 = [^]"),
        (
            "If J0510=[1] AND J1800=[0], then J0520 and J0530 must equal [^].",
            "if J0510 = [1] and J1800 = [0] then all of (J0520, J0530) = [^]",
        ),
        (
            "If (J0510=[1] and J0520=[1]) OR (J0510=[2] and J0520=[2]), then J0530 must equal [1].",
            "if (J0510 = [1] and J0520 = [1]) or (J0510 = [2] and J0520 = [2]) then J0530 = [1]",
        ),
        (
            "If J0510=[0], then all active items from J0520 through J0530 must equal [^].",
            "if J0510 = [0] then all of J0520 through J0530 = [^]",
        ),
        (
            "If J0510=[1], then the following active items must not equal [^]: J0520, J0530, and J1800.",
            "if J0510 = [1] then all of (J0520, J0530, J1800) <> [^]",
        ),
        (
            "If J0510=[1], then none of the following items can be equal to [-]: J0520, J0530.",
            "if J0510 = [1] then none of (J0520, J0530) = [-]",
        ),
        (
            "If GG0110Z=[0], then at least one active item from GG0110A to GG0110E must equal [1].",
            "if GG0110Z = [0] then any of GG0110A through GG0110E = [1]",
        ),
        (
            "If GG0110Z=[-], then at least one item from GG0110A through GG0110E must equal [-], and all remaining "
            "active items must equal [0,-].",
            "if GG0110Z = [-] then any of GG0110A through GG0110E = [-], the rest = [0,-]",
        ),
        (
            "If GG0110Z=[-], then at least one of the following items, if active, must equal [-], and the rest of the "
            "active items must be [0,-]: GG0110A, GG0110B.",
            "if GG0110Z = [-] then any of (GG0110A, GG0110B) = [-], the rest = [0,-]",
        ),
        (
            "If GG0110Z=[-], then at least one of GG0110A and GG0110B must equal [-] and the other item must equal [0].",
            "if GG0110Z = [-] then any of (GG0110A, GG0110B) = [-], the rest = [0]",
        ),
        (
            "If J1800=[1], then all active items from J1900A through J1900C must not equal [^] and at least one of "
            "these items must equal [1,2].",
            "if J1800 = [1] then all of J1900A through J1900C <> [^] and any of J1900A through J1900C = [1,2]",
        ),
        (
            "If any item from GG0110A through GG0110E=[1], then GG0110Z must equal [0] and J0510 must equal [0].",
            "if any of GG0110A through GG0110E = [1] then GG0110Z = [0] and J0510 = [0]",
        ),
        (
            "If J0510, J0520 and J0530 are all equal to [0,^], then J1800 must equal [0].",
            "if all of (J0510, J0520, J0530) = [0,^] then J1800 = [0]",
        ),
        (
            "If J0510=[1], then if M1322_NBR_PRSULC_STG1 is active it must not equal [^] and it must be greater than [00].",
            "if J0510 = [1] then M1322_NBR_PRSULC_STG1 <> [^] and M1322_NBR_PRSULC_STG1 > 0",
        ),
        (
            "If M1311_NBR_PRSULC_STG2_A1 is greater than 0, and M1311_NBR_PRSULC_STG3_B1 is active, then "
            "M1311_NBR_PRSULC_STG3_B1 must be (a) less than or equal to M1311_NBR_PRSULC_STG2_A1, or (b) equal to "
            "dash [-].",
            "if M1311_NBR_PRSULC_STG2_A1 > 0 and M1311_NBR_PRSULC_STG3_B1 is active then "
            "(M1311_NBR_PRSULC_STG3_B1 <= M1311_NBR_PRSULC_STG2_A1 or M1311_NBR_PRSULC_STG3_B1 = [-])",
        ),
        (
            "If J0510=[1] and M1322_NBR_PRSULC_STG1 is not active, then one of the following must be true: a) J0520 "
            "must equal [1], OR b) J0530 must equal [1].",
            "if J0510 = [1] and not M1322_NBR_PRSULC_STG1 is active then ((J0520 = [1]) or (J0530 = [1]))",
        ),
        (
            "If all of C0200 and C0300A are active and have numeric values (not dash), then C0500 must equal the sum of "
            "the values of C0200 and C0300A.",
            "if (C0200, C0300A) are active and all of (C0200, C0300A) >= 0 then C0500 = sum of (C0200, C0300A)",
        ),
        (
            "If three or fewer of C0200 through C0400C are equal to [0], then C0500 must equal the sum of C0200 and "
            "C0300A OR it must equal [99].",
            "if count of C0200 through C0400C = [0] in 0 to 3 then (C0500 = sum of (C0200, C0300A) or C0500 = [99])",
        ),
        (
            "If four or more of C0200 through C0400C are equal to [0], then C0500 must equal [99].",
            "if count of C0200 through C0400C = [0] in 4 to 7 then C0500 = [99]",
        ),
        (
            "If some, but not all, of C0200 and C0300A have a value of [-], then C0500 must equal [99].",
            "if any of (C0200, C0300A) = [-] and not all of (C0200, C0300A) = [-] then C0500 = [99]",
        ),
        (
            "If character 1 of M1021_PRIMARY_DIAG_ICD is NOT equal to [V,W], then M1021_PRIMARY_DIAG_SEVERITY must equal [^].",
            "if M1021_PRIMARY_DIAG_ICD starts not with [V,W] then M1021_PRIMARY_DIAG_SEVERITY = [^]",
        ),
        ("J0520 and J0530 cannot both be equal to [4]", "not (J0520 = [4] and J0530 = [4])"),
        (
            "If J0510=[1] and if a value submitted in items M1021_PRIMARY_DIAG_ICD, or M1023_OTH_DIAG1_ICD is not equal "
            "to [^], it must not equal (must not duplicate) any value submitted in the remaining items in this list.",
            "if J0510 = [1] then distinct (M1021_PRIMARY_DIAG_ICD, M1023_OTH_DIAG1_ICD)",
        ),
        (
            "If M0104_PHYSN_RFRL_DT is not equal to [^], then M0104_PHYSN_RFRL_DT must be less than or equal to "
            "M0030_START_CARE_DT and must be greater than M0066_PAT_BIRTH_DT.",
            "if M0104_PHYSN_RFRL_DT <> [^] then order M0104_PHYSN_RFRL_DT <= M0030_START_CARE_DT and order "
            "M0066_PAT_BIRTH_DT < M0104_PHYSN_RFRL_DT",
        ),
        (
            "Each active item in the list below that contains a valid date (not blank) must be in the specified order. "
            "If J0510=[1], then the following rules apply: M0066_PAT_BIRTH_DT < M0030_START_CARE_DT <= Current date",
            "if J0510 = [1] then order M0066_PAT_BIRTH_DT < M0030_START_CARE_DT <= today",
        ),
        (
            "If M0090_INFO_COMPLETED_DT and M0030_START_CARE_DT are both active and contain valid dates (not [^]), then "
            "M0090_INFO_COMPLETED_DT minus M0030_START_CARE_DT should be greater than or equal to zero and less than or "
            "equal to 5 days.",
            "if (M0090_INFO_COMPLETED_DT, M0030_START_CARE_DT) are active and all of (M0090_INFO_COMPLETED_DT, "
            "M0030_START_CARE_DT) <> [^] then days M0030_START_CARE_DT to M0090_INFO_COMPLETED_DT in 0 to 5",
        ),
        (
            "If TRANS_TYPE_CD=[1] (new record), then submission date - M0090_INFO_COMPLETED_DT should be less than or "
            "equal to 30 days.",
            "if TRANS_TYPE_CD = [1] then days M0090_INFO_COMPLETED_DT to today at most 30",
        ),
        (
            "If M0090_INFO_COMPLETED_DT \N{EN DASH} M0030_START_CARE_DT >= 366 then J0520 must equal [^].",
            "if not days M0030_START_CARE_DT to M0090_INFO_COMPLETED_DT at most 365 then J0520 = [^]",
        ),
        (
            "If M0090_INFO_COMPLETED_DT minus M0030_START_CARE_DT is less than 366 days, then J0520 must equal [^].",
            "if days M0030_START_CARE_DT to M0090_INFO_COMPLETED_DT at most 365 then J0520 = [^]",
        ),
    ],
)
def test_the_patterns_of_sentences(oasis: Pack, english: str, expected: str) -> None:
    assert _translated(english, oasis) == [expected]


def test_lettered_clauses_keep_their_letters(oasis: Pack) -> None:
    assert _translated("(a) If J0510=[0], then J0520 must equal [^]. b) J0530 must equal [1].", oasis) == [
        "(a) if J0510 = [0] then J0520 = [^]",
        "(b) J0530 = [1]",
    ]


def test_a_condition_for_all_clauses_is_part_of_each(oasis: Pack) -> None:
    english = (
        "J0520 Consistency: If J0510=[0] or J1800=[0], then the following rules apply: a) If J0530=[1], then J0520 "
        "must equal [1]. b) J1800 must equal [0]."
    )
    assert _translated(english, oasis) == [
        "(a) if (J0510 = [0] or J1800 = [0]) and J0530 = [1] then J0520 = [1]",
        "(b) if (J0510 = [0] or J1800 = [0]) then J1800 = [0]",
    ]


def test_one_of_is_exactly_one_where_the_counting_goes_on(oasis: Pack) -> None:
    english = (
        "(a) If one of the following items: D0150A2, D0150B2 = [-,^], then D0160 must equal the sum of the remaining "
        "items times 9/8(1.125), rounded to the nearest integer. (b) If two or more items between D0150A2 and D0150B2 = "
        "[-,^], then D0160 must equal [99]."
    )
    assert _translated(english, oasis) == [
        "(a) if count of (D0150A2, D0150B2) = [-,^] in 1 to 1 then D0160 = sum of (D0150A2, D0150B2) times 9/8",
        "(b) if count of (D0150A2, D0150B2) = [-,^] in 2 to 2 then D0160 = [99]",
    ]


def test_otherwise_is_where_no_sentence_before_applies(oasis: Pack) -> None:
    english = (
        "(a) If J0510=[0], then J0520 must equal [^]. (b) If J0510=[1] and J0530=[1], then J0520 must equal [1]. "
        "Otherwise, the following rules apply: (c) If J1800=[1], then J0520 must equal [2]."
    )
    assert _translated(english, oasis)[2] == (
        "(c) if not (J0510 = [0]) and not (J0510 = [1] and J0530 = [1]) and J1800 = [1] then J0520 = [2]"
    )


def test_an_exemption_is_part_of_each_sentence(oasis: Pack) -> None:
    english = (
        "a) age of M0066_PAT_BIRTH_DT at M0090_INFO_COMPLETED_DT cannot be more than 140 years. b) age of "
        "M0066_PAT_BIRTH_DT at M0090_INFO_COMPLETED_DT cannot be less than 18 years. c) If M0066_PAT_BIRTH_DT is equal "
        "to [--------], then this edit does not apply."
    )
    assert _translated(english, oasis) == [
        "(a) if not (M0066_PAT_BIRTH_DT = [--------]) then age of M0066_PAT_BIRTH_DT at M0090_INFO_COMPLETED_DT at most 140",
        "(b) if not (M0066_PAT_BIRTH_DT = [--------]) then age of M0066_PAT_BIRTH_DT at M0090_INFO_COMPLETED_DT at least 18",
    ]


def test_a_range_down_one_column_leaves_the_others_out(oasis: Pack) -> None:
    assert _translated(
        "If K0520Z4=[1], then all items from K0520A4 through K0520D4 must equal [0].", oasis
    ) == ["if K0520Z4 = [1] then all of (K0520A4, K0520B4, K0520C4, K0520D4) = [0]"]


@pytest.mark.parametrize(
    ("english", "expected"),
    [
        ("The provider must be known.", "not understood from “provider must be known.” on"),
        ("If J0510=[1]", "its sentence ends before it says what must hold"),
        ("If J0510=[1] or J0520=[1] and J0530=[1], then J1800 must equal [1].", "without parentheses"),
        ("If J0510=[1], then J0520 must equal [1] only (if it is there).", "not understood from “only"),
        (
            "If J0510=[1] (when J0520 is active), then J0530 must equal [1].",
            "not understood from “(when J0520",
        ),
        ("If J0599=[1], then J0520 must equal [1].", "there is no item J0599"),
        ("If J0510=[1], then all items from J0530 through J0520 must equal [1].", "stands before J0530"),
        ("If J0510=[1], then J0520 must be less than J0530.", "are neither numbers nor dates"),
        ("If J0510 is greater than [1,2], then J0520 must equal [1].", "a number is compared with [1,2]"),
        ("If J0510=[1], then J0520 must equal [1]. Otherwise J0530 must equal [1].", "from “Otherwise"),
        ("If J0510=[1-99999999], then J0520 must equal [1].", "[1-99999999] is a range of too many values"),
        ("If J0510=[0-9999], then J0520 must equal [1].", "[0-9999] is a range of too many values"),
        (
            "If J0510=[0-600], then J0520 must equal [0-500].",
            "[0-500] is a range of too many values",
        ),
        ("If J0510=[10000-99999], then J0520 must equal [1].", "[10000-99999] is a range of too many values"),
        (f"If {'(' * 60}J0510=[1]{')' * 60}, then J0520 must equal [1].", "more parentheses, than any edit"),
        (f"If J0510=[{'1,' * 12_000}1], then J0520 must equal [1].", "longer, or has"),
        (
            "If one of J0510 and J0520 = [1], then J0530 must equal [1].",
            "“one of” may mean exactly or at least",
        ),
        ("If J0510=[1], then J0520 must equal the sum of these items.", "follows no list of items"),
        ("If J0510=[1], then J0520 and J0530 must equal the sum of J1800.", "several items equal one sum"),
        (
            "(a) J0510 must equal [1]. Otherwise the following rules apply: (b) J0520 must equal [1].",
            "“otherwise” follows a sentence without a condition",
        ),
        ("If J0510=[], then J0520 must equal [1].", "“]” stands where a value is expected"),
    ],
)
def test_what_follows_no_pattern_is_left_to_a_person(oasis: Pack, english: str, expected: str) -> None:
    assert expected in _refusal(english, oasis)


def test_what_a_range_adds_must_be_on_the_page_of_the_edit(oasis: Pack) -> None:
    english = "If GG0110Z=[1], then all items from GG0110A through GG0110C must equal [0]."
    complete = ("GG0110A", "GG0110B", "GG0110C", "GG0110Z")
    assert translate(_official(english, oasis, items=complete), oasis.items).edit.items == (
        "GG0110Z",
        "GG0110A",
        "GG0110B",
        "GG0110C",
    )
    with pytest.raises(
        UntranslatableError, match="ranges hold GG0110B in the record, which its page does not list"
    ):
        translate(_official(english, oasis, items=("GG0110A", "GG0110C", "GG0110Z")), oasis.items)


def test_a_format_edit_is_not_translated(oasis: Pack) -> None:
    official = OfficialEdit("-9901", EditType.FORMAT, Severity.FATAL, "V3.03.0", "J0520 must equal [1].", ())
    with pytest.raises(UntranslatableError, match="no consistency edit"):
        translate(official, oasis.items)
