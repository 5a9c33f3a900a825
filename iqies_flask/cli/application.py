"""What the commands that need the whole application share."""

import errno
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from flask import Flask
from sqlalchemy.exc import DataError, OperationalError, ProgrammingError

from iqies_flask.access.errors import AccessError
from iqies_flask.application import assemble
from iqies_flask.config import Settings, SettingsError
from iqies_flask.identity.proofing.service import ProofingError
from iqies_flask.identity.service import IdentityError
from iqies_flask.migrations import runner
from iqies_flask.queue import QueueError

P = ParamSpec("P")
T = TypeVar("T")

_PACKAGES = {"psycopg": "'psycopg[binary]'"}
"""How pip calls a library, where it is not by its name."""


def load_settings() -> Settings:
    """Read the settings.

    Raises:
        click.ClickException: A setting is missing or wrong; the message says which.
    """
    try:
        return Settings.load()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


def load_application() -> Flask:
    """Make the application from the environment's settings, for a command of the operator.

    Not for running it: `create_app` refuses more.

    Raises:
        click.ClickException: As for `load_settings`.
    """
    settings = load_settings()
    try:
        return assemble(settings)
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


def require_current_database(settings: Settings) -> None:
    """Make sure that the database is the one that this version of the product works with.

    Raises:
        click.ClickException: It is not; the message names the command that upgrades it.
    """
    settings.make_instance_folder()
    revision = runner.current(settings.database_url)
    if revision != runner.newest():
        raise click.ClickException(
            f"The database is {'at revision ' + revision if revision else 'empty'}, and this version needs "
            f"{runner.newest()}. Run: iqies db upgrade"
        )


def problems_in_words(function: Callable[P, T]) -> Callable[P, T]:
    """Run a command, and say what to do if a setting is wrong, or what the command needs cannot be used."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except (SettingsError, QueueError) as error:
            raise click.ClickException(str(error)) from None
        except (OperationalError, ProgrammingError) as error:
            # Only the driver's own words: the rest of the text holds the statement and its values.
            raise click.ClickException(
                f"The database cannot be used ({error.orig}). Is it running and up to date? "
                "`iqies db upgrade` creates and upgrades it."
            ) from None
        except (DataError, OverflowError) as error:
            reason = error.orig if isinstance(error, DataError) else error
            raise click.ClickException(
                f"What was given does not fit into the database ({reason}). Is a number too large?"
            ) from None
        except ModuleNotFoundError as error:
            raise click.ClickException(
                f"The settings ask for {error.name}, which is not installed. Install it with: pip install "
                f"{_PACKAGES.get(error.name or '', error.name)}"
            ) from None
        except OSError as error:
            if error.errno == errno.EPIPE:
                # Who read the output has left; click ends the command.
                raise
            raise click.ClickException(
                f"{error.filename or 'A file'} cannot be used: {error.strerror or error}."
            ) from None

    return run


def in_application(function: Callable[P, T]) -> Callable[P, T]:
    """Run a command inside the application, and show the rules that it broke as plain messages."""

    @wraps(function)
    @problems_in_words
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        with load_application().app_context():
            try:
                return function(*args, **kwargs)
            except (IdentityError, ProofingError, AccessError) as error:
                raise click.ClickException(str(error)) from None

    return run
