from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from iqies_flask import create_app
from iqies_flask.config import Environment, Settings


@pytest.mark.parametrize(
    "host", ["elsewhere.example", "localhost.elsewhere.example", "localhost@elsewhere", ""]
)
def test_site_does_not_answer_under_a_name_that_is_not_its_own(client: FlaskClient, host: str) -> None:
    answer = client.get("/sign-in", headers={"Host": host})
    assert answer.status_code == 400
    assert "could not be understood" in answer.text
    assert "elsewhere" not in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_demonstration_answers_on_its_machine(client: FlaskClient, host: str) -> None:
    assert client.get("/sign-in", headers={"Host": host}).status_code == 200


def test_production_answers_under_the_site_s_name_and_those_of_the_settings(settings: Settings) -> None:
    production = replace(
        settings,
        environment=Environment.PRODUCTION,
        site_url="https://iqies.example",
        trusted_hosts=("monitor.example",),
    )
    client = create_app(production).test_client()
    for host in ("iqies.example", "iqies.example:443", "monitor.example"):
        assert client.get("/healthz", headers={"Host": host}).status_code == 200
    for host in ("localhost", "127.0.0.1", "www.iqies.example"):
        assert client.get("/healthz", headers={"Host": host}).status_code == 400
