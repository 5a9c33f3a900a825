import json
import os
import shutil
import tomllib
from datetime import date
from pathlib import Path

import pytest

from iqies_flask.specs.coverage import coverage_of
from iqies_flask.specs.importing.archive import ReleaseError
from iqies_flask.specs.importing.importer import choose_base, import_release
from iqies_flask.specs.importing.pack_files import read_official_texts
from iqies_flask.specs.importing.readings import load_readings
from iqies_flask.specs.importing.release import read_release
from iqies_flask.specs.importing.report import as_json, as_text
from iqies_flask.specs.pack import Pack, load_pack
from iqies_flask.specs.reference import edit_page
from iqies_flask.specs.registry import SpecRegistry
from iqies_flask.specs.xsd import outdated_schemas

from .releases import Page, ReleaseMaker, next_release, tiny_release, without

RULE = "If C0100=[0], then all active items from C0200 through C0500 must equal [^]."
COGNITION = ["C0100", "C0200", "C0300A", "C0300B", "C0300C", "C0400A", "C0400B", "C0400C", "C0500"]

SUBMITTER = (
    "A user submitting a file must be authorized to submit for the provider identified by the HHA_AGENCY_ID"
    " item in the file."
)


@pytest.fixture
def maker(oasis: Pack) -> ReleaseMaker:
    maker = next_release(oasis)
    maker.pages = [
        Page("-9901", RULE, COGNITION),
        Page("-3060", "Only listed values.", ["C0100"], "Format", "Warning"),
        Page("-3530", "***THIS EDIT WAS DELETED IN V3.03.0***", ["M0064_SSN"]),
    ]
    return maker


def test_a_release_becomes_a_sound_pack(oasis: Pack, maker: ReleaseMaker, tmp_path: Path) -> None:
    imported = import_release(maker.write(tmp_path), [oasis], tmp_path / "packs", records=100)
    pack = imported.pack
    assert pack.folder == tmp_path / "packs" / "oasis-3.03"
    assert (pack.name, pack.release) == ("OASIS 3.03", "V3.03.0 FINAL (10-14-2027)")
    assert (pack.in_force_from, pack.in_force_to) == (date(2027, 10, 1), None)
    assert pack.current_versions == {"SPEC_VRSN_CD": "3.03", "ITM_SET_VRSN_CD": "E9-102027"}
    assert pack.spec_versions["3.03"].first == date(2027, 10, 1)
    assert pack.spec_versions["3.01"] == oasis.spec_versions["3.01"]
    assert pack.subset_rules == oasis.subset_rules
    assert pack.roles == oasis.roles
    assert list(pack.items) == list(oasis.items)
    assert outdated_schemas(pack) == []
    assert read_official_texts(pack)["-9901"] == RULE
    assert (
        SpecRegistry([oasis.folder, pack.folder])
        .choose("OASIS", {"M0090_INFO_COMPLETED_DT": "20271001"})
        .pack
    )


def test_the_same_items_and_values_give_the_same_tables(
    oasis: Pack, maker: ReleaseMaker, tmp_path: Path
) -> None:
    maker.values = maker.values[:-2]
    maker.version = "V3.02.0"
    pack = import_release(maker.write(tmp_path), [oasis], tmp_path, records=0).pack
    for name in ("values.tsv", "item_subsets.tsv"):
        assert (pack.folder / name).read_bytes() == (oasis.folder / name).read_bytes()
    assert pack.items == oasis.items
    assert {**tomllib.loads((pack.folder / "pack.toml").read_text()), "release": ""} == {
        **tomllib.loads((oasis.folder / "pack.toml").read_text()),
        "release": "",
    }


def test_readings_go_with_the_pack_and_stand_in_its_report(
    oasis: Pack, maker: ReleaseMaker, tmp_path: Path
) -> None:
    text = "(a) If M1311_NSTG_DEEP_TSUE_F=[0], then M1311_NSTG_DEEP_TSUE_SOCROC_F2 must equal [^]."
    listed = ["M1311_NSTG_DEEP_TSUE_F1", "M1311_NSTG_DEEP_TSUE_SOCROC_F2"]
    maker.pages.append(Page("-5421", text, listed, "Skip Pattern"))
    imported = import_release(maker.write(tmp_path), [oasis], tmp_path, records=100)
    assert load_readings(imported.pack) == load_readings(oasis)
    assert (imported.report.translated, imported.report.translated_as_read) == (2, 1)
    (detail,) = (one for one in json.loads(as_json(imported.report))["details"] if one["id"] == "-5421")
    assert [reading["read"] for reading in detail["readings"]] == ["M1311_NSTG_DEEP_TSUE_F1=[0]"]
    lines = as_text(imported.report).splitlines()
    place = lines.index("Words of CMS's that were read otherwise than they stand:")
    assert lines[place + 1 : place + 4] == [
        "  -5421",
        "      CMS: M1311_NSTG_DEEP_TSUE_F=[0]",
        "      Read: M1311_NSTG_DEEP_TSUE_F1=[0]",
    ]


def test_the_report_begins_with_what_cms_changed(oasis: Pack, maker: ReleaseMaker, tmp_path: Path) -> None:
    maker.pages += [
        Page("-3540", "If M0064_SSN_UK=[1], then M0064_SSN must equal [^].", ["M0064_SSN_UK", "M0064_SSN"]),
        Page("-4700", "The home office must say so.", ["M0016_BRANCH_ID"]),
        Page("-3162", SUBMITTER, ["HHA_AGENCY_ID"]),
    ]
    imported = import_release(maker.write(tmp_path), [oasis], tmp_path, records=300)
    lines = as_text(imported.report).splitlines()
    assert "CMS's words differ from those of OASIS 3.02 in 4 of its edits." in lines
    same = next(place for place, line in enumerate(lines) if line.startswith("CMS changed the words, but"))
    assert lines[same + 1 : same + 4] == [
        "  -3540: CMS changed its words",
        "      300 records, the same verdict on each",
        "      CMS: If M0064_SSN_UK=[1], then M0064_SSN must equal [^].",
    ]
    taken = next(place for place, line in enumerate(lines) if line.startswith("Not translated; taken over"))
    assert lines[taken + 1].startswith("  -4700: CMS changed its words; ")
    assert "CMS changed" not in next(line for line in lines[taken:] if line.startswith("  -3162"))
    details = {one["id"]: one for one in json.loads(as_json(imported.report))["details"]}
    assert details["-3540"]["words_changed"] is True
    assert details["-3162"]["words_changed"] is False


def test_what_a_person_must_write_is_counted_and_shown_in_cms_s_words(
    oasis: Pack, maker: ReleaseMaker, tmp_path: Path
) -> None:
    maker.pages += [
        Page("-9102", "The moon must be full on M0030_START_CARE_DT.", ["M0030_START_CARE_DT"]),
        Page("-9103", "Only blue ink may be used.", ["M0030_START_CARE_DT"], "Format"),
        Page(oasis.subset_edit, "The system will recalculate the ISC.", [oasis.subset_item]),
    ]
    pack = import_release(maker.write(tmp_path), [oasis], tmp_path, records=100).pack
    left_out = coverage_of(pack).left_out
    assert left_out["-9102"].startswith("to be written by a person; not understood from ")
    assert left_out["-9103"] == "to be written by a person"
    assert left_out["-3530"] == "deleted by CMS in V3.03.0"
    assert left_out["-5810"] == oasis.left_out["-5810"]
    assert oasis.subset_edit not in left_out
    page = edit_page(pack, "-9102", ())
    assert page is not None
    assert page.official_text == "The moon must be full on M0030_START_CARE_DT."


def test_advice_stays_but_for_what_an_edit_now_says(oasis: Pack, maker: ReleaseMaker, tmp_path: Path) -> None:
    base = tmp_path / "base"
    shutil.copytree(oasis.folder, base)
    (base / "advice.edits").write_text(
        "IF-698 advice advice-only V3.02.0 if C0100 = [0] then all of C0200 through C0500 = [^]\n"
        "IF-699 advice advice-only V3.02.0 M0064_SSN <> [^]\n"
    )
    imported = import_release(maker.write(tmp_path), [load_pack(base)], tmp_path, records=500)
    assert [edit.id for edit in imported.pack.advice_edits] == ["IF-699"]
    lines = as_text(imported.report).splitlines()
    assert "Advice of the project's own, kept: IF-699" in lines
    assert "  IF-698: -9901 says the same" in lines
    assert json.loads(as_json(imported.report))["advice"] == [
        {"id": "IF-698", "kept": False, "reason": "-9901 says the same"},
        {"id": "IF-699", "kept": True, "reason": ""},
    ]


def test_what_killed_imports_left_behind_goes_with_the_next_one(
    oasis: Pack, maker: ReleaseMaker, tmp_path: Path
) -> None:
    packs = tmp_path / "packs"
    old, young = packs / ".importing-old", packs / ".importing-young"
    for folder in (old, young):
        folder.mkdir(parents=True)
        (folder / "pack.toml").touch()
    os.utime(old, (0, 0))
    import_release(maker.write(tmp_path), [oasis], packs, records=0)
    assert sorted(path.name for path in packs.iterdir()) == [".importing-young", "oasis-3.03"]


def test_edits_follow_the_release(oasis: Pack, maker: ReleaseMaker, tmp_path: Path) -> None:
    pack = import_release(maker.write(tmp_path), [oasis], tmp_path, records=100).pack
    before = {edit.id: edit for edit in oasis.consistency_edits}
    now = {edit.id: edit for edit in pack.consistency_edits}
    assert now.keys() - before.keys() == {"-9901"}
    assert before.keys() - now.keys() == {"-3530"}
    format_edits = {edit.id: edit for edit in pack.format_edits}
    assert (format_edits["-3060"].severity, format_edits["-3060"].since) == ("Warning", "V3.03.0")
    assert format_edits["-3090"] == next(edit for edit in oasis.format_edits if edit.id == "-3090")


def test_a_format_edit_is_applied_to_what_its_page_lists(
    oasis: Pack, maker: ReleaseMaker, tmp_path: Path
) -> None:
    maker.pages.append(Page("-3020", "Not [000].", ["M0064_SSN", "M0060_PAT_ZIP"], "Format"))
    pack = import_release(maker.write(tmp_path), [oasis], tmp_path, records=0).pack
    (edit,) = (edit for edit in pack.format_edits if edit.id == "-3020")
    assert edit.items == {"M0064_SSN", "M0060_PAT_ZIP"}


def test_a_new_subset_table_replaces_the_one_before(oasis: Pack, maker: ReleaseMaker, tmp_path: Path) -> None:
    rows = "isc_id_key,isc_id,trans_type_cd_val,trans_type_cd_txt,m0100_assmt_reason_val\n"
    for place, subset in enumerate(oasis.subsets):
        rows += f"{place},{subset},{'3' if subset == 'XX' else '1'},x,{'01' if subset == 'XX' else subset}\n"
    maker.more_tables = {
        "isc_mstr.csv": (
            "isc_id,isc_txt\n" + "".join(f"{one},Label--{one}\n" for one in oasis.subsets)
        ).encode(),
        "isc_val.csv": rows.encode(),
    }
    pack = import_release(maker.write(tmp_path, "one.zip"), [oasis], tmp_path, name="one", records=0).pack
    assert pack.subset_rules == oasis.subset_rules
    assert pack.subsets["04"] == "Label, 04"
    maker.more_tables["isc_val.csv"] = rows.replace("1,x,04", "2,x,04").replace("3,x,01", "3,x,09").encode()
    maker.more_tables["isc_val.csv"] += b"10,XX,1,x,06\n"
    maker.more_tables["isc_val.csv"] = maker.more_tables["isc_val.csv"].replace(b",06,1,x,06", b",06,2,x,06")
    pack = import_release(maker.write(tmp_path, "two.zip"), [oasis], tmp_path, name="two", records=0).pack
    codes = {"TRANS_TYPE_CD": "1", "M0100_ASSMT_REASON": "06"}
    assert (oasis.recalculate_subset(codes), pack.recalculate_subset(codes)) == ("06", "XX")


def test_nothing_is_left_of_a_release_that_makes_no_sound_pack(
    oasis: Pack, maker: ReleaseMaker, tmp_path: Path
) -> None:
    packs = tmp_path / "packs"
    maker.pages.pop()
    with pytest.raises(ReleaseError, match=r"makes no sound pack: .*M0064_SSN"):
        import_release(without(maker, "M0064_SSN").write(tmp_path), [oasis], packs)
    assert list(packs.iterdir()) == []
    maker.items[5][9] = "9999"
    with pytest.raises(ReleaseError, match="makes no sound pack: "):
        import_release(maker.write(tmp_path), [oasis], packs)
    assert list(packs.iterdir()) == []


def test_nothing_is_written_for_a_broken_release(oasis: Pack, tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK")
    with pytest.raises(ReleaseError, match="is no zip"):
        import_release(broken, [oasis], tmp_path / "packs")
    assert not (tmp_path / "packs").exists()


def test_a_pack_is_replaced_only_on_request(oasis: Pack, maker: ReleaseMaker, tmp_path: Path) -> None:
    packs = tmp_path / "packs"
    import_release(maker.write(tmp_path), [oasis], packs, records=0)
    maker.items[0][4] = "Another label"
    release = maker.write(tmp_path)
    with pytest.raises(ReleaseError, match="is there already"):
        import_release(release, [oasis], packs, records=0)
    assert next(iter(load_pack(packs / "oasis-3.03").items.values())).label != "Another label"
    import_release(release, [oasis], packs, replace=True, records=0)
    assert next(iter(load_pack(packs / "oasis-3.03").items.values())).label == "Another label"
    assert [path.name for path in packs.iterdir()] == ["oasis-3.03"]


def test_a_pack_that_cannot_be_replaced_stays(
    oasis: Pack, maker: ReleaseMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = maker.write(tmp_path)
    target = import_release(release, [oasis], tmp_path, records=0).pack.folder
    rename = Path.rename

    def failing(self: Path, to: Path) -> Path:
        if Path(to) == target and self.name == target.name:
            raise OSError(28, "No space left on device")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(ReleaseError, match=r"cannot be written to .*: No space left on device"):
        import_release(release, [oasis], tmp_path, replace=True, records=0)
    assert load_pack(target).version == "3.03"


@pytest.mark.parametrize("name", ["../elsewhere", ".hidden", "a/b", "x" * 65])
def test_a_name_is_the_name_of_a_folder(oasis: Pack, maker: ReleaseMaker, tmp_path: Path, name: str) -> None:
    with pytest.raises(ReleaseError, match="cannot be the name of a folder"):
        import_release(maker.write(tmp_path), [oasis], tmp_path, name=name)


def test_a_release_must_say_from_when_it_is_in_force(
    oasis: Pack, maker: ReleaseMaker, tmp_path: Path
) -> None:
    maker.values[-2][4] = "Data Specs V3.03"
    release = maker.write(tmp_path)
    with pytest.raises(ReleaseError, match="--in-force-from"):
        import_release(release, [oasis], tmp_path / "packs")
    day = date(2027, 4, 1)
    pack = import_release(release, [oasis], tmp_path / "packs", in_force_from=day, records=0).pack
    assert pack.in_force_from == day


def test_the_base_is_the_nearest_pack_of_the_system_before(
    oasis: Pack, mds: Pack, maker: ReleaseMaker, tmp_path: Path
) -> None:
    newer = import_release(maker.write(tmp_path), [oasis], tmp_path, records=0).pack
    release = read_release(maker.write(tmp_path))
    assert choose_base(release, [newer, mds, oasis]) is newer
    maker.version = "V3.02.5"
    assert choose_base(read_release(maker.write(tmp_path)), [newer, mds, oasis]) is oasis
    maker.version = "V2.00.0"
    assert choose_base(read_release(maker.write(tmp_path)), [newer, mds, oasis]) is oasis
    with pytest.raises(ReleaseError, match="no pack of OASIS is installed"):
        choose_base(read_release(tiny_release().write(tmp_path)), [mds])


def test_the_report_counts_and_explains(oasis: Pack, maker: ReleaseMaker, tmp_path: Path) -> None:
    maker.pages += [
        Page("-9902", "The provider must be known."),
        Page(
            "-3540", "If M0064_SSN_UK=[1], then M0064_SSN must not equal [^].", ["M0064_SSN", "M0064_SSN_UK"]
        ),
    ]
    imported = import_release(maker.write(tmp_path), [oasis], tmp_path)
    text, document = as_text(imported.report), json.loads(as_json(imported.report))
    assert (imported.pack.folder / "import-report.txt").read_text() == text
    assert json.loads((imported.pack.folder / "import-report.json").read_text()) == document
    assert "Edits that compare items: 3, translated: 2 (66 %)" in text
    assert "-9902: not understood from “provider must be known.” on" in text
    assert "M0064_SSN_UK = 1" in text
    assert (document["executable"], document["translated"]) == (3, 2)
    assert document["outcomes"]["different"] == 1
    details = {detail["id"]: detail for detail in document["details"]}
    assert details["-9901"]["outcome"] == "translated"
    assert details["-9901"]["official_text"] == RULE
    assert details["-3540"]["comparison"]["differing"] > 0
    assert details["-3540"]["before"].startswith("-3540 consistency fatal")
