"""Where e-mail goes and comes from, and whom it and the pages send people to."""

from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import parseaddr
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from iqies_flask.config.errors import SettingsError
from iqies_flask.config.variables import variable

if TYPE_CHECKING:
    from iqies_flask.config.settings import Settings

_MAIL_SCHEMES = {"smtp", "smtps"}


def check(settings: "Settings") -> None:
    """Refuse what is no mail server and no address, and a help desk that cannot be shown.

    Raises:
        SettingsError: There is such a setting.
    """
    _check_mail(settings)
    _check_service_center(settings)


def _check_mail(settings: "Settings") -> None:
    parts = urlsplit(settings.mail_url)
    try:
        usable = parts.scheme in _MAIL_SCHEMES and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if settings.mail_url and not usable:
        # The URL is not shown: it holds a password.
        raise SettingsError(
            f"{variable('mail_url')} must be empty or like smtp://user:password@host:587 or "
            "smtps://user:password@host:465."
        )
    try:
        Address(addr_spec=parseaddr(settings.mail_from)[1])
        if not settings.mail_from.isprintable():
            raise ValueError
    except (IndexError, ValueError):
        raise SettingsError(
            f"{variable('mail_from')} is {settings.mail_from!r}, and must be an address such as "
            "'iQIES Flask <no-reply@example.org>'."
        ) from None


def _check_service_center(settings: "Settings") -> None:
    for name in ("service_center_name", "service_center_phone"):
        if not getattr(settings, name).isprintable():
            raise SettingsError(f"{variable(name)} must be one line of text.")
    if not settings.service_center_name:
        raise SettingsError(f"{variable('service_center_name')} must not be empty.")
    if settings.service_center_email:
        try:
            Address(addr_spec=settings.service_center_email)
        except (ValueError, IndexError, HeaderParseError):
            raise SettingsError(
                f"{variable('service_center_email')} is {settings.service_center_email!r}, and must be an"
                " address such as help@iqies.example.org."
            ) from None
