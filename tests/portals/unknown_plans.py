"""Twelve unknown portals as data, one for each platform and one with street sub-sites."""

from __future__ import annotations

from tests.portals.unknown import OFFICES, Plan, Section

STREETS = ("桥西街道", "河东街道", "望江街道", "云台镇", "柳林镇", "双口镇", "回龙乡", "青坪乡")
DISTRICT = "区人民政府"


def _s(name: str, place: str, *below: Section, **given: object) -> Section:
    return Section(name=name, place=place, below=below, **given)  # type: ignore[arg-type]  # the keys of Section


NEWS = _s(
    "新闻动态",
    "xwdt/",
    _s("本地要闻", "bdyw/", noise=12),
    _s("部门动态", "bmdt/", noise=12),
    _s("街镇动态", "jzdt/", noise=12),
)
SERVICE = _s("政务服务", "zwfw/", _s("个人办事", "grbs/"), _s("法人办事", "frbs/"), _s("便民查询", "bmcx/"))
TALK = _s("互动交流", "hdjl/", _s("区长信箱", "qzxx/"), _s("民意征集", "myzj/"))
YEARLY = _s("政府信息公开年报", "xxgknb/", decoys=True)
YEARLY_STUB = _s("政府信息公开年报", "nb/")
LAW = _s("法治宣传", "fzxc/", decoys=True)
MODEL = _s("法治政府建设示范创建", "fzsfcj/", decoys=True)
GUIDE, RULES = _s("政府信息公开指南", "zn/"), _s("政府信息公开制度", "zd/", noise=8)
NOTICES = _s("通知公告", "tzgg/", noise=20)


BUREAUS = (
    "区发展和改革委员会", "区教育局", "区科学技术局", "区工业和信息化局", "区民族宗教事务局", "区公安局", "区民政局", "区财政局",
    "区人力资源和社会保障局", "区规划和自然资源局", "区生态环境局", "区住房和城乡建设委员会", "区交通运输局", "区水务局",
    "区农业农村委员会", "区商务局", "区文化和旅游局", "区卫生健康委员会", "区退役军人事务局", "区应急管理局", "区审计局", "区市场监督管理局",
    "区统计局", "区医疗保障局", "区信访办公室", "区国有资产监督管理委员会", "区体育局", "区政务服务中心",
)  # fmt: skip


def _departments(name: str = "部门信息公开", place: str = "bmxxgk/") -> Section:
    """Departments with a disclosure page each; none of them reports here."""
    pages = [
        _s(
            bureau,
            f"b{n}/",
            GUIDE,
            _s("法定主动公开内容", "fdzdgk/", in_menu=False),
            YEARLY_STUB,
            in_menu=False,
        )
        for n, bureau in enumerate(BUREAUS, 1)
    ]
    return _s(name, place, *pages)


def _reported(*names: str) -> tuple[str, ...]:
    return (DISTRICT, *OFFICES, *names)


def _disclosure(*below: Section, name: str = "政府信息公开", place: str = "zfxxgk/") -> Section:
    """The fixed block: 指南, 制度, 法定主动公开内容, 年报."""
    return _s(name, place, GUIDE, RULES, *below, YEARLY)


def _deep() -> Plan:
    """Depth 4 by TRS; the column has three pages."""
    column = _s("法治政府建设情况报告", "jsqkbg/", units=_reported(*STREETS[:6]), noise=3, in_menu=False)
    content = _s("法定主动公开内容", "nr/", _s("规范性文件", "gfxwj/", noise=10), column)
    tree = (
        NEWS,
        _s("政务公开", "zwgk/", _disclosure(content), NOTICES, _departments()),
        SERVICE,
        TALK,
        _s("专题专栏", "ztzl/", LAW, MODEL),
    )
    return Plan(key="qinghe", dialect="trs", roster=STREETS[:7], silent=STREETS[6], tree=tree)


def _filed_elsewhere() -> Plan:
    """By IGS; the column is 其他法定信息, and two departments file theirs under 通知公告: only the search finds them."""
    column = _s("其他法定信息", "qt/", units=(DISTRICT, *STREETS[:5]), noise=5)
    hidden = _s("通知公告", "tzgg/", units=OFFICES, noise=20)
    tree = (
        NEWS,
        _s("政务公开", "zwgk/", _disclosure(column), hidden, _departments()),
        SERVICE,
        _s("专题专栏", "ztzl/", LAW),
    )
    return Plan(key="jinbei", dialect="igs", roster=STREETS[:6], silent=STREETS[5], tree=tree, search="igs")


def _year_by_year() -> Plan:
    """By 大汉's numbered columns; 依法行政情况 has one sub-column for each year."""
    column = _s("依法行政情况", "yfxz/", by_year=True, units=_reported(*STREETS[:5]))
    hidden = _s("通知公告", "tzgg/", units=("区教育局",), noise=20)
    tree = (
        NEWS,
        _s("信息公开", "xxgk/", _disclosure(_s("法定主动公开内容", "fd/", column), hidden), _departments()),
        TALK,
        _s("专题专栏", "ztzl/", LAW, MODEL),
    )
    return Plan(
        key="linjiang", dialect="hanweb", roster=STREETS[:6], silent=STREETS[5], tree=tree, search="hanweb"
    )


def _special() -> Plan:
    """By 大汉's new version; depth 2, among the special topics."""
    column = _s(
        "法治政府年度报告公开",
        "ndbg/",
        units=_reported(*STREETS[1:6]),
        title="{unit}{year}年度法治政府建设工作报告",
    )
    tree = (
        NEWS,
        _s("政务公开", "zwgk/", _disclosure(NOTICES), _departments()),
        SERVICE,
        _s("专题专栏", "ztzl/", LAW, column, MODEL),
    )
    return Plan(key="yunhe", dialect="jpaas", roster=STREETS[1:7], silent=STREETS[6], tree=tree)


def _searched() -> Plan:
    """By 开普; one column, and departments whose reports only the search form finds."""
    column = _s("其他应主动公开的内容", "qtzd/", units=(DISTRICT, *STREETS[2:7]), noise=4)
    hidden = _s("工作动态", "gzdt/", units=OFFICES, noise=30)
    tree = (
        NEWS,
        _s("政务公开", "zwgk/", _disclosure(_s("法定主动公开内容", "fd/", column)), hidden, _departments()),
        TALK,
        _s("专题专栏", "ztzl/", LAW),
    )
    return Plan(key="heping", dialect="ucap", roster=STREETS[2:8], silent=STREETS[7], tree=tree, search="get")


def _directories() -> Plan:
    """广东: one directory for the district, one for each department and town, linked from a list of them."""

    def categories(*units: str) -> tuple[Section, ...]:
        return (
            _s("政府文件", "a/", noise=9),
            _s(
                "其他法定信息",
                "b/",
                _s("法治政府建设", "c/", units=units),
                _s("信息公开年报", "d/", decoys=True),
            ),
        )

    quiet = _s("政府文件", "a/", noise=4), _s("信息公开年报", "d/")
    others = [
        _s(bureau, f"bm{n}/gkmlpt/", *quiet, directory=True, in_menu=False)
        for n, bureau in enumerate(BUREAUS)
    ]
    organs = [
        _s(unit, f"dept{n}/gkmlpt/", *categories(unit), directory=True, in_menu=False)
        for n, unit in enumerate((*OFFICES, *STREETS[:5]))
    ]
    directory = _s("政府信息公开目录", "gkmlpt/", *categories(DISTRICT), directory=True)
    tree = (
        NEWS,
        directory,
        _s("政务公开", "zwgk/", _departments()),
        _s("部门和镇街信息公开平台", "bmpt/", *organs, *others),
        SERVICE,
        _s("专题专栏", "ztzl/", LAW),
    )
    return Plan(key="nanxiong", dialect="gkmlpt", roster=STREETS[:6], silent=STREETS[5], tree=tree)


def _organs() -> Plan:
    """安徽: columns told apart by their query only."""
    column = _s("法治政府建设报告", "c/", units=_reported(*STREETS[:6]))
    tree = (
        NEWS,
        _s("政务公开", "zwgk/", _disclosure(_s("政府信息公开目录", "ml/", column, NOTICES)), _departments()),
        TALK,
        _s("专题专栏", "ztzl/", LAW, MODEL),
    )
    return Plan(
        key="tianchang", dialect="anhui", roster=STREETS[:7], silent=STREETS[6], tree=tree, search="get"
    )


def _deepest() -> Plan:
    """By 博达; depth 5, and a sub-column for each group of publishers."""
    column = _s(
        "法治政府建设年度报告",
        "fzjsbg/",
        _s("区政府", "qzf/", units=(DISTRICT,)),
        _s("部门", "bm/", units=OFFICES),
        _s("乡镇街道", "xzjd/", units=STREETS[:5]),
    )
    tree = (
        NEWS,
        _s(
            "政务公开",
            "zwgk/",
            _disclosure(_s("法定主动公开内容", "fdnr/", _s("其他法定公开信息", "qtxx/", column), NOTICES)),
            _departments(),
        ),
        _s("专题专栏", "ztzl/", LAW),
    )
    return Plan(key="luohe", dialect="vsb", roster=STREETS[:6], silent=STREETS[5], tree=tree)


def _streets_listed() -> Plan:
    """By SiteServer: 街镇 > a street > 法定主动公开 > 法治建设情况, each with a number for an address. robots.txt forbids its search."""
    streets = [
        _s(
            street,
            f"{n}/",
            _s(
                "法定主动公开内容",
                "fd/",
                _s("法治政府建设情况", "fz/", units=(street,), title="{year}年法治政府建设情况报告"),
                _s("财政信息", "cz/", noise=4),
            ),
            _s("政府信息公开目录", "ml/"),
            in_menu=False,
        )
        for n, street in enumerate(STREETS[:5])
    ]
    quiet = _s(STREETS[5], "9/", _s("法定主动公开内容", "fd/", _s("法治政府建设情况", "fz/")), in_menu=False)
    district = _s("法治政府建设", "qzf/", units=_reported())
    tree = (
        NEWS,
        _s(
            "政务公开",
            "zwgk/",
            _disclosure(district),
            _s("街镇信息公开", "jz/", *streets, quiet),
            _departments(),
        ),
        _s("专题专栏", "ztzl/", LAW),
    )
    return Plan(
        key="binhe",
        dialect="siteserver",
        roster=STREETS[:6],
        silent=STREETS[5],
        tree=tree,
        search="get",
        robots="User-agent: *\nDisallow: /site/search/\n",
    )


def _framed() -> Plan:
    """By Epoint: every list stands in a frame page, every article behind JSON."""
    column = _s("法治政府建设工作情况", "category/035/035004/", units=_reported(*STREETS[:5]))
    tree = (
        NEWS,
        _s(
            "政务公开", "zwgk/", _disclosure(_s("法定主动公开内容", "fdnr/", column, NOTICES)), _departments()
        ),
        SERVICE,
        _s("专题专栏", "ztzl/", LAW),
    )
    return Plan(key="weicheng", dialect="epoint", roster=STREETS[:6], silent=STREETS[5], tree=tree)


def _mapped() -> Plan:
    """No platform to be seen; its menu does not show the way, its site map does. A sub-column for each year."""
    column = _s("法治政府建设公示", "gs/", by_year=True, units=_reported(*STREETS[:5]))
    hidden = _s("区情概览", "qqgl/", _s("依法治区", "yfzq/", column, MODEL, in_menu=False), in_menu=False)
    tree = (
        NEWS,
        SERVICE,
        _s("政务公开", "zwgk/", _disclosure(), _departments()),
        hidden,
        TALK,
        _s("专题专栏", "ztzl/", LAW),
    )
    return Plan(
        key="xishan", dialect="anchors", roster=STREETS[:6], silent=STREETS[5], tree=tree, sitemap=True
    )


def _sub_sites() -> Plan:
    """By TRS as in 重庆: each street is a site of its own below /jz/, with its own tree and folder names."""
    initials = ("qxjd", "hdjd", "wjjd", "ytz", "llz", "skz", "hlx", "qpx")
    streets = [
        _s(
            street,
            f"{slug}/",
            _s("动态信息", "dtxx/", noise=8),
            _s(
                "政务公开",
                f"zwgk_7{n}755/",
                _s(
                    "政府信息公开目录",
                    "zfxxgkml/",
                    _s(
                        "法治政府建设年度报告",
                        "fzndbg/",
                        units=(street,) if n < 7 else (),
                        title="{unit}{year}年法治政府建设年度报告",
                    ),
                    _s("财政预决算", "czyjs/", noise=4),
                ),
                YEARLY,
            ),
            in_menu=False,
        )
        for n, (street, slug) in enumerate(zip(STREETS, initials, strict=True))
    ]
    own = _s("政务公开", "zwgk_254/", _disclosure(_s("法治政府建设年度报告", "bg/", units=_reported())))
    tree = (NEWS, own, _s("街道乡镇", "jz/", *streets), _departments(), SERVICE, _s("专题专栏", "ztzl/", LAW))
    return Plan(key="nanping", dialect="trs", roster=STREETS, silent=STREETS[7], tree=tree)


PLANS: dict[str, Plan] = {
    plan.key: plan
    for plan in (
        _deep(),
        _filed_elsewhere(),
        _year_by_year(),
        _special(),
        _searched(),
        _directories(),
        _organs(),
        _deepest(),
        _streets_listed(),
        _framed(),
        _mapped(),
        _sub_sites(),
    )
}
