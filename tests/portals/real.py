"""The ``real`` replica: pages of real portals, as stored, at their own URLs."""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from crawler.sample.server import Answer, Request
from tests.portals.base import NOT_FOUND
from tests.portals.seeds import SHARED

PINGTAN = "www.pingtan.gov.cn"
SERVICE_FOLDER = "/zwgk/zfxxgk/dfbmptlj/ptzhsyqbm/ptzhsyqhzs/fdzdgknr/qtyzdgkdzf/"
FINANCE_FOLDER = "/zwgk/zfxxgk/dfbmptlj/ptzhsyqbm/ptzhsyqczj/fdzdgknr/10qtwjdzjg/"
LIST_URLS = {
    "www.pingtan.gov.cn__gzjzqk.html": f"https://{PINGTAN}/zwgk/ghxx/gzjzqk/",
    "www.pingtan.gov.cn__ndjh.html": f"https://{PINGTAN}/zwgk/ghxx/ndjh/",
    "www.gd.gov.cn__czxx.html": "http://www.gd.gov.cn/zwgk/czxx/",
    "www.maoming.gov.cn__yjs.html": "http://www.maoming.gov.cn/zwgk/zwzl/zdlyxxgkzl/czysjshsgjfgk/czyjus/qx/",
    "dnr.yn.gov.cn__kysc.html": "http://dnr.yn.gov.cn/html/shichangxinxi/kuangyeshichang/",
    "zygh.tangshan.gov.cn__tdgy.html": "http://zygh.tangshan.gov.cn/ts/xxgk/gggs/tdgycr/index.html",
}
"""Told by the pages: 规划信息's sub-columns name each other (``../gzjzqk/``, ``../ndjh/``), gd and maoming
name their mobile twin in the same folder, yn and tangshan name themselves as last step of the breadcrumb. The
other stored list pages do not say where they stand and are not served."""


def real_present() -> bool:
    """True if the real pages lie beside the checkout."""
    return (SHARED / "eval" / "extraction" / "MANIFEST.csv").is_file() and (
        SHARED / "pages" / "list"
    ).is_dir()


@dataclass(frozen=True, kw_only=True)
class RealPage:
    """One stored page."""

    url: str
    file: Path
    gold: Path | None = None
    """Hand-made expectation, if the page is in the evaluation."""

    @cached_property
    def body(self) -> bytes:
        """The bytes as stored."""
        return self.file.read_bytes()


@dataclass
class Real:
    """Serves stored pages; what is not stored is 404 in Chinese, robots.txt too."""

    key: str = "pingtan"
    pages: list[RealPage] = field(default_factory=list)
    home_url: str = f"https://{PINGTAN}/"
    column_url: str = f"https://{PINGTAN}/zwgk/ghxx/gzjzqk/"
    """The real column page, with one report among its rows."""
    column_report_url: str = f"https://{PINGTAN}/zwgk/ghxx/gzjzqk/202303/t20230329_45634.htm"
    other_columns: dict[str, str] = field(
        default_factory=lambda: {
            f"https://{PINGTAN}{SERVICE_FOLDER}": f"https://{PINGTAN}{SERVICE_FOLDER}202303/t20230324_77999.htm",
            f"https://{PINGTAN}{FINANCE_FOLDER}": f"https://{PINGTAN}{FINANCE_FOLDER}202304/t20230413_78111.htm",
        }
    )
    """Column to the real report in it; these two list pages are ours, only the reports are real."""

    def __post_init__(self) -> None:
        if not self.pages:
            self.pages = stored_pages()
        self._bodies = {_address(page.url): page for page in self.pages}
        self._lists = {_address(column): report for column, report in self.other_columns.items()}

    @property
    def hosts(self) -> Iterable[str]:
        """All hosts of stored pages."""
        return {host for host, _ in self._bodies}

    def page(self, url: str) -> RealPage:
        """The stored page of a URL.

        Raises:
            KeyError: there is none.
        """
        return self._bodies[_address(url)]

    def __call__(self, request: Request) -> Answer:
        """Answers one request; http and https alike."""
        address = _address(request.url)
        if address in self._bodies:
            # no charset in the header: how these pages were sent is not known
            return Answer(body=self._bodies[address].body, content_type="text/html")
        if address in self._lists:
            return Answer(body=self._list_page(self._lists[address]).encode())
        return Answer(status=404, body=NOT_FOUND.encode(), etag=False)

    def _list_page(self, report: str) -> str:
        text = self.page(report).body.decode("utf-8")
        column, title, when = (_meta(text, name) for name in ("ColumnName", "ArticleTitle", "PubDate"))
        to = "/".join(urlsplit(report).path.split("/")[-2:])
        name, shown = html.escape(column), html.escape(title)
        return f"""<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>{name}</title>
<meta name="SiteName" content="平潭综合实验区党工委管委会"><meta name="SiteIDCode" content="3590000001">
<meta name="ColumnName" content="{name}"></head>
<body><div class="crumb"><a href="../">法定主动公开内容</a> &gt; {name}</div>
<ul class="list">
<li><a href="./{to}" target="_blank" title="{shown}">{shown}</a><span>{when[:10]}</span></li>
</ul>
<div class="page"><script>createPageHTML(1, 0, "index", "htm");</script></div></body></html>
"""


def stored_pages() -> list[RealPage]:
    """All stored pages whose URL is known."""
    data = SHARED / "eval" / "extraction"
    with (data / "MANIFEST.csv").open(encoding="utf-8", newline="") as lines:
        pages = [
            RealPage(
                url=row["url"],
                file=data / "pages" / row["file"],
                gold=data / "gold" / row["file"].replace(".html", ".json"),
            )
            for row in csv.DictReader(lines)
            if row["url"]
        ]
    return pages + [
        RealPage(url=url, file=SHARED / "pages" / "list" / name) for name, url in LIST_URLS.items()
    ]


def _address(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return (parts.hostname or "", f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/")


def _meta(text: str, name: str) -> str:
    found = re.search(rf'<meta name="{name}" content="([^"]*)"', text)
    if found is None:
        raise ValueError(f"the page has no meta {name}")
    return html.unescape(found[1])
