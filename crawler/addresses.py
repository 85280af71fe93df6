"""Which network addresses may be connected to: public ones only, unless a site declares otherwise (design rule 11).

A portal's name, a redirect or a poisoned resolver may point into the network of whoever runs the crawl: to a router, a
database, a cloud's metadata service. The check is made on the address that a connection is opened to, not on a lookup
before it: a name that answers differently the second time (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import DefaultResolver

if TYPE_CHECKING:
    from aiohappyeyeballs import AddrInfoType

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressRefused(OSError):
    """A connection that must not be opened. An OSError, as the connecting libraries expect of a failed connection."""


def address_problem(address: str) -> str | None:
    """Says why an address may not be connected to, or None for a public one.

    Args:
        address: IPv4 or IPv6, a zone (``fe80::1%eth0``) allowed. What is no address is a problem, too.
    """
    try:
        ip: _Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "not an IP address"
    for inner in _inside(ip):
        if kind := _kind(inner):
            return f"a {kind} address" if inner == ip else f"the {kind} address {inner} in another form"
    return None


def _inside(ip: _Address) -> tuple[_Address, ...]:
    """The address, and the IPv4 address that an IPv6 one stands for (mapped, 6to4, Teredo, NAT64)."""
    if isinstance(ip, ipaddress.IPv4Address):
        return (ip,)
    inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
    if inner is None and ip in _NAT64:
        inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    # 64:ff9b::/96 is no public address by itself but stands for one in networks without IPv4.
    return (ip,) if inner is None else (inner,)


def _kind(ip: _Address) -> str | None:
    for name, holds in (
        ("loopback", ip.is_loopback),
        ("link-local", ip.is_link_local),
        ("multicast", ip.is_multicast),
        ("unspecified", ip.is_unspecified),
        ("private", ip.is_private),
        ("reserved", ip.is_reserved),
        ("shared or special", not ip.is_global),  # 100.64.0.0/10 of carriers is neither private nor global
    ):
        if holds:
            return name
    return None


def public_socket(info: AddrInfoType) -> socket.socket:
    """Makes the socket of one connection; aiohttp's ``socket_factory``, the last place that knows the real address.

    Raises:
        AddressRefused: The address is not public.
    """
    family, kind, protocol, _, where = info
    _refuse(str(where[0]), str(where[0]))
    return socket.socket(family=family, type=kind, proto=protocol)


class PublicResolver(AbstractResolver):
    """Resolves names, leaving out what may not be connected to, so that the refusal can name the host."""

    def __init__(self) -> None:
        self._inner = DefaultResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The public addresses of a host.

        Raises:
            AddressRefused: It has none that is public.
            OSError: It has no address at all.
        """
        found = await self._inner.resolve(host, port, family)
        public = [result for result in found if address_problem(result["host"]) is None]
        if not public and found:
            _refuse(found[0]["host"], host)
        return public

    async def close(self) -> None:
        """Gives the resolver's resources back."""
        await self._inner.close()


def _refuse(address: str, host: str) -> None:
    if problem := address_problem(address):
        shown = host if host == address else f"{host} is {address},"
        raise AddressRefused(
            f"{shown} {problem}: not connected to"
            " (if the portal really stands there, name its host in private_hosts of the site file)"
        )
