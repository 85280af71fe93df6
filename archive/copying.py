"""``archive copy``: one archive into another, SQLite or PostgreSQL, in one transaction, verified.

The source is read in one snapshot; a crawl may go on writing to it. The target is filled in one
transaction that ends with a comparison of what it now holds: interrupted, it is as empty as before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.engine import Connection, Engine

from archive import canonical, manifest, meta, search_index
from archive.canonical import CanonicalRow, TableDigest
from archive.database import open_archive, place, snapshot, writing
from archive.errors import ArchiveError, UsageError
from archive.manifest import Manifest, Progress, silent

_MADE_WITH_THE_SCHEMA = frozenset({"meta"})
"""Tables that hold rows in an archive nobody has written to."""


def copy_archive(source: str, target: str, *, progress: Progress = silent) -> Manifest:
    """Copies a whole archive and verifies the copy.

    An older source is brought up to date first, as by every opening. The copy keeps the archive's id
    and begins a new epoch (``archive.meta``): from here on both may go on with the same numbers.

    Args:
        source: path or URL of an archive.
        target: path or URL of an empty database, or of an archive that holds nothing.
        progress: told about rows.

    Returns:
        What was copied, before the new epoch.

    Raises:
        UsageError: source and target are the same, or the target holds something.
        DatabaseUnusable: one of them fails.
        ArchiveError: the copy differs from its source; nothing was kept.
    """
    taken = open_archive(source, create=False, read_only=True)
    try:
        if same_place(source, target):
            raise UsageError("source and target are the same archive; name another target")
        with fresh_target(target) as given:
            with snapshot(taken) as rows, writing(given) as connection:
                copied = transfer(rows, connection, name=place(taken), progress=progress)
                meta.new_epoch(connection, f"copied from {rows.dialect.name} to {connection.dialect.name}")
            progress("search index", search_index.rebuild(given))
    finally:
        taken.dispose()
    return copied


def file_of(url_or_path: str) -> Path | None:
    """The file of a SQLite archive; None for another database."""
    if "://" not in url_or_path:
        return Path(url_or_path)
    url = sa.make_url(url_or_path)
    return Path(url.database) if url.get_backend_name() == "sqlite" and url.database else None


def same_place(one: str, other: str) -> bool:
    """True for two names of one SQLite file, or the same URL."""
    first, second = file_of(one), file_of(other)
    if first is None or second is None:
        return one == other
    return first.exists() and second.exists() and first.samefile(second)


@contextmanager
def fresh_target(target: str) -> Iterator[Engine]:
    """Opens (or makes) the archive to be filled; a file made here is removed if filling it fails."""
    path = file_of(target)
    made = path is not None and not path.exists()
    try:
        engine = open_archive(target)
        try:
            yield engine
        finally:
            engine.dispose()
    except BaseException:
        if made and path is not None:
            remove(path)
        raise


def remove(path: Path) -> None:
    """Removes a SQLite file with what stands beside it."""
    for suffix in ("", "-wal", "-shm", "-journal"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def transfer(source: Connection, target: Connection, *, name: str, progress: Progress = silent) -> Manifest:
    """Fills an empty archive with the rows of another, in the transactions of both, and compares.

    Args:
        source: a snapshot of an archive (``database.snapshot``).
        target: a write transaction of another one that holds nothing.
        name: what the manifest calls the source.
        progress: told about rows.

    Raises:
        UsageError: the target holds something.
        ArchiveError: a row does not fit, or the copy differs; the caller's transaction must end here.
    """
    made = datetime.now(UTC)
    _refuse_what_is_filled(target)
    for table_name in sorted(_MADE_WITH_THE_SCHEMA):
        target.exec_driver_sql(f"DELETE FROM {canonical.quoted(table_name)}")
    digests = {}
    try:
        with writer(target) as write:
            for table in canonical.tables():
                digests[table.name] = _carry(source, table, write, progress)
    except (exc.DataError, exc.IntegrityError) as error:
        raise ArchiveError(
            f"a row of the source does not fit ({' '.join(str(error.orig).split())[:200]}); "
            "`archive verify` on the source names what is wrong with it"
        ) from error
    copied = manifest.put_together(source, digests, source=name, made=made)
    _go_on_after(target, copied)
    found = manifest.take(
        target, source=name, made=made, progress=lambda what, more: progress(f"check {what}", more)
    )
    if wrong := manifest.differences(copied, found):
        raise ArchiveError(f"the copy differs from its source and was undone: {'; '.join(wrong)}; try again")
    return copied


def holds_something(connection: Connection) -> str | None:
    """The name of a table that holds rows somebody wrote; None for an archive as it is made."""
    for table in canonical.tables():
        if table.name not in _MADE_WITH_THE_SCHEMA:
            query = f"SELECT 1 FROM {canonical.quoted(table.name)} LIMIT 1"
            if connection.exec_driver_sql(query).first() is not None:
                return table.name
    return None


def _refuse_what_is_filled(target: Connection) -> None:
    filled = holds_something(target)
    if filled is not None:
        raise UsageError(
            f"{place(target.engine)} is not empty (rows in {filled}); name a new file or an empty database"
        )


Write = Callable[[sa.Table, Iterator[list[CanonicalRow]]], None]


def _carry(source: Connection, table: sa.Table, write: Write, progress: Progress) -> TableDigest:
    digest = TableDigest()
    # Closed at once where writing fails: a cursor left to the garbage collector outlives its connection.
    with closing(canonical.stream(source, table)) as batches:

        def counted() -> Iterator[list[CanonicalRow]]:
            for rows in batches:
                digest.add(rows)
                yield rows
                progress(table.name, len(rows))

        write(table, counted())
    return digest


@contextmanager
def writer(target: Connection) -> Iterator[Write]:
    """How canonical rows get into a table of the target, in its transaction; referred-to tables first."""
    raw = canonical.driver(target)
    if target.dialect.name == "sqlite":
        # Rows of one table may refer to later ones of the same; all stands when the transaction ends.
        target.exec_driver_sql("PRAGMA defer_foreign_keys=ON")

        def insert(table: sa.Table, batches: Iterator[list[CanonicalRow]]) -> None:
            names = _names(table)
            marks = ", ".join("?" * len(canonical.columns(table)))
            statement = f"INSERT INTO {canonical.quoted(table.name)} ({names}) VALUES ({marks})"
            for rows in batches:
                with canonical.driver_errors(target.engine):
                    raw.executemany(statement, rows)

        yield insert
        return

    def copy_in(table: sa.Table, batches: Iterator[list[CanonicalRow]]) -> None:
        # One COPY per table: PostgreSQL looks at references inside the table when the statement ends.
        statement = f"COPY {canonical.quoted(table.name)} ({_names(table)}) FROM STDIN"
        with canonical.driver_errors(target.engine), raw.cursor() as cursor, cursor.copy(statement) as copy:
            for rows in batches:
                for row in rows:
                    copy.write_row(row)

    yield copy_in


def _names(table: sa.Table) -> str:
    return ", ".join(canonical.quoted(column.name) for column in canonical.columns(table))


def _go_on_after(target: Connection, copied: Manifest) -> None:
    """Later writes get numbers after those that were copied, and changes never one that was ever given."""
    last_change = copied.next_change - 1
    if target.dialect.name == "sqlite":
        if last_change:
            target.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = 'change'")
            target.exec_driver_sql(
                "INSERT INTO sqlite_sequence (name, seq) VALUES ('change', ?)", (last_change,)
            )
        return
    for table, column in numbered():
        last = target.execute(sa.select(sa.func.max(column))).scalar() or 0
        if table.name == "change":
            last = max(last, last_change)
        if last:
            target.exec_driver_sql(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', '{column.name}'), {last})"
            )


def numbered() -> Sequence[tuple[sa.Table, sa.Column[int]]]:
    """The tables whose rows the database numbers, with the column."""
    return [
        (table, table.autoincrement_column)
        for table in canonical.tables()
        if table.autoincrement_column is not None and not table.autoincrement_column.foreign_keys
    ]
