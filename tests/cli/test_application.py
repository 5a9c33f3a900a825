from pathlib import Path

import click
import pytest
from sqlalchemy.exc import DataError

from iqies_flask.cli.application import problems_in_words

from .conftest import Invoke


def test_a_folder_that_cannot_be_made_is_said_plainly(
    iqies: Invoke, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("IQIES_INSTANCE_FOLDER", str(tmp_path / "file" / "instance"))
    for command in (("db", "upgrade"), ("user", "list")):
        assert "IQIES_INSTANCE_FOLDER" in iqies(*command, status=1).stderr


def test_a_queue_that_is_not_there_is_said_plainly_by_the_worker_alone(
    iqies: Invoke, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IQIES_QUEUE_URL", "postgresql://nobody:secret-word@127.0.0.1:1/x")
    iqies("db", "upgrade")
    assert "Last sign-in" in iqies("user", "list").stdout
    run = iqies("worker", status=1)
    assert "The work queue cannot be used" in run.stderr
    assert "secret-word" not in run.output


def test_a_number_that_is_too_large_is_said_plainly(iqies: Invoke) -> None:
    assert "is not in the range" in iqies("submission", "retry", "9" * 20, status=2).stderr


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (
            ModuleNotFoundError("No module named 'psycopg'", name="psycopg"),
            r"pip install 'psycopg\[binary\]'",
        ),
        (OverflowError("Python int too large"), "a number too large"),
        (DataError("a statement", {}, ValueError("integer out of range")), r"\(integer out of range\)"),
        (
            PermissionError(13, "Permission denied", "/srv/spool"),
            "/srv/spool cannot be used: Permission denied",
        ),
    ],
)
def test_problems_are_put_in_words(problem: Exception, words: str) -> None:
    @problems_in_words
    def command() -> None:
        raise problem

    with pytest.raises(click.ClickException, match=words):
        command()


def test_the_end_of_a_pipe_is_left_to_click() -> None:
    @problems_in_words
    def command() -> None:
        raise BrokenPipeError(32, "Broken pipe")

    with pytest.raises(BrokenPipeError):
        command()
