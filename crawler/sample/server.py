"""A small web server on loopback that answers for any host name, reached as a proxy.

A portal that stands behind it keeps its own address (``http://www.lanting.example/…``)
whatever port the server got, so documents have the same URL in every run.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a portal is asked."""

    url: str
    """Absolute."""
    host: str
    path: str
    query: str
    headers: Mapping[str, str]
    """Names in lower case."""
    method: str = "GET"
    body: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a portal answers."""

    body: bytes = b""
    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: bool = True
    """Send an ETag of the body and honour If-None-Match."""
    cut_at: int | None = None
    """Announce the whole length, send only so many bytes, hang up."""
    wait: float = 0.0
    """Seconds before the first byte."""


@dataclass(frozen=True, kw_only=True)
class LogLine:
    """One request as the server saw it."""

    began: float
    """time.monotonic() at the request line."""
    ended: float
    url: str
    status: int
    user_agent: str
    sent: int
    """Bytes of body."""


Portal = Callable[[Request], Answer]


class LoopbackServer:
    """Serves one portal function for the length of a ``with`` block.

    Args:
        portal: Called for every request, from several threads.
    """

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.log: list[LogLine] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    @property
    def port(self) -> int:
        """The port the system gave."""
        return int(self._server.server_address[1])

    @property
    def proxy_url(self) -> str:
        """What to name as the proxy of a crawl."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> LoopbackServer:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(PortalHandler):
            loopback = outer

        return Handler


class PortalHandler(BaseHTTPRequestHandler):
    """Speaks HTTP/1.1 with keep-alive; takes absolute-form (proxy) and origin-form request lines."""

    protocol_version = "HTTP/1.1"
    loopback: LoopbackServer
    received = b""
    scheme = "http"
    # An answer of several packets waits 40 ms for Nagle and delayed ACK: 3.0 s instead of 1.1 s for 52 pages.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answers one request."""
        self._answer()

    def do_POST(self) -> None:
        """Answers one request with its body."""
        self.received = self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            self._answer()
        finally:
            self.received = b""

    def _answer(self) -> None:
        began = time.monotonic()
        url = (
            self.path if "://" in self.path else f"{self.scheme}://{self.headers.get('host', '')}{self.path}"
        )
        parts = urlsplit(url)
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.loopback.portal(
            Request(
                url=url,
                host=parts.netloc,
                path=parts.path,
                query=parts.query,
                headers=headers,
                method=self.command,
                body=self.received,
            )
        )
        if answer.wait:
            time.sleep(answer.wait)
        tag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
        fresh = answer.etag and answer.status == 200 and headers.get("if-none-match") == tag
        status = 304 if fresh else answer.status
        body = b"" if fresh else answer.body
        self.send_response(status)
        if not fresh:
            self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(body)))
        if answer.etag and answer.status == 200:
            self.send_header("ETag", tag)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        sent = body if answer.cut_at is None else body[: answer.cut_at]
        self.wfile.write(sent)
        self.wfile.flush()
        if answer.cut_at is not None:
            self.close_connection = True
        self.loopback.log.append(
            LogLine(
                began=began,
                ended=time.monotonic(),
                url=url,
                status=status,
                user_agent=headers.get("user-agent", ""),
                sent=len(sent),
            )
        )

    def log_message(self, format: str, *args: object) -> None:
        """The server keeps its own log; nothing goes to the terminal."""
