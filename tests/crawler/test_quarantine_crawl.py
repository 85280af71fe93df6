"""The quality gate in a whole crawl: on a replica, a stub, an error page and a page that loses its text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive.database import open_archive
from archive.planning import LastReading
from archive.reader import Archive
from archive.records import Event, ExtractionRecord, RunState, Verdict
from archive.store import Store
from archive.text import digest
from crawler.prepare import prepare
from crawler.reextract_result import Turn, judge
from crawler.runner import run
from crawler.summary import Summary
from tests.portals.base import Article
from tests.portals.fixtures import Running

pytestmark = pytest.mark.usefixtures("read_once")

Crawl = Callable[..., Summary]


class Clock:
    """A day that only the test ends; no two moments of it are the same."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def next_day(self) -> None:
        self.now += timedelta(days=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def nanan(replica: Callable[[str], Running]) -> Running:
    return replica("nanan")


@pytest.fixture
def crawl(nanan: Running, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Crawl:
    for scheme in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(scheme, nanan.server.proxy_url)

    def go(recheck: str = "due") -> Summary:
        db = str(tmp_path / "archive.db")
        return run(prepare("nanan", db=db, delay=0, clock=clock, recheck=recheck), workers=0)  # type: ignore[arg-type]

    return go


def put(running: Running, path: str, *paragraphs: str) -> Article:
    """Another body at a path; returns the article that stood there."""
    before = running.portal.articles[path]
    after = replace(before, paragraphs=paragraphs, letterhead=0, signature=0)
    running.portal.articles[path] = after
    return before


def half(paragraphs: tuple[str, ...]) -> list[str]:
    """The first paragraphs, not quite half of the text: still long enough for a report."""
    whole = sum(map(len, paragraphs))
    return [text for at, text in enumerate(paragraphs) if sum(map(len, paragraphs[: at + 1])) < 0.5 * whole]


def fetches(running: Running, path: str) -> int:
    return sum(line.url.endswith(path) for line in running.server.requests())


def test_reading_again_tells_what_is_held_back_and_what_got_out() -> None:
    now = ExtractionRecord(
        extractor="page", version="2", text="同样的话。", verdict=Verdict.REPORT, verdict_reason="title"
    )
    before = LastReading(
        text_sha256=digest(now.text),
        verdict=Verdict.REPORT,
        title=None,
        published=None,
        report_year=None,
        report_kind=None,
        publishers=(),
        missing_parts=None,
        error=None,
    )
    assert judge(before, now, Event.UNCHANGED) is Turn.UNCHANGED
    assert judge(before, now, Event.QUARANTINED) is Turn.QUARANTINED
    assert judge(before, now, Event.NEW) is judge(before, now, Event.DUPLICATE) is Turn.REPORT
    assert judge(before, replace(now, error="crashed"), Event.UNREAD) is Turn.LOST


@pytest.mark.slow
def test_what_is_not_trusted_waits_and_gets_out(
    nanan: Running, crawl: Crawl, clock: Clock, tmp_path: Path
) -> None:
    portal = nanan.portal
    stub, error, whole = [article.path for article in portal.reports][:3]
    real = [
        put(nanan, stub, "街道坚持依法行政，法治政府建设取得新成效，详情请向办公室咨询。"),
        put(nanan, error, "系统维护中，请稍后再试。", "给您带来不便，敬请谅解。"),
    ]
    count = len(portal.reports)

    first = crawl()
    assert first.state is RunState.COMPLETE, (first.sentence(), first.problems)
    assert first.exit_code == 0
    assert (first.count(Event.QUARANTINED), first.waiting) == (2, 2)
    assert any("archive quarantine list --site nanan" in step for step in first.next_steps())
    archive = Archive.open(str(tmp_path / "archive.db"))
    waiting = {row.url: row for row in archive.quarantine("nanan")}
    assert {url: row.reason for url, row in waiting.items()} == {
        portal.url(stub): "short",
        portal.url(error): "error_phrase",
    }
    assert len(archive.reports()) == count - 2

    # The next day one of them is mended; the other is refused by a person; a third page loses its text.
    portal.articles[stub] = real[0]
    engine = open_archive(str(tmp_path / "archive.db"))
    Store(engine, clock).refuse(waiting[portal.url(error)].quarantine_id, by="test", said="an error page")
    engine.dispose()
    text = archive.text(archive.resolve(portal.url(whole)).report_id or 0)
    lost = put(nanan, whole, *half(portal.articles[whole].paragraphs))
    seen = fetches(nanan, whole)
    clock.next_day()
    second = crawl("all")
    assert second.state is RunState.COMPLETE, (second.sentence(), second.problems)
    assert (second.count(Event.NEW), second.count(Event.QUARANTINED), second.waiting) == (1, 1, 1)
    assert fetches(nanan, whole) == seen + 2, "fetched again before it counts"
    (row,) = archive.quarantine()
    assert (row.url, row.reason, row.state, row.attempts) == (portal.url(whole), "shrink", "waiting", 2)
    assert archive.text(archive.resolve(portal.url(whole)).report_id or 0) == text
    assert archive.quarantined(waiting[portal.url(stub)].quarantine_id).state == "resolved"
    assert len(archive.reports()) == count - 1

    # The day after the text is back: nothing ever happened to the report.
    portal.articles[whole] = lost
    clock.next_day()
    third = crawl("due")
    assert (third.count(Event.CHANGED), third.count(Event.QUARANTINED), third.waiting) == (0, 0, 0)
    assert archive.quarantined(row.quarantine_id).state == "resolved"
    assert archive.version(archive.resolve(portal.url(whole)).document_id).number == 1
    kinds = [change.kind for change in archive.changes()]
    assert kinds.count("quarantined") == 3
    assert kinds.count("changed") == 0
    archive.close()
