"""Recordings taken in: the same archive as after a crawl, without one request."""

from __future__ import annotations

import http.client
import io
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.prepare import prepare
from crawler.recordings import open_recording
from crawler.replay import SETTINGS
from crawler.runner import run
from crawler.sample.portal import SamplePortal
from crawler.sample.server import LoopbackServer
from crawler.summary import Summary
from tests.conftest import Command

pytestmark = pytest.mark.usefixtures("read_once")

REPORTS = "select url, title, year, text_sha256 from reports order by url"
FETCHED = "select distinct fetch_url from frontier where last_checked is not null order by id"


@pytest.fixture(scope="module")
def crawled(read_once: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of the sample portal, crawled."""
    db = tmp_path_factory.mktemp("crawled") / "archive.db"
    with LoopbackServer(SamplePortal(0)) as server:
        summary = run(prepare("demo", db=str(db), proxy=server.proxy_url, delay=0), workers=0)
    assert summary.exit_code == 0
    return db


def rows(db: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute(query).fetchall()


def by_warcio(urls: Sequence[str], path: Path) -> Path:
    """Asks the portal for every address and writes the answers with warcio."""
    with LoopbackServer(SamplePortal(0)) as server, path.open("wb") as file:
        proxy, writer = urlsplit(server.proxy_url), WARCWriter(file)
        for url in urls:
            connection = http.client.HTTPConnection(proxy.hostname or "", proxy.port)
            connection.request("GET", url)
            answer = connection.getresponse()
            head = StatusAndHeaders(
                f"{answer.status} {answer.reason}", answer.getheaders(), protocol="HTTP/1.1"
            )
            payload = io.BytesIO(answer.read())
            writer.write_record(
                writer.create_warc_record(url, "response", payload=payload, http_headers=head)
            )
            connection.close()
    return path


def by_wget(urls: Sequence[str], path: Path) -> Path:
    """Has wget record them, as a person without a browser would."""
    if shutil.which("wget") is None:
        pytest.skip("wget is not installed")
    (path.parent / "urls.txt").write_text("\n".join(urls))
    stem = path.name.removesuffix(".warc.gz")
    with LoopbackServer(SamplePortal(0)) as server:
        subprocess.run(
            ["wget", "-q", "-i", "urls.txt", f"--warc-file={stem}", "-O", "rest"],
            cwd=path.parent,
            env={"http_proxy": server.proxy_url, "PATH": "/usr/bin:/bin"},
            check=False,  # wget answers 8 where one address gave 404
            timeout=120,
        )
    return path


def take_in(path: Path, db: Path, *, everything: bool = True) -> Summary:
    session = prepare(
        "demo", db=str(db), recording=open_recording(path), everything=everything, trigger="import"
    )
    return run(session, workers=0, overrides=SETTINGS)


@pytest.mark.parametrize("record", [by_warcio, pytest.param(by_wget, marks=pytest.mark.slow)])
def test_an_import_gives_what_the_crawl_gave(
    record: Callable[[Sequence[str], Path], Path], crawled: Path, tmp_path: Path
) -> None:
    urls = [str(row[0]) for row in rows(crawled, FETCHED)]
    summary = take_in(record(urls, tmp_path / "portal.warc.gz"), tmp_path / "archive.db")
    assert rows(tmp_path / "archive.db", REPORTS) == rows(crawled, REPORTS)
    assert (summary.state, summary.exit_code) == ("complete", 0)
    marked = rows(
        tmp_path / "archive.db", "select \"trigger\", json_extract(options, '$.recording') from run"
    )
    assert marked == [("import", "portal.warc.gz")]


def test_a_page_is_taken_in_without_the_list_that_leads_to_it(crawled: Path, tmp_path: Path) -> None:
    ((url, title, year, digest), *_) = rows(crawled, REPORTS)
    path = by_warcio([str(url)], tmp_path / "page.warc.gz")
    summary = take_in(path, tmp_path / "archive.db")
    assert rows(tmp_path / "archive.db", REPORTS) == [(url, title, year, digest)]
    assert summary.state == "partial"
    # A replay follows links only: nothing leads to the page.
    assert take_in(path, tmp_path / "replayed.db", everything=False).requests == 0


def test_time_of_recording_is_the_time_of_the_capture(crawled: Path, tmp_path: Path) -> None:
    path = by_warcio([str(rows(crawled, REPORTS)[0][0])], tmp_path / "page.warc.gz")
    recorded = next(iter(open_recording(path))).recorded_at
    take_in(path, tmp_path / "archive.db")
    ((fetched,),) = rows(tmp_path / "archive.db", "select fetched_at from capture")
    assert str(fetched).startswith(recorded.strftime("%Y-%m-%d %H:%M:%S"))


def test_older_than_the_archive_is_left_out_and_said(crawled: Path, tmp_path: Path) -> None:
    urls = [str(row[0]) for row in rows(crawled, REPORTS)[:3]]
    path = by_warcio(urls, tmp_path / "pages.warc.gz")
    db = tmp_path / "archive.db"
    with LoopbackServer(SamplePortal(0)) as server:
        run(prepare("demo", db=str(db), proxy=server.proxy_url, delay=0), workers=0)
    before = rows(db, "select count(*) from version")
    summary = take_in(path, db)
    assert rows(db, "select count(*) from version") == before
    assert any("older than what the archive holds" in note for note in summary.notes)


def test_twice_is_once(crawled: Path, tmp_path: Path) -> None:
    path = by_warcio([str(row[0]) for row in rows(crawled, REPORTS)[:3]], tmp_path / "pages.warc.gz")
    db = tmp_path / "archive.db"
    take_in(path, db)
    kept = rows(db, "select (select count(*) from capture), (select count(*) from version)")
    take_in(path, db)
    assert rows(db, "select (select count(*) from capture), (select count(*) from version)") == kept


def test_the_commands(called: Command, tmp_path: Path) -> None:
    bad = tmp_path / "bad.warc.gz"
    bad.write_bytes(b"\x1f\x8b\x08 no archive")
    for words in (["import", bad, "--site", "demo"], ["run", "--site", "demo", "--replay", bad]):
        done = called("crawler", *words)
        assert done.returncode == 2
        assert done.stderr.startswith("crawler: ")
        assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "archive.db").exists()
