"""Hands each answer with everything read from it to the archive, in one transaction."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archive.errors import ArchiveError
from archive.records import FetchRecord, FrontierEntry

if TYPE_CHECKING:
    from typing import Self

    from scrapy.crawler import Crawler

    from crawler.session import Session

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Fetched:
    """What the spider yields: an entry of the frontier and its answer."""

    session: Session
    """The run it belongs to."""
    entry: FrontierEntry
    fetch: FetchRecord


class ArchivePipeline:
    """The only way from the crawl into the archive.

    A failed commit ends the run (design rule 12): going on would fetch pages that cannot be kept.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Scrapy's way of building components."""
        return cls(crawler)

    async def process_item(self, item: Fetched) -> Fetched:
        """Stores one answer; stops the crawl if the archive cannot be written."""
        session = item.session
        if session.failure is not None:
            session.lost(item.entry)
            return item
        try:
            await session.record(item.entry, item.fetch)
        except ArchiveError as error:
            session.lost(item.entry)
            self._crawler.spider.turns.failed(session, error)  # type: ignore[union-attr]
        return item
