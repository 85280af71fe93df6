"""Lists that come as JSON, whoever made them: one reader for the interfaces of all portals.

Nothing here knows a portal. The list of records, its fields, the number of rows and pages are found by the names of
keys and the shape of values; tried on the search interfaces of 天津, 陕西, 重庆, 内蒙古, 广东, 福建, 浙江 and 国务院,
each of which has its own shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crawler.platforms import jsontext, turning
from crawler.platforms.base import Entry, Listing, Page
from crawler.platforms.channel_search import is_search
from crawler.platforms.epoint_detail import article_in
from crawler.platforms.jsonerror import TOTALS, error_of, plain, whole
from crawler.platforms.jsonfields import Fields, Record, bare, fields_of
from crawler.platforms.jsontext import Path
from crawler.platforms.jsonvalues import day_of_address, text_of
from crawler.platforms.links import join
from crawler.platforms.pager import MAX_PAGES, Pager

NO_LIST = "no list in this JSON answer"
NO_FIELDS = "the records of this JSON answer have no title or no address"
NO_JSON = "the interface answered with something else than JSON"
_COUNTS = (
    "totalpages",
    "totalpage",
    "pagecount",
    "pagetotal",
    "pages",
    "lastpage",
    "maxpage",
    "pagenums",
    "allpage",
)
_SIZES = (
    "pagesize",
    "perpage",
    "pagerows",
    "numperpage",
    "prepage",
    "limit",
    "rows",
    "size",
    "pagelimit",
    "psize",
)
_HERE = (
    "pagenumber",
    "pageno",
    "pagenum",
    "currentpage",
    "curpage",
    "pageindex",
    "page",
    "current",
    "pagecurrent",
)
_OFFSETS = ("offset", "fromindex", "startrow", "firstresult", "startindex")
_PAGERS = frozenset({"page", "pager", "paging", "pagination", "pageinfo", "pagebean", "pagevo", "pageable"})
_LABELS: Mapping[str, tuple[str, ...]] = {
    "索引号": ("idxid", "identifier", "indexnumber", "syh", "xxgkindexcode", "suoyinhao", "indexno"),
    "发布机构": ("fwjgname", "puborg", "publisher", "publishdept", "fbjg", "sitedesc", "pubname", "fwjg"),
    "发文字号": ("fwzh", "fileno", "docno", "documentnumber", "filenumber", "pcode", "wenhao", "docnum"),
}
_HELD = frozenset({"highlight", "highlights", "similarly", "relatedposts", "attachment", "attachments"})
"""Objects inside a record that repeat it or stand beside it."""


@dataclass(frozen=True, kw_only=True)
class _List:
    """One list of records inside an answer."""

    path: Path
    records: tuple[Record, ...]
    fields: Fields


class JsonLists:
    """Answers of list and search interfaces in JSON."""

    name = "json"
    containers: tuple[str, ...] = ("div.ewb-article-info",)

    def recognises(self, page: Page) -> bool:
        """True for a JSON answer, and for whatever an interface that is asked for JSON answers."""
        return jsontext.load(page.text) is not None or is_search(page.url)

    def listing(self, page: Page) -> Listing:
        """Reads the records of an answer."""
        return read_json(page)

    def article(self, page: Page) -> Page:
        """The article inside an answer as a page of its own; any other page unchanged."""
        article = article_in(page.text)
        if article is None:
            return page
        return Page(page.url, article.markup().encode("utf-8"), "text/html; charset=utf-8")


def read_json(page: Page, *, turn: str | None = None) -> Listing:
    """Reads a JSON answer as a list page.

    Args:
        page: The answer; its address may be that of a POST.
        turn: The parameter that turns pages where the request does not carry it yet.

    Returns:
        Entries in the order of the answer; a failure where it reports one, or holds no list that can be read.
    """
    value = jsontext.load(page.text)
    if value is None:
        return Listing(entries=(), failure=NO_JSON)
    if why := error_of(value):
        return Listing(entries=(), failure=f"the interface failed: {why}")
    found = _lists(value)
    if not found:
        records = any(
            isinstance(node, list) and node and isinstance(node[0], dict) for _, node in jsontext.walk(value)
        )
        if _counters(value, ()).get("total") == 0:
            return Listing(entries=(), total=0, page_count=1, page_number=0)
        return Listing(entries=(), failure=NO_FIELDS if records else NO_LIST)
    read = [entry for one in found for entry in _entries(page, one)]
    entries: dict[str, Entry] = {}
    for entry in read:
        entries.setdefault(entry.url, entry)
    rows = sum(len(one.records) for one in found)
    pager = _pager(page, value, found, rows, turn)
    unread = rows - len(read)
    lacking = (f"{unread} of {rows} records have no title or no address",) if unread else ()
    return Listing(
        entries=tuple(entries.values()),
        pages=pager.pages,
        total=pager.total,
        page_count=pager.page_count,
        page_number=pager.page_number,
        warnings=(*pager.warnings, *lacking),
    )


def read_records(page: Page, records: Sequence[Record]) -> tuple[Entry, ...]:
    """The entries of records that stand elsewhere than in an answer (a page's script); empty if they are none.

    Args:
        page: Where they stand, for relative addresses.
        records: Objects of one shape.
    """
    fields = fields_of(records)
    if fields is None:
        return ()
    found = {e.url: e for e in _entries(page, _List(path=(), records=tuple(records), fields=fields))}
    return tuple(found.values())


def _lists(value: object) -> list[_List]:
    """The lists that make up the answer: the best one, and those beside it whose records have the same fields."""
    candidates: list[_List] = []
    for path, node in jsontext.walk(value):
        if not isinstance(node, list) or any(_within(path, one.path) for one in candidates):
            continue
        records = tuple(_flat(item) for item in node if isinstance(item, dict))
        if records and (fields := fields_of(records)) is not None:
            candidates.append(_List(path=path, records=records, fields=fields))
    if not candidates:
        return []
    best = max(candidates, key=lambda one: (bool(one.fields.days), len(one.records), -len(one.path)))
    same = (best.fields.titles[0], best.fields.addresses[0])
    return [one for one in candidates if (one.fields.titles[0], one.fields.addresses[0]) == same]


def _within(path: Path, outer: Path) -> bool:
    return len(path) > len(outer) and path[: len(outer)] == outer


def _flat(item: Mapping[str, Any], prefix: str = "", depth: int = 0) -> dict[str, Any]:
    """A record with its inner objects flattened: some portals wrap each one (``{"score": …, "data": {…}}``)."""
    flat: dict[str, Any] = {}
    for name, inner in item.items():
        if isinstance(inner, dict):
            if depth < 2 and plain(name) not in _HELD:
                flat |= _flat(inner, f"{prefix}{name}.", depth + 1)
        elif not isinstance(inner, list):
            flat[f"{prefix}{name}"] = inner
    return flat


def _entries(page: Page, one: _List) -> Iterator[Entry]:
    for record in one.records:
        title = one.fields.title(record)
        url = join(page.url, one.fields.address(record) or "#")
        if title and url is not None:
            day = one.fields.day(record) or day_of_address(url)
            yield Entry(title=title, url=url, date=day, metadata=_details(record))


def _details(record: Record) -> dict[str, str]:
    named = {bare(name): value for name, value in record.items()}
    found: dict[str, str] = {}
    for label, names in _LABELS.items():
        value = next((text for name in names if (text := text_of(named.get(name)))), "")
        if value and len(value) <= 300:
            found[label] = value
    return found


# -- how many -----------------------------------------------------------------------------------


def _pager(page: Page, value: object, found: Sequence[_List], rows: int, turn: str | None) -> Pager:
    common = _common([one.path[:-1] for one in found])
    counters = _counters(value, common)
    total = counters.get("total")
    if total is not None and total < rows:
        total = None
    size, count = counters.get("size"), counters.get("count")
    parameter = turning.page_parameter(page.url, [n for n in (counters.get("here"),) if n is not None])
    if parameter is None and turn is not None:
        parameter = (turn, 1)
    offset = counters.get("offset")
    number = _number(parameter, counters.get("here"), offset, size)
    if total is not None and (size is None or size < rows):
        # What an answer calls its size may be something else; a first page that is not the last shows it.
        size = (
            offset // number if offset and number else rows if number in {0, None} or rows == total else None
        )
    if count is None and total is not None and size:
        count = max(1, -(-total // size))
    if count is not None and number is not None and number >= max(count, 1):
        count = number + 1
    return _turned(page, total, count, number, parameter)


def _turned(
    page: Page, total: int | None, count: int | None, number: int | None, parameter: tuple[str, int] | None
) -> Pager:
    warnings: list[str] = []
    pages: tuple[str, ...] = ()
    if count is not None and count > 1 and parameter is not None:
        if count > MAX_PAGES:
            warnings.append(f"the interface states {count} pages, only {MAX_PAGES} are followed")
        first = parameter[1] - number if number is not None else 1
        numbers = range(first + 1, first + min(count, MAX_PAGES))
        pages = tuple(turning.turned(page.url, parameter[0], n) for n in numbers if n != parameter[1])
    elif count is not None and count > 1:
        warnings.append(f"the interface states {count} pages, and the request names no page to turn")
    return Pager(pages=pages, total=total, page_count=count, page_number=number, warnings=tuple(warnings))


def _number(
    parameter: tuple[str, int] | None, stated: int | None, offset: int | None, size: int | None
) -> int | None:
    """The 0-based number of this page: by the request, else as stated.

    Interfaces count from 1 unless page 0 is asked for or the rows before this page say otherwise.
    """
    value = parameter[1] if parameter is not None else stated
    if value is None:
        return None
    told = offset is not None and size is not None and stated in {None, value}
    from_zero = value == 0 or (told and offset == value * (size or 0))
    return value if from_zero else value - 1


def _common(paths: Sequence[Path]) -> Path:
    shared: list[str | int] = []
    for steps in zip(*paths, strict=False):
        if len(set(steps)) > 1:
            break
        shared.append(steps[0])
    return tuple(shared)


def _counters(value: object, around: Path) -> dict[str, int]:
    """Rows, rows per page, pages, number of this page and offset, as stated nearest to the list.

    Args:
        value: The answer.
        around: The way to what holds the list.
    """
    names = {"total": TOTALS, "size": _SIZES, "count": _COUNTS, "here": _HERE, "offset": _OFFSETS}
    found: dict[str, int] = {}
    for holder in _holders(value, around):
        for what, known in names.items():
            if what in found:
                continue
            stated = {plain(name): whole(inner) for name, inner in holder.items()}
            number = next((count for name in known if (count := stated.get(name)) is not None), None)
            if number is not None:
                found[what] = number
    return found


def _holders(value: object, around: Path) -> Iterator[Mapping[str, Any]]:
    """The objects that may count the list: what holds it, the pagers beside it, then the same further out."""
    steps = [node for node in _along(value, around) if isinstance(node, dict)]
    for node in reversed(steps):
        yield node
        inner = [(plain(name), child) for name, child in node.items() if isinstance(child, dict)]
        yield from (child for name, child in inner if name in _PAGERS)
    if len(steps) == 1:  # nothing holds a list: an answer without rows, or a bare list
        yield from (child for child in steps[0].values() if isinstance(child, dict))


def _along(value: object, path: Path) -> Iterator[object]:
    """What stands on the way to a list, outermost first."""
    node = value
    yield node
    for step in path:
        children = node if isinstance(node, dict) else dict(enumerate(node)) if isinstance(node, list) else {}
        inner = children.get(step)
        node = jsontext.load(inner) if isinstance(inner, str) else inner
        yield node
