"""Processes that work on an archive and say on standard output what they are at, to be killed there.

``crawl KEY PAGES``, ``go on KEY SECONDS``, ``redact TEXTS`` or ``backup FILE``. Every line is written at once: ``+phase`` and ``-phase`` round a
phase, ``=name`` for what is done and committed. Started again, each goes on with what the archive says is still to do.
"""

from __future__ import annotations

import functools
import itertools
import os
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from archive import backup as backups
from archive import reports, schema, search_index, wiping, withdrawing
from archive.database import open_archive, reading, translated
from archive.errors import ArchiveError
from archive.records import FrontierKind, PublisherRef, RunState
from archive.store import Store
from archive.terminal import one_line
from tests.archive.builder import HOST, PARTED, Crawl, parted_reading

PHASES: dict[str, tuple[tuple[Any, str], ...]] = {
    "search index": ((search_index, "_renew"),),
    "grouping": ((reports, "group"), (reports, "follow")),
    "redaction": ((withdrawing, "withdraw"),),
    "wiping": ((wiping, "wipe"),),
    "backup": ((backups, "_pages"), (backups, "_rows"), (backups, "put_in_place")),
}
"""The functions that are a phase of the work, by the name they are announced with."""

REASON = "data of a private person"


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


def text_of(number: int, visit: int) -> str:
    """Every first text stands at two addresses of each portal; what a later visit finds stands at one address."""
    place = f"第{number // 2}街道"
    text = PARTED.replace("清河街道", place, 1)
    return text if visit == 1 else text.replace("执法力量不足。", f"执法力量不足，已补充{number}人次。", 1)


def crawl(engine: Engine, key: str, pages: int) -> None:
    """A portal's reports, all of them once, then every third a second time with another text."""
    work = Crawl(engine, key)
    names = [f"{key}/{number}.html" for number in range(pages)]
    column = f"{key}/list.html"
    if not is_known(work, column):
        work.enqueue(work.link(column, FrontierKind.COLUMN))
    if column in work.queue():
        work.column(column, [work.link(name) for name in names])
    while entries := work.store.next_entries(work.run_id, work.portal_id, (), 7):
        for entry in entries:
            record(work, f"{key}/{entry.url.rpartition('/')[2]}", visit=1)
    for name in names[::3]:
        if versions(work, name) == 1:
            record(work, name, visit=2)
    work.store.settle(work.run_id, True)
    work.store.finish_run(work.run_id, RunState.COMPLETE, {}, "done")


def is_known(work: Crawl, name: str) -> bool:
    """A column that is queued again is fetched again, and would be a capture of a page that is not done."""
    query = sa.select(schema.frontier.c.id).where(schema.frontier.c.url == f"{HOST}/{name}")
    with reading(work.engine) as connection:
        return connection.execute(query).first() is not None


def record(work: Crawl, name: str, *, visit: int) -> None:
    number = int(name.rpartition("/")[2].removesuffix(".html"))
    place = f"第{number // 2}街道"
    reading_ = parted_reading(
        text_of(number, visit), title=f"{place}报告", publishers=(PublisherRef(name=place),)
    )
    work.record(name, extraction=reading_)
    say(f"={name} {visit}")


def go_on(engine: Engine, key: str, seconds: float) -> None:
    """A portal's reports one after the other, for so long; every third comes back with another text."""
    work = Crawl(engine, key)
    ends = time.monotonic() + seconds
    for number in itertools.count():
        if time.monotonic() > ends:
            break
        work.enqueue(work.link(f"{key}/{number}.html"))
        record(work, f"{key}/{number}.html", visit=1)
        if number % 3 == 0:
            record(work, f"{key}/{number}.html", visit=2)
        if number % 25 == 24:
            work.store.settle(work.run_id, False)
            work.again()
    work.store.finish_run(work.run_id, RunState.COMPLETE, {}, "done")


def versions(work: Crawl, name: str) -> int:
    count = sa.select(sa.func.count()).select_from(
        schema.version.join(schema.document, schema.document.c.id == schema.version.c.document_id)
    )
    with reading(work.engine) as connection:
        query = count.where(schema.document.c.frontier_id == work.id_of(name))
        return int(connection.execute(query).scalar_one())


def to_redact(engine: Engine, texts: int) -> list[str]:
    """The digests of so many texts, the same in every archive that holds the same, without those done."""
    done = sa.select(schema.redaction.c.digest)
    with reading(engine) as connection:
        held = connection.execute(sa.select(schema.text_.c.sha256)).scalars().all()
        redacted = set(connection.execute(done).scalars())
    chosen = sorted(held)[:: max(1, len(held) // texts)][:texts]
    return [digest for digest in chosen if digest not in redacted]


def redact(engine: Engine, texts: int) -> None:
    store = Store(engine)
    for digest in to_redact(engine, texts):
        store.redact(digest, by="test", reason=REASON)
        say(f"={digest}")


def announced(phase: str, function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def act(*args: Any, **named: Any) -> Any:
        say(f"+{phase}")
        try:
            return function(*args, **named)
        finally:
            say(f"-{phase}")

    return act


def announce(engine: Engine) -> None:
    for phase, functions in PHASES.items():
        for module, name in functions:
            setattr(module, name, announced(phase, getattr(module, name)))
    engine.dialect.do_commit = announced("commit", engine.dialect.do_commit)  # type: ignore[method-assign]


def live(told: Connection, url: str, work: str, *arguments: object) -> None:
    """The life of a process of its own; what it says goes to the pipe."""
    for stream in (1, 2):
        os.dup2(told.fileno(), stream)
    try:
        say("+opening")
        engine = open_archive(url)
        say("-opening")
        announce(engine)
        with translated(engine):  # the builder asks the database directly, too
            if work == "crawl":
                crawl(engine, str(arguments[0]), int(str(arguments[1])))
            elif work == "go on":
                go_on(engine, str(arguments[0]), float(str(arguments[1])))
            elif work == "redact":
                redact(engine, int(str(arguments[0])))
            else:
                backups.backup(engine, Path(str(arguments[0])), force=True)
    except ArchiveError as error:
        say(one_line(str(error)))
        os._exit(error.exit_code)
    engine.dispose()
