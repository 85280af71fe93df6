"""A run that asks for part of what is listed: one year, one publisher, what was published since a day.

Narrowed is only what is fetched. All lists are read as ever, and what is left out stays queued for the next run: an
entry is left out where its row says that it is another's, never where it says nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from archive.records import FrontierEntry, FrontierKind
from crawler.recognise import judge_title

_FETCHED = (FrontierKind.PAGE, FrontierKind.ATTACHMENT, FrontierKind.ANNEX)
_KIND = re.compile(r"(?:街道办事处|人民政府|街道办|街道|办事处|镇|乡|局|委员会|委)$")
_BODY = re.compile(
    r"[\u4e00-\u9fff]{2,}?(?:街道|镇|乡|人民政府|政府(?!建设|工作|信息)|局|委员会|(?<!党)委(?!、|会)|办公室|中心|支队|大队|院)"
)


@dataclass(frozen=True, kw_only=True)
class Narrowing:
    """What a run is narrowed to; nothing at all by default."""

    year: int | None = None
    """The year reported on."""
    publisher: str | None = None
    """A body as it is printed: 华新街道, 司法局."""
    since: date | None = None
    """First day of publication."""

    def __bool__(self) -> bool:
        return self.year is not None or self.publisher is not None or self.since is not None

    def wants(self, entry: FrontierEntry) -> bool:
        """False for an entry whose row says that it is of another year, of another body, or older."""
        if entry.kind not in _FETCHED:
            return True
        return self._in_year(entry) and self._by(entry) and self._young(entry)

    def said(self) -> str:
        """In words, for the summary."""
        parts = [
            f"year {self.year}" if self.year is not None else "",
            f"publisher {self.publisher}" if self.publisher is not None else "",
            f"published since {self.since}" if self.since is not None else "",
        ]
        return ", ".join(filter(None, parts))

    def as_options(self) -> dict[str, Any]:
        """What the run's row keeps."""
        if not self:
            return {}
        return {
            "narrowed": {
                "year": self.year,
                "publisher": self.publisher,
                "since": None if self.since is None else self.since.isoformat(),
            }
        }

    def _in_year(self, entry: FrontierEntry) -> bool:
        if self.year is None:
            return True
        named = judge_title(entry.title or "").year
        if named is not None:
            return named == self.year
        # Backdated and late postings: a report stands in the year after the one it is about, or later.
        return entry.listed_date is None or entry.listed_date.year > self.year

    def _by(self, entry: FrontierEntry) -> bool:
        if self.publisher is None:
            return True
        own = _KIND.sub("", self.publisher) if len(_KIND.sub("", self.publisher)) >= 2 else self.publisher
        title, column = entry.title or "", entry.column or ""
        if own in title or own in column:
            return True
        return _BODY.search(title) is None

    def _young(self, entry: FrontierEntry) -> bool:
        return self.since is None or entry.listed_date is None or entry.listed_date >= self.since
