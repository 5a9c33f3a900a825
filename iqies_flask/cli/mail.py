"""``iqies mail``: the e-mail that is not sent."""

import click

from iqies_flask.cli.application import in_application
from iqies_flask.cli.tables import print_table
from iqies_flask.current import current_settings
from iqies_flask.database import utc_now
from iqies_flask.mail import service, tasks
from iqies_flask.mail.delivery import FOLDER
from iqies_flask.mail.models import MessageState
from iqies_flask.mail.sending import send_now


@click.group(
    epilog="""\b
Examples:
  iqies mail test operator@example.org    see whether e-mail arrives
  iqies mail list
  iqies mail retry"""
)
def mail() -> None:
    """See which e-mail is not sent, and try it again."""


@mail.command("list")
@in_application
def list_() -> None:
    """List the messages that wait or were given up. Neither addresses nor contents are shown."""
    rows = [
        (
            str(message.id),
            message.template,
            message.state.value,
            f"{message.created_at:%Y-%m-%d %H:%M} UTC",
            str(message.attempts),
            message.problem,
        )
        for message in service.list_unsent()
    ]
    print_table(
        ("Message", "Template", "State", "Written", "Attempts", "Problem"), rows, empty="All e-mail is sent."
    )


@mail.command("retry")
@in_application
def retry() -> None:
    """Have every message that is not sent tried now, those given up among them."""
    number = service.retry()
    if not number:
        click.echo("All e-mail is sent.")
        return
    tasks.wake()
    click.echo(f"{number} message{' is' if number == 1 else 's are'} tried again by the worker.")


@mail.command("test")
@click.argument("address")
@in_application
def test(address: str) -> None:
    """Send a message to an address, and say what came of it."""
    try:
        message = send_now(address, "test", at=utc_now())
    except ValueError:
        raise click.ClickException(f"{address} is no e-mail address.") from None
    if message.state is not MessageState.SENT:
        raise click.ClickException(message.problem)
    settings = current_settings()
    if settings.mail_url:
        click.echo("The mail server took the message.")
    else:
        click.echo(
            f"IQIES_MAIL_URL names no mail server. The message is in {settings.instance_folder / FOLDER}."
        )
