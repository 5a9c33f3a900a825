from pathlib import Path

import pytest

from iqies_flask.config import Settings, SettingsError
from tests.config.environs import PRODUCTION


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("session_minutes = 1.5", "IQIES_SESSION_MINUTES"),
        ("session_minutes = inf", "IQIES_SESSION_MINUTES"),
        ("session_minutes = true", "IQIES_SESSION_MINUTES"),
        ("inactive_warnings = [45.5]", "IQIES_INACTIVE_WARNINGS"),
        ("inactive_warnings = [0, 45]", "IQIES_INACTIVE_WARNINGS"),
        ("[limits]\nmembers = inf", "IQIES_LIMITS_MEMBERS"),
        ("[limits]\nmembers = 7.5", "IQIES_LIMITS_MEMBERS"),
        ("[limits]\nmembers = 0", "IQIES_LIMITS_MEMBERS must be 1 or more"),
        ("[limits]\nmembrs = 7", "IQIES_LIMITS_MEMBRS"),
        ("limits = 7", "IQIES_LIMITS"),
        ("https = 2", "IQIES_HTTPS"),
        ('plugin_seconds = "soon"', "IQIES_PLUGIN_SECONDS"),
    ],
)
def test_what_is_no_value_of_its_kind_is_refused_by_name(tmp_path: Path, written: str, name: str) -> None:
    path = tmp_path / "iqies.toml"
    path.write_text(written)
    with pytest.raises(SettingsError, match=name):
        Settings.load({**PRODUCTION, "IQIES_CONFIG": str(path)})


def test_whole_numbers_do_where_parts_of_one_would(tmp_path: Path) -> None:
    path = tmp_path / "iqies.toml"
    path.write_text("plugin_seconds = 3\ninactive_warnings = [40, 50]\n")
    settings = Settings.load({**PRODUCTION, "IQIES_CONFIG": str(path)})
    assert (settings.plugin_seconds, settings.inactive_warnings) == (3.0, (40, 50))
