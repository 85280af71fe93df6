"""Texts that stand in frames, are written by scripts, or come a second time through a gateway."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.reader import Archive
from archive.records import Event, FrontierKind, How, Link, PartRecord, Verdict
from archive.text import normalise
from crawler import frames, twins
from crawler.platforms.base import Page
from crawler.prepare import prepare
from crawler.reading import read
from crawler.readjob import ReadJob, ReadResult
from crawler.runner import run
from crawler.sample.portal import reports
from crawler.sample.server import Answer, LoopbackServer, Request
from crawler.scripted import is_filled, unfold
from crawler.site import load_site

pytestmark = pytest.mark.usefixtures("read_once")

BASE = "http://www.lanting.example"
URL = f"{BASE}/zwgk/fzzfjs/202403/t20240328_1.html"
SITE = load_site("demo")
REPORT = next(r for r in reports(0) if r.report_year == 2023 and "2023" in r.title)
BODY = "".join(f"<p>{line}</p>" for line in REPORT.text.split("\n"))
MENU = "".join(f"<li><a href='/zwgk/{name}/'>{name}栏目</a></li>" for name in ("政务", "公开", "指南"))


def html(inner: str) -> str:
    return (
        f"<html><head><title>{REPORT.title}</title><meta name='PubDate' content='2024-03-28 10:00'></head><body>"
        f"<ul class='nav'>{MENU}</ul><h1>{REPORT.title}</h1><div class='TRS_Editor' id='zoom'>{inner}</div>"
        f"<div class='foot'>主办：兰汀区人民政府</div></body></html>"
    )


def part(url: str, body: str | bytes, media_type: str = "text/html; charset=utf-8") -> PartRecord:
    return PartRecord(
        requested_url=url,
        final_url=url,
        fetched_at=datetime(2024, 4, 1, tzinfo=UTC),
        status=200,
        headers={"content-type": media_type},
        body=body.encode() if isinstance(body, str) else body,
    )


def reading(inner: str, *parts: PartRecord, url: str = URL) -> ReadResult:
    job = ReadJob(
        kind=FrontierKind.PAGE,
        url=url,
        final_url=url,
        status=200,
        body=html(inner).encode(),
        content_type="text/html; charset=utf-8",
        site=SITE,
        title=REPORT.title,
        parts=parts,
    )
    return read(job)


# -- frames -------------------------------------------------------------------------------------


def test_a_page_in_a_frame_is_asked_for_and_read() -> None:
    inner = "<iframe src='./body_1.html' width='100%' height='3000'></iframe>"
    first = reading(inner)
    assert first.more == (f"{BASE}/zwgk/fzzfjs/202403/body_1.html",)
    assert first.extraction is not None
    assert "frame" in (first.extraction.error or "")
    framed = reading(inner, part(first.more[0], f"<html><body><div>{BODY}</div></body></html>"))
    assert framed.more == ()
    assert framed.extraction is not None
    assert framed.extraction.error is None
    assert normalise(framed.extraction.text) == normalise(REPORT.text)
    assert framed.extraction.verdict is Verdict.REPORT
    assert framed.extraction.published is not None, "said by the page round the frame"
    assert [w for w in framed.extraction.warnings if "stands in a frame" in w]


def test_the_frame_inside_the_article_goes_before_the_others() -> None:
    page = Page(
        URL,
        b"<html><body><div class='wrap'><iframe src='/a.html'></iframe></div><div id='zoom'><iframe src='/b.html'>"
        b"</iframe></div></body></html>",
    )
    assert frames.body(page) == f"{BASE}/b.html"


@pytest.mark.parametrize(
    "inner",
    [
        "<iframe src='/include/header.html'></iframe>",
        "<iframe src='/tongji/count.html'></iframe>",
        "<iframe src='/x.html' height='30'></iframe>",
        "<iframe src='/x.html' style='display: none'></iframe>",
        "<iframe src='http://player.other.example/x.html'></iframe>",
        "<iframe src='javascript:void(0)'></iframe><iframe src='about:blank'></iframe><iframe></iframe>",
        f"<iframe src='{URL}'></iframe>",
    ],
)
def test_frames_of_the_portal_are_not_followed(inner: str) -> None:
    assert frames.body(Page(URL, f"<html><body>{inner}</body></html>".encode())) is None
    result = reading(inner)
    assert result.more == ()
    assert result.extraction is not None
    assert result.extraction.error is not None, "never a silent empty text"


def test_a_frame_beside_a_text_is_not_followed() -> None:
    assert reading(f"{BODY}<iframe src='/video/1.html'></iframe>").more == ()


@pytest.mark.parametrize(
    ("inner", "file"),
    [
        (
            "<embed src='./P020240328.pdf' type='application/pdf'>",
            f"{BASE}/zwgk/fzzfjs/202403/P020240328.pdf",
        ),
        ("<object data='/files/a.pdf'></object>", f"{BASE}/files/a.pdf"),
        ("<object><param name='src' value='/files/a.pdf'></object>", f"{BASE}/files/a.pdf"),
        ("<iframe src='/files/a.docx'></iframe>", f"{BASE}/files/a.docx"),
        (
            "<iframe src='/pdfjs/web/viewer.html?file=%2Ffiles%2Fa.pdf#page=1'></iframe>",
            f"{BASE}/files/a.pdf",
        ),
        (f"<iframe src='/v/op?src={quote(BASE + '/files/a.ofd', safe='')}'></iframe>", f"{BASE}/files/a.ofd"),
        ("<script>document.write(\"<iframe src='/files/a.pdf'></iframe>\")</script>", f"{BASE}/files/a.pdf"),
    ],
)
def test_a_document_in_a_frame_is_the_report(inner: str, file: str) -> None:
    result = reading(inner)
    assert result.more == ()
    (link,) = result.links
    assert (link.url, link.kind, link.verdict) == (file, FrontierKind.ATTACHMENT, Verdict.REPORT)
    assert link.title == REPORT.title


def test_a_frame_that_turns_out_to_be_a_document_is_the_report() -> None:
    inner = "<iframe src='/show?id=7' height='900'></iframe>"
    url = f"{BASE}/show?id=7"
    assert reading(inner).more == (url,)
    result = reading(inner, part(url, b"%PDF-1.4 ...", "application/pdf"))
    assert (result.more, [link.url for link in result.links]) == ((), [url])


class Framed:
    """A column with one article whose text stands in a frame."""

    def __init__(self) -> None:
        self.status = 200

    def __call__(self, request: Request) -> Answer:
        if request.path == "/zwgk/fzzfjs/202403/t20240328_1.html":
            return Answer(body=html("<iframe src='/texts/7.html' height='2000'></iframe>").encode())
        if request.path == "/texts/7.html" and self.status == 200:
            return Answer(body=f"<html><body>{BODY}</body></html>".encode())
        if request.path.startswith("/zwgk/") and request.path.endswith("/"):
            # Named twice: as it is, and through the gateway.
            href = "/zwgk/fzzfjs/202403/t20240328_1.html"
            gate = f"/gate/big5/www.lanting.example{href}"
            row = f"<li><a href='{href}'>{REPORT.title}</a><span>2024-03-28</span></li>"
            row += f"<li><a href='{gate}'>{REPORT.title.replace('设', '設')}</a><span>2024-03-28</span></li>"
            rows = row if request.path == "/zwgk/fzzfjs/" else ""
            return Answer(
                body=f"<html><body><ul class='nav'>{MENU}</ul><h2>法治</h2><ul>{rows}</ul></body></html>".encode()
            )
        return Answer(status=404, body=b"<html><body>404</body></html>", etag=False)


def crawl(portal: Framed, db: Path):  # type: ignore[no-untyped-def]
    with LoopbackServer(portal) as server:
        return run(prepare("demo", db=str(db), proxy=server.proxy_url, recheck="all", delay=0.0), workers=0)


def test_a_crawl_reads_the_frame_once_and_fetches_no_gateway_copy(tmp_path: Path) -> None:
    db, portal = tmp_path / "archive.db", Framed()
    portal.status = 404
    lost = crawl(portal, db)
    assert [problem.outcome for problem in lost.problems] == ["cut_short"]
    portal.status = 200
    assert crawl(portal, db).count(Event.NEW) == 1
    again = crawl(portal, db)
    assert (again.count(Event.CHANGED), again.count(Event.UNCHANGED)) == (0, 1)
    with Archive.open(str(db)) as archive:
        (report,) = archive.reports()
        assert normalise(archive.text(report.report_id)) == normalise(REPORT.text)
    assert (report.documents, report.url, report.title) == (1, URL, REPORT.title)


# -- scripts ------------------------------------------------------------------------------------

WIDE = "".join(f"%u{ord(c):04X}" if ord(c) > 127 else c for c in BODY)
ESCAPED = "".join(f"\\u{ord(c):04x}" if ord(c) > 127 else c for c in BODY)
PACKED = base64.b64encode(BODY.encode()).decode()


@pytest.mark.parametrize(
    "script",
    [
        f'document.write("{BODY}");',
        "document.write('<div class=\\'x\\'>');document.writeln('"
        + BODY[:900]
        + "' + \""
        + BODY[900:]
        + '");',
        f"var text = '{BODY}';\n$('#zoom').html(text);",
        f"document.getElementById('zoom').innerHTML = `{BODY}`;",
        f"document.querySelector('.TRS_Editor').innerHTML = '{ESCAPED}';",
        f"document.write(unescape('{WIDE}'))",
        f"document.write(decodeURIComponent('{quote(BODY)}'))",
        f"$('#zoom').append(decodeURIComponent(escape(window.atob('{PACKED}'))));",
        f"jQuery('.none').html(Base64.decode('{PACKED}'));",
    ],
    ids=lambda script: script[:40],
)
def test_what_a_script_writes_as_a_literal_is_read(script: str) -> None:
    result = reading(f"<script>{script}</script>")
    assert result.extraction is not None
    assert result.extraction.error is None
    assert normalise(result.extraction.text) == normalise(REPORT.text)
    assert "the text is written by a script" in result.extraction.warnings


@pytest.mark.parametrize(
    "script",
    [
        "$.get('/api/article/7', function (data) { $('#zoom').html(data.content); });",
        "document.write(decrypt('U2FsdGVkX1+4'));",
        "document.write('甲乙丙丁戊己庚辛'.split('').reverse().join(''));",
        "fetch('/api/7').then(show)",
    ],
)
def test_what_would_have_to_be_run_is_named(script: str) -> None:
    result = reading(f"<script>{script}</script>")
    assert result.extraction is not None
    assert result.extraction.error is not None
    assert "the body is written by a script" in result.extraction.warnings


def test_small_things_that_scripts_write_leave_a_text_alone() -> None:
    result = reading(f"{BODY}<script>document.write('您的浏览器版本过低，请升级后再访问本网站')</script>")
    assert result.extraction is not None
    assert normalise(result.extraction.text) == normalise(REPORT.text)
    assert result.extraction.warnings == ()


@given(st.text(max_size=200))
def test_any_literal_is_read_or_left(text: str) -> None:
    script = f"<script>document.write('{text}')</script><script>$('#a').html({text})</script>"
    written = unfold(script)
    assert written is None or isinstance(written.text, str)
    is_filled(script)


@pytest.mark.parametrize(
    "evil",
    [
        "<script>" * 100_000,
        "<script>document.write(" + "(" * 100_000 + "</script>",
        "<script>" + "document.write(a+" * 30_000 + "</script>",
        "<script>document.write(" + '"a"+' * 100_000 + "b</script>",
        "<script>var a=b;var b=a;document.write(a+b)</script>" * 500,
        "<script>$('#z').html('法治政府建设年度报告');</script>" * 500 + "<div " * 20_000,
    ],
    ids=["unclosed", "brackets", "calls", "sum", "circle", "targets"],
)
def test_scripts_made_to_hurt_are_quick(evil: str) -> None:
    began = time.process_time()
    unfold(evil)
    is_filled(evil)
    assert time.process_time() - began < 2


# -- gateways -----------------------------------------------------------------------------------

ORIGINAL = "http://www.lanting.example/zwgk/t20240328_1.html"
GATE = "http://www.lanting.example/gate/big5/"


@pytest.mark.parametrize(
    ("url", "original"),
    [
        (f"{GATE}www.lanting.example/zwgk/t20240328_1.html", ORIGINAL),
        (f"{GATE}WWW.Lanting.Example/a?b=1", "http://www.lanting.example/a?b=1"),
        (f"{GATE}sub.lanting.example:8080", "http://sub.lanting.example:8080/"),
        (ORIGINAL, None),
        ("http://www.lanting.example/gate/7/a.html", None),
        ("http://[bad/gate/big5/x", None),
    ],
)
def test_a_gateway_copy_names_its_original(url: str, original: str | None) -> None:
    assert twins.original_of(url) == original


def link(url: str, **given: object) -> Link:
    values = {
        "kind": FrontierKind.PAGE,
        "how": How.LISTED,
        "title": "法治政府建設年度報告",
        "reason": "report",
        **given,
    }
    return Link(url=url, **values)  # type: ignore[arg-type]


def test_links_to_copies_become_links_to_originals() -> None:
    copy = f"{GATE}www.lanting.example/zwgk/t20240328_1.html"
    foreign = f"{GATE}www.elsewhere.example/a.html"
    column = link(f"{GATE}www.lanting.example/zwgk/index_1.html", kind=FrontierKind.COLUMN)
    off = link("http://gate.example/gate/big5/www.lanting.example/a.html", verdict=Verdict.NO)
    found = twins.originals([link(copy), link(foreign), column, off], ("www.lanting.example",))
    assert found[0] == link(ORIGINAL, title=None)
    assert (found[1].url, found[1].reason) == (
        foreign,
        "report; traditional-character gateway copy of http://www.elsewhere.example/a.html",
    )
    assert found[2:] == (column, off)


def test_a_copy_that_has_to_be_read_says_what_it_is() -> None:
    result = reading(BODY, url=f"{GATE}www.elsewhere.example/zwgk/t20240328_1.html")
    assert result.extraction is not None
    original = "http://www.elsewhere.example/zwgk/t20240328_1.html"
    assert f"traditional-character gateway copy of {original}" in result.extraction.warnings
    assert result.extraction.metadata["twin_of"][0]["value"] == original
