import shutil
from datetime import date
from pathlib import Path

import pytest

from iqies_flask.model import Severity
from iqies_flask.specs.pack import Pack, PackError
from iqies_flask.specs.registry import SpecRegistry


def test_a_pack_is_chosen_by_the_records_own_date(specs: SpecRegistry) -> None:
    choice = specs.choose("OASIS", {"M0090_INFO_COMPLETED_DT": "20260401", "SPEC_VRSN_CD": "3.02"})
    assert choice.pack is specs.get("OASIS", "3.02")
    assert choice.findings == ()


def test_a_date_before_every_pack_is_fatal_and_says_what_is_installed(specs: SpecRegistry) -> None:
    choice = specs.choose("OASIS", {"M0090_INFO_COMPLETED_DT": "20260331", "SPEC_VRSN_CD": "3.01"})
    assert choice.pack is None
    (finding,) = choice.findings
    assert (finding.edit_id, finding.severity) == ("IF-301", Severity.FATAL)
    assert "Mar 31, 2026" in finding.message
    assert "OASIS 3.02, in force from Apr 1, 2026 on" in finding.message
    assert [item.item for item in finding.items] == ["M0090_INFO_COMPLETED_DT"]


@pytest.mark.parametrize("version", ["3.01", "2.10", "9.99", ""])
def test_version_of_another_time_breaks_5460(specs: SpecRegistry, version: str) -> None:
    choice = specs.choose("OASIS", {"M0090_INFO_COMPLETED_DT": "20260401", "SPEC_VRSN_CD": version})
    assert choice.pack is not None
    (finding,) = choice.findings
    assert finding.edit_id == "-5460"
    assert [item.item for item in finding.items] == ["SPEC_VRSN_CD", "M0090_INFO_COMPLETED_DT"]
    assert finding.remedy == "Send 3.02, or correct the date."


@pytest.mark.parametrize(
    ("items", "item"),
    [
        ({"A0310F": "01", "A1600": "20250930"}, "A1600"),
        ({"A0310F": "11", "A2000": "20250930"}, "A2000"),
        ({"A0310F": "99", "A2300": "20250930"}, "A2300"),
        ({"A0050": "3", "X0600F": "12", "X0700B": "20250930"}, "X0700B"),
    ],
)
def test_the_target_date_of_the_mds_decides(specs: SpecRegistry, items: dict[str, str], item: str) -> None:
    assert specs.choose("MDS", items).findings[0].items[0].item == item
    assert specs.choose("MDS", {**items, item: "20251001"}).findings == ()


@pytest.mark.parametrize("day", ["", "^", "20260231", "2026"])
def test_without_a_readable_date_the_newest_pack_says_what_is_wrong(specs: SpecRegistry, day: str) -> None:
    choice = specs.choose("OASIS", {"M0090_INFO_COMPLETED_DT": day, "SPEC_VRSN_CD": "2.30"})
    assert choice.pack is specs.get("OASIS", "3.02")
    assert choice.findings == ()


def test_without_a_pack_of_the_system() -> None:
    choice = SpecRegistry().choose("OASIS", {})
    assert choice.pack is None
    assert choice.findings[0].edit_id == "IF-307"


def test_of_two_packs_each_has_its_time(oasis: Pack, tmp_path: Path) -> None:
    older = Path(shutil.copytree(oasis.folder, tmp_path / "3.01"))
    text = (older / "pack.toml").read_text(encoding="utf-8")
    text = text.replace('version = "3.02"', 'version = "3.01"')
    text = text.replace("from = 2026-04-01\nitem", "from = 2025-01-01\nto = 2026-03-31\nitem")
    (older / "pack.toml").write_text(text, encoding="utf-8")
    specs = SpecRegistry([oasis.folder, older])
    for day, version in ((date(2025, 1, 1), "3.01"), (date(2026, 3, 31), "3.01"), (date(2026, 4, 1), "3.02")):
        choice = specs.choose("OASIS", {"M0090_INFO_COMPLETED_DT": day.strftime("%Y%m%d")})
        assert choice.pack is not None
        assert choice.pack.version == version
    undated = specs.choose("OASIS", {"SPEC_VRSN_CD": "3.01"})
    assert undated.pack is specs.get("OASIS", "3.01")


def test_where_two_packs_are_in_force_the_later_one_decides(oasis: Pack, tmp_path: Path) -> None:
    older = Path(shutil.copytree(oasis.folder, tmp_path / "3.01"))
    text = (older / "pack.toml").read_text(encoding="utf-8")
    text = text.replace('version = "3.02"', 'version = "3.01"')
    text = text.replace("from = 2026-04-01\nitem", "from = 2025-01-01\nitem")
    (older / "pack.toml").write_text(text, encoding="utf-8")
    choice = SpecRegistry([oasis.folder, older]).choose("OASIS", {"M0090_INFO_COMPLETED_DT": "20260401"})
    assert choice.pack is not None
    assert choice.pack.version == "3.02"


def test_an_unsound_pack_is_refused_with_its_first_problem(oasis: Pack, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(oasis.folder, tmp_path / "pack"))
    text = (folder / "pack.toml").read_text(encoding="utf-8")
    (folder / "pack.toml").write_text(text.replace("= 3258", "= 3260"), encoding="utf-8")
    with pytest.raises(PackError, match="the items end at byte 3258 of a record of 3260"):
        SpecRegistry([folder])
