"""南岸 www.cqna.gov.cn: Chongqing's TRS, site id 254; 法治政府建设年度报告 > 乡镇街道 > one folder per street; seed 004."""

# Markup and Chinese sentences stand on one line each, as they are sent; a Chinese character counts double.

from __future__ import annotations

import html

from tests.portals.base import Article, ListView
from tests.portals.chrome import OTHER_SITES, body, friend_links, link, mega_menu, ueditor
from tests.portals.seeds import seed_paragraphs
from tests.portals.trs import TrsReplica, relative

CATALOGUE = "/zwgk_254/zfxxgkml/"
REPORTS = f"{CATALOGUE}fzzfjsndbg/"
TOWNS = f"{REPORTS}xzjd/"


class Nanan(TrsReplica):
    """The report column names 区政府部门 and 乡镇街道; the latter lists what stands in its streets' folders.

    The pager is ``createPage``.
    """

    key = "nanan"
    host = "www.cqna.gov.cn"
    scheme = "https"
    site_name = "重庆市南岸区人民政府"
    area = "区"
    site_code = "5001080001"
    menu = (
        ("首页", "/", ()),
        (
            "政务公开",
            "/zwgk_254/",
            (
                ("政府信息公开目录", CATALOGUE),
                ("行政规范性文件", "/zwgk_254/zfxxgkml/zcwj/xzgfxwjk/"),
                ("领导信息", "/zwgk_254/zfxxgkml/ldxx/"),
                ("机构职能", "/zwgk_254/zfxxgkml/jgzn/"),
                ("规划计划", "/zwgk_254/zfxxgkml/ghjh/"),
                ("行政执法公示", "/zwgk_254/zfxxgkml/xzzf/"),
                ("财政预决算", "/zwgk_254/fdzdgknr/czyjs/"),
                ("政府信息公开年报", "/zwgk_254/zfxxgknb/"),
                ("重大建设项目", "/zwgk_254/fdzdgknr/zdjsxm/"),
                ("建议提案办理", "/zwgk_254/fdzdgknr/jytabl/"),
            ),
        ),
        (
            "政务信息",
            "/zwxx_254/",
            (
                ("政务要闻", "/zwxx_254/zwyw/"),
                ("部门动态", "/zwxx_254/bmdt/"),
                ("镇街动态", "/zwxx_254/zjdt/"),
                ("公示公告", "/zwxx_254/gsgg/"),
            ),
        ),
        ("办事服务", "/bsfw_254/", (("个人服务", "/bsfw_254/grfw/"), ("法人服务", "/bsfw_254/frfw/"))),
        (
            "互动交流",
            "/hdjl_254/",
            (
                ("公开信箱", "/hdjl_254/gkxx/"),
                ("征集调查", "/hdjl_254/zjdc/"),
                ("新闻发布会", "/hdjl_254/xwfbh/"),
            ),
        ),
        (
            "走进南岸",
            "/zjna_254/",
            (("南岸概况", "/zjna_254/nagk/"), ("旅游", "/zjna_254/ly/"), ("投资", "/zjna_254/tz/")),
        ),
    )

    def build(self) -> None:
        """Columns, the seed, its neighbours and what looks like them."""
        self.column("/zwgk_254/", "政务公开", "/")
        self.column(CATALOGUE, "政府信息公开目录", "/zwgk_254/", linked=False)
        self.column("/zwgk_254/fdzdgknr/", "法定主动公开内容", "/zwgk_254/")
        self.column(f"{CATALOGUE}zcwj/", "政策文件", CATALOGUE)
        self.column(f"{CATALOGUE}ldxx/", "领导信息", CATALOGUE)
        self.column(REPORTS, "法治政府建设年度报告", CATALOGUE)
        self.column(f"{CATALOGUE}zfgzbg/", "政府工作报告", CATALOGUE)
        bureaus = self.column(f"{REPORTS}qzfbm/", "区政府部门", REPORTS)
        self.column(TOWNS, "乡镇街道", REPORTS, per_page=4)
        haitangxi = self.column(f"{TOWNS}htxjd_71224/", "海棠溪街道", TOWNS, per_page=3)
        nanping = self.column(f"{TOWNS}npjd_71223/", "南坪街道", TOWNS)
        danzishi = self.column(f"{TOWNS}dzsjd_71226/", "弹子石街道", TOWNS)
        guangyang = self.column(f"{TOWNS}gyz_71234/", "广阳镇", TOWNS)
        self.columns_of_menu()
        self.seed_path = self.report(
            haitangxi,
            12824506,
            "2024-01-15 09:48",
            title="重庆市南岸区人民政府海棠溪街道办事处关于2023年度法治政府建设情况的报告",
            unit="海棠溪街道",
            year=2023,
            source="海棠溪街道",
            paragraphs=seed_paragraphs(self.key),
            letterhead=2,
        )
        office = "重庆市南岸区人民政府{}办事处"
        towns = [
            self.report(column, number, when, title=title, unit=unit, year=year, source=unit)
            for column, number, when, unit, year, title in (
                (haitangxi, 11623011, "2023-02-14 16:32", "海棠溪街道", 2022, f"{office.format('海棠溪街道')}2022年度法治政府建设情况报告"),
                (haitangxi, 14160325, "2025-01-27 11:05", "海棠溪街道", 2024, "海棠溪街道2024年度法治政府建设情况报告"),
                (nanping, 12830447, "2024-01-17 10:26", "南坪街道", 2023, f"{office.format('南坪街道')}关于2023年度法治政府建设情况的报告"),
                (danzishi, 12841090, "2024-01-22 15:14", "弹子石街道", 2023, "弹子石街道2023年法治政府建设工作报告"),
                (guangyang, 12816733, "2024-01-11 09:09", "广阳镇", 2023, "重庆市南岸区广阳镇人民政府2023年度法治政府建设情况报告"),
            )
        ]  # fmt: skip
        bureau = self.report(
            bureaus, 12844812, "2024-01-24 14:20", title="重庆市南岸区城市管理局关于2023年法治政府建设情况的报告",
            unit="南岸区城市管理局", year=2023, source="区城市管理局",
        )  # fmt: skip
        self.also_listed(TOWNS, [self.seed_path, *towns])
        self.also_listed(REPORTS, [bureau])
        near = [
            self.news(column, number, when, title=title, source=source)
            for column, number, when, source, title in (
                (
                    haitangxi,
                    12300982,
                    "2023-08-30 17:00",
                    "海棠溪街道",
                    "海棠溪街道2023年法治政府建设工作要点",
                ),
                (nanping, 12290114, "2023-08-21 10:00", "南坪街道", "南坪街道法治政府建设示范项目申报公示"),
                (guangyang, 12401230, "2023-10-20 09:30", "广阳镇", "广阳镇召开法治政府建设工作推进会议"),
            )
        ]
        self.also_listed(TOWNS, near)
        for column, number, when, source, title in (
            (
                f"{CATALOGUE}zcwj/",
                12201871,
                "2023-07-25 11:40",
                "南岸区人民政府",
                "重庆市南岸区人民政府关于印发法治政府建设实施方案的通知",
            ),
            (
                "/zwgk_254/zfxxgknb/",
                12850010,
                "2024-01-26 10:00",
                "南岸区人民政府",
                "南岸区2023年政府信息公开工作年度报告",
            ),
            (
                "/zwxx_254/zwyw/",
                12860044,
                "2024-01-31 08:30",
                "南岸区融媒体中心",
                "南岸区委依法治区委员会会议召开",
            ),
            (
                f"{CATALOGUE}zfgzbg/",
                12866108,
                "2024-02-02 09:00",
                "南岸区人民政府",
                "2024年重庆市南岸区人民政府工作报告",
            ),
        ):
            self.news(column, number, when, title=title, source=source)
        self.ordinary_pages("南岸区", 12900100)

    def header(self) -> str:
        """The municipal bar, logo, menu."""
        today = self.furniture.today
        return (
            '<div class="cq-top"><a href="https://www.cq.gov.cn/">重庆市人民政府</a><span>'
            f"{today.year}年{today.month:02d}月{today.day:02d}日 {self.furniture.weekday}</span></div>"
            f'<div class="cq-logo"><img src="/images/na_logo.png"></div>{mega_menu(self.menu, cls="cq-nav")}'
        )

    def footer(self) -> str:
        """Host, codes."""
        return (
            f'{friend_links(OTHER_SITES)}<div class="foot"><p>主办：重庆市南岸区人民政府 承办：南岸区人民政府办公室</p>'
            "<p>网站标识码：5001080001　国际联网备案</p>"
            f"<p>今日访问：{self.furniture.counter % 9973}　总访问：{self.furniture.counter}</p></div>"
        )

    def article_main(self, article: Article) -> str:
        """Disclosure table, heading, body, 分享."""
        crumbs = "&nbsp;&gt;&nbsp;".join(
            link(crumb.path, crumb.name) for crumb in self.crumbs(self.columns[article.column])
        )
        text = body(
            article.paragraphs, ueditor, seed=article.path, letterhead=article.letterhead,
            empty='<p style="line-height: 32px;"><br/></p>',
        )  # fmt: skip
        return (
            f'<div class="content"><div class="content-o">您当前的位置：{crumbs}</div>\n<table class="zwxl-table"><tbody>'
            f"<tr><td>[ 索引号 ]</td><td>11500108009310{article.path[-8:-5]}Y/{article.published:%Y}-{len(article.title):05d}</td>"
            f"<td>[ 发文字号 ]</td><td></td></tr><tr><td>[ 发布机构 ]</td><td>{article.source}</td><td>[ 成文日期 ]</td>"
            f"<td>{article.published:%Y-%m-%d}</td></tr><tr><td>[ 发布日期 ]</td><td>{article.published:%Y-%m-%d}</td></tr></tbody></table>\n"
            f'<div class="zwxl-bar"><span>日期：{article.published:%Y-%m-%d}</span><span>字体：大 中 小</span></div>\n'
            f'<h3 class="zwxl-title">{html.escape(article.title)}</h3>\n<div class="zwxl-article"><div class="trs_editor_view '
            f'TRS_UEDITOR trs_paper_default trs_web">\n{text}\n</div></div>\n<div class="zwxl-share">分享：<i>微信</i><i>微博</i>'
            "扫一扫在手机上查看当前页面</div></div>"
        )

    def list_main(self, view: ListView) -> str:
        """Left column tree, rows, pager."""
        here = view.column.path
        crumbs = "&nbsp;&gt;&nbsp;".join(
            link(relative(here, crumb.path), crumb.name, target=False) for crumb in view.crumbs
        )
        shown = view.children or view.siblings
        tree = "".join(
            f"<li>{link(relative(here, child.path), child.name, target=False)}</li>" for child in shown
        )
        rows = "\n".join(
            f'<li class="clearfix">{link(relative(here, row.path), row.title)}<span>{row.published:%Y-%m-%d}</span></li>'
            for row in view.rows
        )
        return (
            f'<div class="content-o">您当前的位置：{crumbs}</div><div class="information-l"><ul class="tree">{tree}</ul></div>\n'
            f'<div class="information-l-content"><ul class="tab-item">\n{rows}\n</ul>\n<div class="page"><script>'
            f'createPage({view.count}, {view.number}, "index", "html");</script></div></div>'
        )

    def home_main(self) -> str:
        """News and the ways in."""
        news = [article for article in self.near_misses if article.column.startswith("/zwxx_254/")]
        rows = "".join(f"<li>{link(row.path, row.title)}</li>" for row in news)
        return f'<div class="home"><ul>{rows}</ul>{link("/zwgk_254/", "政务公开")}{link(CATALOGUE, "政府信息公开目录")}</div>'
