"""What goes beyond the rows that a list page of 福建 holds: a search that only a POST asks.

TRS WCM there puts the first ``maxStaticIndex`` × ``prepage`` rows into the page and leaves the others to
``listApi: {url: "/fjdzapp/search"}``, asked with ``channelid`` (the portal's ``searchId``), ``classsql``
(``chnlid=1780``), ``sortfield``, ``page`` and ``prepage`` (met at 平潭 and departments). ``prepage=75`` is common
there, so one page of the search can be as long as what the page already holds. The answer is JSON.
"""

from __future__ import annotations

import re

from crawler.platforms.base import Page
from crawler.platforms.links import base_of, join
from crawler.platforms.pager import MAX_PAGES
from crawler.platforms.post import post_address, split_post

_INTERFACE = re.compile(r"\blistApi\s*:\s*\{[^{}]{0,200}?\burl\s*:\s*[\"']([^\"'\s]{1,200})[\"']")
_CHANNEL = re.compile(r"\b(?:searchId|channelid)\s*:\s*[\"']?(\d{1,9})")
_WHICH = re.compile(r"\bclasssql\s*:\s*(?:[\"'][\"']\s*\|\|\s*)?[\"']([^\"'\n]{1,200})[\"']")
_ORDER = re.compile(r"\bsortfield\s*:\s*[\"']([\w,+-]{1,100})[\"']")


def is_search(url: str) -> bool:
    """True for an address of the search: whatever it answers, it is asked for JSON."""
    post = split_post(url)
    return post is not None and any(name == "classsql" for name, _ in post.fields)


def search_pages(page: Page, code: str, *, size: int, count: int) -> tuple[str, ...]:
    """The addresses of the pages behind the one at hand; none if the page does not tell where to ask.

    Args:
        page: The list page.
        code: Its scripts.
        size: Rows of one page: as many as stand on the list page, so that the search goes on where it ends.
        count: Pages of that size in the column, the list page being the first.
    """
    interface, channel, which = _INTERFACE.search(code), _CHANNEL.search(code), _WHICH.search(code)
    url = join(base_of(page), interface[1]) if interface else None
    if url is None or channel is None or which is None:
        return ()
    order = _ORDER.search(code)
    form = {
        "channelid": channel[1],
        "sortfield": order[1] if order else "-docorderpri,-docreltime",
        "classsql": which[1],
        "classcol": "publishyear",
        "classnum": "100",
        "classsort": "0",
        "cache": "true",
    }
    numbers = range(2, min(count, MAX_PAGES) + 1)
    return tuple(post_address(url, form={**form, "page": str(n), "prepage": str(size)}) for n in numbers)
