"""``archive restore``: a backup becomes the archive again; what stood there is kept aside.

The backup is taken out and checked under a temporary name (PostgreSQL: in a schema of its own, or in
one transaction), brought up to date, given a new epoch, and only then put in the archive's place.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from pathlib import Path
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from archive import leases, meta, schema, search_index
from archive.backup import (
    beside,
    is_damage,
    put_in_place,
    read_manifest,
    single_file,
    sqlite_file,
    sync_directory,
    take_out,
)
from archive.copying import file_of, holds_something, transfer
from archive.database import open_archive, place, reading, snapshot, writing
from archive.errors import DatabaseUnusable, NewerSchema, PortalBusy, UsageError
from archive.manifest import Manifest, Progress, silent
from archive.redaction import Kind, hidden
from archive.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restore did."""

    place: str
    """Address of the archive, without password."""
    manifest: Manifest
    """What the backup held."""
    epoch: str
    """The epoch that begins now, see ``archive.meta``."""
    aside: str | None
    """Where the former archive is kept (a file, or a schema of the same database); None: there was none."""
    withdrawn: int | None
    """Withdrawals (``archive redact``) of the former archive that were made after the backup and have been
    repeated; None: it could not be read."""


def restore(backup: Path, target: str, *, force: bool = False, progress: Progress = silent) -> Restored:
    """Makes a backup the archive at ``target``.

    Args:
        backup: a file that ``archive backup`` made.
        target: path or URL of the archive to be.
        force: an archive that holds something is moved aside instead of refused.
        progress: told about pages (as bytes) and rows.

    Raises:
        UsageError: the target holds something, or is the backup itself.
        DatabaseUnusable: the backup is damaged, of a newer version, or not to be read or written here.
        PortalBusy: a crawl works on the archive that would be moved aside.
    """
    wanted = read_manifest(backup)
    if wanted.revision not in schema.REVISIONS:
        raise NewerSchema(
            f"{backup} was made by a newer version of this program (schema {wanted.revision}, "
            f"known up to {schema.HEAD}); install that version to restore it"
        )
    path = file_of(target)
    if path is None:
        return _into_server(backup, wanted, target, force=force, progress=progress)
    return _into_file(backup, path, force=force, progress=progress)


def _begin(connection: Connection, wanted: Manifest) -> str:
    """Begins the epoch of a restored archive, on which nobody works yet whoever did at the backup."""
    connection.execute(schema.lease.delete())
    reason = f"restored from the backup of {wanted.made:%Y-%m-%d %H:%M:%S} UTC, change {wanted.last_change}"
    return meta.new_epoch(connection, reason)


_Withdrawals = Sequence[sa.Row[Any]]


def _withdrawals(path: Path, there: _There) -> _Withdrawals | None:
    """What was withdrawn from the former archive; None: nobody can read it."""
    if there is not _There.ARCHIVE:
        return None if there is _There.DAMAGED else ()
    engine = open_archive(str(path), create=False, read_only=True)
    try:
        return _redactions(engine)
    finally:
        engine.dispose()


def _redactions(engine: Engine) -> _Withdrawals:
    with reading(engine) as connection:
        return connection.execute(sa.select(schema.redaction).order_by(schema.redaction.c.id)).all()


def _repeat(engine: Engine, withdrawals: _Withdrawals) -> int:
    """Withdraws again what an older backup brought back."""
    done = 0
    for row in withdrawals:
        table = schema.text_ if row.kind == Kind.TEXT else schema.payload
        with reading(engine) as connection:
            here = connection.execute(sa.select(table.c.sha256).where(table.c.sha256 == row.digest)).first()
            known = hidden(connection, row.kind, (row.digest,))
        if here is not None and not known:
            Store(engine).redact(row.digest, by=row.by, reason=row.reason, titles=row.titles)
            done += 1
    return done


def _into_file(backup: Path, path: Path, *, force: bool, progress: Progress) -> Restored:
    if not path.parent.is_dir():
        raise UsageError(f"{path}: the directory {path.parent} does not exist; make it first")
    if path.exists() and path.samefile(backup):
        raise UsageError(f"{path} is the backup itself; name another archive with --db")
    there = _what_stands_at(path)
    filled = there is not _There.NOTHING
    if filled and not force:
        raise UsageError(
            f"{path} holds an archive; name another one with --db, or --force to restore there (it is kept aside)"
        )
    with beside(path) as part:
        wanted = take_out(backup, part, progress)
        withdrawals = _withdrawals(path, there)
        engine = open_archive(str(part))
        try:
            with writing(engine) as connection:
                epoch = _begin(connection, wanted)
            progress("search index", search_index.rebuild(engine))
            withdrawn = None if withdrawals is None else _repeat(engine, withdrawals)
        finally:
            engine.dispose()
        with sqlite_file(part, path) as connection:
            single_file(connection)
        if path.exists():
            part.chmod(path.stat().st_mode)
        aside = _set_aside(path, there)
        put_in_place(part, path)
    return Restored(place=str(path), manifest=wanted, epoch=epoch, aside=aside, withdrawn=withdrawn)


class _There(Enum):
    NOTHING = auto()  # no file, an empty one, or an archive that nobody wrote to
    ARCHIVE = auto()
    DAMAGED = auto()


def _what_stands_at(path: Path) -> _There:
    if not path.exists() or path.stat().st_size == 0:
        return _There.NOTHING
    try:
        engine = open_archive(str(path), create=False, read_only=True)
        try:
            with reading(engine) as connection:
                return _There.NOTHING if holds_something(connection) is None else _There.ARCHIVE
        finally:
            engine.dispose()
    except DatabaseUnusable as error:
        return _There.DAMAGED if is_damage(error) else _There.ARCHIVE


def _set_aside(path: Path, there: _There) -> str | None:
    """Moves a former archive out of the way, with all that belongs to it.

    A log (-wal) that stayed would be read into the new file; that of a damaged archive is kept as it
    is: opened once more, SQLite might drop it.
    """
    aside = path.with_name(f"{path.name}.before-{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}")
    keep = there is not _There.NOTHING
    if there is _There.DAMAGED or not path.exists():
        _move(path, aside, keep=keep)
    else:
        with _alone(path):
            _move(path, aside, keep=keep)
    sync_directory(path.parent)
    return str(aside) if keep else None


def _move(path: Path, aside: Path, *, keep: bool) -> None:
    for suffix in ("-wal", "-shm", "-journal", ""):
        part = path.with_name(path.name + suffix)
        if part.exists() and keep:
            part.replace(aside.with_name(aside.name + suffix))
        else:
            part.unlink(missing_ok=True)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody else has the archive open; its log is folded into it."""
    with closing(sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)) as connection:
        try:
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()[0]
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            raise _in_use(path) from error
        if mode == "wal":
            raise _in_use(path)
        yield


def _in_use(path: Path) -> DatabaseUnusable:
    return DatabaseUnusable(
        f"{path} is in use by another program; stop crawls and readers, then restore again"
    )


_PATIENCE = 2.0
"""Seconds to wait for somebody who is just closing the archive."""


def _into_server(backup: Path, wanted: Manifest, target: str, *, force: bool, progress: Progress) -> Restored:
    engine = open_archive(target)
    try:
        with reading(engine) as connection:
            filled = holds_something(connection) is not None
        if filled and not force:
            raise UsageError(
                f"{place(engine)} holds an archive; name another database with --db, "
                "or --force to restore there (it is kept aside in a schema of its own)"
            )
        with _up_to_date(backup, wanted, progress) as source:
            if filled:
                return _into_other_schema(source, engine, wanted, progress)
            epoch = _fill(source, engine, wanted, progress)
        return Restored(place=place(engine), manifest=wanted, epoch=epoch, aside=None, withdrawn=0)
    finally:
        engine.dispose()


@contextmanager
def _up_to_date(backup: Path, wanted: Manifest, progress: Progress) -> Iterator[Engine]:
    """The backup's archive, checked, in today's schema."""
    with tempfile.TemporaryDirectory(prefix="fazhi-restore-") as folder:
        part = Path(folder) / "archive.db"
        take_out(backup, part, progress)
        engine = open_archive(str(part))
        try:
            yield engine
        finally:
            engine.dispose()


def _fill(source: Engine, target: Engine, wanted: Manifest, progress: Progress) -> str:
    with snapshot(source) as rows, writing(target) as connection:
        transfer(rows, connection, name=wanted.source, progress=progress)
        epoch = _begin(connection, wanted)
    progress("search index", search_index.rebuild(target))
    return epoch


def _into_other_schema(source: Engine, engine: Engine, wanted: Manifest, progress: Progress) -> Restored:
    """Builds the archive beside the former one and changes their names when it is whole."""
    with reading(engine) as connection:
        _refuse_while_crawled(connection)
        here = str(connection.exec_driver_sql("SELECT current_schema()").scalar_one())
    new = f"restoring_{uuid4().hex[:12]}"
    aside = f"{here}_before_{datetime.now(UTC):%Y%m%dT%H%M%SZ}".lower()
    with writing(engine) as connection:
        connection.exec_driver_sql(f'CREATE SCHEMA "{new}"')
    try:
        options = {"options": f"-csearch_path={new}"}
        there = open_archive(engine.url.update_query_dict(options).render_as_string(hide_password=False))
        try:
            epoch = _fill(source, there, wanted, progress)
            withdrawn = _repeat(there, _redactions(engine))
        finally:
            there.dispose()
        with writing(engine) as connection:
            _refuse_while_crawled(connection)
            connection.exec_driver_sql(f'ALTER SCHEMA "{here}" RENAME TO "{aside}"')
            connection.exec_driver_sql(f'ALTER SCHEMA "{new}" RENAME TO "{here}"')
            connection.exec_driver_sql(f'GRANT USAGE ON SCHEMA "{here}" TO PUBLIC')
    except BaseException:
        with writing(engine) as connection:
            connection.exec_driver_sql(f'DROP SCHEMA IF EXISTS "{new}" CASCADE')
        raise
    return Restored(
        place=place(engine), manifest=wanted, epoch=epoch, aside=f"schema {aside}", withdrawn=withdrawn
    )


def _refuse_while_crawled(connection: Connection) -> None:
    lease = schema.lease.c
    query = sa.select(lease.owner, lease.expires, schema.portal.c.key).join(schema.portal)
    for held in connection.execute(query):
        if held.expires > datetime.now(UTC) and not leases.is_dead(held.owner):
            raise PortalBusy(
                f"portal {held.key} is being crawled by {held.owner}; stop it, then restore again "
                f"(its lease ends at {held.expires:%H:%M:%S} UTC)"
            )
