"""``iqies up``, ``iqies web`` and ``iqies worker``: the processes of an installation."""

import signal
import sys
from types import FrameType

import click
from flask import Flask

from iqies_flask import create_app
from iqies_flask.cli.application import (
    load_settings,
    problems_in_words,
    require_current_database,
)
from iqies_flask.cli.processes import ProcessGroup
from iqies_flask.config import Settings, SettingsError
from iqies_flask.web_server import make_server
from iqies_flask.worker import run_worker

_host_option = click.option(
    "--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all."
)
_port_option = click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True)


@click.command()
@_host_option
@_port_option
@click.option("--threads", type=click.IntRange(min=1), default=8, show_default=True)
@problems_in_words
def web(host: str, port: int, threads: int) -> None:
    """Run the web site only.

    Put a reverse proxy that speaks HTTPS in front of it.
    """
    settings = _ready_settings()
    application = _ready_application(settings)
    signal.signal(signal.SIGTERM, _leave)
    try:
        make_server(application, settings, host, port, threads).run()
    except OSError as error:
        raise click.ClickException(
            f"Cannot listen on {host}, port {port}: {error.strerror}. Choose another port with --port, or"
            " stop the program that uses this one."
        ) from None


@click.command()
@problems_in_words
def worker() -> None:
    """Run the worker only, which processes submissions.

    Any number may run side by side. SIGTERM and Ctrl-C let it finish the record at hand; the rest of a
    submission is left to the next worker.
    """
    run_worker(_ready_application(_ready_settings()))


@click.command()
@_host_option
@_port_option
@problems_in_words
def up(host: str, port: int) -> None:
    """Run the web site and its worker together, until Ctrl-C.

    For one machine. Where the two are watched by a service manager, run `iqies web` and `iqies worker` each
    as a service of its own.
    """
    # Said once here, rather than by each of the two.
    _ready_application(_ready_settings())
    with ProcessGroup() as group:
        group.start("web", ["web", "--host", host, "--port", str(port)])
        group.start("worker", ["worker"])
        click.echo(f"iqies_flask is at http://{host}:{port}/ (Ctrl-C stops it)")
        group.watch_until_stopped()


def _ready_settings() -> Settings:
    settings = load_settings()
    require_current_database(settings)
    return settings


def _ready_application(settings: Settings) -> Flask:
    try:
        return create_app(settings)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


def _leave(_: int, __: FrameType | None) -> None:
    # waitress closes its sockets on SystemExit.
    sys.exit(0)
