"""One module per CMS: how a column lists its entries and turns its pages."""

from __future__ import annotations

from collections.abc import Mapping

from crawler.errors import CrawlerError
from crawler.platforms.anchors import Anchors
from crawler.platforms.base import Page, Platform
from crawler.platforms.epoint import Epoint
from crawler.platforms.trs import Trs

PLATFORMS: dict[str, Platform] = {platform.name: platform for platform in (Epoint(), Trs(), Anchors())}
"""Every platform by name, the most particular first: the order in which they are asked."""


def choose(page: Page, pinned: str | None = None, options: Mapping[str, str] | None = None) -> Platform:
    """The platform to read a page with.

    Args:
        page: The page.
        pinned: Name of the platform the site file prescribes; None to go by the page's own evidence.
        options: Platform options of the site file (``siteguid`` of Epoint).

    Raises:
        CrawlerError: ``pinned`` names no platform.
    """
    if pinned is not None and pinned not in PLATFORMS:
        raise CrawlerError(f"no platform {pinned!r}; there are: {', '.join(PLATFORMS)}")
    name = pinned or next(name for name, platform in PLATFORMS.items() if platform.recognises(page))
    return Epoint(options) if name == Epoint.name else PLATFORMS[name]
