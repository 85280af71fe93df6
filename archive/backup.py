"""``archive backup`` and ``archive restore``: one file that is a whole archive, and proves it.

A backup is a SQLite archive whatever the archive is, made in one snapshot while others write, under a
temporary name; it gets its own name when its rows have been compared with the snapshot and lie on the
disk. It carries its manifest in a table of its own, so it cannot be separated from it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from archive import canonical, manifest
from archive.copying import remove, transfer
from archive.database import open_archive, place, snapshot, translated, writing
from archive.errors import ArchiveError, DatabaseUnusable, UsageError
from archive.manifest import Manifest, Progress, silent

MANIFEST_TABLE = "backup_manifest"

STEP_PAGES = 2048
"""Pages copied between two signs of life, 8 MB. The snapshot is held through all of them: without it
SQLite begins anew whenever a writer commits, and with a busy writer it would never end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A backup that was made."""

    path: Path
    size: int
    manifest: Manifest


def backup(engine: Engine, target: Path, *, force: bool = False, progress: Progress = silent) -> Backup:
    """Makes a backup of an archive while others may write to it.

    Args:
        engine: an open archive, on either database.
        target: the file to be made.
        force: replace a file that is there; it stays until the new one is whole.
        progress: told about pages (as bytes) and rows.

    Raises:
        UsageError: the target is there, or is the archive itself, or its directory is not.
        DatabaseUnusable: the archive cannot be read or the backup not written (disk full); nothing is left.
        ArchiveError: the backup differs from the archive; nothing is left.
    """
    _check_target(engine, target, force=force)
    with beside(target) as part:
        write = _pages if engine.dialect.name == "sqlite" else _rows
        made = write(engine, part, progress)
        with sqlite_file(part, target) as connection:
            single_file(connection)
            connection.execute(f"CREATE TABLE {MANIFEST_TABLE} (manifest TEXT NOT NULL)")
            connection.execute(f"INSERT INTO {MANIFEST_TABLE} VALUES (?)", (made.to_json(),))
        size = part.stat().st_size
        put_in_place(part, target)
    return Backup(path=target, size=size, manifest=made)


def read_manifest(path: Path) -> Manifest:
    """The manifest that a backup carries.

    Raises:
        DatabaseUnusable: there is no such file, or it is no backup; the message says what to do.
    """
    if not path.is_file():
        raise DatabaseUnusable(f"no backup at {path}; name the file that `archive backup` made")
    with sqlite_file(path, path, mode="ro") as connection:
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if MANIFEST_TABLE not in names:
            raise DatabaseUnusable(
                f"{path} carries no manifest: it was not made by `archive backup`; "
                "if it is an archive, `archive copy` takes it over"
            )
        row = connection.execute(f"SELECT manifest FROM {MANIFEST_TABLE}").fetchone()
    if row is None:
        raise DatabaseUnusable(f"{path}: its manifest is empty; take another backup")
    return Manifest.from_json(row[0])


def take_out(path: Path, part: Path, progress: Progress = silent) -> Manifest:
    """Copies a backup to another file and checks it there against its manifest; the manifest is taken off.

    Raises:
        DatabaseUnusable: the backup is damaged, or the copy cannot be written.
    """
    wanted = read_manifest(path)
    with sqlite_file(path, path, mode="ro") as source, sqlite_file(part, part) as target:
        _copy_pages(source, target, progress)
        single_file(target)
        problem = target.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if problem != "ok":
            raise DatabaseUnusable(
                f"{path} is damaged ({' '.join(problem.split())[:200]}); take another backup"
            )
        wrong = _compare(target, wanted, progress)
        if wrong:
            raise DatabaseUnusable(f"{path} is damaged: {'; '.join(wrong)}; take another backup")
        target.execute(f"DROP TABLE {MANIFEST_TABLE}")
    return wanted


def _compare(connection: sqlite3.Connection, wanted: Manifest, progress: Progress) -> list[str]:
    """Reads the rows as the schema of the backup's time has them, which may be older than today's."""
    wrong = []
    for name, entry in wanted.tables.items():
        names = ", ".join(map(canonical.quoted, entry.columns))
        digest = canonical.TableDigest()
        only = canonical.condition(name)
        cursor = connection.execute(
            f"SELECT {names} FROM {canonical.quoted(name)}" + (f" WHERE {only}" if only else "")
        )
        while rows := cursor.fetchmany(64):
            digest.add(rows)
            progress(f"check {name}", len(rows))
        if digest.rows != entry.rows:
            wrong.append(f"table {name} has {digest.rows} rows instead of {entry.rows}")
        elif digest.digest != entry.digest:
            wrong.append(f"table {name}: the digest of its {entry.rows} rows differs")
    return wrong


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """A temporary name beside the target; whatever stands under it is gone afterwards."""
    clear_leftovers(target)
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        yield part
    finally:
        remove(part)


def clear_leftovers(target: Path) -> None:
    """Removes what killed processes left under temporary names of this target."""
    for left in target.parent.glob(f".{_literal(target.name)}.*.part*"):
        pid = left.name.removeprefix(f".{target.name}.").partition(".")[0]
        if pid.isdecimal() and not Path(f"/proc/{pid}").exists():
            left.unlink(missing_ok=True)


def _literal(name: str) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in name)


def put_in_place(part: Path, target: Path) -> None:
    """Gives a finished file its name, once it lies on the disk."""
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(target)
    sync_directory(target.parent)


def sync_directory(directory: Path) -> None:
    """A name survives a power cut only when its directory lies on the disk."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _check_target(engine: Engine, target: Path, *, force: bool) -> None:
    if not target.parent.is_dir():
        raise UsageError(f"the directory {target.parent} does not exist; make it first")
    if target.is_dir():
        raise UsageError(f"{target} is a directory; name a file in it, e.g. {target / 'backup.db'}")
    own = engine.url.database
    if engine.dialect.name == "sqlite" and own and target.exists() and target.samefile(own):
        raise UsageError(f"{target} is the archive itself; name another file")
    if target.exists() and not force:
        raise UsageError(f"{target} is there already; name another file, or --force to replace it")


def _pages(engine: Engine, part: Path, progress: Progress) -> Manifest:
    """Copies the file page by page; rows are compared in the same snapshot."""
    with snapshot(engine) as connection:
        with sqlite_file(part, part) as target, canonical.driver_errors(engine):
            _copy_pages(canonical.driver(connection), target, progress)
        wanted = manifest.take(connection, source=place(engine), made=datetime.now(UTC), progress=progress)
    with sqlite_file(part, part) as target:
        wrong = _compare(target, wanted, progress)
    if wrong:
        raise ArchiveError(
            f"the backup differs from the archive and was removed: {'; '.join(wrong)}; try again"
        )
    return wanted


def _rows(engine: Engine, part: Path, progress: Progress) -> Manifest:
    """Copies a PostgreSQL archive row by row into a SQLite archive."""
    target = open_archive(str(part))
    try:
        with snapshot(engine) as rows, writing(target) as connection:
            return transfer(rows, connection, name=place(engine), progress=progress)
    finally:
        target.dispose()


def _copy_pages(source: sqlite3.Connection, target: sqlite3.Connection, progress: Progress) -> None:
    done = 0
    size = int(source.execute("PRAGMA page_size").fetchone()[0])

    def tell(_status: int, remaining: int, total: int) -> None:
        nonlocal done
        progress("pages", (total - remaining) * size - done)
        done = (total - remaining) * size

    own = not source.in_transaction
    if own:
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
    try:
        source.backup(target, pages=STEP_PAGES, progress=tell)
    finally:
        if own:
            source.rollback()


@contextmanager
def sqlite_file(path: Path, named: Path, mode: str = "rwc") -> Iterator[sqlite3.Connection]:
    """A SQLite file by itself, archive or not; errors name the file that the user knows.

    Raises:
        DatabaseUnusable: it is damaged or no SQLite file, or the disk is full.
    """
    words = sa.create_engine(sa.URL.create("sqlite", database=str(named)))  # for messages, never connected
    try:
        with translated(words), canonical.driver_errors(words):
            uri = f"{path.absolute().as_uri()}?mode={mode}"
            with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
                yield connection
    except DatabaseUnusable as error:
        if mode == "ro" and is_damage(error):
            raise DatabaseUnusable(f"{named} is damaged or no backup; take another one") from error
        raise


def is_damage(error: BaseException) -> bool:
    """True if SQLite says that the file itself is wrong."""
    cause: BaseException | None = error
    while cause is not None:
        code = getattr(cause, "sqlite_errorcode", 0) or 0
        if code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}:
            return True
        cause = cause.__cause__
    return False


def single_file(connection: sqlite3.Connection) -> None:
    """A copy of a file in WAL mode is one too, and would want two files beside it when it is read."""
    connection.execute("PRAGMA journal_mode=DELETE").fetchone()
