"""``iqies submission``: submissions that wait for the operator."""

import click
from sqlalchemy import select

from iqies_flask.cli.application import in_application
from iqies_flask.cli.tables import print_table
from iqies_flask.database import LARGEST_NUMBER
from iqies_flask.extensions import db
from iqies_flask.submissions import lease, tasks
from iqies_flask.submissions.models import STATE_LABELS, UNFINISHED, State, Submission


@click.group(
    epilog="""\b
Examples:
  iqies submission list
  iqies submission retry 1000001"""
)
def submission() -> None:
    """See what is not finished, and have it tried again."""


@submission.command("list")
@in_application
def list_() -> None:
    """List the submissions that are not finished, those that wait for you among them."""
    found = db.session.scalars(
        select(Submission)
        .where(Submission.state.in_([*UNFINISHED, State.NEEDS_ATTENTION]))
        .order_by(Submission.id)
    )
    rows = [
        (
            str(entry.id),
            STATE_LABELS[entry.state],
            f"{entry.received_at:%Y-%m-%d %H:%M} UTC",
            f"{entry.processed} of {'?' if entry.record_count is None else entry.record_count}",
        )
        for entry in found
    ]
    print_table(("Submission", "Status", "Received", "Records"), rows, empty="Every submission is finished.")


@submission.command("retry")
@click.argument("submission_id", type=click.IntRange(1, LARGEST_NUMBER))
@in_application
def retry(submission_id: int) -> None:
    """Have a submission tried again that waits for you. It goes on behind its last finished record."""
    if not lease.try_again(submission_id):
        raise click.ClickException(f"There is no submission {submission_id} that waits for you.")
    tasks.wake(submission_id)
    click.echo(f"Submission {submission_id} is tried again.")
