import io

import pytest
from sqlalchemy import update

from iqies_flask import create_app
from iqies_flask.database import write_transaction
from iqies_flask.identity.service import create_user
from iqies_flask.submissions.models import State, Submission
from iqies_flask.submissions.service import receive

from .conftest import Invoke


@pytest.fixture
def stuck(iqies: Invoke) -> int:
    """A submission that was given up to the operator."""
    iqies("db", "upgrade")
    with create_app().app_context():
        submitted = receive(create_user("test.user", "a sentence for tests"), "batch.zip", io.BytesIO(b"x"))
        with write_transaction() as session:
            session.execute(update(Submission).values(state=State.NEEDS_ATTENTION))
        return submitted.id


def test_what_waits_is_listed_and_tried_again(iqies: Invoke, stuck: int) -> None:
    def states() -> list[list[str]]:
        return [line.split("\t")[:2] for line in iqies("submission", "list").stdout.splitlines()[1:]]

    assert states() == [[str(stuck), "Delayed: needs attention"]]
    iqies("submission", "retry", str(stuck))
    assert states() == [[str(stuck), "Processing"]]
    (entry,) = iqies("audit", "list", "--action", "submission.retried").stdout.splitlines()[1:]
    assert "command line" in entry
    assert f"submission {stuck}" in entry


def test_what_does_not_wait_is_not_tried_again(iqies: Invoke, stuck: int) -> None:
    assert "no submission 7 that waits" in iqies("submission", "retry", "7", status=1).stderr
