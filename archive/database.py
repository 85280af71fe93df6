"""Opening an archive: SQLite by path, PostgreSQL by URL, the schema brought up to date.

SQLite runs in WAL mode with ``synchronous=FULL``: what was committed survives a power cut.
Writers begin with ``BEGIN IMMEDIATE`` (a read that turns into a write would be refused at once
with "database is locked"), writers on PostgreSQL take one advisory lock: on both databases
writers follow each other, so the order of ``change.seq`` is the order of commits and a reader
who follows it misses nothing.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection

from archive import search_index
from archive.errors import DatabaseUnusable, NewerSchema, UsageError
from archive.schema import HEAD, REVISIONS, metadata

BUSY_SECONDS = 30
"""How long a SQLite writer waits for another one. A transaction takes milliseconds."""

CHECKPOINT_PAGES = 4000
"""WAL pages before SQLite moves them into the file; at its own 1,000 every sixtieth record() waits for it."""

WRITER_LOCK = 0x66617A6869
"""Key of the PostgreSQL advisory lock that writers share ("fazhi" in ASCII)."""

_FOREIGN = """
SELECT count(*) > 0 AND NOT max(name = 'alembic_version') FROM sqlite_master WHERE type = 'table'"""
"""1 for a SQLite file of another program."""

_NO_RIGHT = "42501"
"""PostgreSQL's code for a statement that the role has no right to."""

_FIRST_STEP = "`crawler run --site demo` makes a first one"


def default_url() -> str:
    """``ARCHIVE_URL`` from the environment, else ``archive.db`` in the working directory."""
    return os.environ.get("ARCHIVE_URL") or "archive.db"


def open_archive(url_or_path: str, *, create: bool = True, read_only: bool = False) -> Engine:
    """Opens an archive and brings its schema up to date.

    Args:
        url_or_path: a file path (SQLite) or a ``postgresql://`` or ``sqlite:///`` URL.
        create: make the archive if there is none.
        read_only: every connection refuses to write. An archive of an older version is
            upgraded all the same, through a connection of its own.

    Raises:
        NewerSchema: the archive was written by a newer version of this program.
        DatabaseUnusable: it cannot be opened; the message names the next step.
        UsageError: the URL is of a database we do not know.
    """
    url = _parse(url_or_path)
    if url.get_backend_name() == "sqlite":
        _check_file(url, create and not read_only)
    engine = _engine(url, read_only=read_only)
    try:
        with translated(engine):
            revision = _stored_revision(engine)
            if revision != HEAD:
                _bring_up_to_date(engine, url, revision, create=create and not read_only, read_only=read_only)
    except BaseException:
        engine.dispose()
        raise
    return engine


def place(engine: Engine) -> str:
    """The archive's address for messages, without password."""
    return _place(engine.url)


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Turns the database's own errors into one clear line.

    Raises:
        DatabaseUnusable: for everything the surroundings cause (disk, locks, server, damage).
            Errors of our own statements pass unchanged: they are bugs.
    """
    try:
        yield
    except (exc.IntegrityError, exc.ProgrammingError, exc.DataError) as error:
        if getattr(error.orig, "sqlstate", None) == _NO_RIGHT:
            raise DatabaseUnusable(
                f"{place(engine)}: the role {engine.url.username} may not do this; it needs the rights of the "
                "archive's owner (a role for readers has the published views, with SQL: docs/archive.md)"
            ) from error
        raise
    except exc.DBAPIError as error:
        raise DatabaseUnusable(_explain(error, engine.url)) from error
    except exc.TimeoutError as error:
        raise DatabaseUnusable(f"{place(engine)}: no database connection became free; try again") from error


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One write transaction, first in line: committed whole at the end, or not at all.

    The search index follows in the same transaction what was written.
    """
    with translated(engine), engine.begin() as connection:
        yield connection
        search_index.catch_up(connection)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One read transaction: a single snapshot, never in the way of a writer.

    On SQLite every transaction is one; PostgreSQL has to be told.
    """
    with translated(engine), engine.connect() as connection:
        options: dict[str, Any] = {"archive_reads": True}
        if engine.dialect.name == "postgresql":
            options["isolation_level"] = "REPEATABLE READ"
        yield connection.execution_options(**options)
        # At a rollback psycopg forgets what it prepared; planning the view `reports` takes 2.6 ms, reading it 0.3.
        connection.commit()


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """One read transaction that sees the archive as it is now, however long it lasts."""
    with reading(engine) as connection:
        connection.exec_driver_sql("SELECT count(*) FROM alembic_version")  # the snapshot begins here
        yield connection


def _parse(url_or_path: str) -> URL:
    if "://" not in url_or_path:
        return URL.create("sqlite", database=url_or_path)
    try:
        url = make_url(url_or_path)
        backend = url.get_backend_name()
    except exc.ArgumentError as error:
        raise UsageError(f"not a database URL: {url_or_path.rsplit('@', maxsplit=1)[-1]}") from error
    if backend == "sqlite" and url.database:
        return URL.create("sqlite", database=url.database)
    if backend in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+psycopg")
    raise UsageError(f"an archive is a file path, sqlite:///PATH or postgresql://…, not {backend}://")


def _place(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.set(drivername="postgresql").render_as_string(hide_password=True)


def _check_file(url: URL, create: bool) -> None:
    path = Path(str(url.database))
    try:
        if path.is_dir():
            raise DatabaseUnusable(f"{path} is a directory; name a file in it, e.g. {path / 'archive.db'}")
        if path.exists():
            return
        if not path.parent.is_dir():
            raise DatabaseUnusable(f"{path}: the directory {path.parent} does not exist; make it first")
    except (OSError, ValueError) as error:
        raise DatabaseUnusable(f"{url.database!r} cannot be opened: {error}") from error
    if not create:
        raise DatabaseUnusable(f"no archive at {path}; {_FIRST_STEP}, --db names another one")


def _engine(url: URL, *, read_only: bool) -> Engine:
    if url.get_backend_name() == "sqlite":
        path = Path(str(url.database))
        engine = sa.create_engine(url, creator=lambda: _connect_sqlite(path, read_only=read_only))
        event.listen(engine, "begin", _begin_sqlite_reader if read_only else _begin_sqlite)
        return engine
    try:
        engine = sa.create_engine(url, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise DatabaseUnusable(
            "PostgreSQL needs one more package: pip install 'fazhi-archive[postgresql]'"
        ) from error
    # It remarks that a pipeline ended with its connection, beside the error that is raised for the same.
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    if read_only:
        event.listen(engine, "connect", _postgresql_read_only)
    else:
        event.listen(engine, "begin", _begin_postgresql)
    return engine


def _connect_sqlite(path: Path, *, read_only: bool) -> sqlite3.Connection:
    # isolation_level=None: the driver would begin transactions by itself, too late and not IMMEDIATE.
    uri = path.absolute().as_uri() + ("?" + _read_mode(path) if read_only else "?mode=rwc")
    connection = sqlite3.connect(
        uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA foreign_keys=ON")
        if read_only:
            connection.execute("PRAGMA query_only=ON")
        else:
            if not connection.execute(_FOREIGN).fetchone()[0]:  # which is refused as it is
                _use_wal(connection)
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
    except BaseException:
        connection.close()
        raise
    return connection


def _read_mode(path: Path) -> str:
    """WAL needs a writable directory; an archive on a read-only disk is opened as one that never changes."""
    wal = path.with_name(path.name + "-wal")
    frozen = not os.access(path.parent, os.W_OK) and not wal.exists()
    return "immutable=1" if frozen else "mode=ro"


def _use_wal(connection: sqlite3.Connection) -> None:
    # Switching to WAL needs the file alone for a moment and does not wait for it by itself.
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    reads = connection.get_execution_options().get("archive_reads")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _begin_sqlite_reader(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if not connection.get_execution_options().get("archive_reads"):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")


def _postgresql_read_only(connection: DBAPIConnection, _record: object) -> None:
    connection.read_only = True


def _stored_revision(engine: Engine) -> str | None:
    """The revision the archive says it has; None for a database without any."""
    with reading(engine) as connection:
        tables = set(sa.inspect(connection).get_table_names())
        if "alembic_version" in tables:
            return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        foreign = tables if engine.dialect.name == "sqlite" else tables & set(metadata.tables)
        if foreign:
            raise DatabaseUnusable(
                f"{place(engine)} is no archive (it holds other tables: {', '.join(sorted(foreign)[:3])}); "
                "name another database"
            )
        return None


def _bring_up_to_date(
    engine: Engine, url: URL, revision: str | None, *, create: bool, read_only: bool
) -> None:
    if revision is None and not create:
        raise DatabaseUnusable(f"{place(engine)} is empty; {_FIRST_STEP}, --db names another one")
    if revision is not None and revision not in REVISIONS:
        raise NewerSchema(
            f"{place(engine)} was written by a newer version of this program (schema {revision}, "
            f"known up to {HEAD}); install that version to open it"
        )
    writer = _engine(url, read_only=False) if read_only else engine
    try:
        _upgrade(writer)
    finally:
        if writer is not engine:
            writer.dispose()


def _upgrade(engine: Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        search_index.catch_up(connection, search_index.AT_UPGRADE)


def _explain(error: exc.DBAPIError, url: URL) -> str:
    where = _place(url)
    said = " ".join(str(error.orig).split())
    lower = said.lower()
    hints = (
        ("not a database", f"{where} is not an archive (not a SQLite file); name another file"),
        ("malformed", f"{where} is damaged ({said}); restore it from a backup"),
        ("disk is full", f"{where}: the disk is full; free space and run again, what was committed is safe"),
        ("no space left", f"{where}: the disk is full; free space and run again, what was committed is safe"),
        (
            "disk i/o error",
            f"{where}: the disk fails ({said}); mend it and run again, what was committed is safe",
        ),
        ("readonly database", f"{where} cannot be written; check the rights of the file and its directory"),
        ("unable to open", f"{where} cannot be opened; check the rights of the file and its directory"),
        ("is locked", f"{where} stayed locked for {BUSY_SECONDS} s by another program; try again later"),
        ("authentication failed", f"{where}: the server refuses user or password; check the URL"),
        ("does not exist", f"{where}: {said.rsplit('FATAL: ', 1)[-1].strip()}; create it, or check the URL"),
        (
            "connection",
            f"{where}: the server cannot be reached; is it running? Run again when it is ({said[:200]})",
        ),
    )
    for sign, line in hints:
        if sign in lower:
            return line
    return f"{where}: the database failed: {said[:300]}"
