"""Signatures of all texts, kept so that the candidates of one among a million are found in milliseconds.

Filling is a step of its own (``archive similar-index``), never part of a crawl's transactions: it
follows the readings by number from a watermark, signs what is new outside any transaction, and
writes a batch at a time. Killed anywhere, it goes on where it stood. A text that was withdrawn is
neither signed nor kept.

Signed texts are numbered from 0. Their band hashes stand in *segments* of 1,024, 8,192 and 65,536
numbers, the larger made of the smaller like the digits of a number, so each text is written three
times at most; the newest, less than 1,024, stand in none and are compared one by one. A segment is a
set of *blocks*, one for every band and leading bits of the band's hash: about 256 entries of two
bytes of hash and two bytes of number. One question reads one block per band and segment.
"""

from __future__ import annotations

import struct
from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from archive import schema
from archive.database import reading, writing
from archive.records import Verdict
from archive.shingles import band_hashes, clause_hash, clauses, scheme, sign

BATCH = 256
"""Readings looked at between two write transactions, which hold other writers up for milliseconds."""

SIZES = (1_024, 8_192, 65_536)
"""Numbers in a segment, by level; the last is what two bytes can tell apart."""

BUCKET_BITS = (2, 5, 8)
"""Leading bits of a band's hash that choose the block: 256 entries in each, whatever the level."""

SAMPLE = 1_000
"""Texts in which clauses are counted; a share of 5 % is then known to 1.4 points (two deviations)."""

_RESAMPLE = 1.25
_LEAST_TEXTS, _LEAST_SHARE = 3, 0.01
_KEYS = 64 * 256


@dataclass(frozen=True, slots=True)
class State:
    """How far the signatures have come."""

    scheme: str = ""
    watermark: int = 0
    """Number of the last reading (``extraction``) whose text was looked at."""
    numbered: int = 0
    """The next text's number."""
    sealed: int = 0
    """Texts below this number stand in segments."""
    sampled: int = 0
    """Texts in which the clauses were counted."""
    sampled_of: int = 0
    """``numbered`` at that time."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What one filling did."""

    signed: int
    excluded: int
    """Too short, too long: see ``archive.shingles.why_excluded``."""
    withdrawn: int
    """Signatures taken out because their texts were withdrawn."""
    rebuilt: bool
    """The signatures of another scheme were thrown away first."""
    covered: int
    """Texts with a signature now."""
    uncovered: int
    """Texts still to be looked at (with a limit only)."""


@dataclass(frozen=True, slots=True)
class Segment:
    """The texts numbered from ``number * SIZES[level]`` on."""

    level: int
    number: int

    @property
    def first(self) -> int:
        """The first text's number."""
        return self.number * SIZES[self.level]

    def key(self, band: int, hashed: int) -> int:
        """The block of a band's hash."""
        return (self.number * 4 + self.level) * _KEYS + band * 256 + (hashed >> 24 - BUCKET_BITS[self.level])

    def rest(self, hashed: int) -> int:
        """The 16 bits of the hash that follow those in the block's key."""
        return hashed >> 8 - BUCKET_BITS[self.level] & 0xFFFF

    @property
    def keys(self) -> tuple[int, int]:
        """First key, and the one behind the last."""
        start = (self.number * 4 + self.level) * _KEYS
        return start, start + _KEYS


def state(connection: Connection) -> State:
    """How far the signatures have come; nothing is covered by signatures of another scheme."""
    row = connection.execute(sa.select(*(_STATE.c[name] for name in State.__slots__))).one_or_none()
    return State(*row) if row is not None and row.scheme == scheme() else State()


def segments(sealed: int) -> list[Segment]:
    """The segments that hold the texts below a number."""
    small, middle, large = SIZES
    return [
        *(Segment(2, number) for number in range(sealed // large)),
        *(Segment(1, number) for number in range(sealed // large * (large // middle), sealed // middle)),
        *(Segment(0, number) for number in range(sealed // middle * (middle // small), sealed // small)),
    ]


def uncovered(connection: Connection, now: State) -> int:
    """Texts of readings behind the watermark that have no signature and are not withdrawn."""
    known = sa.exists().where(_TEXT.c.text_sha256 == _E.text_sha256)
    query = (
        sa.select(sa.func.count(sa.distinct(_E.text_sha256)))
        .where(_E.id > now.watermark, *_WANTED)
        .where(~withdrawn(_E.text_sha256))
    )
    # With nothing signed the tables may still hold signatures of another scheme.
    return int(connection.execute(query.where(~known) if now.numbered else query).scalar_one())


def withdrawn(digest: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """Whether the text of this digest was withdrawn (``archive redact``)."""
    redaction = schema.redaction.c
    return sa.exists().where(redaction.kind == "text", redaction.digest == digest)


def fill(
    engine: Engine,
    *,
    limit: int | None = None,
    rebuild: bool = False,
    told: Callable[[int], None] | None = None,
) -> Filled:
    """Signs the texts that have no signature yet.

    Args:
        engine: the archive, opened for writing.
        limit: look at no more than about so many readings.
        rebuild: throw away what is there and begin anew.
        told: is given the number of readings looked at, from time to time.

    Raises:
        DatabaseUnusable: the database failed; what was signed stays.
    """
    rebuilt, taken = _prepare(engine, rebuild)
    signed = excluded = seen = 0
    while limit is None or seen < limit:
        looked, done, left_out = _batch(engine, BATCH if limit is None else min(BATCH, limit - seen))
        if not looked:
            break
        seen, signed, excluded = seen + looked, signed + done, excluded + left_out
        seal(engine, SIZES[1])
        if told is not None:
            told(seen)
    seal(engine)
    _sample(engine)
    with reading(engine) as connection:
        covered = connection.execute(sa.select(sa.func.count()).select_from(_TEXT)).scalar_one()
        left = uncovered(connection, state(connection))
    return Filled(
        signed=signed,
        excluded=excluded,
        withdrawn=taken,
        rebuilt=rebuilt,
        covered=int(covered),
        uncovered=left,
    )


def forget(connection: Connection, digest: str | None = None) -> int:
    """Takes out one text's signature, or those of all withdrawn texts; returns how many.

    What remains of them are two bytes of hash beside a number that names nothing any more.
    """
    redaction = schema.redaction.c
    # From the few withdrawals to their signatures; the other way round would read all of these.
    withdrawals = sa.select(redaction.digest).where(redaction.kind == "text")
    named = withdrawals if digest is None else [digest]
    return connection.execute(_TEXT.delete().where(_TEXT.c.text_sha256.in_(named))).rowcount


def _prepare(engine: Engine, rebuild: bool) -> tuple[bool, int]:
    with writing(engine) as connection:
        there = connection.execute(sa.select(_STATE.c.scheme)).scalar()
        taken = 0
        if rebuild or there != scheme():
            for table in (schema.similar_block, schema.similar_clause, _TEXT, _STATE):
                connection.execute(table.delete())
            row = {name: getattr(State(scheme=scheme()), name) for name in State.__slots__}
            connection.execute(_STATE.insert(), {"id": 1, **row})
        else:
            taken = forget(connection)
        return there is not None and (rebuild or there != scheme()), taken


def _batch(engine: Engine, most: int) -> tuple[int, int, int]:
    """Signs the texts of the next readings: readings looked at, texts signed, texts excluded."""
    with reading(engine) as connection:
        before = state(connection)
        query = sa.select(_E.id, _E.text_sha256).where(_E.id > before.watermark, *_WANTED)
        rows = connection.execute(query.order_by(_E.id).limit(most)).all()
        if not rows:
            return 0, 0, 0
        digests = {row.text_sha256 for row in rows}
        known = connection.execute(sa.select(_TEXT.c.text_sha256).where(_TEXT.c.text_sha256.in_(digests)))
        new = digests.difference(known.scalars())
        contents = connection.execute(
            sa.select(_T.sha256, _T.content)
            .where(_T.sha256.in_(new), ~withdrawn(_T.sha256))
            .order_by(_T.sha256)
        ).all()
    signatures = [(row.sha256, sign(row.content)) for row in contents]
    kept = [(digest, found) for digest, found in signatures if found is not None]
    values = [
        {
            "id": before.numbered + place,
            "text_sha256": digest,
            "shingles": found.shingles,
            "signature": found.signature,
        }
        for place, (digest, found) in enumerate(kept)
    ]
    with writing(engine) as connection:
        if state(connection) != before:  # another filling was faster
            return len(rows), 0, 0
        if values:
            connection.execute(_TEXT.insert(), values)
            # A withdrawal may have come between reading and writing.
            forget(connection)
        _set(connection, watermark=rows[-1].id, numbered=before.numbered + len(values))
    return len(rows), len(values), len(signatures) - len(values)


def seal(engine: Engine, size: int | None = None) -> None:
    """Puts the numbered texts into segments, up to the last multiple of a size (default: the smallest)."""
    size = size or SIZES[0]
    while True:
        with reading(engine) as connection:
            before = state(connection)
            target = before.numbered // size * size
            if before.sealed >= target:
                return
            # One large segment at a time: what a transaction writes stays small.
            step = min(target, (before.sealed // SIZES[2] + 1) * SIZES[2])
            old, new = set(segments(before.sealed)), set(segments(step))
            blocks = [block for segment in new - old for block in _blocks(connection, segment)]
        with writing(engine) as connection:
            if state(connection).sealed != before.sealed:
                continue
            for segment in old - new:
                start, end = segment.keys
                connection.execute(schema.similar_block.delete().where(_B.key >= start, _B.key < end))
            if blocks:
                connection.execute(schema.similar_block.insert(), blocks)
            _set(connection, sealed=step)


def _blocks(connection: Connection, segment: Segment) -> list[dict[str, object]]:
    query = sa.select(_TEXT.c.id, _TEXT.c.signature).where(
        _TEXT.c.id >= segment.first, _TEXT.c.id < segment.first + SIZES[segment.level]
    )
    rests: defaultdict[int, array[int]] = defaultdict(lambda: array("H"))
    numbers: defaultdict[int, array[int]] = defaultdict(lambda: array("H"))
    for number, signature in connection.execute(query.order_by(_TEXT.c.id)):
        for band, hashed in enumerate(band_hashes(signature)):
            key = segment.key(band, hashed)
            rests[key].append(segment.rest(hashed))
            numbers[key].append(number - segment.first)
    return [{"key": key, "entries": pack(rests[key], numbers[key])} for key in rests]


def pack(rests: Sequence[int], numbers: Sequence[int]) -> bytes:
    """A block: the hashes of all entries, then their numbers, two bytes each, little-endian."""
    return struct.pack(f"<{2 * len(rests)}H", *rests, *numbers)


def found_in(entries: bytes, rest: int) -> Iterable[int]:
    """The numbers beside a hash in a block."""
    half, wanted = len(entries) // 2, rest.to_bytes(2, "little")
    place = entries.find(wanted, 0, half)
    while place >= 0:
        if place % 2 == 0:
            yield int.from_bytes(entries[half + place : half + place + 2], "little")
        place = entries.find(wanted, place + 1, half)


def _sample(engine: Engine) -> None:
    """Counts in how many texts each clause stands, when a quarter more texts came since the last time."""
    with reading(engine) as connection:
        before = state(connection)
        if before.numbered == 0 or before.numbered < before.sampled_of * _RESAMPLE:
            return
        wanted = {before.numbered * place // SAMPLE for place in range(SAMPLE)}
        counts: Counter[int] = Counter()
        sampled = 0
        chosen = (
            sa.select(_T.content)
            .join(_TEXT, _TEXT.c.text_sha256 == _T.sha256)
            .where(_TEXT.c.id.in_(wanted), ~withdrawn(_T.sha256))
        )
        for content in connection.execute(chosen).scalars():
            counts.update({clause_hash(words) for _, _, words in clauses(content)})
            sampled += 1
    least = max(_LEAST_TEXTS, _LEAST_SHARE * sampled)
    values = [{"hash": hashed, "texts": texts} for hashed, texts in counts.items() if texts >= least]
    with writing(engine) as connection:
        if state(connection).sampled_of != before.sampled_of:
            return
        connection.execute(schema.similar_clause.delete())
        if values:
            connection.execute(schema.similar_clause.insert(), values)
        _set(connection, sampled=sampled, sampled_of=before.numbered)


def _set(connection: Connection, **values: int) -> None:
    connection.execute(_STATE.update().values(values))


_STATE, _TEXT, _B = schema.similar_state, schema.similar_text, schema.similar_block.c
_E, _T = schema.extraction.c, schema.text_.c
# A page read as no report never becomes a version: the search for columns reads thousands of them.
_WANTED = (_E.text_sha256.is_not(None), _E.verdict != Verdict.NO)
