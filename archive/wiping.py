"""After a withdrawal: what the database's files still hold of it."""

from __future__ import annotations

from sqlalchemy.engine import Engine
from sqlalchemy.engine.interfaces import DBAPICursor

from archive.canonical import driver_errors
from archive.database import translated

_PAGES_AT_ONCE = 2000
_DONE = 2
"""Rows changed by a merge that found nothing to do are fewer (sqlite.org/fts5.html)."""


def wipe(engine: Engine) -> bool:
    """Removes what a withdrawal left in the files: the journal on SQLite, dead rows on PostgreSQL.

    May be done again: after a withdrawal that was killed, or whose database failed, before it came to this.

    Returns:
        False if a reader still holds the journal: then it is removed by the next writer after it.

    Raises:
        DatabaseUnusable: the database fails; what was withdrawn is, but may still be read in the files.
    """
    with translated(engine), driver_errors(engine):
        return _wipe(engine)


def _wipe(engine: Engine) -> bool:
    if engine.dialect.name != "sqlite":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for table in ("text", "payload", "extraction", "section", "figure", "search_index"):
                connection.exec_driver_sql(f'VACUUM "{table}"')
        return True
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute("PRAGMA secure_delete = ON")
        _wipe_index(cursor)
        ((busy, _, _),) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        raw.close()
    return not busy


def _wipe_index(cursor: DBAPICursor) -> None:
    """Words taken out of the search index stay in its segments until they are merged: so all are, a piece at a time."""
    # A negative number begins, a positive one goes on (sqlite.org/fts5.html, "merge").
    pages = -_PAGES_AT_ONCE
    while True:
        before = _changes(cursor)
        cursor.execute("INSERT INTO search_index (search_index, rank) VALUES ('merge', ?)", (pages,))
        if _changes(cursor) - before < _DONE:
            return
        pages = _PAGES_AT_ONCE


def _changes(cursor: DBAPICursor) -> int:
    ((changes,),) = cursor.execute("SELECT total_changes()").fetchall()
    return int(changes)
