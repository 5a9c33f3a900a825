from pathlib import Path

import pytest

from iqies_flask.config import Environment, Settings, SettingsError
from iqies_flask.pipeline.limits import IntakeLimits
from tests.config.environs import KEYS, PRODUCTION


def test_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = tmp_path / "iqies.toml"
    path.write_text("session_minutes = 20\nbatch_records = 7\n[limits]\nupload_bytes = 1000\n")
    settings = Settings.load({**PRODUCTION, "IQIES_CONFIG": str(path), "IQIES_SESSION_MINUTES": "30"})
    assert (settings.session_minutes, settings.batch_records, settings.limits.upload_bytes) == (30, 7, 1000)


def test_limits_of_the_environment_leave_those_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "iqies.toml"
    path.write_text("[limits]\nupload_bytes = 1000\nmembers = 7\n")
    settings = Settings.load({**PRODUCTION, "IQIES_CONFIG": str(path), "IQIES_LIMITS_MEMBERS": "12"})
    assert settings.limits == IntakeLimits(upload_bytes=1000, members=12)


def test_the_folder_of_packs_is_a_path_or_nothing() -> None:
    assert Settings.load({**PRODUCTION, "IQIES_PACKS_FOLDER": "packs"}).packs_folder == Path("packs")
    assert Settings.load({**PRODUCTION, "IQIES_PACKS_FOLDER": ""}).packs_folder is None


def test_limits_come_from_the_environment() -> None:
    settings = Settings.load({**PRODUCTION, "IQIES_LIMITS_MEMBERS": "12"})
    assert settings.limits == IntakeLimits(members=12)


def test_plugin_options_come_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "iqies.toml"
    path.write_text("[plugin_options.vendor]\nlevel = 3\n")
    settings = Settings.load({**PRODUCTION, "IQIES_CONFIG": str(path)})
    assert settings.plugin_options == {"vendor": {"level": 3}}


def test_https_is_assumed_except_in_the_demo(tmp_path: Path) -> None:
    assert Settings.load(PRODUCTION).https
    demo = {**PRODUCTION, "IQIES_ENVIRONMENT": "demo", "IQIES_INSTANCE_FOLDER": str(tmp_path)}
    assert not Settings.load(demo).https
    assert Settings.load({**demo, "IQIES_HTTPS": "yes"}).https


def test_unknown_settings_in_the_file_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "iqies.toml"
    path.write_text("sesion_minutes = 20\n")
    with pytest.raises(SettingsError, match="sesion_minutes"):
        Settings.load({**PRODUCTION, "IQIES_CONFIG": str(path)})


def test_keys_are_never_shown(tmp_path: Path) -> None:
    settings = Settings.load(PRODUCTION)
    assert not any(value in repr(settings) for value in KEYS.values())
    path = tmp_path / "iqies.toml"
    path.write_text("encryption_keys = [12345678]\n")
    with pytest.raises(SettingsError) as raised:
        Settings.load({"IQIES_CONFIG": str(path)})
    assert "12345678" not in str(raised.value)


def test_hosts_are_separated_by_commas() -> None:
    settings = Settings.load({**PRODUCTION, "IQIES_TRUSTED_HOSTS": "10.0.0.7, monitor.example.org, ::1"})
    assert settings.trusted_hosts == ("10.0.0.7", "monitor.example.org", "::1")


def test_environment_is_an_enumeration() -> None:
    assert Settings.load(PRODUCTION).environment is Environment.PRODUCTION
