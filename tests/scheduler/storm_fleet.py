"""A service or a worker of a storm, as a process: the real ones, with short waits and crawls of ``storm_crawl``.

python -m tests.scheduler.storm_fleet service|worker URL FOLDER PORTALS GROUPS
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

from archive.database import open_archive
from archive.errors import ArchiveError
from scheduler.log import configure
from scheduler.portals import Portals
from scheduler.processes import Processes
from scheduler.queue import JobQueue
from scheduler.service import Service
from scheduler.settings import Settings
from scheduler.worker import Worker
from tests.scheduler.making import portal, portals, settings
from tests.scheduler.storm_crawl import READ, VISIT, group_of

LEASE, STALLED = 10.0, 6.0
"""Seconds; the real ones are 120 and 60."""


def them(number: int, groups: int) -> Portals:
    """The portals of a storm."""
    keys = [f"p{n:03}" for n in range(number)]
    return portals(*(portal(key, group=f"g{group_of(key, groups)}") for key in keys))


def using(state: Path) -> Settings:
    """Short waits: after a failure two seconds, which no person could set."""
    made = settings(state=str(state), pool={"tick_seconds": 0.5, "lease_seconds": LEASE, "at_once": 3})
    again = made.retries.model_copy(update={"first_hours": 2 / 3600, "factor": 1.0})
    return made.model_copy(update={"retries": again})


async def serve(kind: str, url: str, folder: Path, number: int, groups: int) -> None:
    """Works until it is told to stop, or killed."""
    state = folder / f"state-{os.getpid()}"

    def crawls(what: str) -> Processes:
        command = [sys.executable, "-m", "tests.scheduler.storm_crawl", what, url, str(folder), str(groups)]
        return Processes(command, environment=dict(os.environ), logs=state / what, grace=5)

    engine, all_of_them = open_archive(url), them(number, groups)
    if kind == "service":
        await Service(using(state), engine, all_of_them, launcher=crawls(VISIT)).run()
        return
    readers = {False: crawls(READ), True: crawls(READ)}
    async with JobQueue(url, stalled=STALLED) as queue:
        await Worker(using(state), engine, all_of_them, queue, launcher=crawls(VISIT), readers=readers).run()


if __name__ == "__main__":
    configure("text")
    try:
        asyncio.run(serve(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])))
    except ArchiveError as error:  # as the commands do: one line, and somebody begins it again
        sys.exit(f"{type(error).__name__}: {error}")
