"""The roster steers the search: who is still missing goes first, who is found already goes last."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from archive.records import ExtractionRecord, FrontierEntry, FrontierKind, How, Link, Verdict
from crawler.initials import initials
from crawler.recognise import judge_title
from crawler.site import Unit
from crawler.waymarks import unit_named

RAISE = 6
"""Added to a link that names a missing unit: before the pages that lead anywhere, behind what is a report column."""
HIGHEST = 53
_LEVELS = frozenset({"street", "town"})


class Steering:
    """Which units of the roster have reported for the season, and which way the others may be.

    Args:
        roster: Who must report.
        year: The year the season's reports are about.
        reported: Codes of those whose report the archive holds.
    """

    def __init__(self, roster: Sequence[Unit], year: int, reported: Collection[str] = ()) -> None:
        self.roster = roster
        self.year = year
        self._found = {unit.code for unit in roster if unit.code in reported}
        self._by_slug = _slugs(roster)
        self._strangers: dict[str, None] = {}
        self._ways: dict[int, Unit | None] = {}

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the units without a report of the season, in the roster's order."""
        return tuple(unit.name for unit in self.roster if unit.code not in self._found)

    @property
    def strangers(self) -> tuple[str, ...]:
        """Streets and towns that reported and do not stand in the roster."""
        return tuple(self._strangers)

    def listed(self, links: Iterable[Link]) -> None:
        """Notes whose reports of the season a list announces by title."""
        for link in links:
            if link.kind in (FrontierKind.PAGE, FrontierKind.ATTACHMENT) and link.verdict is Verdict.REPORT:
                title = link.title or ""
                if judge_title(title).year == self.year:
                    self._found.update(unit.code for unit in self.roster if unit.name in title)

    def read(self, extraction: ExtractionRecord) -> None:
        """Notes who issued a report."""
        if extraction.verdict is not Verdict.REPORT:
            return
        for publisher in extraction.publishers:
            if publisher.code is None and publisher.level in _LEVELS and self.roster:
                self._strangers.setdefault(publisher.name)
            elif publisher.code is not None and extraction.report_year == self.year:
                self._found.add(publisher.code)

    def steered(self, links: tuple[Link, ...]) -> tuple[Link, ...]:
        """The links with those raised that name a missing unit by text or folder."""
        return tuple(
            replace(link, priority=max(link.priority, min(HIGHEST, link.priority + RAISE)))
            if link.how is How.DISCOVERED
            and link.kind is FrontierKind.HUB
            and (unit := self._named(link.title, link.url)) is not None
            and unit.code not in self._found
            else link
            for link in links
        )

    def waits(self, entry: FrontierEntry) -> bool:
        """True for a page on the way to a unit that is found already: it is read when nothing better is left."""
        if entry.kind is not FrontierKind.HUB or entry.how is not How.DISCOVERED:
            return False
        if entry.id not in self._ways:  # asked again after every answer
            self._ways[entry.id] = self._named(entry.title, entry.url)
        unit = self._ways[entry.id]
        return unit is not None and unit.code in self._found

    def _named(self, title: str | None, url: str) -> Unit | None:
        name = unit_named(title or "", self.roster)
        if name is not None:
            return next(unit for unit in self.roster if unit.name == name)
        steps = [step for step in urlsplit(url).path.lower().split("/") if step]
        for step in reversed(steps[-2:]):
            for token in re.split(r"[_\W\d]+", step):
                if token in self._by_slug:
                    return self._by_slug[token]
        return None


def _slugs(roster: Sequence[Unit]) -> dict[str, Unit]:
    """Folder names that stand for one unit only: initials of the whole name, of three letters and more."""
    found: dict[str, list[Unit]] = {}
    for unit in roster:
        forms = {initials(unit.name), initials(f"{unit.name}办事处") if unit.name.endswith("街道") else None}
        if unit.name.endswith("街道"):
            forms.add(initials(unit.name.removesuffix("道")))
        for form in forms:
            if form is not None and len(form) >= 3:
                found.setdefault(form, []).append(unit)
    return {slug: units[0] for slug, units in found.items() if len(units) == 1}
