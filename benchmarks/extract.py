"""Reading against other extractors, on the same pages in the same run; and how it bears quantities.

python benchmarks/extract.py [--rounds 5] [--only pages,cores,pdf,flat,reextract] [--flat 5000] [--reextract 1000]
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.crawl import Watch  # noqa: E402
from benchmarks.extract_tasks import CONTENDERS, ELSEWHERE, PEERS, corpus  # noqa: E402

OURS = ("extract", "reading")
REFERENCE = "trafilatura"
NO_CONTAINER = f"{ELSEWHERE}, no container known"
MODULES = {"readability": "readability", "resiliparse": "resiliparse", "gne": "gne"}
PARTS = ("pages", "cores", "pdf", "flat", "reextract")


def child(*arguments: str) -> subprocess.Popen[str]:
    """Starts a task."""
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.extract_tasks", *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if arguments[0] == "pages" else None,
        text=True,
    )


def result(process: subprocess.Popen[str]) -> Any:
    """What a task says at its end."""
    output, _ = process.communicate("")
    if process.returncode:
        raise SystemExit(f"{process.args!r} failed")
    return json.loads(output.splitlines()[-1])


def install_peers() -> dict[str, str]:
    """Installs the peers where this benchmark alone finds them.

    Returns:
        For each peer that is not to be had, why.
    """
    PEERS.mkdir(parents=True, exist_ok=True)
    sys.path.append(str(PEERS))
    missing = {}
    for line in (ROOT / "benchmarks" / "peers.txt").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        name = line.partition("==")[0].partition("-")[0]
        if importlib.util.find_spec(MODULES[name]) is not None:
            continue
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
        ]
        done = subprocess.run(
            [*command, "--target", str(PEERS), *line.split()], capture_output=True, text=True, check=False
        )
        if done.returncode:
            missing[name] = (done.stderr.strip().splitlines() or ["unknown reason"])[-1][:120]
        importlib.invalidate_caches()
    return missing


def compare_pages(rounds: int) -> None:
    """One core: everybody reads the same pages, in turn, in fresh processes."""
    missing = install_peers()
    names = [name for name in CONTENDERS if name not in missing]
    groups = {group: len(members) for group, members in corpus().groups.items()}
    guessed = result(child("unknown"))[ELSEWHERE]
    seen: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    for number in range(rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            answer = result(child("pages", name))
            answer["seconds"][NO_CONTAINER] = [
                s for s, no in zip(answer["seconds"][ELSEWHERE], guessed, strict=True) if no
            ]
            seen[name].append(answer)
    groups[NO_CONTAINER] = sum(guessed)
    print(f"\n{corpus().name}: {', '.join(f'{n} {g}' for g, n in groups.items())}")
    print(f"Python {sys.version.split()[0]}, one core, CPU time, medians of {rounds} rounds in turn\n")
    print(
        f"| extractor | {' | '.join(f'{g}, pages/s' for g in groups)} | peak memory MB | over imports MB | failed |"
    )
    print(f"|---|{'---:|' * (len(groups) + 3)}")
    for name in names:
        rates = [groups[g] / statistics.median(sum(a["seconds"][g]) for a in seen[name]) for g in groups]
        most = statistics.median(a["peak"] for a in seen[name])
        more = statistics.median(a["peak"] - a["before"] for a in seen[name])
        cells = " | ".join(f"{rate:.0f}" for rate in rates)
        print(f"| {CONTENDERS[name][0]} | {cells} | {most:.0f} | {more:.0f} | {seen[name][0]['failed']} |")
    for name, why in missing.items():
        print(f"| {CONTENDERS[name][0]} | could not be installed: {why} |")
    print()
    print(
        "trafilatura's time / ours, rounds beside each other; and page by page, lowest, median and highest\n"
    )
    for name in OURS:
        for group in groups:
            pairs = zip(seen[REFERENCE], seen[name], strict=True)
            times = [sum(t["seconds"][group]) / sum(o["seconds"][group]) for t, o in pairs]
            theirs, ours = by_page(seen[REFERENCE], group), by_page(seen[name], group)
            single = sorted(t / o for t, o in zip(theirs, ours, strict=True))
            spread = f"{single[0]:.2f}, {statistics.median(single):.2f}, {single[-1]:.1f}"
            print(f"- {name}, {group}: {ratio(times)}; {spread}")


def by_page(seen: Sequence[dict[str, Any]], group: str) -> list[float]:
    """Seconds for each page, the median of the rounds."""
    return [
        statistics.median(times) for times in zip(*(answer["seconds"][group] for answer in seen), strict=True)
    ]


def compare_cores(rounds: int) -> None:
    """Two processes at once against one, for what the pages of a second need."""
    print("\n| reader | one process, pages/s | two processes, pages/s | ratio, round by round |")
    print("|---|---:|---:|---|")
    count = sum(map(len, corpus().groups.values()))
    for name in OURS:
        alone, together = [], []
        for _ in range(rounds):
            alone.append(count / at_once(name, 1))
            together.append(2 * count / at_once(name, 2))
        times = [two / one for one, two in zip(alone, together, strict=True)]
        one, two = statistics.median(alone), statistics.median(together)
        print(f"| {CONTENDERS[name][0]} | {one:.0f} | {two:.0f} | {ratio(times)} |")


def at_once(name: str, processes: int) -> float:
    """Seconds until the last of so many processes has read all pages, begun together."""
    started = [child("pages", name, "wait") for _ in range(processes)]
    for process in started:
        assert process.stdout is not None
        process.stdout.readline()
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return max(float(result(process)["wall"]) for process in started)


def ratio(times: Sequence[float]) -> str:
    """The median and what it is the median of."""
    return f"**{statistics.median(times):.2f}** ({', '.join(f'{t:.2f}' for t in sorted(times))})"


def read_pdf(rounds: int) -> None:
    """Digital PDFs."""
    seen = [result(child("pdf")) for _ in range(rounds)]
    rate = statistics.median(s["pages"] / s["seconds"] for s in seen)
    most = max(s["peak"] for s in seen)
    print(
        f"\nPDF: {seen[0]['files']} digital files, {seen[0]['pages']} pages: {rate:.0f} pages/s, peak {most:.0f} MB"
    )


def stay_flat(readings: int) -> None:
    """Memory of one process that reads on and on."""
    seen = result(child("flat", str(readings)))
    held = seen["held"]
    print(
        f"\nmemory after each tenth of {readings} readings in one process, MB: {', '.join(f'{m:.0f}' for m in held)}"
    )
    print(
        f"growth from the first tenth to the last {held[-1] - held[0]:+.0f} MB; peak {seen['peak']:.0f} MB;",
        end=" ",
    )
    print(f"{readings / seen['seconds']:.0f} readings/s")


def reextract(count: int) -> None:
    """Everything in an archive read again by two processes."""
    with tempfile.TemporaryDirectory() as folder:
        built = result(child("archive", str(count), folder))
        place = Path(folder)
        command = [
            str(Path(sys.executable).with_name("crawler")),
            "reextract",
            "--site",
            str(place / "bench.toml"),
        ]
        began = time.perf_counter()
        process = subprocess.Popen(
            [*command, "--db", str(place / "archive.db"), "--workers", "2", "--json"],
            cwd=folder,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        watch = Watch(process.pid)
        watch.start()
        output, _ = process.communicate()
        wall = time.perf_counter() - began
        watch.stop()
        if process.returncode:
            raise SystemExit(f"reextract ended with {process.returncode}:\n{output[-2000:]}")
    print(
        f"\nreextract: {count} stored pages ({built['bytes'] / count / 1000:.0f} kB each), 2 processes: ",
        end="",
    )
    print(
        f"{wall:.0f} s, {count / wall:.0f} pages/s, {watch.cpu:.0f} CPU s, peak of all processes {watch.peak:.0f} MB"
    )


def main() -> None:
    """Prints the tables of benchmarks/README.md."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default=",".join(PARTS), help=f"of {', '.join(PARTS)}")
    parser.add_argument("--flat", type=int, default=5000, help="readings in one process")
    parser.add_argument("--reextract", type=int, default=1000, help="pages of the archive")
    arguments = parser.parse_args()
    chosen = arguments.only.split(",")
    if not set(chosen) <= set(PARTS):
        parser.error(f"--only: of {', '.join(PARTS)}")
    if "pages" in chosen:
        compare_pages(arguments.rounds)
    if "cores" in chosen:
        compare_cores(arguments.rounds)
    if "pdf" in chosen:
        read_pdf(arguments.rounds)
    if "flat" in chosen:
        stay_flat(arguments.flat)
    if "reextract" in chosen:
        reextract(arguments.reextract)


if __name__ == "__main__":
    main()
