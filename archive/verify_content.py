"""Every payload unpacked and hashed, every text hashed: does each still answer to its digest?"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
import zstandard
from sqlalchemy.engine import Connection

from archive import canonical, schema
from archive.text import digest
from archive.verify_findings import Problem, Sort, of_digest

LARGEST_BODY = 1 << 30
"""What a damaged header claims beyond this is not believed; a crawl takes 50 MB at most."""

CHUNK_ROWS = 250
"""Rows of a piece on SQLite: about 15 MB of pages."""
PREFIXES = 256
"""Pieces of a table on PostgreSQL, by the first two digits; a small table is one."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a table for one worker."""

    table: str
    low: int | str | None
    """First rowid (SQLite) or lowest digest (PostgreSQL)."""
    high: int | str | None
    """Last rowid, or the digest before which it ends."""


@dataclass(slots=True)
class Checked:
    """What a worker found in a piece."""

    rows: int = 0
    size: int = 0
    """Bytes as they were received, or of the text in UTF-8."""
    problems: list[Problem] = field(default_factory=list)


def chunks(table: sa.Table, connection: Connection) -> list[Chunk]:
    """Cuts ``payload`` or ``text`` into pieces in the order of the disk (SQLite) or of digests."""
    if connection.dialect.name != "sqlite":
        some = f"SELECT count(*) FROM (SELECT 1 FROM {canonical.quoted(table.name)} LIMIT {PREFIXES * 10}) x"
        few = connection.exec_driver_sql(some).scalar_one() < PREFIXES * 10
        marks = ["0"] if few else [f"{number:02x}" for number in range(PREFIXES)]
        return [Chunk(table.name, low, high) for low, high in zip(marks, [*marks[1:], None], strict=True)]
    query = f"SELECT min(rowid), max(rowid) FROM {canonical.quoted(table.name)}"
    low, high = connection.exec_driver_sql(query).one()
    if low is None:
        return []
    rows = connection.exec_driver_sql(f"SELECT count(*) FROM {canonical.quoted(table.name)}").scalar_one()
    step = max(CHUNK_ROWS, -(-(high - low + 1) * CHUNK_ROWS // rows))  # a damaged rowid may be astronomic
    return [Chunk(table.name, first, min(first + step - 1, high)) for first in range(low, high + 1, step)]


def check(connection: Connection, chunk: Chunk, checked: Checked) -> Iterator[Problem]:
    """Checks the rows of a piece and counts them; rows that cannot be read are told and passed over."""
    table = schema.metadata.tables[chunk.table]
    hidden = redacted(connection, chunk.table)
    judge = _payload if table is schema.payload else _text
    for row in _rows(connection, table, chunk, checked):
        size, problem = judge(row, hidden)
        checked.rows += 1
        checked.size += size
        if problem is not None:
            yield problem


def redacted(connection: Connection, kind: str) -> frozenset[str]:
    """Digests of what was withdrawn (``archive redact``): emptied, and not damaged by that."""
    table = schema.redaction.c
    return frozenset(connection.execute(sa.select(table.digest).where(table.kind == kind)).scalars())


_COLUMNS = {"payload": "sha256, data, size", "text": "sha256, content, characters"}


def _rows(connection: Connection, table: sa.Table, chunk: Chunk, checked: Checked) -> Iterator[Sequence[Any]]:
    select = f"SELECT {_COLUMNS[table.name]} FROM {canonical.quoted(table.name)} WHERE "
    if connection.dialect.name != "sqlite":
        where = f"sha256 >= '{chunk.low}'" + (f" AND sha256 < '{chunk.high}'" if chunk.high else "")
        for batch in canonical.raw_batches(connection, select + where):
            yield from batch
        return
    raw = canonical.driver(connection)
    before, raw.text_factory = raw.text_factory, bytes  # what is no UTF-8 any more is to be told, not raised
    last = chunk.low
    try:
        for row in raw.execute(
            f"SELECT rowid, {_COLUMNS[table.name]} FROM {table.name} WHERE rowid BETWEEN ? AND ? ORDER BY rowid",
            (chunk.low, chunk.high),
        ):
            yield row[1:]
            last = row[0] + 1
    except raw.DatabaseError as error:
        yield from _one_by_one(raw, table, (last, chunk.high), checked, str(error))
    finally:
        raw.text_factory = before


def _one_by_one(
    raw: Any,  # noqa: ANN401 - the driver's connection
    table: sa.Table,
    rowids: tuple[Any, Any],
    checked: Checked,
    said: str,
) -> Iterator[Sequence[Any]]:
    """The rows behind a damaged page, found through the index of digests, as far as they can be read."""
    name = canonical.quoted(table.name)
    try:
        keys = raw.execute(
            f"SELECT rowid, sha256 FROM {name} WHERE rowid BETWEEN ? AND ? ORDER BY sha256", rowids
        ).fetchall()
    except raw.DatabaseError as error:
        what = f"rows {rowids[0]} to {rowids[1]} of {table.name} cannot be read ({error})"
        checked.problems.append(Problem(sort=Sort.UNREADABLE, what=what, table=table.name))
        return
    unread = 0
    for rowid, key in keys:
        try:
            row = raw.execute(
                f"SELECT {_COLUMNS[table.name]} FROM {name} WHERE rowid = ?", (rowid,)
            ).fetchone()
        except raw.DatabaseError as error:
            unread += 1
            sha256 = _printed(key)
            what = f"cannot be read ({error})"
            checked.problems.append(of_digest(Sort.UNREADABLE, table.name, sha256, what))
        else:
            if row is not None:
                yield row
    if not unread:
        what = f"a page of {table.name} is damaged ({said})"
        checked.problems.append(Problem(sort=Sort.UNREADABLE, what=what, table=table.name))


def _printed(value: object) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def _payload(row: Sequence[Any], hidden: Collection[str]) -> tuple[int, Problem | None]:
    sha256, data, size = _printed(row[0]), row[1], row[2]
    if sha256 in hidden:
        gone = data in {b"", None}
        return 0, None if gone else of_digest(
            Sort.REDACTED, "payload", sha256, "was withdrawn, but its bytes are there"
        )
    length, wrong = _unpacked(data, size, sha256)
    return length, None if wrong is None else of_digest(Sort.PAYLOAD, "payload", sha256, wrong)


def _unpacked(data: object, size: object, sha256: str) -> tuple[int, str | None]:
    """The length of a payload and what is wrong with it."""
    if not isinstance(data, bytes):
        return 0, f"is no bytes but {type(data).__name__}"
    try:
        claimed = zstandard.frame_content_size(data)
        if claimed > LARGEST_BODY:
            return 0, f"does not unpack (its header claims {claimed} bytes)"
        body = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompress(
            data, max_output_size=LARGEST_BODY
        )
    except (zstandard.ZstdError, MemoryError) as error:
        return 0, f"does not unpack ({error})"
    found = hashlib.sha256(body).hexdigest()
    if found != sha256:
        return len(body), f"holds other bytes (their digest is {found[:12]}…)"
    return len(body), None if size == len(body) else f"has {len(body)} bytes, its row says {size}"


def _text(row: Sequence[Any], hidden: Collection[str]) -> tuple[int, Problem | None]:
    sha256, content, characters = _printed(row[0]), row[1], row[2]
    if sha256 in hidden:
        gone = not content
        return 0, None if gone else of_digest(
            Sort.REDACTED, "text", sha256, "was withdrawn, but its words are there"
        )
    if isinstance(content, str):
        content = content.encode("utf-8", "surrogatepass")
    if not isinstance(content, bytes):
        return 0, of_digest(Sort.TEXT, "text", sha256, f"is no text but {type(content).__name__}")
    try:
        words = content.decode()
    except UnicodeDecodeError as error:
        return len(content), of_digest(Sort.TEXT, "text", sha256, f"is no UTF-8 any more ({error.reason})")
    found = digest(words)
    if found != sha256:
        return len(content), of_digest(
            Sort.TEXT, "text", sha256, f"has other words (their digest is {found[:12]}…)"
        )
    if characters != len(words):
        what = f"has {len(words)} characters, its row says {characters}"
        return len(content), of_digest(Sort.TEXT, "text", sha256, what)
    if strange := _unwritten_space(content):
        return len(content), of_digest(Sort.SPACE, "text", sha256, f"has white space U+{ord(strange):04X}")
    return len(content), None


_CONTROLS = b"\x0b\x0c\r\x1c\x1d\x1e\x1f"
_BEHIND = {
    b"\xc2": frozenset(b"\x85"),
    b"\xe2\x80": frozenset((*range(0x80, 0x8B), 0xA8, 0xA9)),  # U+2000 to U+200A, U+2028, U+2029
}


def _unwritten_space(content: bytes) -> str | None:
    """White space that the crawler's readings fold, in a text as UTF-8.

    The digest does not tell it from a line end; a flipped bit makes U+000B of one, and U+2000 of U+3000.
    """
    plain = content.translate(None, _CONTROLS)
    if len(plain) < len(content):
        return next(chr(byte) for byte in content if byte in _CONTROLS)
    for prefix, odd in _BEHIND.items():
        for piece in content.split(prefix)[1:]:
            if piece and piece[0] in odd:
                return (prefix + piece[:1]).decode()
    return None
