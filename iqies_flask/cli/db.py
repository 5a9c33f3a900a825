"""``iqies db``: creating and upgrading the database."""

import click
from sqlalchemy.engine import make_url

from iqies_flask.assessments.locators import add_missing_locators
from iqies_flask.cli.application import (
    load_application,
    load_settings,
    problems_in_words,
    require_current_database,
)
from iqies_flask.migrations import runner
from iqies_flask.reference.service import current_reference


@click.group(
    epilog="""\b
Examples:
  iqies db upgrade      after installing and after every upgrade
  iqies db check        exits 1 if the database is not up to date"""
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


def _shown(database_url: str) -> str:
    return make_url(database_url).render_as_string(hide_password=True)
