"""Made reports for benchmarks/archive.py: real length and vocabulary, real rosters, 5 % edited, 10 % twice."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
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
class Made:
    """One fetch of a made portal."""

    portal: str
    name: str
    publisher: PublisherRef
    year: int
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


def reports(number: int, seed: int = 1) -> Iterator[list[Made]]:
    """So many reports, portal by portal, the years of each body together."""
    chance = random.Random(seed)
    pool = sentences(chance, 60_000)
    them = bodies()
    years = max(1, -(-number // len(them)))
    left = number
    for _, group in groupby(them, key=lambda one: one[0]):
        made: list[Made] = []
        for portal, publisher in group:
            for year in range(LAST_YEAR, LAST_YEAR - years, -1):
                if left > 0:
                    left -= 1
                    made.append(_report(chance, pool, portal, publisher, year))
        if made:
            yield made
        if left <= 0:
            return


def _report(chance: random.Random, pool: list[str], portal: str, publisher: PublisherRef, year: int) -> Made:
    lines = [f"{publisher.name}{year}年法治政府建设情况报告"]
    for heading in HEADINGS:
        lines.append(heading.format(year=year, next=year + 1))
        length = 0
        while length < CHARACTERS // len(HEADINGS):
            sentence = chance.choice(pool).replace("\n", "")
            lines.append(sentence)
            length += len(sentence)
    return _made(portal, f"t{publisher.code}_{year}.html", publisher, year, "\n".join(lines))


def _made(portal: str, name: str, publisher: PublisherRef, year: int, text: str) -> Made:
    paragraphs = "".join(f"<p>　　{line}</p>" for line in text.split("\n"))
    page = f"<html><head><title>{name}</title></head><body><div class='TRS_Editor'>{paragraphs}</div></body></html>"
    return Made(portal, name, publisher, year, text, page.encode())


def edited(one: Made) -> Made:
    """The same report with one sentence more."""
    return _made(one.portal, one.name, one.publisher, one.year, f"{one.text}\n（此件公开发布，有修改。）")


def twin(one: Made) -> Made:
    """The same report at another address."""
    return _made(one.portal, f"copy_{one.name}", one.publisher, one.year, one.text)


def fetches(made: list[Made], chance: random.Random) -> Iterator[Made]:
    """What a crawl of one portal brings: its reports, then its copies and edits."""
    yield from made
    for one in made:
        if chance.random() < TWICE:
            yield twin(one)
        if chance.random() < EDITED:
            yield edited(one)


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
                published=date(one.year + 1, 3, 1 + one.year % 28),
                report_year=one.year,
                year_confidence=1.0,
                publishers=(one.publisher,),
                metadata={"title": [{"value": one.name, "where": "h1", "raw": one.name}]},
                sections=tuple(_sections(one)),
                missing_parts=(5,),
            ),
        ),
    )


def _sections(one: Made) -> Iterator[SectionRecord]:
    starts = [one.text.find(heading.format(year=one.year, next=one.year + 1)) for heading in HEADINGS]
    ends = [*starts[1:], len(one.text)]
    for n, (start, end) in enumerate(zip(starts, ends, strict=True)):
        heading = HEADINGS[n].format(year=one.year, next=one.year + 1)
        yield SectionRecord(
            parts=(n + 1,),
            heading=heading[2:],
            number=heading[:2],
            level=1,
            thematic=False,
            parent=None,
            start=start,
            text_start=start + len(heading) + 1,
            end=end,
        )


def links(made: list[Made]) -> list[Link]:
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
    return f"http://{one.portal}.example/zwgk/fzzfjs/{one.name}"
