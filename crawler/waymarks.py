"""The words and folder names that stand on the way to a report column, with how much each promises."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

from archive.records import FrontierKind
from crawler.site import Unit


class Waymark(NamedTuple):
    """How much a link promises, as what, and why."""

    score: int
    """1 to 58: the crawl keeps higher priorities for declared and known columns."""
    kind: FrontierKind
    reason: str = ""


_HUB, _COLUMN = FrontierKind.HUB, FrontierKind.COLUMN

SEARCH = "站内搜索"
"""Column of the first page of a search's answer in the frontier: what marks it as one."""
SEARCH_FURTHER = "站内搜索（后页）"
WEAK_PRIORITY = 16
"""Of further pages of a column that shows nothing wanted and is not named like a report column."""

_NAME = re.compile(
    r"法治政府(?:建设)?(?:工作)?(?:情况)?(?:的)?(?:年度)?(?:工作)?(?:情况)?(?:报告|年报)?(?:公开|公示|专栏|专题)?$"
    r"|法治政府建设|法治政府年度报告|依法行政(?:工作)?(?:情况)?(?:年度)?(?:报告)?$|法治(?:建设|工作)?(?:年度)?报告"
)
_NOT_NAME = re.compile(r"示范|创建|培训|宣传|知识|考试|解读|答题|动态|要闻|新闻|纲要")

BUREAU = re.compile(r"^[\u4e00-\u9fff]{2,16}(?:局|委|委员会|办|办公室|中心|总队|支队|大队|管委会)$")
"""A department as a link names it: 区城市管理委, 司法局. Departments must report too (art. 24)."""

YEAR_COLUMN = re.compile(r"^(?:20\d\d)(?:年度?|年度?报告)?$")
"""A report column may have one sub-column for each year (facts: 海丰县 ``/ztzl/fzbg/2025/``)."""

GROUP = re.compile(
    r"^(?:[区县市省州旗](?:人民)?政府|(?:[区县市省]?(?:政府|直)?)?(?:部门|委办局|单位)|(?:各)?(?:镇街|街镇|乡镇街道|街道乡镇|乡镇|镇乡|街道|镇|乡镇\(街道\)))$"
)
"""Groups of publishers that a report column is divided into (facts: 北碚, 丰都)."""

DEPARTMENTS = re.compile(
    r"(?:部门|委办局|委局|单位|区直|县直|市直).{0,8}(?:公开|目录|平台|专栏)|^(?:区|县|市)?(?:政府)?(?:部门|委办局)$"
)
"""Names of lists of departments."""

COLUMN_SLUG = re.compile(
    r"fzzf|(?:^|_)fzbg|fzjs(?:nb|bg|ndbg)|(?:^|_)fzffj|(?:^|_)yfxz(?:bg|ndbg)", re.IGNORECASE
)
"""Folder names of report columns, with any unit before or after: ``fzzfjsndbg``, ``jz_fzzfjs``."""

WORDS: tuple[tuple[re.Pattern[str], Waymark], ...] = (
    (
        re.compile(r"^(?!.*(?:示范|创建|培训|宣传|解读|动态|新闻)).*法治政府.*(?:报告|年报)"),
        Waymark(58, _COLUMN),
    ),
    (re.compile(r"^(?:.{0,8})法治政府(?:建设)?(?:工作|情况|信息|专栏|专题)?$"), Waymark(57, _COLUMN)),
    (re.compile(r"^(?:.{0,6})(?:依法行政|法治建设)(?:工作|情况|报告|年度报告)*$"), Waymark(50, _COLUMN)),
    (
        re.compile(r"其[他它](?:依?法定|应当?|应主动|主动).{0,4}(?:公开|信息|内容)|其[他它]法定信息"),
        Waymark(48, _COLUMN),
    ),
    (re.compile(r"法定(?:主动)?公开|法定主动公开内容|主动公开(?:内容|目录|基本目录)"), Waymark(44, _HUB)),
    (
        re.compile(
            r"^(?:各|区属)?(?:镇街|街镇|乡镇街道|街道乡镇|乡镇|镇乡|街道|街乡镇?|镇|街道\(?(?:乡镇|镇)\)?|乡镇\(?街道\)?)"
            r"(?:园区|办事处|办)?(?:政府)?(?:信息|政务)?(?:公开)?(?:目录|平台|专栏|内容)?$"
        ),
        Waymark(40, _HUB),
    ),
    (re.compile(r"信息公开(?:目录|内容|专栏|平台|基本)"), Waymark(38, _HUB)),
    (re.compile(r"政府信息公开|^信息公开$"), Waymark(36, _HUB)),
    (re.compile(r"政务公开|^公开$|阳光政务"), Waymark(32, _HUB)),
    (DEPARTMENTS, Waymark(28, _HUB)),
    (re.compile(r"^(?:网站|站点)(?:地图|导航)$"), Waymark(45, _HUB)),
    (re.compile(r"依法治[国省市区县州旗]|^法治(?:建设|工作|政府)?(?:专栏|专题|之窗)?$"), Waymark(30, _HUB)),
    (re.compile(r"司法局"), Waymark(22, _HUB)),
    (re.compile(r"^(?:其他公文|其他文件|其他信息|其他)$"), Waymark(14, _HUB)),
    (
        re.compile(r"^(?:政府)?工作报告$|^(?:规划|工作)计划$|^规划(?:计划|信息)|^计划总结$|^工作总结$"),
        Waymark(10, _HUB),
    ),
    (re.compile(r"^专题专栏$|^通知公告$|^公示公告$|^工作动态$"), Waymark(6, _HUB)),
)
"""Link texts: the first lead to the column itself, the last are tried when nothing better is left."""

SLUGS: tuple[tuple[re.Pattern[str], Waymark], ...] = (
    (COLUMN_SLUG, Waymark(55, _COLUMN)),
    (re.compile(r"^(?:\w+_)?qtfd\w*|^qtgknr|^qtgkxx"), Waymark(47, _COLUMN)),
    (re.compile(r"^(?:\w+_)?fdzdgk\w*|^gknr\d*$|^fdgk\w*"), Waymark(43, _HUB)),
    (
        re.compile(
            r"^(?:zfxxgk_?)?(?:jz|xzjd|jdxz|zjyq|jdbsc|xzjdb|jzxxgk|xzxxgk|jdxxgk|zjxxgk|xxgk_zjyq|xz)(?:xxgk)?[_\d]*$"
        ),
        Waymark(39, _HUB),
    ),
    (re.compile(r"^zjyq_xxgk_\w+$|^zfxxgk_?jz\d*$|^zfxxgkml\w*$|^zfxxgkzl\d*$"), Waymark(38, _HUB)),
    (
        re.compile(r"^(?:zfxxgk|xxgk|govxxgk)(?:_?(?:[qxsz]?zf|ml|zl|pt|nr)\w{0,4})?[_\d]*$"),
        Waymark(35, _HUB),
    ),
    (re.compile(r"^zwgk(?:_\d+)?$|^gongkai$|^zwgk\w{0,6}$"), Waymark(31, _HUB)),
    (re.compile(r"^(?:wbj|bmxxgk|qzfbm|zfbm|bm)[_\d]*$"), Waymark(27, _HUB)),
    (re.compile(r"^gzbg\d*$|^ghjh\d*$|^ndgzjh$|^qtgw[_\d]*$|^qt\d*$"), Waymark(9, _HUB)),
)
"""Folder names (facts: columns.md, "Column slugs to look for")."""

NOT_AHEAD = re.compile(
    r"公开指南|公开制度|公开年报|公开(?:工作)?年度报告|公开工作年度|依申请|申请公开|公开意见箱|政策解读|预决算|预算|决算|政府公报|"
    r"公开年度|监督(?:投诉|举报)|政府采购|招标|人事任免|领导(?:之窗|信息|简介)|互动|信箱|办事|服务大厅"
)
"""Neighbours of the column inside public disclosure that never lead to it, however alike they sound."""

_TRAP_KEYS = frozenset((
    "date", "day", "month", "year", "y", "m", "d", "time", "week", "jsessionid", "phpsessionid",
    "phpsessid", "sessionid", "sid", "token", "ticket", "rand", "random", "_", "r", "keyword", "keywords",
    "key", "q", "wd", "word", "searchword", "search", "sort", "order", "orderby", "print", "lang", "page",
    "pageno", "pagenum", "pageindex", "currentpage", "start", "offset", "callback",
))  # fmt: skip
_TRAP_PATH = re.compile(
    r";jsessionid|/(?:search|so|sousuo|login|logon|register|user|member|rss|feed|calendar|rili|video|live|xinfang|mail|hudong|"
    r"hdjl|wza|znwd|english|en|big5|was5|mobile|wap|print)(?:/|\.|$)",
    re.IGNORECASE,
)
_LONGEST_URL = 400
_DEEPEST = 14


def is_column_name(name: str) -> bool:
    """True if a column of this name holds the reports: 法治政府建设年度报告, 法治政府建设情况 …."""
    name = re.sub(r"\s", "", name)
    return 0 < len(name) <= 30 and bool(_NAME.search(name)) and not _NOT_NAME.search(name)


def is_search(column: str | None) -> bool:
    """True for the frontier's column of a search or of a further page of its answer."""
    return column in {SEARCH, SEARCH_FURTHER}


def search_place(url: str) -> str:
    """What the searches of one engine have in common: host and path."""
    parts = urlsplit(url)
    return parts.netloc.lower().removeprefix("www.") + parts.path


def is_trap(url: str) -> bool:
    """True for addresses without an end: searches, calendars, sessions, mirrored or repeating paths."""
    parts = urlsplit(url)
    if len(url) > _LONGEST_URL or _TRAP_PATH.search(parts.path):
        return True
    if any(name.lower() in _TRAP_KEYS for name, _ in parse_qsl(parts.query, keep_blank_values=True)):
        return True
    steps = [step for step in parts.path.split("/") if step]
    return len(steps) > _DEEPEST or any(steps.count(step) > 2 for step in set(steps))


_KIND = re.compile(r"(?:街道办事处|人民政府|街道办|街道|办事处|地区|镇|乡|民族乡|街)$")


def unit_named(text: str, roster: Sequence[Unit]) -> str | None:
    """The roster's unit a short link text names, or None.

    华新街道, 华新街道办事处, 华新街 and 华新 all name 华新街道; a longer text (a news title) names nobody,
    and one character alone is no name.
    """
    bare = re.sub(r"\s|(?:政府)?信息公开(?:目录|专栏)?$|政务公开$", "", text)
    if not 2 <= len(bare) <= 16:
        return None
    core = _KIND.sub("", bare)
    for unit in roster:
        own = _KIND.sub("", unit.name)
        if bare in {unit.name, own} and len(own) >= 2:
            return unit.name
        if len(own) >= 2 and core == own:
            return unit.name
        if bare.endswith(unit.name) or bare.startswith(unit.name):
            return unit.name
    return None
