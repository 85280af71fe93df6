"""Backups under load, mutilated, killed and on disks that fill up: what fixity promises, tried hard.

Each trial prints its figures (``pytest -s``).
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive import manifest, schema
from archive.backup import backup, read_manifest
from archive.copying import copy_archive, remove
from archive.database import open_archive
from archive.errors import ArchiveError
from archive.restoring import restore
from archive.verify import verify
from tests.archive.builder import Crawl
from tests.archive.conftest import _database
from tests.archive.first_archive import everything, make_first, state
from tests.archive.fixity import filled
from tests.archive.test_copy import taken
from tests.archive.test_fixity_trials import flip, look, many
from tests.conftest import ROOT, command_line, environment

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


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


def test_copies_there_and_back(tmp_path: Path, empty_postgresql: str) -> None:
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
