"""Which links of an unknown portal lead to a report column, best first.

The columns carry many names and stand at depths from 2 to 8. What is common to them are the words of the
links on the way and the pinyin initials in the folder names: 政务公开 → 政府信息公开 → 街镇 → a street →
法定主动公开内容 → 法治政府建设年度报告. Scores only order the visits; what a page really is, its entries say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import parse_qs, unquote, urlsplit, urlunsplit

from lxml.html import HtmlElement

from archive.records import FrontierKind
from crawler.platforms import links
from crawler.platforms.base import Page
from crawler.platforms.furniture import MAX_LINKS, is_frame, too_deep
from crawler.platforms.gkmlpt import categories
from crawler.platforms.titles import text_of, title_of
from crawler.site import Site
from crawler.site_file import host_of
from crawler.waymarks import (
    BUREAU,
    COLUMN_SLUG,
    DEPARTMENTS,
    GROUP,
    NOT_AHEAD,
    SLUGS,
    WORDS,
    YEAR_COLUMN,
    Waymark,
    is_column_name,
    is_trap,
    unit_named,
)

_NAMED = Waymark(56, FrontierKind.COLUMN)
_SUBCOLUMN = Waymark(54, FrontierKind.COLUMN, "sub-column of a report column")
_FRAME = Waymark(45, FrontierKind.HUB, "list inside a frame")
_UNIT = Waymark(42, FrontierKind.HUB, "unit of the roster")
_UNIT_ASIDE = Waymark(18, FrontierKind.HUB, "unit of the roster, outside public disclosure")
_BUREAU = Waymark(26, FrontierKind.HUB, "department below its list")
_LONGEST_TEXT = 40
_PAGE_OF_LIST = re.compile(r"/(?:index|list)_\d{1,4}\.\w+$", re.IGNORECASE)
_INDEX = re.compile(r"/(?:index|default)\.\w+$", re.IGNORECASE)
_OPENED = re.compile(
    r"(?:window\.open|location(?:\.href)?\s*=|location\.(?:assign|replace))\s*\(?\s*['\"]([^'\"]+)['\"]"
)
_DISCLOSURE = re.compile(r"gk|zwgk|gongkai|xxgk|/jz/|/xz|fzzf", re.IGNORECASE)
_COLUMN_META = "//meta[translate(@name,'COLUMNAE','columnae')='columnname']/@content"
_LIST_PAGE = re.compile(
    r"(?:index|default|home|\w*list\w*|open\w*|\d{1,3})(?:_\d{1,4})?\.\w+$", re.IGNORECASE
)
"""Pages that stand for the folder they are in; others (``fzzfjs.htm`` of VSB) stand beside theirs."""
_COLUMN_ADDRESSES = (
    (re.compile(r"/\d{6}/t_?\d+(?:_\d+)?\.s?html?$"), "/"),
    (re.compile(r"/contents/(\d+)/\d+\.html$"), r"/channels/\1.html"),
    (re.compile(r"/art/\d{4}/\d{1,2}/\d{1,2}/art_(\d+)_\d+\.html$"), r"/col/col\1/index.html"),
)
"""TRS WCM, SiteServer, 大汉: the article's address holds its column's."""
_MOST_CRUMBS = 20
_STEP = re.compile(r"\s*[>›»》/|→]+\s*")
_CRUMB = re.compile(r"(?:当前|您的|您现在的|现在的?|所在|你的)位置\s*[:：]?")


@dataclass(frozen=True, kw_only=True)
class Lead:
    """A link worth following."""

    url: str
    title: str
    """Link text, or the folder's name where the link has none."""
    score: int
    """1 to 58; higher leads to a report column sooner."""
    reason: str
    kind: FrontierKind
    """COLUMN: it says of itself that it is the report column. HUB: it leads towards one."""
    column: str | None = None
    """Name of the report column it is a part of, if it is one of its sub-columns (2024年, 街道)."""


def leads(page: Page, site: Site) -> list[Lead]:
    """The links of a page that are worth following towards a report column, best first.

    Only the site's hosts; no articles, files, searches, calendars or session addresses; each address once.

    Args:
        page: A home page, disclosure page, site map or list.
        site: The portal: its hosts and its roster.
    """
    inside, departments = is_report_column(page), _lists_departments(page)
    own = _identity(page.url)
    best: dict[str, Lead] = {}
    for address, text, in_frame in islice(_ways(page), MAX_LINKS):
        url = _as_here(address, page.url)
        identity = _identity(url)
        if identity == own or not _allowed(url, site):
            continue
        mark = _judge(url, text, page, site, _Part(inside, in_frame=in_frame, departments=departments))
        if mark is None:
            continue
        if "specialurl=" in urlsplit(url).query:  # only the frame: the list itself is a lead of its own
            mark = Waymark(max(1, mark.score - 12), FrontierKind.HUB, mark.reason)
        lead = Lead(
            url=url,
            title=text or _slug(url),
            score=mark.score,
            reason=mark.reason,
            kind=mark.kind,
            column=inside if mark.reason.startswith(_SUBCOLUMN.reason) else None,
        )
        known = best.get(identity)
        if known is None or lead.score > known.score:
            best[identity] = lead
    best |= {lead.url: lead for lead in _directory(page)}
    return sorted(best.values(), key=lambda lead: -lead.score)


def column_of(page: Page, site: Site) -> list[Lead]:
    """The report column that an article says it stands in, by its breadcrumb, its meta or its address.

    Args:
        page: An article's page.
        site: The portal: its hosts and its roster.

    Returns:
        One lead, or none where the column's name does not say that it holds reports: 通知公告 is no way to them.
    """
    trail, steps = _trail(page)
    base = links.base_of(page)
    ways = (
        []
        if trail is None
        else [(links.join(base, a.get("href") or ""), text_of(a)) for a in trail.iter("a")]
    )
    named = [str(value) for value in page.tree.xpath(_COLUMN_META)]
    last = next((links.squeeze(name) for name in (*named, *steps[-2:]) if is_column_name(name)), "")
    for url, text in (*reversed(ways), (_column_address(page.url), last)):
        if url is None or not _allowed(url, site):
            continue
        mark = _judge(_as_here(url, page.url), text, page, site, _Part(None))
        if mark is not None and mark.kind is FrontierKind.COLUMN:
            return [
                Lead(
                    url=_as_here(url, page.url),
                    title=text or _slug(url),
                    score=_SUBCOLUMN.score,
                    reason=f"column of a report: {text or _slug(url)}",
                    kind=FrontierKind.COLUMN,
                )
            ]
    return []


def _column_address(url: str) -> str | None:
    """Where the list of an article's column stands, on platforms whose addresses tell it."""
    for shape, lists in _COLUMN_ADDRESSES:
        made, count = shape.subn(lists, url)
        if count:
            return made
    return None


def _directory(page: Page) -> list[Lead]:
    """The categories of a 广东 directory: they stand in a script, and an interface brings their rows."""
    if "gkmlpt" not in page.url:
        return []
    found = []
    for names, url in categories(page):
        above = next((name for name in names[:-1] if is_column_name(name)), None)
        marks = [
            mark for pattern, mark in WORDS if pattern.search(names[-1]) and mark.kind is FrontierKind.COLUMN
        ]
        if NOT_AHEAD.search(names[-1]) or not (marks or above):
            continue
        score = max([mark.score for mark in marks] + ([_SUBCOLUMN.score] if above else []))
        found.append(
            Lead(
                url=url,
                title=names[-1],
                score=score,
                reason=f"category {'/'.join(names[-2:])}",
                kind=FrontierKind.COLUMN,
                column=above,
            )
        )
    return found


def is_report_column(page: Page) -> str | None:
    """The name of the report column this page is, or None.

    Asked in this order: meta ColumnName, the last step of the breadcrumb, the page's title, the steps above,
    the folder names. An article of the column says the same of itself: only list pages may be asked.
    """
    tree = page.tree
    named = [str(value) for value in tree.xpath(_COLUMN_META)]
    _, crumbs = _trail(page)
    heads = [links.squeeze(str(text)) for text in tree.xpath("//title/text()")]
    titles = [re.split(r"\s*[-_|–—]+\s*|\s{2,}", head)[0] for head in heads]
    for name in [*named, *crumbs[-1:], *titles]:
        if is_column_name(name):
            return links.squeeze(name)
    above = [step for step in crumbs if is_column_name(step)]
    if above:
        return above[-1]
    if COLUMN_SLUG.search(urlsplit(page.url).path):
        spoken = [links.squeeze(name) for name in (*named, *crumbs[-1:], *titles)]
        return next((name for name in spoken if name), _slug(page.url))
    return None


def _lists_departments(page: Page) -> bool:
    """True for a page that is called 部门信息公开, 委办局 …: where columns are numbered no folder says so."""
    _, crumbs = _trail(page)
    heads = [
        re.split(r"\s*[-_|–—]+\s*", links.squeeze(str(text)))[0] for text in page.tree.xpath("//title/text()")
    ]
    return any(DEPARTMENTS.search(name) for name in (*crumbs[-1:], *heads) if len(name) <= _LONGEST_TEXT)


def _trail(page: Page) -> tuple[HtmlElement | None, list[str]]:
    """The breadcrumb: what holds it, and its steps."""
    for spot in page.tree.xpath("//text()[contains(., '位置')]")[:_MOST_CRUMBS]:
        element = spot.getparent()
        for _ in range(4):
            text = "" if element.tag in {"body", "html"} else text_of(element)
            if not text or len(text) > 200:
                break
            if match := _CRUMB.search(text):
                steps = [step.strip() for step in _STEP.split(text[match.end() :]) if step.strip()]
                if len(steps) < 2:
                    steps = [text_of(anchor) for anchor in element.iter("a")]
                if len(steps) >= 2:
                    return element, steps
            element = element.getparent()
            if element is None:
                break
    return None, []


def _ways(page: Page) -> Iterator[tuple[str, str, bool]]:
    """Every address the page names, with its words and whether it stands in the page's frame.

    Links, regions, frames, options, opened windows.
    """
    base = links.base_of(page)
    framing: dict[HtmlElement, bool] = {}

    def in_frame(element: HtmlElement) -> bool:
        above = element.getparent()
        if above is None:
            return False
        if above not in framing:
            framing[above] = is_frame(above) or in_frame(above)
        return framing[above]

    for element in page.tree.iter("a", "area", "iframe", "frame", "option", "li", "div", "span"):
        tag = element.tag
        href = ""
        if tag in {"a", "area"}:
            href = element.get("href") or ""
        elif tag in {"iframe", "frame"}:
            href = element.get("src") or ""
        elif tag == "option":
            href = element.get("value") or ""
            if "/" not in href:
                continue
        if tag not in {"iframe", "frame", "option"} and links.join(base, href) is None:
            opened = _OPENED.search(f"{element.get('onclick') or ''} {href}")
            href = opened[1] if opened else element.get("data-url") or element.get("data-href") or ""
        url = links.join(base, href) if href else None
        if url is None or too_deep(element):
            continue
        text = title_of(element) if tag in {"a", "area"} else links.squeeze(element.text_content())
        shown = text[:_LONGEST_TEXT] if tag in {"a", "area", "option"} or len(text) < 20 else ""
        yield _list_start(url), shown, in_frame(element)
        yield from _framed(url, text)
    yield from _framed(page.url, "")


def _framed(url: str, text: str) -> Iterator[tuple[str, str, bool]]:
    """The list inside an Epoint frame: ``openSubPage.html?specialurl=/…/govlist.html&righttitle=…``."""
    parts = links.parts_of(url)
    if parts is None or "specialurl=" not in parts.query:
        return
    query = parse_qs(parts.query)
    inner = links.join(url, query["specialurl"][0]) if query.get("specialurl") else None
    if inner is not None:
        yield inner, links.squeeze(query.get("righttitle", [text])[0])[:_LONGEST_TEXT], False


def _list_start(url: str) -> str:
    """A later page of a list leads to its first page: the rest follows from that one's pager."""
    parts = urlsplit(url)
    return (
        url[: url.index(parts.path)] + parts.path.rsplit("/", 1)[0] + "/"
        if _PAGE_OF_LIST.search(parts.path)
        else url
    )


def _as_here(url: str, page_url: str) -> str:
    """A link to the same portal under its other name (http for https, no www) keeps the page's own.

    Portals answer under all of them (facts: both schemes occur on one page), and one way is enough.
    """
    parts, own = urlsplit(url), urlsplit(page_url)
    if parts.netloc.removeprefix("www.") == own.netloc.lower().removeprefix("www."):
        return urlunsplit(parts._replace(scheme=own.scheme, netloc=own.netloc.lower()))
    return url


def _identity(url: str) -> str:
    """``/x/`` and ``/x/index.html``, http and https are one page."""
    parts = urlsplit(url)
    path = _INDEX.sub("/", parts.path)
    return f"{parts.netloc.lower().removeprefix('www.')}{path}?{parts.query}"


def _allowed(url: str, site: Site) -> bool:
    return (
        host_of(url) in site.hosts
        and not links.is_article(url)
        and not is_trap(url)
        and urlsplit(url).path not in {"", "/"}
    )


def _slug(url: str) -> str:
    """The folder a page stands in: ``/zwgk/fzzfjs/index.html`` → ``fzzfjs``."""
    path = _INDEX.sub("/", unquote(urlsplit(url).path))
    parts = [part for part in path.split("/") if part]
    return re.sub(r"\.\w+$", "", parts[-1]) if parts else ""


@dataclass(frozen=True)
class _Part:
    """Where on a page a link stands."""

    inside: str | None
    """Name of the report column the page is."""
    in_frame: bool = True
    """In the page's menus, header or footer, which are the same on all pages."""
    departments: bool = False
    """The page calls itself a list of departments."""


def _judge(url: str, text: str, page: Page, site: Site, part: _Part) -> Waymark | None:
    if NOT_AHEAD.search(text):
        return None
    found: list[Waymark] = []
    found.extend(
        Waymark(mark.score, mark.kind, f"link text {text}") for pattern, mark in WORDS if pattern.search(text)
    )
    if is_column_name(text):
        found.append(Waymark(_NAMED.score, _NAMED.kind, f"link text {text}"))
    unit = unit_named(text, site.roster)
    if part.inside is not None and (_below(url, page.url) or _is_part(text, unit, part)):
        found.append(Waymark(_SUBCOLUMN.score, _SUBCOLUMN.kind, f"{_SUBCOLUMN.reason} {part.inside}"))
    slug = _slug(url).lower()
    found.extend(
        Waymark(mark.score, mark.kind, f"folder {slug}") for pattern, mark in SLUGS if pattern.search(slug)
    )
    if unit is not None:
        near = _DISCLOSURE.search(urlsplit(url).path) or _DISCLOSURE.search(urlsplit(page.url).path)
        mark = _UNIT if near else _UNIT_ASIDE
        found.append(Waymark(mark.score, mark.kind, f"{mark.reason}: {unit}"))
    listed = part.departments and not part.in_frame
    if BUREAU.match(text) and (listed or (_below(url, page.url) and _DISCLOSURE.search(urlsplit(url).path))):
        found.append(Waymark(_BUREAU.score, _BUREAU.kind, f"{_BUREAU.reason}: {text}"))
    if not found and "specialurl=" in urlsplit(page.url).query and url.endswith("list.html"):
        found.append(_FRAME)
    return max(found, key=lambda mark: mark.score, default=None)


def _is_part(text: str, unit: str | None, part: _Part) -> bool:
    """True for a sub-column by its name: a year anywhere on the page, a unit or a group of units beside the list."""
    return bool(YEAR_COLUMN.match(text)) or (
        not part.in_frame and (unit is not None or bool(GROUP.match(text)))
    )


def _below(url: str, page_url: str) -> bool:
    own, other = _own_folder(page_url), links.folder_of(url)
    return other.startswith(own) and (other != own or own != links.folder_of(page_url))


def _own_folder(url: str) -> str:
    """The folder a page stands for: ``/zwgk/fzzfjs.htm`` and ``/zwgk/fzzfjs/index.html`` for ``/zwgk/fzzfjs/``."""
    folder = links.folder_of(url)
    name = urlsplit(url).path.rpartition("/")[2]
    if not name or _LIST_PAGE.match(name):
        return folder
    return f"{folder}{name.partition('.')[0]}/"
