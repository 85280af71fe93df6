"""北辰 www.tjbc.gov.cn: TRS, streets and towns under 镇街园区 in folders of initials; seed 000."""

# Markup and Chinese sentences stand on one line each, as they are sent; a Chinese character counts double.

from __future__ import annotations

import html

from tests.portals.base import Article, ListView
from tests.portals.chrome import OTHER_SITES, body, friend_links, link, mega_menu, word_spans
from tests.portals.seeds import seed_paragraphs
from tests.portals.trs import TrsReplica, relative

DISCLOSURE = "/zwgk/zfxxgk/"
UNITS = f"{DISCLOSURE}xxgk_zjyq/"


class Beichen(TrsReplica):
    """Column: 镇街园区 > unit > 法定主动公开 > 法治政府建设; the title stands in the body under a letterhead."""

    key = "beichen"
    host = "www.tjbc.gov.cn"
    scheme = "http"
    site_name = "天津市北辰区人民政府"
    area = "区"
    site_code = "1201130001"
    unfolded = (DISCLOSURE,)
    menu = (
        ("首页", "/", ()),
        (
            "走进北辰",
            "/zjbc/",
            (("北辰简介", "/zjbc/bcjj/"), ("镇街风采", "/zjbc/zjfc/"), ("历史文化", "/zjbc/lswh/")),
        ),
        (
            "北辰新闻",
            "/bcxw/",
            (
                ("时政要闻", "/bcxw/szyw/"),
                ("镇街传真", "/bcxw/zjcz/"),
                ("部门信息", "/bcxw/bmxx/"),
                ("媒体看北辰", "/bcxw/mtkbc/"),
            ),
        ),
        (
            "政务公开",
            "/zwgk/",
            (
                ("政府信息公开", DISCLOSURE),
                ("政策文件", "/zwgk/zcwj/"),
                ("政策解读", "/zwgk/zcjd/"),
                ("通知公告", "/zwgk/tzgg/"),
                ("人事信息", "/zwgk/rsxx/"),
                ("统计信息", "/zwgk/tjxx/"),
                ("应急管理", "/zwgk/yjgl/"),
                ("建议提案", "/zwgk/jyta/"),
                ("双公示", "/zwgk/sgs/"),
            ),
        ),
        ("网上服务", "/wsfw/", (("办事指南", "/wsfw/bszn/"), ("便民地图", "/wsfw/bmdt/"))),
        (
            "互动交流",
            "/hdjl/",
            (("领导信箱", "/hdjl/ldxx/"), ("意见征集", "/hdjl/yjzj/"), ("网上调查", "/hdjl/wsdc/")),
        ),
        (
            "专题专栏",
            "/ztzl/",
            (
                ("财政预决算公开", "/ztzl/czyjsgkzt/"),
                ("法治北辰", "/ztzl/fzbc/"),
                ("乡村振兴", "/ztzl/xczx/"),
            ),
        ),
    )

    def build(self) -> None:
        """Columns, the seed, its neighbours and what looks like them."""
        self.column("/zwgk/", "政务公开", "/")
        self.column(DISCLOSURE, "政府信息公开", "/zwgk/", linked=False)
        self.column(f"{DISCLOSURE}xxgk_qzf/", "区政府", DISCLOSURE)
        self.column(f"{DISCLOSURE}xxgk_wbj/", "委办局", DISCLOSURE)
        self.column(UNITS, "镇街园区", DISCLOSURE)
        qingyuan = self._unit("qyj", "青源街道")
        ruijing = self._unit("rjj", "瑞景街道")
        shuangkou = self._unit("skz", "双口镇", per_page=3)
        tianmu = self._unit("tmz", "天穆镇")
        self._unit("jxlj", "集贤里街道")
        self.columns_of_menu()
        self.seed_path = self.report(
            qingyuan,
            6514927,
            "2024-01-12 10:36",
            title="青（广）源街2023年法治政府建设情况报告",
            unit="青源街道",
            year=2023,
            source="北辰区青源街道办事处",
            paragraphs=seed_paragraphs(self.key),
            publishers=("青源街道", "广源街道"),
            letterhead=3,
        )
        for column, number, when, unit, year, title in (
            (qingyuan, 6108874, "2023-02-08 09:31", "青源街道", 2022, "青源街道2022年法治政府建设情况报告"),
            (
                ruijing,
                6516003,
                "2024-01-15 14:00",
                "瑞景街道",
                2023,
                "瑞景街道办事处2023年度法治政府建设情况的报告",
            ),
            (
                shuangkou,
                6103391,
                "2023-01-31 15:20",
                "双口镇",
                2022,
                "双口镇人民政府2022年法治政府建设工作报告",
            ),
            (
                shuangkou,
                6519940,
                "2024-01-19 09:45",
                "双口镇",
                2023,
                "双口镇人民政府关于2023年度法治政府建设情况的报告",
            ),
            (shuangkou, 6899126, "2025-01-10 16:18", "双口镇", 2024, "双口镇2024年法治政府建设年度报告"),
            (tianmu, 6512280, "2024-01-09 11:02", "天穆镇", 2023, "天穆镇2023年法治政府建设情况报告"),
        ):
            self.report(column, number, when, title=title, unit=unit, year=year, source=f"北辰区{unit}")
        for column, number, when, source, title in (
            (qingyuan, 6399012, "2023-10-16 10:00", "北辰区青源街道", "青源街道2023年度法治政府建设工作要点"),
            (
                qingyuan,
                6515512,
                "2024-01-14 08:40",
                "北辰区青源街道",
                "青源街道2023年政府信息公开工作年度报告",
            ),
            (shuangkou, 6287710, "2023-07-04 13:30", "北辰区双口镇", "双口镇行政执法年度报告制度实施办法"),
            (shuangkou, 6477031, "2023-12-11 09:12", "北辰区双口镇", "双口镇开展宪法宣传周活动"),
            (tianmu, 6322146, "2023-08-02 15:50", "北辰区天穆镇", "天穆镇法治政府建设示范创建方案"),
            (
                f"{DISCLOSURE}xxgk_qzf/",
                6533018,
                "2024-01-25 16:00",
                "北辰区人民政府",
                "北辰区2024年重点工作安排",
            ),
            (
                "/bcxw/szyw/",
                6533710,
                "2024-01-26 08:00",
                "北辰区融媒体中心",
                "北辰区政府常务会议审议2023年法治政府建设情况报告",
            ),
            (
                "/zwgk/tzgg/",
                6482100,
                "2023-12-15 10:10",
                "北辰区司法局",
                "关于做好2023年度法治政府建设情况报告工作的通知",
            ),
            ("/ztzl/fzbc/", 6301177, "2023-07-14 09:00", "北辰区司法局", "法治政府建设实施纲要解读"),
        ):
            self.news(column, number, when, title=title, source=source)
        self.ordinary_pages("北辰区", 6600200)

    def _unit(self, initials: str, name: str, per_page: int = 15) -> str:
        unit = self.column(f"{UNITS}zjyq_xxgk_{initials}/", name, UNITS)
        self.column(f"{unit}xxgk_zn_{initials}/", "公开指南", unit)
        statutory = self.column(f"{unit}xxgk_fdzdgk_{initials}/", "法定主动公开内容", unit)
        self.column(f"{unit}xxgk_nb_{initials}/", "公开年报", unit)
        for slug, below in (("jgzn", "机构职能"), ("zdmsxx", "重点民生信息"), ("czzj", "财政资金")):
            self.column(f"{statutory}xxgk_{slug}_{initials}/", below, statutory)
        return self.column(
            f"{statutory}xxgk_fzzfjs_{initials}/", "法治政府建设", statutory, per_page=per_page
        )

    def header(self) -> str:
        """Logo, today's date, the menu."""
        today = self.furniture.today
        return (
            f'<div class="hd"><div class="hd_time">今天是{today.year}年{today.month}月{today.day}日 {self.furniture.weekday}</div>'
            '<div class="hd_link"><a href="javascript:void(0)">手机版</a>|<a href="javascript:void(0)">无障碍</a>|<a href="javascript:void(0)">繁体</a></div>'
            f'<img class="hd_logo" src="/images/bc_logo.png"></div>{mega_menu(self.menu, cls="dh")}'
        )

    def footer(self) -> str:
        """Host, codes, visitors."""
        return (
            f"{friend_links(OTHER_SITES)}<div class='ft'><p><a href='javascript:void(0)'>网站地图</a> | <a href='javascript:void(0)'>联系我们</a> | "
            "<a href='javascript:void(0)'>隐私声明</a></p><p>主办单位：天津市北辰区人民政府办公室&nbsp;&nbsp;网站标识码：1201130001</p>"
            f"<p>您是本站第<b>{self.furniture.counter}</b>位访客</p></div>"
        )

    def article_main(self, article: Article) -> str:
        """A table of disclosure facts, heading, publish line, body, print and close."""
        crumbs = " &gt; ".join(
            link(crumb.path, crumb.name) for crumb in self.crumbs(self.columns[article.column])
        )
        text = body(
            article.paragraphs, word_spans, seed=article.path, letterhead=article.letterhead,
            empty='<p class="MsoNormal"><span lang=EN-US><o:p>&nbsp;</o:p></span></p>',
        )  # fmt: skip
        near = "".join(f"<li>{link(other.path, other.title)}</li>" for other in self.recommended(4))
        return (
            f'<div class="wz">当前位置：{crumbs}</div>\n<div class="xq">\n<table class="xq_tab"><tr><th>索引号：</th>'
            f"<td>000{article.path[-12:-5]}/{article.published:%Y}-{len(article.title):05d}</td><th>发布机构：</th><td>{article.source}</td></tr>"
            f"<tr><th>发文日期：</th><td>{article.published:%Y年%m月%d日}</td><th>主题分类：</th><td>法治政府建设</td></tr></table>\n"
            f'<div class="xq_bt">{html.escape(article.title)}</div>\n'
            f'<div class="xq_ly"><span>来源：{article.source}</span><span>发布时间：{article.published:%Y-%m-%d %H:%M}</span>'
            f"<span>浏览次数：<i id=hits>{self.furniture.counter % 977}</i></span><span>【字体：<a>大</a> <a>中</a> <a>小</a>】</span></div>\n"
            f'<div class="xq_nr"><div class="TRS_UEDITOR trs_paper_default trs_word">\n{text}\n</div></div>\n'
            f'<div class="xq_gn"><a href="javascript:window.print()">打印本页</a><a href="javascript:window.close()">关闭窗口</a></div>\n'
            f'<div class="xq_xg"><h4>相关链接</h4><ul>{near}</ul></div></div>'
        )

    def list_main(self, view: ListView) -> str:
        """Unit menu and a table of rows."""
        here = view.column.path
        crumbs = " &gt; ".join(
            link(relative(here, crumb.path), crumb.name, target=False) for crumb in view.crumbs
        )
        shown = view.children or view.siblings
        menu = "".join(
            f"<dd>{link(relative(here, child.path), child.name, target=False)}</dd>" for child in shown
        )
        rows = "\n".join(
            f"<tr><td class=bt>·{link(relative(here, row.path), row.title)}</td><td class=rq>[{row.published:%Y-%m-%d}]</td></tr>"
            for row in view.rows
        )
        pager = f'<script language="JavaScript">createPageHTML({view.count}, {view.number}, "index", "html");</script>'
        return (
            f'<div class="wz">当前位置：{crumbs}</div><div class="lb"><dl class="lb_cd"><dt>{view.column.name}</dt>{menu}</dl>\n'
            f'<table class="lb_tab">\n{rows}\n</table>\n<div class="fy">{pager}</div></div>'
        )

    def home_main(self) -> str:
        """News and the ways in."""
        news = [article for article in self.near_misses if not article.column.startswith(UNITS)]
        rows = "".join(f"<li>{link(row.path, row.title)}<em>{row.published:%m-%d}</em></li>" for row in news)
        return (
            f'<div class="sy"><ul class="sy_yw">{rows}</ul><div class="sy_gk">{link("/zwgk/", "政务公开")}'
            f"{link(DISCLOSURE, '政府信息公开')}{link('/ztzl/fzbc/', '法治北辰')}</div></div>"
        )
