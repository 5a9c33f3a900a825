import shutil
from datetime import date
from pathlib import Path

import pytest

from iqies_flask.model import Severity
from iqies_flask.specs.integrity import problems
from iqies_flask.specs.pack import Pack, PackError, load_pack
from iqies_flask.specs.registry import SpecRegistry


def test_bundled_packs_are_sound(specs: SpecRegistry) -> None:
    assert [pack.name for pack in specs.packs] == ["MDS 3.10", "OASIS 3.02"]
    assert {pack.name: problems(pack) for pack in specs.packs} == {"MDS 3.10": [], "OASIS 3.02": []}


def test_size_of_the_bundled_packs(oasis: Pack, mds: Pack) -> None:
    assert (len(oasis.items), oasis.record_length) == (733, 3258)
    assert (len(mds.items), mds.record_length) == (1537, 3690)
    counts = {subset: len(mds.active(subset)) for subset in mds.subsets}
    assert (counts["NC"], counts["NQ"], counts["NT"], counts["XX"]) == (818, 692, 97, 39)
    assert len(oasis.active("XX")) < len(oasis.active("08")) < len(oasis.active("01"))


def test_an_item_as_it_was_read(oasis: Pack) -> None:
    item = oasis.items["M1060_WEIGHT_B"]
    assert (item.type, item.length, item.minimum, item.maximum) == ("Number", 3, "065", "440")
    assert item.special_values == ("-",)
    assert item.subsets == {"01", "03"}


def test_state_optional_items_are_not_required(mds: Pack) -> None:
    optional = {item.id for item in mds.optional("NQ")}
    assert {"V0100A", "S0120"} <= optional
    assert not optional & {item.id for item in mds.active("NQ")}
    assert mds.optional("SP") == ()


def test_edits_select_items_by_type_and_section(mds: Pack) -> None:
    edits = {edit.id: edit for edit in mds.format_edits}
    assert edits["-3808"].items == {item.id for item in mds.submitted_items if item.section == "S"}
    assert "A0900" in edits["-3678"].items
    assert "A0900" not in edits["-3677"].items
    assert edits["-3565"].inferred == {"X0500"}
    assert edits["-3807"].severity is Severity.WARNING


def test_unknown_subset(oasis: Pack) -> None:
    with pytest.raises(KeyError):
        oasis.active("02")


def test_dates_in_force(oasis: Pack) -> None:
    assert not oasis.covers(date(2026, 3, 31))
    assert oasis.covers(date(2026, 4, 1))
    assert oasis.dates_in_force == "from Apr 1, 2026 on"


@pytest.fixture
def copy(oasis: Pack, tmp_path: Path) -> Path:
    return Path(shutil.copytree(oasis.folder, tmp_path / "pack"))


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_missing_file(copy: Path) -> None:
    (copy / "values.tsv").unlink()
    with pytest.raises(PackError, match=r"values\.tsv"):
        load_pack(copy)


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("pack.toml", 'system = "OASIS"', "system = ", "pack.toml"),
        ("pack.toml", 'version = "3.02"\n', "", "'version'"),
        ("items.tsv", "\tCode\t10\t", "\tCode\tten\t", "line 2"),
        ("items.tsv", "\tControl\t", "\t", "line 2: 9 columns"),
        ("items.tsv", "TRANS_TYPE_CD\t", "ASMT_SYS_CD\t", "line 3: the item ASMT_SYS_CD stands there twice"),
        ("values.tsv", "TRANS_TYPE_CD\t1", "NO_SUCH\t1", "unknown items NO_SUCH"),
        ("edits.toml", '"ITM_SET_VRSN_CD"', '"NO_SUCH"', "edit -3060 names unknown items NO_SUCH"),
        ("pack.toml", '"SFW_NAME"', '"NO_SUCH"', "edit -9050 names unknown items NO_SUCH"),
        ("pack.toml", "from = 2026-04-01", 'from = "2026-04-01"', r"pack\.toml: '2026-04-01' is not a date"),
        ("pack.toml", "from = 2026-04-01", "from = 2026-04-01T12:00:00", r"pack\.toml: .* is not a date"),
        ("pack.toml", "from = 2010-01-01", "from = 2010", r"pack\.toml: 2010 is not a date"),
        ("pack.toml", 'missing = "Fatal"', 'missing = "Grave"', r"pack\.toml: 'Grave' is not"),
        ("pack.toml", "when = { M0100_ASSMT_REASON = [", "when = [", r"pack\.toml: "),
        ("items.tsv", "item\t", "name\t", r"items\.tsv: the column item is missing"),
        ("values.tsv", "\tvalue", "\tcode", r"values\.tsv: the column value is missing"),
        ("item_subsets.tsv", "subset", "code", r"item_subsets\.tsv: the column subset is missing"),
        (
            "edits.toml",
            'check = "listed_value"\n',
            "",
            r"edits\.toml, edit no\. 1: the entry 'check' is missing",
        ),
        ("edits.toml", '"Fatal"', '"Grave"', r"edits\.toml, edit no\. 1: 'Grave' is not"),
    ],
)
def test_broken_files_are_named(copy: Path, file: str, old: str, new: str, words: str) -> None:
    _replace(copy / file, old, new)
    with pytest.raises(PackError, match=words):
        load_pack(copy)


def test_a_file_that_is_not_utf8(copy: Path) -> None:
    (copy / "items.tsv").write_bytes(b"\xff\xfe")
    with pytest.raises(PackError, match=r"items\.tsv"):
        load_pack(copy)


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("pack.toml", "record_length = 3258", "record_length = 3259", "the items end at byte 3258"),
        ("items.tsv", "\t1\t11\t11\t", "\t1\t12\t12\t", "TRANS_TYPE_CD starts at byte 12 instead of 11"),
        ("items.tsv", "\t1\t11\t11\t", "\t2\t11\t11\t", "has length 2 but bytes 11 to 11"),
        ("pack.toml", '"08" = "Death at home"\n', "", "unknown item subsets 08"),
        (
            "pack.toml",
            'SPEC_VRSN_CD = "3.02"',
            'SPEC_VRSN_CD = "9.99"',
            "9.99 is not a value of SPEC_VRSN_CD",
        ),
        ("pack.toml", 'ccn = "M0010_CCN"', 'ccn = "NO_SUCH"', "unknown item NO_SUCH"),
        (
            "item_subsets.tsv",
            "1 2\t09\t09",
            "1 7\t09\t09",
            "TRANS_TYPE_CD = 7, which is not one of its codes",
        ),
        ("item_subsets.tsv", "1 2\t09\t09\n", "", "no reasons for assessment lead to item subset 09"),
        ("edits.toml", 'id = "-5360"', 'id = "-3060"', "edit -3060 stands there twice"),
        ("edits.toml", 'check = "icd10"', 'check = "icd11"', "icd11"),
        ("edits.toml", "lengths = [6]", "lengths = 6", "-5280 on M0010_CCN: an option is of the wrong kind"),
        ("pack.toml", 'inactive = "Warning"\n', "", "no entry inactive in its table structure"),
        ("pack.toml", 'ccn = "M0010_CCN"\n', "", "no entry ccn in its table roles"),
        ("pack.toml", 'ccn = "', 'cnc = "', "an entry cnc in its table roles, which means nothing"),
        (
            "values.tsv",
            "M1060_WEIGHT_B\t065\t",
            "M1060_WEIGHT_B\tlow\t",
            "M1060_WEIGHT_B is a Number without",
        ),
    ],
)
def test_unsound_packs_are_found_out(copy: Path, file: str, old: str, new: str, words: str) -> None:
    _replace(copy / file, old, new)
    found = problems(load_pack(copy))
    assert any(words in problem for problem in found), found


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        ("IF-699 advice warning V3.02.0", "IF-699 stands in advice.edits, but is not marked as advice"),
        ("IF-699 skip advice-only V3.02.0", "IF-699 stands in advice.edits, but is not marked as advice"),
        ("-3530 advice advice-only V3.02.0", "-3530 stands in advice.edits under a number of CMS's"),
    ],
)
def test_advice_has_no_weight_and_no_number_of_cms(copy: Path, edit: str, words: str) -> None:
    (copy / "advice.edits").write_text(f"{edit} M0064_SSN <> [^]")
    assert problems(load_pack(copy)) == [words]
    (copy / "advice.edits").write_text("IF-699 advice advice-only V3.02.0 M0064_SSN <> [^]")
    assert problems(load_pack(copy)) == []


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("M0100_ASSMT_REASON = [1]", "edit IF-699: 1 is no value of M0100_ASSMT_REASON"),
        (
            "if all of (A2122A, A2122B) = [7] then C0100 = [0]",
            "edit IF-699: 7 is no value of A2122A or any other item of its list",
        ),
        (
            "days M0030_START_CARE_DT to M0090_INFO_COMPLETED_DT in 5 to 0",
            "edit IF-699: nothing is in 5 to 0",
        ),
        ("(a) C0100 = [0]\n  (a) C0100 = [1]", "edit IF-699 has more than one sentence (a)"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_found_out(copy: Path, rule: str, words: str) -> None:
    (copy / "advice.edits").write_text(f"IF-699 advice advice-only V3.02.0\n  {rule}\n")
    assert problems(load_pack(copy)) == [words]
    assert problems(load_pack(copy), rules=False) == []
