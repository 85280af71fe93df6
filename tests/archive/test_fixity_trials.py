"""A thousand flipped bits and two gigabytes of pages: what verify promises, tried hard.

Each trial prints its figures (``pytest -s``).
"""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
import zstandard

from archive import canonical, schema
from archive.backup import backup
from archive.copying import remove
from archive.database import open_archive
from archive.errors import ArchiveError
from archive.fixity_cli import verified
from archive.records import PublisherRef
from archive.text import bytes_digest
from archive.verify import Verified, verify
from tests.archive.builder import HOST, PARTED, Crawl, parted_reading
from tests.archive.fixity import filled
from tests.conftest import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

PAGES = 100
ROUNDS = 4
PAGE_FLIPS = 200


def many(path: Path, pages: int, size: int = 3_000) -> Crawl:
    """An archive of so many reports, no two of the same bytes."""
    crawl = Crawl(open_archive(str(path)))
    noise = random.Random(pages)
    for number in range(pages):
        place = f"第{number}街道"
        words = "".join(chr(noise.randrange(0x4E00, 0x9FA5)) for _ in range(size // 3))
        text = PARTED.replace("清河街道", place, 1).replace("\n清河", f"\n{words}\n清河")
        reading = parted_reading(text, title=f"{place}报告", publishers=(PublisherRef(name=place),))
        crawl.page(f"{number}.html", reading, body=f"<html>{words}{number}</html>".encode())
    return crawl


def look(path: Path, **how: object) -> Verified:
    engine = open_archive(str(path), read_only=True)
    try:
        return verify(engine, jobs=1, **how)  # type: ignore[arg-type]
    finally:
        engine.dispose()


def flip(content: bytes, chance: random.Random) -> bytes:
    place = chance.randrange(len(content))
    changed = bytearray(content)
    changed[place] ^= 1 << chance.randrange(8)
    return bytes(changed)


def test_bits_flipped_in_payloads_and_texts(tmp_path: Path) -> None:
    path, chance = tmp_path / "a.db", random.Random(20260401)
    many(path, PAGES).engine.dispose()
    figures: Counter[str] = Counter()
    for table, column in (("payload", "data"), ("text", "content")):
        for _ in range(ROUNDS):
            with closing(sqlite3.connect(path)) as connection:
                connection.text_factory = bytes
                whole = connection.execute(f"SELECT sha256, {column} FROM {table}").fetchall()
                flipped = {key.decode(): flip(content, chance) for key, content in whole}
                write(connection, table, column, flipped)
            before = {key.decode(): content for key, content in whole}
            found = look(path).findings
            named = {one.key: one for one in found if one.table == table}
            for key, content in flipped.items():
                figures[f"{table} flipped"] += 1
                if table == "payload" and unpacked(content) == unpacked(before[key]):
                    figures["payload flipped, bytes the same"] += 1
                    continue
                assert key in named, (table, key)
                assert named[key].urls, named[key]
                assert named[key].reports, named[key]
                assert named[key].urls[0].startswith(HOST)
                figures[f"{table} named"] += 1
            with closing(sqlite3.connect(path)) as connection:
                write(connection, table, column, before)
    assert look(path).findings == []
    print(dict(figures))
    assert sum(figures[f"{table} flipped"] for table in ("payload", "text")) == 2 * ROUNDS * PAGES


def write(connection: sqlite3.Connection, table: str, column: str, contents: dict[str, bytes]) -> None:
    value = "?" if column == "data" else "CAST(? AS TEXT)"
    connection.executemany(
        f"UPDATE {table} SET {column} = {value} WHERE sha256 = ?",
        [(content, key) for key, content in contents.items()],
    )
    connection.commit()


def unpacked(data: bytes) -> bytes | None:
    try:
        return zstandard.ZstdDecompressor(max_window_size=1 << 27).decompress(data, max_output_size=1 << 24)
    except (zstandard.ZstdError, MemoryError):
        return None


def contents(path: Path) -> dict[str, object]:
    """What every table gives, as far as it can be read, in raw bytes."""
    found: dict[str, object] = {}
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        connection.text_factory = bytes
        for table in canonical.tables():
            try:
                found[table.name] = sorted(map(repr, connection.execute(f'SELECT * FROM "{table.name}"')))
            except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
                found[table.name] = str(error)
    return found


def test_bits_flipped_in_pages_of_the_file(tmp_path: Path) -> None:
    path, chance = tmp_path / "a.db", random.Random(20260402)
    crawl = filled(Crawl(open_archive(str(path))))
    made = backup(crawl.engine, tmp_path / "b.db").path
    crawl.engine.dispose()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    whole = path.read_bytes()
    before = contents(path)
    used = [place for place, byte in enumerate(whole) if byte]  # most of a small file is room for more
    figures: Counter[str] = Counter()
    bad = tmp_path / "bad.db"
    assert judged(path, made) == (False, False, [])
    for place in chance.sample(used, PAGE_FLIPS):
        remove(bad)
        bad.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << chance.randrange(8)]) + whole[place + 1 :])
        alone, beside, why = judged(bad, made)
        now = readable(bad)
        changed = now != before
        figures["flipped"] += 1
        figures["changed what a table gives"] += changed
        figures["found alone"] += changed and alone
        figures["found only with a backup"] += changed and not alone and beside
        figures["found in an index, a free page or the search index"] += alone and not changed
        if changed and not beside:
            figures["missed"] += 1
            print("missed:", differing(before, now), why)
        if changed and not alone:
            touched = {name for name in before if now.get(name) != before[name]}
            assert not touched & {"payload", "text", "section", "version"}, touched
    print({**figures, "bytes of the file": len(whole), "of them used": len(used)})
    assert figures["missed"] == 0
    assert figures["changed what a table gives"] > PAGE_FLIPS // 4


def judged(bad: Path, made: Path) -> tuple[bool, bool, list[str]]:
    """Whether the archive alone, and with its backup, is told to be damaged."""
    try:
        alone = verified(str(bad), quick=False, jobs=1, against=None)
        beside = alone if alone.findings else verified(str(bad), quick=False, jobs=1, against=made)
    except ArchiveError as error:  # it cannot even be opened
        return True, True, [str(error)]
    return bool(alone.findings), bool(beside.findings), [one.what for one in beside.findings[:3]]


def readable(bad: Path) -> dict[str, object]:
    try:
        return contents(bad)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        return {"file": str(error)}


def differing(before: dict[str, object], now: dict[str, object]) -> list[object]:
    lines: list[object] = []
    for name, rows in before.items():
        other = now.get(name)
        if rows != other and isinstance(rows, list) and isinstance(other, list):
            lines.append((name, sorted(set(rows) ^ set(other))[:2]))
    return lines


def test_the_speed_of_verify_and_its_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    crawl = Crawl(open_archive(str(path)))
    noise, count = random.Random(5), 36_000
    words = "".join(chr(noise.randrange(0x4E00, 0x9FA5)) for _ in range(20_000))
    with crawl.engine.begin() as connection:  # two gigabytes of pages as they come: markup that repeats
        for number in range(count):
            start = noise.randrange(15_000)
            cells = "".join(
                f"<p class='MsoNormal' style='text-indent:2em'>{words[at : at + 40]}，{number}。</p>"
                for at in range(start, start + 4_000, 40)
            )
            body = (cells * 8).encode()[:60_000]
            values = {"sha256": bytes_digest(body), "size": len(body), "media_type": "text/html"}
            values["data"] = zstandard.ZstdCompressor(level=3).compress(body)
            connection.execute(schema.payload.insert(), values)
    size = count * 60_000
    code = (
        "import resource, sys, time; from archive.database import open_archive; from archive.verify import verify\n"
        "if __name__ == '__main__':\n"
        "    began = time.monotonic(); found = verify(open_archive(sys.argv[1]), jobs=int(sys.argv[2]))\n"
        "    took = time.monotonic() - began\n"
        "    print(found.payload_bytes, took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,"
        " resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    script = tmp_path / "run.py"
    script.write_text(code)
    for jobs in (1, 2):
        done = subprocess.run(
            [sys.executable, str(script), str(path), str(jobs)],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        hashed, took, own, child = done.stdout.split()
        assert int(hashed) > size * 0.9
        print(
            f"{jobs} processes: {int(hashed) / 1e6 / float(took):.0f} MB/s, {int(own) / 1024:.0f} MB of memory, "
            f"{int(child) / 1024:.0f} MB in a further process"
        )
        assert int(own) < 400_000
        assert int(child) < 400_000
    crawl.engine.dispose()
