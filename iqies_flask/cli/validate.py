"""``iqies validate``: check assessment files without sending or storing anything."""

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, TextIO

import click

from iqies_flask.cli.hosts import (
    load_host,
    load_settings,
    make_validator,
    plugin_debugging_options,
    plugin_folder_option,
)
from iqies_flask.cli.progress import CountProgress
from iqies_flask.cli.sources import Source, find_sources
from iqies_flask.pipeline.offline import OfflineValidator
from iqies_flask.pipeline.report.csv import write_csv_reports
from iqies_flask.pipeline.report.model import FinalValidationReport
from iqies_flask.pipeline.report.text import write_text
from iqies_flask.pipeline.report.vut import VutEntry, write_vut
from iqies_flask.pipeline.report.xml import write_xml, write_xml_reports

CLEAN, FATAL, UNUSABLE = 0, 1, 2
"""Exit statuses."""


@click.command(
    epilog="""\b
Examples:
  iqies validate batch.zip
  iqies validate outbox/ --format csv --output report.csv
  iqies validate record.xml --format json
  cat batch.zip | iqies validate -

\b
Exit status:
  0  no fatal messages
  1  a file or a record has a fatal message: it would be rejected
  2  something was not checked: a missing file, an unreadable zip, or the
     command was interrupted before its end"""
)
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv", "xml"]),
    default="text",
    show_default=True,
    help="Form of the report. json has the shape of the CMS Validation Utility Tool's web service.",
)
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the report to this file instead of the standard output.",
)
@plugin_folder_option
@plugin_debugging_options
def validate(  # noqa: PLR0917 - click passes them by name
    paths: tuple[str, ...],
    form: str,
    output: Path | None,
    plugin_folder: Path | None,
    plugin_options: dict[str, dict[str, Any]],
    debug: bool,
) -> None:
    """Check assessments, and print what the Final Validation Report would say of them.

    PATH is a zip or an XML file, a folder (every .zip and .xml below it is checked), or - for a file on the
    standard input. Nothing is sent or stored. What only the receiving system knows (duplicates, corrections
    of earlier records, your authority for a provider) is not checked.
    """
    validator = make_validator(load_host(plugin_folder, debug=debug), load_settings(), plugin_options)
    sources = list(find_sources(paths))
    _keep_sources(sources, output)
    try:
        with _destination(output) as stream, CountProgress(shown=_has_onlooker(form, output)) as progress:
            _write(_Checks(validator, sources, progress), form, stream)
    except KeyboardInterrupt:
        click.echo("Interrupted: the report is not complete.", err=True)
        sys.exit(UNUSABLE)
    except OSError as error:
        if error.errno == errno.EPIPE:
            _forget_standard_output()
            sys.exit(UNUSABLE)
        click.echo(f"Error: {error.filename or output or 'the report'}: {error.strerror}", err=True)
        sys.exit(UNUSABLE)
    sys.exit(_exit_status(validator, sources))


class _Checks:
    """The files to check, one after the other, as reports or as entries of the VUT's answer."""

    def __init__(self, validator: OfflineValidator, sources: list[Source], progress: CountProgress) -> None:
        self._validator = validator
        self._sources = sources
        self._progress = progress

    @property
    def single(self) -> bool:
        """Whether there is just one file."""
        return len(self._sources) == 1

    @property
    def started_at(self) -> datetime:
        """Time of the checks."""
        return self._validator.now

    def reports(self) -> Iterator[FinalValidationReport]:
        """Check file by file; a report's records can be read until the next one is asked for."""
        for name, stream in self._opened():
            with self._validator.report(stream, name, self._progress.update) as report:
                self._progress.finish()
                yield report

    def entries(self) -> Iterator[VutEntry]:
        """Check file by file, record by record."""
        for name, stream in self._opened():
            yield from self._validator.vut_entries(stream, name, self._progress.update)
            self._progress.finish()

    def _opened(self) -> Iterator[tuple[str, BinaryIO]]:
        for source in self._sources:
            if source.problem:
                click.echo(f"{source.name}: {source.problem}", err=True)
                continue
            self._progress.start(source.name)
            with source.opened() as stream:
                yield source.name, stream


def _write(checks: _Checks, form: str, stream: BinaryIO) -> None:
    if form == "xml":
        if checks.single:
            for report in checks.reports():
                write_xml(report, stream)
        else:
            write_xml_reports(checks.reports(), stream)
        return
    text = io.TextIOWrapper(stream, encoding="utf-8", errors="replace", newline="")
    _write_characters(checks, form, text)
    # Leaves the standard output open.
    text.detach()


def _write_characters(checks: _Checks, form: str, stream: TextIO) -> None:
    if form == "json":
        write_vut(checks.started_at, checks.entries(), stream)
    elif form == "csv":
        write_csv_reports(checks.reports(), stream)
    else:
        for report in checks.reports():
            write_text(report, stream)
            stream.write("\n")


def _keep_sources(sources: list[Source], output: Path | None) -> None:
    """Refuse to write the report over a file that is to be checked.

    Raises:
        click.UsageError: It would be.
    """
    if output is not None and output.exists():
        for source in sources:
            if source.path is not None and not source.problem and output.samefile(source.path):
                raise click.UsageError(f"--output would overwrite {source.name}, which is to be checked.")


def _has_onlooker(form: str, output: Path | None) -> bool:
    """Whether to show progress: on a terminal, unless JSON is streamed to it at the same time."""
    streamed_there = form == "json" and output is None and sys.stdout.isatty()
    return sys.stderr.isatty() and not streamed_there


@contextmanager
def _destination(output: Path | None) -> Iterator[BinaryIO]:
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    with output.open("wb") as stream:
        yield stream


def _forget_standard_output() -> None:
    """Let what is still to be written go nowhere: whoever read it has left."""
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


def _exit_status(validator: OfflineValidator, sources: list[Source]) -> int:
    if validator.verdict.unusable or any(source.problem for source in sources):
        return UNUSABLE
    return FATAL if validator.verdict.fatal else CLEAN
