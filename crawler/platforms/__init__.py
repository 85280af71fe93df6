"""One module per CMS: how a column lists its entries and turns its pages."""

from __future__ import annotations

from collections.abc import Mapping

from crawler.errors import CrawlerError
from crawler.platforms import jpage, jsontext
from crawler.platforms.anchors import Anchors
from crawler.platforms.anhui import Anhui
from crawler.platforms.base import Page, Platform
from crawler.platforms.epoint import Epoint
from crawler.platforms.gkmlpt import Gkmlpt
from crawler.platforms.hanweb import Hanweb
from crawler.platforms.igs import Igs
from crawler.platforms.jsonlist import JsonLists
from crawler.platforms.siteserver import SiteServer
from crawler.platforms.trs import Trs
from crawler.platforms.ucap import Ucap
from crawler.platforms.vsb import Vsb

PLATFORMS: dict[str, Platform] = {
    platform.name: platform
    for platform in (
        Gkmlpt(),
        Igs(),
        Ucap(),
        Anhui(),
        Hanweb(),
        JsonLists(),
        Epoint(),
        Vsb(),
        SiteServer(),
        Trs(),
        Anchors(),
    )
}
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
    # A portal of one platform may fill some lists from an interface of another make: an answer is read as what it is.
    # A page is read as prescribed, and not asked for its evidence: that takes as long as finding its text.
    name = pinned if pinned is not None and not is_data(page) else _shown(page)
    return Epoint(options) if name == Epoint.name else PLATFORMS[name]


def _shown(page: Page) -> str:
    return next(name for name, platform in PLATFORMS.items() if platform.recognises(page))


def is_data(page: Page) -> bool:
    """True for an answer of an interface: JSON, or a set of records. It has no links but those of its rows."""
    return jsontext.load(page.text) is not None or jpage.is_recordset(page.text)
