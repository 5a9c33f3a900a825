"""``iqies watch``: check every file that arrives in a folder, and leave its results in another."""

import hashlib
import ipaddress
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import click

from iqies_flask.cli.hosts import load_host, load_settings, make_validator, plugin_folder_option
from iqies_flask.cli.inbox import Inbox
from iqies_flask.cli.outbox import Outbox, results_name
from iqies_flask.pipeline.file_names import display_name
from iqies_flask.pipeline.intake import IntakeLimits
from iqies_flask.pipeline.limits import size_in_words
from iqies_flask.pipeline.report.vut import VutEntry
from iqies_flask.pipeline.report.vut_results import CheckedFile, Tally

CLEAN, FATAL, PROBLEM, INTERRUPTED = 0, 1, 2, 130
"""Exit statuses."""

Check = Callable[[BinaryIO, str], Iterable[VutEntry]]
"""Checks an open file of a name, and gives the entries of the VUT's answer."""


class UncheckableFileError(Exception):
    """A file cannot be checked as it is; the text says why."""


class UnavailableError(Exception):
    """No file can be checked now; the text says why."""


@click.command(
    epilog="""\b
Examples:
  iqies watch inbox/ results/
  iqies watch inbox/ results/ --server https://iqies.example.org --interval 10
  iqies watch inbox/ results/ --once

\b
Exit status with --once (without, it is 0 when you stop it):
  0  no fatal messages
  1  a file that was checked now has fatal messages
  2  a file could not be checked, or is still being written"""
)
@click.argument("inbox", metavar="IN", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("outbox", metavar="OUT", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--server",
    metavar="URL",
    help="Have the files checked by the Validation Utility Tool of this server. Without it nothing leaves "
    "this machine.",
)
@click.option(
    "--in-clear",
    is_flag=True,
    help="Send files to a server without https that is not this machine. Everybody on the way can read them.",
)
@click.option(
    "--interval",
    type=click.FloatRange(min=0.05),
    default=2.0,
    show_default=True,
    metavar="SECONDS",
    help="Time between two looks into the folder. A file that is the same at two looks is complete.",
)
@click.option("--once", is_flag=True, help="Check what is there, then end.")
@plugin_folder_option
def watch(
    *,
    inbox: Path,
    outbox: Path,
    server: str | None,
    in_clear: bool,
    interval: float,
    once: bool,
    plugin_folder: Path | None,
) -> None:
    """Check each .xml and .zip file that arrives in the folder IN, and write NAME_results.xml into OUT.

    The results hold the messages, or "Accepted". A file is checked once, also when this command is started
    again; if its content changes, it is checked again. Ctrl-C stops.
    """
    check = _on_server(server, in_clear=in_clear) if server else _offline(plugin_folder)
    # Offline a file that is too large gets results that say so.
    largest = IntakeLimits().upload_bytes if server else None
    try:
        outbox.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.ClickException(f"{outbox} cannot be made: {error.strerror}.") from None
    listener = Listener(Inbox(inbox), Outbox(outbox), check, largest)
    try:
        with _terminable():
            if once:
                listener.look()
                time.sleep(interval)
                listener.look()
                sys.exit(listener.exit_status())
            click.echo(f"Watching {inbox}; results go to {outbox}. Ctrl-C stops.")
            while True:
                listener.look()
                time.sleep(interval)
    except KeyboardInterrupt:
        click.echo("Stopped.")
        sys.exit(INTERRUPTED if once else CLEAN)


class Listener:
    """Takes files from an inbox, has them checked, and leaves the results in an outbox."""

    def __init__(self, inbox: Inbox, outbox: Outbox, check: Check, largest: int | None) -> None:
        """Connect the folders.

        Args:
            inbox: Where files arrive.
            outbox: Where results go.
            check: How files are checked.
            largest: Size in bytes beyond which a file is not even read; None where `check` decides.
        """
        self._inbox = inbox
        self._outbox = outbox
        self._check = check
        self._largest = largest
        self._problems: dict[str, str] = {}
        self._fatal = False

    def look(self) -> None:
        """Check every file that is complete and not checked yet. Problems are told, and none ends this."""
        seen = dict(self._problems)
        self._problems.clear()
        try:
            for path in self._inbox.look():
                self._check_file(path)
        except UnavailableError as error:
            self._problems[""] = str(error)
        except OSError as error:
            self._problems[str(self._inbox.folder)] = error.strerror or str(error)
        for name, problem in self._problems.items():
            # Once, not at each look.
            if seen.get(name) != problem:
                click.echo(f"{name}: {problem}" if name else problem, err=True)

    def exit_status(self) -> int:
        """What the files came to, for scripts."""
        for path in self._inbox.arriving:
            click.echo(f"{display_name(path.name)}: it is still being written", err=True)
        if self._problems or self._inbox.arriving:
            return PROBLEM
        return FATAL if self._fatal else CLEAN

    def _check_file(self, path: Path) -> None:
        # Names may hold line breaks, control characters, and bytes that are no text.
        name = display_name(path.name)
        try:
            stream = path.open("rb")
        except FileNotFoundError:
            return
        except OSError as error:
            self._problems[name] = error.strerror or str(error)
            return
        with stream:
            try:
                self._refuse_too_large(stream)
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
                file = CheckedFile(results_name(path.name), digest)
                stream.seek(0)
                if not self._outbox.has(file):
                    place, tally = self._outbox.write(file, self._check(stream, name))
                    self._fatal |= tally.fatal > 0
                    click.echo(f"{name}: {_in_words(tally)}; {place.name}")
            except UncheckableFileError as error:
                self._problems[name] = str(error)
            except OSError as error:
                self._problems[name] = f"it could not be checked: {error.strerror or error}"
                return
        self._inbox.settle(path)

    def _refuse_too_large(self, stream: BinaryIO) -> None:
        size = os.fstat(stream.fileno()).st_size
        if self._largest is not None and size > self._largest:
            limit = size_in_words(self._largest)
            raise UncheckableFileError(f"it has {size_in_words(size)}; at most {limit} are sent")


def _in_words(tally: Tally) -> str:
    if tally.fatal:
        return f"{tally.fatal} of {tally.entries} with fatal messages"
    if tally.warned:
        return f"{tally.warned} of {tally.entries} with warnings"
    return "accepted"


def _offline(plugin_folder: Path | None) -> Check:
    host, settings = load_host(plugin_folder), load_settings()

    def check(stream: BinaryIO, file_name: str) -> Iterator[VutEntry]:
        # Made anew for each file: the command may run for weeks, and edits ask for today's date.
        return make_validator(host, settings).vut_entries(stream, file_name)

    return check


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _on_server(server: str, *, in_clear: bool) -> Check:
    # Imported only where it is needed: checking offline must not wait for it.
    from iqies_flask.cli.vut_client import RefusedFileError, ServerError, VutClient  # noqa: PLC0415

    address = urlsplit(server)
    if address.scheme not in {"http", "https"}:
        raise click.UsageError("--server must be an address such as https://iqies.example.org")
    if address.scheme == "http" and not (in_clear or _is_this_machine(address.hostname or "")):
        raise click.UsageError(
            f"{server} is not encrypted: the persons' names and social security numbers could be read on the "
            "way. Use its https address; in a network of your own, --in-clear sends them all the same."
        )
    client = VutClient(server)

    def check(stream: BinaryIO, file_name: str) -> list[VutEntry]:
        try:
            return client.check(stream.read(), file_name)
        except RefusedFileError as error:
            raise UncheckableFileError(str(error)) from None
        except ServerError as error:
            raise UnavailableError(str(error)) from None

    return check


@contextmanager
def _terminable() -> Iterator[None]:
    """Have SIGTERM end the command as Ctrl-C does, also where the parent process ignores Ctrl-C."""
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, signal.default_int_handler) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
