"""A county on loopback whose streets publish as the years go by, and what may happen to it: errors, silence, a refusal."""

from __future__ import annotations

import html
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from pathlib import Path

from crawler.sample.server import Answer, Request
from scheduler.season import CHINA
from tests.portals.base import Article, ListView
from tests.portals.chrome import body, link, trs_spans
from tests.portals.prose import report_paragraphs
from tests.portals.trs import TrsReplica, relative

COLUMN = "/zwgk/fzzf/"
STREETS = ("清河街道", "云溪街道", "石桥镇")
DAYS = ("01-15", "03-05", "04-12")
"""When each of the streets publishes: most before the deadline, one after it."""
HANG = 90.0
"""Seconds until a portal that hangs would answer: longer than a crawl may take here."""
CHALLENGE = (
    "<!DOCTYPE html><html><head><meta charset='utf-8'><script>$_ts=window['$_ts'];if(!$_ts)$_ts={};"
    "$_ts.nsd=38427;$_ts.cd='qErRrxAl';</script></head><body></body></html>"
)
"""What 瑞数 answers with status 412 until a browser has worked it out."""


class Mood(Enum):
    """How the whole portal is."""

    WELL = "well"
    ERRORS = "5xx"
    HANGS = "hang"
    REFUSES = "blocked"


class County(TrsReplica):
    """One column, three bodies, a report of each every year.

    Args:
        key: Of the site; its host is ``www.KEY.gov.cn``.
        name: 临河县 …
        clock: The true time; reports appear by it.
        since: First year that is reported on.
    """

    scheme = "http"
    area = "县"
    site_code = "9901010001"

    def __init__(self, key: str, name: str, clock: Callable[[], datetime], *, since: int) -> None:
        self.key, self.host = key, f"www.{key}.gov.cn"
        self.site_name = f"{name}人民政府"
        self.name = name
        self.mood = Mood.WELL
        self._clock = clock
        self._next = since
        super().__init__()

    def build(self) -> None:
        """The column and a piece of news; reports come with time."""
        self.column("/zwgk/", "政务公开", "/")
        self.column(COLUMN, "法治政府建设年度报告", "/zwgk/")
        self.column("/xwdt/", "新闻动态", "/")
        self.news(
            "/xwdt/", 4711, "2024-05-06 09:30", title=f"{self.name}召开安全生产会", source=self.site_name
        )

    def _answer(self, request: Request) -> Answer:
        self._grow(self._clock())
        if self.mood is Mood.ERRORS:
            return Answer(status=502, body=b"<h1>502 Bad Gateway</h1>", etag=False)
        if self.mood is Mood.REFUSES:
            return Answer(status=412, body=CHALLENGE.encode(), etag=False)
        answer = super()._answer(request)
        if self.mood is Mood.HANGS:
            return Answer(status=answer.status, body=answer.body, wait=HANG, etag=False)
        return answer

    def _grow(self, now: datetime) -> None:
        """Publishes what was to appear by now."""
        while True:
            due = [
                (unit, f"{self._next + 1}-{day}")
                for unit, day in zip(STREETS, DAYS, strict=True)
                if datetime.fromisoformat(f"{self._next + 1}-{day}T10:00").replace(tzinfo=CHINA) <= now
            ]
            for unit, day in due:
                title = f"{self.name}{unit}{self._next}年法治政府建设年度报告"
                if not any(article.title == title for article in self.articles.values()):
                    number = 100_000 + 10 * self._next + STREETS.index(unit)
                    self.report(
                        COLUMN,
                        number,
                        f"{day} 10:00",
                        title=title,
                        unit=unit,
                        year=self._next,
                        source=f"{self.name}{unit}",
                        # By its whole name: equal texts of two counties would be one report to the archive.
                        paragraphs=report_paragraphs(
                            unit=f"{self.name}{unit}", area=self.name, year=self._next
                        ),
                    )
            if len(due) < len(STREETS):
                return
            self._next += 1

    def site_file(self, **more: str) -> str:
        """The declaration of the portal, as a person would write it."""
        lines = [
            f'key = "{self.key}"',
            f'name = "某省某市{self.name}"',
            f'short_name = "{self.name}"',
            'level = "county"',
            f'home = "{self.home_url}"',
            'platform = "trs"',
            "delay = 0",
            *(f"{name} = {value}" for name, value in more.items()),
            "[[column]]",
            f'url = "{self.url(COLUMN)}"',
            'name = "法治政府建设年度报告"',
        ]
        return "\n".join(lines) + "\n"

    # Drawing

    def header(self) -> str:
        """The name and the ways in."""
        ways = "".join(f"<li>{link(path, column.name)}</li>" for path, column in self.columns.items())
        return f'<div class="top"><h1>{self.site_name}</h1><ul class="nav">{ways}</ul></div>'

    def footer(self) -> str:
        """A counter and today's date."""
        return (
            f'<div class="footer"><p>主办:{self.site_name}</p><p>网站标识码:{self.site_code}</p>'
            f"<p>您是第 {self.furniture.counter} 位访问者　今天是{self.furniture.today:%Y-%m-%d}</p></div>"
        )

    def article_main(self, article: Article) -> str:
        """Heading, publish line, body."""
        return (
            f'<div class="main xl"><h1 class="xl_title">{html.escape(article.title)}</h1>\n'
            f'<div class="xl_info"><span>发布时间:{article.published:%Y-%m-%d %H:%M}</span> '
            f"<span>来源:{article.source}</span></div>\n"
            f'<div class="xl_text"><div class="TRS_Editor">{body(article.paragraphs, trs_spans, seed=article.path)}</div></div></div>'
        )

    def list_main(self, view: ListView) -> str:
        """Rows with dates behind them, the pager's script."""
        rows = "\n".join(
            f"<li>{link(relative(view.column.path, row.path), row.title)}<span>{row.published:%Y-%m-%d}</span></li>"
            for row in view.rows
        )
        return (
            f'<div class="main lb"><ul class="lb_list">\n{rows or "<li class=zwxx>暂无信息</li>"}\n</ul>\n'
            f'<div class="page"><script>\ncreatePageHTML({view.count}, {view.number}, "index", "html");\n</script></div></div>'
        )

    def home_main(self) -> str:
        """News."""
        rows = "".join(f"<li>{link(row.path, row.title)}</li>" for row in self.near_misses)
        return f'<div class="main"><ul>{rows}</ul></div>'


def write_seeds(folder: Path, *counties: County, **more: dict[str, str]) -> Path:
    """A seeds folder that knows these portals; ``more`` adds lines to a portal's site file, by key."""
    from tests.conftest import ROOT

    sites = folder / "sites"
    sites.mkdir(parents=True)
    for table in ("portals.csv", "towns.csv"):
        with (ROOT / "seeds" / table).open(encoding="utf-8") as file:
            (folder / table).write_text(file.readline(), encoding="utf-8")
    for county in counties:
        content = county.site_file(**more.get(county.key, {}))
        (sites / f"{county.key}.toml").write_text(content, encoding="utf-8")
    return folder
