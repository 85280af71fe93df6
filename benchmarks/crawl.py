"""This program against a plain Scrapy spider and against fetching alone: same server, same run, median of three.

python benchmarks/crawl.py [--articles 1000] [--rounds 3]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.portal import BenchPortal  # noqa: E402
from crawler.sample.server import LoopbackServer  # noqa: E402

SERVE = "--serve"


@dataclass(frozen=True)
class Result:
    """One timed process."""

    wall: float
    cpu: float
    peak: float
    """MB of all its processes together (proportional share of shared pages)."""
    articles: int


def timed(name: str, proxy: str, folder: Path) -> Result:
    """Runs a contender and measures it from outside."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.contenders", name, proxy, str(folder)],
        cwd=ROOT,
        env=environment,
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
    if status:
        raise SystemExit(f"{name} failed")
    return Result(wall, max(usage.ru_utime + usage.ru_stime, watch.cpu), watch.peak, int(output.split()[-1]))


class Watch(threading.Thread):
    """Adds up time and memory of all processes of a session: readers are no children of the timed process."""

    def __init__(self, session: int) -> None:
        super().__init__(daemon=True)
        self._session = session
        self._done = threading.Event()
        self._seconds: dict[str, float] = {}
        self.peak = 0.0

    @property
    def cpu(self) -> float:
        """Seconds of all processes seen; what a process used in its last 0.1 s may be missing."""
        return sum(self._seconds.values())

    def stop(self) -> None:
        """Ends the watching."""
        self._done.set()
        self.join()

    def run(self) -> None:
        """Looks ten times a second."""
        tick = os.sysconf("SC_CLK_TCK")
        while not self._done.wait(0.1):
            total = 0.0
            for entry in Path("/proc").iterdir():
                if not entry.name.isdigit():
                    continue
                try:
                    stat = (entry / "stat").read_text().rpartition(")")[2].split()
                    if int(stat[3]) != self._session:
                        continue
                    self._seconds[entry.name] = (int(stat[11]) + int(stat[12])) / tick
                    rollup = (entry / "smaps_rollup").read_text()
                except (OSError, ValueError, IndexError):
                    continue  # the process ended while we looked
                pss = (line for line in rollup.splitlines() if line.startswith("Pss:"))
                total += sum(int(line.split()[1]) for line in pss) / 1024
            self.peak = max(self.peak, total)


def serve(articles: int) -> None:
    """Serves the portal until stdin closes; first line of output is the proxy's address."""
    portal = BenchPortal(articles)
    with LoopbackServer(portal) as server:
        sizes = sorted(portal.sizes)
        print(
            server.proxy_url, sizes[0] // 1000, sizes[len(sizes) // 2] // 1000, sizes[-1] // 1000, flush=True
        )
        sys.stdin.read()


def main() -> None:
    """Prints the table of benchmarks/README.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(SERVE, action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.articles)
        return
    server = subprocess.Popen(
        [sys.executable, __file__, SERVE, "--articles", str(arguments.articles)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    proxy, least, middle, most = server.stdout.readline().split()
    names = ("fetch", "plain", "ours", "ours, second run")
    results: dict[str, list[Result]] = {name: [] for name in names}
    try:
        for _ in range(arguments.rounds):
            with tempfile.TemporaryDirectory() as folder:
                for name in names:
                    result = timed(name.partition(",")[0], proxy, Path(folder))
                    if result.articles != arguments.articles:
                        raise SystemExit(f"{name}: {result.articles} of {arguments.articles} articles")
                    results[name].append(result)
    finally:
        server.communicate("")
    labels = {
        "fetch": "Scrapy, fetching alone",
        "plain": "plain Scrapy spider (trafilatura, SQLite, a commit per page)",
        "ours": "this program, first run",
        "ours, second run": "this program, second run, nothing new",
    }
    print(
        f"{arguments.articles} articles of {least} to {most} kB (median {middle} kB), {os.cpu_count()} cores, ",
        end="",
    )
    print(f"Python {sys.version.split()[0]}, median of {arguments.rounds}\n")
    print("| program | seconds | articles/s | CPU s | peak memory MB |")
    print("|---|---:|---:|---:|---:|")
    median = {name: _median(results[name]) for name in names}
    for name in names:
        r = median[name]
        print(f"| {labels[name]} | {r.wall:.1f} | {r.articles / r.wall:.0f} | {r.cpu:.1f} | {r.peak:.0f} |")
    ratios = [p.wall / o.wall for p, o in zip(results["plain"], results["ours"], strict=True)]
    again = [s.wall / o.wall for s, o in zip(results["ours, second run"], results["ours"], strict=True)]
    print(f"\nplain spider's time / ours, pair by pair: {', '.join(f'{r:.2f}' for r in ratios)}")
    print(f"second run's time / first run's, pair by pair: {', '.join(f'{100 * r:.0f} %' for r in again)}")


def _median(results: list[Result]) -> Result:
    return Result(
        statistics.median(r.wall for r in results),
        statistics.median(r.cpu for r in results),
        statistics.median(r.peak for r in results),
        results[0].articles,
    )


if __name__ == "__main__":
    main()
