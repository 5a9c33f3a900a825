from pathlib import Path

import pytest

from iqies_flask.config import Settings, SettingsError
from tests.config.environs import PRODUCTION


@pytest.mark.parametrize(
    "url", ["", "smtp://mail.example.org", "smtps://us%40er:p%2Fw@mail.example.org:465", "smtp://[::1]:25"]
)
def test_ways_for_mail(url: str) -> None:
    assert Settings.load({**PRODUCTION, "IQIES_MAIL_URL": url}).mail_url == url


def test_password_of_the_mail_server_is_never_shown() -> None:
    settings = Settings.load({**PRODUCTION, "IQIES_MAIL_URL": "smtp://user:hush@mail.example.org"})
    assert "hush" not in repr(settings)
    with pytest.raises(SettingsError) as raised:
        Settings.load({**PRODUCTION, "IQIES_MAIL_URL": "http://user:hush@mail.example.org"})
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IQIES_SERVICE_CENTER_NAME", ""),
        ("IQIES_SERVICE_CENTER_PHONE", "202 555 0100\nand more"),
        ("IQIES_SERVICE_CENTER_EMAIL", "help"),
        ("IQIES_SERVICE_CENTER_EMAIL", "Help <help@sample.example>"),
    ],
)
def test_service_center_that_cannot_be_shown(name: str, value: str, tmp_path: Path) -> None:
    environ = {"IQIES_ENVIRONMENT": "demo", "IQIES_INSTANCE_FOLDER": str(tmp_path)}
    with pytest.raises(SettingsError, match=name):
        Settings.load({**environ, name: value})
