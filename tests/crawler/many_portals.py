"""Small portals for crawls of many: a column of so many reports each, at a host of its own, behind one proxy."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path

from crawler.many_choice import Choice, Chosen
from crawler.sample.server import Answer, LogLine, LoopbackServer, Request
from crawler.site import Column, Site
from tests.crawler.network import PARTS, SENTENCES, listing

ROWS = 15
COLUMN = "/zwgk/fzzfjs/"
TEXT = "".join(
    f"<p>{part}</p>" + "".join(f"<p>　　{sentence.format(n=n)}</p>" for sentence in SENTENCES[:4])
    for n, part in enumerate(PARTS, start=1)
)
"""Short, so that reading does not outweigh what is tested here."""
Special = Callable[[Request], Answer | None]


class SmallPortal:
    """A column of reports.

    Args:
        key: Also its host, ``www.<key>.example``.
        reports: How many.
        group: Its host group, if not its host.
        special: Answers instead, where it answers at all.
    """

    def __init__(
        self, key: str, reports: int = 3, *, group: str | None = None, special: Special | None = None
    ) -> None:
        self.key = key
        self.host = f"www.{key}.example"
        self.reports = reports
        self.group = group or self.host
        self.special = special

    @property
    def pages(self) -> int:
        """Addresses that a whole crawl asks for, robots.txt left out."""
        return self.reports + -(-self.reports // ROWS)

    @property
    def chosen(self) -> Chosen:
        """As a round takes it."""
        return Chosen(key=self.key, name=self.name, group=self.group)

    @property
    def name(self) -> str:
        """As a site file would say it."""
        return f"示例省{self.key}区"

    def site(self) -> Site:
        """As declared."""
        base = f"http://{self.host}"
        return Site(
            key=self.key,
            name=self.name,
            short_name=f"{self.key}区",
            level="county",
            division_code=None,
            home_url=f"{base}/",
            hosts=(self.host,),
            columns=(Column(url=base + COLUMN, name="法治政府建设年度报告"),),
            delay=0,
            host_group=self.group,
            platform="trs",
        )

    def url(self, number: int) -> str:
        """Address of a report."""
        return f"http://{self.host}{COLUMN}202403/t20240328_{1000 + number}.html"

    def __call__(self, request: Request) -> Answer:
        """Answers one request."""
        special = self.special(request) if self.special is not None else None
        if special is not None:
            return special
        if request.path == "/robots.txt":
            return Answer(body=b"User-agent: *\nDisallow: /search/\n", content_type="text/plain")
        last = -(-self.reports // ROWS)
        for page in range(last):
            if request.path == COLUMN + (f"index_{page}.html" if page else ""):
                rows = (self._row(n) for n in range(page * ROWS, min(self.reports, (page + 1) * ROWS)))
                return Answer(
                    body=listing(
                        *rows, more=f'<script>createPageHTML({last}, {page}, "index", "html");</script>'
                    )
                )
        for number in range(self.reports):
            if request.url == self.url(number):
                return Answer(body=self._article(number))
        return Answer(status=404, body="<html><body>页面不存在</body></html>".encode())

    def _title(self, number: int) -> str:
        return f"{self.key}第{number // 10 + 1}街道{2023 - number % 10}年法治政府建设情况报告"

    def _row(self, number: int) -> str:
        title, day = self._title(number), f"{2024 - number % 10}-03-28"
        href = self.url(number).partition(self.host)[2]
        return f'<li><a href="{href}" title="{title}">{title}</a><span>{day}</span></li>'

    def _article(self, number: int) -> bytes:
        title = self._title(number)
        return (
            f"<html><head><title>{title}_示例区人民政府</title></head><body><h1>{title}</h1>"
            f"<p>发布日期：{2024 - number % 10}-03-28</p><div class='TRS_Editor'><p>{title}</p>{TEXT}"
            f"<p>{self.key}第{number}号</p></div></body></html>"
        ).encode()


class Portals(LoopbackServer):
    """Serves portals as a proxy and measures, per host group, how many requests are under way at once.

    Args:
        portals: Each answers for its host.
    """

    def __init__(self, *portals: SmallPortal) -> None:
        self.by_host = {portal.host: portal for portal in portals}
        self.most: dict[str, int] = defaultdict(int)
        """Host group → most requests under way at once."""
        self._now: dict[str, int] = defaultdict(int)
        self._lock = threading.Lock()
        super().__init__(self._answer_counted)

    @property
    def choice(self) -> Choice:
        """All of them."""
        return Choice(portals=tuple(portal.chosen for portal in self.by_host.values()))

    def load(self, key: str) -> Site:
        """The site of a key."""
        return self.by_host[f"www.{key}.example"].site()

    def _answer_counted(self, request: Request) -> Answer:
        portal = self.by_host[request.host]
        with self._lock:
            self._now[portal.group] += 1
            self.most[portal.group] = max(self.most[portal.group], self._now[portal.group])
        try:
            return portal(request)
        finally:
            with self._lock:
                self._now[portal.group] -= 1

    def lines(self, *portals: SmallPortal) -> list[LogLine]:
        """What was asked of some portals, in order."""
        hosts = {f"http://{portal.host}/" for portal in portals}
        return sorted(
            (line for line in self.log if any(line.url.startswith(host) for host in hosts)),
            key=lambda line: line.began,
        )

    def groups(self) -> dict[str, list[LogLine]]:
        """What was asked, by host group, in order."""
        by_group: dict[str, list[SmallPortal]] = defaultdict(list)
        for portal in self.by_host.values():
            by_group[portal.group].append(portal)
        return {group: self.lines(*portals) for group, portals in by_group.items()}


def gaps(lines: Sequence[LogLine]) -> list[float]:
    """Seconds from one request's beginning to the next one's."""
    return [after.began - before.began for before, after in pairwise(lines)]


def overlaps(lines: Iterable[LogLine]) -> list[tuple[LogLine, LogLine]]:
    """Neighbours of which the later began before the earlier's last byte had left."""
    return [(before, after) for before, after in pairwise(lines) if after.began < before.ended]


def seeds(folder: Path, *portals: SmallPortal, delay: float = 0.0) -> Path:
    """A seeds folder with these portals, and one whose address nobody knows."""
    head = "key,name,short_name,province,city,level,division_code,url,platform_hint,access_probe,disclosure_url,disclosure_note,news_url,note"
    lines = [
        f"{one.key},{one.name},{one.key}区,示例省,示例市,county,,http://{one.host}/,trs,,,,,"
        for one in portals
    ]
    lines.append("nowhere,示例省无址县,无址县,示例省,示例市,county,,,,,,,,site not known")
    sites = folder / "sites"
    sites.mkdir(parents=True)
    (folder / "portals.csv").write_text("\n".join((head, *lines, "")), encoding="utf-8")
    (folder / "towns.csv").write_text("code,name,kind,county_code\n", encoding="utf-8")
    for one in portals:
        (sites / f"{one.key}.toml").write_text(
            f'key = "{one.key}"\nhosts = ["{one.host}"]\ndelay = {delay}\nhost_group = "{one.group}"\n'
            f'[[column]]\nurl = "http://{one.host}{COLUMN}"\nname = "法治政府建设年度报告"\n',
            encoding="utf-8",
        )
    return folder
