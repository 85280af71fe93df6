"""Columns that give nothing any more: told from columns that are merely as they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from archive.records import RunState
from crawler.looking import Reach
from crawler.sample.server import Answer, Request
from tests.crawler.network import COLUMN, REPORT, article, crawl, home, listing, no_proxy, row, served, site

__all__ = ["no_proxy"]
pytestmark = pytest.mark.usefixtures("no_proxy", "read_once")

MOVED = "/gk/fzzfbg/"


class Portal:
    """A portal without validators (its column answers 200 with the same bytes) that may move its column."""

    def __init__(self) -> None:
        self.moved = False

    def __call__(self, request: Request) -> Answer:
        rows = listing(row(1), row(2))
        pages = {
            "/": home().replace(COLUMN.encode(), MOVED.encode()) if self.moved else home(),
            COLUMN: listing() if self.moved else rows,
            REPORT.format(n=1): article(1),
            REPORT.format(n=2): article(2),
        }
        if self.moved:
            pages[MOVED] = rows
        body = pages.get(request.path)
        return Answer(status=404, etag=False) if body is None else Answer(body=body, etag=False)


def test_a_column_that_answers_with_the_same_bytes_is_not_lost(tmp_path: Path) -> None:
    with served(Portal()) as server:
        crawl(tmp_path, site(), proxy=server.proxy_url)
        again = crawl(tmp_path, site(), proxy=server.proxy_url)
        asked = [line.url for line in server.log]
    assert again.state is RunState.COMPLETE
    assert again.requests == 3  # the column and its two reports; nothing is searched
    assert not [url for url in asked if url.endswith("example/")]


def test_a_column_found_empty_by_the_last_answer_of_a_run_is_searched_by_the_same_run(tmp_path: Path) -> None:
    """The run had nothing else under way: it used to end before the search for the column was queued."""
    portal = Portal()
    with served(portal) as server:
        crawl(tmp_path, site(), proxy=server.proxy_url)
        portal.moved = True
        found = crawl(tmp_path, site(), proxy=server.proxy_url)
    base = site().home_url.rstrip("/")
    assert found.guidance is not None and found.guidance.reach is Reach.ALL
    assert found.guidance.moved == ((base + COLUMN, base + MOVED),)
    assert found.left == 0
