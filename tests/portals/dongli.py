"""东丽 www.tjdl.gov.cn: static TRS folders, a mega menu, the header and footer of seed 001."""

# Markup and Chinese sentences stand on one line each, as they are sent; a Chinese character counts double.

from __future__ import annotations

import html

from tests.portals.base import Article, ListView
from tests.portals.chrome import OTHER_SITES, body, friend_links, link, mega_menu, trs_spans
from tests.portals.seeds import seed_paragraphs
from tests.portals.trs import TrsReplica, relative

DISCLOSURE = "/gongkai/zfxxgkzl/"
STREETS = f"{DISCLOSURE}jdxxgk/"
PLAIN_STREETS = (
    ("zgz2", "张贵庄街道"),
    ("fnc3", "丰年村街道"),
    ("wx4", "万新街道"),
    ("wxj5", "无瑕街道"),
    ("jz8", "金钟街道"),
    ("jlc9", "军粮城街道"),
    ("dlh12", "东丽湖街道"),
)
"""Streets whose folder holds no report column."""


class Dongli(TrsReplica):
    """The column has to be found: home, 政府信息公开, the street, 法定主动公开内容, 法治政府建设."""

    key = "dongli"
    host = "www.tjdl.gov.cn"
    scheme = "https"
    site_name = "天津市东丽区人民政府"
    area = "区"
    site_code = "1201100002"
    unfolded = (DISCLOSURE,)
    menu = (
        ("首页", "/", ()),
        (
            "东丽概况",
            "/dlgk/",
            (
                ("历史沿革", "/dlgk/lsyg/"),
                ("行政区划", "/dlgk/xzqh/"),
                ("自然环境", "/dlgk/zrhj/"),
                ("区情数据", "/dlgk/qqsj/"),
            ),
        ),
        (
            "资讯动态",
            "/dongtai/",
            (
                ("东丽要闻", "/dongtai/dlyw/"),
                ("街道动态", "/dongtai/jddt/"),
                ("部门动态", "/dongtai/bmdt/"),
                ("通知公告", "/dongtai/tzgg/"),
                ("视频新闻", "/dongtai/spxw/"),
            ),
        ),
        (
            "政务公开",
            "/gongkai/",
            (
                ("政府信息公开", DISCLOSURE),
                ("政策文件库", "/gongkai/zxwj/"),
                ("政策解读", "/gongkai/zcjd/"),
                ("政府公报", "/gongkai/zfgb/"),
                ("政府工作报告", "/gongkai/zfgzbg/"),
                ("财政预决算", "/gongkai/zfxxgkzl/gknr/czyjs/"),
                ("重大决策预公开", "/gongkai/zdjc/"),
                ("人大代表建议办理", "/gongkai/rddb/"),
                ("行政执法公示", "/gongkai/xzzf/"),
                ("规划计划", "/gongkai/ghjh/"),
            ),
        ),
        (
            "政务服务",
            "/fuwu/",
            (
                ("个人办事", "/fuwu/gr/"),
                ("法人办事", "/fuwu/fr/"),
                ("便民查询", "/fuwu/bmcx/"),
                ("阳光政务", "/fuwu/ygzw/"),
            ),
        ),
        (
            "政民互动",
            "/hudong/",
            (
                ("区长信箱", "/hudong/qzxx/"),
                ("民意征集", "/hudong/myzj/"),
                ("在线访谈", "/hudong/zxft/"),
                ("回应关切", "/hudong/hygq/"),
            ),
        ),
        (
            "专题专栏",
            "/ztzl/",
            (
                ("优化营商环境", "/ztzl/yhyshj/"),
                ("法治宣传教育", "/ztzl/fzxcjy/"),
                ("文明城区", "/ztzl/wmcq/"),
            ),
        ),
    )

    def build(self) -> None:
        """Columns, the seed, its neighbours and what looks like them."""
        self.column("/gongkai/", "政务公开", "/")
        self.column(DISCLOSURE, "政府信息公开", "/gongkai/", linked=False)
        for folder, name in (
            ("zn", "政府信息公开指南"),
            ("zd", "政府信息公开制度"),
            ("gknr", "法定主动公开内容"),
            ("nb", "政府信息公开年报"),
        ):
            self.column(f"{DISCLOSURE}{folder}/", name, DISCLOSURE)
        self.column(STREETS, "街道信息公开", DISCLOSURE)
        for folder, name in PLAIN_STREETS:
            self.column(f"{STREETS}{folder}/", name, STREETS)
        huaxin = self._street("hxj11", 37, "华新街道", "法治政府建设", per_page=4)
        huaming = self._street("hmj7", 33, "华明街道", "法治政府建设年度报告")
        jinqiao = self._street("jqj10", 36, "金桥街道", "其他法定公开信息")
        xinli = self._street("xlj6", 32, "新立街道", "法治政府建设情况")
        self.columns_of_menu()
        office = "天津市东丽区人民政府{}办事处"
        self.seed_path = self.report(
            huaxin,
            6125763,
            "2023-03-03 14:39",
            title="华新街道2022年法治政府建设年度报告",
            unit="华新街道",
            year=2022,
            source=office.format("华新街道"),
            paragraphs=seed_paragraphs(self.key),
        )
        for column, number, when, unit, year, title in (
            (huaxin, 5893021, "2022-03-11 09:20", "华新街道", 2021, "华新街道2021年法治政府建设年度报告"),
            (
                huaxin,
                6571180,
                "2024-02-27 16:05",
                "华新街道",
                2023,
                "华新街道关于2023年度法治政府建设情况的报告",
            ),
            (huaming, 6118802, "2023-02-20 10:11", "华明街道", 2022, "华明街道2022年法治政府建设情况报告"),
            (huaming, 6560317, "2024-01-30 15:42", "华明街道", 2023, "华明街道2023年度法治政府建设情况报告"),
            (
                jinqiao,
                6566021,
                "2024-02-06 11:00",
                "金桥街道",
                2023,
                "东丽区人民政府金桥街道办事处2023年法治政府建设工作报告",
            ),
            (
                xinli,
                6121549,
                "2023-02-24 17:30",
                "新立街道",
                2022,
                "新立街道办事处2022年度法治政府建设年度报告",
            ),
            (xinli, 6903318, "2025-01-16 09:08", "新立街道", 2024, "新立街道2024年法治政府建设情况报告"),
        ):
            self.report(column, number, when, title=title, unit=unit, year=year, source=office.format(unit))
        for column, number, when, unit, title in (
            (huaxin, 6559977, "2024-01-29 10:00", "华新街道", "华新街道2023年政府信息公开工作年度报告"),
            (
                huaxin,
                6341108,
                "2023-08-17 09:15",
                "华新街道",
                "华新街道召开2023年上半年法治政府建设工作推进会",
            ),
            (
                huaxin,
                6200410,
                "2023-05-10 14:22",
                "华新街道",
                "关于印发《华新街道2023年法治政府建设工作要点》的通知",
            ),
            (huaming, 6402210, "2023-10-19 16:40", "华明街道", "华明街道创建法治政府建设示范街道实施方案"),
            (
                jinqiao,
                6432018,
                "2023-11-22 08:50",
                "金桥街道",
                "金桥街道党政主要负责人履行推进法治建设第一责任人职责述法报告",
            ),
            (xinli, 6573110, "2024-03-01 10:30", "新立街道", "一图读懂新立街道2023年法治政府建设工作安排"),
        ):
            self.news(column, number, when, title=title, source=office.format(unit))
        for column, number, when, title in (
            ("/dongtai/dlyw/", 6911200, "2025-01-21 08:30", "东丽区召开全面依法治区委员会会议"),
            ("/dongtai/bmdt/", 6909931, "2025-01-20 15:12", "区司法局开展法治政府建设专题培训"),
            (
                "/gongkai/zxwj/",
                6880451,
                "2024-12-26 11:20",
                "东丽区人民政府关于印发法治政府建设实施方案的通知",
            ),
            (f"{DISCLOSURE}nb/", 6905110, "2025-01-17 09:00", "东丽区2024年政府信息公开工作年度报告"),
            ("/gongkai/zfgzbg/", 6912004, "2025-01-22 10:00", "2025年东丽区政府工作报告"),
        ):
            self.news(column, number, when, title=title, source="天津市东丽区人民政府")
        self.ordinary_pages("东丽区", 6600100)

    def _street(self, folder: str, number: int, name: str, column: str, per_page: int = 15) -> str:
        """A street with the public-disclosure columns; gives its report column."""
        street = self.column(f"{STREETS}{folder}/", name, STREETS)
        self.column(f"{street}zn{number}/", "政府信息公开指南", street)
        statutory = self.column(f"{street}fdzdgknr{number}/", "法定主动公开内容", street)
        self.column(f"{street}nb{number}/", "政府信息公开年报", street)
        self.column(f"{statutory}jgzn{number}/", "机构职能", statutory)
        self.column(f"{statutory}czyjs{number}/", "财政预决算", statutory)
        return self.column(f"{statutory}qtfdgkxx{number}/", column, statutory, per_page=per_page)

    def header(self) -> str:
        """Logo, a date that has stood still since the template was made, the menu."""
        return (
            '<div class="top"><div class="top_l">2022年5月17日 星期二</div><div class="top_r">'
            '<a href="javascript:void(0)">无障碍阅读</a> | <a href="javascript:void(0)">智能问答</a> | <a href="/hudong/">区长信箱</a></div></div>\n'
            '<div class="logo"><img src="/images/logo2021.png" alt="天津市东丽区人民政府">'
            '<form action="/search/" class="ss"><input name="q" value="请输入关键字"><input type="submit" value="搜索"></form>'
            f"</div>\n{mega_menu(self.menu)}"
        )

    def footer(self) -> str:
        """The lines that seed 001 was copied with, counters and links round them."""
        more = "".join(f"<li>{link(article.path, article.title)}</li>" for article in self.recommended())
        return (
            f'<div class="tj"><h4>推荐阅读</h4><ul>{more}</ul></div>\n{friend_links(OTHER_SITES)}\n'
            '<div class="footer">\n<p><a href="javascript:void(0)">网站声明</a> | <a href="javascript:void(0)">联系我们</a> | <a href="javascript:void(0)">网站地图</a> | '
            '<a href="javascript:void(0)">网站纠错</a></p>\n'
            "<p>主办:天津市东丽区人民政府 版权所有©&emsp;承办:天津市东丽区人民政府办公室</p>\n"
            "<p>网站标识码:1201100002&emsp;津ICP备17009684号-1津公网安备 12011002018073号</p>\n"
            '<p><a href="javascript:void(0)"><img src="/images/jiucuo.png" alt="jiucuo.png"></a></p>\n'
            f"<p>您是第 {self.furniture.counter} 位访问者　今天是{self.furniture.today:%Y-%m-%d} {self.furniture.weekday}</p>\n</div>"
        )

    def _way(self, crumbs: str) -> str:
        return f'<div class="position">您当前的位置：{crumbs}</div>'

    def article_main(self, article: Article) -> str:
        """Heading, publish line, 字号, body, 扫一扫."""
        crumbs = "&nbsp;&gt;&nbsp;".join(
            link(relative(article.path.rpartition("/")[0] + "/", crumb.path), crumb.name, target=False)
            for crumb in self.crumbs(self.columns[article.column])
        )
        text = body(article.paragraphs, trs_spans, seed=article.path)
        return (
            f'<div class="main xl">\n{self._way(crumbs)}\n<div class="xl_con">\n'
            f'<h1 class="xl_title">{html.escape(article.title)}</h1>\n'
            f'<div class="xl_info"><span>发布时间:{article.published:%Y-%m-%d %H:%M}</span> &nbsp;&nbsp;&nbsp;&nbsp; '
            f"<span>来源:{article.source}</span></div>\n"
            '<div class="xl_tool"><span>字号:</span><a href="javascript:doZoom(18)"><img src="/images/da.png"></a>'
            '<a href="javascript:doZoom(14)"><img src="/images/xiao.png"></a>&nbsp;&nbsp;&nbsp;&nbsp;</div>\n'
            '<div class="xl_text" id="zoom">\n<div class="TRS_Editor"><style type="text/css">.TRS_Editor P{line-height:2;'
            f"font-family:仿宋;font-size:12pt;}}</style>\n{text}\n</div>\n</div>\n"
            '<div class="ewm"><p>扫一扫在手机打开当前页</p><div id="qrcode"></div></div>\n</div>\n</div>'
        )

    def list_main(self, view: ListView) -> str:
        """The folder's menu, rows with dates behind them, the pager script."""
        here = view.column.path
        crumbs = " > ".join(
            link(relative(here, crumb.path), crumb.name, target=False) for crumb in view.crumbs
        )
        shown = view.children or view.siblings
        menu = "".join(
            f"<li>{link(relative(here, child.path), child.name, target=False)}</li>" for child in shown
        )
        rows = "\n".join(
            f"<li>{link(relative(here, row.path), row.title)}<span>{row.published:%Y-%m-%d}</span></li>"
            for row in view.rows
        )
        return (
            f'<div class="main lb">\n{self._way(crumbs)}\n<div class="lb_left"><h3>{view.column.name}</h3><ul>{menu}</ul></div>\n'
            f'<div class="lb_right"><ul class="lb_list">\n{rows or "<li class=zwxx>暂无信息</li>"}\n</ul>\n'
            '<div class="page"><script>\n'
            f'createPageHTML({view.count}, {view.number}, "index", "html");\n</script></div></div>\n</div>'
        )

    def home_main(self) -> str:
        """News and the ways in."""
        news = [article for article in self.near_misses if article.column.startswith("/dongtai/")]
        rows = "".join(
            f"<li>{link(row.path, row.title)}<span>{row.published:%m-%d}</span></li>" for row in news
        )
        return (
            f'<div class="main"><div class="yw"><h2>东丽要闻</h2><ul>{rows}</ul></div>'
            '<div class="gk"><h2>政务公开</h2><ul>'
            f"<li>{link('/gongkai/', '政务公开')}</li><li>{link(DISCLOSURE, '政府信息公开')}</li>"
            f"<li>{link('/gongkai/zxwj/', '政策文件库')}</li></ul></div></div>"
        )
