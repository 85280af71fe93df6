"""A nation's season on paper: requests of a portal, measured on twelve unknown replicas, put into hours for all of China.

python benchmarks/season.py [--delay 2] [--answer 0.5] [--cpu 0.06] [--cores 2] [--at-once 50,100,200]
"""

from __future__ import annotations

import argparse
import heapq
import statistics
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from crawler.many_choice import Chosen, choose, longest_groups_first  # noqa: E402
from tests.crawler.test_discovery_portals import Trial  # noqa: E402
from tests.portals.unknown import FIRST  # noqa: E402
from tests.portals.unknown_plans import PLANS  # noqa: E402


def measured() -> tuple[list[int], list[int]]:
    """Requests of the first season (columns are searched) and of the second (they are known), robots.txt counted."""
    first, second = [], []
    for key, plan in PLANS.items():
        with tempfile.TemporaryDirectory() as folder:
            trial = Trial(plan, Path(folder))
            seasons = [trial.season(FIRST), trial.season(FIRST + 1)]
        robots = [sum(url.endswith("/robots.txt") for url in season.portal.asked) for season in seasons]
        first.append(seasons[0].requests + robots[0])
        second.append(seasons[1].requests + robots[1])
        print(f"| {key} | {first[-1]} | {second[-1]} |", flush=True)
    return first, second


def hours(portals: list[Chosen], requests: list[int], each: float, at_once: int) -> float:
    """How long a round takes if only politeness counts: places, host groups, the order of `crawler run --all`.

    Args:
        portals: In order.
        requests: Of portals; taken in turn, so that each measured one stands for as many.
        each: Seconds from one request of a host group to its next.
        at_once: Places.
    """
    waiting = [(chosen.group, requests[n % len(requests)] * each) for n, chosen in enumerate(portals)]
    running: list[tuple[float, str]] = []
    busy: set[str] = set()
    now = 0.0
    while waiting or running:
        free = (
            [n for n, (group, _) in enumerate(waiting) if group not in busy] if len(running) < at_once else []
        )
        begun: set[str] = set()
        taken = []
        for n in free:
            group, seconds = waiting[n]
            if len(running) >= at_once:
                break
            if group not in begun:
                begun.add(group)
                taken.append(n)
                heapq.heappush(running, (now + seconds, group))
        busy |= begun
        for n in reversed(taken):
            del waiting[n]
        now, group = heapq.heappop(running)
        busy.discard(group)
    return now / 3600


def main() -> None:
    """Prints the tables of docs/scale.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay", type=float, default=2.0)
    parser.add_argument("--answer", type=float, default=0.5, help="seconds a portal takes to answer")
    parser.add_argument(
        "--cpu", type=float, default=0.06, help="seconds of CPU a page, from benchmarks/many.py"
    )
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--at-once", default="50,100,200")
    given = parser.parse_args()
    print("| replica | first season | second season |\n|---|---:|---:|")
    seasons = dict(zip(("first", "second"), measured(), strict=True))
    portals = longest_groups_first(choose().portals)
    groups = Counter(one.group for one in portals)
    name, most = groups.most_common(1)[0]
    each = given.delay + given.answer
    print(f"\n{len(portals)} portals in {len(groups)} host groups; the largest is {name} with {most}\n")
    print(
        "| season | requests a portal, mean (least to most) | requests of all | at once | hours by politeness | hours by CPU |"
    )
    print("|---|---:|---:|---:|---:|---:|")
    for season, requests in seasons.items():
        mean = statistics.mean(requests)
        whole = mean * len(portals)
        for at_once in map(int, given.at_once.split(",")):
            print(
                f"| {season} | {mean:.0f} ({min(requests)} to {max(requests)}) | {whole:.0f} | {at_once} "
                f"| {hours(portals, requests, each, at_once):.1f} | {whole * given.cpu / given.cores / 3600:.1f} |"
            )


if __name__ == "__main__":
    main()
