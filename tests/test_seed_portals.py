"""The five seed portals, unmodified sites against their replicas: whole reports, exact texts, right exit codes."""

from __future__ import annotations

import functools
import itertools
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from archive.reader import Archive
from archive.records import Event, RunState
from archive.text import normalise
from crawler.prepare import prepare
from crawler.runner import run
from crawler.summary import Summary
from tests.conftest import empty_archive
from tests.portals.base import Replica
from tests.portals.fixtures import REPLICAS, Running, started

pytestmark = pytest.mark.usefixtures("read_once")

Start = Callable[[str], Running]
FURNITURE = (
    "扫一扫",
    "网站标识码",
    "ICP备",
    "公网安备",
    "字号",
    "主办:",
    "主办：",
    "jiucuo",
    "网站地图",
    "打印",
    "分享到",
)


@dataclass(frozen=True)
class Visited:
    """A portal that was crawled once, into an archive to be read or copied."""

    portal: Replica
    summary: Summary
    db: Path


def visit(running: Running, db: Path, **options: object) -> Summary:
    """Runs a site against the server that stands in for it, without the pauses."""
    if not db.exists():
        db.write_bytes(empty_archive())
    with pytest.MonkeyPatch.context() as patch:
        for scheme in ("http_proxy", "https_proxy"):
            patch.setenv(scheme, running.server.proxy_url)
        session = prepare(running.portal.key, db=str(db), delay=0, **options)  # type: ignore[arg-type]
        return run(session, workers=0)


@pytest.fixture
def crawl(tmp_path: Path) -> Callable[..., Summary]:
    return lambda running, **options: visit(running, tmp_path / "archive.db", **options)


@pytest.fixture(scope="module")
def visited(read_once: None, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Visited]:
    """Each portal as the first crawl leaves it."""

    @functools.cache
    def first(key: str) -> Visited:
        db = tmp_path_factory.mktemp(key) / "archive.db"
        with ExitStack() as stack:
            running = started(stack, key)
            found = Visited(running.portal, visit(running, db), db)
        with closing(sqlite3.connect(db)) as connection:
            connection.execute("pragma wal_checkpoint(truncate)")  # it will be copied as a file
        return found

    return first


def versions(db: Path) -> int:
    with closing(sqlite3.connect(db)) as connection:
        return int(connection.execute("select count(*) from version").fetchone()[0])


@pytest.mark.parametrize("key", sorted(REPLICAS))
def test_the_seed_report_is_found_and_read_exactly(key: str, visited: Callable[[str], Visited]) -> None:
    first = visited(key)
    summary = first.summary
    assert summary.exit_code == 0, (summary.sentence(), summary.problems, summary.columns)
    expected = first.portal.seed()
    with Archive.open(str(first.db)) as archive:
        report = archive.resolve(expected.url).report_id
        text = archive.text(report)
        found = archive.report(report)
    assert normalise(text) == normalise(expected.body)
    assert not [word for word in FURNITURE if word in text and word not in expected.body]
    assert found.title == expected.title
    assert found.year == expected.report_year
    assert sorted((found.publishers or "").split("、")) == sorted(expected.publishers)
    assert found.published == expected.published.date()


@pytest.mark.parametrize("key", sorted(REPLICAS))
def test_every_report_of_the_portal_is_found_and_every_near_miss_refused(
    key: str, visited: Callable[[str], Visited]
) -> None:
    portal = visited(key).portal
    with Archive.open(str(visited(key).db)) as archive:
        urls = {
            document.url for report in archive.reports() for document in archive.documents(report.report_id)
        }
        refused = {entry.url: entry.reason for entry in archive.refused(key)}
    assert urls == {portal.url_of(article.path) for article in portal.reports}
    beside = {article.column for article in portal.reports}
    misses = [miss for miss in portal.near_misses if miss.column in beside]
    assert misses
    for miss in misses:
        assert refused.get(portal.url_of(miss.path)), miss.title


@pytest.mark.parametrize("key", sorted(REPLICAS))
def test_only_an_edit_of_the_body_makes_a_version(
    key: str, replica: Start, visited: Callable[[str], Visited], crawl: Callable[..., Summary], tmp_path: Path
) -> None:
    running, first = replica(key), visited(key).summary
    portal, db = running.portal, Path(shutil.copy(visited(key).db, tmp_path / "archive.db"))
    held = versions(db)
    assert held == first.count(Event.NEW) + first.count(Event.DUPLICATE)
    second = crawl(running)
    assert second.state is RunState.COMPLETE
    assert versions(db) == held
    portal.change_furniture()
    crawl(running)
    assert versions(db) == held, "a counter or a date in the furniture is no new version"
    portal.edit_character(portal.seed_path)
    edited = crawl(running)
    assert versions(db) == held + 1
    assert edited.count(Event.CHANGED) == 1


def test_pauses_are_kept_and_one_request_at_a_time_is_made(
    replica: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    running = replica("dongli")
    running.portal.disallow_robots("/dongtai/")
    for scheme in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(scheme, running.server.proxy_url)
    delay = 0.08
    run(prepare("dongli", db=str(tmp_path / "archive.db"), delay=delay), workers=0)
    log = sorted(running.server.log, key=lambda line: line.began)
    assert len(log) > 10
    assert log[0].url.endswith("/robots.txt"), "robots.txt comes first"
    for before, after in itertools.pairwise(log):
        assert after.began >= before.ended, "one request at a time"
        assert after.began - before.began >= delay - 0.005
    assert not [line.url for line in log if "/dongtai/" in line.url], "robots.txt is obeyed"
    assert {line.user_agent for line in log} == {
        line.user_agent for line in log if "fazhi-archive/" in line.user_agent
    }


def test_a_page_in_a_lying_charset_is_read_all_the_same(
    replica: Start, crawl: Callable[..., Summary], tmp_path: Path
) -> None:
    running = replica("dongli")
    running.portal.lie_charset(running.portal.seed_path)
    summary = crawl(running)
    assert summary.exit_code == 0
    expected = running.portal.seed()
    with Archive.open(str(tmp_path / "archive.db")) as archive:
        assert normalise(archive.text(archive.resolve(expected.url).report_id)) == normalise(expected.body)


def test_known_columns_are_visited_without_a_new_search(
    replica: Start, crawl: Callable[..., Summary]
) -> None:
    running = replica("nanan")
    first = crawl(running)
    second = crawl(running)
    assert second.exit_code == 0
    assert second.requests < first.requests
    assert second.reports_known == first.reports_known


def test_the_columns_are_searched_again_after_a_quarter(
    replica: Start, crawl: Callable[..., Summary]
) -> None:
    from archive.clock import utcnow

    running = replica("nanan")
    first = crawl(running)
    later = crawl(running, clock=lambda: utcnow() + timedelta(days=100))
    assert later.requests >= first.requests - len(running.portal.near_misses)
