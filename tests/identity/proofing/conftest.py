from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from iqies_flask import plugin_host
from iqies_flask.config import Settings
from iqies_flask.identity.models import User
from iqies_flask.pipeline.plugin_loading import in_folder
from iqies_flask.pipeline.plugins import PluginHost
from iqies_flask.resources import plugins_folder
from tests.identity.proofing.persons import add_officer, add_person, install


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    return replace(
        settings,
        plugin_folder=tmp_path / "plugins",
        proofing_attempts=2,
        proofing_retry_minutes=30,
    )


@pytest.fixture
def plugins(settings: Settings) -> Path:
    """The operator's folder of plugins."""
    assert settings.plugin_folder is not None
    settings.plugin_folder.mkdir()
    return settings.plugin_folder


@pytest.fixture(autouse=True)
def quick_plugins(plugins: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Load the plugins of the folder and the built-in one for demonstrations, without specification packs."""

    def load(settings: Settings) -> PluginHost:
        built_in = in_folder(plugins_folder(), built_in=True)
        demo = [candidate for candidate in built_in if candidate.name == "proofing_demo"]
        return PluginHost([*demo, *in_folder(plugins, built_in=False)], settings.plugin_seconds)

    monkeypatch.setattr(plugin_host, "load_plugin_host", load)


@pytest.fixture
def acme(plugins: Path) -> None:
    install(plugins)


@pytest.fixture
def person(app: Flask) -> User:
    """Somebody who has just confirmed the address."""
    return add_person("test.person", token="the token")


@pytest.fixture
def officer(app: Flask) -> User:
    return add_officer("test.officer")
