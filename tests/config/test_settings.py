import pytest

from iqies_flask.config import Settings, SettingsError
from tests.config.environs import PRODUCTION


@pytest.mark.parametrize("missing", sorted(PRODUCTION))
def test_production_refuses_to_start_without_its_keys_and_address(missing: str) -> None:
    with pytest.raises(SettingsError, match=missing):
        Settings.load({name: value for name, value in PRODUCTION.items() if name != missing})


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
