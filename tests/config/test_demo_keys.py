import stat
from pathlib import Path

import pytest

from iqies_flask.config import Settings, SettingsError


def test_demo_makes_keys_once_that_only_the_owner_can_read(tmp_path: Path) -> None:
    environ = {"IQIES_ENVIRONMENT": "demo", "IQIES_INSTANCE_FOLDER": str(tmp_path)}
    first, second = Settings.load(environ), Settings.load(environ)
    assert first.secret_key
    assert (first.secret_key, first.encryption_keys, first.hash_key) == (
        second.secret_key,
        second.encryption_keys,
        second.hash_key,
    )
    made = list(tmp_path.iterdir())
    assert [path.name for path in made] == ["demo-keys.toml"]
    assert stat.S_IMODE(made[0].stat().st_mode) == 0o600


def test_keys_that_cannot_be_read_are_named_with_the_setting_that_says_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "demo-keys.toml").mkdir()
    with pytest.raises(SettingsError, match=r"demo-keys\.toml, cannot be .* IQIES_INSTANCE_FOLDER says"):
        Settings.load({"IQIES_ENVIRONMENT": "demo", "IQIES_INSTANCE_FOLDER": str(tmp_path)})
