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

from archive.records import FrontierKind
from crawler.platforms import links
from crawler.platforms.base import Page
from crawler.platforms.furniture import MAX_LINKS, too_deep
from crawler.platforms.titles import text_of, title_of
from crawler.site import Site
from crawler.site_file import host_of
from crawler.waymarks import (
    BUREAU,
    COLUMN_SLUG,
    NOT_AHEAD,
    SLUGS,
    WORDS,
    Waymark,
    is_column_name,
    is_trap,
    unit_named,
)

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


def leads(page: Page, site: Site) -> list[Lead]:
    """The links of a page that are worth following towards a report column, best first.

    Only the site's hosts; no articles, files, searches, calendars or session addresses; each address once.

    Args:
        page: A home page, disclosure page, site map or list.
        site: The portal: its hosts and its roster.
    """
    inside = is_report_column(page)
    own = _identity(page.url)
    best: dict[str, Lead] = {}
    for address, text in islice(_ways(page), MAX_LINKS):
        url = _as_here(address, page.url)
        identity = _identity(url)
        if identity == own or not _allowed(url, site):
            continue
        mark = _judge(url, text, page, site, inside)
        if mark is None:
            continue
        if "specialurl=" in urlsplit(url).query:  # only the frame: the list itself is a lead of its own
            mark = Waymark(max(1, mark.score - 12), FrontierKind.HUB, mark.reason)
        lead = Lead(url=url, title=text or _slug(url), score=mark.score, reason=mark.reason, kind=mark.kind)
        known = best.get(identity)
        if known is None or lead.score > known.score:
            best[identity] = lead
    return sorted(best.values(), key=lambda lead: -lead.score)


def is_report_column(page: Page) -> str | None:
    """The name of the report column this page is, or None.

    Asked in this order: meta ColumnName, the last step of the breadcrumb, the page's title, the steps above,
    the folder names. An article of the column says the same of itself: only list pages may be asked.
    """
    tree = page.tree
    named = [
        str(value)
        for value in tree.xpath("//meta[translate(@name,'COLUMNAE','columnae')='columnname']/@content")
    ]
    crumbs = _breadcrumb(page)
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


def _breadcrumb(page: Page) -> list[str]:
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
                    return steps
            element = element.getparent()
            if element is None:
                break
    return []


def _ways(page: Page) -> Iterator[tuple[str, str]]:
    """Every address the page names with its words: links, regions, frames, options, opened windows."""
    base = links.base_of(page)
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
            href = opened[1] if opened else ""
        url = links.join(base, href) if href else None
        if url is None or too_deep(element):
            continue
        text = title_of(element) if tag in {"a", "area"} else links.squeeze(element.text_content())
        yield (
            _list_start(url),
            text[:_LONGEST_TEXT] if tag in {"a", "area", "option"} or len(text) < 20 else "",
        )
        yield from _framed(url, text)
    yield from _framed(page.url, "")


def _framed(url: str, text: str) -> Iterator[tuple[str, str]]:
    """The list inside an Epoint frame: ``openSubPage.html?specialurl=/…/govlist.html&righttitle=…``."""
    parts = links.parts_of(url)
    if parts is None or "specialurl=" not in parts.query:
        return
    query = parse_qs(parts.query)
    inner = links.join(url, query["specialurl"][0]) if query.get("specialurl") else None
    if inner is not None:
        yield inner, links.squeeze(query.get("righttitle", [text])[0])[:_LONGEST_TEXT]


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


def _judge(url: str, text: str, page: Page, site: Site, inside: str | None) -> Waymark | None:
    if NOT_AHEAD.search(text):
        return None
    found: list[Waymark] = []
    found.extend(
        Waymark(mark.score, mark.kind, f"link text {text}") for pattern, mark in WORDS if pattern.search(text)
    )
    if inside is not None and _below(url, page.url):
        found.append(Waymark(_SUBCOLUMN.score, _SUBCOLUMN.kind, f"{_SUBCOLUMN.reason} {inside}"))
    slug = _slug(url).lower()
    found.extend(
        Waymark(mark.score, mark.kind, f"folder {slug}") for pattern, mark in SLUGS if pattern.search(slug)
    )
    if (unit := unit_named(text, site.roster)) is not None:
        near = _DISCLOSURE.search(urlsplit(url).path) or _DISCLOSURE.search(urlsplit(page.url).path)
        mark = _UNIT if near else _UNIT_ASIDE
        found.append(Waymark(mark.score, mark.kind, f"{mark.reason}: {unit}"))
    if BUREAU.match(text) and _below(url, page.url) and _DISCLOSURE.search(urlsplit(url).path):
        found.append(Waymark(_BUREAU.score, _BUREAU.kind, f"{_BUREAU.reason}: {text}"))
    if not found and "specialurl=" in urlsplit(page.url).query and url.endswith("list.html"):
        found.append(_FRAME)
    return max(found, key=lambda mark: mark.score, default=None)


def _below(url: str, page_url: str) -> bool:
    own, other = links.folder_of(page_url), links.folder_of(url)
    return other.startswith(own) and other != own
