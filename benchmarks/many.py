"""Many portals in one process, against a plain Scrapy process for each and against one Scrapy crawler for each.

python benchmarks/many.py [--portals 200] [--pages 50] [--delay 0.1] [--latency 0.02] [--only ours,crawlers,processes]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.crawl import Watch  # noqa: E402
from benchmarks.many_server import CONTROL  # noqa: E402

LABELS = {
    "ours": "this program: bytes, text, evidence, versions; first season",
    "ours again": "this program, every page looked at again",
    "crawlers read": "one process, a Scrapy crawler per portal (trafilatura, SQLite, a commit per page)",
    "crawlers fetch": "the same, fetching alone",
    "processes read": "a plain Scrapy process per portal, one per core at a time (trafilatura, SQLite)",
    "processes fetch": "the same, fetching alone",
}


@dataclass(frozen=True)
class Result:
    """One timed contender."""

    wall: float
    cpu: float
    peak: float
    pages: int
    """Requests that the server saw, robots.txt left out."""
    least_gap: float
    most_at_once: int


def timed(name: str, proxy: str, folder: Path, portals: int, delay: float, articles: int) -> Result:
    """Runs a contender and measures it from outside."""
    program, _, mode = name.partition(" ")
    seen(proxy)
    began = time.perf_counter()
    arguments = (program, mode, proxy, str(folder), "0", str(portals), str(delay))
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.many_contenders", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    watch = Watch(process.pid)
    watch.start()
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - began
    watch.stop()
    if status or int(output.split()[-1]) != articles * portals:
        raise SystemExit(f"{name}: {output.split()[-1:]} of {articles * portals} articles, status {status}")
    report = seen(proxy)
    return Result(
        wall,
        max(usage.ru_utime + usage.ru_stime, watch.cpu),
        watch.peak,
        int(report["requests"]) - portals,
        report["least_gap"],
        int(report["most_at_once"]),
    )


def seen(proxy: str) -> dict[str, float]:
    """What the portals saw since the last question."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": proxy}))
    with opener.open(CONTROL) as answer:
        report: dict[str, float] = json.load(answer)
    return report


def main() -> None:
    """Prints the table of benchmarks/README.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--portals", type=int, default=200)
    parser.add_argument("--pages", type=int, default=50)
    parser.add_argument("--delay", type=float, default=0.1, help="seconds between two requests to a host")
    parser.add_argument("--latency", type=float, default=0.02, help="seconds before the server answers")
    parser.add_argument("--only", default=",".join(LABELS), help="names of contenders, or beginnings of them")
    given = parser.parse_args()
    wanted = given.only.split(",")
    names = [name for name in LABELS if any(name.startswith(one) for one in wanted)]
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.many_server", str(given.pages), str(given.latency)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    proxy, articles = server.stdout.readline().split()
    results: dict[str, Result] = {}
    print(
        f"{given.portals} portals × {given.pages} pages, {given.delay:g} s between two requests to a host, "
        f"{os.cpu_count()} cores, Python {sys.version.split()[0]}\n"
    )
    print("| program | seconds | pages/s | CPU s | peak memory MB | least gap at a host ms | most at once |")
    print("|---|---:|---:|---:|---:|---:|---:|", flush=True)
    try:
        with tempfile.TemporaryDirectory() as folder:
            for name in names:
                result = timed(name, proxy, Path(folder), given.portals, given.delay, int(articles))
                results[name] = result
                print(
                    f"| {LABELS[name]} | {result.wall:.1f} | {result.pages / result.wall:.0f} | {result.cpu:.1f} "
                    f"| {result.peak:.0f} | {1000 * result.least_gap:.0f} | {result.most_at_once} |",
                    flush=True,
                )
    finally:
        server.communicate("")
    own = results.get("ours")
    for name, result in results.items():
        if own is not None and not name.startswith("ours"):
            times = result.wall / own.wall
            again = (
                f", {result.wall / results['ours again'].wall:.2f} of ours again"
                if "ours again" in results
                else ""
            )
            print(f"\ntime of `{name}` / ours: {times:.2f}{again}", end="")
    print()


if __name__ == "__main__":
    main()
