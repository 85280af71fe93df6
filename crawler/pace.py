"""How long host groups are left alone between two requests: the declared pause, robots.txt, and what they answer.

Scrapy's download slots do the waiting. They are forgotten after a minute of silence and made anew from the settings,
so what a group asked for is kept here and told to both.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scrapy.core.downloader import Downloader

MOST_DOUBLINGS = 5
"""A group that keeps refusing is asked every 64 s where 2 s are declared; three refusals of one request end its run."""
EASED_AFTER = 5
"""Good answers in a row after which a lengthened pause is halved."""


class Pace:
    """The pause of one host group; it doubles with every refusal and shrinks again with good answers.

    Args:
        delay: Seconds that the site file (or the default) says.
    """

    def __init__(self, delay: float) -> None:
        self.asked = delay
        """What is kept at least: the longest of the declared pauses of the group's portals and its Crawl-delay."""
        self._doublings = 0
        self._good = 0

    @property
    def delay(self) -> float:
        """Seconds between two requests now."""
        return float(self.asked * 2**self._doublings)

    def at_least(self, delay: float) -> None:
        """Keeps a longer pause from now on."""
        self.asked = max(self.asked, delay)

    def refused(self) -> None:
        """Notes a 429, a 503 or an answer that did not come in time."""
        self._good = 0
        self._doublings = min(self._doublings + 1, MOST_DOUBLINGS)

    def answered(self) -> None:
        """Notes any other answer."""
        self._good += 1
        if self._doublings and self._good >= EASED_AFTER:
            self._good = 0
            self._doublings -= 1


class Paces:
    """The paces of all host groups of a crawl, applied to Scrapy's download slots."""

    def __init__(self) -> None:
        self._paces: dict[str, Pace] = {}
        self._concurrency: dict[str, int] = {}
        self._downloader: Downloader | None = None

    def attach(self, downloader: Downloader) -> None:
        """Takes over the slots of a downloader, before its first request."""
        self._downloader = downloader
        for group in self._paces:
            self._apply(group)

    def add(self, group: str, *, delay: float, concurrency: int) -> None:
        """A portal of a group joins the crawl; the longest pause of its portals is kept for all of them."""
        pace = self._paces.setdefault(group, Pace(delay))
        pace.at_least(delay)
        self._concurrency[group] = concurrency
        self._apply(group)

    def at_least(self, group: str, delay: float) -> None:
        """Keeps a longer pause from now on: robots.txt asks for it."""
        self._paces[group].at_least(delay)
        self._apply(group)

    def judge(self, group: str, *, refused: bool) -> None:
        """Notes how a group answered."""
        pace = self._paces[group]
        before = pace.delay
        if refused:
            pace.refused()
        else:
            pace.answered()
        if pace.delay != before:
            self._apply(group)

    def rest(self, group: str, seconds: float = 0.0) -> None:
        """Lets the pause begin now; with ``seconds`` the group is left alone for so long, whatever its pause is."""
        slot = self._slot(group)
        if slot is not None:
            # Scrapy counts from the start of a request. Connecting takes time, and the portal would see a shorter
            # gap than we promise (72 ms for 80 ms were measured).
            slot.lastseen = max(slot.lastseen, time.monotonic() + max(0.0, seconds - slot.delay))

    def release(self) -> None:
        """Ends every pause: what waits in the slots is dropped, not sent, once its run stops."""
        downloader = self._downloader
        if downloader is None:
            return
        for slot in downloader.slots.values():
            slot.close()
            slot.delay = slot.lastseen = 0.0
            downloader._process_queue(slot)

    def _slot(self, group: str) -> Any:  # noqa: ANN401  # scrapy.core.downloader.Slot
        return None if self._downloader is None else self._downloader.slots.get(group)

    def _apply(self, group: str) -> None:
        if self._downloader is None:
            return
        delay = self._paces[group].delay
        self._downloader.per_slot_settings[group] = {
            "concurrency": self._concurrency[group],
            "delay": delay,
            "jitter": 0.0,
        }
        slot = self._slot(group)
        if slot is not None:
            slot.delay = delay
