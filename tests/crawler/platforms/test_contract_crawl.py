"""What the contract promises of pure functions, kept by whole runs: a spoilt list page makes a run partial."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from archive.records import RunState
from crawler.prepare import prepare
from crawler.runner import run
from crawler.sample import server
from crawler.site import Column
from crawler.summary import Summary
from tests.crawler.platforms.test_contract import EVERY, FAULTS, site_of
from tests.portals.platform_kit import Item, article
from tests.portals.platform_replicas import Answer, Expected, PlatformReplica

pytestmark = pytest.mark.usefixtures("read_once")

FAST = {"RETRY_TIMES": 0}
REPORT, OTHER = "年度法治政府建设情况报告".encode(), "年中小学招生入学工作安排".encode()


def serve(answers: Mapping[str, Answer], report: Expected | None) -> server.Portal:
    """The list pages with rows that no run asks for, but one: what is tested is how lists are read."""
    kept = report.title.encode() if report else b"\0"

    def portal(request: server.Request) -> server.Answer:
        answer = answers.get(request.url)
        if answer is None:
            return server.Answer(status=404, body=b"<html><body>404</body></html>", etag=False)
        body = answer.body.replace(kept, b"\0").replace(REPORT, OTHER).replace(b"\0", kept)
        return server.Answer(body=body, status=answer.status, content_type=answer.content_type)

    return portal


@pytest.fixture
def crawl(tmp_path: Path) -> Callable[..., Summary]:
    def go(
        replica: PlatformReplica, answers: Mapping[str, Answer], report: Expected | None = None
    ) -> Summary:
        column = Column(url=replica.column_url, name="招生入学")
        with server.LoopbackServer(serve(answers, report)) as running:
            site = replace(site_of(replica), columns=(column,))
            session = prepare(site, db=str(tmp_path / "archive.db"), delay=0, proxy=running.proxy_url)
            return run(session, workers=0, overrides=FAST)

    return go


@pytest.mark.parametrize(
    ("name", "fault", "n"),
    [
        ("trs-index", "repeating", 1),
        ("vsb", "emptied", 2),
        pytest.param("epoint", "gone", 2, marks=pytest.mark.slow),
        pytest.param("anchors-liaoning", "stub", 2, marks=pytest.mark.slow),
    ],
)
def test_a_run_over_a_spoilt_column_is_partial_and_one_over_the_whole_column_complete(
    name: str, fault: str, n: int, crawl: Callable[..., Summary]
) -> None:
    replica = EVERY[name]
    summary = crawl(replica, {**replica.answers, replica.list_pages[n]: FAULTS[fault](replica, n)})
    assert summary.state is RunState.PARTIAL
    said = " ".join(f"{problem.url} {problem.detail}" for problem in summary.problems)
    assert replica.list_pages[n] in said
    again = crawl(replica, replica.answers)
    assert (again.state, again.problems) == (RunState.NOTHING, ())  # read completely; no row is a report
    assert [count.rows_read for count in again.columns] == [len(replica.rows)]


def single(answer: Answer) -> Answer:
    """The first page of a column that has only this one and states no number of rows."""
    body = answer.body.replace(b"createPageHTML(3,", b"createPageHTML(1,").replace(b', "21"', b"")
    return replace(answer, body=body)


def test_a_list_that_was_full_and_is_empty_is_told_although_nothing_announces_rows(
    crawl: Callable[..., Summary],
) -> None:
    replica = EVERY["trs-index"]
    url = replica.column_url
    assert crawl(replica, {url: single(replica.answers[url])}).state is RunState.NOTHING
    summary = crawl(replica, {url: single(replica.empty[url])})
    assert summary.state is RunState.PARTIAL
    assert [problem.detail for problem in summary.problems] == ["no rows, 8 when it was read last"]


def test_a_column_that_became_shorter_is_complete_without_its_old_last_page(
    crawl: Callable[..., Summary],
) -> None:
    replica = EVERY["trs-index"]
    row = replica.rows[-1]
    assert row.date is not None
    body = article(
        Item(title=row.title, url=row.url, date=row.date), before="<div id='zoom'>", after="</div>"
    )
    report = {row.url: Answer(body=body)}
    assert crawl(replica, {**replica.answers, **report}, row).state is RunState.COMPLETE
    shorter = {
        url: replace(
            replica.answers[url],
            body=replica.answers[url].body.replace(b"HTML(3,", b"HTML(2,").replace(b'"21"', b'"16"'),
        )
        for url in replica.list_pages[:2]
    }
    summary = crawl(replica, {**shorter, **report}, row)
    assert "gone" in summary.outcomes  # the old last page gave a report and was asked for again
    assert (summary.state, summary.problems) == (RunState.COMPLETE, ())
