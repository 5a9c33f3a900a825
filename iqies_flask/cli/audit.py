"""``iqies audit``: the audit log."""

import sys
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import click

from iqies_flask.audit import chain
from iqies_flask.audit.chain import Fault, Point, Verification
from iqies_flask.audit.models import AuditEntry, Outcome
from iqies_flask.audit.search import find_all
from iqies_flask.cli.application import in_application
from iqies_flask.cli.progress import CountProgress
from iqies_flask.cli.tables import print_table
from iqies_flask.current import current_settings
from iqies_flask.service_center.audit_log import wanted

_DAY = click.DateTime(["%Y-%m-%d"])
_EXPLANATIONS = {
    Fault.ALTERED: "Entry {number} is not as it was written: it was altered, or put in place of another one.",
    Fault.MISSING: "Entry {number} is missing, and later ones are there: it was taken out.",
    Fault.CUT_OFF: "Entry {number} is missing, and all after it: the log was cut off, or the database is an "
    "older copy.",
    Fault.ADDED: "Entry {number} was not written by this product.",
    Fault.HEAD: "The note of where the log ends was altered; entry {number} is the last.",
    Fault.NOT_AS_NOTED: "Entry {number} is not the one that was noted: the log was written anew, or belongs "
    "to another database.",
}


class _PointType(click.ParamType[Point]):
    name = "NUMBER:HASH"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Point:
        try:
            return value if isinstance(value, Point) else Point.read(value)
        except ValueError:
            self.fail("is not what `iqies audit verify` prints, such as 12:3f…", param, ctx)


@click.group(
    epilog="""\b
Examples:
  iqies audit list --user test.submitter --from 2026-11-01
  iqies audit list --action sign_in --outcome failed
  iqies audit verify
  iqies audit verify --expect 1204:9c1f..."""
)
def audit() -> None:
    """Read the audit log, and check that nobody changed it."""


@audit.command("verify")
@click.option(
    "--expect",
    "noted",
    type=_PointType(),
    help="What an earlier run printed and you noted elsewhere: shows that the database was not set back.",
)
@in_application
def verify(noted: Point | None) -> None:
    """Check every entry of the log. Exits with status 1 if one was altered, is missing or was added.

    Prints the number of the last entry and its hash. Note both away from this machine: whoever can replace
    the whole database can replace the log with an older one, and only what you noted shows that.
    """
    total = chain.length()
    with CountProgress(shown=sys.stderr.isatty()) as progress:
        progress.start("audit log")
        verdict = chain.verify(noted, lambda done: progress.update(done, total))
    if verdict.fault is not None:
        raise click.ClickException(_in_words(verdict, verdict.fault))
    click.echo(f"All {verdict.end.number} entries are as they were written.")
    click.echo(str(verdict.end))


@audit.command("list")
@click.option("--user", "user_id", default="", help="Acting or acted upon; also `command line` and `system`.")
@click.option("--action", default="", help="Such as sign_in.key, or sign_in for all of its kind.")
@click.option("--object", "thing", default="", help="Such as `submission 1000001`, or one of the two.")
@click.option("--outcome", type=click.Choice([outcome.value for outcome in Outcome]), default=None)
@click.option("--from", "since", type=_DAY, help="First day, in the installation's time zone.")
@click.option("--to", "until", type=_DAY, help="Last day.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True)
@in_application
def list_(  # noqa: PLR0917 - click passes them by name
    user_id: str,
    action: str,
    thing: str,
    outcome: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
) -> None:
    """List entries, the newest first."""
    asked = wanted(
        user_id=user_id,
        action=action,
        thing=thing,
        outcome=outcome or "",
        since=since.date() if since else None,
        until=until.date() if until else None,
        zone=current_settings().zone,
    )
    print_table(
        ("Entry", "At", "Actor", "Address", "Action", "Object", "Outcome", "Facts"),
        [_row(entry) for entry in islice(find_all(asked), limit)],
        empty="There is no such entry.",
    )


def _row(entry: AuditEntry) -> tuple[str, ...]:
    return (
        str(entry.number),
        f"{entry.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
        entry.actor,
        entry.address,
        entry.action,
        f"{entry.object_type} {entry.object_id}".strip(),
        entry.outcome.value,
        entry.detail,
    )


def _in_words(verdict: Verification, fault: Fault) -> str:
    sound = f"The {verdict.end.number} entries before it are in order." if verdict.end.number else ""
    if fault in {Fault.HEAD, Fault.NOT_AS_NOTED, Fault.ADDED}:
        sound = ""
    return f"{_EXPLANATIONS[fault].format(number=verdict.number)} {sound}".strip()
