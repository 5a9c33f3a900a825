"""Where the site is reached, and what security keys are bound to."""

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from iqies_flask.config.environment import Environment
from iqies_flask.config.errors import SettingsError
from iqies_flask.config.variables import variable
from iqies_flask.origins import OriginError, host_name, is_number, origin_of

if TYPE_CHECKING:
    from iqies_flask.config.settings import Settings

_DEMO_SITE = "http://localhost:8000"
_HOST = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?")


def check(settings: "Settings") -> None:
    """Refuse origins whose pages could use no security key, and hosts that cannot be any.

    Raises:
        SettingsError: There are some.
    """
    _check_webauthn(settings)
    _check_trusted_hosts(settings)


def site_url(url: str, environment: Environment) -> str:
    """Write the address of the site as browsers write it; a demonstration has one by default.

    Raises:
        SettingsError: It is none, or security keys would not work there.
    """
    if not url and environment is Environment.DEMO:
        return _DEMO_SITE
    try:
        origin = origin_of(url)
    except OriginError as error:
        problem = str(error)
    else:
        problem = _problem_in_production(origin) if environment is Environment.PRODUCTION else ""
    if problem:
        raise SettingsError(
            f"{variable('site_url')} must be the address of the site, such as https://iqies.example.org:"
            f" {problem}. It stands in e-mails, and security keys are bound to it."
        )
    return origin


def webauthn_origins(urls: tuple[str, ...], environment: Environment) -> tuple[str, ...]:
    """Write origins as browsers write them.

    Raises:
        SettingsError: One is none, or security keys would not work there.
    """
    origins = []
    for number, url in enumerate(urls, start=1):
        try:
            origins.append(origin_of(url))
        except OriginError as error:
            problem = str(error)
        else:
            problem = _problem_in_production(origins[-1]) if environment is Environment.PRODUCTION else ""
        if problem:
            raise SettingsError(
                f"Entry {number} of {variable('webauthn_origins')} must be like https://iqies.example.org:"
                f" {problem}."
            )
    return tuple(origins)


def webauthn_rp_id(domain: str) -> str:
    """Write a domain as browsers write it.

    Raises:
        SettingsError: It is none.
    """
    try:
        return host_name(domain) if domain else ""
    except OriginError:
        raise SettingsError(
            f"{variable('webauthn_rp_id')} is {domain!r}, and must be a domain such as example.org."
        ) from None


def _problem_in_production(origin: str) -> str:
    parts = urlsplit(origin)
    if parts.scheme != "https":
        return "browsers give security keys over https:// only"
    if is_number(parts.hostname or ""):
        return "browsers give security keys to a name, not to a number"
    return ""


def _check_webauthn(settings: "Settings") -> None:
    for origin in settings.origins:
        host = urlsplit(origin).hostname or ""
        if host == settings.rp_id:
            continue
        if not host.endswith(f".{settings.rp_id}"):
            raise SettingsError(
                f"{variable('webauthn_origins')} names {origin!r}, which does not belong to the domain "
                f"{settings.rp_id!r} that security keys are bound to ({variable('webauthn_rp_id')})."
            )
        if "." not in settings.rp_id:
            raise SettingsError(
                f"{variable('webauthn_rp_id')} is {settings.rp_id!r}, which belongs to everybody: browsers "
                f"bind no security key to it. It can be {host!r}, or a domain above that"
                " which has a name of its own."
            )


def _check_trusted_hosts(settings: "Settings") -> None:
    for host in settings.trusted_hosts:
        if not _HOST.fullmatch(host) and not _is_address(host):
            raise SettingsError(
                f"{variable('trusted_hosts')} names {host!r}. It must hold names or addresses of hosts,"
                " without https:// and port, such as monitor.example.org."
            )


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
