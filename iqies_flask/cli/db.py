"""``iqies db``: creating and upgrading the database."""

import sys

import click
from sqlalchemy.engine import make_url

from iqies_flask.assessments.locators import add_missing_locators
from iqies_flask.cli.application import (
    in_application,
    load_application,
    load_settings,
    problems_in_words,
    require_current_database,
)
from iqies_flask.cli.progress import CountProgress
from iqies_flask.migrations import runner
from iqies_flask.reencryption import reencrypt
from iqies_flask.reference.service import current_reference


@click.group(
    epilog="""\b
Examples:
  iqies db upgrade      after installing and after every upgrade
  iqies db check        exits 1 if the database is not up to date
  iqies db re-encrypt   after putting a new key in front of the encryption keys"""
)
def db() -> None:
    """Create and upgrade the database."""


@db.command("upgrade")
@problems_in_words
def upgrade() -> None:
    """Create the database, or bring it up to date. Changes nothing where it is."""
    settings = load_settings()
    settings.make_instance_folder()
    runner.upgrade(settings.database_url)
    with load_application().app_context():
        found = add_missing_locators(current_reference().specs)
    if found:
        click.echo(f"{found:,} stored records can now be found by corrections.")
    click.echo(f"{_shown(settings.database_url)} is up to date ({runner.newest()}).")


@db.command("current")
@problems_in_words
def current() -> None:
    """Show the database's revision, and the newest one."""
    settings = load_settings()
    settings.make_instance_folder()
    click.echo(f"database: {runner.current(settings.database_url) or 'empty'}")
    click.echo(f"newest:   {runner.newest()}")


@db.command("check")
@problems_in_words
def check() -> None:
    """Exit with status 1 if the database is not up to date."""
    require_current_database(load_settings())
    click.echo("The database is up to date.")


@db.command("re-encrypt")
@in_application
def re_encrypt() -> None:
    """Encrypt everything with the first of the encryption keys, so that the others can be retired.

    May run beside the site, and again after it was interrupted. Ends with status 1 if there is anything that
    none of the keys decrypts.
    """
    with CountProgress(shown=sys.stderr.isatty()) as progress:
        progress.start("database")
        outcome = reencrypt(progress.update)
    click.echo(f"Values encrypted anew: {outcome.renewed:,}. The others are of the first key already.")
    if outcome.lost:
        where = ", ".join(f"{name} ({number:,})" for name, number in sorted(outcome.lost.items()))
        raise click.ClickException(
            f"What none of the keys in IQIES_ENCRYPTION_KEYS decrypts was left as it is: {where}."
        )


def _shown(database_url: str) -> str:
    return make_url(database_url).render_as_string(hide_password=True)
