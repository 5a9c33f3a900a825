from pathlib import Path

import pytest

from iqies_flask.config import Settings, SettingsError
from tests.config.environs import PRODUCTION


def test_database_is_in_the_instance_folder_unless_a_url_is_given(tmp_path: Path) -> None:
    environ = {**PRODUCTION, "IQIES_INSTANCE_FOLDER": str(tmp_path)}
    assert Settings.load(environ).database_url == f"sqlite:///{tmp_path}/iqies.db"
    environ["DATABASE_URL"] = "postgres://host/name"
    assert Settings.load(environ).database_url == "postgresql+psycopg://host/name"
    environ["IQIES_DATABASE_URL"] = "postgresql://other/name"
    assert Settings.load(environ).database_url == "postgresql+psycopg://other/name"


@pytest.mark.parametrize("variable", ["IQIES_DATABASE_URL", "IQIES_QUEUE_URL"])
def test_password_of_the_database_is_never_shown(variable: str) -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.load({**PRODUCTION, variable: "postgresql://user:hush@host:abc/name"})
    assert "hush" not in str(raised.value)
