"""Commands for many machines: ``scheduler worker`` and ``scheduler queue``."""

from __future__ import annotations

import sys
from collections.abc import Coroutine
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from scheduler.errors import BadRequest

if TYPE_CHECKING:
    from scheduler.settings import Settings

T = TypeVar("T")
QueueOption = Annotated[
    str | None,
    typer.Option(
        "--queue",
        metavar="URL",
        help="The archive's PostgreSQL, where the jobs stand. [default: the archive]",
    ),
]
Config = Annotated[Path | None, typer.Option("--config", help="Settings file.")]
Seeds = Annotated[Path | None, typer.Option(help="Folder with portals.csv, towns.csv and sites/.")]

queue_app = typer.Typer(
    help="The jobs of many machines: what waits, what is done, what to read again.", no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(worker)
    app.add_typer(queue_app, name="queue")


def worker(
    queue: QueueOption = None,
    take: Annotated[
        str, typer.Option(help="Jobs to take, comma-separated: visits, reading, ocr.")
    ] = "visits,reading",
    at_once: Annotated[int | None, typer.Option(min=1, max=200, help="Jobs at a time.")] = None,
    only: Annotated[list[str] | None, typer.Option("--only", help="Only this portal (repeatable).")] = None,
    config: Config = None,
    seeds: Seeds = None,
) -> None:
    """Add this machine to those that work for an archive on PostgreSQL. Ends in good order at SIGTERM."""
    from scheduler.log import configure
    from scheduler.queue import OCR, QUEUES
    from scheduler.worker import start

    wanted = tuple(dict.fromkeys(name.strip() for name in take.split(",")))
    if unknown := [name for name in wanted if name not in QUEUES]:
        raise BadRequest(f"--take: no jobs {unknown[0]!r}; there are: {', '.join(QUEUES)}")
    if OCR in wanted:
        from crawler.ocr_reader import check

        check()
    settings, url = _settings(config, queue, seeds=seeds, only=only, at_once=at_once)
    configure(settings.log)
    start(settings, url, wanted)


@queue_app.command("status")
def status(
    queue: QueueOption = None,
    config: Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document for programs.")] = False,
) -> None:
    """Show how many jobs wait, are being done, and failed."""
    from archive.cli_base import print_json
    from scheduler.queue import JobQueue

    _, url = _settings(config, queue)

    async def ask() -> list[dict[str, Any]]:
        async with JobQueue(url) as jobs:
            return [asdict(one) for one in await jobs.counts()]

    counts = _run(ask())
    if as_json:
        print_json(counts)
        return
    for one in counts:
        sys.stdout.write(f"{one['queue']:<8} {one['state']:<10} {one['jobs']}\n")
    if not counts:
        sys.stdout.write("no jobs\n")


@queue_app.command("read")
def read(
    site: Annotated[
        list[str] | None, typer.Option("--site", help="Only this portal (repeatable). [default: all held]")
    ] = None,
    ocr: Annotated[bool, typer.Option("--ocr", help="Scans that could not be read, by OCR.")] = False,
    queue: QueueOption = None,
    config: Config = None,
    seeds: Seeds = None,
) -> None:
    """Put re-extractions into the queue: one job for each portal of which the archive holds something."""
    from archive.database import open_archive
    from archive.freshness import facts
    from scheduler.portals import Portals
    from scheduler.queue import JobQueue

    settings, url = _settings(config, queue, seeds=seeds)
    portals = Portals.load(seeds=settings.seeds, state=settings.state)
    engine = open_archive(settings.database, create=False)
    try:
        now = datetime.now(UTC)
        held = set(facts(engine, report_year=now.year - 1, now=now).crawls)
    finally:
        engine.dispose()
    if unknown := [key for key in site or () if key not in held]:
        raise BadRequest(f"--site: {unknown[0]!r} was never crawled; `scheduler freshness` lists the portals")
    keys = sorted(held & set(site) if site else held)

    async def put() -> int:
        async with JobQueue(url) as jobs:
            new = 0
            for key in keys:
                portal = portals.by_key.get(key)
                new += await jobs.put_reading(key, key if portal is None else portal.group, ocr=ocr)
            return new

    new = _run(put())
    sys.stdout.write(f"{new} jobs put in, {len(keys) - new} were waiting already\n")


def _settings(
    config: Path | None,
    queue: str | None,
    *,
    seeds: Path | None = None,
    only: list[str] | None = None,
    at_once: int | None = None,
) -> tuple[Settings, str]:
    """The settings, with the archive in the queue's database."""
    from scheduler.settings import load

    flags: dict[str, Any] = {"db": queue, "seeds": seeds, "only": tuple(only) if only else None}
    flags = {name: value for name, value in flags.items() if value is not None}
    if at_once is not None:
        flags["pool"] = {"at_once": at_once}
    settings = load(config, flags=flags)
    return settings, queue or settings.database


def _run(work: Coroutine[Any, Any, T]) -> T:
    import asyncio  # a third of what --help would wait for

    return asyncio.run(work)
