"""HTML named .pdf or .doc: a report saved as a web page is read and said to be one, an error page is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from archive.reader import Archive
from archive.records import Event, FrontierKind, Outcome, Verdict
from archive.text import normalise
from crawler.articles import DISGUISED
from crawler.reading import read
from crawler.sample.portal import reports
from tests.crawler.measured import file
from tests.crawler.test_attachments import OnlyAttached, crawl

REPORT = next(r for r in reports(0) if r.report_year == 2023)
LINES = REPORT.text.split("\n")


def saved_by_word(lines: list[str]) -> bytes:
    """What Word writes as "web page": charset GB 2312, namespaces, conditional comments, a class on every paragraph."""
    paragraphs = "\r\n".join(
        f"<p class=MsoNormal style='text-indent:32.0pt;mso-char-indent-count:2.0'><span lang=ZH-CN\r\nstyle='font-size:16.0pt;font-family:仿宋_GB2312'>{line}<span lang=EN-US><o:p></o:p></span></span></p>"
        for line in lines
    )
    return (
        '<html xmlns:v="urn:schemas-microsoft-com:vml"\r\nxmlns:o="urn:schemas-microsoft-com:office:office"\r\n'
        'xmlns:w="urn:schemas-microsoft-com:office:word"\r\nxmlns="http://www.w3.org/TR/REC-html40">\r\n<head>\r\n'
        '<meta http-equiv=Content-Type content="text/html; charset=gb2312">\r\n<meta name=ProgId content=Word.Document>\r\n'
        "<!--[if gte mso 9]><xml><o:DocumentProperties><o:Author>User</o:Author></o:DocumentProperties></xml><![endif]-->"
        "<style><!-- p.MsoNormal {margin:0cm;} --></style></head>\r\n<body lang=ZH-CN style='tab-interval:21.0pt'>\r\n"
        f"<div class=Section1 style='layout-grid:15.6pt'>\r\n{paragraphs}\r\n</div>\r\n</body>\r\n</html>\r\n"
    ).encode("gb18030")


def on_the_portal(lines: list[str]) -> bytes:
    """The portal's own page, delivered under the file's address."""
    menu = "".join(f"<li><a href='/c{n}/'>栏目{n}</a></li>" for n in range(30))
    body = "".join(f"<p>{line}</p>" for line in lines)
    return (
        f"<!DOCTYPE html><html><head><title>{REPORT.title}_示例市某区人民政府</title></head><body><ul class='nav'>{menu}</ul>"
        f"<h1>{REPORT.title}</h1><div class='TRS_Editor'>{body}</div><div class='footer'>主办单位：某区人民政府 备案号</div></body></html>"
    ).encode()


@pytest.mark.parametrize(
    ("name", "declared"),
    [("a.doc", "application/msword"), ("a.pdf", "application/pdf"), ("a.doc", "text/html")],
)
@pytest.mark.parametrize("made", [saved_by_word, on_the_portal])
def test_a_report_saved_as_a_web_page_is_read(made, name: str, declared: str) -> None:  # type: ignore[no-untyped-def]
    result = read(replace(file(made(LINES), name, declared), title=REPORT.title))
    assert result.outcome is Outcome.OK
    assert result.extraction is not None
    found = result.extraction
    assert found.error is None
    assert normalise(found.text) == normalise(REPORT.text)
    assert found.warnings[0] == DISGUISED
    assert found.quality["kind"] == "html"
    assert found.quality["named"] == name[-3:]
    assert found.quality["declared"] == {"text/html": "html"}.get(declared, name[-3:])
    assert found.verdict is Verdict.REPORT


HOME = (
    "<html><head><title>示例市某区人民政府门户网站</title></head><body>"
    + "".join(f"<a href='/c{n}/'>政务公开栏目{n}要闻动态与通知公告</a>" for n in range(60))
    + "</body></html>"
)
REFUSED = {
    "soft 404": ("<html><title>404</title><body>抱歉，您访问的页面不存在</body></html>", Outcome.SOFT_404),
    "challenge": (
        "<html><title>安全验证</title><body>请完成验证后继续访问本网站</body></html>",
        Outcome.CHALLENGE,
    ),
    "error": ("<html><title>提示</title><body>系统错误，请联系管理员</body></html>", Outcome.ERROR_BODY),
    "home page": (HOME, Outcome.SOFT_404),
}


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.parametrize("kind", [FrontierKind.ATTACHMENT, FrontierKind.ANNEX])
def test_what_is_no_content_is_refused_under_any_name(what: str, kind: FrontierKind) -> None:
    body, outcome = REFUSED[what]
    for name in ("a.pdf", "a.doc"):
        job = file(body.encode(), name, "application/octet-stream")
        result = read(replace(job, kind=kind))
        assert result.outcome is outcome, result
        assert result.extraction is None


def test_a_page_that_says_little_is_no_document() -> None:
    body = "<html><head><title>附件下载</title></head><body><h1>附件下载</h1><p>请在电脑上打开本链接下载某区工作报告。</p></body></html>"
    found = read(file(body.encode(), "a.doc")).extraction
    assert found is not None
    assert (found.error or "").startswith("not a document")
    assert found.text == ""


def test_an_annex_that_is_a_page_stays_an_annex() -> None:
    result = read(replace(file(saved_by_word(LINES)), title=REPORT.title, kind=FrontierKind.ANNEX))
    assert result.extraction is not None
    assert result.extraction.verdict is Verdict.NO


def test_crawled_it_becomes_the_report(tmp_path: Path) -> None:
    portal = OnlyAttached()
    portal.file = saved_by_word(portal.text.split("\n"))
    summary = crawl(portal, tmp_path / "archive.db")
    assert summary.count(Event.NEW) == 1
    with Archive.open(str(tmp_path / "archive.db")) as archive:
        (report,) = archive.reports()
        assert normalise(archive.text(report.report_id)) == normalise(portal.text)


def test_crawled_an_error_page_becomes_nothing(tmp_path: Path) -> None:
    portal = OnlyAttached()
    portal.file = REFUSED["soft 404"][0].encode()
    summary = crawl(portal, tmp_path / "archive.db")
    assert [problem.outcome for problem in summary.problems] == ["soft_404"]
    with Archive.open(str(tmp_path / "archive.db")) as archive:
        assert archive.reports() == []
