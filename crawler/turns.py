"""Whose turn it is: the portals under way in one crawl, and what they share. A crawl of one portal has one."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from crawler.pace import Paces

if TYPE_CHECKING:
    from scrapy.core.engine import ExecutionEngine

    from archive.errors import ArchiveError
    from crawler.session import Session

SESSION = "session"
"""Key of a request's meta: the run it belongs to. Everything about a portal is taken from there."""


class Turns:
    """The runs under way.

    Args:
        sessions: Begun runs.
    """

    def __init__(self, *sessions: Session) -> None:
        self.paces = Paces()
        self.open: deque[Session] = deque()
        """The one whose turn is next comes first."""
        self.when_left: list[Callable[[Session], object]] = []
        """Called with a run that is over: what is kept for its hosts is not needed any more."""
        for session in sessions:
            self.join(session)

    @property
    def going_on(self) -> bool:
        """False ends the crawl."""
        return bool(self.open)

    def begin(self, engine: ExecutionEngine) -> None:
        """The crawl begins."""
        self.paces.attach(engine.downloader)

    def join(self, session: Session) -> None:
        """Adds a run."""
        self.paces.add(session.slot, delay=session.delay, concurrency=session.concurrency)
        self.open.append(session)

    def left(self, session: Session) -> None:
        """Takes out a run that has nothing under way and nothing to do."""
        self.open.remove(session)
        for forget in self.when_left:
            forget(session)

    def failed(self, session: Session, error: ArchiveError) -> None:
        """Stops what cannot go on because the archive could not be written."""
        session.fail(error)

    def stop(self, why: str) -> None:
        """Stops every run; what is with a portal may finish, nothing further is asked."""
        for session in self.open:
            session.stopping = session.stopping or why
        self.paces.release()
