"""The kit the replicas are made of: pages by path, and what may happen to them between two runs."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from crawler.sample.server import Answer, Request
from tests.portals.seeds import SeedExpectation

NOT_FOUND = (
    "<!DOCTYPE html><html><head><meta charset='utf-8'><title>404</title></head>"
    "<body><h2>抱歉，您访问的页面不存在或已被删除！</h2><a href='/'>返回首页</a></body></html>"
)


@dataclass(frozen=True, kw_only=True)
class Article:
    """One page with a body."""

    path: str
    """Absolute, on its replica's host."""
    title: str
    """As the page's heading has it."""
    published: datetime
    source: str
    paragraphs: tuple[str, ...]
    """Empty strings are empty paragraphs."""
    column: str
    """Path of the column it stands in."""
    report_year: int | None = None
    """None: no report."""
    publishers: tuple[str, ...] = ()
    letterhead: int = 0
    """So many paragraphs at the top are centred (letterhead, title)."""
    signature: int = 0
    """So many paragraphs at the end stand to the right (signature, date)."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """A list page and its further pages."""

    path: str
    """Ends with a slash."""
    name: str
    parent: str | None = None
    rows: tuple[str, ...] = ()
    """Paths of articles, newest first."""
    per_page: int = 15
    linked: bool = True
    """Its parent names it in its menu."""


@dataclass(frozen=True, kw_only=True)
class Furniture:
    """What differs between two fetches although nobody edited anything."""

    counter: int = 1284733
    today: date = date(2026, 3, 2)
    rotation: int = 0
    """Turns the recommended links."""

    @property
    def weekday(self) -> str:
        """Today's weekday in Chinese."""
        return "星期" + "一二三四五六日"[self.today.weekday()]

    def later(self) -> Furniture:
        """The same site a day on."""
        return Furniture(
            counter=self.counter + 1379, today=self.today + timedelta(days=1), rotation=self.rotation + 1
        )


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What is wrong with one path."""

    status: int | None = None
    blank: bool = False
    rowless: bool = False
    wait: float = 0.0
    cut: float | None = None
    encoding: str | None = None
    claimed: str | None = None


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """A page before it is put into bytes."""

    text: str
    content_type: str = "text/html"
    """Without charset."""


class Replica:
    """A portal: articles in columns at one host, in the dress its subclass gives them.

    A subclass fills ``articles`` and ``columns`` in :meth:`build` and draws pages in :meth:`draw`.
    """

    key: str
    host: str
    scheme: str = "https"
    """As facts/portals.csv gives it; both are served."""
    site_name: str
    area: str
    site_code: str

    def __init__(self) -> None:
        self.articles: dict[str, Article] = {}
        self.columns: dict[str, Column] = {}
        self.furniture = Furniture()
        self.conditional = True
        """Send ETags and answer 304."""
        self.robots: str | None = None
        """None: /robots.txt is 404."""
        self.one_scheme = False
        """Redirect the other scheme to ``scheme`` instead of serving both."""
        self.seed_path = ""
        self._faults: dict[str, Fault] = {}
        self._lock = threading.RLock()
        self.build()

    # For subclasses

    def build(self) -> None:
        """Fills the portal."""
        raise NotImplementedError

    def draw(self, path: str, query: str) -> Rendered | None:
        """The page at a path, or None."""
        raise NotImplementedError

    def seed(self) -> SeedExpectation:
        """What is expected of the seed that stands here."""
        article = self.articles[self.seed_path]
        if article.report_year is None:
            raise ValueError(f"{self.seed_path} is no report")
        return SeedExpectation(
            site=self.key,
            url=self.url_of(article.path),
            title=article.title,
            report_year=article.report_year,
            publishers=article.publishers,
            published=article.published,
            source=article.source,
        )

    # Reading

    @property
    def hosts(self) -> Iterable[str]:
        """The hosts served."""
        return (self.host,)

    def url(self, path: str) -> str:
        """The absolute URL of a path."""
        return f"{self.scheme}://{self.host}{path}"

    def url_of(self, path: str) -> str:
        """The URL a person would open for an article."""
        return self.url(path)

    @property
    def home_url(self) -> str:
        """The home page."""
        return self.url("/")

    @property
    def reports(self) -> list[Article]:
        """All reports, the seed among them."""
        return [article for article in self.articles.values() if article.report_year is not None]

    @property
    def near_misses(self) -> list[Article]:
        """All pages with a body that are no reports."""
        return [article for article in self.articles.values() if article.report_year is None]

    def is_rowless(self, path: str) -> bool:
        """True while the list at this path shows no rows."""
        return self._faults.get(path, Fault()).rowless

    def __call__(self, request: Request) -> Answer:
        """Answers one request."""
        with self._lock:
            return self._answer(request)

    def _answer(self, request: Request) -> Answer:
        path = request.path or "/"
        fault = self._faults.get(f"{path}?{request.query}", self._faults.get(path, Fault()))
        if self.one_scheme and not request.url.startswith(f"{self.scheme}:"):
            target = f"{self.scheme}:{request.url.partition(':')[2]}"
            return Answer(status=301, headers={"Location": target}, etag=False)
        if fault.status is not None:
            return Answer(status=fault.status, body=NOT_FOUND.encode(), wait=fault.wait, etag=False)
        if path == "/robots.txt" and self.robots is not None:
            return Answer(body=self.robots.encode(), content_type="text/plain", wait=fault.wait)
        page = self.draw(path, request.query)
        if page is None:
            return Answer(status=404, body=NOT_FOUND.encode(), etag=False)
        text = "" if fault.blank else page.text
        claimed = fault.claimed or "utf-8"
        if fault.claimed is not None:
            text = re.sub(r"(?i)(charset=[\"']?)utf-8", rf"\g<1>{claimed}", text)
        body = text.encode(fault.encoding or "utf-8")
        return Answer(
            body=body,
            content_type=f"{page.content_type}; charset={claimed}",
            etag=self.conditional,
            cut_at=None if fault.cut is None else int(len(body) * fault.cut),
            wait=fault.wait,
        )

    # Changing what is there

    def add(self, *articles: Article) -> None:
        """Puts articles in place and names them in their columns, newest first."""
        with self._lock:
            for article in articles:
                self.articles[article.path] = article
                column = self.columns[article.column]
                rows = sorted(
                    {*column.rows, article.path}, key=lambda path: self.articles[path].published, reverse=True
                )
                self.columns[article.column] = replace(column, rows=tuple(rows))

    def remove(self, path: str) -> None:
        """Takes an article away, page and rows."""
        with self._lock:
            del self.articles[path]
            for column in list(self.columns.values()):
                rows = tuple(row for row in column.rows if row != path)
                self.columns[column.path] = replace(column, rows=rows)

    def edit(self, path: str, old: str, new: str) -> None:
        """Changes words in an article's body.

        Raises:
            ValueError: ``old`` does not stand there exactly once.
        """
        with self._lock:
            article = self.articles[path]
            found = sum(text.count(old) for text in article.paragraphs)
            if found != 1:
                raise ValueError(f"{old!r} stands {found} times in {path}")
            paragraphs = tuple(text.replace(old, new) for text in article.paragraphs)
            self.articles[path] = replace(article, paragraphs=paragraphs)

    def edit_character(self, path: str) -> tuple[str, str]:
        """Changes one character in the middle of an article's body; gives the line before and after."""
        with self._lock:
            article = self.articles[path]
            middle = max(range(len(article.paragraphs)), key=lambda place: len(article.paragraphs[place]))
            old = article.paragraphs[middle]
            place = next(at for at in range(len(old) // 2, len(old)) if "\u4e00" <= old[at] <= "\u9fff")
            new = old[:place] + ("改" if old[place] != "改" else "换") + old[place + 1 :]
            paragraphs = (*article.paragraphs[:middle], new, *article.paragraphs[middle + 1 :])
            self.articles[path] = replace(article, paragraphs=paragraphs)
            return old, new

    def change_furniture(self) -> None:
        """Lets counters, today's date and the recommended links change, and nothing else."""
        with self._lock:
            self.furniture = self.furniture.later()

    # Robots

    def allow_robots(self) -> None:
        """A robots.txt that allows everything."""
        self.robots = "User-agent: *\nAllow: /\n"

    def disallow_robots(self, *prefixes: str) -> None:
        """A robots.txt that forbids these prefixes."""
        self.robots = "User-agent: *\n" + "".join(f"Disallow: {prefix}\n" for prefix in prefixes)

    def no_robots(self) -> None:
        """/robots.txt answers 404."""
        self.robots = None

    # Faults, by path or path?query

    def drop(self, path: str) -> None:
        """The path answers 404."""
        self._set(path, status=404)

    def fail(self, path: str, status: int = 500) -> None:
        """The path answers an error."""
        self._set(path, status=status)

    def blank(self, path: str) -> None:
        """The path answers 200 with no byte of body."""
        self._set(path, blank=True)

    def empty_list(self, path: str) -> None:
        """The column at this path lists nothing."""
        if path not in self.columns:
            raise KeyError(path)
        self._set(path, rowless=True)

    def slow(self, path: str, seconds: float) -> None:
        """The path answers after a while."""
        self._set(path, wait=seconds)

    def cut(self, path: str, share: float = 0.5) -> None:
        """The connection breaks after a share of the announced bytes."""
        self._set(path, cut=share)

    def lie_charset(self, path: str, *, encoding: str = "gb18030", claimed: str = "utf-8") -> None:
        """The page comes in one encoding, header and meta name another."""
        self._set(path, encoding=encoding, claimed=claimed)

    def mend(self, path: str) -> None:
        """Takes all faults of a path away."""
        with self._lock:
            self._faults.pop(path, None)

    def _set(self, path: str, **what: object) -> None:
        with self._lock:
            self._faults[path] = replace(self._faults.get(path, Fault()), **what)  # type: ignore[arg-type]


@dataclass(frozen=True, kw_only=True)
class Crumb:
    """One step of the way from the home page."""

    name: str
    path: str


@dataclass(frozen=True, kw_only=True)
class ListView:
    """One page of a column, ready to be drawn."""

    column: Column
    rows: tuple[Article, ...]
    number: int
    """0-based."""
    count: int
    """Pages of the column."""
    total: int
    """Rows of the column."""
    crumbs: tuple[Crumb, ...] = field(default=())
    children: tuple[Column, ...] = ()
    siblings: tuple[Column, ...] = ()
