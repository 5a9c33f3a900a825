from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from iqies_flask import create_app
from iqies_flask.config import Settings, SettingsError
from iqies_flask.plugin_host import LazyPluginHost, current_plugin_host
from iqies_flask.reference.service import current_reference
from iqies_flask.submissions.checks import current_checks

PLUGIN = """
from pathlib import Path
from iqies_flask.plugin import hookimpl

with Path(__file__).with_name("loaded.log").open("a") as log:
    log.write("loaded\\n")


@hookimpl
def validate(record, context):
    return []
"""


def test_plugins_are_loaded_once_for_all_who_ask_at_the_same_time(settings: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "counting.py").write_text(PLUGIN)
    lazy = LazyPluginHost(replace(settings, plugin_folder=folder))
    assert not (folder / "loaded.log").exists()
    with ThreadPoolExecutor(4) as threads:
        hosts = list(threads.map(lambda _: lazy.get(), range(4)))
    assert all(host is hosts[0] for host in hosts)
    assert [info.problem for info in hosts[0].names() if info.name == "counting"] == [""]
    assert (folder / "loaded.log").read_text() == "loaded\n"


def test_all_rooms_have_the_same_packs(app: Flask) -> None:
    specs = current_plugin_host().specs
    assert current_reference().specs is specs
    assert current_checks()._host.specs is specs


@pytest.mark.parametrize("name", ["plugin_folder", "packs_folder"])
def test_folder_that_is_not_there_is_refused_at_the_start(
    settings: Settings, tmp_path: Path, name: str
) -> None:
    missing = replace(settings, **{name: tmp_path / "misspelt"})
    with pytest.raises(SettingsError, match=rf"IQIES_{name.upper()}.*misspelt"):
        create_app(missing)
