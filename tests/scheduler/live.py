"""A real service in quick motion: ``scheduler start`` as a process, its crawls as processes, portals on loopback.

Days go by in leaps, and only while no visit is under way: inside a crawl, a lease, a time limit a second is a second.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import struct
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

from archive.database import open_archive
from archive.visits import Visit, VisitState, VisitStore
from tests.conftest import ROOT, command_line, empty_archive, environment
from tests.portals.proxy import ReplicaServer
from tests.scheduler.live_portal import County, write_seeds

PAUSE = 0.35
"""Real seconds between two leaps: the service asks the archive what is due every 0.2 s."""


class Portals(ReplicaServer):
    """A server of replicas whose port may refuse connections for a while."""

    def __enter__(self) -> Portals:
        super().__enter__()
        return self

    def refuse(self) -> None:
        """Nobody listens any more."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self) -> None:
        """Somebody listens again, on the same port."""
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        self._server.daemon_threads = True
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()


class QuickClock:
    """The time of a trial, in a file that all its processes read.

    Args:
        file: The file.
        begins: What the clock says first.
    """

    def __init__(self, file: Path, begins: datetime) -> None:
        self.file = file
        self._ahead = begins - datetime.now(UTC)
        self._wrong = timedelta()
        self._write()

    def now(self) -> datetime:
        """The true time of the trial."""
        return datetime.now(UTC) + self._ahead

    def shown(self) -> datetime:
        """What the clock on the wall says, right or wrong."""
        return self.now() + self._wrong

    def leap(self, span: timedelta) -> None:
        """Lets time go by."""
        self._ahead += span
        self._write()

    def set_wrong(self, by: timedelta) -> None:
        """Sets the clock on the wall; zero: right again."""
        self._wrong = by
        self._write()

    def _write(self) -> None:
        beside = self.file.with_suffix(".new")
        beside.write_bytes(struct.pack("dd", self._ahead.total_seconds(), self._wrong.total_seconds()))
        beside.replace(self.file)


class Live:
    """A service, its archive, its portals and its clock.

    Args:
        folder: Where everything is kept.
        server: Serves the portals; running.
        clock: The time of the trial.
        counties: The portals.
        settings: Lines of ``scheduler.toml``.
        more: Further lines of site files, by key.
        patience: Time that may go by without a sign of life of the service.
    """

    def __init__(
        self,
        folder: Path,
        server: Portals,
        clock: QuickClock,
        counties: list[County],
        settings: str,
        more: dict[str, dict[str, str]] | None = None,
        *,
        patience: timedelta = timedelta(days=1),
    ) -> None:
        self.folder, self.clock, self.counties = folder, clock, counties
        self.server, self.patience = server, patience
        self.archive = folder / "archive.db"
        self.archive.write_bytes(empty_archive())
        write_seeds(folder / "seeds", *counties, **(more or {}))
        (folder / "scheduler.toml").write_text(settings, encoding="utf-8")
        self.environment = environment(
            {
                **server.environment,
                "no_proxy": "127.0.0.1",
                "NO_PROXY": "127.0.0.1",
                "PYTHONPATH": os.pathsep.join((str(Path(__file__).with_name("quick")), str(ROOT))),
                "LIVE_CLOCK": str(clock.file),
                "ARCHIVE_URL": str(self.archive),
                "FAZHI_SEEDS": str(folder / "seeds"),
                "FAZHI_CONTACT": "trial@example.org",
            }
        )
        self._service: subprocess.Popen[bytes] | None = None
        self._engine = open_archive(str(self.archive))
        self.store = VisitStore(self._engine, owner="trial", clock=clock.now)

    # -- the service ----------------------------------------------------------------------------

    @property
    def log(self) -> Path:
        """What the services said, one JSON object a line."""
        return self.folder / "service.log"

    def start(self) -> None:
        """Starts the service and waits until it runs."""
        said = len(self.events("service started"))
        with self.log.open("ab") as output:
            self._service = subprocess.Popen(
                command_line("scheduler", "start", "--log", "json"),
                cwd=self.folder,
                env=self.environment,
                stdout=output,
                stderr=output,
            )
        self.wait(lambda: len(self.events("service started")) > said)

    def stop(self) -> None:
        """SIGTERM; the service must end in good order."""
        self._send(signal.SIGTERM, 0)

    def kill(self) -> None:
        """SIGKILL; the kernel tells its crawls to end."""
        self._send(signal.SIGKILL, -signal.SIGKILL)

    def settle(self) -> None:
        """Waits until crawls that lost their service have ended."""
        self.wait(lambda: self.rows("SELECT count(*) FROM run WHERE state = 'running'") == [(0,)], 30)

    def _send(self, number: signal.Signals, code: int) -> None:
        assert self._service is not None
        self._service.send_signal(number)
        assert self._service.wait(120) == code, self.tail()
        self._service = None

    def close(self) -> None:
        """Ends what still runs."""
        if self._service is not None:
            self.kill()
        self._engine.dispose()

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs another command of this project on the archive, in the trial's time."""
        return subprocess.run(
            command_line(program, *arguments),
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    # -- time -----------------------------------------------------------------------------------

    def leap(self, span: timedelta) -> bool:
        """Lets time go by unless a visit is under way, or the service would seem to be dead; True if time went by.

        It shows a sign of life every few real seconds, in which days go by. The archive is held meanwhile: no visit
        begins in the middle of a leap.
        """
        time.sleep(PAUSE)
        with closing(sqlite3.connect(self.archive, timeout=60, isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                (running,) = db.execute("SELECT count(*) FROM visit WHERE state = 'running'").fetchone()
                (beat,) = db.execute("SELECT heartbeat FROM service ORDER BY id DESC LIMIT 1").fetchone()
                silent = self.clock.shown() - datetime.fromisoformat(beat).replace(tzinfo=UTC)
                may = not running and silent < self.patience - span
                if may:
                    self.clock.leap(span)
            finally:
                db.execute("ROLLBACK")
        return may

    def until_leapt(self, span: timedelta) -> None:
        """Waits until nothing is under way and lets time go by once."""
        self.wait(lambda: self.leap(span), 240)

    def until(self, true: Callable[[], object], span: timedelta, seconds: float = 240) -> None:
        """Lets time go by until something is true.

        Raises:
            AssertionError: It did not become true in so many real seconds.
        """
        deadline = time.monotonic() + seconds
        while not true():
            self.check(deadline)
            self.leap(span)

    def wait(self, true: Callable[[], object], seconds: float = 120) -> None:
        """Waits in real time.

        Raises:
            AssertionError: In vain, or the service died.
        """
        deadline = time.monotonic() + seconds
        while not true():
            self.check(deadline)
            time.sleep(0.05)

    def check(self, deadline: float) -> None:
        """The service runs, and it is not too late.

        Raises:
            AssertionError: It is, or the service died.
        """
        assert self._service is None or self._service.poll() is None, self.tail()
        assert time.monotonic() < deadline, self.tail()

    # -- what happened --------------------------------------------------------------------------

    def events(self, name: str) -> list[dict[str, Any]]:
        """What the services logged under a name."""
        if not self.log.exists():
            return []
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [
            event for line in lines if line.startswith("{") if (event := json.loads(line))["event"] == name
        ]

    def tail(self) -> str:
        """The last lines of the log, for a failure."""
        return "\n".join(self.log.read_text(encoding="utf-8").splitlines()[-25:])

    def running(self) -> list[Visit]:
        """Visits under way."""
        return self.store.running()

    def visits(self, key: str | None = None) -> list[Visit]:
        """All visits, oldest first."""
        return sorted(self.store.history(key, limit=100_000), key=lambda visit: visit.id)

    def ended(self, key: str, *states: VisitState, after: int = 0) -> list[Visit]:
        """Visits of a portal in these states that came after one."""
        return [visit for visit in self.visits(key) if visit.state in states and visit.id > after]

    def rows(self, query: str) -> list[Any]:
        """What a query on the archive's file gives."""
        with closing(sqlite3.connect(self.archive, timeout=60)) as db:
            return db.execute(query).fetchall()
