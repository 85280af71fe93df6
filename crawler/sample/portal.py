"""The built-in sample portal: 兰汀区, an invented district on the TRS pattern, and the truth about its pages.

`SamplePortal` answers requests; `reports` and `near_misses` say what a perfect crawl would find there.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cached_property

from archive.clock import Clock
from crawler.sample import pages
from crawler.sample.attachment import DOCX_TYPE, docx
from crawler.sample.compose import Line, attachment_name, compose
from crawler.sample.neighbours import Neighbour, neighbours
from crawler.sample.pages import Article, Layout, Link
from crawler.sample.phrases import stock
from crawler.sample.programme import COLUMN_NAMES, COLUMN_PATHS, Plan, plans
from crawler.sample.server import Answer, Request

SAMPLE_HOST = "www.lanting.example"
BASE_URL = f"http://{SAMPLE_HOST}"
COLUMNS: Mapping[str, str] = {f"{BASE_URL}{COLUMN_PATHS[key]}": name for key, name in COLUMN_NAMES.items()}
"""Address and name of every list page that leads to a report."""
ROWS = 15
"""Entries on one list page."""
_CHINA = timezone(timedelta(hours=8))
_ROBOTS = b"User-agent: *\nDisallow: /search/\n"


@dataclass(frozen=True, kw_only=True)
class SampleReport:
    """What a perfect crawl knows of one report."""

    title: str
    text: str
    """The body, one paragraph a line, letterhead in the body and signature included."""
    optional: tuple[str, ...]
    """Lines of the text that a reading may leave out: the line that names the attachment."""
    publisher: str
    """Name in the roster."""
    issuers: tuple[str, ...]
    """Full names of the bodies that sign or head it, party organ first."""
    source: str
    """来源 as printed."""
    report_year: int
    published: date
    column: str
    url: str
    copies: tuple[str, ...]
    """Further addresses of the same text."""
    attachments: tuple[str, ...]
    charset: str
    static: bool
    """False: every answer differs in date line and visitor counter, and carries no ETag."""
    edited: bool
    """The text differs from what stood there in the year before some `--advance`."""

    @property
    def urls(self) -> tuple[str, ...]:
        """Every address at which it stands."""
        return (self.url, *self.copies)


@dataclass(frozen=True, kw_only=True)
class SampleMiss:
    """A page in the same lists that is not the report."""

    title: str
    url: str
    published: date
    column: str
    expected: str
    """``no``, or ``unsure`` where the title alone cannot tell."""


@dataclass(frozen=True, kw_only=True)
class _Row:
    """An entry of a list: a report, a copy of one, or a near miss."""

    title: str
    path: str
    published: date
    lines: tuple[Line, ...]
    source: str
    trail: tuple[Link, ...]
    plan: Plan | None = None
    layout: Layout = "plain"


def reports(year: int = 0) -> list[SampleReport]:
    """The reports on the portal after so many years, newest first."""
    return [_truth(plan) for plan in plans(year)]


def near_misses(year: int = 0) -> list[SampleMiss]:
    """The other pages of the same lists after so many years."""
    return [
        SampleMiss(
            title=miss.title,
            url=BASE_URL + miss.path,
            published=miss.published,
            column=COLUMN_NAMES[miss.column],
            expected=miss.expected,
        )
        for miss in neighbours(year)
    ]


def _truth(plan: Plan) -> SampleReport:
    lines = compose(plan)
    body = plan.body
    return SampleReport(
        title=plan.title,
        text="\n".join(line.text for line in lines),
        optional=tuple(line.text for line in lines if line.role == "attachment"),
        publisher=body.name,
        issuers=tuple(name for name in (body.party, body.office) if name),
        source=body.name,
        report_year=plan.year,
        published=plan.published,
        column=COLUMN_NAMES[plan.column],
        url=BASE_URL + plan.path,
        copies=tuple(BASE_URL + path for path in plan.copies),
        attachments=(BASE_URL + _attachment_path(plan),) if plan.attachment else (),
        charset="gb18030" if plan.gb18030 else "utf-8",
        static=not plan.dynamic,
        edited=plan.edited,
    )


def _attachment_path(plan: Plan) -> str:
    folder = plan.path.rpartition("/")[0]
    return f"{folder}/P0{plan.published:%Y%m%d}{zlib.crc32(plan.title.encode()) % 10**12:012}.docx"


class SamplePortal:
    """Answers for ``www.lanting.example`` as it stands after some years; to be served by `LoopbackServer`.

    Args:
        year: How many years have passed since the first state.
        now: The clock of the pages that print date and time; the local time of China if not given.

    Raises:
        ValueError: for a negative year.
    """

    def __init__(self, year: int = 0, now: Clock | None = None) -> None:
        self.year = year
        self._now = now or (lambda: datetime.now(_CHINA))
        self._hits = itertools.count(1208)
        self._columns = {key: self._column(key) for key in COLUMN_PATHS}
        self._known: dict[str, Callable[[], Answer]] = {
            "/robots.txt": _always(Answer(body=_ROBOTS, content_type="text/plain")),
        }
        self._add_sections()
        for key, rows in self._columns.items():
            self._add_column(key, rows)

    def __call__(self, request: Request) -> Answer:
        """One answer. Unknown hosts and addresses get 404, a folder without its slash a redirect."""
        if request.host.partition(":")[0].lower() != SAMPLE_HOST:
            return self._missing()
        if known := self._known.get(request.path):
            return known()
        if request.path == "/counter.js":
            return self._counter()
        if f"{request.path}/" in self._known:
            return Answer(status=301, headers={"Location": f"{BASE_URL}{request.path}/"}, etag=False)
        if any(request.path.startswith(f"{path}index_") for path in COLUMN_PATHS.values()):
            return _html(pages.stub())
        return self._missing()

    def _column(self, key: str) -> list[_Row]:
        rows = [self._miss_row(miss) for miss in neighbours(self.year) if miss.column == key]
        for plan in plans(self.year):
            if plan.column == key:
                rows.append(self._report_row(plan, plan.path, key))
            rows += [self._report_row(plan, copy, "work") for copy in plan.copies if key == "work"]
        return sorted(rows, key=lambda row: (row.published, row.path), reverse=True)

    def _report_row(self, plan: Plan, path: str, key: str) -> _Row:
        layouts: tuple[Layout, ...] = ("plain", "table", "old")
        at = zlib.crc32(f"{plan.body.name}{plan.year}".encode())
        copy = path != plan.path
        return _Row(
            title=plan.title,
            path=path,
            published=plan.published + timedelta(days=2 if copy else 0),
            lines=compose(plan),
            source=plan.body.name,
            trail=_trail(key),
            plan=plan,
            layout="old" if plan.gb18030 else layouts[(at + copy) % 3],
        )

    @staticmethod
    def _miss_row(miss: Neighbour) -> _Row:
        return _Row(
            title=miss.title,
            path=miss.path,
            published=miss.published,
            lines=miss.lines,
            source=miss.source,
            trail=_trail(miss.column),
        )

    def _add_column(self, key: str, rows: list[_Row]) -> None:
        count = max(1, -(-len(rows) // ROWS))
        for page in range(count):
            shown = rows[page * ROWS : (page + 1) * ROWS]
            markup = pages.listing(
                COLUMN_NAMES[key],
                [(row.path.replace(COLUMN_PATHS[key], "./", 1), row.title, row.published) for row in shown],
                page=page,
                pages=count,
                total=len(rows) if key == "towns" else None,
                trail=_trail(key),
            )
            answer = _html(markup)
            names = ["", "index.html"] if page == 0 else [f"index_{page}.html"]
            self._known |= {COLUMN_PATHS[key] + name: _always(answer) for name in names}
        for n, row in enumerate(rows):
            above = rows[n - 1] if n else None
            below = rows[n + 1] if n + 1 < len(rows) else None
            self._known[row.path] = self._article(row, above, below)
            if row.plan is not None and row.plan.attachment and row.path == row.plan.path:
                self._known[_attachment_path(row.plan)] = _attached(row.plan)

    def _article(self, row: _Row, above: _Row | None, below: _Row | None) -> Callable[[], Answer]:
        plan = row.plan
        shown = Article(
            title=row.title,
            lines=row.lines,
            source=row.source,
            published=row.published,
            path=row.path,
            trail=row.trail,
            layout=row.layout,
            charset="gb2312" if plan and plan.gb18030 else "utf-8",
            heading=not (plan and plan.heading_in_body),
            meta=not (plan and plan.bare_meta),
            attachment=f"./{_attachment_path(plan).rpartition('/')[2]}" if plan and plan.attachment else None,
            previous=Link(title=above.title, path=above.path) if above else None,
            following=Link(title=below.title, path=below.path) if below else None,
        )
        if plan and plan.dynamic:
            return lambda: _html(
                pages.article(shown, pages.ticking_today(self._now()), str(next(self._hits))), etag=False
            )
        markup = pages.article(shown, pages.frozen_today(row.published), pages.static_hits(row.path))
        # The header says UTF-8 for every page; on the one in GB18030 it lies.
        return _always(_html(markup, "gb18030" if plan and plan.gb18030 else "utf-8"))

    def _add_sections(self) -> None:
        for path, told in stock("sections").items():
            links = [Link(title=title, path=to) for title, to in told["links"]]

            def answer(told: Mapping[str, list[str]] = told, links: list[Link] = links) -> Answer:
                today = pages.ticking_today(self._now())
                return _html(pages.section(str(told["name"]), told["text"], links, today), etag=False)

            self._known |= {path: answer, f"{path}index.html": answer}

    def _counter(self) -> Answer:
        body = f"document.write('{next(self._hits)}');".encode()
        return Answer(body=body, content_type="application/javascript", etag=False)

    def _missing(self) -> Answer:
        return Answer(status=404, body=pages.missing(pages.ticking_today(self._now())).encode(), etag=False)

    @cached_property
    def urls(self) -> frozenset[str]:
        """Every address that answers 200, without the stubs behind the last list pages and the counter."""
        return frozenset(BASE_URL + path for path in self._known)


def _trail(key: str) -> tuple[Link, ...]:
    trail = [Link(title="政务公开", path="/zwgk/")]
    if key == "towns":
        trail.append(Link(title="镇街信息公开", path="/zwgk/jzxxgk/"))
    return (*trail, Link(title=COLUMN_NAMES[key], path=COLUMN_PATHS[key]))


def _html(markup: str, charset: str = "utf-8", *, etag: bool = True) -> Answer:
    return Answer(body=markup.encode(charset), etag=etag)


def _attached(plan: Plan) -> Callable[[], Answer]:
    at = zlib.crc32(plan.title.encode())
    rows = [
        ["项目", "数量"],
        ["行政检查", f"{at % 4000 + 900}次"],
        ["行政处罚（简易程序）", f"{at % 300 + 60}件"],
    ]
    rows += [["行政处罚（普通程序）", f"{at % 90 + 20}件"], ["行政强制", f"{at % 12}件"]]
    body = docx(attachment_name(plan).removesuffix(".docx"), rows)
    return _always(Answer(body=body, content_type=DOCX_TYPE))


def _always(answer: Answer) -> Callable[[], Answer]:
    return lambda: answer
