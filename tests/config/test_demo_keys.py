import stat
from pathlib import Path

from iqies_flask.config import Settings


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
