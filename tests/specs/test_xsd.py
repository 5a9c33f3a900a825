"""The schemas judge as the checker does: libxml2 on thousands of records, xmlschema on a few."""

import contextlib
import dataclasses
import re
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path

import pytest
import xmlschema
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from iqies_flask.plugin import bundled_packs
from iqies_flask.specs.assessment import subset_checker
from iqies_flask.specs.pack import Pack, PackError
from iqies_flask.specs.registry import SpecRegistry
from iqies_flask.specs.sample import UnbreakableEditError, make_record, to_xml
from iqies_flask.specs.xsd import FOLDER, outdated_schemas, write_schemas

SPECS = SpecRegistry([*bundled_packs("oasis"), *bundled_packs("mds")])
SUBSETS = [(pack.name, subset) for pack in SPECS.packs for subset in pack.subsets]
PACKS = {pack.name: pack for pack in SPECS.packs}


def _committed(pack: Pack, name: str) -> Path:
    return pack.folder / FOLDER / f"{name}.xsd"


@cache
def _libxml2(name: str, subset: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(_committed(PACKS[name], subset)))


def _valid(name: str, subset: str, items: dict[str, str]) -> bool:
    root = etree.Element("ASSESSMENT")
    for item, value in items.items():
        etree.SubElement(root, item).text = value
    return bool(_libxml2(name, subset).validate(root))


def _broken_sisters(pack: Pack, subset: str, seed: int) -> dict[str, dict[str, str]]:
    """Records that each break one edit on structure or format, as far as the subset has its items."""
    broken = {}
    structure = [f"IF-{number}" for number in range(302, 307)]
    for edit in [*(edit.id for edit in pack.format_edits), *structure, pack.subset_edit, pack.version_edit]:
        with contextlib.suppress(UnbreakableEditError):
            broken[edit] = make_record(pack, subset, seed=seed, number=1, break_edit=edit)
    return broken


def test_the_committed_schemas_are_those_of_the_packs() -> None:
    assert {pack.name: outdated_schemas(pack) for pack in SPECS.packs} == {"MDS 3.10": [], "OASIS 3.02": []}


def test_no_pattern_counts_repetitions() -> None:
    """libxml2 takes 000010101 for a date when the year is written as [0-9]{2}[0-9]{2}."""
    for pack in SPECS.packs:
        types = etree.parse(_committed(pack, "types"))
        patterns = types.xpath("//xs:pattern/@value", namespaces={"xs": "http://www.w3.org/2001/XMLSchema"})
        assert len(patterns) > 10
        assert [pattern for pattern in patterns if re.search(r"\{[0-9]", pattern)] == []


def test_an_outdated_schema_is_found(oasis: Pack, tmp_path: Path) -> None:
    moved = dataclasses.replace(oasis, folder=tmp_path)
    assert len(outdated_schemas(moved)) == 10
    written = write_schemas(moved)
    assert outdated_schemas(moved) == []
    written[3].write_bytes(b"<changed/>")
    assert outdated_schemas(moved) == [written[3]]


def test_types_that_contradict_themselves_are_not_written(oasis: Pack, tmp_path: Path) -> None:
    item = dataclasses.replace(oasis.items["CORRECTION_NUM"], length=0)
    moved = dataclasses.replace(oasis, folder=tmp_path, items={**oasis.items, item.id: item})
    with pytest.raises(PackError, match=r"OASIS 3\.02: types\.xsd would be no XML Schema: .*maxLength"):
        write_schemas(moved)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "subset"), SUBSETS)
def test_samples_and_their_broken_sisters(name: str, subset: str) -> None:
    pack = PACKS[name]
    for number in range(5):
        assert _valid(name, subset, make_record(pack, subset, seed=11, number=number))
    broken = _broken_sisters(pack, subset, seed=11)
    # What compares items with each other XML Schema 1.0 cannot say.
    assert {edit for edit, items in broken.items() if _valid(name, subset, items)} <= {
        pack.subset_edit,
        pack.version_edit,
    }
    assert len(broken) > 10


VALUES = (
    st.sampled_from(
        [
            "",
            "^",
            "-",
            "--------",
            "0",
            "1",
            "01",
            "99",
            "1.",
            "+1",
            " ",
            " 1",
            "1 ",
            "A",
            "a b",
            "a  b ",
            "A&B",
        ]
    )
    | st.from_regex(r"[0-9]{1,10}", fullmatch=True)
    | st.from_regex(r"(19|20)[0-9]{2}(0[0-9]|1[0-3])([0-3][0-9])?", fullmatch=True)
    | st.from_regex(r"[1-9][A-Z][0-9A-Z][0-9][A-Z][0-9A-Z][0-9][A-Z]{2}[0-9]{2}", fullmatch=True)
    | st.from_regex(r"[A-Za-z][0-9A-Z][0-9A-Za-z]\.[0-9A-Z^]{4}", fullmatch=True)
    | st.from_regex(r"000[0-9]{0,6}|1{8,9}|3{9}|123456789", fullmatch=True)
    | st.text(st.characters(min_codepoint=32, max_codepoint=0x17F, exclude_characters="\x7f"), max_size=60)
)


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_one_changed_value_gets_the_same_verdict(data: st.DataObject) -> None:
    name, subset = data.draw(st.sampled_from(SUBSETS))
    pack = PACKS[name]
    record = make_record(pack, subset, seed=12, number=1)
    items = [item.id for item in (*pack.active(subset), *pack.optional(subset))]
    # The texts, dates and numbers are few among the codes, and the ones worth trying.
    free = [item for item in items if pack.items[item].type not in {"Code", "Checklist"}]
    changed = data.draw(st.dictionaries(st.sampled_from(free) | st.sampled_from(items), VALUES, max_size=2))
    record.update(changed)
    assert _valid(name, subset, record) == (subset_checker(pack, subset).check_items(record) == [])


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_added_and_missing_items_get_the_same_verdict(data: st.DataObject) -> None:
    name, subset = data.draw(st.sampled_from(SUBSETS))
    pack = PACKS[name]
    record = make_record(pack, subset, seed=12, number=2)
    for item in data.draw(st.lists(st.sampled_from(list(pack.items)), max_size=2)):
        if item in record:
            del record[item]
        else:
            record[item] = next(iter(pack.items[item].special_values), "1")
    assert _valid(name, subset, record) == (subset_checker(pack, subset).check_items(record) == [])


@pytest.mark.parametrize(("name", "subset"), [("OASIS 3.02", "08"), ("MDS 3.10", "NT")])
def test_xmlschema_agrees(name: str, subset: str) -> None:
    pack = PACKS[name]
    schema = xmlschema.XMLSchema(str(_committed(pack, subset)))
    assert schema.is_valid(ET.fromstring(to_xml(make_record(pack, subset, seed=13, number=1))))
    for edit, items in _broken_sisters(pack, subset, seed=13).items():
        valid = schema.is_valid(ET.fromstring(to_xml(items)))
        assert valid == (edit in {pack.subset_edit, pack.version_edit}), edit
