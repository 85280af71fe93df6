"""Gateway copies: some portals show every page a second time in traditional characters.

``http://www.beijing.gov.cn/gate/big5/www.beijing.gov.cn/a/b.html`` is the page ``http://www.beijing.gov.cn/a/b.html``
run through a converter. The original is the document; a copy is fetched only where its original stands on a host that
is not declared.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from archive.records import FrontierKind, How, Link, Verdict
from crawler.hosts import host_problem

_GATE = re.compile(r"^/gate/(?:big5|gb)/(?P<host>[A-Za-z0-9.-]+(?::\d{1,5})?)(?P<path>/.*)?$")
REMARK = "traditional-character gateway copy of"


def original_of(url: str) -> str | None:
    """The address of the page that a gateway copy shows; None for every other address.

    Args:
        url: Absolute.
    """
    try:
        parts = urlsplit(url)
    except ValueError:  # no address at all
        return None
    found = _GATE.match(parts.path)
    if found is None:
        return None
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{found['host'].lower()}{found['path'] or '/'}{query}"


def originals(links: Sequence[Link], hosts: tuple[str, ...]) -> tuple[Link, ...]:
    """Links with gateway copies replaced by their originals, where these may be fetched; else with a remark.

    The traditional title of a copy is not handed on: the original says its own. Further pages of a list that is read
    through the gateway stay what they are, so that the list can be counted.

    Args:
        links: As a page gave them.
        hosts: Declared hosts.
    """
    return tuple(_original(link, hosts) for link in links)


def _original(link: Link, hosts: tuple[str, ...]) -> Link:
    original = original_of(link.url)
    if original is None or (link.kind is FrontierKind.COLUMN and link.how is How.LISTED):
        return link
    if link.verdict is Verdict.NO and host_problem(link.url, hosts) is not None:
        return link  # refused for the gateway's host, which says nothing of the original
    if host_problem(original, hosts) is not None:
        return replace(link, reason=f"{link.reason or 'listed'}; {REMARK} {original}")
    fetched = original_of(link.fetch_url) if link.fetch_url else None
    title = link.title if link.verdict is Verdict.NO else None
    return replace(link, url=original, fetch_url=fetched, title=title)
