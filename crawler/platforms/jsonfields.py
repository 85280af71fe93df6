"""Which field of a list's records is the title, which the address, which the date of publication.

Portals name them differently (``BT``, ``doctitle``, ``title_h``; 重庆 even ``f_202121500898``), so a field is judged
by its name where the name is known, and by the shape of its values in all records where it is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from crawler.platforms import links
from crawler.platforms.jsonvalues import day_of, day_of_address, is_address, is_title, text_of

Record = Mapping[str, Any]
"""One record, its nested objects flattened: ``data.title``."""

_TITLES = (
    "doctitle", "title", "bt", "biaoti", "subject", "htmlsubject", "infotitle", "showtitle", "articletitle", "titleo",
    "customtitle", "newstitle", "headline", "linktitle", "mc", "name", "titlestr", "zcdoctitle", "gkdoctitle",
    "titleh", "titletext", "titlehtml", "subtitle", "mingcheng", "doctitlehighlight", "topic", "filename", "xxmc",
)  # fmt: skip
_ADDRESSES = (
    "docpuburl", "url", "link", "href", "puburl", "docurl", "chnldocurl", "linkurl", "infourl", "articleurl",
    "pageurl", "htmlurl", "weburl", "detailurl", "visiturl", "contenturl", "posturl", "urlpath", "docpubhtmlurl",
    "publishurl", "fullurl", "linkto", "path", "redirecturl",
)  # fmt: skip
_PUBLISHED = (
    "fbrq", "fabushijian", "fabuDate", "publishdate", "publishtime", "publishedtimestr", "publishedtime", "pubdate",
    "pubtime", "pubdatestr", "pubtimestr", "releasetime", "releasedate", "docreltime", "docpubtime", "docrelpubtime",
    "docpubdate", "displaypublishtime", "deploytime", "fbsj", "infodate", "webdate", "showtime", "firstpublishtime",
    "firstpublishedtime", "gkrq", "publicdate", "issuedate", "issuetime", "displaydate",
)  # fmt: skip
_OTHER_DAYS = (
    "createdate", "createtime", "createdat", "crtime", "createddate", "date", "time", "datetime", "savetime",
    "writetime", "cwrq", "fwrq", "compaltedate", "ptime", "scrq", "inputtime", "addtime", "dateline", "docdate",
)  # fmt: skip
_NOT_DAYS = re.compile(
    r"oper|update|modif|mod|edit|index|warehouse|expire|end|invalid|fzrq|zxrq|sxrq|shixiao|check|tag"
)
_BESIDE = re.compile(
    r"column|channel|chnl(?!doc)|site|cat(?!_?title)|img|image|pic|photo|cover|thumb|logo|video|attach|file(?!name)|icon"
    r"|author|dept|org|source|publisher|keyword|abstract|summary|content|zw$|zy$|describ|memo"
)
"""Names of what stands beside the record's own title and address: its column, its picture, its publisher, its text."""
_TITLE_END = re.compile(
    r"(?:通知|意见|办法|报告|公告|决定|规定|方案|条例|批复|函|通报|细则|规划|计划|名单|公示|解读|章程|令|说明|情况|要点|年报|实施|制度|标准)"
    r"(?:[》）)」』〉]|\(.{0,20}\)|（.{0,20}）)*$"
)
_FEWEST = 0.5
"""Share of the records in which a field must hold what it is taken for."""


@dataclass(frozen=True, kw_only=True)
class Fields:
    """The fields of a list's records, best first: a record without the first one is read by the next."""

    titles: tuple[str, ...]
    addresses: tuple[str, ...]
    days: tuple[str, ...]

    def title(self, record: Record) -> str:
        """The title of a record; in full where another field has more than the one cut short."""
        texts = [text for name in self.titles if (text := text_of(record.get(name)))]
        if not texts:
            return ""
        head = re.sub(r"\s*(?:\.{2,}|…+)\s*$", "", texts[0])
        if head == texts[0]:
            return texts[0]
        return next((text for text in texts[1:] if text.startswith(head) and len(text) > len(head)), texts[0])

    def address(self, record: Record) -> str:
        """The address of a record as it stands there."""
        return next((record[name].strip() for name in self.addresses if is_address(record.get(name))), "")

    def day(self, record: Record) -> date | None:
        """The day a record was published."""
        days = (day_of(record.get(name)) for name in self.days)
        return next((day for day in days if day is not None), None)


def fields_of(records: Sequence[Record]) -> Fields | None:
    """The fields of a list's records; None if no title or no address is among them.

    Args:
        records: All records of the list.
    """
    addresses = _ranked(records, _is_own_address, _address_score)
    if not addresses:
        return None
    urls = [
        next((str(record[name]) for name in addresses if is_address(record.get(name))), "")
        for record in records
    ]
    titles = _ranked(records, lambda name, value: is_title(value), _title_score)
    if not titles:
        return None
    days = _ranked(
        records,
        lambda name, value: day_of(value) is not None,
        lambda name, values: _day_score(name, values, urls),
        fewest=0.0,
    )
    return Fields(titles=titles, addresses=addresses, days=days)


def bare(name: str) -> str:
    """A field's own name as names are compared: ``data.TITLE_h`` → ``titleh``."""
    return re.sub(r"[^a-z0-9]", "", name.rsplit(".", 1)[-1].lower())


def _ranked(
    records: Sequence[Record],
    fits: Callable[[str, Any], bool],
    score: Callable[[str, Sequence[Any]], float],
    *,
    fewest: float = _FEWEST,
) -> tuple[str, ...]:
    names = dict.fromkeys(name for record in records for name in record)
    scored: list[tuple[float, str]] = []
    for name in names:
        values = [record.get(name) for record in records]
        held = sum(fits(name, value) for value in values)
        if held and held >= fewest * len(records):
            scored.append((score(name, values) + held / len(records), name))
    best = sorted(scored, key=lambda pair: -pair[0])
    return tuple(name for points, name in best if points > 0)


def _named(name: str, known: Sequence[str]) -> float:
    """2 for the surest name down to 1 for the last one, 0 for an unknown name."""
    own = bare(name)
    place = next((n for n, word in enumerate(known) if word.lower() == own), None)
    return 0.0 if place is None else 2.0 - place / len(known)


def _is_own_address(name: str, value: object) -> bool:
    return is_address(value)


def _distinct(values: Sequence[Any]) -> float:
    held = [str(value) for value in values if value]
    return len(set(held)) / len(held) if held else 0.0


def _address_score(name: str, values: Sequence[Any]) -> float:
    urls = [str(value).strip() for value in values if is_address(value)]
    articles = sum(links.is_article(url) for url in urls) / len(urls)
    # Every record has a page of its own: one address in most of them is the column's or the portal's.
    alike = 2.0 * (1.0 - _distinct(urls)) if len(urls) > 1 else 0.0
    beside = 1.5 if _BESIDE.search(name.rsplit(".", 1)[-1].lower()) and not _named(name, _ADDRESSES) else 0.0
    return _named(name, _ADDRESSES) + articles - alike - beside - 0.1 * name.count(".")


def _title_score(name: str, values: Sequence[Any]) -> float:
    texts = [text for value in values if (text := text_of(value))]
    length = median(len(text) for text in texts)
    endings = sum(bool(_TITLE_END.search(text)) for text in texts) / len(texts)
    sentences = sum("。" in text for text in texts) / len(texts)
    shape = 1.0 if 10 <= length <= 80 else 0.3 if length >= 6 else 0.0
    beside = 2.0 if _BESIDE.search(name.rsplit(".", 1)[-1].lower()) and not _named(name, _TITLES) else 0.0
    alike = 1.0 - _distinct(texts) if len(texts) > 2 else 0.0
    return (
        1.5 * _named(name, _TITLES)
        + endings
        + shape
        - 1.5 * sentences
        - alike
        - beside
        - 0.1 * name.count(".")
    )


def _day_score(name: str, values: Sequence[Any], urls: Sequence[str]) -> float:
    pairs = [(day_of(value), day_of_address(url)) for value, url in zip(values, urls, strict=True)]
    told = [(day, there) for day, there in pairs if day is not None and there is not None]
    agreeing = sum(day == there for day, there in told) / len(told) if told else 0.0
    own = bare(name)
    named = 1.5 * _named(name, _PUBLISHED) or 0.5 * _named(name, _OTHER_DAYS)
    numbers = all(isinstance(value, int) for value in values if value is not None)
    if not named and numbers:
        return 0.0  # a number without a name that says date is an identifier more often than a moment
    against = 2.0 if _NOT_DAYS.search(own) and not named else 0.0
    return max(0.05, 0.4 + named + agreeing - against)
