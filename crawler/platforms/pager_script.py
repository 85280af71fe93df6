"""Pagers drawn by a script: ``createPageHTML(20, 0, "index", "html")`` and its kin, ``pageChnlInfo``."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from crawler.platforms import links
from crawler.platforms.base import Page
from crawler.platforms.pager import MAX_PAGES, Pager

_CALL = re.compile(
    r"(?<!function )(?<![\w$.])(?:create\w*page\w*|\w*page(?:html|nav|bar|list)\w*|fenye\w*)"
    r"\s*\(([^(){};]{3,300})\)",
    re.IGNORECASE,
)
_BLOCK_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_LINE_COMMENT = re.compile(r"(?m)(?:^|(?<=[\s;{}]))//(?!-->)[^\n]*")
_ASSIGNED = r"(?<![\w$.])%s\s*=\s*(?:parseInt\()?\s*[\"']?(\d{1,7})[\"']?"
_NUMBER = re.compile(r"^[\"']?\s*(-?\d{1,7})\s*[\"']?$")
_STRING = re.compile(r"^[\"']([^\"']*)[\"']$")
_EXTENSION = re.compile(r"^\.?(s?html?|jsp|php|aspx|xml)$", re.IGNORECASE)
_NAME = re.compile(r"^[\w.~%/-]{1,120}$")


def scripts_of(page: Page) -> str:
    """All inline scripts without their comments."""
    texts = (str(text) for text in page.tree.xpath("//script/text()"))
    code = "\n".join(texts)
    return _LINE_COMMENT.sub("", _BLOCK_COMMENT.sub("", code))


def script_pager(page: Page) -> Pager:
    """Reads the call that draws the pager of TRS WCM and its kin.

    Met argument orders: ``(pages, current, name, ext[, rows])`` with ``current`` from 0 (ndrc, 广西) and
    ``(element id, pages, current, name, ext, rows)`` with ``current`` from 1 (湖南). Page *n* (from 0) is
    ``name_n.ext`` in the first, ``name_{n+1}.ext`` in the second; the first page has no number in both.
    Arguments may be variables set in the same script (``var countPage = 12``).
    """
    code = scripts_of(page)
    for call in _CALL.finditer(code):
        pager = _from_arguments(page, call[1], code)
        if pager is not None:
            return pager
    return Pager()


def _from_arguments(page: Page, arguments: str, code: str) -> Pager | None:
    numbers: list[int] = []
    words: list[str] = []
    one_based = False
    for raw in arguments.split(","):
        argument = raw.strip()
        if match := _NUMBER.match(argument):
            numbers.append(int(match[1]))
        elif match := _STRING.match(argument):
            one_based = one_based or not numbers
            words.append(match[1].strip())
        elif re.fullmatch(r"[A-Za-z_$][\w$]*", argument):
            assigned = re.search(_ASSIGNED % re.escape(argument), code)
            named = re.search(rf"(?<![\w$.]){re.escape(argument)}\s*=\s*[\"']([\w./-]+)[\"']", code)
            if assigned:
                numbers.append(int(assigned[1]))
            elif named:
                words.append(named[1])
            else:
                return None
        else:
            return None
    if one_based:
        words = words[1:]
    if len(numbers) < 2 or len(words) < 2 or not _EXTENSION.match(words[1]) or not _NAME.match(words[0]):
        return None
    count, current = numbers[0], numbers[1] - one_based
    total = numbers[2] if len(numbers) > 2 else None
    if count < 0 or current < 0 or (current >= count > 0):
        return None
    return numbered(
        page,
        name=words[0],
        extension=words[1].lstrip("."),
        count=count,
        current=current,
        total=total,
        first=1 + one_based,
    )


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
    """Reads ``pageChnlInfo`` (TRS in 福建): rows and rows per page; what is not inlined needs a POST search.

    Args:
        page: The list page.
        entries: Rows found inlined on it.
    """
    match = _CHANNEL.search(scripts_of(page))
    if match is None:
        return Pager()
    total = _field(match[1], "recordCount")
    per_page = _field(match[1], "prepage") or 15
    if total is None:
        return Pager()
    static = (_field(match[1], "maxStaticIndex") or 1) * per_page
    warnings: tuple[str, ...] = ()
    if total > entries:
        behind = f"what goes beyond {static} lies behind a POST search"
        warnings = (f"the site states {total} rows, {entries} are on the page; {behind}",)
    return Pager(total=total, page_count=1 if total <= entries else None, page_number=0, warnings=warnings)


def _field(text: str, name: str) -> int | None:
    found = re.search(_FIELD % name, text)
    return int(found[1]) if found else None
