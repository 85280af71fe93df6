"""Signatures: what one costs, what it takes on disk, how long one question among many takes.

    python -m benchmarks.similar --signatures 100000 [--db postgresql://…] [--texts FOLDER]

The archive named must be empty; by default a SQLite file is made and thrown away. The signatures in it
are random bits, as those of unrelated texts are; every question is a copy of one of them with every
second band changed, and has to find it.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from archive import schema, similar_index
from archive.database import open_archive, reading, writing
from archive.shingles import BAND_BYTES, LANES, sign
from archive.similar import similar_texts
from archive.text import normalise

QUESTIONS, BATCH = 60, 20_000
TABLES = ("similar_state", "similar_text", "similar_block", "similar_clause")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--signatures", type=int, default=100_000)
    options.add_argument("--db", help="an empty archive; default: a SQLite file in a temporary folder")
    options.add_argument("--texts", type=Path, help="folder of .txt files to be signed")
    given = options.parse_args()
    if given.texts is not None:
        signing(sorted(given.texts.glob("*.txt")))
    with tempfile.TemporaryDirectory() as folder:
        engine = open_archive(given.db or str(Path(folder) / "archive.db"))
        try:
            known = fill(engine, given.signatures)
            print(f"{engine.dialect.name}: {size(engine) / given.signatures:.0f} bytes a signature on disk")
            asking(engine, known)
        finally:
            engine.dispose()


def signing(paths: list[Path]) -> None:
    """CPU time of one signature, the text read from its file before."""
    for path in paths:
        text = path.read_text(encoding="utf-8")
        began = time.process_time()
        for _ in range(20):
            normalise.cache_clear()
            sign(text)
        print(f"{path.name}: {len(text)} characters, {(time.process_time() - began) * 50:.2f} ms CPU")


def fill(engine: Engine, count: int) -> list[bytes]:
    """Writes made signatures and returns some of them."""
    chance = random.Random(3)
    similar_index.fill(engine)  # an empty archive: writes the state
    known: list[bytes] = []
    began = time.monotonic()
    for start in range(0, count, BATCH):
        rows = [
            {
                "id": number,
                "text_sha256": f"{chance.getrandbits(256):064x}",
                "shingles": 1,
                "signature": chance.randbytes(2 * LANES),
            }
            for number in range(start, min(start + BATCH, count))
        ]
        known += [row["signature"] for row in chance.sample(rows, min(10, len(rows)))]
        with writing(engine) as connection:
            texts = [{"sha256": row["text_sha256"], "content": "", "characters": 0} for row in rows]
            connection.execute(schema.text_.insert(), texts)
            connection.execute(schema.similar_text.insert(), rows)
            connection.execute(schema.similar_state.update().values(numbered=start + len(rows)))
        similar_index.seal(engine)
    print(f"{engine.dialect.name}: {count} signatures written in {time.monotonic() - began:.1f} s")
    return known


def size(engine: Engine) -> int:
    """Bytes of the tables with their indexes."""
    names = ", ".join(f"'{name}'" for name in TABLES)
    query = (
        f"SELECT sum(pgsize) FROM dbstat JOIN sqlite_schema s USING (name) WHERE s.tbl_name IN ({names})"
        if engine.dialect.name == "sqlite"
        else f"SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relname IN ({names})"
    )
    with reading(engine) as connection:
        return int(connection.execute(sa.text(query)).scalar_one())


def asking(engine: Engine, known: list[bytes]) -> None:
    """Time and CPU time of finding the candidates of one text; the first ten questions warm up."""
    walls, cpus = [], []
    for number in range(QUESTIONS + 10):
        asked = bytearray(known[number % len(known)])
        for place in range(0, len(asked), 2 * BAND_BYTES):
            asked[place] ^= 1
        with reading(engine) as connection:
            wall, cpu = time.perf_counter(), time.process_time()
            found = similar_texts(connection, bytes(asked))
            walls.append((time.perf_counter() - wall) * 1000)
            cpus.append((time.process_time() - cpu) * 1000)
        if len(found) != 1:
            raise SystemExit(f"{len(found)} candidates, one was hidden")
    walls, cpus = sorted(walls[10:]), sorted(cpus[10:])
    half, most = QUESTIONS // 2, QUESTIONS * 95 // 100
    print(
        f"{engine.dialect.name}: one question p50 {walls[half]:.1f} ms, p95 {walls[most]:.1f} ms; "
        f"CPU of this process p50 {cpus[half]:.1f} ms"
    )


if __name__ == "__main__":
    main()
