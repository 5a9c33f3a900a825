from datetime import date

import pytest

from iqies_flask.model import MemoryContent, Record
from iqies_flask.plugin import Identification, identify_assessment
from iqies_flask.specs.assessment import check_assessment
from iqies_flask.specs.pack import Pack
from iqies_flask.specs.registry import SpecRegistry
from iqies_flask.specs.sample import (
    UnbreakableEditError,
    breakable_edits,
    edits_broken,
    make_record,
    to_xml,
)
from iqies_flask.specs.sample_batch import sample_files


def _edits_found(specs: SpecRegistry, pack: Pack, items: dict[str, str]) -> set[str]:
    record = Record(1, "sample.xml", "ASSESSMENT", items, MemoryContent(b""))
    identified = identify_assessment(record, specs, pack.system, ())
    assert isinstance(identified, Identification)
    assert identified.pack is pack
    found = [*identified.findings, *check_assessment(record, pack, identified.summary.subset, date.today())]
    return {finding.edit_id for finding in found}


@pytest.mark.parametrize("system", ["oasis", "mds"])
def test_samples_of_every_subset_are_clean(
    request: pytest.FixtureRequest, specs: SpecRegistry, system: str
) -> None:
    pack: Pack = request.getfixturevalue(system)
    for subset in pack.subsets:
        for number in range(20):
            items = make_record(pack, subset, seed=21, number=number)
            assert list(items) == [item.id for item in pack.active(subset)]
            assert items[pack.subset_item] == subset
            assert _edits_found(specs, pack, items) == set()


def _first_breakable(pack: Pack, edit: str) -> dict[str, str]:
    for subset in pack.subsets:
        try:
            return make_record(pack, subset, seed=22, number=3, break_edit=edit)
        except UnbreakableEditError:
            continue
    raise AssertionError(f"{edit} cannot be broken in any subset")


@pytest.mark.parametrize("system", ["oasis", "mds"])
def test_every_edit_can_be_broken(request: pytest.FixtureRequest, specs: SpecRegistry, system: str) -> None:
    pack: Pack = request.getfixturevalue(system)
    edits = {edit.id: frozenset(edit.items) for edit in (*pack.format_edits, *pack.consistency_edits)}
    accompanied = set()
    for edit, named in edits.items():
        found = _edits_found(specs, pack, _first_breakable(pack, edit))
        assert edit in found
        if found != {edit}:
            accompanied.add(edit)
            assert all(named & edits[other] for other in found)
    # A date that is no date stands in no order; -5681 says of M1324 what three others say of its codes; ...
    assert len(accompanied) < len(edits) / 10


def test_the_edits_that_a_subset_can_break_are_listed(oasis: Pack) -> None:
    breakable = breakable_edits(oasis, "XX")
    assert {"-3240", "-5460", "IF-302", "-3261", "-3530"} <= set(breakable)
    assert "-7045" not in breakable
    assert breakable["-3240"] == frozenset()


@pytest.mark.parametrize(("system", "subset", "edit"), [("oasis", "01", "-3300"), ("mds", "NC", "-3908")])
def test_an_edit_is_broken_alone_wherever_some_record_can(
    request: pytest.FixtureRequest, system: str, subset: str, edit: str
) -> None:
    """Not in the first record at hand; the advice counts as well."""
    pack: Pack = request.getfixturevalue(system)
    today = date(2026, 11, 22)
    for number in range(10):
        items = make_record(pack, subset, seed=7, number=number, break_edit=edit, today=today)
        assert edits_broken(pack, subset, items, today) == {edit}


def test_an_edit_is_broken_in_every_record_though_few_have_its_reasons_for_assessment(mds: Pack) -> None:
    """-3917 asks something of PPS assessments alone, and few records of a quarterly subset are one."""
    assert len(list(sample_files(mds, "NQ", 40, seed=3, break_edit="-3917"))) == 40


def test_what_cannot_be_broken_alone_says_what_goes_with_it(oasis: Pack) -> None:
    """At the start of care -4730 forbids what -3490 begins with."""
    told: list[frozenset[str]] = []
    assert len(list(sample_files(oasis, "01", 2, seed=1, break_edit="-3490", accompanied=told.append))) == 2
    assert told == [{"-4730"}, {"-4730"}]


def test_the_same_seed_gives_the_same_record_and_another_number_another(oasis: Pack) -> None:
    assert make_record(oasis, "01", seed=1, number=1) == make_record(oasis, "01", seed=1, number=1)
    assert make_record(oasis, "01", seed=1, number=1) != make_record(oasis, "01", seed=1, number=2)


def test_persons_are_obviously_invented(oasis: Pack, mds: Pack) -> None:
    for number in range(50):
        home_health = make_record(oasis, "01", seed=2, number=number)
        assert home_health["M0064_SSN"].startswith("9")
        assert home_health["M0040_PAT_LNAME"].startswith("SAMPLE")
        nursing_home = make_record(mds, "NC", seed=2, number=number)
        assert nursing_home["A0600A"].startswith("9")
        assert nursing_home["A0500C"].startswith("SAMPLE")


def test_items_can_be_fixed(oasis: Pack) -> None:
    items = make_record(oasis, "XX", seed=1, number=1, fixed={"M0010_CCN": "077001", "STATE_CD": "AL"})
    assert items["STATE_CD"] == "AL"
    assert "M0010_CCN" not in items


def test_an_edit_that_cannot_be_broken_in_a_subset(oasis: Pack) -> None:
    with pytest.raises(UnbreakableEditError, match="item subset XX, can break -7045"):
        make_record(oasis, "XX", seed=1, number=1, break_edit="-7045")


def test_what_is_written_is_read_back(mds: Pack) -> None:
    items = make_record(mds, "NC", seed=1, number=1, fixed={"A0500C": "O'TEST & <SAMPLE>"})
    assert items["A0500C"] == "O'TEST & <SAMPLE>"
    assert b"&amp; &lt;SAMPLE&gt;" in to_xml(items)
