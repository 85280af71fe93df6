"""Every payload unpacked and hashed, every text hashed: does each still answer to its digest?"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sqlalchemy as sa
import zstandard
from sqlalchemy.engine import Connection

from archive import canonical, schema
from archive.errors import ArchiveError
from archive.text import nfkc, normalise
from archive.verify_findings import Problem, Sort, of_digest

LARGEST_BODY = 1 << 30
"""What a damaged header claims beyond this is not believed; a crawl takes 50 MB at most."""

CHUNK_ROWS = 250
"""Rows of a piece on SQLite: about 15 MB of pages."""
CHUNK_BYTES = 4 << 20
"""Bytes on the disk of a piece on PostgreSQL."""
MOST_KEPT = 16 << 20
"""Bytes of texts kept for the task after it."""
PREFIXES = 256
"""Pieces of a table on PostgreSQL before 14, which cannot begin in the middle of a table: by two digits."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of a table for one worker."""

    table: str
    low: int | str
    """First rowid (SQLite), or first page or lowest digest (PostgreSQL)."""
    high: int | str | None
    """Last rowid, or the page or digest before which it ends."""
    node: int | None = None
    """On PostgreSQL the file that the pages belong to."""


@dataclass(slots=True)
class Checked:
    """What a worker found in a piece."""

    rows: int = 0
    size: int = 0
    """Bytes as they were received, or of the text in UTF-8."""
    problems: list[Problem] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)
    """Texts that were read, by their digests: for the task after it."""


def chunks(table: sa.Table, connection: Connection) -> list[Chunk]:
    """Cuts ``payload`` or ``text`` into pieces in the order of the disk."""
    if connection.dialect.name != "sqlite":
        return _postgresql_chunks(table, connection)
    query = f"SELECT min(rowid), max(rowid) FROM {canonical.quoted(table.name)}"
    low, high = connection.exec_driver_sql(query).one()
    if low is None:
        return []
    rows = connection.exec_driver_sql(f"SELECT count(*) FROM {canonical.quoted(table.name)}").scalar_one()
    step = max(CHUNK_ROWS, -(-(high - low + 1) * CHUNK_ROWS // rows))  # a damaged rowid may be astronomic
    return [Chunk(table.name, first, min(first + step - 1, high)) for first in range(low, high + 1, step)]


def _postgresql_chunks(table: sa.Table, connection: Connection) -> list[Chunk]:
    """Neighbours on the disk: in the order of digests every row would be a jump."""
    if (connection.dialect.server_version_info or ()) < (14,):
        digits = [f"{number:02x}" for number in range(PREFIXES)]
        return [Chunk(table.name, low, high) for low, high in zip(digits, [*digits[1:], None], strict=True)]
    query = (
        "SELECT pg_relation_size(t) / current_setting('block_size')::int, pg_table_size(t), "
        f"pg_relation_filenode(t) FROM (SELECT {_regclass(table)} AS t) x"
    )
    pages, stored, node = connection.exec_driver_sql(query).one()
    marks = list(range(0, max(pages, 1), max(1, pages * CHUNK_BYTES // max(stored, 1))))
    return [Chunk(table.name, low, high, node) for low, high in zip(marks, [*marks[1:], None], strict=True)]


def _regclass(table: sa.Table) -> str:
    return f"'{canonical.quoted(table.name)}'::regclass"


def check(connection: Connection, chunk: Chunk, checked: Checked) -> Iterator[Problem]:
    """Checks the rows of a piece and counts them; rows that cannot be read are told and passed over."""
    table = schema.metadata.tables[chunk.table]
    hidden = redacted(connection, chunk.table)
    room = MOST_KEPT
    for row in _rows(connection, table, chunk, checked):
        if table is schema.payload:
            size, problem = _payload(row, hidden)
        else:
            size, problem, words = _text(row, hidden)
            room -= size
            if words is not None and room > 0:
                checked.words[_printed(row[0])] = words
        checked.rows += 1
        checked.size += size
        if problem is not None:
            yield problem


def contents(connection: Connection, wanted: Collection[str], known: Mapping[str, str]) -> dict[str, str]:
    """Texts by their digests, those that are known not read again; what is no UTF-8 any more as far as it goes."""
    found = {sha256: known[sha256] for sha256 in wanted if sha256 in known}
    missing = sorted(sha256 for sha256 in wanted if sha256 not in known)
    sqlite = connection.dialect.name == "sqlite"
    content = "CAST(content AS BLOB)" if sqlite else "content"
    for start in range(0, len(missing), CHUNK_ROWS):
        digests = ", ".join(
            "'" + sha256.replace("'", "''") + "'" for sha256 in missing[start : start + CHUNK_ROWS]
        )
        query = f"SELECT sha256, {content} FROM text WHERE sha256 IN ({digests})"
        for batch in canonical.raw_batches(connection, query, text_as_bytes=True):
            for sha256, words in batch:
                if isinstance(words, bytes):
                    found[sha256] = words.decode("utf-8", "replace")
    return found


def redacted(connection: Connection, kind: str) -> frozenset[str]:
    """Digests of what was withdrawn (``archive redact``): emptied, and not damaged by that."""
    table = schema.redaction.c
    return frozenset(connection.execute(sa.select(table.digest).where(table.kind == kind)).scalars())


_COLUMNS = {"payload": "sha256, data, size", "text": "sha256, content, characters"}


def _rows(connection: Connection, table: sa.Table, chunk: Chunk, checked: Checked) -> Iterator[Sequence[Any]]:
    select = f"SELECT {_COLUMNS[table.name]} FROM {canonical.quoted(table.name)} WHERE "
    if connection.dialect.name != "sqlite":
        for batch in canonical.raw_batches(connection, select + _within(chunk), text_as_bytes=True):
            yield from batch
        node = (
            f"SELECT pg_relation_filenode({_regclass(table)})"  # cannot change any more in this transaction
        )
        if chunk.node not in {None, connection.exec_driver_sql(node).scalar()}:
            raise ArchiveError(
                f"the table {table.name} was rewritten (VACUUM FULL, CLUSTER) while it was verified; run again"
            )
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


def _within(chunk: Chunk) -> str:
    name, low, high = "sha256", chunk.low, chunk.high
    if isinstance(low, int):
        name, low, high = "ctid", f"({low},0)", None if high is None else f"({high},0)"
    return f"{name} >= '{low}'" + ("" if high is None else f" AND {name} < '{high}'")


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
        body = _unpacker().decompress(data, max_output_size=LARGEST_BODY)
    except (zstandard.ZstdError, MemoryError) as error:
        return 0, f"does not unpack ({error})"
    found = hashlib.sha256(body).hexdigest()
    if found != sha256:
        return len(body), f"holds other bytes (their digest is {found[:12]}…)"
    return len(body), None if size == len(body) else f"has {len(body)} bytes, its row says {size}"


@cache
def _unpacker() -> zstandard.ZstdDecompressor:
    """One for all payloads: making it costs as much as unpacking a page."""
    return zstandard.ZstdDecompressor(max_window_size=1 << 27)


def _text(row: Sequence[Any], hidden: Collection[str]) -> tuple[int, Problem | None, str | None]:
    """The bytes of a text, what is wrong with it, and its words if there are any."""
    sha256, content, characters = _printed(row[0]), row[1], row[2]
    if sha256 in hidden:
        what = "was withdrawn, but its words are there"
        return 0, of_digest(Sort.REDACTED, "text", sha256, what) if content else None, None
    if isinstance(content, str):
        content = content.encode("utf-8", "surrogatepass")
    if not isinstance(content, bytes):
        return 0, of_digest(Sort.TEXT, "text", sha256, f"is no text but {type(content).__name__}"), None
    try:
        words = content.decode()
    except UnicodeDecodeError as error:
        what = f"is no UTF-8 any more ({error.reason})"
        return len(content), of_digest(Sort.TEXT, "text", sha256, what), None
    wrong = _misread(sha256, content, words, characters)
    return len(content), wrong, words


def _misread(sha256: str, content: bytes, words: str, characters: object) -> Problem | None:
    plain = _plain(words)
    found = hashlib.sha256((normalise(words) if plain is None else plain).encode()).hexdigest()
    if found != sha256:
        return of_digest(Sort.TEXT, "text", sha256, f"has other words (their digest is {found[:12]}…)")
    if characters != len(words):
        what = f"has {len(words)} characters, its row says {characters}"
        return of_digest(Sort.TEXT, "text", sha256, what)
    if plain is None and (strange := _unwritten_space(content)):
        return of_digest(Sort.SPACE, "text", sha256, f"has white space U+{ord(strange):04X}")
    return None


def _plain(words: str) -> str | None:
    """``normalise(words)`` in half the time if there is no odd white space and nothing invisible; else None.

    To Python no white space but the space is printable, nor is anything that carries no words.
    """
    bare = words.replace("\n", " ").replace("\u3000", " ")
    if not bare.isprintable():
        return None
    folded = nfkc(bare)
    if "  " in folded or folded[:1] == " " or folded[-1:] == " ":
        return " ".join(folded.split())
    return folded


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
