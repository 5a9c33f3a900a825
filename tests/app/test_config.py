import re
import stat
from dataclasses import MISSING, fields
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from iqies_flask.config import Environment, Settings, SettingsError
from iqies_flask.pipeline.limits import IntakeLimits

DOCUMENT = Path(__file__).parents[2] / "docs" / "configuration.md"
KEYS = {
    "IQIES_SECRET_KEY": "s" * 48,
    "IQIES_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "IQIES_HASH_KEY": "h" * 48,
}
SITE = "https://iqies.example.org"
PRODUCTION = {**KEYS, "IQIES_SITE_URL": SITE}
"""The least that a production installation needs."""


def documented(heading: str) -> dict[str, str]:
    """Names and defaults in the table below a heading."""
    section = DOCUMENT.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", section, flags=re.MULTILINE))


def shown(value: object) -> str:
    if value is MISSING or value in ("", (), None):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value:_}`" if isinstance(value, int) else f"`{value}`"


def test_documentation_lists_every_setting_with_its_default() -> None:
    defaults = {
        entry.name: shown(entry.default) for entry in fields(Settings) if entry.name not in {"limits"}
    }
    assert documented("Settings") == defaults


def test_documentation_lists_every_limit_with_its_default() -> None:
    assert documented("Limits") == {entry.name: shown(entry.default) for entry in fields(IntakeLimits)}


@pytest.mark.parametrize("missing", sorted(PRODUCTION))
def test_production_refuses_to_start_without_its_keys_and_address(missing: str) -> None:
    with pytest.raises(SettingsError, match=missing):
        Settings.load({name: value for name, value in PRODUCTION.items() if name != missing})


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


def test_database_is_in_the_instance_folder_unless_a_url_is_given(tmp_path: Path) -> None:
    environ = {**PRODUCTION, "IQIES_INSTANCE_FOLDER": str(tmp_path)}
    assert Settings.load(environ).database_url == f"sqlite:///{tmp_path}/iqies.db"
    environ["DATABASE_URL"] = "postgres://host/name"
    assert Settings.load(environ).database_url == "postgresql+psycopg://host/name"
    environ["IQIES_DATABASE_URL"] = "postgresql://other/name"
    assert Settings.load(environ).database_url == "postgresql+psycopg://other/name"


def test_https_is_assumed_except_in_the_demo(tmp_path: Path) -> None:
    assert Settings.load(PRODUCTION).https
    demo = {**PRODUCTION, "IQIES_ENVIRONMENT": "demo", "IQIES_INSTANCE_FOLDER": str(tmp_path)}
    assert not Settings.load(demo).https
    assert Settings.load({**demo, "IQIES_HTTPS": "yes"}).https


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("IQIES_ENVIRONMENT", "staging"),
        ("IQIES_HTTPS", "perhaps"),
        ("IQIES_TIME_ZONE", "Mars/Olympus"),
        ("IQIES_WORKER_COUNT", "many"),
        ("IQIES_LEASE_SECONDS", "0"),
        ("IQIES_ENCRYPTION_KEYS", "too short"),
        ("IQIES_SECRET_KEY", "too short"),
        ("IQIES_LIMITS_UPLOAD_BYTES", "5 MB"),
        ("IQIES_LIMITS_RATIO", "0"),
        ("IQIES_QUEUE_URL", "amqp://host"),
        ("IQIES_QUEUE_URL", "redis://host/0"),
        ("IQIES_DATABASE_URL", "mysql://user:secret@host/name"),
        ("IQIES_LOG_LEVEL", "CHATTY"),
        ("IQIES_TRUSTED_PROXIES", "-1"),
        ("IQIES_RETRY_SECONDS", "-1"),
        ("IQIES_PLUGIN_SECONDS", "0"),
        ("IQIES_PLUGIN_SECONDS", "nan"),
        ("IQIES_PLUGIN_SECONDS", "inf"),
        ("IQIES_SESSION_HOURS", "999999999999"),
        ("IQIES_RECERTIFY_DAYS", "1000000"),
        ("IQIES_SIGN_IN_LIMIT_USER", "seldom"),
        ("IQIES_SIGN_IN_LIMIT_ADDRESS", ""),
        ("IQIES_VUT_LIMIT_ADDRESS", "60 a minute"),
        ("IQIES_DATABASE_URL", "postgresql://user:secret@host:abc/name"),
        ("IQIES_QUEUE_URL", "postgresql://user:sec/ret@host:5432/name"),
        ("IQIES_TRUSTED_HOSTS", "monitor.example.org, https://iqies.example.org"),
        ("IQIES_TRUSTED_HOSTS", "monitor.example.org:8000"),
        ("IQIES_SITE_URL", "iqies.example.org"),
        ("IQIES_SITE_URL", "ftp://iqies.example.org"),
        ("IQIES_SITE_URL", "https://"),
        ("IQIES_SITE_URL", "https://iqies.example.org/below"),
        ("IQIES_SITE_URL", "https://iqies.example.org?a=b"),
        ("IQIES_WEBAUTHN_RP_ID", "example.com"),
        ("IQIES_WEBAUTHN_RP_ID", "ies.example.org"),
        ("IQIES_WEBAUTHN_ORIGINS", "https://iqies.example.org,https://example.com"),
        ("IQIES_MAIL_URL", "mail.example.org"),
        ("IQIES_MAIL_URL", "http://mail.example.org"),
        ("IQIES_MAIL_URL", "smtp://"),
        ("IQIES_MAIL_URL", "smtp://mail.example.org:port"),
        ("IQIES_MAIL_FROM", "nobody"),
        ("IQIES_MAIL_FROM", ""),
        ("IQIES_MAIL_FROM", "a@example.org\nBcc: b@example.org"),
        ("IQIES_SESSION_MINUTES", "0"),
        ("IQIES_SESSION_HOURS", "0"),
        ("IQIES_STEP_UP_MINUTES", "0"),
        ("IQIES_PASSKEY_SIGN_IN", "perhaps"),
        ("IQIES_PROOFING_ATTEMPTS", "0"),
        ("IQIES_PROOFING_RETRY_MINUTES", "-1"),
        ("IQIES_SESION_MINUTES", "20"),
        ("IQIES_LIMITS_UPLOAD", "20"),
        ("IQIES_PLUGIN_OPTIONS", "{}"),
        ("IQIES_CONFIG", "/nowhere/iqies.toml"),
    ],
)
def test_unusable_values_are_refused_by_name(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        Settings.load({**PRODUCTION, variable: value})


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


def test_site_of_a_demonstration_is_this_machine(tmp_path: Path) -> None:
    settings = Settings.load({"IQIES_ENVIRONMENT": "demo", "IQIES_INSTANCE_FOLDER": str(tmp_path)})
    assert settings.site_url == "http://localhost:8000"
    assert (settings.site_host, settings.rp_id) == ("localhost", "localhost")
    assert settings.origins == ("http://localhost:8000",)


def test_security_keys_are_bound_to_the_site_unless_told_otherwise() -> None:
    settings = Settings.load({**PRODUCTION, "IQIES_SITE_URL": f"{SITE}:8443/"})
    assert settings.site_url == f"{SITE}:8443"
    assert (settings.site_host, settings.rp_id) == ("iqies.example.org", "iqies.example.org")
    assert settings.origins == (f"{SITE}:8443",)
    settings = Settings.load(
        {
            **PRODUCTION,
            "IQIES_WEBAUTHN_RP_ID": "example.org",
            "IQIES_WEBAUTHN_ORIGINS": f"{SITE}, https://www.example.org",
        }
    )
    assert settings.rp_id == "example.org"
    assert settings.origins == (SITE, "https://www.example.org")


@pytest.mark.parametrize(
    "url",
    [
        "https://IQIES.example.org",
        "HTTPS://iqies.example.org:443",
        "https://iqies.example.org:443/",
        " https://iqies.example.org/ ",
    ],
)
def test_addresses_are_written_as_browsers_write_them(url: str) -> None:
    settings = Settings.load({**PRODUCTION, "IQIES_SITE_URL": url})
    assert (settings.site_url, settings.origins, settings.rp_id) == (SITE, (SITE,), "iqies.example.org")
    settings = Settings.load(
        {**PRODUCTION, "IQIES_WEBAUTHN_ORIGINS": url, "IQIES_WEBAUTHN_RP_ID": "IQIES.Example.ORG"}
    )
    assert (settings.origins, settings.rp_id) == ((SITE,), "iqies.example.org")


@pytest.mark.parametrize("name", ["IQIES_SITE_URL", "IQIES_WEBAUTHN_ORIGINS"])
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://iqies.example.org", "https"),
        ("https://192.0.2.7", "number"),
        ("https://[2001:db8::7]:8443", "number"),
        ("https://iqies.example.org/#x", "follow"),
        ("https://iqies.example.org#", "follow"),
        ("https://user:hush@iqies.example.org", "password"),
        ("https://iqies.example.org:99999", "port"),
        ("https://iqies example.org", "no host"),
        ("https://iqies.example.org.", "no host"),
    ],
)
def test_addresses_under_which_no_key_would_work_are_refused(name: str, url: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as raised:
        Settings.load({**PRODUCTION, name: url})
    assert name in str(raised.value)
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize("domain", ["org", "https://example.org", "example.org/", "other.example"])
def test_domains_to_which_no_key_can_be_bound_are_refused(domain: str) -> None:
    with pytest.raises(SettingsError, match="IQIES_WEBAUTHN_RP_ID"):
        Settings.load({**PRODUCTION, "IQIES_WEBAUTHN_RP_ID": domain})


def test_site_within_an_intranet_may_have_a_short_name() -> None:
    assert Settings.load({**PRODUCTION, "IQIES_SITE_URL": "https://iqies"}).rp_id == "iqies"


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


@pytest.mark.parametrize("variable", ["IQIES_DATABASE_URL", "IQIES_QUEUE_URL"])
def test_password_of_the_database_is_never_shown(variable: str) -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.load({**PRODUCTION, variable: "postgresql://user:hush@host:abc/name"})
    assert "hush" not in str(raised.value)


def test_hosts_are_separated_by_commas() -> None:
    settings = Settings.load({**PRODUCTION, "IQIES_TRUSTED_HOSTS": "10.0.0.7, monitor.example.org, ::1"})
    assert settings.trusted_hosts == ("10.0.0.7", "monitor.example.org", "::1")


def test_environment_is_an_enumeration() -> None:
    assert Settings.load(PRODUCTION).environment is Environment.PRODUCTION


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
