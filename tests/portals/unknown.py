"""Portals nobody wrote a site file for: a tree of sections as data, drawn in a platform's markup, season by season.

Each has a home page with a mega menu, a fixed disclosure block, decoys that sound like the report column, lists of other
papers, and reports planted at some depth under some name. What a crawl must find is in :attr:`UnknownPortal.planted`.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl, quote

from crawler.sample.server import Answer, Request
from tests.portals.platform_portal import address_of
from tests.portals.unknown_lists import (
    DIALECTS,
    PER_PAGE,
    SITE_GUID,
    Dialect,
    Row,
    Spot,
    hexed,
    igs_answer,
    path_of,
)

FIRST = 2023
"""The first year that the reports are about."""
SEARCH_SIZE = 20
NOT_FOUND = "<html><head><title>404</title></head><body>抱歉，您访问的页面不存在</body></html>"
OFFICES = ("区司法局", "区城市管理局")
NOISE = (
    "关于做好{year}年城乡居民医疗保险参保缴费工作的通告（{n}号）",
    "{year}年区级政府采购意向公开第{n}批",
    "区政府常务会议研究安全生产工作（{n}次）",
    "关于{n}号地块建设工程规划许可的批前公示（{year}年）",
)
DECOYS = (
    "{unit}{year}年政府信息公开工作年度报告",
    "{unit}召开{year}年法治政府建设工作推进会",
    "{unit}开展{year}年法治政府建设宣传活动",
)
OTHER = (
    "为做好有关工作，方便广大群众办事，现就相关事项通知如下，请互相转告。",
    "办理时间为每周一至周五上午九时至下午五时，法定节假日除外，请提前准备好身份证件和申请材料的原件及复印件。",
    "咨询电话请拨打政务服务热线，工作人员将耐心解答大家提出的问题，感谢社会各界的理解和支持。",
)


@dataclass(frozen=True, kw_only=True)
class Section:
    """A page of the portal's tree: on the way to others, or a list."""

    name: str
    place: str
    """Folder below that of the section above."""
    below: tuple[Section, ...] = ()
    units: tuple[str, ...] = ()
    """Who reports here, every year."""
    title: str = "{unit}{year}年法治政府建设情况报告"
    by_year: bool = False
    """Its reports stand in a sub-column for each year."""
    noise: int = 0
    """Rows of other papers, newer than the reports."""
    decoys: bool = False
    """It lists what only sounds like reports."""
    in_menu: bool = True
    directory: bool = False
    """A directory of 广东: the sections below are its categories."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One portal as data."""

    key: str
    dialect: str
    roster: tuple[str, ...]
    silent: str
    """The unit of the roster that never reports."""
    tree: tuple[Section, ...]
    search: str | None = None
    """``igs``, ``get`` or ``hanweb``: what its search box asks."""
    sitemap: bool = False
    robots: str = ""


@dataclass(frozen=True)
class _Placed:
    section: Section
    spot: Spot
    trail: tuple[str, ...]
    below: tuple[_Placed, ...]


@dataclass
class UnknownPortal:
    """Answers for a plan's host as of one season.

    Args:
        plan: The portal.
        season: The newest year its reports are about.
    """

    plan: Plan
    season: int
    day: date | None = None
    """Today; default: a day of March, when all reports of the season are out."""
    withheld: frozenset[tuple[str, int]] = frozenset()
    """Reports that are not posted yet: who and for which year."""
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.host = f"www.{self.plan.key}.gov.cn"
        self.base = f"http://{self.host}"
        self.dialect: Dialect = DIALECTS["trs" if self.plan.dialect == "gkmlpt" else self.plan.dialect]
        self._answers: dict[str, Answer] = {}
        self.planted: dict[str, tuple[str, int]] = {}
        """Address of each report → who issued it and for which year."""
        self.titles: dict[str, Row] = {}
        self._number = 20_000
        self._tree = tuple(self._placed(section, "", (), ()) for section in self.plan.tree)
        for placed in self._tree:
            self._draw(placed)
        self._answers[self._plain(f"{self.base}/")] = self._page("首页", self._links(self._tree), ())
        if self.plan.sitemap:
            every = "".join(self._links([placed]) for placed in self._walk(self._tree))
            self._answers[self._plain(f"{self.base}/wzdt/")] = self._page("网站地图", every, ("网站地图",))

    # -- serving ------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """A morning of that day."""
        day = self.day or date(self.season + 1, 3, 20)
        return datetime(day.year, day.month, day.day, 2, tzinfo=UTC)

    def __call__(self, request: Request) -> Answer:
        """Answers one request."""
        address = address_of(request)
        self.asked.append(address)
        if request.path == "/robots.txt":
            return Answer(body=self.plan.robots.encode(), content_type="text/plain") if self.plan.robots else Answer(status=404)  # fmt: skip
        known = self._answers.get(self._plain(address)) or self._article(request) or self._searched(request)
        return known or Answer(status=404, body=NOT_FOUND.encode(), etag=False)

    @staticmethod
    def _plain(address: str) -> str:
        url, _, body = address.partition("#")
        path, _, query = url.partition("?")
        return f"{path}?{sorted(parse_qsl(query, keep_blank_values=True))}#{sorted(parse_qsl(body))}"

    # -- the tree -----------------------------------------------------------------------------

    def _placed(
        self, section: Section, folder: str, trail: tuple[str, ...], above: tuple[str, ...]
    ) -> _Placed:
        self._number += 1
        spot = Spot(base=self.base, place=f"{folder}{section.place}", number=self._number, name=section.name)
        trail = (*trail, section.name)
        below = [self._placed(inner, spot.place, trail, above) for inner in section.below]
        if section.by_year:
            for year in range(self.season, FIRST - 1, -1):
                yearly = replace(section, name=f"{year}年", place=f"{year}/", by_year=False, in_menu=False)
                # A year keeps its number: what is new next season comes behind all others.
                inner = Spot(
                    base=self.base,
                    place=f"{spot.place}{year}/",
                    number=spot.number * 10 + year - FIRST,
                    name=f"{year}年",
                )
                below.append(_Placed(yearly, inner, (*trail, f"{year}年"), ()))
        return _Placed(section, spot, trail, tuple(below))

    def _walk(self, placed: Iterable[_Placed]) -> Iterator[_Placed]:
        for one in placed:
            yield one
            yield from self._walk(one.below)

    def address(self, placed: _Placed) -> str:
        """Where a section stands."""
        if placed.section.directory:
            return f"{self.base}/{placed.spot.place}index"
        return self.dialect.column(placed.spot)

    def _draw(self, placed: _Placed) -> None:
        if placed.section.directory:
            self._draw_directory(placed)
            return
        for inner in placed.below:
            self._draw(inner)
        rows = [] if placed.section.by_year else self._rows(placed)
        drawn = self.dialect.draw(placed.spot, rows)
        main = self._links(placed.below) + (drawn.head if rows else "")
        self._answers[self._plain(self.address(placed))] = self._page(placed.spot.name, main, placed.trail)
        for url, markup in drawn.pages.items():
            self._answers[self._plain(url)] = self._page(placed.spot.name, markup, placed.trail)
        for url, (body, kind) in drawn.data.items() if rows else ():
            self._answers[self._plain(url)] = Answer(body=body.encode(), content_type=kind)

    def _rows(self, placed: _Placed) -> list[Row]:
        section, rows = placed.section, []
        if section.name.removesuffix("年").isdigit():
            years: Sequence[int] = (int(section.name.removesuffix("年")),)
        else:
            years = range(FIRST, self.season + 1)
        for year in years:
            for n, unit in enumerate(section.units):
                day = date(year + 1, 2, 3 + n)
                if (unit, year) not in self.withheld and (self.day is None or day <= self.day):
                    row = self._row(placed, section.title.format(unit=unit, year=year), day, year * 100 + n)
                    self.planted[row.url] = (unit, year)
                    rows.append(row)
            for n, shape in enumerate(DECOYS if section.decoys else ()):
                for m, unit in enumerate(self.plan.roster[:3]):
                    title = shape.format(unit=unit, year=year)
                    rows.append(self._row(placed, title, date(year + 1, 1, 5 + 3 * n + m), year * 100 + 40 + 3 * n + m))  # fmt: skip
        for n in range(section.noise):
            title = NOISE[n % len(NOISE)].format(year=FIRST + 1, n=n + 1)
            rows.append(self._row(placed, title, date(self.season + 1, 3, 1 + n % 19), 7000 + n))
        return sorted(rows, key=lambda row: row.day, reverse=True)

    def _row(self, placed: _Placed, title: str, day: date, number: int) -> Row:
        if self.plan.dialect == "gkmlpt":
            folder = placed.spot.place.partition("gkmlpt/")[0]
            url = f"{self.base}/{folder}gkmlpt/content/3/{placed.spot.number}/post_{placed.spot.number}{number}.html"
        else:
            url = self.dialect.article(placed.spot, 10_000 * (placed.spot.number % 1000) + number, day)
        row = Row(title=title, url=url, day=day)
        self.titles[self._plain(url)] = row
        return row

    def _draw_directory(self, placed: _Placed) -> None:
        def node(inner: _Placed) -> dict[str, object]:
            return {"id": inner.spot.number, "name": inner.section.name, "children": [node(one) for one in inner.below], "jump_url": ""}  # fmt: skip

        tree = json.dumps([node(inner) for inner in placed.below])
        script = (
            f"<div id='app'></div><script>window._CONFIG = {{ SID: '662', TREE: {tree}, AREA: 1}};</script>"
        )
        self._answers[self._plain(self.address(placed))] = self._page(placed.spot.name, script, placed.trail)
        for inner in self._walk(placed.below):
            rows = self._rows(inner)
            articles = [
                {"id": n, "title": row.title, "url": row.url, "date": int(datetime(row.day.year, row.day.month, row.day.day, 4, tzinfo=UTC).timestamp())}
                for n, row in enumerate(rows, 1)
            ]  # fmt: skip
            body = json.dumps(
                {"articles": articles, "total": len(rows), "classify": {"id": inner.spot.number}}
            )
            url = f"{self.base}/{placed.spot.place}api/all/{inner.spot.number}?page=1&sid=662"
            self._answers[self._plain(url)] = Answer(body=body.encode(), content_type="application/json")

    # -- pages --------------------------------------------------------------------------------

    def _links(self, placed: Iterable[_Placed]) -> str:
        return "<ul>" + "".join(f'<li><a href="{self._href(one)}">{one.spot.name}</a></li>' for one in placed) + "</ul>"  # fmt: skip

    def _href(self, placed: _Placed) -> str:
        address = path_of(self.address(placed))
        if self.plan.dialect == "epoint" and (placed.section.units or placed.section.decoys):
            return f"/govxxgk/11411002/openSubPage.html?specialurl={address}&righttitle={quote(placed.spot.name)}"
        return html.escape(address)

    def _page(self, title: str, main: str, trail: tuple[str, ...]) -> Answer:
        menu = "".join(
            f'<li><a href="{self._href(top)}">{top.spot.name}</a>'
            + self._links([one for one in top.below if one.section.in_menu and not top.section.directory])
            + "</li>"
            for top in self._tree
            if top.section.in_menu
        )
        crumbs = " &gt; ".join(("首页", *trail))
        where = f'<div class="position">您现在的位置：{crumbs}</div>' if trail else ""
        wzdt = '<a href="/wzdt/">网站地图</a>' if self.plan.sitemap else ""
        text = (
            f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{title}_{self.plan.key}</title></head><body>'
            f'<div class="header"><ul class="nav">{menu}</ul>{self._box()}</div>{where}<div class="main">{main}</div>'
            f'<div class="footer">主办：区人民政府办公室 {wzdt}</div></body></html>'
        )
        return Answer(body=text.encode())

    def _article(self, request: Request) -> Answer | None:
        row = self.titles.get(self._plain(request.url))
        if "getOpenDetail" in request.query:
            asked = dict(parse_qsl(request.query))
            row = self.titles.get(
                self._plain(f"{self.base}/openDetailDynamic.html?infoid={asked.get('infoid')}")
            )
            if row is None or asked.get("siteguid") != SITE_GUID:
                return None
            detail = {"title": row.title, "infodate": str(row.day), "infocontent": self._text(row)}
            custom = json.dumps({"openDetail": [detail]}, ensure_ascii=False)
            return Answer(body=json.dumps({"custom": custom}).encode(), content_type="application/json")
        if row is None:
            return None
        main = (
            f"<h1>{row.title}</h1><p>发布时间：{row.day}</p>{self.dialect.container}{self._text(row)}</div>"
        )
        return self._page(row.title, main, ("正文",))

    def _text(self, row: Row) -> str:
        if row.url not in self.planted:
            return "".join(f"<p>{paragraph}</p>" for paragraph in OTHER)
        unit, year = self.planted[row.url]
        paragraphs = (
            f"{year}年，{unit}坚持把法治政府建设摆在工作全局的重要位置，认真落实《法治政府建设实施纲要》各项任务，持续提升依法行政水平，现将有关情况报告如下：",
            "一、主要举措和成效",
            f"{unit}全年专题研究法治建设{len(unit)}次，审核规范性文件{year % 7 + 2}件，开展行政执法案卷评查两次，办结行政复议答复一件，没有被撤销或者确认违法的案件。",
            "严格执行重大行政决策程序，凡涉及群众切身利益的事项先征求意见后集体研究，法律顾问参与合同审查二十余件，提出的修改意见均被采纳，从源头上防范了法律风险。",
            "全面落实行政执法公示、全过程记录和重大执法决定法制审核制度，持证执法人员按期参加培训，全年日常巡查三百余次，未发生因执法不当引发的投诉和复议案件。",
            "二、存在的不足和原因",
            "基层执法力量仍然薄弱，普法宣传的针对性还需要提高，个别工作人员依法办事的能力与群众期待相比还有一定差距，部门之间的协同配合还不够顺畅。",
            "三、党政主要负责人履行推进法治建设第一责任人职责情况",
            "主要负责人带头学法用法，全年听取法治建设工作汇报四次，推动解决人员编制和经费保障等实际困难，将法治建设纳入年度考核，压实各方面的责任。",
            f"四、{year + 1}年工作安排",
            "继续加强学习培训，规范行政执法程序，提高依法行政水平，做好矛盾纠纷排查化解，推动法治政府建设各项任务落到实处，不断增强群众的获得感。",
        )
        return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)

    # -- search -------------------------------------------------------------------------------

    def _box(self) -> str:
        if self.plan.search == "igs":
            return (
                f'<form action="/igs/front/search.jhtml"><input name="searchWord"><input type="hidden" name="code" value="{hexed("code")}">'
                '<input type="hidden" name="siteId" value="57"></form>'
            )
        if self.plan.search == "hanweb":
            return '<form action="/jsearchfront/search.do" method="get"><input type="hidden" name="websiteid" value="3301"><input name="q" placeholder="请输入关键字"></form>'
        if self.plan.search == "get":
            return '<form id="search" action="/site/search/678" method="get"><input type="text" name="keywords" placeholder="请输入搜索内容"><select name="fieldType"><option value="1">全文</option><option value="2">标题</option></select></form>'
        return ""

    def _searched(self, request: Request) -> Answer | None:
        kind, asked = self.plan.search, dict(parse_qsl(request.query))
        if kind == "igs" and request.path == "/igs/front/search.jhtml" and asked.get("code") == hexed("code"):
            number = int(asked.get("pageNumber", 1))
            hits = self._hits(asked.get("searchWord", ""))
            shown = hits[(number - 1) * SEARCH_SIZE : number * SEARCH_SIZE]
            body, media = igs_answer(shown, number=number, total=len(hits), size=SEARCH_SIZE)
            return Answer(body=body.encode(), content_type=media)
        if kind == "get" and request.path == "/site/search/678" and asked.get("fieldType") == "2":
            number = int(asked.get("page", 1))
            hits = self._hits(asked.get("keywords", ""))
            count = -(-len(hits) // PER_PAGE)
            query = f"keywords={quote(asked.get('keywords', ''))}&fieldType=2"
            items = "".join(
                f'<li><a href="{row.url}">{row.title.replace("法治", "<em>法治</em>")}</a><span>{row.day}</span></li>'
                for row in hits[(number - 1) * PER_PAGE : number * PER_PAGE]
            )
            pager = "".join(f'<a href="/site/search/678?{query}&page={n}">{n}</a>' for n in range(1, count + 1))  # fmt: skip
            return self._page("搜索结果", f"<ul class='result'>{items}</ul><div class='pagination'>{pager}</div>", ("搜索",))  # fmt: skip
        if kind == "hanweb" and request.path == "/jsearchfront/search.do":
            return self._page("搜索结果", "<div id='result'></div><script>var cateid = '18021';</script>", ())
        if kind == "hanweb" and request.path == "/jsearchfront/interfaces/cateSearch.do":
            form = dict(parse_qsl(request.body.decode()))
            number, size = int(form["p"]), int(form["pg"])
            hits = self._hits(form["q"]) if form["cateid"] == "18021" and form["websiteid"] == "3301" else []
            rows = [
                f'<div class="jcse-news-title"><a href="visit/link.do?url={quote(row.url, safe="")}&title={quote(row.title)}">{row.title}</a></div>'
                f'<span class="jcse-news-date">{row.day}</span>'
                for row in hits[(number - 1) * size : number * size]
            ]
            body = json.dumps({"result": rows, "total": len(hits)}, ensure_ascii=False)
            return Answer(body=body.encode(), content_type="application/json")
        return None

    def _hits(self, words: str) -> list[Row]:
        return sorted(
            (row for row in self.titles.values() if words and words in row.title), key=lambda row: row.day, reverse=True
        )  # fmt: skip
