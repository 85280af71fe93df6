"""Made reports for benchmarks/archive.py: real length and vocabulary, real rosters, 5 % edited, 10 % twice."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import groupby

from archive.records import (
    ExtractionRecord,
    FetchRecord,
    FrontierKind,
    How,
    Link,
    Outcome,
    PortalRecord,
    PublisherRef,
    RunState,
    SectionRecord,
    Verdict,
)
from archive.store import Store
from crawler.seeds import TownRow, portal_rows, town_rows
from tests.archive.search_texts import sentences

START = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
LAST_YEAR = 2025
CHARACTERS = 3_000
"""Median of the five seed reports: 2,900; of the 16 government pages of the evaluation: 3,400."""
EDITED, TWICE = 0.05, 0.10
HEADINGS = (
    "一、{year}年推进法治政府建设的主要举措和成效",
    "二、{year}年推进法治政府建设存在的不足和原因",
    "三、党政主要负责人履行推进法治建设第一责任人职责情况",
    "四、{next}年推进法治政府建设的主要安排",
)


class Clock:
    """A clock of made years."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        """A second later than the last time."""
        self.now += timedelta(seconds=1)
        return self.now


@dataclass(frozen=True, slots=True)
class Wanted:
    """A report to be made."""

    portal: str
    publisher: PublisherRef
    year: int

    def chance(self, what: str) -> random.Random:
        """Chance of its own, whichever process asks."""
        return random.Random(f"{what} {self.publisher.code} {self.year}")

    def fate(self) -> tuple[bool, bool]:
        """Does it stand at two addresses, is it edited later?"""
        chance = self.chance("fate")
        return chance.random() < TWICE, chance.random() < EDITED


@dataclass(frozen=True, slots=True)
class Made:
    """One fetch of a made portal."""

    wanted: Wanted
    name: str
    text: str
    body: bytes


def bodies() -> list[tuple[str, PublisherRef]]:
    """Portal key and body of every street and town of the seeds whose county has a portal, by portal."""
    towns: dict[str, list[TownRow]] = defaultdict(list)
    for province in sorted({row.division_code[:2] for row in portal_rows() if row.division_code}):
        for town in town_rows(province):  # county by county, the table would be read 3,200 times
            towns[town.county_code].append(town)
    counties = sorted((row.key, row.division_code) for row in portal_rows() if row.division_code)
    return [
        (key, PublisherRef(name=town.name, code=town.code, level="street"))
        for key, code in counties
        for town in towns[code]
    ]


def plan(number: int, newest: int = LAST_YEAR) -> Iterator[list[Wanted]]:
    """So many reports to be made, portal by portal, the years of each body together, the newest first."""
    them = bodies()
    years = max(1, -(-number // len(them)))
    left = number
    for portal, group in groupby(them, key=lambda one: one[0]):
        wanted = [
            Wanted(portal, publisher, year)
            for _, publisher in group
            for year in range(newest, newest - years, -1)
        ][:left]
        left -= len(wanted)
        if wanted:
            yield wanted
        if not left:
            return


def reports(number: int, newest: int = LAST_YEAR) -> Iterator[list[Made]]:
    """The reports of a plan."""
    return ([report(wanted) for wanted in group] for group in plan(number, newest))


def report(wanted: Wanted) -> Made:
    """A report: the same one whenever it is asked for."""
    publisher, year = wanted.publisher, wanted.year
    chance, pool = wanted.chance("text"), _pool()
    lines = [f"{publisher.name}{year}年法治政府建设情况报告"]
    for heading in HEADINGS:
        lines.append(heading.format(year=year, next=year + 1))
        length = 0
        while length < CHARACTERS // len(HEADINGS):
            sentence = chance.choice(pool)
            lines.append(sentence)
            length += len(sentence)
    return _made(wanted, f"t{publisher.code}_{year}.html", "\n".join(lines))


@cache
def _pool() -> list[str]:
    return [sentence.replace("\n", "") for sentence in sentences(random.Random(1), 60_000)]


def _made(wanted: Wanted, name: str, text: str) -> Made:
    paragraphs = "".join(f"<p>　　{line}</p>" for line in text.split("\n"))
    page = f"<html><head><title>{name}</title></head><body><div class='TRS_Editor'>{paragraphs}</div></body></html>"
    return Made(wanted, name, text, page.encode())


def edited(one: Made) -> Made:
    """The same report with one sentence more."""
    return _made(one.wanted, one.name, f"{one.text}\n（此件公开发布，有修改。）")


def twin(one: Made) -> Made:
    """The same report at another address."""
    return replace(one, name=f"copy_{one.name}")


def fetches(made: Iterable[Made]) -> Iterator[Made]:
    """What a crawl of one portal brings: its reports, then copies and edits of some."""
    made = list(made)
    yield from made
    for one in made:
        twice, changed = one.wanted.fate()
        if twice:
            yield twin(one)
        if changed:
            yield edited(one)


def crawl(store: Store, portal: str, brings: Sequence[Made]) -> None:
    """A crawl of a made portal, recorded as the crawler records it."""
    portal_id = store.sync_portal(portal_record(portal))
    run_id = store.begin_run(portal_id, trigger="benchmark", code_version="0", options={}, owner="benchmark")
    store.enqueue(run_id, links(brings))
    entries = store.next_entries(run_id, portal_id, (), len(brings))
    ids = {entry.url.rsplit("/", 1)[1]: entry.id for entry in entries}
    clock = Clock()
    for one in brings:
        record(store, run_id, ids, one, clock())
    store.finish_run(run_id, RunState.COMPLETE, {}, "made")


def record(store: Store, run_id: int, ids: dict[str, int], one: Made, at: datetime) -> None:
    """Records a fetch as the crawler does."""
    store.record(
        run_id,
        FetchRecord(
            frontier_id=ids[one.name],
            requested_url=_url(one),
            fetched_at=at,
            outcome=Outcome.OK,
            status=200,
            headers={"content-type": "text/html; charset=utf-8"},
            body=one.body,
            media_type="text/html",
            extraction=ExtractionRecord(
                extractor="portal",
                version="2",
                text=one.text,
                verdict=Verdict.REPORT,
                verdict_reason="annual report by head noun",
                title=one.text.split("\n", 1)[0],
                published=published(one.wanted.year),
                report_year=one.wanted.year,
                year_confidence=1.0,
                publishers=(one.wanted.publisher,),
                metadata={"title": [{"value": one.name, "where": "h1", "raw": one.name}]},
                sections=tuple(sections(one.text, one.wanted.year)),
                missing_parts=(5,),
            ),
        ),
    )


def published(year: int) -> date:
    """When the report on a year was published."""
    return date(year + 1, 3, 1 + year % 28)


def sections(text: str, year: int) -> Iterator[SectionRecord]:
    """Where the four parts of a report stand."""
    headings = [heading.format(year=year, next=year + 1) for heading in HEADINGS]
    starts = [text.find(heading) for heading in headings]
    ends = [*starts[1:], len(text)]
    for part, (heading, start, end) in enumerate(zip(headings, starts, ends, strict=True), 1):
        yield SectionRecord(
            parts=(part,),
            heading=heading[2:],
            number=heading[:2],
            level=1,
            thematic=False,
            parent=None,
            start=start,
            text_start=start + len(heading) + 1,
            end=end,
        )


def links(made: Sequence[Made]) -> list[Link]:
    """The rows of a portal's list."""
    named = {one.name: one for one in made}
    return [
        Link(url=_url(one), kind=FrontierKind.PAGE, how=How.LISTED, title=one.text.split("\n", 1)[0])
        for one in named.values()
    ]


def portal_record(key: str) -> PortalRecord:
    """A portal of the seeds."""
    row = next(row for row in portal_rows() if row.key == key)
    return PortalRecord(
        key=row.key,
        name=row.name,
        level=row.level,
        division_code=row.division_code,
        home_url=row.url or f"http://{key}.example/",
        platform=None,
    )


def _url(one: Made) -> str:
    return f"http://{one.wanted.portal}.example/zwgk/fzzfjs/{one.name}"
