"""``iqies demo``: an installation to look at, with accounts and a sample batch, made in one go."""

import hashlib
import io
import os
import socket
import sys

import click
from sqlalchemy import select

from iqies_flask import create_app
from iqies_flask.cli.application import load_settings, problems_in_words
from iqies_flask.cli.demo_accounts import SUBMITTER, make_accounts, ways_to_sign_in
from iqies_flask.cli.demo_batch import FILE_NAME, demo_batch
from iqies_flask.cli.hosts import load_host
from iqies_flask.cli.processes import ProcessGroup
from iqies_flask.config import Environment, Settings
from iqies_flask.extensions import db
from iqies_flask.identity import service as identity
from iqies_flask.migrations import runner
from iqies_flask.pipeline.report.text import write_summary
from iqies_flask.submissions.models import Submission
from iqies_flask.submissions.reports import Report
from iqies_flask.submissions.service import is_finished, receive

_HOST = "127.0.0.1"
_OTHER_PORT = 8001
_LOOK_SECONDS = 0.2
_MOST_SECONDS = 180


@click.command()
@click.option("--once", is_flag=True, help="Stop after the sample batch's report.")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)
@problems_in_words
def demo(once: bool, port: int) -> None:
    """Make a demonstration: database, accounts, providers, and a sample batch processed by the worker.

    Prints the batch's report and how to sign in, and runs the site until Ctrl-C. Run again, it finds what is
    there. Everything is in the folder instance/; delete that to begin anew.
    """
    settings = _settings(port)
    if not once:
        _require_free_port(port)
    runner.upgrade(settings.database_url)
    with ProcessGroup() as group:
        group.start("worker", ["worker"])
        if not once:
            group.start("web", ["web", "--host", _HOST, "--port", str(port)])
        with create_app(settings).app_context():
            make_accounts()
            _print_report(_processed(_submitted(), group))
            _print_sign_in(settings, once)
        if not once:
            group.watch_until_stopped()


def _settings(port: int) -> Settings:
    os.environ.setdefault("IQIES_ENVIRONMENT", Environment.DEMO.value)
    # Browsers give security keys to a name, never to a number.
    os.environ.setdefault("IQIES_SITE_URL", f"http://localhost:{port}")
    settings = load_settings()
    if settings.environment is not Environment.DEMO:
        raise click.ClickException(
            "The demonstration makes accounts that everybody knows: not in production."
        )
    settings.make_instance_folder()
    return settings


def _require_free_port(port: int) -> None:
    """Say that a port cannot be had before anything is made, rather than minutes later."""
    try:
        socket.create_server((_HOST, port)).close()
    except OSError as error:
        other = _OTHER_PORT if port != _OTHER_PORT else _OTHER_PORT + 1
        raise click.ClickException(
            f"Cannot listen on port {port}: {error.strerror}. Stop the program that uses it, or choose"
            f" another port: make demo PORT={other}, or iqies demo --port {other}."
        ) from None


def _submitted() -> int:
    """Submit the batch, unless the same one was submitted before: give its submission ID."""
    user = identity.find_user(SUBMITTER.user_id)
    assert user is not None
    content = demo_batch(load_host(None).specs.packs)
    known = db.session.scalar(
        select(Submission.id)
        .where(Submission.user_id == user.id, Submission.sha256 == hashlib.sha256(content).hexdigest())
        .order_by(Submission.id)
    )
    return known or receive(user, FILE_NAME, io.BytesIO(content)).id


def _processed(submission_id: int, group: ProcessGroup) -> Submission:
    """Wait until the worker is done with a submission."""
    for _ in range(int(_MOST_SECONDS / _LOOK_SECONDS)):
        db.session.rollback()
        submission = db.session.get_one(Submission, submission_id, populate_existing=True)
        if is_finished(submission):
            return submission
        if group.watch(_LOOK_SECONDS):
            raise click.Abort
    raise click.ClickException(
        f"The sample batch is not finished after {_MOST_SECONDS} seconds; the worker's messages are above."
    )


def _print_report(submission: Submission) -> None:
    click.echo()
    write_summary(Report(submission).whole(), sys.stdout)
    click.echo()


def _print_sign_in(settings: Settings, once: bool) -> None:
    if once:
        click.echo("The demonstration is ready: `iqies demo` runs its site.")
        return
    click.echo(f"The site is at {settings.site_url}/ (Ctrl-C stops it).")
    for line in ways_to_sign_in(settings.site_url):
        click.echo(line)
