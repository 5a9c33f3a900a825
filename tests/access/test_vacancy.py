from flask import Flask

from iqies_flask.access.grants import appoint, grant
from iqies_flask.access.models import Provider
from iqies_flask.access.roles import Role
from iqies_flask.identity.service import create_user, deactivate
from tests.conftest import PASSWORD
from tests.letters import letters


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
