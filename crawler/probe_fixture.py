"""A portal's saved fixture: a small recording of its lists and reports, and what a replay of it must give.

``KEY.warc.gz`` holds the answers, ``KEY.json`` what was read from them. ``tests/test_sites.py`` replays every fixture
there is and compares, so that a change of the program that loses a real portal's column or report is seen at once.
"""

from __future__ import annotations

import io
import itertools
import json
import tempfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from archive.records import FetchRecord, PartRecord
from crawler.platforms.post import split_post
from crawler.prepare import prepare
from crawler.probe_columns import ColumnSeen, columns_of, reports_of
from crawler.probe_session import Seen, Witness
from crawler.recordings import open_recording
from crawler.replay import SETTINGS
from crawler.runner import run
from crawler.site import Site, load_site_file

LARGEST = 300_000
"""Bytes of a recording; pages that would go beyond are left out, and that is said."""
RECORDING, EXPECTED = ".warc.gz", ".json"
_KEPT_HEADERS = ("content-type", "content-disposition", "last-modified", "date", "server")
"""Headers kept: the others are of the transfer, or tell who asked (cookies)."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What stands in a new recording."""

    answers: int
    size: int
    left_out: tuple[str, ...]
    """Addresses for which there was no room."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a replay of a fixture gives."""

    columns: tuple[Mapping[str, Any], ...]
    """``url``, ``rows``, ``rows_stated``, ``pages``, ``candidates`` of each column that gave rows or titles."""
    reports: tuple[Mapping[str, Any], ...]
    """``title``, ``year``, ``url``, ``publishers`` of each report."""


def record(columns: Sequence[ColumnSeen], path: Path, *, largest: int = LARGEST) -> Recorded:
    """Writes the lists and the reports of some columns as a WARC file: bodies as fetched, their encoding removed.

    Lists go first, then one report of each column, then the others, until the room is used.

    Args:
        columns: What to keep.
        path: Of the new file.
        largest: Bytes it may have.
    """
    from warcio.warcwriter import WARCWriter

    chosen: list[Seen] = []
    size, left_out = 0, []
    for one in dict.fromkeys(_ordered(columns)):
        needed = 1_000 + sum(len(zlib.compress(body)) for body in _bodies(one.fetch))
        if size + needed > largest:
            left_out.append(one.entry.url)
            continue
        size += needed
        chosen.append(one)
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for one in chosen:
            _write(writer, one.fetch)
    return Recorded(answers=len(chosen), size=path.stat().st_size, left_out=tuple(left_out))


def replayed(site: Site, path: Path) -> Expected:
    """Runs a portal from a recording, as ``crawler run --replay`` does, and says what was read.

    Raises:
        crawler.errors.BadRecording: It cannot be used.
    """
    recording = open_recording(path)
    newest = max(answer.recorded_at for answer in recording)
    witness = Witness()
    with tempfile.TemporaryDirectory(prefix="crawler-fixture-") as folder:
        session = prepare(
            site,
            db=str(Path(folder) / "replay.db"),
            recording=recording,
            trigger="replay",
            display=witness,
            clock=lambda: newest,  # the years of its titles are judged as on the day it was recorded
        )
        run(session, workers=0, overrides=SETTINGS)
    columns = [
        {
            "url": column.url,
            "rows": column.rows,
            "rows_stated": column.rows_stated,
            "pages": column.pages,
            "candidates": len(column.candidates),
        }
        for column in columns_of(site, witness.seen)
        if column.rows or column.candidates
    ]
    reports = [asdict(report) for report in reports_of(witness.seen)]
    return Expected(
        columns=tuple(sorted(columns, key=lambda column: str(column["url"]))),
        reports=tuple({**report, "publishers": list(report["publishers"])} for report in reports),
    )


def write_expected(key: str, expected: Expected, recorded: str, path: Path) -> None:
    """Writes ``KEY.json``: one line for each column and report, so that a difference reads well."""
    said = {"site": key, "recorded": recorded}
    lines = [f" {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in said.items()]
    for name, values in (("columns", expected.columns), ("reports", expected.reports)):
        inner = ",\n".join(f"  {json.dumps(value, ensure_ascii=False)}" for value in values)
        lines.append(f' "{name}": [\n{inner}\n ]' if values else f' "{name}": []')
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def fixtures(folder: Path) -> list[str]:
    """Keys of the fixtures in a folder."""
    return sorted(path.name.removesuffix(EXPECTED) for path in folder.glob(f"*{EXPECTED}"))


def differences(key: str, folder: Path, site_file: Path, *, seeds: Path | None = None) -> list[str]:
    """Replays a fixture; what differs from what is expected, one line each, none if all is well.

    Args:
        key: Of the portal.
        folder: Where ``KEY.json`` and ``KEY.warc.gz`` stand.
        site_file: The portal's.
        seeds: Folder of the tables.

    Raises:
        crawler.errors.CrawlerError: The site file or the recording cannot be used.
    """
    wanted = json.loads((folder / f"{key}{EXPECTED}").read_text(encoding="utf-8"))
    if wanted.get("site") != key:
        return [f"{key}{EXPECTED} is about {wanted.get('site')!r}"]
    got = replayed(load_site_file(site_file, seeds=seeds), folder / f"{key}{RECORDING}")
    return [
        *_compared("column", wanted["columns"], got.columns),
        *_compared("report", wanted["reports"], got.reports),
    ]


def _compared(what: str, wanted: Iterable[Mapping[str, Any]], got: Iterable[Mapping[str, Any]]) -> list[str]:
    before, now = {one["url"]: one for one in wanted}, {one["url"]: one for one in got}
    said = [f"{what} lost: {url}" for url in before if url not in now]
    said += [f"{what} not expected: {url}" for url in now if url not in before]
    for url in before.keys() & now.keys():
        said += [
            f"{what} {url}: {name} is {now[url].get(name)!r}, expected {value!r}"
            for name, value in before[url].items()
            if now[url].get(name) != value
        ]
    return sorted(said)


# -- writing ------------------------------------------------------------------------------------


def _ordered(columns: Sequence[ColumnSeen]) -> list[Seen]:
    lists = [one for column in columns for one in column.sources if one.fetch.extraction is None]
    articles = [[one for one in column.sources if one.fetch.extraction is not None] for column in columns]
    turns = max(map(len, articles), default=0)
    return lists + [own[turn] for turn in range(turns) for own in articles if turn < len(own)]


def _bodies(fetch: FetchRecord) -> list[bytes]:
    return [fetch.body or b"", *(part.body for part in fetch.parts)]


def _write(writer: Any, fetch: FetchRecord) -> None:  # noqa: ANN401  # warcio has no types
    final = fetch.final_url or fetch.requested_url
    asked = [*fetch.redirects, final] if fetch.redirects else [fetch.requested_url]
    for url, target in itertools.pairwise(asked):
        # A recording knows no schemes: http://… redirected to https://… is one address there.
        if url.partition("://")[2] != target.partition("://")[2]:
            moved = {"location": target, "x-recorded": "reconstructed from the addresses of a crawl"}
            _answer(writer, url, 302, moved, b"", fetch)
    post = split_post(fetch.requested_url)
    url = post.url if post is not None else final if fetch.redirects else fetch.requested_url
    response = _answer(writer, url, fetch.status or 200, _kept(fetch), fetch.body or b"", fetch)
    if post is not None:
        _asked(writer, post.url, post.body.encode(), post.content_type, response)
    for part in fetch.parts:
        _answer(writer, part.requested_url, part.status, _kept(part), part.body, part)


def _kept(answer: FetchRecord | PartRecord) -> dict[str, str]:
    return {name: answer.headers[name] for name in _KEPT_HEADERS if name in answer.headers}


def _answer(
    writer: Any,  # noqa: ANN401
    url: str,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    of: FetchRecord | PartRecord,
) -> str:
    """Writes one answer; its record's id."""
    from warcio.statusandheaders import StatusAndHeaders

    lines = [*headers.items(), ("content-length", str(len(body)))]
    record = writer.create_warc_record(
        url,
        "response",
        payload=io.BytesIO(body),
        http_headers=StatusAndHeaders(
            f"{status} {'OK' if status == 200 else 'Other'}", lines, protocol="HTTP/1.1"
        ),
        warc_headers_dict={"WARC-Date": f"{of.fetched_at:%Y-%m-%dT%H:%M:%SZ}"},
    )
    writer.write_record(record)
    return str(record.rec_headers.get_header("WARC-Record-ID"))


def _asked(writer: Any, url: str, body: bytes, kind: str, response: str) -> None:  # noqa: ANN401
    """Writes the request of a POST beside its answer: nothing else tells such answers apart."""
    from urllib.parse import urlsplit

    from warcio.statusandheaders import StatusAndHeaders

    parts = urlsplit(url)
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    lines = [("host", parts.netloc), ("content-type", kind), ("content-length", str(len(body)))]
    record = writer.create_warc_record(
        url,
        "request",
        payload=io.BytesIO(body),
        http_headers=StatusAndHeaders(f"POST {path} HTTP/1.1", lines, is_http_request=True),
        warc_headers_dict={"WARC-Concurrent-To": response},
    )
    writer.write_record(record)
