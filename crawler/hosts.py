"""One function decides which addresses may be fetched for a site."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def host_problem(url: str, hosts: tuple[str, ...]) -> str | None:
    """Says why a URL may not be fetched for a site, or None.

    Args:
        url: Absolute.
        hosts: Declared hosts, lower case, a port being part of the host.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        port = parts.port
    except ValueError as error:
        return f"not a usable address: {error}"
    if parts.scheme not in ("http", "https"):
        return f"scheme {parts.scheme or 'none'} is never fetched"
    if parts.username or parts.password:
        return "address with a user name in it"
    full = host if port in (None, 80, 443) else f"{host}:{port}"
    if full in hosts:
        return None
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return f"{full or 'no host'} is not a declared host of this site"
    return f"bare address {host} is not a declared host of this site"


def names_address(url: str) -> bool:
    """True for a URL whose host is an IP address, not a name."""
    try:
        ipaddress.ip_address((urlsplit(url).hostname or "").partition("%")[0])
    except ValueError:
        return False
    return True
