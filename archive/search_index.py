"""The search index: one entry per report and text, its tokens in the database's own full-text index.

SQLite: ``search_index`` is an FTS5 table without content; PostgreSQL: a table of arrays under a GIN
index. Both hold the same tokens (``archive.search_tokens``) under the number of the entry.

The number is the order of the answers: class, year reported on, and the number of the version that
brought the text last. So "newest first" is the order in which FTS5 yields its rows and that of
PostgreSQL's primary key, and a year is a range of numbers. A text that is replaced moves to the class
of earlier texts.

Triggers note a report in ``search_stale`` when one of its versions, its documents, its year or its
portal changes; ``archive.database.writing`` lets ``catch_up`` work the list off before it commits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from archive import meta, schema
from archive.errors import ArchiveError
from archive.search_tokens import Tokens, codes, hashes, tokens
from archive.segment import fold, stamp

DERIVED = ("search_index", "search_stale", "search_entry")
"""Tables that ``rebuild`` makes anew from the rest; a copy of an archive need not carry them."""

STAMP = "search_segmenter"
"""The key in the table ``meta`` under which the index says what it was made with (``segment.stamp``)."""

AT_ONCE = 200
"""Reports brought up to date in one transaction: less than a second. A crawl's transactions note one."""

AT_UPGRADE = 2000
"""The same in the transaction that brings an older archive up to date."""

YEARS = 4096
"""Years that numbers can tell; a report of another is sorted as one of none."""

TURNS = 1 << 32
"""Numbers of one year."""

_CLASS = YEARS * TURNS


class Class(IntEnum):
    """What an entry is to its report."""

    EARLIER = 1
    """A text that stands at none of its documents any more."""
    SHARED = 2
    """One of several texts that stand at its documents now (a page and its attachment)."""
    CURRENT = 3
    """The one text that stands there now."""


class IndexUnusable(ArchiveError):
    """The search index is not complete, or was made by another segmenter; the message names the next step."""


@dataclass(frozen=True, slots=True)
class Status:
    """How the search index stands."""

    segmenter: str | None
    """What it was made with; None: nothing was indexed yet."""
    expected: str
    """What this program makes an index with."""
    entries: int
    """Texts in the index, counted once per report."""
    waiting: int
    """Reports whose texts are not in the index, or no longer as they stand there."""

    @property
    def usable(self) -> bool:
        """True if every answer is complete."""
        return not self.waiting and self.segmenter in {None, self.expected}


def band(kind: Class, year: int | None = None) -> tuple[int, int]:
    """The numbers of a class, or of a year in it: from the first up to, not including, the second."""
    begin = kind * _CLASS
    if year is None:
        return begin, begin + _CLASS
    return begin + year * TURNS, begin + (year + 1) * TURNS


def year_of(entry_id: int) -> int | None:
    """The year reported on, as the number of an entry tells it."""
    return entry_id % _CLASS // TURNS or None


def recency(entry_id: int) -> int:
    """What entries of different classes are ordered by."""
    return entry_id % _CLASS


def catch_up(connection: Connection, limit: int | None = AT_ONCE) -> int:
    """Brings the entries of noted reports up to date, in the caller's write transaction.

    Does nothing to an index of another segmenter: ``rebuild`` makes it anew.

    Args:
        connection: a write transaction.
        limit: at most so many reports; None: all.

    Returns:
        How many reports were done.
    """
    noted = connection.execute(_WORK if limit is None else _WORK.limit(limit)).all()
    if not noted or not _ours(connection, noted[0].made_with):
        return 0
    for start in range(0, len(noted), AT_ONCE):
        some = noted[start : start + AT_ONCE]
        ids = [row.report_id for row in some]
        _renew(connection, ids, known=any(row.known for row in some))
        connection.execute(_DONE, {"ids": ids})
    return len(noted)


def forget(connection: Connection, text_sha256: str) -> int:
    """Takes a text out of the index for good, in the caller's write transaction; returns its entries.

    To be called **before** the content of the text is emptied: SQLite's index finds what it has to take
    out by the text itself; afterwards only a rebuild can, and is asked for. A text that is redacted or
    empty is never put in again.
    """
    rows = connection.execute(_OF_TEXT, {"sha256": text_sha256}).scalars().all()
    if rows:
        content = str(connection.execute(_CONTENT, {"sha256": text_sha256}).scalar_one())
        _remove(connection, [(entry_id, content) for entry_id in rows])
    return len(rows)


def check(connection: Connection) -> None:
    """Passes if every answer from the index is complete.

    Raises:
        IndexUnusable: it is not.
    """
    made_with = meta.get(connection, STAMP)
    if made_with not in {None, stamp()}:
        raise IndexUnusable(
            f"the search index was made by another segmenter ({made_with}; this program has {stamp()}); "
            "run `archive index rebuild`"
        )
    if connection.execute(_NOTED.limit(1)).first() is not None:
        waiting = _count(connection, schema.search_stale)
        raise IndexUnusable(f"{waiting} reports are not in the search index yet; run `archive index rebuild`")
    if not all(_holds(connection, query) for query in (_OLDEST, _NEWEST)):
        raise IndexUnusable(
            "the search index lacks texts it should hold (a copied archive?); run `archive index rebuild --all`"
        )


def status(connection: Connection) -> Status:
    """How the index stands."""
    return Status(
        segmenter=meta.get(connection, STAMP),
        expected=stamp(),
        entries=_count(connection, schema.search_entry),
        waiting=_count(connection, schema.search_stale),
    )


def begin_rebuild(connection: Connection, *, everything: bool = False) -> int:
    """Prepares a rebuild in one write transaction; returns how many reports are to be done.

    An index of this segmenter is gone on with where it was left; one of another, or with ``everything``
    any, is emptied first. The work itself is ``catch_up``, transaction after transaction.
    """
    if everything or not _ours(connection, meta.get(connection, STAMP)):
        _clear(connection)
    return _count(connection, schema.search_stale)


def rebuild(
    engine: Engine, *, everything: bool = False, told: Callable[[int, int], None] = lambda _done, _all: None
) -> int:
    """Makes the index complete, in transactions of ``AT_ONCE`` reports; returns how many reports were done.

    Interrupted, it is gone on with by the next call.

    Args:
        engine: an archive, open for writing.
        everything: also what is in the index already.
        told: hears how many are done, and of how many.
    """
    from archive.database import writing

    with writing(engine) as connection:
        waiting = begin_rebuild(connection, everything=everything)
    left = waiting
    while left:
        with writing(engine) as connection:  # works some off before it commits
            left = _count(connection, schema.search_stale)
        told(waiting - left, waiting)
    return waiting


def _ours(connection: Connection, made_with: str | None) -> bool:
    """True if the index is of this segmenter; a new one is signed."""
    if made_with is None:
        meta.put(connection, STAMP, stamp())
    return made_with in {None, stamp()}


def _clear(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("INSERT INTO search_index (search_index) VALUES ('delete-all')")
    else:
        connection.exec_driver_sql("TRUNCATE search_index")
    connection.execute(schema.search_entry.delete())
    connection.execute(schema.search_stale.delete())
    connection.execute(schema.search_stale.insert().from_select(["report_id"], sa.select(schema.report.c.id)))
    meta.put(connection, STAMP, stamp())


def _renew(connection: Connection, report_ids: Sequence[int], *, known: bool) -> None:
    """Makes the entries of some reports what they have to be; ``known``: some of them have entries already."""
    wanted = _wanted(connection, report_ids)
    gone = []
    for row in connection.execute(_ENTRIES, {"ids": list(report_ids)}).all() if known else ():
        if wanted.get((row.report_id, row.text_sha256)) == (row.id, row.portal_id):
            del wanted[row.report_id, row.text_sha256]
        else:
            gone.append((row.id, row.text_sha256))
    texts = _texts(connection, [*(sha256 for _, sha256 in gone), *(sha256 for _, sha256 in wanted)])
    if gone:
        _remove(connection, [(entry_id, texts[sha256]) for entry_id, sha256 in gone])
    new = [
        (
            {"id": entry_id, "report_id": report_id, "portal_id": portal_id, "text_sha256": sha256},
            texts[sha256],
        )
        # FTS5 begins a new segment where a number is smaller than the one before.
        for (report_id, sha256), (entry_id, portal_id) in sorted(wanted.items(), key=itemgetter(1))
    ]
    if new:
        _add(connection, new)


def _wanted(connection: Connection, report_ids: Sequence[int]) -> dict[tuple[int, str], tuple[int, int]]:
    """Report and text → its number, and the portal."""
    newest: dict[int, int] = {}
    rows = connection.execute(_VERSIONS, {"ids": list(report_ids)}).all()
    for row in rows:
        newest[row.document_id] = max(row.number, newest.get(row.document_id, 0))
    current: dict[int, set[str]] = defaultdict(set)
    for row in rows:
        if row.number == newest[row.document_id] and not row.hidden:
            current[row.report_id].add(row.text_sha256)
    wanted = {}
    for row in rows:  # in the order of their ids: the last version of a text gives the turn
        if row.hidden:
            continue
        kind = Class.EARLIER
        if row.text_sha256 in current[row.report_id]:
            kind = Class.CURRENT if len(current[row.report_id]) == 1 else Class.SHARED
        year = row.year if row.year is not None and 0 < row.year < YEARS else 0
        wanted[row.report_id, row.text_sha256] = (band(kind, year)[0] + row.id, row.portal_id)
    return wanted


def _texts(connection: Connection, digests: Iterable[str]) -> dict[str, str]:
    wanted = sorted(set(digests))
    if not wanted:
        return {}
    return {row.sha256: row.content for row in connection.execute(_CONTENTS, {"digests": wanted})}


def _add(connection: Connection, new: Sequence[tuple[dict[str, object], str]]) -> None:
    connection.execute(_ADD_ENTRY, [values for values, _ in new])
    put(connection, [(values["id"], *row(connection.dialect.name, tokens(text))) for values, text in new])


def row(dialect: str, of: Tokens) -> tuple[str, ...]:
    """The tokens of a text as the index of such a database takes them."""
    if dialect == "sqlite":
        return (" ".join(of),)
    return (_array(codes(of.plain)), _array(hashes(of.marked)))


def put(connection: Connection, rows: Sequence[tuple[object, ...]]) -> None:
    """Puts texts into the index: number of the entry and ``row``, smaller numbers first."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("INSERT INTO search_index (rowid, tokens) VALUES (?, ?)", list(rows))
    else:
        connection.exec_driver_sql(
            "INSERT INTO search_index (id, plain, marked) VALUES (%s, %s::integer[], %s::bigint[])",
            list(rows),
        )


def _array(numbers: Iterable[int]) -> str:
    """An array as PostgreSQL reads it; the driver takes three times as long over a list."""
    return "{" + ",".join(map(str, numbers)) + "}"


def _remove(connection: Connection, gone: Sequence[tuple[int, str]]) -> None:
    if connection.dialect.name == "sqlite":
        if not all(text for _, text in gone):
            # Its words cannot be told any more, so they stay under its number: no answer may rest on that.
            meta.put(connection, STAMP, f"{stamp()}, holding words of an emptied text")
        rows = [(entry_id, " ".join(tokens(text))) for entry_id, text in gone]
        connection.exec_driver_sql(
            "INSERT INTO search_index (search_index, rowid, tokens) VALUES ('delete', ?, ?)", rows
        )
    connection.execute(_REMOVE_ENTRIES, {"ids": [entry_id for entry_id, _ in gone]})


def _holds(connection: Connection, query: sa.Select[tuple[int, str]]) -> bool:
    """Are there tokens for this entry, if there is one?"""
    row = connection.execute(query).first()
    char = None if row is None else next((char for char in fold(row.begins) if char.isalnum()), None)
    if row is None or char is None:
        return True
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql(
            "SELECT 1 FROM search_index WHERE search_index MATCH ? AND rowid = ?", (f'"{char}"', row.id)
        )
    else:
        found = connection.exec_driver_sql("SELECT 1 FROM search_index WHERE id = %s", (row.id,))
    return found.first() is not None


def _count(connection: Connection, table: sa.Table) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


_s, _v, _d, _r, _t = (
    schema.search_entry.c,
    schema.version.c,
    schema.document.c,
    schema.report.c,
    schema.text_.c,
)
_ids: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True)
_NOTED = sa.select(schema.search_stale.c.report_id).order_by(schema.search_stale.c.report_id)
_WORK = _NOTED.add_columns(
    sa.select(schema.meta.c.value).where(schema.meta.c.key == STAMP).scalar_subquery().label("made_with"),
    sa.exists().where(_s.report_id == schema.search_stale.c.report_id).label("known"),
)
_DONE = schema.search_stale.delete().where(schema.search_stale.c.report_id.in_(_ids))
_CONTENT = sa.select(_t.content).where(_t.sha256 == sa.bindparam("sha256"))
_CONTENTS = sa.select(_t.sha256, _t.content).where(_t.sha256.in_(sa.bindparam("digests", expanding=True)))
_OF_TEXT = sa.select(_s.id).where(_s.text_sha256 == sa.bindparam("sha256"))
_ENTRIES = sa.select(_s.id, _s.report_id, _s.portal_id, _s.text_sha256).where(_s.report_id.in_(_ids))
_ADD_ENTRY = schema.search_entry.insert()
_REMOVE_ENTRIES = schema.search_entry.delete().where(_s.id.in_(_ids))
_redacted = sa.exists().where(schema.redaction.c.kind == "text", schema.redaction.c.digest == _v.text_sha256)
_VERSIONS = (
    sa.select(
        _v.id,
        _d.report_id,
        _v.document_id,
        _v.number,
        _v.text_sha256,
        _r.year,
        _r.portal_id,
        sa.or_(_t.content == "", _redacted).label("hidden"),
    )
    .join(schema.document, _d.id == _v.document_id)
    .join(schema.report, _r.id == _d.report_id)
    .join(schema.text_, _t.sha256 == _v.text_sha256)
    .where(_d.report_id.in_(_ids), _r.merged_into_id.is_(None))
    .order_by(_v.id)
)
_AN_ENTRY = (
    sa.select(_s.id, sa.func.substr(_t.content, 1, 100).label("begins"))
    .join(schema.text_, _t.sha256 == _s.text_sha256)
    .limit(1)
)
_OLDEST, _NEWEST = _AN_ENTRY.order_by(_s.id), _AN_ENTRY.order_by(_s.id.desc())
