"""Origins of web pages, written as browsers write them: a security key's answer names one, to the letter."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


class OriginError(ValueError):
    """It is no origin; the message says what is wrong, without what was given: that may hold a password."""


def origin_of(url: str) -> str:
    """Write an address without a path as the origin that a browser makes of it.

    In lower case, without slash at the end, without the port that the scheme has anyway.

    Args:
        url: Such as ``https://IQIES.example.org:443/``.

    Raises:
        OriginError: It is more than an origin, or none.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise OriginError("its host or port cannot be read") from None
    scheme, host = parts.scheme, host_name(parts.hostname or "")
    if scheme not in _DEFAULT_PORTS:
        raise OriginError("it must begin with https://")
    if "@" in parts.netloc:
        raise OriginError("it must not hold a user or a password")
    if parts.path.strip("/") or any(mark in url for mark in "?#"):
        raise OriginError("nothing may follow the host and the port")
    if ":" in host:
        host = f"[{host}]"
    return f"{scheme}://{host}" if port in (None, _DEFAULT_PORTS[scheme]) else f"{scheme}://{host}:{port}"


def host_name(host: str) -> str:
    """Write a host as browsers do: in lower case, letters beyond ASCII as Punycode.

    Raises:
        OriginError: It is no host.
    """
    if is_number(host):
        return host
    try:
        name = host.encode("idna").decode().lower()
    except UnicodeError:
        name = ""
    if not _HOST_NAME.fullmatch(name):
        raise OriginError("it names no host")
    return name


def is_number(host: str) -> bool:
    """Whether a host is an IP address, to which no security key can be bound."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
