"""How records are stored: each normalization, and the nearest value that stays as it is. And advice."""

from datetime import UTC, date, datetime

import pytest

from iqies_flask.plugin import (
    Context,
    EditType,
    Finding,
    MemoryContent,
    Pack,
    Record,
    Severity,
    SpecRegistry,
    advise_assessment,
    bundled_packs,
    identify_assessment,
)
from iqies_flask.specs.sample import make_record
from plugins.scrub import normalizations, scrub

SPECS = SpecRegistry([*bundled_packs("oasis"), *bundled_packs("mds")])
TODAY = date(2026, 5, 20)


def _pack(system: str) -> Pack:
    return next(pack for pack in SPECS.packs if pack.system == system)


@pytest.mark.parametrize(
    ("system", "item", "before", "after", "words"),
    [
        ("OASIS", "M0040_PAT_LNAME", "O'hara", "O'HARA", "(-9050)"),
        ("OASIS", "M0063_MEDICARE_NUM", "1eg4te5mk73", "1EG4TE5MK73", "(-9050)"),
        ("OASIS", "M0020_PAT_ID", " abc ", "abc", "Spaces"),
        ("OASIS", "M1060_WEIGHT_B", "65", "065", "leading zeroes"),
        ("OASIS", "CORRECTION_NUM", "1", "01", "leading zeroes"),
        ("MDS", "A0500C", "van dyke", "VAN DYKE", "(-9006)"),
        ("MDS", "I8000A", "i10.^^^^", "I10.^^^^", "(-9006)"),
        ("MDS", "A1300C", " jo ", "JO", "Spaces at the start and end are removed. CMS stores"),
        ("MDS", "A0700", "ßßßßßßßß abcde", "ßßßßßßßß ABCDE", "(-9006)"),
        ("MDS", "X0800", "1", "01", "leading zeroes"),
    ],
)
def test_what_changes(system: str, item: str, before: str, after: str, words: str) -> None:
    (change,) = normalizations({item: before}, _pack(system))
    assert (change.item, change.before, change.after) == (item, before, after)
    assert words in change.reason


@pytest.mark.parametrize(
    ("system", "item", "value"),
    [
        ("OASIS", "M0040_PAT_LNAME", "O'HARA"),
        ("OASIS", "SFW_EMAIL_ADR", "a@b.org"),
        ("OASIS", "M0020_PAT_ID", "abc"),
        ("OASIS", "M0020_PAT_ID", "  "),
        ("OASIS", "M1023_OTH_DIAG1_ICD", "i10.^^^^"),
        ("OASIS", "M1060_WEIGHT_B", "-"),
        ("OASIS", "C0500", "^"),
        ("OASIS", "M0100_ASSMT_REASON", "1"),
        ("OASIS", "NO_SUCH_ITEM", " abc "),
        ("MDS", "FAC_DOC_ID", "abc"),
        ("MDS", "A2400C", "--------"),
        ("MDS", "X0800", "1."),
    ],
)
def test_what_stays(system: str, item: str, value: str) -> None:
    assert normalizations({item: value}, _pack(system)) == []


def test_diagnoses_move_up_with_their_severities() -> None:
    items = {f"M1023_OTH_DIAG{row}_ICD": "^" for row in range(1, 6)}
    items |= {f"M1023_OTH_DIAG{row}_SEVERITY": "^" for row in range(1, 6)}
    items |= {"M1023_OTH_DIAG2_ICD": "I10.^^^^", "M1023_OTH_DIAG2_SEVERITY": "02"}
    items |= {"M1023_OTH_DIAG5_ICD": "J44.9^^^", "M1023_OTH_DIAG5_SEVERITY": "03"}
    changes = {change.item: change.after for change in normalizations(items, _pack("OASIS"))}
    assert changes == {
        "M1023_OTH_DIAG1_ICD": "I10.^^^^",
        "M1023_OTH_DIAG1_SEVERITY": "02",
        "M1023_OTH_DIAG2_ICD": "J44.9^^^",
        "M1023_OTH_DIAG2_SEVERITY": "03",
        "M1023_OTH_DIAG5_ICD": "^",
        "M1023_OTH_DIAG5_SEVERITY": "^",
    }


def test_a_list_without_gaps_stays() -> None:
    items = {f"M1023_OTH_DIAG{row}_ICD": "I10.^^^^" if row < 3 else "^" for row in range(1, 6)}
    items |= {f"M1023_OTH_DIAG{row}_SEVERITY": "01" if row < 3 else "^" for row in range(1, 6)}
    assert normalizations(items, _pack("OASIS")) == []


def test_a_list_with_missing_items_is_left_alone() -> None:
    items = {"M1023_OTH_DIAG1_ICD": "^", "M1023_OTH_DIAG2_ICD": "I10.^^^^"}
    items |= {"M1023_OTH_DIAG1_SEVERITY": "^", "M1023_OTH_DIAG2_SEVERITY": "02"}
    assert normalizations(items, _pack("OASIS")) == []


def test_scrubbing_a_stored_record_again_changes_nothing() -> None:
    for pack in SPECS.packs:
        for subset in pack.subsets:
            items = make_record(pack, subset, seed=4, number=1)
            stored = items | {change.item: change.after for change in normalizations(items, pack)}
            assert normalizations(stored, pack) == []


def _advice(pack: Pack, items: dict[str, str]) -> list[Finding]:
    record = Record(1, "sample.xml", "ASSESSMENT", items, MemoryContent(b""))
    context = Context(SPECS, datetime.now(UTC), TODAY, identify_assessment(record, SPECS, pack.system, ()))
    return [one for one in scrub(record, context) if isinstance(one, Finding)]


def test_advice_names_the_rule_and_the_values_and_does_not_reject() -> None:
    items = make_record(_pack("MDS"), "XX", seed=4, number=1, today=TODAY)
    (finding,) = _advice(_pack("MDS"), items | {"X1050A": "0", "X1050Z": "0"})
    assert (finding.edit_id, finding.system) == ("IF-641", "iqies_flask")
    assert (finding.severity, finding.edit_type) == (Severity.ADVICE, EditType.ADVICE)
    assert finding.message == (
        "A0050 (Type of transaction (formerly X0100)) is “3”, so at least one of "
        "X1050A (Correction: inact reasons - event did not occur) "
        "and X1050Z (Correction: inact reasons - other reason) should be 1, but they are “0”."
    )
    assert finding.remedy
    assert {one.item: one.value for one in finding.items} == {"A0050": "3", "X1050A": "0", "X1050Z": "0"}


def test_advice_on_a_missing_item_is_not_given() -> None:
    items = make_record(_pack("MDS"), "XX", seed=4, number=1, today=TODAY)
    del items["X1050A"]
    assert _advice(_pack("MDS"), items | {"X1050Z": "0"}) == []


def test_a_record_of_no_item_subset_gets_no_advice() -> None:
    items = make_record(_pack("MDS"), "NC", seed=4, number=1, today=TODAY)
    record = Record(1, "sample.xml", "ASSESSMENT", items | {"C0500": "98"}, MemoryContent(b""))
    assert advise_assessment(record, _pack("MDS"), "", TODAY) == []


@pytest.mark.parametrize("system", ["OASIS", "MDS"])
def test_samples_get_no_advice(system: str) -> None:
    pack = _pack(system)
    for subset in pack.subsets:
        for number in range(5):
            assert _advice(pack, make_record(pack, subset, seed=7, number=number, today=TODAY)) == []


def test_scores_of_the_interviews_are_checked_where_they_are_asked_for() -> None:
    pack = _pack("MDS")
    for subset in ("NC", "NQ", "NP", "ND", "NPE", "IPA", "SP", "SD"):
        items = make_record(pack, subset, seed=8, number=1, today=TODAY)
        items |= dict.fromkeys(("C0200", "C0300A", "C0300B", "C0300C", "C0400A", "C0400B", "C0400C"), "1")
        found = {one.edit_id for one in _advice(pack, items | {"C0100": "1", "C0500": "08", "C0600": "0"})}
        assert found == {"IF-601"}, subset
