"""Columns that gave reports and give none any more, and where their reports are listed now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from archive.records import FetchRecord, FrontierEntry, FrontierKind, How, Link, Outcome, Verdict
from archive.text import bytes_digest
from crawler.completeness import plain
from crawler.titletext import clean
from crawler.waymarks import is_search

_AWAY = frozenset({Outcome.GONE, Outcome.SOFT_404, Outcome.MOVED})
Rows = Mapping[str, date | None]
"""Titles of a list page with the dates of their rows."""
_SHARE = 0.5
"""Part of a lost column's titles that another one must list to be its new place."""


@dataclass(frozen=True, kw_only=True)
class Lost:
    """A column that stands where it stood no longer, or stands there empty."""

    url: str
    why: str
    gone: bool
    """The address answers no more; False: it lists nothing."""
    moved_to: str | None = None


class ColumnWatch:
    """Compares what known columns list with what they listed when they were last read."""

    def __init__(self) -> None:
        self._lost: dict[str, Lost] = {}
        self._titles: dict[str, Rows] = {}
        self._listed: dict[str, Rows] = {}
        self._known: set[str] = set()

    def watches(self, entry: FrontierEntry) -> bool:
        """True for a column of which earlier runs or a person know."""
        known = entry.kind is FrontierKind.COLUMN and entry.how in (How.DECLARED, How.LEARNED)
        return known and not is_search(entry.column)

    def saw(self, entry: FrontierEntry, links: Iterable[Link]) -> None:
        """Notes what a list page of this run lists."""
        if titles := _titles(links):
            self._listed[entry.url] = titles
            if self.watches(entry):
                self._known.add(entry.url)

    def lost(
        self, entry: FrontierEntry, fetch: FetchRecord, before: Iterable[Link], *, further: bool
    ) -> Lost | None:
        """What became of a known column, if it gives nothing now but did when it was last read.

        Args:
            entry: The column.
            fetch: What it answered.
            before: What it linked when it was last read.
            further: It is a later page of a column of which an earlier one was read: columns get shorter.
        """
        titles = _titles(before)
        if further or not titles or not self.watches(entry):
            return None
        if fetch.outcome in _AWAY:
            why = f"{fetch.outcome.value} instead of a column that listed {len(titles)} reports"
        elif fetch.outcome is Outcome.OK and not _same(entry, fetch) and not _titles(fetch.links):
            why = f"lists no report, {len(titles)} when it was read last"
        else:
            return None
        lost = Lost(url=entry.url, why=why, gone=fetch.outcome in _AWAY)
        self._lost[entry.url], self._titles[entry.url] = lost, titles
        return lost

    def settled(self) -> list[Lost]:
        """The lost columns, each with the column that lists its reports now, if this run saw one."""
        return [
            Lost(url=lost.url, why=lost.why, gone=lost.gone, moved_to=self._heir(lost.url))
            for lost in self._lost.values()
        ]

    def _heir(self, url: str) -> str | None:
        """By titles; of columns that list the same titles (every street's 年度报告) the one with the same dates."""
        rows = self._titles[url]
        others = {
            other: (len(rows.items() & listed.items()), len(rows.keys() & listed.keys()))
            for other, listed in self._listed.items()
            if other not in self._known and other not in self._lost and plain(other) != plain(url)
        }
        best = max(others, key=lambda other: others[other], default=None)
        return best if best is not None and others[best][1] >= max(1, _SHARE * len(rows)) else None


def _same(entry: FrontierEntry, fetch: FetchRecord) -> bool:
    """True for the very bytes of the last visit: they are not read again and come without their links."""
    return fetch.body is not None and bytes_digest(fetch.body) == entry.payload_sha256


def _titles(links: Iterable[Link]) -> Rows:
    """The titles of a page's rows that may be reports, with their dates."""
    return {
        clean(link.title).text: link.listed_date
        for link in links
        if link.title
        and link.verdict is not Verdict.NO
        and link.kind in (FrontierKind.PAGE, FrontierKind.ATTACHMENT)
        and link.how is How.LISTED
    }
