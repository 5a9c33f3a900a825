from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from iqies_flask.access import permission
from iqies_flask.access.grants import appoint, grant, revoke
from iqies_flask.access.matrix import built_in_text
from iqies_flask.access.models import Provider
from iqies_flask.access.roles import Role
from iqies_flask.config import Settings
from iqies_flask.identity.service import create_user, deactivate
from tests.conftest import PASSWORD
from tests.letters import letters


@pytest.fixture
def shared_office(app: Flask, settings: Settings, tmp_path: Path) -> None:
    """A matrix in which the Registry Manager, too, decides about first Security Officials."""
    path = tmp_path / "matrix.toml"
    own = 'may = ["view_registry", "manage_providers"]'
    assert built_in_text().count(own) == 1
    path.write_text(built_in_text().replace(own, own.replace("]", ', "approve_first_official"]')))
    permission.init_app(app, replace(settings, matrix_file=path))


def official(user_id: str, provider: Provider) -> None:
    grant(create_user(user_id, PASSWORD), provider.ccn, Role.PROVIDER_SECURITY_OFFICIAL)


def told() -> list[tuple[str, str]]:
    return [(letter.template, letter.to) for letter in letters()]


def test_cms_is_told_when_the_last_official_s_account_is_shut(app: Flask, provider: Provider) -> None:
    appoint(create_user("cms.official", PASSWORD, "official@cms.example"), Role.CMS_OFFICIAL)
    official("first.official", provider)
    official("second.official", provider)
    grant(create_user("some.submitter", PASSWORD), provider.ccn)
    deactivate("some.submitter")
    deactivate("first.official")
    assert told() == []
    deactivate("second.official")
    assert told() == [("providers_without_official", "official@cms.example")]
    (letter,) = letters()
    for part in (letter.text, letter.html):
        assert "the account was closed" in part
        assert "Sample Home Health (CCN 997999, CT)" in part
        assert "/officials/vacancies" in part


@pytest.mark.usefixtures("shared_office")
def test_whoever_decides_about_first_officials_is_told(provider: Provider) -> None:
    appoint(create_user("cms.official", PASSWORD, "official@cms.example"), Role.CMS_OFFICIAL)
    appoint(create_user("test.manager", PASSWORD, "manager@sample.example"), Role.REGISTRY_MANAGER)
    user = create_user("first.official", PASSWORD)
    grant(user, provider.ccn, Role.PROVIDER_SECURITY_OFFICIAL)
    revoke(user, provider.ccn)
    assert [to for _, to in told()] == ["official@cms.example", "manager@sample.example"]
