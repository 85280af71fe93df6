"""武清 www.tjwq.gov.cn: TRS, numbered folders per unit; seed 002, whose body has no title and ends with signature and date."""

# Markup and Chinese sentences stand on one line each, as they are sent; a Chinese character counts double.

from __future__ import annotations

import html

from tests.portals.base import Article, ListView
from tests.portals.chrome import OTHER_SITES, body, friend_links, link, mega_menu, nbsp_font
from tests.portals.seeds import seed_paragraphs
from tests.portals.trs import TrsReplica, relative

DISCLOSURE = "/zwgk/zfxxgk/"
STREETS = f"{DISCLOSURE}jdzf3/"


class Wuqing(TrsReplica):
    """Column: 政府信息公开 > 镇街 > unit > 法定主动公开内容 > 其他法定信息, where reports lie among other papers."""

    key = "wuqing"
    host = "www.tjwq.gov.cn"
    scheme = "https"
    site_name = "天津市武清区人民政府"
    area = "区"
    site_code = "1201140001"
    unfolded = (DISCLOSURE,)
    menu = (
        ("网站首页", "/", ()),
        (
            "雍阳概览",
            "/yygl/",
            (("武清概况", "/yygl/wqgk/"), ("镇街园区", "/yygl/zjyq/"), ("投资武清", "/yygl/tzwq/")),
        ),
        (
            "新闻动态",
            "/xwdt/",
            (
                ("武清新闻", "/xwdt/wqxw/"),
                ("通知公告", "/xwdt/tzgg/"),
                ("镇街动态", "/xwdt/zjdt/"),
                ("图片新闻", "/xwdt/tpxw/"),
            ),
        ),
        (
            "政务公开",
            "/zwgk/",
            (
                ("政府信息公开", DISCLOSURE),
                ("政策文件", "/zwgk/zcwj/"),
                ("政策解读", "/zwgk/zcjd/"),
                ("政府会议", "/zwgk/zfhy/"),
                ("行政执法公示", "/zwgk/xzzfgs/"),
                ("区政府预决算", "/zwgk/zfxxgk/zfxxgkqzf/hz/fdzdgknr1/czyjs1/"),
                ("重点领域", "/zwgk/zdly/"),
                ("政府网站年度报表", "/zwgk/wzbb/"),
            ),
        ),
        (
            "办事服务",
            "/bsfw/",
            (("公积金", "/bsfw/gjj/"), ("社会保障", "/bsfw/shbz/"), ("企业开办", "/bsfw/qykb/")),
        ),
        ("政民互动", "/zmhd/", (("政民零距离", "/zmhd/zmljl/"), ("民意征集", "/zmhd/myzj/"))),
        (
            "专题专栏",
            "/ztzl/",
            (("安全生产", "/ztzl/aqsc/"), ("京津冀协同", "/ztzl/jjj/"), ("八五普法", "/ztzl/bwpf/")),
        ),
    )

    def build(self) -> None:
        """Columns, the seed, its neighbours and what looks like them."""
        self.column("/zwgk/", "政务公开", "/")
        self.column(DISCLOSURE, "政府信息公开", "/zwgk/", linked=False)
        self.column(f"{DISCLOSURE}zfxxgkqzf/", "区政府", DISCLOSURE)
        self.column(f"{DISCLOSURE}wbj2/", "委办局", DISCLOSURE)
        self.column(STREETS, "镇街", DISCLOSURE)
        urban = self._unit(f"{DISCLOSURE}wbj2/qcsglw1/", f"{DISCLOSURE}wbj2/", 14, "区城市管理委")
        yangcun = self._unit(f"{STREETS}ycjd1/", STREETS, 52, "杨村街道", per_page=5)
        huangzhuang = self._unit(f"{STREETS}hzjd4/", STREETS, 55, "黄庄街道")
        meichang = self._unit(f"{STREETS}mcz7/", STREETS, 58, "梅厂镇")
        self._unit(f"{STREETS}dlz10/", STREETS, 61, "大良镇")
        self.columns_of_menu()
        self.seed_path = self.report(
            yangcun,
            6807342,
            "2024-12-18 16:27",
            title="杨村街道2024年度法治政府建设情况报告",
            unit="杨村街道",
            year=2024,
            source="武清区杨村街道",
            paragraphs=seed_paragraphs(self.key),
            signature=3,
        )
        for column, number, when, unit, year, title in (
            (yangcun, 6480113, "2023-12-14 10:20", "杨村街道", 2023, "杨村街道2023年度法治政府建设情况报告"),
            (yangcun, 6091177, "2022-12-30 09:05", "杨村街道", 2022, "杨村街道2022年法治政府建设年度报告"),
            (
                huangzhuang,
                6809028,
                "2024-12-20 14:48",
                "黄庄街道",
                2024,
                "黄庄街道2024年度法治政府建设情况报告",
            ),
            (
                meichang,
                6811500,
                "2024-12-24 11:33",
                "梅厂镇",
                2024,
                "梅厂镇人民政府关于2024年法治政府建设情况的报告",
            ),
            (meichang, 6485602, "2023-12-19 15:10", "梅厂镇", 2023, "梅厂镇2023年法治政府建设工作情况报告"),
            (
                urban,
                6921844,
                "2025-01-24 08:55",
                "武清区城市管理委",
                2024,
                "武清区城市管理委员会2024年度法治政府建设情况的报告",
            ),
        ):
            self.report(
                column,
                number,
                when,
                title=title,
                unit=unit,
                year=year,
                source=f"武清区{unit.removeprefix('武清区')}",
            )
        for column, number, when, source, title in (
            (yangcun, 6700981, "2024-08-22 09:00", "武清区杨村街道", "杨村街道2024年度行政执法检查计划"),
            (
                yangcun,
                6660120,
                "2024-07-02 10:15",
                "武清区杨村街道",
                "杨村街道2024年上半年法治政府建设工作情况调研通知",
            ),
            (yangcun, 6581234, "2024-03-12 16:00", "武清区杨村街道", "杨村街道2024年法治政府建设工作要点"),
            (yangcun, 6570001, "2024-02-26 14:10", "武清区杨村街道", "杨村街道普法责任清单（2024年）"),
            (
                huangzhuang,
                6550077,
                "2024-01-22 11:11",
                "武清区黄庄街道",
                "黄庄街道2023年政府信息公开工作年度报告",
            ),
            (
                meichang,
                6598120,
                "2024-04-09 09:30",
                "武清区梅厂镇",
                "梅厂镇关于印发法治政府建设责任清单的通知",
            ),
            (
                "/zwgk/wzbb/",
                6551020,
                "2024-01-23 09:00",
                "武清区人民政府",
                "政府网站工作年度报表（2023年度）",
            ),
            (
                "/xwdt/wqxw/",
                6815001,
                "2024-12-27 08:10",
                "武清区融媒体中心",
                "武清区举办法治政府建设专题讲座",
            ),
            (
                "/zwgk/zcjd/",
                6590003,
                "2024-03-26 15:20",
                "武清区司法局",
                "《武清区法治政府建设行动方案》政策解读",
            ),
        ):
            self.news(column, number, when, title=title, source=source)
        self.ordinary_pages("武清区", 6600300)

    def _unit(self, path: str, parent: str, number: int, name: str, per_page: int = 15) -> str:
        unit = self.column(path, name, parent)
        self.column(f"{unit}zfxxgkzn{number}/", "政府信息公开指南", unit)
        statutory = self.column(f"{unit}fdzdgknr{number}/", "法定主动公开内容", unit)
        self.column(f"{unit}zfxxgknb{number}/", "政府信息公开年报", unit)
        for slug, below in (("jgxx", "机构信息"), ("zdmsxx", "重大民生信息"), ("xzzf", "行政执法")):
            self.column(f"{statutory}{slug}{number}/", below, statutory)
        return self.column(f"{statutory}qtfdxx{number}/", "其他法定信息", statutory, per_page=per_page)

    def header(self) -> str:
        """Two rows of links, the menu."""
        today = self.furniture.today
        return (
            f'<div id="header"><p class="date">{today:%Y/%m/%d} {self.furniture.weekday} 晴转多云 -2~7℃</p>'
            '<a class="logo" href="/"><img src="/images/wqlogo.jpg" alt="武清政务网"></a><div class="rcss">热搜词：'
            "<a href='javascript:void(0)'>公积金</a><a href='javascript:void(0)'>营商环境</a><a href='javascript:void(0)'>法治政府</a></div></div>"
            f"{mega_menu(self.menu, cls='menu')}"
        )

    def footer(self) -> str:
        """Host, codes, visitors."""
        return (
            f"{friend_links(OTHER_SITES)}<div id='footer'>关于我们 | 网站地图 | 使用帮助<br>主办：天津市武清区人民政府　"
            f"承办：天津市武清区人民政府办公室<br>网站标识码：1201140001　访问量：{self.furniture.counter}<br>"
            "建议使用1366*768及以上分辨率浏览</div>"
        )

    def article_main(self, article: Article) -> str:
        """Heading, line, body, previous and next."""
        crumbs = "&gt;".join(
            link(crumb.path, crumb.name) for crumb in self.crumbs(self.columns[article.column])
        )
        text = body(
            article.paragraphs, nbsp_font, seed=article.path, letterhead=article.letterhead, signature=article.signature,
            empty="<p><br></p>",
        )  # fmt: skip
        more = "".join(f"<p>{link(other.path, other.title)}</p>" for other in self.recommended(2))
        return (
            f'<div class="weizhi">您的位置：{crumbs}</div><div class="article">\n<h2 class="tit">{html.escape(article.title)}</h2>\n'
            f'<div class="info">发布日期：{article.published:%Y-%m-%d %H:%M}　　信息来源：{article.source}　　'
            f'<a onclick="add()">收藏</a>　<a onclick="print()">打印</a>　点击数：{self.furniture.counter % 811}</div>\n'
            f'<div class="article_nr"><div class=TRS_Editor>\n{text}\n</div></div>\n<div class="fx">分享到：<a class="wx">微信</a>'
            f'<a class="wb">微博</a></div><div class="sxp"><b>猜你喜欢</b>{more}</div></div>'
        )

    def list_main(self, view: ListView) -> str:
        """Menu left, rows with the date before the link."""
        here = view.column.path
        crumbs = "&gt;".join(
            link(relative(here, crumb.path), crumb.name, target=False) for crumb in view.crumbs
        )
        shown = view.children or view.siblings
        menu = "".join(
            f'<a class="c" href="{relative(here, child.path)}">{child.name}</a>' for child in shown
        )
        rows = "\n".join(
            f'<li><i>{row.published:%Y-%m-%d}</i><a href="{relative(here, row.path)}" target="_blank" '
            f'title="{html.escape(row.title)}">{self._short(row.title)}</a></li>'
            for row in view.rows
        )
        return (
            f'<div class="weizhi">您的位置：{crumbs}</div><div class="lm_l"><h3>{view.column.name}</h3>{menu}</div>\n'
            f'<ul class="lm_r">\n{rows}\n</ul>\n<div class="pages"><script type="text/javascript">\n<!--\n'
            f'createPageHTML({view.count}, {view.number}, "index", "html");\n//-->\n</script></div>'
        )

    def _short(self, title: str) -> str:
        return title if len(title) <= 20 else f"{title[:19]}…"

    def home_main(self) -> str:
        """News and the ways in."""
        news = [article for article in self.near_misses if not article.column.startswith(STREETS)]
        rows = "".join(f"<li>{link(row.path, row.title)}</li>" for row in news)
        return f'<div class="home"><ul>{rows}</ul><div class="kj">{link("/zwgk/", "政务公开")}{link(DISCLOSURE, "政府信息公开")}</div></div>'
