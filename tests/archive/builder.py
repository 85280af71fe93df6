"""A crawl in miniature: what tests record, in few words."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from archive import schema
from archive.records import (
    ExtractionRecord,
    FetchRecord,
    FigureRecord,
    FrontierKind,
    How,
    Link,
    ListingRecord,
    Outcome,
    PortalRecord,
    PublisherRef,
    Recorded,
    RunState,
    SectionRecord,
    Verdict,
)
from archive.store import Store

START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
HOST = "http://www.example.gov.cn"


def body_text(place: str = "清河街道", year: int = 2025, more: str = "") -> str:
    """An invented report, long enough to be told from others."""
    return "\n".join(
        (
            f"{year}年，{place}坚持以习近平法治思想为指导，扎实推进法治政府建设，现将有关情况报告如下。",
            f"一、主要举措和成效。{place}党工委全年召开法治专题会议六次，开展合法性审查四十二件。",
            f"二、存在的不足。{place}执法力量仍显薄弱，普法形式有待创新。{more}",
            f"三、下一步打算。{place}将健全重大行政决策程序，加强执法人员培训。",
        )
    )


def extraction(text: str | None = None, **given: Any) -> ExtractionRecord:
    values: dict[str, Any] = {
        "extractor": "portal",
        "version": "1",
        "text": body_text() if text is None else text,
        "verdict": Verdict.REPORT,
        "verdict_reason": "title names the yearly report",
        "title": "清河街道2025年法治政府建设年度报告",
        "published": date(2026, 2, 20),
        "report_year": 2025,
        "year_confidence": 0.9,
        "publishers": (PublisherRef(name="清河街道", code="999001001", level="street"),),
        "metadata": {"title": [{"value": "清河街道2025年法治政府建设年度报告", "where": "h1", "raw": "…"}]},
    }
    return ExtractionRecord(**{**values, **given})


PARTED = "\n".join(
    (
        "清河街道２０２５年法治政府建设情况如下。",
        "一、主要工作情况",
        "全年办理行政处罚案件１２件，罚款１．３万余元；其中简易程序处罚９件。",
        "（一）履行第一责任人职责",
        "党工委书记讲法治课两次。",
        "二、问题与打算",
        "执法力量不足。明年计划开展培训１０次。",
        "清河街道办事处",
    )
)
"""A report of three headings: part 1, part 3 inside it, parts 2 and 4 together."""


def section(text: str, begins: str, heading: str, end: str, **given: Any) -> SectionRecord:
    """The section of a text from its number (``一、``) up to the words that follow it."""
    start = text.index(begins)
    values: dict[str, Any] = {
        "parts": (1,),
        "heading": heading,
        "number": begins,
        "level": 1,
        "start": start,
        "text_start": text.index(heading, start) + len(heading),
        "end": len(text[: text.index(end)].rstrip()),
    }
    return SectionRecord(**{**values, **given})


def figure(text: str, words: str, measure: str, value: str, **given: Any) -> FigureRecord:
    """The figure of a text that these words print."""
    start = text.index(words)
    before = max(text.rfind(stop, 0, start) for stop in "。\n") + 1
    values: dict[str, Any] = {
        "measure": measure,
        "label": measure,
        "value": Decimal(value),
        "unit": words[-1],
        "qualifier": "exact",
        "scope": "year",
        "start": start,
        "end": start + len(words),
        "sentence_start": before,
        "sentence_end": text.index("。", start) + 1,
    }
    return FigureRecord(**{**values, **given})


def parted_reading(text: str = PARTED, **given: Any) -> ExtractionRecord:
    """A reading of ``PARTED``, or of the same text set otherwise, with its sections and figures."""
    wide = "１" in text
    number = (lambda digits: digits) if wide else (lambda digits: unicodedata.normalize("NFKC", digits))
    opened = "（一）" if wide else "(一)"
    fine = figure(text, number("１．３万余元"), "fines", "13000", qualifier="at_least", parts=(1,))
    values: dict[str, Any] = {
        "sections": (
            section(text, "一、", "主要工作情况", "二、"),
            section(text, opened, "履行第一责任人职责", "二、", parts=(3,), level=2, parent=0),
            section(text, "二、", "问题与打算", "清河街道办事处", parts=(2, 4)),
        ),
        "figures": (
            figure(text, number("１２件"), "penalties", "12", parts=(1,), named_year=2025),
            fine,
            figure(text, number("９件"), "penalties_simple", "9", parts=(1,), within=True),
            figure(text, number("１０次"), "training", "10", scope="goal", parts=(2, 4)),
        ),
        "missing_parts": (5,),
    }
    return extraction(text, **{**values, **given})


class Clock:
    """Tells a moment that only tests move."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_time(self, **amount: float) -> None:
        self.now += timedelta(**amount)


def a_day_passes(engine: Engine) -> None:
    """Moves what was missed a day back: for crawls that tell the time by the real clock."""
    row = schema.document.c
    with engine.begin() as connection:
        missed = connection.execute(
            sa.select(row.id, row.missing_since, row.last_missed).where(row.missing_since.is_not(None))
        ).all()
        for document in missed:
            moved = {
                "missing_since": document.missing_since - timedelta(days=1),
                "last_missed": document.last_missed - timedelta(days=1),
            }
            connection.execute(schema.document.update().where(row.id == document.id), moved)


class Crawl:
    """One portal, its running run and short words for what happens on it."""

    def __init__(self, engine: Engine, key: str = "qinghe", **store: Any) -> None:
        self.engine = engine
        self.clock = Clock()
        self.store = Store(engine, self.clock, **store)
        self.portal_id = self.store.sync_portal(
            PortalRecord(
                key=key,
                name=f"天津市清河区（{key}）",
                level="county",
                division_code="999001",
                home_url=f"{HOST}/",
                platform="trs",
            )
        )
        self.run_id = 0
        self.begin()

    def begin(self, owner: str = "test") -> int:
        """Begins a run of the portal (the earlier one, if unfinished, is abandoned)."""
        self.run_id = self.store.begin_run(
            self.portal_id, trigger="test", code_version="0", options={}, owner=owner
        )
        return self.run_id

    def again(self, days: float = 1) -> int:
        """Finishes the run and begins the next one, some days later."""
        self.store.finish_run(self.run_id, RunState.COMPLETE, {}, "done")
        self.clock.pass_time(days=days)
        return self.begin()

    def link(self, name: str, kind: FrontierKind = FrontierKind.PAGE, **given: Any) -> Link:
        how = How.DECLARED if kind is FrontierKind.COLUMN else How.LISTED
        return Link(**{"url": f"{HOST}/{name}", "kind": kind, "how": how, "title": name, **given})

    def enqueue(self, *links: Link, found_on_id: int | None = None) -> int:
        return self.store.enqueue(self.run_id, links, found_on_id)

    def id_of(self, name: str) -> int:
        query = sa.select(schema.frontier.c.id).where(
            schema.frontier.c.url == f"{HOST}/{name}", schema.frontier.c.portal_id == self.portal_id
        )
        with self.engine.connect().execution_options(archive_reads=True) as connection:
            return int(connection.execute(query).scalar_one())

    def queue(self) -> list[str]:
        """Names of what is to be fetched, in order."""
        entries = self.store.next_entries(self.run_id, self.portal_id, (), 1000)
        return [entry.url.removeprefix(f"{HOST}/") for entry in entries]

    def fetch(self, name: str, **given: Any) -> FetchRecord:
        """A fetch of a URL that the frontier knows; content unless said otherwise."""
        reading = given.get("extraction")
        text = "" if reading is None else reading.text
        values: dict[str, Any] = {
            "frontier_id": self.id_of(name),
            "requested_url": f"{HOST}/{name}",
            "fetched_at": self.clock(),
            "outcome": Outcome.OK,
            "status": 200,
            "headers": {"content-type": "text/html"},
            "body": f"<html><p>{text}</p></html>".encode(errors="replace")
            if given.get("outcome", "ok") == "ok"
            else None,
            "media_type": "text/html",
        }
        return FetchRecord(**{**values, **given})

    def record(self, name: str, **given: Any) -> Recorded:
        return self.store.record(self.run_id, self.fetch(name, **given))

    def page(self, name: str, reading: ExtractionRecord | None = None, **given: Any) -> Recorded:
        """Lists an article if need be, and records its content."""
        self.enqueue(self.link(name))
        return self.record(name, extraction=reading or extraction(), **given)

    def column(self, name: str, links: Sequence[Link], **given: Any) -> Recorded:
        """Records a list page with its links."""
        self.enqueue(self.link(name, FrontierKind.COLUMN))
        listing = given.pop("listing", ListingRecord(entries=len(links), total=len(links)))
        body = "\n".join(link.url for link in links).encode()
        return self.record(name, **{"links": tuple(links), "listing": listing, "body": body, **given})

    def gone(self, name: str) -> Recorded:
        return self.record(name, outcome=Outcome.GONE, status=404)

    def lost(self, name: str) -> Recorded:
        """The same page is not there in this run nor, a day later, in the next."""
        self.gone(name)
        self.again()
        return self.gone(name)

    def not_modified(self, name: str) -> Recorded:
        return self.record(name, outcome=Outcome.NOT_MODIFIED, status=304)


def other(reading: ExtractionRecord, **given: Any) -> ExtractionRecord:
    """The same reading with some fields changed."""
    return replace(reading, **given)
