import json
import shutil
from pathlib import Path

import pytest

from iqies_flask.specs.importing.difference import compare_packs, differences_as_json, differences_as_text
from iqies_flask.specs.importing.importer import import_release
from iqies_flask.specs.pack import Pack, load_pack

from .releases import Page, next_release


@pytest.fixture(scope="module")
def newer(oasis: Pack, tmp_path_factory: pytest.TempPathFactory) -> Pack:
    maker = next_release(oasis)
    next(row for row in maker.items if row[3] == "C0200")[4] = "A new label"
    next(row for row in maker.items if row[3] == "C0100")[11] = "01,03"
    maker.values = [row for row in maker.values if (row[2], row[3]) != ("J0510", "8")]
    maker.pages = [
        Page("-9901", "If C0100=[0], then C0200 must equal [^].", ["C0100", "C0200"]),
        Page("-3530", "***THIS EDIT WAS DELETED IN V3.03.0***"),
        Page("-3540", "If M0064_SSN_UK=[1], then M0064_SSN must equal [^].", ["M0064_SSN", "M0064_SSN_UK"]),
        Page(
            "-3550",
            "If M0065_MEDICAID_NA=[0], then M0065_MEDICAID_NUM must equal [^].",
            ["M0065_MEDICAID_NA"],
        ),
        Page("-3060", "Only listed values.", [], "Format", "Warning"),
    ]
    folder = tmp_path_factory.mktemp("packs")
    return import_release(maker.write(folder), [oasis], folder).pack


def test_what_was_added_changed_and_gone(oasis: Pack, newer: Pack) -> None:
    items, values, edits = compare_packs(oasis, newer)
    assert (items.added, items.gone) == ((), ())
    changed = {change.name: dict(change.facts) for change in items.changed}
    assert changed.keys() == {"C0100", "C0200"}
    assert changed["C0200"]["label"] == (oasis.items["C0200"].label, "A new label")
    assert changed["C0100"]["subsets"][1] == "01 03"
    assert values.added == ("ITM_SET_VRSN_CD E9-102027", "SPEC_VRSN_CD 3.03")
    assert values.gone == ("J0510 8",)
    assert (edits.added, edits.gone) == (("-9901",), ("-3530",))
    rules = {change.name: dict(change.facts) for change in edits.changed}
    assert rules.keys() == {"-3540", "-3550", "-3060"}
    assert rules["-3540"].keys() == {"CMS's text"}
    assert rules["-3550"]["rule"][1] == "if M0065_MEDICAID_NA = [0] then M0065_MEDICAID_NUM = [^]"
    assert rules["-3060"]["severity"] == ("Fatal", "Warning")


def test_backwards_added_and_gone_change_places(oasis: Pack, newer: Pack) -> None:
    for one, other in zip(compare_packs(oasis, newer), compare_packs(newer, oasis), strict=True):
        assert set(one.added) == set(other.gone)
        assert {change.name for change in one.changed} == {change.name for change in other.changed}


def test_a_pack_does_not_differ_from_itself(newer: Pack) -> None:
    found = compare_packs(newer, newer)
    assert not any(one.any for one in found)
    assert differences_as_text(newer, newer, found).count("no difference") == 3


def test_cms_s_words_count_where_both_packs_have_them(oasis: Pack, newer: Pack, tmp_path: Path) -> None:
    maker = next_release(oasis)
    maker.pages = [Page("-9901", "If C0100 = [0], then C0200 must be equal to [^].", ["C0100", "C0200"])]
    other = import_release(maker.write(tmp_path), [oasis], tmp_path, records=0).pack
    (change,) = (change for change in compare_packs(newer, other)[2].changed if change.name == "-9901")
    assert change.facts.keys() == {"CMS's text"}


def test_words_that_changed_are_known_where_the_pack_has_only_their_hashes(oasis: Pack, newer: Pack) -> None:
    (change,) = (change for change in compare_packs(oasis, newer)[2].changed if change.name == "-3540")
    before, now = change.facts["CMS's text"]
    assert before == "(this pack tells only that the words were others)"
    assert now == "If M0064_SSN_UK=[1], then M0064_SSN must equal [^]."


def test_where_a_pack_tells_nothing_of_cms_s_words_it_is_said(
    oasis: Pack, newer: Pack, tmp_path: Path
) -> None:
    folder = tmp_path / "silent"
    shutil.copytree(oasis.folder, folder, ignore=shutil.ignore_patterns("official_hashes.tsv"))
    silent = load_pack(folder)
    found = compare_packs(silent, newer)
    assert "-3540" not in {change.name for change in found[2].changed}
    said = "CMS's words for the edits were not compared: OASIS 3.02 tells nothing of them."
    assert said in differences_as_text(silent, newer, found).splitlines()
    assert json.loads(differences_as_json(silent, newer, found))["words_compared"] is False
    assert said not in differences_as_text(oasis, newer, compare_packs(oasis, newer))


def test_text_and_json_say_the_same(oasis: Pack, newer: Pack) -> None:
    found = compare_packs(oasis, newer)
    text, document = (write(oasis, newer, found) for write in (differences_as_text, differences_as_json))
    assert "Edits: 1 added, 3 changed, 1 gone\n  + -9901\n" in text
    assert "  - -3530\n" in text
    assert f"  ~ C0200\n      label: {oasis.items['C0200'].label}\n             -> A new label\n" in text
    assert json.loads(document)["items"]["changed"]["C0200"]["label"]["new"] == "A new label"
