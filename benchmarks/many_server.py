"""Hundreds of portals in a process of their own: a proxy on loopback that answers quickly and measures who asks how."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import defaultdict
from itertools import pairwise

from benchmarks.portal import COLUMN, HOST, BenchPortal
from crawler.sample.server import Request

DOMAIN = "many.example"
CONTROL = f"http://control.{DOMAIN}/"
ROBOTS = b"User-agent: *\nDisallow: /search/\n"
_COLUMN = COLUMN.partition(HOST)[2]
_MARK = "号存档".encode()


def host(number: int) -> str:
    """The host of a portal."""
    return f"p{number:03d}.{DOMAIN}"


def column(number: int) -> str:
    """Where its reports are listed."""
    return f"http://{host(number)}{_COLUMN}"


class Portals:
    """The same pages at every host, each text with its portal's number in it.

    Args:
        pages: List pages and articles of one portal.
    """

    def __init__(self, pages: int) -> None:
        articles = next(n for n in range(pages, 0, -1) if n + -(-n // 50) <= pages)
        portal = BenchPortal(articles)
        self.articles = articles
        self.pages = {path: body.replace(HOST.encode(), b"@@HOST@@") for path, body in portal.pages.items()}
        self.missing = portal(Request(url="", host="", path="/none", query="", headers={})).body
        self.reset()

    def reset(self) -> None:
        """Forgets what was asked."""
        self.asked: dict[str, list[float]] = defaultdict(list)
        self.now: dict[str, int] = defaultdict(int)
        self.most: dict[str, int] = defaultdict(int)

    def report(self) -> dict[str, float]:
        """What the portals saw."""
        gaps = sorted(later - earlier for times in self.asked.values() for earlier, later in pairwise(times))
        return {
            "requests": sum(map(len, self.asked.values())),
            "hosts": len(self.asked),
            "least_gap": gaps[0] if gaps else 0.0,
            "median_gap": gaps[len(gaps) // 2] if gaps else 0.0,
            "most_at_once": max(self.most.values(), default=0),
        }

    def body(self, asked: str, path: str) -> bytes | None:
        """A page."""
        if path == "/robots.txt":
            return ROBOTS
        page = self.pages.get(path)
        if page is None:
            return None
        name = asked.partition(".")[0].encode()
        return page.replace(_MARK, b"\xe5\x8f\xb7" + name + _MARK).replace(b"@@HOST@@", asked.encode())


class Connection(asyncio.Protocol):
    """HTTP/1.1 with keep-alive; GET only."""

    def __init__(self, portals: Portals, latency: float) -> None:
        self._portals = portals
        self._latency = latency
        self._received = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the way back."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answers every whole request."""
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            self._asked(head)

    def _asked(self, head: bytes) -> None:
        lines = head.decode("latin-1").split("\r\n")
        url = lines[0].split(" ")[1]
        fields = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        asked, _, path = url.removeprefix("http://").partition("/")
        if url.startswith(CONTROL):
            report = json.dumps(self._portals.report()).encode()
            self._portals.reset()
            self._send(b"200 OK", report, "")
            return
        portals = self._portals
        portals.asked[asked].append(time.monotonic())
        portals.now[asked] += 1
        portals.most[asked] = max(portals.most[asked], portals.now[asked])
        tag = f'"{asked}/{path}"'
        if fields.get("if-none-match") == tag:
            answer = (b"304 Not Modified", b"", tag)
        else:
            body = portals.body(asked, f"/{path}")
            answer = (b"404 Not Found", portals.missing, "") if body is None else (b"200 OK", body, tag)
        asyncio.get_running_loop().call_later(self._latency, self._answer, asked, answer)

    def _answer(self, asked: str, answer: tuple[bytes, bytes, str]) -> None:
        self._portals.now[asked] -= 1
        self._send(*answer)

    def _send(self, status: bytes, body: bytes, tag: str) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        etag = f"ETag: {tag}\r\n".encode() if tag else b""
        head = b"HTTP/1.1 %s\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: %d\r\n%s\r\n" % (
            status,
            len(body),
            etag,
        )
        self._transport.write(head + body)


async def serve(pages: int, latency: float) -> None:
    """Serves until stdin closes; the first line of output is the proxy's address and the articles of a portal."""
    portals = Portals(pages)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(portals, latency), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", portals.articles, flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
