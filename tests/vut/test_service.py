"""The tool checks with what the installation has."""

import shutil
from dataclasses import replace
from pathlib import Path

from iqies_flask.config import Settings
from iqies_flask.plugin_host import load_plugin_host
from iqies_flask.resources import schemas_folder
from iqies_flask.specs.registry import SpecRegistry
from iqies_flask.specs.sample import make_record, to_xml
from iqies_flask.vut.service import ValidationUtilityTool


def test_imported_packs_count(settings: Settings, tmp_path: Path) -> None:
    packs = tmp_path / "packs"
    imported = packs / "oasis-3.02"
    shutil.copytree(schemas_folder() / "oasis" / "3.02", imported)
    (imported / "consistency.edits").write_text(
        "-9999 consistency fatal V3.02.0 TRANS_TYPE_CD = [3]\n", encoding="utf-8"
    )
    (pack,) = SpecRegistry([schemas_folder() / "oasis" / "3.02"]).packs
    record = to_xml(make_record(pack, "01", seed=1, number=1))
    for folder, edits in ((None, []), (packs, ["-9999"])):
        tool = ValidationUtilityTool(load_plugin_host(replace(settings, packs_folder=folder)), settings)
        with tool.report(record, "record.xml") as report:
            found = [finding.edit_id for one in report.records for finding in one.findings]
        assert found == edits
