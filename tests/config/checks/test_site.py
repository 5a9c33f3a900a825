from pathlib import Path

import pytest

from iqies_flask.config import Settings, SettingsError
from tests.config.environs import PRODUCTION, SITE


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
