"""The portal's own title search: a second way to reports, whatever column they were filed under.

Three kinds of search are asked, each with one fixed question, where a page of the portal offers it to everybody:

- TRS IGS answers JSON at ``/igs/front/search.jhtml?code=<32 hex>&siteId=…&searchWord=…&position=TITLE`` (met at 天津,
  重庆, 湖北, 南京, 西藏, 济源; without ``code`` the server fails). Code and site stand in a form, a link or a script;
- a form with GET and one field to type in (安徽 ``/site/search/<id>?keywords=``, 大汉 ``/jsearchfront/search.do?q=``,
  TRS WAS, UCAP, 帝国), or a script that opens an address ending in ``searchWord=``;
- 大汉's result page is empty: its rows come from a POST of the page's own parameters to ``interfaces/cateSearch.do``,
  as fragments of HTML in JSON (met at 山东, 江苏, 威海, 日照, 武威).

What a search answers is read as a list, by titles only, few pages of it. It counts for no column's completeness: an
index is never whole. robots.txt, which often forbids searching, is obeyed as for every request.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from lxml.html import HtmlElement

from archive.records import FrontierKind, How, Link, Verdict
from crawler import recognise
from crawler.hosts import host_problem
from crawler.platforms import jsontext, links
from crawler.platforms.base import Entry, Listing, Page
from crawler.platforms.lists import read_list
from crawler.platforms.pager_script import scripts_of
from crawler.platforms.post import post_address, split_post
from crawler.site import Site
from crawler.waymarks import SEARCH, SEARCH_FURTHER, search_place

QUESTION = "法治政府建设"
PRIORITY = 46
"""After links that call themselves the column, before the pages on the way to one."""
MOST_PAGES = 4
"""Pages of one search's answer. Ten to twenty titles each, newest or nearest first."""
MOST_FORMS = 2
"""Searches asked of one page: the portal's, and that of its public disclosure."""

_WORD_FIELD = re.compile(
    r"^(?:searchwords?|keywords?|key|kw|q|qt|wd|word|query|searchkey|searchtext|search_?text|title|textfield|words?|ss|s)$",
    re.IGNORECASE,
)
_HINT = re.compile(r"搜索|检索|关键[字词]|查找|查询")
_SEARCH_PATH = re.compile(
    r"search|sousuo|jsousuo|/so(?:/|$|\.)|/s(?:\?|$)|/ss(?:/|\.)|query|was5|jrobot|jpaas", re.IGNORECASE
)
_OPENED = re.compile(
    r"[\"'](?P<url>(?:https?://|\.{0,2}/)[^\"'\s<>]{1,300}[?&](?:searchwords?|keywords?|kw|q|qt|wd|word|query)=)[\"']\s*\+",
    re.IGNORECASE,
)
_CODE = re.compile(r"[?&]code=([0-9a-f]{32})(?=&|$)", re.IGNORECASE)
_ADDRESS = re.compile(r"[\"'](?P<url>[^\"'\s<>]{0,200}[?&]code=[0-9a-f]{32}[^\"'\s<>]{0,200})[\"']")
_IGS = "/igs/front/search.jhtml"
_TITLE_OPTION = re.compile(r"标题|题名")
_FIXED = frozenset({"hidden", "radio", "checkbox"})
_TYPED = frozenset({"text", "search", ""})
_VISITED = re.compile(r"(?:^|&)(?:url|link|target|href)=([^&]+)", re.IGNORECASE)
_INTERFACE = "interfaces/cateSearch.do"
_HANWEB = re.compile(r"/\w*search\w*/search\.do$", re.IGNORECASE)
_CATEGORY = re.compile(r"\bcateid['\"]?\s*[:=]\s*['\"]?(\d{1,9})", re.IGNORECASE)
_ROWS_PER_PAGE = "20"


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a search's answer leads to."""

    links: tuple[Link, ...]
    """Wanted titles, then further pages of the answer."""
    failure: str | None = None


def searches(page: Page, site: Site) -> tuple[Link, ...]:
    """The searches a page offers, with the question put in; none on foreign hosts.

    Args:
        page: Any page of the portal.
        site: Its hosts.
    """
    found: dict[str, Link] = {}
    for url in (*_igs(page), *_forms(page), *_scripted(page)):
        if host_problem(url, site.hosts) is None:
            found.setdefault(search_place(url), _link(url, SEARCH, "the portal's own title search"))
    return tuple(found.values())[:MOST_FORMS]


def read_search(page: Page, listing: Listing, site: Site, *, first: bool) -> Found:
    """Reads a search's answer by its titles.

    Args:
        page: The answer.
        listing: The same page as its platform reads it.
        site: Hosts a result may stand on.
        first: It is the first page: further ones follow from here only.
    """
    fragments = _fragments(page)
    if fragments is not None:
        listing = read_list(fragments)
    wanted = [link for entry in listing.entries if (link := _wanted(entry, site)) is not None]
    more: list[Link] = []
    if first and wanted:
        pages = (listing.pages or _interface_pages(page))[: MOST_PAGES - 1]
        more = [_link(url, SEARCH_FURTHER, "further page of a title search") for url in pages]
    elif first and not listing.entries:
        more = [_link(url, SEARCH, "rows of a title search") for url in _interface(page)]
    more = [link for link in more if host_problem(link.url, site.hosts) is None]
    return Found(links=(*wanted, *more), failure=None if fragments is not None else listing.failure)


def _link(url: str, column: str, reason: str) -> Link:
    return Link(
        url=url,
        kind=FrontierKind.HUB,
        how=How.DISCOVERED,
        title=f"{SEARCH}：{QUESTION}",
        priority=PRIORITY,
        reason=reason,
        column=column,
    )


def _wanted(entry: Entry, site: Site) -> Link | None:
    judged = recognise.judge_title(entry.title)
    url = _visited(entry.url)
    if judged.verdict is Verdict.NO or host_problem(entry.fetch_url or url, site.hosts) is not None:
        return None
    return Link(
        url=url,
        fetch_url=entry.fetch_url,
        kind=FrontierKind.ATTACHMENT if links.is_file(url) else FrontierKind.PAGE,
        how=How.DISCOVERED,
        title=entry.title,
        listed_date=entry.date,
        priority=40 if judged.verdict is Verdict.REPORT else 20,
        verdict=judged.verdict,
        reason=f"found by the portal's title search; {judged.reason}",
    )


def _visited(url: str) -> str:
    """The result behind a counter of visits: ``visit/link.do?url=http%3A%2F%2F…``."""
    for match in _VISITED.finditer(urlsplit(url).query):
        written = unquote(match[1])
        inner = links.join(url, written) if "://" in written else None
        if inner is not None:
            return inner
    return url


# -- asking -------------------------------------------------------------------------------------


def _igs(page: Page) -> Iterator[str]:
    """IGS, wherever its code is told: an address in a link or a script, or a form with hidden fields."""
    base = links.base_of(page)
    if "code=" not in page.text:
        return
    for match in _ADDRESS.finditer(page.text):
        url = links.join(base, html.unescape(match["url"]))
        if url is None or not (_IGS in url or _SEARCH_PATH.search(urlsplit(url).path)):
            continue
        asked = dict(parse_qsl(urlsplit(url).query))
        if _CODE.search(url) and asked.get("siteId"):
            yield _igs_address(url, asked)


def _igs_address(url: str, asked: dict[str, str]) -> str:
    parts = urlsplit(url)
    kept = {name: asked[name] for name in ("code", "siteId", "qyjb", "type") if asked.get(name)}
    question = {
        **kept,
        "searchWord": QUESTION,
        "position": "TITLE",
        "orderBy": "time",
        "timeOrder": "desc",
        "pageSize": "20",
        "pageNumber": "1",
    }
    return f"{parts.scheme}://{parts.netloc}{_IGS}?{urlencode(question)}"


def _forms(page: Page) -> Iterator[str]:
    base = links.base_of(page)
    for form in page.tree.iter("form"):
        if (form.get("method") or "get").strip().lower() != "get":
            continue
        url = links.join(base, form.get("action") or "")
        field = _word_field(form)
        if url is None or field is None or not _is_search_form(form, url, field):
            continue
        values = dict(parse_qsl(urlsplit(url).query)) | _fixed(form)
        if _IGS in url or ("siteId" in values and re.fullmatch(r"[0-9a-f]{32}", values.get("code", ""))):
            if "code" in values:
                yield _igs_address(url, values)
            continue
        values[field.get("name") or ""] = QUESTION
        yield f"{url.partition('?')[0]}?{urlencode(values)}"


def _word_field(form: HtmlElement) -> HtmlElement | None:
    """The one field of a form that a person types into; None where there are several, or a password."""
    typed = []
    for field in form.iter("input"):
        kind = (field.get("type") or "").strip().lower()
        if kind == "password":
            return None
        if kind in _TYPED and field.get("name"):
            typed.append(field)
    return typed[0] if len(typed) == 1 else None


def _is_search_form(form: HtmlElement, url: str, field: HtmlElement) -> bool:
    hint = f"{field.get('placeholder') or ''} {field.get('value') or ''} {field.get('title') or ''}"
    named = bool(_WORD_FIELD.match(field.get("name") or ""))
    marked = f"{form.get('id') or ''} {form.get('class') or ''} {form.get('name') or ''}"
    places = bool(_SEARCH_PATH.search(urlsplit(url).path)) or bool(_SEARCH_PATH.search(marked))
    return (named and (places or bool(_HINT.search(hint)))) or (places and bool(_HINT.search(hint)))


def _fixed(form: HtmlElement) -> dict[str, str]:
    """What the form sends beside the words: hidden fields, what is preset, the title rather than the full text."""
    values: dict[str, str] = {}
    for field in form.iter("input"):
        kind, name = (field.get("type") or "").strip().lower(), field.get("name")
        if not name or kind not in _FIXED:
            continue
        if kind == "hidden" or field.get("checked") is not None:
            values.setdefault(name, field.get("value") or "")
    for select in form.iter("select"):
        name, options = select.get("name"), list(select.iter("option"))
        titled = next((o for o in options if _TITLE_OPTION.search(o.text_content())), None)
        chosen = titled if titled is not None else next((o for o in options if o.get("selected")), None)
        if chosen is None and options:
            chosen = options[0]
        if name and chosen is not None:
            values[name] = chosen.get("value") or links.squeeze(chosen.text_content())
    return values


def _scripted(page: Page) -> Iterator[str]:
    """Searches that a script opens: ``location.href = "/search/index.html?siteid=1&keywords=" + …``."""
    base = links.base_of(page)
    for match in _OPENED.finditer(scripts_of(page)):
        url = links.join(base, html.unescape(match["url"]))
        if url is None or not _SEARCH_PATH.search(urlsplit(url).path):
            continue
        if _IGS in url:
            continue  # with its code it was read above, without it the server fails
        yield url + quote(QUESTION)


# -- 大汉 ---------------------------------------------------------------------------------------


def _interface(page: Page) -> tuple[str, ...]:
    """Where the rows of 大汉's empty result page come from."""
    parts = urlsplit(page.url)
    if not _HANWEB.search(parts.path):
        return ()
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    category = asked.get("cateid") or next((m[1] for m in _CATEGORY.finditer(page.text)), "")
    form = {
        "websiteid": asked.get("websiteid", ""),
        "q": asked.get("q") or QUESTION,
        "p": "1",
        "pg": _ROWS_PER_PAGE,
        "cateid": category,
        "pos": "title",
        "tpl": asked.get("tpl", ""),
    }
    url = links.join(page.url, _INTERFACE)
    return (post_address(url, form=form),) if url is not None and form["websiteid"] else ()


def _interface_pages(page: Page) -> tuple[str, ...]:
    """The further pages of an answer of that interface: its number of rows is stated, its pages are not."""
    post = split_post(page.url)
    value = jsontext.load(page.text)
    if post is None or _INTERFACE not in post.url or not isinstance(value, dict):
        return ()
    total = value.get("total")
    size = int(_ROWS_PER_PAGE)
    if not isinstance(total, int) or total <= size:
        return ()
    form = dict(post.fields)
    return tuple(
        post_address(post.url, form={**form, "p": str(number)}) for number in range(2, -(-total // size) + 1)
    )[: MOST_PAGES - 1]


def _fragments(page: Page) -> Page | None:
    """Rows that come as fragments of HTML in JSON, as a page of their own."""
    value = jsontext.load(page.text)
    rows = value.get("result") if isinstance(value, dict) else None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, str) for row in rows):
        return None
    inner = "".join(f'<li class="result">{row}</li>' for row in rows)
    base = split_post(page.url)
    folder = (base.url if base is not None else page.url).partition("interfaces/")[0]
    return Page(folder, f"<html><body><ul>{inner}</ul></body></html>".encode(), "text/html; charset=utf-8")
