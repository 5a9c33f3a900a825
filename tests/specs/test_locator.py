"""By which values a correction finds its record."""

from dataclasses import replace

import pytest

from iqies_flask.specs.integrity import problems
from iqies_flask.specs.locator import corrected_locator, own_locator
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.sample import make_record

MDS_RECORD = {
    "A0200": "1",
    "A0500A": "TESTA",
    "A0500C": "SAMPLEALPHA",
    "A0800": "1",
    "A0900": "19400101",
    "A0600A": "^",
    "A0310A": "01",
    "A0310B": "99",
    "A0310F": "99",
    "A0310H": "0",
    "A2300": "20260501",
    "A2000": "^",
    "A1600": "20260420",
}
SECTION_X = {
    "X0150": "1",
    "X0200A": "TESTA",
    "X0200C": "SAMPLEALPHA",
    "X0300": "1",
    "X0400": "19400101",
    "X0500": "^",
    "X0600A": "01",
    "X0600B": "99",
    "X0600F": "99",
    "X0600H": "0",
    "X0700A": "20260501",
    "X0700B": "^",
    "X0700C": "^",
}


def test_section_x_of_the_mds_names_the_one_date_that_counts(mds: Pack) -> None:
    assert own_locator(MDS_RECORD, mds) == corrected_locator(SECTION_X, mds)
    entry = {**MDS_RECORD, "A0310A": "99", "A0310F": "01"}
    named = {**SECTION_X, "X0600A": "99", "X0600F": "01", "X0700A": "^", "X0700C": "20260420"}
    assert own_locator(entry, mds) == corrected_locator(named, mds)
    discharge = {**MDS_RECORD, "A0310F": "11", "A2000": "20260503"}
    named = {**SECTION_X, "X0600F": "11", "X0700A": "^", "X0700B": "20260503"}
    assert own_locator(discharge, mds) == corrected_locator(named, mds)


@pytest.mark.parametrize("item", SECTION_X)
def test_every_item_counts(mds: Pack, item: str) -> None:
    assert own_locator(MDS_RECORD, mds) != corrected_locator({**SECTION_X, item: "8"}, mds) or item in {
        # The dates that do not count for this reason for assessment.
        "X0700B",
        "X0700C",
    }


def test_an_interim_payment_assessment_has_no_part_a_discharge(mds: Pack) -> None:
    """But an inactivation of one must fill the item in."""
    record = {**MDS_RECORD, "A0310A": "99", "A0310B": "08"}
    del record["A0310H"], record["A2000"], record["A1600"]
    named = {**SECTION_X, "X0600A": "99", "X0600B": "08"}
    assert own_locator(record, mds) == corrected_locator(named, mds)


def test_oasis_repeats_the_items_and_what_is_inactive_counts_as_blank(oasis: Pack) -> None:
    record = make_record(oasis, "01", seed=1, number=1)
    assert "M0906_DC_TRAN_DTH_DT" not in record
    inactivation = {**record, "TRANS_TYPE_CD": "3", "M0906_DC_TRAN_DTH_DT": "^"}
    assert own_locator(record, oasis) == corrected_locator(inactivation, oasis)
    assert len(own_locator(record, oasis)) == 12


def test_a_pack_whose_edits_ask_for_the_record_says_how_it_is_found(oasis: Pack) -> None:
    assert problems(oasis) == []
    (first, second) = problems(replace(oasis, locator=()))
    assert "edit -3200 asks for the record to be corrected, but pack.toml has no table locator" in first
    assert "-7050" in second
    strange = replace(oasis.locator[0], record_item="NO_SUCH_ITEM")
    assert "names the unknown item NO_SUCH_ITEM" in problems(replace(oasis, locator=(strange,)))[0]
