"""A thousand flipped bits, backups under load, kills, and disks that fill up: what fixity promises, tried hard.

Each trial prints its figures (``pytest -s``).
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import zstandard

from archive import canonical, manifest, schema
from archive.backup import backup, read_manifest
from archive.copying import copy_archive, remove
from archive.database import open_archive
from archive.errors import ArchiveError
from archive.fixity_cli import verified
from archive.records import PublisherRef
from archive.restoring import restore
from archive.text import bytes_digest
from archive.verify import Verified, verify
from tests.archive.builder import HOST, PARTED, Crawl, parted_reading
from tests.archive.conftest import (  # noqa: F401 - fixtures
    _database,
    empty_postgresql,
    postgresql,
)
from tests.archive.test_copy import taken
from tests.archive.test_migration import everything, make_first, state
from tests.archive.test_verify import filled
from tests.conftest import ROOT, command_line, environment

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


WRITER = """
import sys, time
from archive.database import open_archive
from tests.archive.builder import Crawl, body_text, extraction

crawl = Crawl(open_archive(sys.argv[1]), key=sys.argv[2])
end, number = time.monotonic() + float(sys.argv[3]), 0
while time.monotonic() < end:
    number += 1
    place = f"{sys.argv[2]}第{number}街道"
    crawl.page(f"{sys.argv[2]}{number}.html", extraction(body_text(place), title=place, publishers=()))
    print(number, flush=True)
"""


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_backups_while_two_crawls_write(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    seconds = 20.0
    url = str(tmp_path / "a.db") if kind == "sqlite" else str(request.getfixturevalue("empty_postgresql"))
    engine = open_archive(url)
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, url, key, str(seconds)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for key in ("east", "west")
    ]
    made, took = [], []
    time.sleep(2)
    while all(writer.poll() is None for writer in writers) and len(made) < 40:
        began = time.monotonic()
        made.append(backup(engine, tmp_path / f"b{len(made)}.db"))
        took.append(time.monotonic() - began)
    wrote = []
    for writer in writers:
        out, err = writer.communicate(timeout=120)
        assert writer.returncode == 0, err
        wrote.append(int(out.split()[-1]))
    assert len(made) >= 3
    ends = [one.manifest.last_change for one in made]
    assert ends == sorted(ends)
    assert ends[-1] > ends[0]
    chosen = [made[0], made[len(made) // 2], made[-1]]
    for one in chosen:
        # Each page is one transaction: the moment of the backup has all of it or nothing.
        rows = {name: entry.rows for name, entry in one.manifest.tables.items()}
        assert (
            rows["document"] == rows["version"] == rows["text"] == rows["change"] == one.manifest.last_change
        )
        target = tmp_path / "r.db"
        remove(target)
        restore(one.path, str(target))
        again = open_archive(str(target))
        different = manifest.differences(one.manifest, taken(again))
        assert [line for line in different if not line.startswith(("table meta", "table lease"))] == []
        found = verify(again, jobs=1)
        again.dispose()
        assert found.findings == []
    engine.dispose()
    print(
        f"{kind}: {len(made)} backups in {seconds:.0f} s, slowest {max(took):.2f} s, pages written {wrote}, "
        f"changes at the backups {ends[0]} … {ends[-1]}"
    )


def test_mutilated_backups(tmp_path: Path) -> None:
    chance = random.Random(20260403)
    crawl = filled(Crawl(open_archive(str(tmp_path / "a.db"))))
    whole = backup(crawl.engine, tmp_path / "b.db").path.read_bytes()
    crawl.engine.dispose()
    wanted = read_manifest(tmp_path / "b.db")
    bad, target = tmp_path / "bad.db", tmp_path / "r.db"
    figures: Counter[str] = Counter()
    for number in range(120):
        content = whole
        if number % 3 == 0:
            content = whole[: chance.randrange(len(whole))]
        elif number % 3 == 1:
            content = flip(whole, chance)
        else:
            start = chance.randrange(len(whole) // 4096) * 4096
            content = whole[:start] + bytes(4096) + whole[start + 4096 :]
        remove(bad)
        bad.write_bytes(content)
        try:
            restore(bad, str(target))
        except ArchiveError as error:
            assert "\n" not in str(error)
            assert not target.exists()
            figures["refused"] += 1
            continue
        engine = open_archive(str(target))
        assert [
            line
            for line in manifest.differences(wanted, taken(engine))
            if not line.startswith(("table meta", "table lease"))
        ] == []
        engine.dispose()
        remove(target)
        figures["restored whole"] += 1  # what was hit belonged to no row
    print(dict(figures))
    assert figures["refused"] >= 80
    assert not [path for path in tmp_path.iterdir() if ".part" in path.name]


OPEN = "import sys; from archive.database import open_archive; print('ready', flush=True); open_archive(sys.argv[1])"


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_thirty_upgrades_killed_in_the_middle(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    chance = random.Random(20260404)
    server = request.getfixturevalue("postgresql") if kind == "postgresql" else None
    length, figures = 0.0, Counter[str]()
    for number in range(31):
        for url in _database(server) if server is not None else iter([str(tmp_path / f"{number}.db")]):
            make_first(url)
            rows = everything(url)
            old = state(url)
            process = subprocess.Popen(
                [sys.executable, "-c", OPEN, url], cwd=ROOT, stdout=subprocess.PIPE, text=True
            )
            assert process.stdout is not None
            process.stdout.readline()
            began = time.monotonic()
            if number == 0:
                process.wait()
                length = time.monotonic() - began
            else:
                time.sleep(chance.uniform(0, length))
                process.send_signal(signal.SIGKILL)
                process.wait()
                now = state(url)
                assert now[0] in {"0001", schema.HEAD}
                assert now[0] == schema.HEAD or now == old
                figures["found as before" if now == old else "found upgraded"] += 1
            open_archive(url).dispose()
            assert state(url)[0] == schema.HEAD
            assert everything(url) == rows
    print(kind, f"an upgrade takes {length:.2f} s here;", dict(figures))
    assert figures.total() == 30
    assert figures["found as before"] >= 10


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A place of 2 MB; needs the right to mount."""
    folder = Path(tempfile.mkdtemp(prefix="fazhi-disk-"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        folder.rmdir()
        pytest.skip(f"no right to mount a small disk here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)
    folder.rmdir()


def test_a_full_disk_leaves_nothing_behind(small_disk: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    crawl = many(path, 200, 30_000)
    made = backup(crawl.engine, tmp_path / "b.db").path
    crawl.engine.dispose()
    assert made.stat().st_size > 4 << 20
    commands = {
        "backup": ("backup", small_disk / "b.db", "--db", path),
        "restore": ("restore", made, "--db", small_disk / "r.db"),
        "copy": ("copy", path, small_disk / "c.db"),
    }
    for filler in (0, 400_000, 1_000_000, 1_900_000):
        (small_disk / "filler").write_bytes(bytes(filler))
        for name, arguments in commands.items():
            done = subprocess.run(
                command_line("archive", *arguments),
                cwd=tmp_path,
                env=environment(),
                capture_output=True,
                text=True,
                check=False,
            )
            assert (done.returncode, done.stdout) == (1, ""), (name, filler, done.stderr)
            assert done.stderr.count("\n") == 1, done.stderr
            assert "disk is full" in done.stderr
            assert sorted(one.name for one in small_disk.iterdir()) == ["filler"], name
    kept = look(path)
    assert kept.findings == []
    (small_disk / "filler").unlink()
    (small_disk / "b.db").write_bytes(b"an older backup")
    full = subprocess.run(
        command_line("archive", "backup", small_disk / "b.db", "--db", path, "--force"),
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert full.returncode == 1
    assert (small_disk / "b.db").read_bytes() == b"an older backup"


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


def test_copies_there_and_back(tmp_path: Path, empty_postgresql: str) -> None:  # noqa: F811
    path = tmp_path / "a.db"
    crawl = many(path, 300)
    wanted = taken(crawl.engine)
    crawl.engine.dispose()
    began = time.monotonic()
    copy_archive(str(path), empty_postgresql)
    there = time.monotonic()
    copy_archive(empty_postgresql, str(tmp_path / "back.db"))
    back = time.monotonic()
    engine = open_archive(str(tmp_path / "back.db"))
    assert [
        line
        for line in manifest.differences(wanted, taken(engine))
        if not line.startswith(("table meta", "table lease"))
    ] == []
    engine.dispose()
    print(f"{wanted.rows} rows: to PostgreSQL {there - began:.1f} s, back {back - there:.1f} s")
