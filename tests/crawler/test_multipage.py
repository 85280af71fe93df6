"""Articles in several pages: their further pages are found, fetched, joined, kept, and never those of a list."""

from __future__ import annotations

import io
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.reader import Archive
from archive.records import Event
from archive.text import normalise
from crawler.multipage import MOST, further, join
from crawler.platforms.base import Page
from crawler.prepare import prepare
from crawler.reextract import reextract
from crawler.reextract_result import Lines, Turn
from crawler.runner import run
from crawler.sample.portal import reports
from crawler.sample.server import Answer, LoopbackServer, Request
from tests.conftest import environment
from tests.crawler.network import COLUMN, column_with

pytestmark = pytest.mark.usefixtures("read_once")

BASE = "http://www.lanting.example"
FOLDER = "/zwgk/fzzfjs/202403/"
ARTICLE = f"{BASE}{FOLDER}t20240328_1.html"


def page(html: str, url: str = ARTICLE) -> Page:
    return Page(url, f"<html><body>{html}</body></html>".encode(), "text/html; charset=utf-8")


def names(html: str, url: str = ARTICLE, first: str | None = None) -> list[str]:
    return [found.url.rsplit("/", 1)[-1] for found in further(page(html, url), first or url).pages]


HANWEB = f"{BASE}/art/2024/3/28/art_12_345.html"


@pytest.mark.parametrize(
    ("html", "url", "wanted"),
    [
        (
            "<script>createPageHTML(3, 0, 't20240328_1', 'html');</script>",
            ARTICLE,
            ["t20240328_1_1.html", "t20240328_1_2.html"],
        ),
        (  # the list beside it has a pager, too
            "<script>createPageHTML(9, 0, 'index', 'html');</script>"
            '<script>var countPage = 2; createPageHTML(countPage, 0, "t20240328_1", "html");</script>',
            ARTICLE,
            ["t20240328_1_1.html"],
        ),
        (
            "<a href='./t20240328_1_1.shtml'>2</a><a href='./t20240328_1_2.shtml'>[3]</a>",
            ARTICLE.replace(".html", ".shtml"),
            ["t20240328_1_1.shtml", "t20240328_1_2.shtml"],
        ),
        (  # only counted
            "<div class='fenye'>第1页/共4页 <a href='t20240328_1_1.html'>下一页</a></div>",
            ARTICLE,
            ["t20240328_1_1.html", "t20240328_1_2.html", "t20240328_1_3.html"],
        ),
        (  # a pager with a gap; its first page has the number 2
            "<a href='t20240328_1.html'>1</a><a href='t20240328_1_2.html'>2</a>…<a href='t20240328_1_4.html'>尾页</a>",
            ARTICLE,
            ["t20240328_1_2.html", "t20240328_1_3.html", "t20240328_1_4.html"],
        ),
        (
            "<a href='?page=1'>1</a><a href='?page=2'>2</a><a href='art_12_345.html?page=3'>3</a>",
            HANWEB,
            ["art_12_345.html?page=2", "art_12_345.html?page=3"],
        ),
        (
            "<select><option value='t20240328_1.html'>第1页</option><option value='t20240328_1_1.html'>第2页</option></select>",
            ARTICLE,
            ["t20240328_1_1.html"],
        ),
        (  # an article that is the index of its own folder
            "<script>createPageHTML(2, 0, 'index', 'shtml');</script>",
            f"{BASE}/web/zwgk/2024032812345678/index.shtml",
            ["index_1.shtml"],
        ),
    ],
)
def test_further_pages_are_found(html: str, url: str, wanted: list[str]) -> None:
    assert names(html, url) == wanted


@pytest.mark.parametrize(
    ("html", "url"),
    [
        ("<script>createPageHTML(10, 0, 'index', 'html');</script>", ARTICLE),  # a list's pager in the margin
        ("<script>createPageHTML(1, 0, 't20240328_1', 'html');</script>", ARTICLE),
        ("<a href='t20240328_2.html'>下一页</a>", ARTICLE),  # the article after it
        ("<a href='t20240328_1_1.html'>下一篇：某某通知</a>", ARTICLE),
        ("<a href='../202402/t20240328_1_1.html'>2</a>", ARTICLE),
        ("<a href='http://www.other.example/zwgk/fzzfjs/202403/t20240328_1_1.html'>2</a>", ARTICLE),
        ("<a href='index_1.html'>2</a><a href='index_2.html'>下一页</a>", f"{BASE}/zwgk/fzzfjs/index.html"),
        ("<a href='list_2.shtml'>2</a>", f"{BASE}/zwgk/list.shtml"),
        ("<a href='6346_2.html'>2</a>", f"{BASE}/channels/6346.html"),
        ("<div class='comments'><a href='?page=2'>2</a></div>", HANWEB),
        ("<p>全年办理案件12/34件，共3页。</p>", ARTICLE),
    ],
)
def test_nothing_else_is_taken_for_a_further_page(html: str, url: str) -> None:
    assert names(html, url) == []


def test_a_later_page_leads_on_and_not_back() -> None:
    second = ARTICLE.replace(".html", "_1.html")
    html = "<a href='t20240328_1.html'>上一页</a><a href='t20240328_1_2.html'>下一页</a>"
    assert names(html, second, ARTICLE) == ["t20240328_1_2.html"]


def test_pages_that_are_announced_and_not_found_are_said() -> None:
    found = further(page("<p>第<b>1</b>页 / 共3页</p>"), ARTICLE)
    assert found.pages == ()
    assert "one of 3" in found.warnings[0]


def test_an_endless_article_is_cut_and_said() -> None:
    found = further(page("<script>createPageHTML(500, 0, 't20240328_1', 'html');</script>"), ARTICLE)
    assert len(found.pages) == MOST - 1
    assert str(MOST) in found.warnings[0]


@given(st.text(max_size=300), st.text(max_size=60))
def test_whatever_the_page_says_further_pages_are_of_its_article(html: str, tail: str) -> None:
    mixed = f"{html}<a href='t20240328_1_1{tail}'>2</a><script>createPage(3, 0, '{tail}', 'html')</script>"
    for found in further(page(mixed), ARTICLE).pages:
        assert found.url.startswith(f"{BASE}{FOLDER}t20240328_1")


LONG = "各部门坚持以习近平法治思想为指导，深入贯彻落实中央决策部署，扎实推进依法行政各项工作，取得了明显的"


def test_texts_are_joined_without_pager_and_what_every_page_repeats() -> None:
    pages = (
        f"东丽街道报告\n一、主要工作\n{LONG}\n上一页 1 2 3 下一页\n第1页/共3页",
        "东丽街道报告\n成效。\n二、不足\n执法力量不足。\n1 2 3\n抄送：区委",
        "东丽街道报告\n三、安排\n健全制度。\n东丽街道办事处\n2024年3月1日\n抄送：区委",
    )
    assert join(pages, "东丽街道报告").split("\n") == [
        "东丽街道报告",
        "一、主要工作",
        f"{LONG}成效。",
        "二、不足",
        "执法力量不足。",
        "三、安排",
        "健全制度。",
        "东丽街道办事处",
        "2024年3月1日",
        "抄送：区委",
    ]


def test_rows_of_numbers_and_repeated_paragraphs_stay() -> None:
    pages = ("甲。\n12\t3\n同上。", "乙。\n同上。\n4\t5", "丙。\n6\n7")
    assert join(pages).split("\n") == ["甲。", "12\t3", "同上。", "乙。", "同上。", "4\t5", "丙。", "6", "7"]


def test_a_portal_that_answers_every_number_with_the_first_page_adds_nothing() -> None:
    assert join(("甲。\n乙。", "甲。\n乙。")) == "甲。\n乙。"


@given(
    st.lists(st.lists(st.text("甲乙丙丁，。", min_size=1, max_size=9), max_size=6), min_size=1, max_size=4)
)
def test_joining_invents_nothing_and_keeps_the_last_line(pages: list[list[str]]) -> None:
    texts = ["\n".join(lines) for lines in pages]
    joined = join(texts)
    assert set(joined.replace("\n", "")) <= set("".join(texts))
    filled = [text for text in texts if text]
    if filled and texts[-1] and len(filled) == len(set(filled)) == 1:
        assert joined == filled[0]


# -- crawls -------------------------------------------------------------------------------------


class InPages:
    """A column with one report on three pages, as TRS splits them."""

    title, text = next((r.title, r.text) for r in reports(0) if r.report_year == 2023 and "2023" in r.title)

    def __init__(self) -> None:
        lines = self.text.split("\n")
        third = len(lines) // 3
        self.pages = [lines[:third], lines[third : 2 * third], lines[2 * third :]]
        self.status: dict[int, int] = {}
        self.asked: list[str] = []
        self.waiting = threading.Event()
        self.hold: int | None = None

    def whole(self) -> str:
        return "\n".join(line for lines in self.pages for line in lines)

    def name(self, number: int) -> str:
        return f"t20240328_1{f'_{number}' if number else ''}.html"

    def __call__(self, request: Request) -> Answer:
        self.asked.append(request.path)
        for number, lines in enumerate(self.pages):
            if request.path == f"{FOLDER}{self.name(number)}":
                if number == self.hold:
                    self.waiting.set()
                    return Answer(body=b"", wait=60)
                return self.article(number, lines)
        if request.path.startswith("/zwgk/") and request.path.endswith("/"):
            row = f"<li><a href='{FOLDER}{self.name(0)}'>{self.title}</a><span>2024-03-28</span></li>"
            return column_with(row if request.path == COLUMN else "")
        return Answer(status=404, body=b"<html><body>404</body></html>")

    def article(self, number: int, lines: list[str]) -> Answer:
        status = self.status.get(number, 200)
        if status != 200:
            return Answer(
                status=status, body=b"<html><head><title>x</title></head><body>no</body></html>", etag=False
            )
        body = "".join(f"<p>{line}</p>" for line in lines)
        html = (
            f"<html><head><title>{self.title}</title><meta name='PubDate' content='2024-03-28 10:00'></head><body>"
            f"<div class='nav'><a href='/zwgk/'>政务公开</a></div><h1>{self.title}</h1><div class='TRS_Editor'>{body}</div>"
            f"<div class='page'>第{number + 1}页/共3页<script>createPageHTML(3, {number}, 't20240328_1', 'html');</script>"
            "</div></body></html>"
        )
        return Answer(body=html.encode())


def crawl(portal: InPages, db: Path, **given: object):  # type: ignore[no-untyped-def]
    portal.asked.clear()
    with LoopbackServer(portal) as server:
        options = {"recheck": "all", "delay": 0.0, **given}
        return run(prepare("demo", db=str(db), proxy=server.proxy_url, **options), workers=0)  # type: ignore[arg-type]


def rows(db: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(db)) as connection:
        return connection.execute(sql).fetchall()


def test_a_report_on_three_pages_is_one_report(tmp_path: Path) -> None:
    db, portal = tmp_path / "archive.db", InPages()
    first = crawl(portal, db)
    assert first.exit_code == 0, (first.problems, first.events)
    assert first.count(Event.NEW) == 1
    pages = [path for path in portal.asked if "t2024" in path]
    assert pages == [f"{FOLDER}{portal.name(number)}" for number in range(3)]
    assert first.requests == len([path for path in portal.asked if path != "/robots.txt"])
    with Archive.open(str(db)) as archive:
        (report,) = archive.reports()
        assert normalise(archive.text(report.report_id)) == normalise(portal.text)
    again = crawl(portal, db)
    assert (again.count(Event.CHANGED), again.count(Event.NEW), again.count(Event.UNCHANGED)) == (0, 0, 1)
    assert rows(db, "select part, status from capture where part_of_id is not null order by part") == [
        (2, 200),
        (3, 200),
    ]
    portal.pages[1][-1] += "补充：全年无行政复议败诉案件。"
    edited = crawl(portal, db)
    assert edited.count(Event.CHANGED) == 1
    with Archive.open(str(db)) as archive:
        (report,) = archive.reports()
        assert report.version == 2
        assert normalise(archive.text(report.report_id)) == normalise(portal.whole())


def test_without_one_of_its_pages_nothing_is_stored_as_whole(tmp_path: Path) -> None:
    db, portal = tmp_path / "archive.db", InPages()
    portal.status[2] = 404
    cut = crawl(portal, db)
    assert cut.exit_code == 3
    (problem,) = cut.problems
    assert problem.outcome == "cut_short"
    assert "page 3" in (problem.detail or "")
    assert portal.name(2) in (problem.detail or "")
    assert rows(db, "select count(*) from document") == [(0,)]
    kept = rows(db, "select part, outcome, status from capture where part_of_id is not null order by part")
    assert kept == [(2, "cut_short", 200), (3, "cut_short", 404)]
    portal.status.clear()
    mended = crawl(portal, db, recheck="due")
    assert mended.count(Event.NEW) == 1
    portal.status[1] = 404
    lost = crawl(portal, db)
    assert (lost.count(Event.CHANGED), lost.exit_code) == (0, 3)
    with Archive.open(str(db)) as archive:
        (report,) = archive.reports()
        assert (report.version, report.state) == (1, "live")


def test_a_challenge_on_a_further_page_ends_the_run_before_the_next(tmp_path: Path) -> None:
    portal = InPages()
    portal.status[1] = 412
    summary = crawl(portal, tmp_path / "archive.db")
    assert summary.stopped is not None
    assert f"{FOLDER}{portal.name(2)}" not in portal.asked
    assert summary.count(Event.NEW) == 0


def test_read_again_offline_it_is_the_same_whole_text(tmp_path: Path) -> None:
    db, portal = tmp_path / "archive.db", InPages()
    crawl(portal, db)

    def reread() -> Turn:
        with closing(sqlite3.connect(db)) as connection, connection:
            connection.execute("update extraction set version = '0'")
        result = reextract("demo", db=str(db), workers=0, lines=Lines(io.StringIO()))
        (turn,) = result.turns
        return turn

    assert reread() is Turn.UNCHANGED
    # As an older version of this program kept it: its first page alone.
    with closing(sqlite3.connect(db)) as connection, connection:
        connection.execute("delete from capture where part_of_id is not null")
        connection.execute(
            "update frontier set etag = 'x', payload_sha256 = (select payload_sha256 from capture c"
            " where c.frontier_id = frontier.id) where kind = 'page'"
        )
    assert reread() is Turn.LOST
    with Archive.open(str(db)) as archive:
        (report,) = archive.reports()
        assert normalise(archive.text(report.report_id)) == normalise(portal.text)
    assert crawl(portal, db).count(Event.UNCHANGED) == 1
    assert reread() is Turn.UNCHANGED


KILLED = """
import sys
from crawler.prepare import prepare
from crawler.reextract import reextract
from crawler.reextract_result import Lines, Turn
from crawler.runner import run
run(prepare("demo", db=sys.argv[1], proxy=sys.argv[2], delay=0.0), workers=0)
"""


@pytest.mark.slow
def test_killed_between_two_pages_nothing_is_lost(tmp_path: Path) -> None:
    db, portal = tmp_path / "archive.db", InPages()
    portal.hold = 2
    with LoopbackServer(portal) as server:
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(db), server.proxy_url],
            env=environment(),
            stderr=subprocess.DEVNULL,
        )
        try:
            assert portal.waiting.wait(60)
        finally:
            process.kill()
            process.wait()
    assert rows(db, "select state from frontier where url like '%t20240328_1.html'") == [("queued",)]
    portal.hold = None
    summary = crawl(portal, db, recheck="due")
    assert summary.count(Event.NEW) == 1
    with Archive.open(str(db)) as archive:
        (report,) = archive.reports()
        assert normalise(archive.text(report.report_id)) == normalise(portal.text)
