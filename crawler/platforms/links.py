"""What a link's address and words say about what stands behind it."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

from lxml.html import HtmlElement

from crawler.canonical import without_visit
from crawler.platforms.base import Page

_SPACE = re.compile(r"[\s\u00a0\u3000\u200b\ufeff]+")
_TRS_ARTICLE = re.compile(r"/t(?:\d{8}_\d+|_?\d{4,})\.s?html?$", re.IGNORECASE)
_ARTICLE = re.compile(
    r"/(?:t(?:\d{8}_\d+|_?\d{4,})\.s?html?"
    r"|art_\w+\.html?|post_\d+\.s?html?|content_\d+(?:\.s?html?)?|pnidpv\d+\.s?html?"
    r"|[0-9a-f]{24,40}(?:\.s?html?|/index\.s?html?)?|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:\.s?html?)?"
    r"|(?:[\w-]*[_-])?\d{4,}(?:[_-]\d+)?\.(?:[sj]?html?|jsp|aspx|php)|c?\d{4,}/content\.s?html?|\d{5,}"
    r"|\d{6,}/index\.s?html?"
    r"|(?:info|contents?|detail|openness)/(?:\w+/)*\d{3,}\.s?html?"
    r")$",
    re.IGNORECASE,
)
_LISTS = re.compile(
    r"/(?:(?:channels?|columns?|category)/\d+(?:_\d+)?|showList/\d+/page_\d+|list/[0-9a-f-]{32,36})(?:\.s?html?)?$",
    re.IGNORECASE,
)
"""Numbered lists, not articles: SiteServer ``/channels/6346.html``, 安徽 ``/content/column/6806161`` and
``/News/showList/5511/page_1.html``, 四川 ``/xinwen/list/<uuid>.html``."""
_ARTICLE_QUERY = re.compile(
    r"(?:^|&)(?:id|infoid|articleid|docid|contentid|newsid|wbnewsid)=[\w-]{2,}", re.IGNORECASE
)
_FILE = re.compile(r"\.(?:pdf|docx?|xlsx?|pptx?|wps|ofd|zip|rar|txt|et|ceb)$", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default|home)(?:_\d+)?\.(?:s?html?|jsp|aspx|php)$", re.IGNORECASE)

GENERIC = frozenset((
    "查看", "查看详情", "查看详细", "详情", "详细", "详细信息", "详细内容", "点击查看", "点击查看详情",
    "阅读", "阅读全文", "全文", "下载", "点击下载", "附件", "附件下载", "进入", "打开", "解读", "政策解读",
    "相关解读", "图解", "文字解读", "more", "view", "detail",
))  # fmt: skip
"""Words of a link that say nothing of what stands behind it."""
NAVIGATION = frozenset((
    "首页", "网站首页", "返回首页", "本站首页", "主页", "上一页", "下一页", "上页", "下页", "尾页", "末页",
    "最后一页", "第一页", "前一页", "后一页", "跳转", "确定", "go", "更多", "更多>>", "更多>", "查看更多",
    "more", "more>>", ">>", ">", "<", "<<", "»", "«", "…", "...", "返回", "返回顶部", "返回上级", "关闭",
    "关闭窗口", "打印", "打印本页", "网站地图", "站点地图", "设为首页", "加入收藏", "收藏本站", "联系我们",
    "关于我们", "网站声明", "隐私声明", "版权声明", "网站纠错", "我要纠错", "无障碍", "无障碍浏览",
    "无障碍阅读", "进入无障碍", "关怀版", "长者模式", "长者版", "适老化", "老年版", "繁体", "繁體", "简体",
    "english", "登录", "注册", "个人中心", "退出", "搜索", "检索", "高级搜索", "高级检索", "rss", "订阅",
    "分享", "收藏", "微信", "微博", "手机版", "移动版", "客户端", "公众号",
))  # fmt: skip
"""Words of links that are part of every page's frame."""


def squeeze(text: str | None) -> str:
    """Runs of any white space, full-width and no-break included, become one space."""
    return _SPACE.sub(" ", text or "").strip()


def base_of(page: Page) -> str:
    """What relative addresses of the page are resolved against (``<base href>`` or its own URL)."""
    for href in page.tree.xpath("//base/@href"):
        return join(page.url, str(href)) or page.url
    return page.url


def join(base: str, href: str) -> str | None:
    """The absolute http(s) address of a link without its fragment and its session; None for everything else.

    Scripts, mail addresses, malformed addresses and bare fragments are no addresses of pages.
    """
    href = href.strip()
    if not href or href[0] == "#" or _is_call(href):
        return None
    try:
        parts = urlsplit(urljoin(base, re.sub(r"[\t\r\n]", "", href)))
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    parts = without_visit(parts._replace(netloc=parts.netloc.lower()))
    path = parts.path.replace(" ", "%20") or "/"
    while path.startswith("/../"):
        path = path[3:]
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query.replace(" ", "%20"), ""))


_QUOTED = re.compile(r"[\"']([^\"'\s<>]{1,500})[\"']")
_OPENS = re.compile(r"open|location|href|go|link|jump|view|show|detail|win", re.IGNORECASE)
_SCRIPTED = re.compile(
    r"^(?:https?://|\.{0,2}/)[^\s{}()]+$|^[\w./%-]+\.(?:[sj]?html?|jsp|aspx|php|pdf|docx?)(?:\?\S*)?$",
    re.IGNORECASE,
)


_DATA_ADDRESS = ("data-href", "data-url", "data-link", "data-src-href", "url", "_href", "linkurl")
"""Attributes from which a click handler takes the address of a row."""
_PLAIN_PATH = re.compile(r"^[\w./%-]+(?:\?[\w=&%.-]*)?$")


def opens_by_script(element: HtmlElement) -> bool:
    """True if the element may carry an address outside ``href``."""
    attributes = element.attrib
    return "onclick" in attributes or any(name in attributes for name in _DATA_ADDRESS)


def scripted_address(element: HtmlElement) -> str | None:
    """The address an element opens by script: ``onclick="window.open('/a/1.html')"``, ``javascript:go('1.html')``.

    Met where a list wants every click counted. Calls that name no address (``turn(2)``, Epoint's
    ``linkToNew('<uuid>')``) give None.
    """
    for name in _DATA_ADDRESS:
        written = (element.get(name) or "").strip()
        if _SCRIPTED.match(written) or (written and "/" in written and _PLAIN_PATH.match(written)):
            return written
    for name in ("onclick", "href"):
        code = element.get(name) or ""
        if (name == "href" and not _is_call(code)) or not _OPENS.search(code):
            continue
        for quoted in _QUOTED.finditer(code):
            if _SCRIPTED.match(quoted[1]):
                return quoted[1]
    return None


def _is_call(href: str) -> bool:
    scheme = href.split(":", 1)[0].strip().lower()
    return (
        scheme in {"javascript", "mailto", "tel", "data", "file", "about", "vbscript", "blob"} or "{{" in href
    )


def links_itself(text: str, shape: re.Pattern[str]) -> bool:
    """True if markup links an address of a shape on its own host: what links to other portals shows is theirs.

    Args:
        text: The markup.
        shape: Begins with the letters of a folder's name and ends with the closing quote.
    """
    for match in shape.finditer(text):
        before = text[max(match.start() - 80, 0) : match.start()]
        opened = max(before.rfind('"'), before.rfind("'"))
        if opened >= 0 and re.fullmatch(r"(?:\.\./|/)*(?:[\w-]+/)?", before[opened + 1 :]):
            return True
    return False


def parts_of(url: str) -> SplitResult | None:
    """``urlsplit`` for an address from outside; None if it is malformed."""
    try:
        return urlsplit(url)
    except ValueError:
        return None


def folder_of(url: str) -> str:
    """Scheme-less folder a URL stands in: ``host/a/b/``; compares http with https, www with bare host."""
    parts = parts_of(url)
    if parts is None:
        return ""
    host = parts.netloc.lower().removeprefix("www.")
    return host + parts.path.rsplit("/", 1)[0] + "/"


def is_trs_article(url: str) -> bool:
    """``tYYYYMMDD_ID.html``, ``t_ID.html``, ``tID.shtml``: the article names of TRS WCM."""
    parts = parts_of(url)
    return parts is not None and bool(_TRS_ARTICLE.search(parts.path))


def is_article(url: str) -> bool:
    """True if the address has the shape of one article or file, on any of the known platforms."""
    parts = parts_of(url)
    if parts is None:
        return False
    if _LISTS.search(parts.path) or "/public/column" in parts.path:
        return False
    return bool(_ARTICLE.search(parts.path) or _FILE.search(parts.path) or _ARTICLE_QUERY.search(parts.query))


def is_file(url: str) -> bool:
    """True if the address names a document or an archive, not a page."""
    parts = parts_of(url)
    return parts is not None and bool(_FILE.search(parts.path))


def is_folder(url: str) -> bool:
    """True if the address names a folder or its index page: a column, a hub or a home page."""
    parts = parts_of(url)
    if parts is None:
        return False
    return parts.path.endswith("/") or bool(_INDEX.search(parts.path))


def is_frame_word(title: str) -> bool:
    """True for words that belong to the frame of a page (首页, 下一页, 3, >>), never to an entry."""
    bare = title.strip(" []【】<>《》›»«·|→←").lower()
    return not bare or bare in NAVIGATION or title.lower() in NAVIGATION or bare.isdigit()
