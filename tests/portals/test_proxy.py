"""The proxy answers for real names, never connects outward, and logs what proves politeness."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from http.client import HTTPSConnection
from urllib.error import URLError
from urllib.request import HTTPSHandler, ProxyHandler, build_opener

import pytest

from tests.portals.client import get, status
from tests.portals.fixtures import REPLICAS, Running
from tests.portals.proxy import ReplicaServer

Start = Callable[[str], Running]


def test_unknown_hosts_are_not_reached(replica: Start) -> None:
    server = replica("dongli").server
    assert status(server, "http://www.example.gov.cn/") == 502
    with pytest.raises(URLError, match="502"):
        get(server, "https://www.example.gov.cn/")
    assert [line.status for line in server.requests("www.example.gov.cn")] == [502, 502]


def test_certificates_are_checkable(replica: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    server = replica("dongli").server
    monkeypatch.delenv("SSL_CERT_FILE")  # a serving replica is trusted by this process
    strict = build_opener(
        ProxyHandler({"https": server.proxy_url}), HTTPSHandler(context=ssl.create_default_context())
    )
    with pytest.raises(URLError, match="CERTIFICATE_VERIFY_FAILED"):
        strict.open("https://www.tjdl.gov.cn/", timeout=10)
    assert get(server, "https://www.tjdl.gov.cn/").status == 200


def test_tunnel_is_kept_open(replica: Start) -> None:
    server = replica("dongli").server
    context = ssl.create_default_context(cafile=str(server.ca_file))
    connection = HTTPSConnection("127.0.0.1", server.port, context=context, timeout=10)
    connection.set_tunnel("www.tjdl.gov.cn", 443)
    for path in ("/", "/gongkai/", "/nichts/"):
        connection.request("GET", path)
        connection.getresponse().read()
    connection.close()
    assert [line.status for line in server.requests("www.tjdl.gov.cn")] == [200, 200, 404]
    assert server.hangups == []


def test_a_client_that_goes_away_stands_in_the_log(replica: Start) -> None:
    running = replica("dongli")
    running.portal.slow("/", 0.4)
    with socket.create_connection(("127.0.0.1", running.server.port)) as raw:
        raw.sendall(b"GET http://www.tjdl.gov.cn/ HTTP/1.1\r\nHost: www.tjdl.gov.cn\r\n\r\n")
        time.sleep(0.1)
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    (line,) = running.server.requests()
    assert line.url == "http://www.tjdl.gov.cn/"
    assert line.status in {0, 200}
    assert (line.status == 0) == bool(running.server.hangups)


def test_environment_leads_here(replica: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    server = replica("nanan").server
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    assert build_opener().open("https://www.cqna.gov.cn/", timeout=10).status == 200
    assert build_opener().open("http://www.cqna.gov.cn/", timeout=10).status == 200


def test_log_proves_what_happened(replica: Start) -> None:
    running = replica("dongli")
    server, portal = running.server, running.portal
    get(server, portal.home_url).read()
    time.sleep(0.1)
    portal.slow("/gongkai/", 0.3)
    get(server, portal.url("/gongkai/")).read()
    status(server, portal.url("/nichts/"))
    lines = server.requests(portal.host)
    assert [(line.url, line.status) for line in lines] == [
        (portal.home_url, 200),
        (portal.url("/gongkai/"), 200),
        (portal.url("/nichts/"), 404),
    ]
    assert {line.user_agent for line in lines} == {"replica-test"}
    assert lines[1].ended - lines[1].began >= 0.3
    assert server.overlaps() == []
    first, second = server.gaps(portal.host)
    assert first >= 0.1
    assert second >= 0.3


def test_log_shows_two_at_once(replica: Start) -> None:
    running = replica("dongli")
    running.portal.slow("/gongkai/", 0.5)
    url = running.portal.url("/gongkai/")
    threads = [threading.Thread(target=get, args=(running.server, url)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(running.server.overlaps(running.portal.host)) == 1


def test_two_portals_on_one_server(replica: Start) -> None:
    replica("dongli")
    portals = [REPLICAS[key]() for key in ("dongli", "beichen")]
    with ReplicaServer(*portals) as server:
        assert "东丽" in get(server, "https://www.tjdl.gov.cn/").read().decode()
        assert "北辰" in get(server, "http://www.tjbc.gov.cn/").read().decode()
        assert server.overlaps() == []
