import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iqies_flask.access.ccn import CCNError, normalized, parse_ccn
from iqies_flask.access.kinds import ProviderKind

SNF, SWING_BED, HHA = (
    ProviderKind.SKILLED_NURSING_FACILITY,
    ProviderKind.SWING_BED,
    ProviderKind.HOME_HEALTH_AGENCY,
)


@pytest.mark.parametrize(
    ("ccn", "state", "kind"),
    [
        ("015000", "AL", SNF),
        ("016499", "AL", SNF),
        ("555001", "CA", SNF),
        ("A05001", "CA", SNF),
        ("B05001", "KY", SNF),
        ("676001", "TX", SNF),
        ("01A193", "AL", SNF),
        ("05E123", "CA", SNF),
        ("073100", "CT", HHA),
        ("073199", "CT", HHA),
        ("077000", "CT", HHA),
        ("078499", "CT", HHA),
        ("079000", "CT", HHA),
        ("079799", "CT", HHA),
        ("07K001", "CT", HHA),
        ("21U101", "MD", SWING_BED),
        ("28Z348", "NE", SWING_BED),
        ("05W123", "CA", SWING_BED),
        ("05Y123", "CA", SWING_BED),
        ("995001", "", SNF),
        ("99U888", "", SWING_BED),
        ("567001", "", HHA),
    ],
)
def test_state_and_kind_are_in_the_number(ccn: str, state: str, kind: ProviderKind) -> None:
    parsed = parse_ccn(ccn)
    assert (parsed.text, parsed.state, parsed.kind) == (ccn, state, kind)


@pytest.mark.parametrize(
    "typed", [" 28z348 ", "28-Z348", "28 Z3 48", "28\u2013z348", "\t28Z348\n", "\ufeff28\u2212z3\u200b48"]
)
def test_what_is_typed_for_reading_does_no_harm(typed: str) -> None:
    assert parse_ccn(typed).text == "28Z348"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "Enter a CCN: six digits and letters"),
        (" - ", "Enter a CCN"),
        ("15001", "15001 has 5 positions; a CCN has six. Did a zero at the front get lost?"),
        ("2Z348", "2Z348 has 5 positions; a CCN has six."),
        ("1", "1 has 1 position; a CCN has six."),
        ("0150011", "0150011 has 7 positions; a CCN has six."),
        ("01.001", "01.001 is no CCN: . cannot stand in one"),
        ("01\0001", "cannot stand in one"),
        ("\u0660\u0661\u0665\u0660\u0660\u0661", "cannot stand in one"),
        ("605001", "no state has the code 60"),
        ("ZZ5001", "no state has the code ZZ"),
        ("010001", "another kind of provider (short-term hospital)"),
        ("011500", "another kind of provider (hospice)"),
        ("014999", "another kind of provider (community mental health center)"),
        ("016500", "another kind of provider (outpatient therapy provider)"),
        ("073200", "another kind of provider (rehabilitation facility (CORF))"),
        ("079800", "another kind of provider (transplant center)"),
        ("016990", "6990, its last four positions, is not given to any kind"),
        ("01S001", "another kind of provider (psychiatric unit of a hospital)"),
        ("01Q001", "Q, its third position, is not given to any kind"),
        ("015A01", "its last three positions must be digits"),
        ("01UU01", "its last three positions must be digits"),
    ],
)
def test_what_is_no_ccn_is_refused_with_the_reason(typed: str, says: str) -> None:
    with pytest.raises(CCNError, match=re.escape(says)):
        parse_ccn(typed)


@given(st.text(max_size=12))
def test_any_text_is_a_ccn_in_its_normal_form_or_refused(typed: str) -> None:
    try:
        ccn = parse_ccn(typed)
    except CCNError:
        return
    assert ccn.text == normalized(typed)
    assert parse_ccn(ccn.text) == ccn
    assert re.fullmatch("[0-9A-Z]{2}[0-9A-Z][0-9]{3}", ccn.text)


@given(
    st.sampled_from(["01", "A0", "99"]),
    st.one_of(
        st.tuples(st.sampled_from("5U"), st.integers(0, 999)),
        st.tuples(st.just("7"), st.integers(0, 999)),
    ),
    st.sampled_from([" ", "-", ""]),
)
def test_numbers_of_our_kinds_are_always_taken(state: str, rest: tuple[str, int], between: str) -> None:
    third, number = rest
    expected = {"5": SNF, "U": SWING_BED, "7": HHA}[third]
    assert parse_ccn(f"{state}{between}{third.lower()}{between}{number:03}").kind is expected


@given(st.integers(0, 9999))
def test_each_number_has_at_most_one_kind_and_every_state_reads_it_alike(number: int) -> None:
    def kind(state: str) -> ProviderKind | None:
        try:
            return parse_ccn(f"{state}{number:04}").kind
        except CCNError:
            return None

    expected = (
        SNF
        if 5000 <= number <= 6499
        else HHA
        if 3100 <= number <= 3199 or 7000 <= number <= 8499 or 9000 <= number <= 9799
        else None
    )
    assert kind("01") is kind("A0") is kind("99") is expected
