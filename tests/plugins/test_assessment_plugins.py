"""Which plugin knows a record, and what it says of it."""

from datetime import UTC, date, datetime

import pytest

from iqies_flask.pipeline.chain import Chain
from iqies_flask.pipeline.plugins import PluginHost
from iqies_flask.plugin import Context, MemoryContent, Record, SpecRegistry, bundled_packs
from iqies_flask.specs.sample import make_record
from plugins import mds, oasis

SPECS = SpecRegistry([*bundled_packs("oasis"), *bundled_packs("mds")])


def _record(items: dict[str, str], root: str = "ASSESSMENT") -> Record:
    return Record(1, "record.xml", root, items, MemoryContent(b""))


@pytest.mark.parametrize(
    ("items", "system"),
    [
        ({"ASMT_SYS_CD": "MDS"}, "MDS"),
        ({"ASMT_SYS_CD": "OASIS"}, "OASIS"),
        ({"ASMT_SYS_CD": " oasis "}, "OASIS"),
        ({"ASMT_SYS_CD": "OASIS", "A0310A": "01"}, "OASIS"),
        ({"M0090_INFO_COMPLETED_DT": "20260401"}, "OASIS"),
        ({"ASMT_SYS_CD": "MDS3", "A0310A": "01"}, "MDS"),
        ({"ASMT_SYS_CD": "IRF"}, None),
        ({}, None),
    ],
)
def test_a_record_is_recognized(items: dict[str, str], system: str | None) -> None:
    found = {plugin.SYSTEM for plugin in (mds, oasis) if plugin.identify(_record(items), SPECS) is not None}
    assert found == ({system} if system else set())


def test_another_root_is_left_to_others() -> None:
    record = _record({"ASMT_SYS_CD": "MDS"}, root="nursingHomeData")
    assert mds.identify(record, SPECS) is None
    assert oasis.identify(record, SPECS) is None


def test_a_record_out_of_every_packs_time_is_still_named() -> None:
    items = {"ASMT_SYS_CD": "OASIS", "M0090_INFO_COMPLETED_DT": "20190808", "M0010_CCN": "345623"}
    identified = oasis.identify(_record(items), SPECS)
    assert identified is not None
    assert identified.pack is None
    assert identified.findings[0].edit_id == "IF-301"
    assert identified.summary.ccn == "345623"


@pytest.mark.parametrize(("plugin", "subset"), [(mds, "NC"), (oasis, "01")])
def test_checks_and_route_of_its_own_records_only(plugin: object, subset: str) -> None:
    own, other = (mds, oasis) if plugin is mds else (oasis, mds)
    pack = next(pack for pack in SPECS.packs if pack.system == own.SYSTEM)
    items = make_record(pack, subset, seed=1, number=1, break_edit="IF-302")
    record = _record(items)
    context = Context(SPECS, datetime.now(UTC), date.today(), own.identify(record, SPECS))
    assert [finding.edit_id for finding in own.validate(record, context)] == ["IF-302"]
    assert list(other.validate(record, context)) == []
    route = own.route(record, context)
    assert route is not None
    assert route.destination == "assessments"
    assert other.route(record, context) is None


def test_what_is_ignored_is_not_stored() -> None:
    host = PluginHost.load(entry_points=False)
    pack = host.specs.get("OASIS", "3.02")
    assert pack is not None
    items = make_record(pack, "01", seed=1, number=1)
    inactive = {"M0906_DC_TRAN_DTH_DT": "20260401"}
    context = Context(host.specs, datetime.now(UTC), date.today())
    outcome = Chain(host).check(_record(items | inactive), context)
    assert [finding.edit_id for finding in outcome.findings] == ["IF-304"]
    assert outcome.accepted
    assert outcome.stored_items.keys() == items.keys()
