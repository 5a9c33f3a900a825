"""The databases of the application and of the work queue."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from iqies_flask.config.errors import SettingsError
from iqies_flask.config.variables import variable

if TYPE_CHECKING:
    from iqies_flask.config.settings import Settings

_QUEUE_SCHEME = "postgresql://"
_DATABASE_SCHEMES = ("sqlite:///", "postgresql+psycopg://")


def check(settings: "Settings") -> None:
    """Refuse addresses at which no database can be.

    Raises:
        SettingsError: There is such an address.
    """
    if settings.queue_url and not settings.queue_url.startswith(_QUEUE_SCHEME):
        raise SettingsError(f"{variable('queue_url')} must be empty or start with {_QUEUE_SCHEME}.")
    for name in ("database_url", "queue_url"):
        _check_port(settings, name)


def database_url(url: str, instance: Path) -> str:
    """Write the URL of the database with its driver; by default it is a file in the instance folder.

    Raises:
        SettingsError: The product knows no such database.
    """
    if not url:
        return f"sqlite:///{instance / 'iqies.db'}"
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            url = "postgresql+psycopg://" + url.removeprefix(scheme)
    if not url.startswith(_DATABASE_SCHEMES):
        # The URL is not shown: it holds a password.
        raise SettingsError(f"{variable('database_url')} must be empty or start with postgresql://.")
    return url


def _check_port(settings: "Settings", name: str) -> None:
    try:
        usable = urlsplit(getattr(settings, name)).port != 0
    except ValueError:
        usable = False
    if not usable:
        # The URL is not shown: it holds a password.
        raise SettingsError(
            f"The host or the port in {variable(name)} cannot be read. It must be like"
            " postgresql://user:password@host:5432/name; what is special in the password is written as %40"
            " and the like."
        )
