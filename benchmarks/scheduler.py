"""What is due for a nation with ten seasons of history: seconds, and memory over ten simulated years.

python benchmarks/scheduler.py [--portals 3208] [--seasons 10] [--visits 79] [--repeat 5]

It makes an archive in a temporary folder (SQLite, 2.5 million runs, half a million reports), asks what is due as the
service does at each of its ticks, and plays ten years on a fake clock. It asks nobody.
"""

from __future__ import annotations

import argparse
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from archive.database import open_archive  # noqa: E402
from archive.freshness import facts  # noqa: E402
from scheduler.due import due  # noqa: E402
from scheduler.portals import Portals  # noqa: E402
from scheduler.settings import load  # noqa: E402
from scheduler.simulate import visits  # noqa: E402

NOW = datetime(2035, 3, 1, tzinfo=UTC)
BODIES = 15
"""Publishers of a portal, each with a report a season."""


RUNS = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :count),
    moment AS MATERIALIZED (
        SELECT i, strftime('%Y-%m-%d %H:%M:%S.000000+00:00', :begin + i * :step, 'unixepoch') AS at FROM n)
INSERT INTO run (portal_id, trigger, owner, code_version, options, started, heartbeat, finished, state, counters, summary)
SELECT p.id, 'manual', 'o', '1', '{}', m.at, m.at, m.at,
    CASE WHEN (m.i * 7 + p.id) % 29 = 0 THEN 'partial' ELSE 'complete' END,
    '{"requests": 17, "seconds": 40.0, "events": {"unchanged": 14}, "outcomes": {"ok": 17}}', 'complete: all was read'
FROM moment m CROSS JOIN portal p ORDER BY m.i, p.id
"""
"""A run every so often, in the order of time, as they would have been written."""


def fill(path: Path, keys: list[str], seasons: int, visits_a_year: int) -> int:
    open_archive(str(path)).dispose()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA cache_size=-200000")
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('run', 'visit')"
    ).fetchall()
    for name, _ in indexes:  # made again below: three times as fast
        connection.execute(f"DROP INDEX {name}")
    connection.executemany(
        "INSERT INTO portal (id, key, name, level, home_url, state) VALUES (?, ?, ?, 'county', 'http://x/', 'active')",
        [(n, key, key) for n, key in enumerate(keys, 1)],
    )
    count, days = seasons * visits_a_year, 365 * seasons
    began = int((NOW - timedelta(days=days)).timestamp())
    connection.execute(RUNS, {"count": count, "begin": began, "step": days * 86400 // count})
    connection.execute(
        "INSERT INTO visit (portal_key, host_group, due, reason, why, owner, launched, finished, state, exit_code, "
        "after_run_id, run_id) SELECT p.key, p.key, r.started, 'season', 'expected', 'o', r.started, r.finished, "
        "r.state, 0, r.id - 1, r.id FROM run r JOIN portal p ON p.id = r.portal_id ORDER BY r.id"
    )
    connection.executemany(
        "INSERT INTO publisher (id, portal_id, code, name) VALUES (?, ?, ?, 'x')",
        [(p * 100 + b, p, f"{p:06}{b:03}") for p in range(1, len(keys) + 1) for b in range(BODIES)],
    )
    years = range(NOW.year - seasons, NOW.year)
    connection.executemany(
        "INSERT INTO report (id, portal_id, title, year, kind) VALUES (?, ?, '法治政府建设年度报告', ?, 'annual')",
        [
            ((n * 10_000 + p) * 100 + b, p, year)
            for n, year in enumerate(years)
            for p in range(1, len(keys) + 1)
            for b in range(BODIES)
        ],
    )
    connection.execute(
        "INSERT INTO report_publisher (report_id, publisher_id, position) "
        "SELECT id, portal_id * 100 + id % 100, 0 FROM report"
    )
    for _, statement in indexes:
        connection.execute(statement)
    connection.commit()
    (runs,) = connection.execute("SELECT count(*) FROM run").fetchone()
    connection.close()
    return int(runs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--portals", type=int, default=4000)
    parser.add_argument("--seasons", type=int, default=10)
    parser.add_argument("--visits", type=int, default=79)
    parser.add_argument("--repeat", type=int, default=5)
    asked = parser.parse_args()
    settings = load(environment={})
    portals = list(Portals.load().by_key.values())[: asked.portals]
    print("| what | figure |\n|---|---:|")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "archive.db"
        runs = fill(path, [portal.key for portal in portals], asked.seasons, asked.visits)
        print(f"| portals | {len(portals)} |\n| runs in {asked.seasons} seasons | {runs} |")
        print(f"| archive, MB | {path.stat().st_size / 1e6:.0f} |", flush=True)
        engine = open_archive(str(path))
        walls, cpus = [], []
        for _ in range(asked.repeat):
            wall, cpu = time.perf_counter(), time.process_time()
            known = facts(engine, report_year=NOW.year - 1, now=NOW)
            items = due(portals, known, intervals=settings.intervals, retries=settings.retries, now=NOW)
            walls.append(time.perf_counter() - wall)
            cpus.append(time.process_time() - cpu)
        engine.dispose()
    print(f"| due | {len(items)} |")
    print(
        f"| what is due: seconds, median of {asked.repeat} (most) | {statistics.median(walls):.2f} ({max(walls):.2f}) |"
    )
    print(f"| of it CPU | {statistics.median(cpus):.2f} |", flush=True)
    tenth = portals[::10]
    peaks = []
    for begin in range(2024, 2034):
        stretch = {"begins": date(begin, 1, 1), "ends": date(begin + 1, 1, 1), "failures": 0.05}
        made = sum(
            1 for _ in visits(tenth, **stretch, intervals=settings.intervals, retries=settings.retries)
        )
        peaks.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    print(f"| visits of {len(tenth)} portals in the last of ten simulated years | {made} |")
    print(f"| most memory after the first and the tenth year, MB | {peaks[0]:.0f}, {peaks[-1]:.0f} |")


if __name__ == "__main__":
    main()
