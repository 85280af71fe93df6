"""魏都 www.weidu.gov.cn: Epoint WebBuilder, rows without href, details by JSON; seed 003.

Row and pager markup follow facts/columns.md section 3 (a saved list page of the same platform).
"""

# Markup and Chinese sentences stand on one line each, as they are sent; a Chinese character counts double.

from __future__ import annotations

import html
import json
import re
import uuid
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qs, quote

from tests.portals.base import Article, Column, Rendered, Replica
from tests.portals.chrome import OTHER_SITES, body, friend_links, fullwidth, link, mega_menu, script, style
from tests.portals.prose import news_paragraphs, report_paragraphs
from tests.portals.seeds import seed_paragraphs

USCC = "11411002005750994L"
SITE_GUID = "7eb5f7f1-9041-43ad-8e13-8fcb82ea831a"
GOV = f"/govxxgk/{USCC}/"
CATEGORY = f"{GOV}category/035/"
STATUTORY = f"{CATEGORY}035002/"
REPORTS = f"{STATUTORY}035002016/"
DETAIL = "/EpointWebBuilder/zNJSAction.action"
SHELL = "/openDetailDynamic.html"
CATEGORIES = (
    (f"{CATEGORY}035001/", "信息公开年度报告"),
    (f"{STATUTORY}035002001/", "机构职能"),
    (f"{STATUTORY}035002004/035002004004/", "政府文件"),
    (f"{STATUTORY}035002007/", "财政信息"),
    (f"{STATUTORY}035002011/", "规划计划"),
    (REPORTS, "法治政府建设"),
)


class Weidu(Replica):
    """Home > 政府信息公开 (a frame page) > 法治政府建设 (a frame again) > the list inside > JSON."""

    key = "weidu"
    host = "www.weidu.gov.cn"
    scheme = "http"
    site_name = "许昌市魏都区人民政府"
    area = "区"
    site_code = "4110020001"

    def build(self) -> None:
        """Columns, the seed, its neighbours and what looks like them."""
        for path, name in CATEGORIES:
            self.columns[path] = Column(path=path, name=name, per_page=5)
        self.columns["/zwxx/002001/"] = Column(path="/zwxx/002001/", name="魏都要闻")
        self.seed_path = self._open(
            REPORTS,
            "2024-03-21",
            "中共西关街道党工委、西关街道办事处关于2023年法治政府建设情况的报告",
            "西关街道",
            year=2023,
            paragraphs=seed_paragraphs(self.key),
            letterhead=2,
        )
        for when, unit, year, title in (
            ("2024-03-25", "南关街道", 2023, "魏都区南关街道办事处关于2023年法治政府建设情况的报告"),
            ("2024-03-19", "五一路街道", 2023, "五一路街道办事处2023年度法治政府建设情况报告"),
            ("2023-03-16", "西关街道", 2022, "西关街道办事处2022年法治政府建设工作报告"),
            ("2023-03-10", "灞陵街道", 2022, "灞陵街道2022年法治政府建设年度报告"),
            ("2025-02-26", "高桥营街道", 2024, "魏都区高桥营街道办事处2024年度法治政府建设情况报告"),
        ):
            self._open(REPORTS, when, title, unit, year=year)
        for column, when, unit, title in (
            (REPORTS, "2024-04-18", "魏都区司法局", "魏都区2024年法治政府建设工作要点"),
            (REPORTS, "2023-11-08", "魏都区司法局", "关于报送2023年度法治政府建设年度报告的通知"),
            (REPORTS, "2023-05-06", "魏都区司法局", "魏都区法治政府建设示范创建工作方案"),
            (f"{CATEGORY}035001/", "2024-01-30", "魏都区人民政府", "魏都区2023年政府信息公开工作年度报告"),
            (
                f"{STATUTORY}035002004/035002004004/",
                "2024-02-20",
                "魏都区人民政府",
                "关于印发魏都区行政执法责任制规定的通知",
            ),
            (f"{STATUTORY}035002011/", "2024-01-12", "魏都区发改委", "魏都区2024年重点项目投资计划"),
        ):
            self._open(column, when, title, unit)
        for when, title in (
            ("2024-04-02", "魏都区召开法治政府建设工作推进会"),
            ("2024-03-28", "西关街道开展普法宣传进社区活动"),
        ):
            self._news(when, title)

    def _open(
        self,
        column: str,
        when: str,
        title: str,
        unit: str,
        *,
        year: int | None = None,
        paragraphs: tuple[str, ...] | None = None,
        letterhead: int = 0,
    ) -> str:
        number = uuid.uuid5(uuid.NAMESPACE_URL, f"{self.host}/{title}")
        if paragraphs is None:
            paragraphs = (
                news_paragraphs(title=title, unit=unit, area=self.area, year=int(when[:4]))
                if year is None
                else report_paragraphs(unit=unit, area=self.area, year=year)
            )
        path = f"{SHELL}?infoid={number}"
        self.add(
            Article(
                path=path,
                title=title,
                published=datetime.fromisoformat(when),
                source=unit,
                paragraphs=paragraphs,
                column=column,
                report_year=year,
                publishers=() if year is None else (unit,),
                letterhead=letterhead,
            )
        )
        return path

    def _news(self, when: str, title: str) -> None:
        number = uuid.uuid5(uuid.NAMESPACE_URL, f"{self.host}/{title}")
        self.add(
            Article(
                path=f"/zwxx/002001/{when.replace('-', '')}/{number}.html",
                title=title,
                published=datetime.fromisoformat(when),
                source="魏都区融媒体中心",
                paragraphs=news_paragraphs(title=title, unit="魏都区", area=self.area, year=int(when[:4])),
                column="/zwxx/002001/",
            )
        )

    # Addresses

    def detail_path(self, path: str) -> str:
        """Path and query of the JSON behind an article's human page."""
        return f"{DETAIL}?cmd=getOpenDetail&infoid={path.partition('infoid=')[2]}&siteguid={SITE_GUID}"

    def frame_path(self, column: str) -> str:
        """The frame page that shows a column."""
        return f"{GOV}openSubPage.html?specialurl={column}govlist.html&righttitle={quote(self.columns[column].name)}"

    def list_paths(self, column: str) -> list[str]:
        """The paths of all pages of a column."""
        if column.startswith("/zwxx/"):
            return [f"{column}about.html"]
        count = self._count(self.columns[column])
        return [f"{column}govlist.html", *(f"{column}{number}.html" for number in range(2, count + 1))]

    def identifier(self, article: Article) -> str:
        """索引号: the district's code, year and month, a running number."""
        ordered = sorted(self.articles, key=lambda path: (self.articles[path].published, path))
        return f"{USCC}/{article.published:%Y%m}-{ordered.index(article.path) + 1:05d}"

    def _count(self, column: Column) -> int:
        return max(1, -(-len(column.rows) // column.per_page))

    # Serving

    def draw(self, path: str, query: str) -> Rendered | None:
        """Static pages, frames, the shell and the JSON."""
        if path == DETAIL:
            return self._detail(parse_qs(query))
        if path == SHELL:
            return Rendered(text=self._page("信息公开详情", self._shell()))
        if path == f"{GOV}openSubPage.html":
            return Rendered(text=self._page("政府信息公开", self._frame()))
        if path in {"/", "/index.html"}:
            return Rendered(text=self._page(self.site_name, self._home()))
        if path == "/zwgk/003004/secondPageLeaders.html":
            return Rendered(
                text=self._page("领导之窗", "<div class='ewb-leader'>区长主持区政府全面工作。</div>")
            )
        if path in self.articles:
            return Rendered(text=self._page(self.articles[path].title, self._news_main(self.articles[path])))
        if path == "/zwxx/002001/about.html":
            return Rendered(text=self._page("魏都要闻", self._news_list()))
        folder, _, name = path.rpartition("/")
        found = re.fullmatch(r"govlist\.html|([2-9]|[1-9]\d+)\.html", name)
        column = self.columns.get(f"{folder}/")
        if found is None or column is None or not folder.startswith(GOV):
            return None
        number = int(found[1] or 1)
        if number > self._count(column):
            return None
        return Rendered(text=self._list(column, number))

    def _detail(self, query: dict[str, list[str]]) -> Rendered | None:
        if query.get("cmd") != ["getOpenDetail"]:
            return None
        article = self.articles.get(f"{SHELL}?infoid={query.get('infoid', [''])[0]}")
        rows = [] if article is None or query.get("siteguid") != [SITE_GUID] else [self._record(article)]
        inner = json.dumps({"openDetail": rows}, ensure_ascii=False, separators=(",", ":"))
        outer = json.dumps({"custom": inner}, separators=(",", ":")).replace("/", "\\/")
        upper = re.sub(r"\\u[0-9a-f]{4}", lambda found: "\\u" + found[0][2:].upper(), outer)
        return Rendered(text=upper, content_type="application/json")

    def _record(self, article: Article) -> dict[str, str]:
        markup = body(
            article.paragraphs,
            fullwidth,
            seed=article.path,
            letterhead=article.letterhead,
            empty="<p><br/></p>",
        )
        return {
            "identifier": self.identifier(article),
            "cate": self.columns[article.column].name,
            "pubname": article.source,
            "infodate": f"{article.published:%Y-%m-%d}",
            "title": article.title,
            "docnum": "",
            "keyword": "",
            "hits": str(self.furniture.counter % 1013),
            "infocontent": f'<div class="ewb-info-con">{markup}</div>',
        }

    # Drawing

    def _list(self, column: Column, number: int) -> str:
        rows = () if self.is_rowless(column.path) else column.rows
        shown = rows[(number - 1) * column.per_page : number * column.per_page]
        drawn = "\n".join(self._row(self.articles[path]) for path in shown)
        count = self._count(replace(column, rows=rows))
        return (
            '<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n'
            f'<title>{column.name}</title>\n{style(self.key, 9000)}\n<script src="/js/jquery.min.js"></script>\n'
            f"{script(self.key + 'list', 9000)}\n</head>\n<body>\n"
            f'<div class="ewb-govlist"><div class="table-responsive">\n<table class="table"><thead><tr><th>索引号</th><th>名称</th>'
            f"<th>生成日期</th></tr></thead><tbody>\n{drawn}\n{self._pager(column, number, count)}</tbody></table>\n</div></div>\n"
            '<div class="publicinfo-pager" id="paper"></div>\n</body>\n<script src="/js/xxgklist.js"></script>\n</html>\n'
        )

    def _row(self, article: Article) -> str:
        number = article.path.partition("infoid=")[2]
        title = html.escape(article.title)
        facts = (
            ("索 引 号 ：", f'<b id="syh">{self.identifier(article)}</b>'),
            ("信息分类：", self.columns[article.column].name),
            ("发布机构：", f"<b>{article.source}</b>"),
            ("生成日期：", f"{article.published:%Y-%m-%d}"),
            ("名　称　：", title),
            ("文　号　：", '<b id="docnum"></b>'),
            ("关 键 字 ：", ""),
        )
        items = "\n".join(f"<li>\n<label>{name}</label>\n<p>{value}</p>\n</li>" for name, value in facts)
        return (
            f'<tr>\n<td width="24%" style="display:table-cell;"><span title="{self.identifier(article)}">'
            f'{self.identifier(article)}</span></td>\n<td width="24%" style="display:none;"><span title=""></span></td>\n'
            f'<td class="ewb-has-detail ewb-xxnr">\n<a class="ewb-infoname" onclick="linkToNew(\'{number}\',\'002008\');">{title}</a>\n'
            f'<div class="ewb-drop-detail" style="display: none; opacity: 1;">\n<ul class="clearfix">\n{items}\n</ul>\n</div>\n</td>\n'
            f'<td  class="ewb-rqnr">\n<span>{article.published:%Y-%m-%d}</span>\n</td>\n</tr>'
        )

    def _pager(self, column: Column, number: int, count: int) -> str:
        def page(to: int, text: str) -> str:
            name = "govlist.html" if to == 1 else f"{to}.html"
            inner = text if to == number else f'<a href="{column.path}{name}">{text}</a>'
            return f'<li class="wb-page-li wb-page-item{" current" if text == str(number) else ""}">{inner} </li>'

        steps = [page(1, "首页"), page(max(1, number - 1), "&lt;上页")]
        steps += [page(to, str(to)) for to in range(1, min(count, 10) + 1)]
        steps += [page(min(count, number + 1), "下页&gt;"), page(count, "尾页")]
        return f'<tr class="noborder"><td colspan="4"><div class="pagemargin"><ul>{"".join(steps)}</ul></div></td></tr>'

    def _shell(self) -> str:
        return (
            '<div class="ewb-detail" id="detail"><h3 id="title"></h3><table id="info"></table><div id="content"></div></div>\n'
            f"<script>var siteGuid='{SITE_GUID}';function getQueryString(n){{var r=window.location.search.substr(1)"
            ".match(new RegExp('(^|&)'+n+'=([^&]*)(&|$)'));return r?unescape(r[2]):null;}\n"
            f"$.ajax({{url:'{DETAIL}?cmd=getOpenDetail&infoid='+getQueryString('infoid')+'&siteguid='+siteGuid,dataType:'json',"
            "success:function(d){render(JSON.parse(d.custom));}});</script>"
        )

    def _frame(self) -> str:
        menu = "\n".join(
            f"<li>{link(self.frame_path(path), name, target=False)}</li>" for path, name in CATEGORIES
        )
        return (
            f'<div class="ewb-left"><h3>法定主动公开内容</h3><ul id="tree">\n{menu}\n</ul></div>\n<div class="ewb-right">'
            '<h2 id="righttitle"></h2><iframe id="govinfo" frameborder="0" scrolling="no" width="100%"></iframe></div>\n'
            "<script>$('#govinfo').attr('src',getQueryString('specialurl'));$('#righttitle').html(getQueryString('righttitle'));</script>"
        )

    def _news_main(self, article: Article) -> str:
        text = body(article.paragraphs, fullwidth, seed=article.path)
        return (
            f'<div class="ewb-article"><h3>{html.escape(article.title)}</h3><p class="ewb-article-sources">【信息时间：'
            f"{article.published:%Y-%m-%d} 阅读次数：{self.furniture.counter % 499} 来源：{article.source}】</p>"
            f'<div class="news-article-para">{text}</div></div>'
        )

    def _news_rows(self) -> str:
        rows = (self.articles[path] for path in self.columns["/zwxx/002001/"].rows)
        return "".join(
            f"<li>{link(row.path, row.title)}<span>{row.published:%Y-%m-%d}</span></li>" for row in rows
        )

    def _news_list(self) -> str:
        return f'<div class="ewb-list"><ul class="wb-data-item">{self._news_rows()}</ul></div>'

    def _home(self) -> str:
        return (
            f'<div class="ewb-home"><ul>{self._news_rows()}</ul>'
            f"{link(self.frame_path(CATEGORIES[0][0]), '政府信息公开')}{link('/zwgk/003004/secondPageLeaders.html', '领导之窗')}</div>"
        )

    def _page(self, title: str, main: str) -> str:
        open_door = self.frame_path(CATEGORIES[0][0])
        menu = mega_menu(
            (
                ("首页", "/", ()),
                ("走进魏都", "/", ()),
                ("新闻资讯", "/zwxx/002001/about.html", (("魏都要闻", "/zwxx/002001/about.html"),)),
                (
                    "政务公开",
                    open_door,
                    (
                        ("政府信息公开", open_door),
                        ("领导之窗", "/zwgk/003004/secondPageLeaders.html"),
                        ("政府文件", self.frame_path(f"{STATUTORY}035002004/035002004004/")),
                        ("规划计划", self.frame_path(f"{STATUTORY}035002011/")),
                    ),
                ),
            ),
            cls="ewb-nav",
        )
        today = self.furniture.today
        return (
            '<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n'
            f'<meta name="SiteName" content="{self.site_name}">\n<meta name="SiteDomain" content="{self.host}">\n'
            f'<meta name="SiteIDCode" content="{self.site_code}">\n<title>{html.escape(title)}</title>\n{style(self.key, 12000)}\n'
            f'<script src="/js/jquery.min.js"></script>\n{script(self.key, 16000)}\n</head>\n<body>\n'
            f'<div class="ewb-top">今天是：{today.year}年{today.month}月{today.day}日 {self.furniture.weekday}</div>{menu}\n{main}\n'
            f'{friend_links(OTHER_SITES)}<div class="ewb-footer"><p>主办单位：许昌市魏都区人民政府　网站标识码：{self.site_code}</p>'
            f"<p>您是第{self.furniture.counter}位访问者</p></div>\n{script(self.key + 'foot', 6000)}\n</body>\n</html>\n"
        )
