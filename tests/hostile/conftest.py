from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from iqies_flask import plugin_host
from iqies_flask.access.grants import appoint, grant
from iqies_flask.access.models import Provider
from iqies_flask.access.roles import Role
from iqies_flask.config import Settings
from iqies_flask.identity.service import create_user
from iqies_flask.pipeline.plugin_loading import in_folder
from iqies_flask.pipeline.plugins import PluginHost
from tests.authenticator import Authenticator, add_key
from tests.conftest import PASSWORD
from tests.hostile.visitors import MEMBER, MEMBER_EMAIL, UNPROVED
from tests.identity.proofing.persons import add_person, install


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    return replace(
        settings, plugin_folder=tmp_path / "plugins", proofing_attempts=2, proofing_retry_minutes=0
    )


@pytest.fixture(autouse=True)
def proofing_service(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a proofing service and nothing else: no page here needs the specification packs."""
    folder = settings.plugin_folder
    assert folder is not None
    install(folder)
    monkeypatch.setattr(
        plugin_host,
        "load_plugin_host",
        lambda _: PluginHost(in_folder(folder, built_in=False), settings.plugin_seconds),
    )


@pytest.fixture
def accounts(app: Flask, provider: Provider) -> None:
    """Make somebody with a key who may do everything, and somebody whose identity is not proved."""
    member = create_user(MEMBER, PASSWORD, MEMBER_EMAIL)
    add_key(member, Authenticator())
    grant(member, provider.ccn)
    for role in (Role.AUDITOR, Role.PROOFING_OFFICER):
        appoint(member, role)
    add_person(UNPROVED, token="a registration")


@pytest.fixture
def attacker(app: Flask) -> FlaskClient:
    """The attacker's own browser."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = "192.0.2.66"
    return client
