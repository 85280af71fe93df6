"""PostgreSQL goes away at the n-th statement or at the commit of one recording, for every n.

The backend is terminated, the socket is closed, or the answer to COMMIT never arrives. Prints its figures
(``pytest -m slow -s tests/archive/storms/test_nth_statement.py``).
"""

from __future__ import annotations

import os
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from archive.database import open_archive
from archive.errors import DatabaseUnusable
from archive.withdrawing import AlreadyWithdrawn
from tests.archive.builder import HOST, Crawl
from tests.archive.storms.holdings import damage, difference, holdings
from tests.archive.test_atomicity import dump, moved, new_report, new_version, next_run
from tests.archive.test_redaction import rest, secret

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

Act = Callable[[], object]
Cut = Callable[[Connection], None]


@pytest.fixture
def terminate(postgresql: sa.URL) -> Iterator[Cut]:
    """Ends the backend of a connection, as an administrator or the server's end does."""
    server = sa.create_engine(postgresql, isolation_level="AUTOCOMMIT")

    def end(connection: Connection) -> None:
        pid = connection.connection.driver_connection.info.backend_pid
        with server.connect() as other:  # waits up to a second for its end
            other.execute(sa.text("SELECT pg_terminate_backend(:pid, 1000)"), {"pid": pid})

    yield end
    server.dispose()


def shut(connection: Connection, how: int = socket.SHUT_RDWR) -> None:
    """Closes the socket, as a network does that breaks."""
    with socket.socket(fileno=_copy_of(connection)) as wire:
        wire.shutdown(how)


def _copy_of(connection: Connection) -> int:
    return os.dup(connection.connection.driver_connection.fileno())


@contextmanager
def cut_at(engine: Engine, nth: int, cut: Cut) -> Iterator[list[str]]:
    """The connection is cut before the n-th statement; the commit counts as one."""
    seen: list[str] = []

    def count(connection: Connection, statement: str) -> None:
        seen.append(statement)
        if len(seen) == nth:
            cut(connection)

    def statement(connection, _cursor, words, _parameters, _context, _many) -> None:
        count(connection, words)

    def commit(connection) -> None:
        count(connection, "COMMIT")

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", statement)
        event.remove(engine, "commit", commit)


def withdrawal(crawl: Crawl) -> Act:
    crawl.page("a.html", secret())
    rest(crawl)

    def redact() -> object:
        return crawl.store.redact(f"{HOST}/a.html", by="test", reason="a private person")

    return redact


ACTS = [new_report, new_version, moved, next_run, withdrawal]


def undisturbed(prepare: Callable[[Crawl], Act], url: str) -> dict[str, object]:
    """What an archive holds, on whatever database, after the same without a failure."""
    engine = open_archive(url)
    prepare(Crawl(engine))()
    engine.dispose()
    return holdings(url)


def attempt(act: Act) -> str | None:
    """What a failure says; it is one line of ours."""
    try:
        act()
    except DatabaseUnusable as error:
        assert "\n" not in str(error)
        assert "is it running?" in str(error)
        return str(error)
    return None


def repeat(act: Act, *, whole: bool) -> None:
    """Repeating is the recovery; what is withdrawn already says so, everything else changes nothing further."""
    try:
        act()
    except AlreadyWithdrawn:
        assert whole


@pytest.mark.parametrize("way", ["backend terminated", "socket closed"])
@pytest.mark.parametrize("prepare", ACTS)
def test_gone_at_every_statement(
    prepare: Callable[[Crawl], Act],
    way: str,
    postgresql_url: str,
    sqlite_url: str,
    emptied: Callable[[], None],
    terminate: Cut,
) -> None:
    wanted = undisturbed(prepare, sqlite_url)
    engine, figures = open_archive(postgresql_url), Counter[str]()
    nth, reached = 0, True
    while reached:
        nth += 1
        emptied()
        act = prepare(Crawl(engine))
        before = dump(engine)
        with cut_at(engine, nth, terminate if way == "backend terminated" else shut) as seen:
            told = attempt(act)
        reached = len(seen) >= nth
        assert bool(told) == reached, seen[nth - 1 :][:1]
        if reached:
            behind = "COMMIT" in seen[: nth - 1]
            figures["commit" if seen[nth - 1] == "COMMIT" else "statement"] += 1
            assert (dump(engine) == before) is not behind, seen[nth - 1]
            repeat(act, whole=behind)
        assert difference(wanted, holdings(postgresql_url)) == [], (nth, seen[nth - 1 :][:1])
    assert damage(postgresql_url) == []
    engine.dispose()
    print(f"\n{prepare.__name__}, {way}: n = 1 … {nth - 1}, failures {dict(figures)}, 0 losses")
    assert figures["statement"] > 3
    assert figures["commit"] >= 1


@pytest.mark.parametrize("prepare", ACTS)
def test_the_answer_to_a_commit_never_arrives(
    prepare: Callable[[Crawl], Act], postgresql_url: str, sqlite_url: str
) -> None:
    wanted = undisturbed(prepare, sqlite_url)
    engine = open_archive(postgresql_url)
    act = prepare(Crawl(engine))
    before = dump(engine)

    def deaf(connection: Connection) -> None:
        shut(connection, socket.SHUT_RD)

    event.listen(engine, "commit", deaf)
    assert attempt(act) is not None
    event.remove(engine, "commit", deaf)
    whole = wait_for_other(engine, before)
    repeat(act, whole=whole)
    assert difference(wanted, holdings(postgresql_url)) == []
    assert damage(postgresql_url) == []
    engine.dispose()
    assert whole, "the server had heard the commit"


def wait_for_other(engine: Engine, before: dict[str, list[tuple[object, ...]]]) -> bool:
    """True once the server has done what it was told and could not answer."""
    ends = time.monotonic() + 5
    while time.monotonic() < ends:
        if dump(engine) != before:
            return True
        time.sleep(0.05)
    return False
