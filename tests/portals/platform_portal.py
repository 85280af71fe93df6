"""A replica of one platform as a portal that a whole crawl can be run against."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, urlencode

from crawler.platforms.post import post_address
from crawler.sample.server import Answer as Served
from crawler.sample.server import Request
from crawler.site import Column, Site
from tests.portals.platform_replicas import Answer, PlatformReplica

NOT_FOUND = "<html><head><title>404</title></head><body>抱歉，您访问的页面不存在</body></html>"

ANNEX = (
    rb"{\rtf1\ansi\ansicpg936 Table of cases reviewed in the year under report: 24 opinions, 24 taken over.}"
)
_FILE = re.compile(r"\.(?:pdf|docx?)$|/download(?:/|\.jsp)")


class PlatformPortal:
    """Answers for a replica's host; every row of its column has an article.

    Args:
        replica: What is served.
        faults: Per address what is answered instead.
    """

    def __init__(self, replica: PlatformReplica, faults: Mapping[str, Served] | None = None) -> None:
        self.replica = replica
        self.faults = dict(faults or {})
        self.asked: list[Request] = []
        self.robots = ""

    @property
    def hosts(self) -> Iterable[str]:
        """The one host."""
        return (self.replica.host,)

    def site(self) -> Site:
        """The replica as a site file would declare it."""
        column = Column(url=self.replica.column_url, name="法治政府建设年度报告", confirmed=True)
        return Site(
            key="replica",
            name="清河区",
            short_name="清河区",
            level="county",
            division_code="120199",
            home_url=f"https://{self.replica.host}/",
            hosts=(self.replica.host,),
            columns=(column,),
            options=dict(self.replica.options),
            delay=0.0,
            declared=True,
        )

    def __call__(self, request: Request) -> Served:
        """Answers one request."""
        self.asked.append(request)
        if request.path == "/robots.txt":
            return (
                Served(body=self.robots.encode(), content_type="text/plain")
                if self.robots
                else Served(status=404)
            )
        address = address_of(request)
        for known, fault in self.faults.items():
            if _plain(known) == _plain(address) and request.url.startswith(known.partition("//")[0]):
                return fault
        answer = next(
            (answer for known, answer in self.replica.answers.items() if _plain(known) == _plain(address)),
            None,
        )
        if answer is None and any(_plain(row.url) == _plain(address) for row in self.replica.rows):
            answer = self._article(address)
        if answer is None and request.path in self.replica.article_url.partition("?")[0] and request.query:
            answer = self.replica.answers[self.replica.article_url]  # every article is behind one interface
        if answer is None and _FILE.search(request.url):
            return Served(body=ANNEX, content_type="application/msword")
        if answer is None:
            return Served(status=404, body=NOT_FOUND.encode(), etag=False)
        return Served(body=answer.body, content_type=answer.content_type, status=answer.status)

    def _article(self, address: str) -> Answer:
        first = self.replica.answers[self.replica.article_url]
        row = next(row for row in self.replica.rows if _plain(row.url) == _plain(address))
        body = first.body.replace(self.replica.rows[0].title.encode(), row.title.encode())
        return Answer(
            body=body.replace("二十四条".encode(), f"{row.title[-4:-2]}条".encode()),
            content_type=first.content_type,
        )


def address_of(request: Request) -> str:
    """What the frontier calls the page that is asked for."""
    if request.method != "POST":
        return request.url
    body = request.body.decode()
    if request.headers.get("content-type", "").startswith("application/json"):
        return post_address(request.url, data=json.loads(body))
    return post_address(request.url, form=parse_qsl(body, keep_blank_values=True))


def _plain(url: str) -> str:
    """An address without scheme and without the fragment that is never sent; clients escape queries differently."""
    address, _, fragment = url.partition("#")
    path, _, query = address.partition("://")[2].partition("?")
    body = f"#{fragment}" if fragment.startswith("!post:") else ""
    return f"{path}?{urlencode(parse_qsl(query, keep_blank_values=True))}{body}"
