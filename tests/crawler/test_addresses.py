from __future__ import annotations

import asyncio
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.addresses import AddressRefused, PublicResolver, address_problem, public_socket


@pytest.mark.parametrize(
    "address", ["111.30.85.1", "2408:8719:1100::5", "64:ff9b::6f1e:5501", "2002:6f1e:5501::1"]
)
def test_public_addresses_are_connected_to(address: str) -> None:
    assert address_problem(address) is None


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("127.0.0.1", "loopback"),
        ("127.8.9.1", "loopback"),
        ("::1", "loopback"),
        ("10.1.2.3", "private"),
        ("172.16.0.9", "private"),
        ("192.168.1.1", "private"),
        ("fd00::17", "private"),
        ("169.254.169.254", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("100.64.3.4", "shared"),
        ("198.18.0.7", "private"),
        ("224.0.0.251", "multicast"),
        ("ff02::1", "multicast"),
        ("0.0.0.0", "unspecified"),
        ("::", "unspecified"),
        ("255.255.255.255", "private"),
        ("240.0.0.1", "private"),
        ("::ffff:10.0.0.1", "private"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:169.254.169.254", "link-local"),
        ("2002:7f00:1::", "loopback"),
        ("64:ff9b::a00:1", "private"),
        ("2001:db8::1", "private"),
        ("www.example.gov.cn", "not an IP"),
        ("", "not an IP"),
    ],
)
def test_no_other_address_is(address: str, says: str) -> None:
    assert says in (address_problem(address) or "")


@given(st.ip_addresses())
def test_every_address_has_an_answer(address: object) -> None:
    problem = address_problem(str(address))
    assert problem is None or problem


def test_the_socket_itself_is_refused() -> None:
    """The last gate: whatever was resolved before, this is the address that would be connected to."""
    with pytest.raises(AddressRefused, match=r"169\.254\.169\.254, a link-local|link-local address"):
        public_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 80)))
    public_socket((socket.AF_INET, socket.SOCK_STREAM, 6, "", ("111.30.85.1", 80))).close()


def test_a_name_with_a_public_and_a_private_address_keeps_the_public_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def resolved(self: object, host: str, port: int = 0, family: int = 0) -> list[dict[str, object]]:
        mixed = {"mixed": ["10.0.0.1", "111.30.85.1"], "inside": ["10.0.0.1", "192.168.0.1"]}[host]
        return [
            {"hostname": host, "host": ip, "port": port, "family": family, "proto": 6, "flags": 0}
            for ip in mixed
        ]

    async def go() -> None:
        resolver = PublicResolver()
        monkeypatch.setattr(type(resolver._inner), "resolve", resolved)
        assert [found["host"] for found in await resolver.resolve("mixed", 80)] == ["111.30.85.1"]
        with pytest.raises(AddressRefused, match=r"inside is 10\.0\.0\.1, a private address"):
            await resolver.resolve("inside", 80)
        await resolver.close()

    asyncio.run(go())
