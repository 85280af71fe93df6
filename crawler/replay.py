"""Runs answered from a recording only: no request leaves this machine.

A page a person recorded in a browser goes the same way as a fetched one: the same guards, refusals, readers and
store. What the recording lacks stays queued for the next crawl and makes the run partial; nothing is taken for gone
because a recording does not show it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.http import Response
from scrapy.http.headers import Headers
from scrapy.responsetypes import responsetypes

from archive.records import FrontierEntry, FrontierKind, How, Link, Outcome
from crawler.guards import Refused
from crawler.hosts import host_problem
from crawler.platforms import choose
from crawler.platforms.base import Page
from crawler.platforms.post import split_post
from crawler.reading import DOCUMENT_SUFFIXES
from crawler.recordings import Answer, Recording
from crawler.session import Session
from crawler.turns import SESSION

if TYPE_CHECKING:
    from crawler.summary import Summary

RECORDED_AT = "recorded_at"
"""Key of a request's meta: when its answer was recorded."""
LIST_ROWS = 5
"""Rows from which a recorded page is read as a list: an article's page links fewer others with a date."""
_LOOK_AHEAD = 100_000
_PAGES = (
    "text/html",
    "application/xhtml+xml",
    "application/json",
    "text/plain",
    "text/xml",
    "application/xml",
)
_FILES = (
    "application/pdf",
    "application/msword",
    "application/vnd.",
    "application/ofd",
    "application/rtf",
    "application/zip",
)

SETTINGS: dict[str, Any] = {
    "DOWNLOAD_HANDLERS": {
        "http": "crawler.replay.ReplayHandler",
        "https": "crawler.replay.ReplayHandler",
        **dict.fromkeys(("data", "file", "ftp", "s3")),
    },
    # robots.txt rules requests; none is made.
    "ROBOTSTXT_OBEY": False,
    "RETRY_ENABLED": False,
}
"""Scrapy settings of a replayed run, over those of every run."""


class ReplayHandler(BaseDownloadHandler):
    """Answers requests from the session's recording."""

    lazy = True

    async def download_request(self, request: Request) -> Response:
        """The recorded answer.

        Raises:
            Refused: It was not recorded.
        """
        session = request.meta[SESSION]
        answer = session.recording.find(request.url, request.method, request.body)
        if answer is None:
            raise Refused(Outcome.UNRECORDED, "not in the recording")
        request.meta[RECORDED_AT] = answer.recorded_at
        headers = Headers(answer.headers)
        kind = responsetypes.from_args(headers=headers, url=request.url, body=answer.body)
        return kind(request.url, status=answer.status, headers=headers, body=answer.body)

    async def close(self) -> None:
        """Nothing is open."""


class ReplaySession(Session):
    """A run over what was recorded.

    Args:
        recording: The answers.
        everything: Read also what no recorded page leads to (``crawler import``).
        given: As of :class:`Session`.
    """

    def __init__(self, *given: Any, recording: Recording, everything: bool, **named: Any) -> None:  # noqa: ANN401
        super().__init__(*given, **named)
        self.recording = recording
        self.everything = everything
        self.older = 0
        """Recorded answers that are older than what the archive last saw at their address."""

    def open(self) -> None:
        """Begins the run and queues the recorded pages that the archive has not seen as new."""
        super().open()
        moments = {
            url: answer.recorded_at
            for answer in self.recording
            for url in _both_schemes(answer.url)
            if host_problem(url, self.site.hosts) is None
        }
        self.older = self.store.requeue(self.run_id, moments)
        if self.everything:
            self.store.enqueue(
                self.run_id, [link for answer in self.recording if (link := self._link(answer))]
            )

    def next_entries(self, limit: int) -> list[FrontierEntry]:
        """Only what was recorded; the rest waits for a crawl."""
        entries = self.store.next_entries(
            self.run_id, self.portal_id, exclude=self._in_flight, limit=_LOOK_AHEAD
        )
        return [entry for entry in entries if self._recorded(entry.fetch_url)][:limit]

    def close(self) -> Summary:
        """As of every run. What was not recorded is still queued, so that the run is partial."""
        if self.older:
            self.notes.append(
                f"{self.older} recorded answers are older than what the archive holds; left out"
            )
        self.notes += self.recording.warnings
        return super().close()

    def _recorded(self, fetch_url: str) -> bool:
        post = split_post(fetch_url)
        if post is None:
            return self.recording.find(fetch_url) is not None
        return self.recording.find(post.url, "POST", post.body.encode()) is not None

    def _link(self, answer: Answer) -> Link | None:
        """How a recorded answer enters the frontier; None for styles, scripts, pictures, errors, other hosts."""
        media = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        url = self._as_declared(answer.url)
        if answer.method != "GET" or answer.status != 200 or host_problem(url, self.site.hosts) is not None:
            return None
        path = url.partition("?")[0].lower()
        if path.endswith(DOCUMENT_SUFFIXES) or media.startswith(_FILES):
            kind = FrontierKind.ATTACHMENT
        elif media in _PAGES:
            kind = self._kind(url, answer)
        else:
            return None
        return Link(
            url=url,
            kind=kind,
            how=How.DISCOVERED,
            priority=1,
            reason=f"recorded in {self.recording.path.name}",
        )

    def _kind(self, url: str, answer: Answer) -> FrontierKind:
        page = Page(url, answer.body, answer.headers.get("content-type"))
        rows = choose(page, self.site.platform, self.site.options).listing(page).entries
        return (
            FrontierKind.HUB if sum(row.date is not None for row in rows) >= LIST_ROWS else FrontierKind.PAGE
        )

    def _as_declared(self, url: str) -> str:
        """The address with the scheme of the portal's home page: a recording does not tell which one is the page's."""
        scheme = self.site.home_url.partition("://")[0]
        return f"{scheme}://{url.partition('://')[2]}"


def provenance(recording: Recording) -> dict[str, Any]:
    """What a replayed run keeps of its recording: name, digest (of a file), number of answers."""
    kept: dict[str, Any] = {"recording": recording.path.name, "answers": len(recording)}
    if recording.path.is_file():
        kept["sha256"] = _digest(recording.path)
    return kept


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _both_schemes(url: str) -> tuple[str, str]:
    rest = url.partition("://")[2]
    return f"http://{rest}", f"https://{rest}"
