"""Any list of links with dates and a next page: what is left when no platform shows itself."""

from __future__ import annotations

from crawler.platforms.base import Listing, Page
from crawler.platforms.lists import read_list


class Anchors:
    """The reader of last resort. Follows only pages that stand as links or are stated by a script call."""

    name = "anchors"
    containers: tuple[str, ...] = (
        "#UCAP-CONTENT",
        ".ucapcontent",
        "#vsb_content .v_news_content",
        "#vsb_content",
        "#vsb_content_2",
        "#ivs_content",
        ".Article_content",
        ".main-txt",
        "#zoom",
        "#Zoom",
        ".zoom",
        ".article-content",
        ".article_con",
        ".content-box",
        ".xxgk-content",
        ".detail-content",
        ".pages_content",
        "#fontzoom",
    )

    def recognises(self, page: Page) -> bool:
        """True for every page."""
        return True

    def listing(self, page: Page) -> Listing:
        """Reads a list of links with dates."""
        return read_list(page)

    def article(self, page: Page) -> Page:
        """The page itself."""
        return page
