"""What the commands that need the whole application share."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from flask import Flask

from iqies_flask import create_app
from iqies_flask.access.service import AccessError
from iqies_flask.config import SettingsError
from iqies_flask.identity.service import IdentityError

P = ParamSpec("P")
T = TypeVar("T")


def load_application() -> Flask:
    """Make the application from the environment's settings.

    Raises:
        click.ClickException: A setting is missing or wrong; the message says which.
    """
    try:
        return create_app()
    except SettingsError as error:
        raise click.ClickException(str(error)) from None


def in_application(function: Callable[P, T]) -> Callable[P, T]:
    """Run a command inside the application, and show the rules that it broke as plain messages."""

    @wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> T:
        with load_application().app_context():
            try:
                return function(*args, **kwargs)
            except (IdentityError, AccessError) as error:
                raise click.ClickException(str(error)) from None

    return run
