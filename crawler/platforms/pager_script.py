"""Pagers drawn by a script: ``createPageHTML(20, 0, "index", "html")`` and its kin, ``pageChnlInfo``."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from urllib.parse import urljoin

from lxml.html import HtmlElement

from crawler.platforms import links
from crawler.platforms.base import Page
from crawler.platforms.channel_search import search_pages
from crawler.platforms.pager import MAX_PAGES, Pager

_CALL = re.compile(
    r"(?<!function )(?<![\w$])(?:[\w$]+\.)*([\w$]*(?:page|paging|pager|fenye|fanye|turn)[\w$]*)"
    r"\s*\(((?:[^(){};]|\([^(){};]{0,40}\)){3,300})\)",
    re.IGNORECASE,
)
_TRS = re.compile(r"createPage(?:HTML)?\d?$", re.IGNORECASE)
"""TRS's own function: with the count first it counts from 0, whatever address the page was fetched by."""
_BLOCK_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_LINE_COMMENT = re.compile(r"(?m)(?:^|(?<=[\s;{}]))//(?!-->)[^\n]*")
_ASSIGNED = r"(?<![\w$.])%s\s*=\s*(?:parseInt\(|Number\()?\s*[\"']?(\d{1,7})[\"']?"
_NUMBER = re.compile(r"^(?:(?:parseInt|Number)\s*\(\s*)?[\"']?\s*(-?\d{1,7})\s*[\"']?(?:\s*,\s*10)?\s*\)?$")
_STRING = re.compile(r"^[\"']([^\"']*)[\"']$")
_DIGITS = re.compile(r"^[\"'](\d{1,12})[\"']$")
_EXTENSION = re.compile(r"^\.?([sj]?html?|jsp|php|aspx?|xml)$", re.IGNORECASE)
_NAME = re.compile(r"^[\w.~%/-]{1,120}$")
_ARGUMENT = re.compile(r"(?:[^,\"'(]|\"[^\"]*\"|'[^']*'|\([^)]*\))+")


def scripts_of(page: Page) -> str:
    """All inline scripts and ``onload`` attributes without their comments."""
    texts = (str(text) for text in page.tree.xpath("//script/text()|//body/@onload"))
    code = "\n".join(texts)
    return _LINE_COMMENT.sub("", _BLOCK_COMMENT.sub("", code))


def script_pager(page: Page) -> Pager:
    """Reads the call that draws the pager of TRS WCM and its kin.

    Met argument orders: ``(pages, current, name, ext[, rows])`` (ndrc, 广西), the same with a class name before the
    rows (景德镇), ``(element id, pages, current, name, ext, rows)`` with ``current`` from 1 (湖南, 海南, 江苏) and
    ``(name, ext, pages, current)``. Where ``current`` counts from 0, page *n* (from 0) is ``name_n.ext``; where it
    counts from 1, page *n* (from 1) is. The first page has no number in either. Arguments may be variables
    set in the same script (``var countPage = 12``) or wrapped (``parseInt("12")``).
    """
    code = scripts_of(page)
    for call in _CALL.finditer(code):
        pager = _from_arguments(page, call[2], code, trs=bool(_TRS.match(call[1])))
        if pager is not None:
            return replace(pager, element=_drawn_at(page, call[2]))
    return Pager()


def _drawn_at(page: Page, arguments: str) -> HtmlElement | None:
    """The script that holds a call: it writes the pager where it stands."""
    scripts = page.tree.iter("script")
    return next((script for script in scripts if arguments in (script.text or "")), None)


def _from_arguments(page: Page, arguments: str, code: str, *, trs: bool) -> Pager | None:
    read = _values(arguments, code)
    if read is None:
        return None
    numbers = [value for value in read if isinstance(value, int)]
    words = [(place, value) for place, value in enumerate(read) if isinstance(value, str)]
    found = next(
        (
            (place, name, extension)
            for (place, name), (_, extension) in itertools.pairwise(words)
            if _EXTENSION.match(extension) and _NAME.match(name) and read[place + 1] == extension
        ),
        None,
    )
    if found is None or len(numbers) < 2 or (found[0] != 0 and not any(isinstance(v, int) for v in read[:2])):
        return None
    place, name, extension = found
    count, current = numbers[0], numbers[1]
    extension = extension.lstrip(".")
    with_id = isinstance(read[0], str) and place != 0
    unnumbered = not re.search(rf"/{re.escape(name)}_\d+\.\w+$", page.url.partition("?")[0])
    one_based = current > 0 and (with_id or current == count or (unnumbered and not trs))
    current -= one_based
    if count < 0 or current < 0 or (current >= count > 0):
        return None
    total = max((number for number in numbers[2:] if number >= count), default=None)
    return numbered(
        page, name=name, extension=extension, count=count, current=current, total=total, first=1 + one_based
    )


def _ends_next(following: list[str]) -> bool:
    """True before the argument that is an extension: what stands there is a file's name, digits or not."""
    word = _STRING.match(following[0].strip()) if following else None
    return word is not None and bool(_EXTENSION.match(word[1].strip()))


def _values(arguments: str, code: str) -> list[int | str] | None:
    """The arguments of a call, variables resolved; None if one of them is neither number nor word."""
    values: list[int | str] = []
    raws = _ARGUMENT.findall(arguments)
    for place, raw in enumerate(raws):
        argument = raw.strip()
        if not argument:
            continue
        named_so = _DIGITS.match(argument)
        if named_so and _ends_next(raws[place + 1 : place + 2]):
            values.append(named_so[1])
        elif match := _NUMBER.match(argument):
            values.append(int(match[1]))
        elif match := _STRING.match(argument):
            values.append(match[1].strip())
        elif re.fullmatch(r"[A-Za-z_$][\w$]*", argument):
            assigned = re.search(_ASSIGNED % re.escape(argument), code)
            named = re.search(rf"(?<![\w$.]){re.escape(argument)}\s*=\s*[\"']([\w./-]+)[\"']", code)
            if assigned is None and named is None:
                return None
            values.append(int(assigned[1]) if assigned else named[1] if named else "")
        else:
            return None
    return values


def numbered(
    page: Page, *, name: str, extension: str, count: int, current: int, total: int | None, first: int
) -> Pager:
    """The pager of a column whose pages are files with a number in one folder.

    Args:
        page: The page it stands on.
        name: File name without number.
        extension: Without the dot.
        count: Pages in the column as stated.
        current: 0-based number of this page.
        total: Rows in the column as stated.
        first: The number in the file name of the second page.
    """
    warnings: tuple[str, ...] = ()
    last = min(count, MAX_PAGES)
    if count > MAX_PAGES:
        warnings = (f"pager states {count} pages, only {MAX_PAGES} are followed",)
    base = links.base_of(page)
    pages = tuple(
        urljoin(base, f"{name}_{n - 1 + first}.{extension}") for n in range(1, last) if n != current
    )
    return Pager(pages=pages, total=total, page_count=max(count, 1), page_number=current, warnings=warnings)


_CHANNEL = re.compile(r"pageChnlInfo\s*=\s*\{(.*?)\}", re.DOTALL)
_FIELD = r"%s\s*:\s*[\"']?(\d{1,7})"


def channel_pager(page: Page, entries: int) -> Pager:
    """Reads ``pageChnlInfo`` (TRS in 福建): rows and rows per page; what is not inlined is brought by a POST search.

    Args:
        page: The list page.
        entries: Rows found inlined on it.
    """
    code = scripts_of(page)
    match = _CHANNEL.search(code)
    if match is None:
        return Pager()
    total = _field(match[1], "recordCount")
    per_page = _field(match[1], "prepage") or 15
    if total is None:
        return Pager()
    static = (_field(match[1], "maxStaticIndex") or 1) * per_page
    if total <= entries:
        return Pager(total=total, page_count=1, page_number=0)
    count = -(-total // static)
    pages = search_pages(page, code, size=static, count=count)
    if not pages:
        lacking = (
            f"the site states {total} rows, {entries} are on the page; it does not tell where the others are"
        )
        return Pager(total=total, page_number=0, warnings=(lacking,))
    return Pager(pages=pages, total=total, page_count=count, page_number=0)


def _field(text: str, name: str) -> int | None:
    found = re.search(_FIELD % name, text)
    return int(found[1]) if found else None
