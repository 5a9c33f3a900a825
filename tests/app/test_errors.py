import logging

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from sqlalchemy import text

from iqies_flask.database import write_transaction
from iqies_flask.identity.models import User
from iqies_flask.logs import DiscreetFormatter
from tests.browsing import sign_in


@pytest.mark.changes_application
@pytest.mark.parametrize("status", [400, 403, 404, 405, 413, 429, 500, 503])
def test_every_error_has_a_page_that_says_what_to_do(
    app: Flask, client: FlaskClient, submitter: User, status: int
) -> None:
    app.add_url_rule("/fail", view_func=lambda: abort(status))
    sign_in(client, submitter.user_id)
    answer = client.get("/fail")
    assert answer.status_code == status
    assert "<h1" in answer.text
    assert "Traceback" not in answer.text


@pytest.mark.changes_application
def test_page_of_a_larger_file_names_the_limit(app: Flask, client: FlaskClient, submitter: User) -> None:
    app.add_url_rule("/fail", view_func=lambda: abort(413))
    sign_in(client, submitter.user_id)
    assert "5 MB" in client.get("/fail").text


def test_wrong_method_says_which_are_right(client: FlaskClient) -> None:
    answer = client.get("/sign-out")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


@pytest.mark.changes_application
def test_fault_of_ours_shows_nothing_and_logs_no_values(
    app: Flask, client: FlaskClient, submitter: User
) -> None:
    def fail() -> str:
        value = "TESTPERSON"
        raise ValueError(value)

    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.add_url_rule("/fail", view_func=fail)
    lines: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    keeper = Keeper()
    keeper.setFormatter(DiscreetFormatter("%(message)s"))
    sign_in(client, submitter.user_id)
    app.logger.addHandler(keeper)
    try:
        answer = client.get("/fail")
    finally:
        app.logger.removeHandler(keeper)
    assert answer.status_code == 500
    assert "TESTPERSON" not in answer.text
    logged = "\n".join(lines)
    assert "ValueError" in logged
    assert "in fail" in logged
    assert "TESTPERSON" not in logged


@pytest.mark.parametrize("path", ["/submissions", "/nowhere", "/sign-in"])
def test_without_a_database_the_page_on_faults_is_shown_all_the_same(
    app: Flask, client: FlaskClient, submitter: User, path: str
) -> None:
    sign_in(client, submitter.user_id)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with write_transaction() as session:
        session.execute(text("ALTER TABLE user_account RENAME TO elsewhere"))
    answer = client.get(path)
    with write_transaction() as session:
        session.execute(text("ALTER TABLE elsewhere RENAME TO user_account"))
    assert answer.status_code in {404, 500}
    assert "<h1" in answer.text
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_log_names_the_error_that_led_to_another() -> None:
    try:
        try:
            raise KeyError("TESTPERSON")
        except KeyError as error:
            raise RuntimeError("TESTPERSON") from error
    except RuntimeError as error:
        text = DiscreetFormatter().formatException((type(error), error, error.__traceback__))
    assert "RuntimeError" in text
    assert "KeyError" in text
    assert "TESTPERSON" not in text
