"""Crawls as processes of their own, with a time limit: SIGTERM at the limit, SIGKILL when the grace is over."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

_TAIL = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a process ended."""

    exit_code: int | None
    """Negative: the signal that ended it."""
    overtime: bool
    """It was ended at its time limit."""
    detail: str | None
    """The last line it said, where it did not end well."""


class Launcher(Protocol):
    """What the service starts crawls with."""

    async def run(self, visit_id: int, key: str, site: str, *, limit: float) -> Ended:
        """Crawls a portal and waits for the end."""

    def stop(self, visit_id: int) -> None:
        """Asks a crawl to end in good order."""

    def kill(self, visit_id: int) -> None:
        """Ends a crawl at once."""


class Processes:
    """Starts ``crawler run`` for portals.

    Args:
        command: What ``--site SITE`` is added to.
        environment: Variables of the crawls; the archive's address is among them and in no argument, where every
            user of the machine could read its password.
        logs: Folder in which the output of each portal's last crawl is kept.
        grace: Seconds between SIGTERM and SIGKILL.
    """

    def __init__(
        self, command: Sequence[str], *, environment: Mapping[str, str], logs: Path, grace: float
    ) -> None:
        self._command = tuple(command)
        self._environment = dict(environment)
        self._logs = logs
        self._grace = grace
        self._processes: dict[int, asyncio.subprocess.Process] = {}

    async def run(self, visit_id: int, key: str, site: str, *, limit: float) -> Ended:
        """Crawls a portal and waits for the end.

        Raises:
            OSError: The process could not be started, or its log not be written.
        """
        self._logs.mkdir(parents=True, exist_ok=True)
        log = self._logs / f"{key}.log"
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-I",
                "-S",
                str(Path(__file__).with_name("child.py")),
                str(os.getpid()),
                *self._command,
                "--site",
                site,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,  # Ctrl-C at a terminal is for the service, which then ends its crawls
            )
        self._processes[visit_id] = process
        overtime = False
        try:
            try:
                async with asyncio.timeout(limit):
                    await process.wait()
            except TimeoutError:
                overtime = True
                await self._end(process)
        except asyncio.CancelledError:
            self._signal(process, signal.SIGKILL)
            raise
        finally:
            del self._processes[visit_id]
        code = process.returncode
        return Ended(exit_code=code, overtime=overtime, detail=None if code == 0 else _last_line(log))

    def stop(self, visit_id: int) -> None:
        """Asks a crawl to end in good order: SIGTERM."""
        if visit_id in self._processes:
            self._terminate(self._processes[visit_id])

    def kill(self, visit_id: int) -> None:
        """Ends a crawl and what it started at once: SIGKILL."""
        if visit_id in self._processes:
            self._signal(self._processes[visit_id], signal.SIGKILL)

    async def _end(self, process: asyncio.subprocess.Process) -> None:
        self._terminate(process)
        try:
            async with asyncio.timeout(self._grace):
                await process.wait()
        except TimeoutError:
            self._signal(process, signal.SIGKILL)
            await process.wait()

    @staticmethod
    def _terminate(process: asyncio.subprocess.Process) -> None:
        """To the crawl alone: its readers finish what they have."""
        with suppress(ProcessLookupError):
            process.terminate()

    @staticmethod
    def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
        """To the crawl with all its readers."""
        with suppress(ProcessLookupError):  # it ended by itself in this moment
            os.killpg(process.pid, number)


def _last_line(log: Path) -> str | None:
    with log.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(0, file.tell() - _TAIL))
        lines = file.read().decode(errors="replace").strip().splitlines()
    return lines[-1][:500] if lines else None
