"""An archive with everything an export may meet, in few records."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from archive import schema
from archive.database import open_archive
from archive.records import FrontierKind, Outcome, PartRecord, PublisherRef, Verdict
from tests.archive.builder import HOST, PARTED, START, Crawl, body_text, extraction, parted_reading

FORMULA = '=HYPERLINK("http://evil.example","点")'
HOSTILE = "\x1b[31m../../etc/passwd\x07\u202e：CON\r\nSet-Cookie: a=1" + "长" * 1000
POSTED = "list.do#!post:page=2&key=%E6%B3%95"


def fill(crawl: Crawl) -> None:
    """Two places' reports, with versions, files, parts, redirects, failures and hostile titles."""
    crawl.column("list/", [crawl.link("a.html"), crawl.link("b.html")])
    crawl.page("a.html", parted_reading())
    crawl.page(
        "b.html",
        extraction(
            body_text("柳林街道", 2024),
            title="柳林街道2024年法治政府建设年度报告",
            report_year=2024,
            publishers=(PublisherRef(name="柳林街道", code="999001002", level="street"),),
        ),
    )
    crawl.page(
        "moved.html",
        _other("石桥镇"),
        final_url=f"{HOST}/new/moved.html",
        redirects=(f"{HOST}/moved.html", f"{HOST}/hop"),
    )
    crawl.page("formula.html", _other("公式镇", title=FORMULA, text="=1+1\n" + body_text("公式镇")))
    crawl.page("hostile.html", _other("恶意镇", title=HOSTILE))
    crawl.page("parts.html", _other("多页镇"), parts=(_part(crawl, "parts_2.html"),))
    crawl.enqueue(crawl.link("table.pdf", FrontierKind.ANNEX), found_on_id=crawl.id_of("a.html"))
    crawl.record(
        "table.pdf",
        extraction=extraction("附表", title=None, verdict=Verdict.NO),
        body=b"%PDF-1.4 table",
        media_type="application/pdf",
    )
    crawl.enqueue(crawl.link(POSTED, FrontierKind.COLUMN))
    crawl.record(
        POSTED,
        body=b'{"rows": []}',
        media_type="application/json",
        headers={"content-type": "application/json"},
    )
    zipped = {
        "content-type": "text/html",
        "content-encoding": "gzip",
        "content-length": "10",
        "transfer-encoding": "chunked",
        "x-title": "法\r\nX-Injected: 1",
        "bad name": "x",
    }
    crawl.page("zipped.html", _other("压缩镇"), headers=zipped)
    crawl.enqueue(crawl.link("lost.html"))
    crawl.record("lost.html", outcome=Outcome.CHALLENGE, status=412, body=b"<html>challenge</html>")
    crawl.again()
    crawl.page("a.html", parted_reading(PARTED.replace("讲法治课两次", "讲法治课三次")))
    crawl.page("b-copy.html", _other("柳林街道", year=2024), body=_bytes_of(body_text("柳林街道", 2024)))


@pytest.fixture
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other programs' writes are not ours to wait for; tests/archive/test_export_target.py looks at this."""
    monkeypatch.setattr(os, "sync", lambda: None)
    monkeypatch.setattr(os, "fsync", lambda _handle: None)


@pytest.fixture
def filled(exported_file: Path, tmp_path: Path) -> Iterator[Engine]:
    """A copy that a test may change."""
    (tmp_path / "db").mkdir()
    shutil.copy(exported_file, tmp_path / "db" / "archive.db")
    engine = open_archive(str(tmp_path / "db" / "archive.db"))
    yield engine
    engine.dispose()


@pytest.fixture
def query(filled: Engine) -> Callable[[str], list[tuple[Any, ...]]]:
    """Rows of a statement on it."""
    return lambda statement: rows(filled, statement)


def rows(engine: Engine, statement: str) -> list[tuple[Any, ...]]:
    """Rows of a statement."""
    with engine.connect().execution_options(archive_reads=True) as connection:
        return [tuple(row) for row in connection.exec_driver_sql(statement)]


def hide(engine: Engine, kind: str, digest: str) -> None:
    """Withdraws a text or payload, by the table alone."""
    values = {
        "at": START,
        "by": "test",
        "reason": "personal data",
        "kind": kind,
        "digest": digest,
        "titles": False,
    }
    with engine.begin() as connection:
        connection.execute(schema.redaction.insert(), values)


def digests(folder: Path) -> dict[str, str]:
    """Every file of a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def warc_records(path: Path) -> list[tuple[Any, bytes]]:
    """The records of a WARC file as warcio reads them, each with its payload."""
    from warcio.archiveiterator import ArchiveIterator

    found = []
    with path.open("rb") as file:
        for record in ArchiveIterator(file, check_digests="raise"):
            found.append((record, record.content_stream().read()))
    return found


def members(path: Path) -> list[bytes]:
    """The gzip members of a file, packed."""
    import zlib

    data, found = path.read_bytes(), []
    while data:
        unpacker = zlib.decompressobj(31)
        unpacker.decompress(data)
        found.append(data[: len(data) - len(unpacker.unused_data)])
        assert gzip.decompress(found[-1])
        data = unpacker.unused_data
    return found


def _other(place: str, *, year: int = 2025, text: str | None = None, **given: Any) -> Any:
    return extraction(
        body_text(place, year) if text is None else text,
        **{
            "title": f"{place}{year}年法治政府建设年度报告",
            "report_year": year,
            "publishers": (PublisherRef(name=place, code=None, level="town"),),
            **given,
        },
    )


def _bytes_of(text: str) -> bytes:
    return f"<html><p>{text}</p></html>".encode()


def _part(crawl: Crawl, name: str) -> PartRecord:
    return PartRecord(
        requested_url=f"{HOST}/{name}",
        final_url=f"{HOST}/{name}",
        fetched_at=crawl.clock(),
        status=200,
        headers={"content-type": "text/html"},
        body=b"<html>page two</html>",
        media_type="text/html",
    )
