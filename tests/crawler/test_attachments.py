"""A page that only links its report becomes the report through the attachment; annexes are kept beside theirs."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from archive.reader import Archive
from archive.records import Event
from archive.text import normalise
from crawler.attachments import find
from crawler.platforms.base import Page
from crawler.prepare import prepare
from crawler.runner import run
from crawler.sample.attachment import DOCX_TYPE
from crawler.sample.portal import reports
from crawler.sample.server import Answer, LoopbackServer, Request
from tests.crawler.network import COLUMN, column_with

pytestmark = pytest.mark.usefixtures("read_once")

BASE = "http://www.lanting.example"
FOLDER = "/zwgk/fzzfjs/202403/"


def page(html: str, url: str = f"{BASE}{FOLDER}t20240301_1.html") -> Page:
    return Page(url, f"<html><body>{html}</body></html>".encode(), "text/html; charset=utf-8")


@pytest.mark.parametrize(
    "html",
    [
        "<div><a href='./P020240301123.docx'>某镇2023年法治政府建设情况报告</a></div>",  # beside the page, as TRS does
        "<div class='TRS_Editor'><a href='/upload/2024/a.pdf'>点击查看</a></div>",
        "<div><a href='/upload/2024/a.doc'>附件1：报告全文</a></div>",
        "<div id='zoom'><a href='/module/download/downfile.jsp?classid=0&filename=ab12.doc'>报告</a></div>",
        "<div class='content'><a href='/system/_content/download.jsp?urltype=news&wbfileid=1'>报告.pdf</a></div>",
    ],
)
def test_files_of_the_article_are_found(html: str) -> None:
    (file,) = find(page(html))
    assert file.name


@pytest.mark.parametrize(
    "html",
    [
        "<div class='footer'><a href='/files/guide.pdf'>网站使用指南</a></div>",
        "<ul class='nav menu'><li><a href='/files/guide.pdf'>办事指南</a></li></ul>",
        "<div class='TRS_Editor'><a href='./t20240301_2.html'>下一篇</a></div>",
        "<div class='TRS_Editor'><a href='./P020240301.jpg'>图片</a></div>",
        "<div class='TRS_Editor'><a href='javascript:void(0)'>附件</a></div>",
    ],
)
def test_files_of_the_portal_and_other_links_are_not(html: str) -> None:
    assert find(page(html)) == ()


def test_each_address_once_and_not_without_end() -> None:
    many = "".join(f"<a href='./P{n}.pdf'>附件{n}</a><a href='./P{n}.pdf'>附件{n}</a>" for n in range(100))
    urls = [file.url for file in find(page(many))]
    assert len(urls) == len(set(urls)) == 20


def docx(lines: list[str]) -> bytes:
    """A Word file of so many paragraphs."""
    paragraphs = "".join(f"<w:p><w:r><w:t>{escape(line)}</w:t></w:r></w:p>" for line in lines)
    parts = {
        "[Content_Types].xml": (
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override '
            'PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml'
            '.document.main+xml"/></Types>'
        ),
        "_rels/.rels": (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
            'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
            'Target="word/document.xml"/></Relationships>'
        ),
        "word/document.xml": (
            '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
            f"{paragraphs}</w:body></w:document>"
        ),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(zipfile.ZipInfo(name), text)
    return file.getvalue()


class OnlyAttached:
    """A column with one article whose report stands in a Word file."""

    title, text = next((r.title, r.text) for r in reports(0) if r.report_year == 2023 and "2023" in r.title)

    def __init__(self, body: str = "<p>附件：</p>", name: str = "报告全文.docx") -> None:
        self.body = body
        self.name = name
        self.file = docx(self.text.split("\n"))

    def __call__(self, request: Request) -> Answer:
        if request.path == f"{FOLDER}P020240301.docx":
            return Answer(body=self.file, content_type=DOCX_TYPE)
        if request.path == f"{FOLDER}t20240301_1.html":
            html = (
                f"<html><head><title>{self.title}</title><meta name='PubDate' content='2024-03-01 10:00'></head><body>"
                f"<h1>{self.title}</h1><div class='TRS_Editor'>{self.body}"
                f"<p><a href='./P020240301.docx'>{self.name}</a></p></div></body></html>"
            )
            return Answer(body=html.encode())
        if request.path.startswith("/zwgk/") and request.path.endswith("/"):
            row = f"<li><a href='{FOLDER}t20240301_1.html'>{self.title}</a><span>2024-03-01</span></li>"
            return column_with(row if request.path == COLUMN else "")
        return Answer(status=404, body=b"<html><body>404</body></html>")


def crawl(portal: OnlyAttached, db: Path):  # type: ignore[no-untyped-def]
    with LoopbackServer(portal) as server:
        return run(prepare("demo", db=str(db), proxy=server.proxy_url, recheck="all"), workers=0)


def test_a_report_that_is_only_attached_is_read_from_the_file(tmp_path: Path) -> None:
    summary = crawl(OnlyAttached(), tmp_path / "archive.db")
    assert summary.exit_code == 0, (summary.problems, summary.events)
    assert summary.count(Event.NEW) == 1
    with Archive.open(str(tmp_path / "archive.db")) as archive:
        (report,) = archive.reports()
        assert normalise(archive.text(report.report_id)) == normalise(OnlyAttached.text)
    assert report.url.endswith("P020240301.docx")
    assert report.year == 2023
    assert report.title == OnlyAttached.title


def test_an_edit_of_the_file_is_a_version_and_the_same_file_is_none(tmp_path: Path) -> None:
    db = tmp_path / "archive.db"
    portal = OnlyAttached()
    crawl(portal, db)
    again = crawl(portal, db)
    assert again.count(Event.CHANGED) == 0
    portal.file = docx([*portal.text.split("\n"), "补充：全年无行政复议败诉案件。"])
    assert crawl(portal, db).count(Event.CHANGED) == 1


def test_a_dead_attachment_is_kept_and_said_and_is_no_report(tmp_path: Path) -> None:
    portal = OnlyAttached()
    portal.file = b"\r\n"
    summary = crawl(portal, tmp_path / "archive.db")
    assert summary.exit_code == 3
    assert [problem.outcome for problem in summary.problems] == ["empty"]
    portal.file = b"PK\x03\x04" + b"\x00" * 500
    damaged = crawl(portal, tmp_path / "archive.db")
    assert damaged.count(Event.UNREAD) >= 1
    with Archive.open(str(tmp_path / "archive.db")) as archive:
        assert archive.reports() == []


ANNEX_NAME = "附件：行政执法数据统计表.docx"


def test_an_annex_beside_a_whole_report_is_kept_with_it_and_is_no_report(tmp_path: Path) -> None:
    db, body = tmp_path / "archive.db", "".join(f"<p>{line}</p>" for line in OnlyAttached.text.split("\n"))
    portal = OnlyAttached(body, ANNEX_NAME)
    portal.file = docx(["行政执法数据统计表", "全年办理行政处罚案件三百二十一件。"])
    first = crawl(portal, db)
    assert (first.count(Event.NEW), first.count(Event.ANNEX), first.exit_code) == (1, 1, 0)
    portal.file = docx(["行政执法数据统计表", "全年办理行政处罚案件三百二十二件。"])
    second = crawl(portal, db)
    assert (second.count(Event.CHANGED), second.count(Event.ANNEX)) == (1, 0)
    with Archive.open(str(db)) as archive:
        (report,) = archive.reports()
        assert (report.documents, report.version) == (1, 1)
        assert normalise(archive.text(report.report_id)) == normalise(f"{OnlyAttached.text}\n{ANNEX_NAME}")
        (annex,) = archive.annexes([report.document_id])
        assert (annex.role, annex.verdict, annex.report_id, annex.versions) == ("annex", "no", None, 2)
        assert annex.parent_id == report.document_id
        assert annex.title == ANNEX_NAME.removesuffix(".docx")
        assert [change.kind for change in archive.changes_of([annex.document_id])] == ["annex", "changed"]


def test_a_dead_annex_leaves_the_run_complete(tmp_path: Path) -> None:
    body = "".join(f"<p>{line}</p>" for line in OnlyAttached.text.split("\n"))
    portal = OnlyAttached(f"{body}<p><a href='./P020240302.docx'>附件2：名单.docx</a></p>", ANNEX_NAME)
    summary = crawl(portal, tmp_path / "archive.db")
    assert (summary.exit_code, summary.outcomes.get("gone")) == (0, 1)


def test_the_same_report_as_page_and_as_file_is_one_report_of_two_documents(tmp_path: Path) -> None:
    db, body = tmp_path / "archive.db", "".join(f"<p>{line}</p>" for line in OnlyAttached.text.split("\n"))
    portal = OnlyAttached(body, f"{OnlyAttached.title}.docx")
    # The file's text names neither the year nor who reports; its page does.
    nameless = re.sub(r"20\d\d年|兰汀区\S{2,6}?(?:街道|镇|局|政府)", "", OnlyAttached.text)
    portal.file = docx(nameless.split("\n"))
    assert crawl(portal, db).exit_code == 0
    with Archive.open(str(db)) as archive:
        (report,) = archive.reports()
        page, file = archive.documents(report.report_id)
    assert (page.role, page.parent_id) == ("page", None)
    assert (file.role, file.parent_id) == ("attachment", page.document_id)
