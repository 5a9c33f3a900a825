"""Which plugins are loaded, and that a bad one stops nobody."""

import shutil
import sys
from pathlib import Path

import pytest

from iqies_flask.pipeline.plugins import PluginHost, PluginInfo, hook_names
from iqies_flask.plugin import bundled_packs
from iqies_flask.resources import plugins_folder
from tests.pipeline.vendors import load, write_plugin

BUILT_IN = ["mds", "oasis", "pbj_legacy_qies", "proofing_demo", "scrub"]
GOOD = "@hookimpl\ndef validate(record, context):\n    return []\n"


def problem_of(host: PluginHost, name: str) -> str:
    [info] = [info for info in host.names() if info.name == name]
    return info.problem


def test_the_built_in_plugins_are_always_there() -> None:
    host = PluginHost.load(entry_points=False)
    assert [info.name for info in host.names()] == BUILT_IN
    assert {info.origin for info in host.names()} == {"built-in"}
    assert not any(info.problem for info in host.names())
    assert {pack.system for pack in host.specs.packs} == {"MDS", "OASIS"}


def test_the_built_in_folder_named_again_is_loaded_once() -> None:
    host = PluginHost.load([plugins_folder()], entry_points=False)
    assert [info.name for info in host.names()] == BUILT_IN


def test_packs_of_the_operators_folder_count_before_those_of_plugins(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (bundled,) = bundled_packs("oasis")
    own = shutil.copytree(bundled, tmp_path / "oasis-3.02")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "pack.toml").write_text("no TOML")
    host = PluginHost.load(entry_points=False, packs_folder=tmp_path)
    pack = host.specs.get("OASIS", "3.02")
    assert pack is not None
    assert pack.folder == own
    assert not any(info.problem for info in host.names())
    assert f"the specification pack in {tmp_path / 'broken'} cannot be loaded" in caplog.text


def test_plugins_of_a_folder_follow_by_name(tmp_path: Path) -> None:
    write_plugin(tmp_path, "beta", GOOD)
    write_plugin(tmp_path, "alpha", GOOD)
    write_plugin(tmp_path, "_helper", "raise RuntimeError")
    (tmp_path / "notes.txt").write_text("no plugin")
    package = tmp_path / "gamma"
    package.mkdir()
    (package / "__init__.py").write_text(
        "from iqies_flask.plugin import hookimpl\nfrom .rules import none\n\n" + GOOD.replace("[]", "none()")
    )
    (package / "rules.py").write_text("def none():\n    return []\n")
    host = load(tmp_path)
    assert host.names()[5:] == [
        PluginInfo(name, str(tmp_path), ("validate",)) for name in ("alpha", "beta", "gamma")
    ]


def test_plugins_of_installed_packages_come_between(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = tmp_path / "site"
    write_plugin(site, "acme_rules", GOOD)
    info = site / "acme-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[iqies_flask.plugins]\nacme = acme_rules\nbroken = acme_none\n")
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.delitem(sys.modules, "acme_rules", raising=False)
    write_plugin(tmp_path / "own", "zeta", GOOD)
    host = PluginHost.load([tmp_path / "own"], entry_points=True)
    loaded = [(info.name, info.origin) for info in host.names() if info.origin != "built-in"]
    assert loaded == [("acme", "package acme"), ("zeta", str(tmp_path / "own")), ("broken", "package acme")]
    assert "ModuleNotFoundError" in problem_of(host, "broken")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("raise RuntimeError('no licence')", "RuntimeError"),
        ("import sys\nsys.exit(1)", "SystemExit"),
        ("def broken(:", "SyntaxError"),
        ("x = 1", "no hook"),
        ("@hookimpl\ndef valdiate(record): pass", "valdiate"),
        ("@hookimpl\ndef validate(record, colour): pass", "colour"),
        ("@hookimpl(wrapper=True)\ndef validate(record):\n    return (yield)\n", "wrapper"),
    ],
)
def test_a_plugin_that_cannot_be_used_is_named_and_the_others_load(
    body: str, words: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_plugin(tmp_path, "bad", body)
    write_plugin(tmp_path, "good", GOOD)
    host = load(tmp_path)
    assert words in problem_of(host, "bad")
    assert "bad" in caplog.text
    assert [call.plugin for call in host.calls("validate")][-1] == "good"
    assert "bad" not in {call.plugin for name in hook_names() for call in host.calls(name)}


def test_a_name_is_given_once(tmp_path: Path) -> None:
    write_plugin(tmp_path, "mds", GOOD)
    host = load(tmp_path)
    assert [info.problem for info in host.names() if info.name == "mds"] == [
        "",
        "another plugin has this name already",
    ]


def test_a_missing_folder_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert [info.name for info in load(tmp_path / "none").names()] == BUILT_IN
    assert "cannot be read" in caplog.text


def test_a_plugin_that_hangs_on_import_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("iqies_flask.pipeline.plugins.LOADING_SECONDS", 0.05)
    write_plugin(tmp_path, "sleeper", "import threading\nthreading.Event().wait(2)\n" + GOOD)
    assert "took longer" in problem_of(load(tmp_path), "sleeper")


def test_a_pack_that_cannot_be_loaded_is_left_out_and_named(tmp_path: Path) -> None:
    body = "from pathlib import Path\n@hookimpl\ndef register_specs():\n    return [Path(__file__).parent]\n"
    write_plugin(tmp_path, "packer", body)
    host = load(tmp_path)
    assert "cannot be loaded" in problem_of(host, "packer")
    assert {pack.system for pack in host.specs.packs} == {"MDS", "OASIS"}


def test_a_plugin_that_fails_to_name_its_packs_is_named(tmp_path: Path) -> None:
    write_plugin(tmp_path, "packer", "@hookimpl\ndef register_specs():\n    raise KeyError\n")
    assert problem_of(load(tmp_path), "packer")


def test_hooks_are_asked_in_their_documented_order(tmp_path: Path) -> None:
    for name in ("alpha", "beta"):
        write_plugin(
            tmp_path,
            name,
            GOOD + "@hookimpl\ndef route(record):\n    pass\n@hookimpl\ndef identify(record):\n    pass\n",
        )
    host = load(tmp_path)
    assert [call.plugin for call in host.calls("validate")][-2:] == ["alpha", "beta"]
    assert [call.plugin for call in host.calls("route")][:2] == ["beta", "alpha"]
    assert [call.plugin for call in host.calls("identify")][-1] == "mds"


def test_only_plugins_of_others_are_watched(tmp_path: Path) -> None:
    write_plugin(tmp_path, "good", GOOD)
    watched = {call.plugin: call.timekeeper is not None for call in load(tmp_path).calls("validate")}
    assert watched.pop("good")
    assert not any(watched.values())
