"""``/healthz`` and ``/metrics`` on loopback: for a supervisor and for Prometheus."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import structlog

from scheduler.errors import BadSettings, ExtraMissing

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from scheduler.service import Service

log = structlog.get_logger(__name__)


def serve(service: Service, port: int) -> Callable[[], None]:
    """Serves until the returned function is called. Only this machine is answered: it listens on loopback.

    Raises:
        ExtraMissing: prometheus-client is not installed.
        BadSettings: The port is taken.
    """
    try:
        from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
    except ModuleNotFoundError as error:
        raise ExtraMissing("metrics need one more package: pip install 'fazhi-archive[metrics]'") from error
    registry = CollectorRegistry()
    registry.register(_Collector(service))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/healthz":
                well, words = service.healthy
                self._answer(200 if well else 503, "text/plain; charset=utf-8", f"{words}\n".encode())
            elif self.path == "/metrics":
                self._answer(200, CONTENT_TYPE_LATEST, generate_latest(registry))
            else:
                self._answer(404, "text/plain", b"/healthz, /metrics\n")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: a scrape every few seconds is no event."""

    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    except OSError as error:
        raise BadSettings(f"health.port: 127.0.0.1:{port} cannot be used: {error.strerror}") from error
    thread = threading.Thread(target=server.serve_forever, name="health", daemon=True)
    thread.start()
    service.health_port = server.server_address[1]
    log.info("health", address=f"http://127.0.0.1:{service.health_port}/healthz")

    def close() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return close


class _Collector:
    """Reads the figures when they are asked for; the archive is not touched."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        """The figures of this service."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        dispatcher = self._service.dispatcher
        yield GaugeMetricFamily(
            "fazhi_portals", "Portals the service knows", value=len(self._service.portals.by_key)
        )
        yield GaugeMetricFamily(
            "fazhi_site_files_broken",
            "Site files that cannot be used",
            value=len(self._service.portals.broken),
        )
        yield GaugeMetricFamily("fazhi_due", "Portals due at the last look", value=dispatcher.due_now)
        yield GaugeMetricFamily("fazhi_under_way", "Crawls under way", value=len(dispatcher.under_way))
        ended = CounterMetricFamily("fazhi_visits", "Visits of this service that ended", labels=["state"])
        for state, number in sorted(dispatcher.ended.items()):
            ended.add_metric([state], number)
        yield ended
        if dispatcher.last_tick is not None:
            yield GaugeMetricFamily(
                "fazhi_last_tick_timestamp_seconds",
                "When the archive was read last",
                value=dispatcher.last_tick.timestamp(),
            )
        known = dispatcher.facts
        if known is not None:
            yield GaugeMetricFamily(
                "fazhi_portals_failing",
                "Portals whose last crawl did not read them completely",
                value=sum(1 for crawls in known.crawls.values() if crawls.failures),
            )
            yield GaugeMetricFamily(
                "fazhi_reports_of_season",
                "Reports on the report year of the season",
                value=sum(known.reports.values()),
            )
