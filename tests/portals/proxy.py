"""The replica server: a proxy that answers for the portals' real host names and never connects outward."""

from __future__ import annotations

import os
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Protocol, cast

from crawler.sample.server import Answer, LogLine, LoopbackServer, PortalHandler, Request
from tests.portals.tls import Authority, shared_authority


class Served(Protocol):
    """A portal function that knows the hosts it answers for."""

    @property
    def hosts(self) -> Iterable[str]:
        """Lower case, without port."""
        ...

    def __call__(self, request: Request) -> Answer:
        """Answers one request."""
        ...


def bare_host(netloc: str) -> str:
    """The host of ``host:port``, in lower case."""
    return netloc.rpartition(":")[0].lower() if netloc.rpartition(":")[2].isdigit() else netloc.lower()


class ReplicaServer(LoopbackServer):
    """Serves replicas at their own names, over http and, through CONNECT, over https.

    A crawl reaches it when ``http_proxy`` and ``https_proxy`` name :attr:`proxy_url`; to check
    certificates it must trust :attr:`ca_file`. A host no replica answers for gets 502, as from a
    proxy that cannot resolve it.

    Args:
        replicas: The portals, each with the hosts it answers for.
        authority: Issuer of the certificates; default: one for the whole test process.
    """

    def __init__(self, *replicas: Served, authority: Authority | None = None) -> None:
        self.replicas = replicas
        self.authority = authority or shared_authority()
        self.hangups: list[tuple[str, str]] = []
        """URL or host and what broke, where a client went away in the middle.

        Such a request stands in the log with status 0.
        """
        self._trusted: str | None = None
        self._busy = 0
        self._idle = threading.Condition()
        super().__init__(self._dispatch)

    def __enter__(self) -> ReplicaServer:
        super().__enter__()
        # Certificates are verified: while it serves, this process (and what it starts) trusts its authority.
        self._trusted = os.environ.get("SSL_CERT_FILE")
        os.environ["SSL_CERT_FILE"] = str(self.ca_file)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._trusted is None:
            os.environ.pop("SSL_CERT_FILE", None)
        else:
            os.environ["SSL_CERT_FILE"] = self._trusted
        super().__exit__(kind, error, trace)

    @property
    def ca_file(self) -> Path:
        """PEM file of the certificate authority behind all https answers."""
        return self.authority.ca_file

    @property
    def environment(self) -> dict[str, str]:
        """What a crawl needs in its environment to be sent here."""
        return {
            "http_proxy": self.proxy_url,
            "https_proxy": self.proxy_url,
            "HTTP_PROXY": self.proxy_url,
            "HTTPS_PROXY": self.proxy_url,
            "no_proxy": "",
            "NO_PROXY": "",
            "SSL_CERT_FILE": str(self.ca_file),
        }

    def answers_for(self, host: str) -> bool:
        """True if some replica has that host."""
        return any(host in replica.hosts for replica in self.replicas)

    def _dispatch(self, request: Request) -> Answer:
        host = bare_host(request.host)
        for replica in self.replicas:
            if host in replica.hosts:
                return replica(request)
        return Answer(status=502, body=b"no such host here", content_type="text/plain", etag=False)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(TunnelHandler):
            loopback = outer

        return Handler

    # What the log proves

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Marks a request as being answered."""
        with self._idle:
            self._busy += 1
        try:
            yield
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()

    def requests(self, host: str | None = None) -> list[LogLine]:
        """The log in the order the requests began, of one host or of all.

        A line is written when the last byte has left, which may be after a client has read it: waits for
        what is being answered.

        Raises:
            TimeoutError: requests are still being answered after ten seconds.
        """
        with self._idle:
            if not self._idle.wait_for(lambda: self._busy == 0, timeout=10):
                raise TimeoutError(f"{self._busy} requests are still being answered")
        lines = sorted(self.log, key=lambda line: line.began)
        return [line for line in lines if host is None or url_host(line.url) == host]

    def overlaps(self, host: str | None = None, *, slack: float = 0.05) -> list[tuple[LogLine, LogLine]]:
        """Pairs of requests to the same host of which the later began before the earlier had ended.

        Args:
            host: One host, or None for all.
            slack: Seconds a request may seem to last longer than it did: its end is noted after the
                client had the last byte.
        """
        found = []
        for lines in self._by_host(host):
            latest = lines[0]
            for line in lines[1:]:
                if line.began < latest.ended - slack:
                    found.append((latest, line))
                latest = max(latest, line, key=lambda one: one.ended)
        return found

    def gaps(self, host: str | None = None) -> list[float]:
        """Seconds from one request's beginning to the next one's at the same host."""
        return [
            later.began - earlier.began for lines in self._by_host(host) for earlier, later in pairwise(lines)
        ]

    def _by_host(self, host: str | None) -> Iterable[Sequence[LogLine]]:
        groups: dict[str, list[LogLine]] = defaultdict(list)
        for line in self.requests(host):
            groups[url_host(line.url)].append(line)
        return groups.values()


def url_host(url: str) -> str:
    """The host a logged URL names, without port."""
    return bare_host(url.partition("://")[2].partition("/")[0])


class TunnelHandler(PortalHandler):
    """Adds CONNECT: the tunnel ends here, in TLS with a certificate for the name asked for."""

    connection: ssl.SSLSocket

    @property
    def _outer(self) -> ReplicaServer:
        return cast(ReplicaServer, self.loopback)

    def do_CONNECT(self) -> None:
        """Opens a tunnel to a replica, or answers 502."""
        host = bare_host(self.path)
        if not self._outer.answers_for(host):
            self._refuse(host)
            return
        self.send_response(200, "Connection established")
        self.end_headers()
        self.wfile.flush()
        self.connection = self._outer.authority.context(host).wrap_socket(self.connection, server_side=True)
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb")
        self.scheme = "https"
        self.close_connection = False

    def _refuse(self, host: str) -> None:
        began = time.monotonic()
        agent = self.headers.get("user-agent", "")
        with self._outer.answering():
            self.send_response(502)
            self.send_header("Content-Length", "0")
            self.end_headers()
            self.wfile.flush()
            self.close_connection = True
            self.loopback.log.append(
                LogLine(
                    began=began,
                    ended=time.monotonic(),
                    url=f"https://{host}/",
                    status=502,
                    user_agent=agent,
                    sent=0,
                )
            )

    def _answer(self) -> None:
        began = time.monotonic()
        with self._outer.answering():
            try:
                super()._answer()
            except (ConnectionError, ssl.SSLError):
                url = (
                    self.path
                    if "://" in self.path
                    else f"{self.scheme}://{self.headers.get('host', '')}{self.path}"
                )
                agent = self.headers.get("user-agent", "")
                self.loopback.log.append(
                    LogLine(began=began, ended=time.monotonic(), url=url, status=0, user_agent=agent, sent=0)
                )
                raise

    def handle(self) -> None:
        """Serves the connection; a client that goes away is noted, not printed."""
        try:
            super().handle()
        except (ConnectionError, ssl.SSLError) as error:
            self._outer.hangups.append((getattr(self, "path", ""), repr(error)))

    def finish(self) -> None:
        """Closes the connection, the TLS one too, which the server does not know of."""
        try:
            super().finish()
        except (ConnectionError, ssl.SSLError) as error:
            self._outer.hangups.append((getattr(self, "path", ""), repr(error)))
        if self.scheme == "https":
            self.connection.close()
