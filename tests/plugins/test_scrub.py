"""How records are stored: each normalization, and the nearest value that stays as it is."""

import pytest

from iqies_flask.plugin import Pack, SpecRegistry, bundled_packs
from iqies_flask.specs.sample import make_record
from plugins.scrub import normalizations

SPECS = SpecRegistry([*bundled_packs("oasis"), *bundled_packs("mds")])


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
