"""What "not there" and "broken" sound like on Chinese portals: soft 404s and error pages that come with status 200.

A statement counts where it stands alone, as a title or as a line of its own: lists and articles speak of missing pages,
too (通报 on websites of bureaus do so by profession), but inside longer sentences or as "关于…的通知".
"""

from __future__ import annotations

import re

from crawler.refusal_shape import Shape

LONGEST_LINE = 90
"""Characters of a line that still is only the statement."""
LATEST_START = 16
"""Characters before the statement: 抱歉，您要访问的 …"""
FEW_DATES = 1
"""Dates on a notice inside a portal's frame (today's); a list has one in every row."""

_PAGE = r"(?:页面|网页|该页|此页|本页|文件|文章|网址|地址|链接|URL|资源|目录|站点|站台|404页)"
_ITEM = r"(?:内容|信息|栏目|稿件|新闻|数据|记录|文档|资讯|专题|频道|附件|公文|政策|条目|参数)"
_LOST = (
    r"(?:并?不存在|没有找到|未(?:能)?找到|找不到|没找到|无法(?:找到|显示|访问|打开|浏览)|打不开"
    r"|(?:可能)?(?:已|已经|早已|或已|或者?)(?:被|经|经被)?(?:管理员|作者|系统|站长)?"
    r"(?:删除|移除|移动|移走|撤下|撤销|撤稿|下架|下线|清理|转移|迁移|更名|改名|失效|过期|关闭|停用|注销|归档)"
    r"|被(?:管理员|作者)?(?:删除|移除|撤销|屏蔽)|丢失|走丢|走失|不见了|消失了|迷路|飞走了|暂时?不可用|不能访问"
    r"|未发布|未(?:通过)?审核|不再可用)"
)
_MISSING_PAGE = re.compile(
    rf"{_PAGE}.{{0,12}}?{_LOST}|(?:找不到|没有找到|未找到|无法找到|没找到|不存在|没有).{{0,14}}?(?:该|此"
    rf"|这个)?{_PAGE}"
    r"|\b(?:error\s*[:：]?\s*)?404\b\s*(?:[-–—:：,，|]|not found|error|错误|页面|出错|啦|了|$)"
    r"|\bHTTP\s*(?:status|error|错误)?\s*[-–—:：]?\s*404"
    r"|(?:page|file|object|resource|requested URL|document)s?\b.{0,40}\b(?:not found|cannot be found"
    r"|does not exist|could not be found|was not found)",
    re.IGNORECASE,
)
_MISSING_ITEM = re.compile(
    rf"{_ITEM}.{{0,8}}?{_LOST}|(?:找不到|没有找到|未找到|无此|没有此|查无此).{{0,10}}?{_ITEM}|(?:抱歉|对不起"
    rf"|很遗憾|sorry).{{0,24}}?{_LOST}"
    r"|^(?:您|你)(?:访问|查看|浏览|请求|查找)的.{0,12}(?:不存在|已删除)",
    re.IGNORECASE,
)
_MISSING_TITLE = re.compile(
    rf"(?:(?:抱歉|对不起|很遗憾|sorry|哎呀|oh|oops|出错了|提示信息?|系统提示|温馨提示)[,，!！:：~～.…\s]*)*"
    rf"(?:您|你|您所|您要|你要)?(?:所|要)?(?:访问|查看|请求|浏览|查找)?的?(?:{_PAGE}|{_ITEM}).{{0,6}}?{_LOST}.{{0,8}}"
    rf"|(?:找不到|未找到|没有找到|无法找到).{{0,8}}{_PAGE}.{{0,4}}|(?:error)?[\s:：-]*404.{{0,16}}"
    rf"|.{{0,16}}\b404|.{{0,6}}404\s*(?:错误|页面|出错).{{0,6}}"
    r"|(?:page |object |file )?not found.{0,10}|.{0,12}page not found",
    re.IGNORECASE,
)

_BROKEN_LINE = re.compile(
    r"(?:服务器|系统|程序|网站|数据库|应用|接口|后台)(?:内部|运行|处理|发生|出现|连接|暂时|正在"
    r"|目前)*(?:了)?(?:未知|内部)?(?:的)?"
    r"(?:错误|异常|繁忙|忙|维护|升级维护|升级|故障|超时|出错|出现问题|开小差|失败)(?:中|了)?"
    r"|服务(?:暂时|当前)?(?:不可用|无法使用|已停止|异常)|(?:网站|站点|本站|系统|服务)(?:已|已经|暂时"
    r"|暂)(?:被)?(?:关闭|停用|停止(?:服务|访问)?|暂停(?:访问|服务)?)"
    r"|(?:站点创建成功|没有找到站点|未绑定(?:此|该)?域名|域名(?:已)?(?:过期|未备案|未绑定|停止解析|出售)"
    r"|网站(?:暂时)?(?:未备案|无法访问|建设中))"
    r"|(?:操作|请求|加载|访问|读取|查询|检索)(?:失败|出错|异常|超时)|参数(?:错误|异常|非法|不正确)|非法(?:参数"
    r"|请求|操作)|出错(?:了|啦)",
)
_BROKEN_TITLE = re.compile(
    r"(?:出错(?:了|啦)?|错误(?:提示|页面|信息)?|系统(?:提示|错误|异常|维护|升级)|error(?: page)?|runtime error"
    r"|server error"
    r"|(?:HTTP )?(?:error |status )?50\d.*|(?:HTTP )?(?:error |status )?40[03].*|internal server error"
    r"|bad gateway|service unavailable|gateway time-?out"
    r"|whitelabel error page|welcome to (?:nginx|centos|openresty|apache|tengine).*|IIS ?\d*.*|apache tomcat.*"
    r"|test page for.*|it works!?"
    r"|index of /.*|nginx error.*|网站(?:维护|升级|建设)(?:中|公告)?|(?:网站|系统)?(?:正在)?(?:维护|升级)中?"
    r"|站点创建成功|没有找到站点|恭喜[,，]?站点创建成功.*)",
    re.IGNORECASE,
)
_TRACE = re.compile(
    r"(?:java|javax|jakarta|org\.(?:apache|spring\w*|hibernate|mybatis)|com\.(?:mysql|microsoft|alibaba|trs"
    r"|hanweb)|System\.(?:Web|Data)|Microsoft)"
    r"\.[\w.]{2,80}(?:Exception|Error)\b|Whitelabel Error Page|Server Error in '[^']{0,60}' Application"
    r"|ORA-\d{5}|SQLSTATE\[|Fatal error: .{0,200} on line \d+"
    r"|Stack trace:|Traceback \(most recent call last\)|Microsoft OLE DB Provider|Warning: mysqli?_",
    re.IGNORECASE,
)
ABOUT = re.compile(
    r"[“”‘’]|关于|通知|公告|通报|报告|整改|问题|情况|《|办法|意见|方案|清理|开展|如何|怎么|什么|处理|说明|指南"
    r"|指引|案例|回复|答复|检查|抽查|普查|举措|流程|工作"
)
"""What makes a line speak of missing pages and firewalls instead of being one's."""
BYLINE = re.compile(r"发布(?:日期|时间)|来源\s*[:：]|特此(?:通知|公告|通报|说明)|发文字号|索引号|责任编辑")
"""What stands round an article and on no page of a firewall or a broken server."""
_DATE = re.compile(r"20\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}")
_SEPARATOR = re.compile(r"\s*[-_|–—·]+\s*|\s{2,}|\s*[>»]+\s*")


def says_missing(text: str) -> bool:
    """True if a short text says that a page is not there."""
    return bool(_MISSING_PAGE.search(text) or _MISSING_ITEM.search(text))


def missing(shape: Shape, *, bare: bool) -> str | None:
    """The words by which a page says that what was asked for is not there.

    Args:
        shape: The page, without a paragraph of running text.
        bare: It has no portal's frame round it: then it may also speak of 信息, 内容 … (a list in a frame says so of
            its filter, often in a hidden line).
    """
    if title := _title(shape, _MISSING_TITLE):
        return title
    patterns = (_MISSING_PAGE, _MISSING_ITEM) if bare else (_MISSING_PAGE,)
    return _line(shape, patterns, bare=bare)


def broken(shape: Shape, *, bare: bool) -> str | None:
    """The words by which a page says that something failed.

    Args:
        shape: The page, without a paragraph of running text.
        bare: It has no portal's frame round it; inside one only a title or a trace counts.
    """
    if title := _title(shape, _BROKEN_TITLE):
        return title
    trace = _TRACE.search(shape.words) or (_TRACE.search(shape.title) if shape.title else None)
    if trace:
        return trace.group(0)
    if not bare or BYLINE.search(shape.words):
        return None
    return _line(shape, (_BROKEN_LINE,), bare=bare)


def _title(shape: Shape, pattern: re.Pattern[str]) -> str | None:
    parts = [shape.title, *_SEPARATOR.split(shape.title)]
    return next((part for part in parts if part and not ABOUT.search(part) and pattern.fullmatch(part)), None)


def _line(shape: Shape, patterns: tuple[re.Pattern[str], ...], *, bare: bool) -> str | None:
    if not bare and len(_DATE.findall(shape.words)) > FEW_DATES:
        return None
    for block in shape.blocks:
        if len(block) > LONGEST_LINE or ABOUT.search(block):
            continue
        for pattern in patterns:
            if (found := pattern.search(block)) and found.start() <= LATEST_START:
                return found.group(0)
    return None
