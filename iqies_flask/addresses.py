"""Addresses of browsers, where attempts from them are counted."""

import ipaddress

_HOME = 64
"""Bits of an IPv6 address that a provider assigns; its customer changes the rest at will."""


def network_of(address: str) -> str:
    """Say where attempts from an address belong: to the address itself, or to its network of IPv6.

    Args:
        address: As the server has it; what is no address is its own network.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found.packed, _HOME), strict=False))
