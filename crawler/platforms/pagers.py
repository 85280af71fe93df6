"""All ways of reading a pager, the strongest source first.

Only the number in a pager tells a complete crawl from a partial one.
"""

from __future__ import annotations

from crawler.platforms.base import Page
from crawler.platforms.pager import Pager
from crawler.platforms.pager_counted import counted_pager
from crawler.platforms.pager_counts import counts_of
from crawler.platforms.pager_links import hidden_pager, link_pager
from crawler.platforms.pager_script import channel_pager, script_pager, scripts_of
from crawler.platforms.pager_text import stated


def read_pager(page: Page, entries: int) -> Pager:
    """Everything the page says of its column's other pages.

    Args:
        page: The list page.
        entries: Rows found on it.
    """
    drawn = script_pager(page)
    if drawn:
        return drawn.or_else(Pager(total=stated(None, None, page).total))
    channel = channel_pager(page, entries)
    if channel:
        return channel
    code = scripts_of(page)
    counts = counts_of(page, code)
    pager = hidden_pager(page).or_else(link_pager(page, counts))
    return pager if pager.pages else pager.or_else(counted_pager(page, counts, code))
