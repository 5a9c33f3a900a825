from pathlib import Path

import pytest

from iqies_flask.config import OfflineSettings, SettingsError
from tests.config.environs import PRODUCTION


@pytest.fixture(autouse=True)
def no_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in (*PRODUCTION, "IQIES_CONFIG", "IQIES_ENVIRONMENT"):
        monkeypatch.delenv(variable, raising=False)


def test_files_are_checked_without_keys_by_the_time_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert OfflineSettings.load().zone is None
    monkeypatch.setenv("IQIES_TIME_ZONE", "America/New_York")
    assert str(OfflineSettings.load().zone) == "America/New_York"


def test_the_file_is_read_as_for_an_installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "iqies.toml"
    path.write_text("session_minutes = 20\nplugin_seconds = 2\n[limits]\nmembers = 7\n")
    monkeypatch.setenv("IQIES_CONFIG", str(path))
    settings = OfflineSettings.load()
    assert (settings.plugin_seconds, settings.limits.members) == (2.0, 7)


@pytest.mark.parametrize(
    ("name", "value"),
    [("IQIES_TIME_ZONE", "Mars"), ("IQIES_PLUGIN_SECONDS", "0"), ("IQIES_LIMITS_MEMBERS", "0")],
)
def test_what_is_wrong_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=name):
        OfflineSettings.load()
