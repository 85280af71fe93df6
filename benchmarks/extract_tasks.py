"""What ``benchmarks/extract.py`` times, each task in a process of its own: ``python -m benchmarks.extract_tasks``."""

from __future__ import annotations

import csv
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.portal import COLUMN, HOST, SITE_FILE, BenchPortal

ROOT = Path(__file__).resolve().parents[1]
EVALUATION = ROOT / ".." / "shared" / "eval" / "extraction"
PEERS = ROOT / "build" / "benchmark-peers"
DOCUMENTS = ROOT / "tests" / "crawler" / "documents" / "corpus"
KNOWN, ELSEWHERE = "container known", "elsewhere"
_STOCK = 400
"""Pages made before the clock starts; longer runs vary them, so that no line is met twice."""

Read = Callable[[str, bytes], object]


@dataclass(frozen=True)
class Corpus:
    """Pages to be read."""

    name: str
    groups: dict[str, list[tuple[str, bytes]]]
    """Address and bytes, by whether the text's container is known."""


def corpus() -> Corpus:
    """The evaluation pages; where they are absent, pages of the made portal with and without a known container."""
    if not EVALUATION.is_dir():
        known = made(60)
        plain = [(url, body.replace(b"TRS_Editor", b"box3")) for url, body in known]
        return Corpus("made pages (the evaluation pages are absent)", {KNOWN: known, ELSEWHERE: plain})
    groups: dict[str, list[tuple[str, bytes]]] = {KNOWN: [], ELSEWHERE: []}
    with (EVALUATION / "MANIFEST.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            body = (EVALUATION / "pages" / row["file"]).read_bytes()
            group = KNOWN if row["set"] == "gov" else ELSEWHERE
            groups[group].append((row["url"] or f"http://{row['host']}/content_{row['sha1'][:8]}.html", body))
    return Corpus("evaluation pages", groups)


def made(count: int) -> list[tuple[str, bytes]]:
    """Articles of the made portal."""
    portal = BenchPortal(count)
    articles = [
        (path, body) for path, body in portal.pages.items() if path.rpartition("/")[2].startswith("t")
    ]
    return [(f"http://www.bench.example{path}", body) for path, body in articles]


def lists() -> list[tuple[str, bytes]]:
    """Pages without a text: they make everybody load what is loaded once, on the first page that is hard to read."""
    pages = BenchPortal(60).pages.items()
    return [
        (f"http://www.bench.example{path}", body)
        for path, body in pages
        if not path.rpartition("/")[2].startswith("t")
    ]


def varied(count: int) -> Iterator[tuple[str, bytes]]:
    """Any number of articles of the made portal, no two with a paragraph in common."""
    stock = made(min(count, _STOCK))
    for number in range(count):
        url, body = stock[number % len(stock)]
        yield (
            url.replace(".html", f"{number}.html"),
            body.replace("。</span>".encode(), f"（{number}）。</span>".encode()),
        )


# -- contenders ---------------------------------------------------------------------------------


def _extract() -> Read:
    from crawler.extract import extract

    return lambda url, body: extract(body, url=url)


def _reading() -> Read:
    from archive.records import FrontierKind
    from crawler.reading import read
    from crawler.readjob import ReadJob
    from crawler.site import load_site_file

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "bench.toml"
        file.write_text(SITE_FILE, encoding="utf-8")
        site = load_site_file(file)

    def run(url: str, body: bytes) -> object:
        job = ReadJob(
            kind=FrontierKind.PAGE,
            url=url,
            final_url=url,
            status=200,
            body=body,
            content_type="text/html",
            site=site,
        )
        return read(job)

    return run


def _trafilatura() -> Read:
    from trafilatura import bare_extraction

    return lambda url, body: bare_extraction(body, url=url, with_metadata=True)


def _readability() -> Read:
    from readability import Document  # type: ignore[import-not-found,unused-ignore]

    def run(url: str, body: bytes) -> object:
        page = Document(body, url=url)
        return page.summary(), page.title()

    return run


def _resiliparse() -> Read:
    from resiliparse.extract.html2text import extract_plain_text  # type: ignore[import-not-found,unused-ignore]
    from resiliparse.parse.encoding import (  # type: ignore[import-not-found,unused-ignore]
        bytes_to_str,
        detect_encoding,
    )

    return lambda url, body: extract_plain_text(bytes_to_str(body, detect_encoding(body)), main_content=True)


def _gne() -> Read:
    from gne import GeneralNewsExtractor  # type: ignore[import-not-found,unused-ignore]

    from crawler.extract.charset import decode

    extractor = GeneralNewsExtractor()
    return lambda url, body: extractor.extract(decode(body).text)


CONTENDERS: dict[str, tuple[str, Callable[[], Read]]] = {
    "extract": ("this program: text and metadata", _extract),
    "reading": ("this program: whole reading (parts, figures, year, publisher)", _reading),
    "trafilatura": ("trafilatura, whole page, with metadata", _trafilatura),
    "readability": ("readability-lxml (no dates, no source)", _readability),
    "resiliparse": ("resiliparse (C++; text only)", _resiliparse),
    "gne": ("gne (GeneralNewsExtractor)", _gne),
}


# -- tasks --------------------------------------------------------------------------------------


def pages(contender: str, wait: str = "") -> dict[str, Any]:
    """Reads every page once. Fresh caches: whatever is kept from page to page is kept by these pages themselves."""
    sys.path.append(str(PEERS))
    read = CONTENDERS[contender][1]()
    found = corpus()
    for url, body in (*made(8), *lists()):
        read(url, body)
    before = peak()
    if wait:
        print("ready", flush=True)
        sys.stdin.readline()
    seconds: dict[str, list[float]] = {}
    failed = 0
    began = time.perf_counter()
    for group, members in found.groups.items():
        times = seconds[group] = []
        for url, body in members:
            start = time.process_time()
            try:
                read(url, body)
            except Exception:  # a peer that fails on a page: counted, and its time counts as well
                failed += 1
            times.append(time.process_time() - start)
    wall = time.perf_counter() - began
    return {"seconds": seconds, "wall": wall, "failed": failed, "before": before, "peak": peak()}


def unknown() -> dict[str, Any]:
    """On which pages no container was known."""
    from crawler.extract import extract

    guessed = ("trafilatura", "densest block")
    groups = corpus().groups
    return {
        group: [extract(body, url=url).container in guessed for url, body in members]
        for group, members in groups.items()
    }


def pdf() -> dict[str, Any]:
    """Reads the digital PDFs of the test corpus, five times."""
    from crawler.extract.documents import read

    listed = json.loads((DOCUMENTS / "corpus.json").read_text(encoding="utf-8"))
    names = [d["name"] for d in listed if d["name"].endswith(".pdf") and d.get("form") == "digital"]
    files = [(name, (DOCUMENTS / name).read_bytes()) for name in names]
    sheets = sum(read(body, name=name).pages or 0 for name, body in files)
    before, start = peak(), time.process_time()
    for _ in range(5):
        for name, body in files:
            read(body, name=name)
    seconds = (time.process_time() - start) / 5
    return {"files": len(files), "pages": sheets, "seconds": seconds, "before": before, "peak": peak()}


def flat(count: str) -> dict[str, Any]:
    """Reads so many pages in one process and says how much memory it holds at each tenth of them."""
    read = _reading()
    known = [page for members in corpus().groups.values() for page in members]
    number, held = int(count), []
    start = time.process_time()
    for i, (url, body) in enumerate(varied(number), start=1):
        read(*(known[i // 5 % len(known)] if i % 5 == 0 else (url, body)))
        if i % max(1, number // 10) == 0:
            held.append(resident())
    return {"readings": number, "held": held, "peak": peak(), "seconds": time.process_time() - start}


def archive(count: str, folder: str) -> dict[str, Any]:
    """Makes an archive of so many articles that an older extractor read."""
    from archive.database import open_archive
    from archive.records import (
        ExtractionRecord,
        FetchRecord,
        FrontierKind,
        How,
        Link,
        Outcome,
        PortalRecord,
        RunState,
        Verdict,
    )
    from archive.store import Store

    place = Path(folder)
    site = place / "bench.toml"
    site.write_text(SITE_FILE, encoding="utf-8")
    db = str(place / "archive.db")
    now = datetime.now(UTC)
    store = Store(open_archive(db), lambda: now)
    portal_id = store.sync_portal(
        PortalRecord(
            key="bench",
            name="示例省基准市测试区",
            level="county",
            division_code=None,
            home_url=f"http://{HOST}/",
            platform="trs",
        )
    )
    run_id = store.begin_run(portal_id, trigger="benchmark", code_version="0", options={}, owner="benchmark")
    number, size = int(count), 0
    store.enqueue(
        run_id, [Link(url=COLUMN, kind=FrontierKind.COLUMN, how=How.DECLARED, title="法治政府建设")]
    )
    bodies = dict(varied(number))
    for i in range(0, number, 500):
        some = list(bodies)[i : i + 500]
        store.enqueue(
            run_id,
            [
                Link(url=url, kind=FrontierKind.PAGE, how=How.LISTED, title=_title(bodies[url]))
                for url in some
            ],
        )
    entries = {entry.url: entry for entry in store.next_entries(run_id, portal_id, (), number + 10)}
    for url, body in bodies.items():
        size += len(body)
        title = _title(body)
        reading = ExtractionRecord(
            extractor="pages",
            version="0",
            text=f"{title}\n{url}",
            verdict=Verdict.REPORT,
            verdict_reason="read by an older extractor",
            title=title,
        )
        fetch = FetchRecord(
            frontier_id=entries[url].id,
            requested_url=url,
            final_url=url,
            fetched_at=now,
            outcome=Outcome.OK,
            status=200,
            headers={"content-type": "text/html"},
            body=body,
            media_type="text/html",
            extraction=reading,
        )
        store.record(run_id, fetch)
    store.finish_run(run_id, RunState.COMPLETE, {}, "made")
    return {"pages": number, "bytes": size}


def _title(body: bytes) -> str:
    return body.partition(b'"ArticleTitle" content="')[2].partition(b'"')[0].decode()


def peak() -> float:
    """MB this process held at the most."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@cache
def _page_size() -> int:
    return os.sysconf("SC_PAGE_SIZE")


def resident() -> float:
    """MB this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * _page_size() / 1024**2


TASKS: dict[str, Callable[..., dict[str, Any]]] = {
    "pages": pages,
    "unknown": unknown,
    "pdf": pdf,
    "flat": flat,
    "archive": archive,
}


if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[1]](*sys.argv[2:])))
