"""Lists that scripts build: asked for like other pages, shown to a browser, read as they have become."""

from __future__ import annotations

import importlib.util
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse, Response

from archive.records import FrontierEntry, FrontierKind, How, RunState, Verdict
from crawler import browser
from crawler.browser import HEADER, PROGRAMS, Renderer
from crawler.errors import BrowserUnavailable
from crawler.frontier import request_for
from crawler.guards import RENDER
from crawler.sample.server import Answer
from crawler.sample.server import Request as Asked
from crawler.turns import SESSION
from tests.crawler.network import BASE, COLUMN, REPORT, article, crawl, home, no_proxy, served, site

__all__ = ["no_proxy"]
pytestmark = pytest.mark.usefixtures("no_proxy", "read_once")

BUILT = """<html><head><title>法治政府建设年度报告_试验区人民政府</title></head><body>
<div class="nav">{menu}</div><ul class="list" id="rows">正在加载</ul>
<img src="/logo.png"><script src="http://elsewhere.example/count.js"></script><script src="/js/list.js"></script>
</body></html>"""
SCRIPT = """var request = new XMLHttpRequest();
request.open('GET', '/api/rows?c=fzzfjs');
request.onload = function () {
  request.responseText.split(';').forEach(function (line) {
    var part = line.split(','), row = document.createElement('li'), link = document.createElement('a');
    link.href = part[0]; link.title = link.textContent = part[1];
    row.appendChild(link); row.appendChild(document.createElement('span')).textContent = part[2];
    document.getElementById('rows').appendChild(row);
  });
};
request.send();"""
ROWS = ";".join(
    f"{REPORT.format(n=n)},试验街道{2023 - n}年法治政府建设情况报告,{2024 - n}-03-28" for n in (1, 2)
)


def portal(asked: Asked) -> Answer:
    if asked.path == COLUMN:
        menu = "".join(f'<a href="/c{n}/">栏目{n}</a>' for n in range(12))
        return Answer(body=BUILT.format(menu=menu).encode())
    kinds = {"/js/list.js": (SCRIPT, "text/javascript"), "/api/rows": (ROWS, "text/plain; charset=utf-8")}
    if asked.path in kinds:
        body, kind = kinds[asked.path]
        return Answer(body=body.encode(), content_type=kind)
    pages = {"/": home(), REPORT.format(n=1): article(1), REPORT.format(n=2): article(2)}
    body = pages.get(asked.path)
    return Answer(status=404, etag=False) if body is None else Answer(body=body)


def entry(kind: FrontierKind) -> FrontierEntry:
    return FrontierEntry(
        id=1,
        url=BASE + COLUMN,
        fetch_url=BASE + COLUMN,
        kind=kind,
        how=How.DECLARED,
        title=None,
        listed_date=None,
        column=None,
        verdict=Verdict.UNSURE,
        attempts=0,
        etag='"e"',
        last_modified=None,
        payload_sha256="0" * 64,
        found_on=None,
        known=True,
    )


async def nobody(request: Request) -> Response:
    raise AssertionError(f"{request.url} was asked for")


class FakeSession:
    """As much of a run as a request needs."""

    def __init__(self, browser: bool) -> None:
        self.site = replace(site(), browser=browser)
        self.slot = "slot"
        self.proxy = None


@pytest.mark.parametrize("kind", [FrontierKind.COLUMN, FrontierKind.HUB])
def test_lists_of_such_a_site_are_rendered_and_never_asked_for_conditionally(kind: FrontierKind) -> None:
    request = request_for(entry(kind), FakeSession(browser=True))  # type: ignore[arg-type]
    assert request.meta[RENDER]
    assert b"If-None-Match" not in request.headers
    plain = request_for(entry(kind), FakeSession(browser=False))  # type: ignore[arg-type]
    assert RENDER not in plain.meta
    assert plain.headers[b"If-None-Match"] == b'"e"'


def test_reports_are_not_rendered() -> None:
    request = request_for(entry(FrontierKind.PAGE), FakeSession(browser=True))  # type: ignore[arg-type]
    assert RENDER not in request.meta
    assert request.headers[b"If-None-Match"] == b'"e"'


@pytest.mark.parametrize(
    ("status", "headers", "body"),
    [
        (412, {"Content-Type": "text/html"}, b"<html><script>$_ts=window['$_ts']</script></html>" * 20),
        (404, {"Content-Type": "text/html"}, b"<html>gone</html>"),
        (200, {"Content-Type": "application/pdf"}, b"%PDF-1.7" + b" " * 2000),
    ],
)
async def test_a_refusal_is_no_page_for_a_browser(status: int, headers: dict[str, str], body: bytes) -> None:
    url = BASE + COLUMN
    given = HtmlResponse(url, status=status, headers=headers, body=body)
    renderer = Renderer("no browser is started for this", "agent", nobody)
    request = Request(url, meta={SESSION: FakeSession(browser=True)})
    assert await renderer.render(request, given) is given
    await renderer.close()


def test_without_a_browser_the_run_does_not_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BrowserUnavailable, match=r"fazhi-archive\[browser\]"):
        crawl(tmp_path, site(browser=True), proxy=None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    monkeypatch.setenv("FAZHI_CHROMIUM", str(tmp_path / "none"))
    with pytest.raises(BrowserUnavailable, match="no browser at"):
        browser.check()
    monkeypatch.delenv("FAZHI_CHROMIUM")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BrowserUnavailable, match="apt install chromium"):
        browser.check()


@pytest.mark.slow
@pytest.mark.skipif(
    importlib.util.find_spec("playwright") is None or not any(map(shutil.which, PROGRAMS)),
    reason="needs the extra browser and a Chromium of the system",
)
def test_a_list_that_scripts_build_is_found(tmp_path: Path) -> None:
    (tmp_path / "blind").mkdir()
    with served(portal) as server:
        blind = crawl(tmp_path / "blind", site(), proxy=server.proxy_url)
        before = len(server.log)
        seen = crawl(tmp_path, site(browser=True), proxy=server.proxy_url)
        asked = [line.url.removeprefix(BASE) for line in server.log[before:]]
        agents = {line.user_agent for line in server.log}
    assert blind.reports_known == 0
    assert blind.state is RunState.PARTIAL  # not "read completely, nothing found"
    assert "no word that there are none: the page says that it is loading" in str(blind.problems)
    assert seen.state is RunState.COMPLETE
    assert seen.reports_known == 2
    assert asked.count("/js/list.js") == asked.count("/api/rows?c=fzzfjs") == asked.count(COLUMN)
    assert not [url for url in asked if "elsewhere" in url or "logo" in url]
    assert len(agents) == 1  # the browser says who asks
    with closing(sqlite3.connect(tmp_path / "archive.db")) as db:
        (headers,) = db.execute(
            "select headers from capture join frontier on frontier.id = frontier_id where kind = 'column'"
        ).fetchone()
    assert HEADER.lower() in headers
    assert "received sha256=" in headers
