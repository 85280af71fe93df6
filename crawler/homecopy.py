"""The home page under another address: how some portals answer for every address they do not know.

The status is 200 and nothing on the page says that something is missing; only the home page itself gives it away.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

FEWEST = 20
"""Links from which two pages can be compared by where they lead."""
SHARE = 0.97
"""Of the links of either page; what differs are tokens and rotating pictures. Pages that share a menu of a thousand
links with the home page still miss its own fifty."""
LOOKED_AT = 600_000
"""Bytes."""

_HREF = re.compile(rb"<a\s[^<>]*?href\s*=\s*[\"']?([^\"'\s<>]{1,300})", re.IGNORECASE)
_TITLE = re.compile(rb"<title[^<>]*>\s*([^<]{0,300}?)\s*<", re.IGNORECASE)


class HomeCopy:
    """Remembers a portal's home page for the length of a run.

    Args:
        home: Its address.
    """

    def __init__(self, home: str) -> None:
        self._home = _place(home)
        self._title = b""
        self._links: frozenset[bytes] = frozenset()

    def shows(self, url: str, body: bytes) -> bool:
        """True if an answer is the home page though another page was asked for; the home page itself is remembered.

        Args:
            url: What was asked for.
            body: The answer.
        """
        own = _place(url) in {self._home, self._home + "/", self._home.rstrip("/")}
        if not own and not self._links:
            return False
        links = frozenset(_HREF.findall(body[:LOOKED_AT]))
        title = _TITLE.search(body[:LOOKED_AT])
        name = title[1] if title else b""
        if own:
            self._title, self._links = name, links if len(links) >= FEWEST else frozenset()
            return False
        shared = len(links & self._links)
        return name == self._title and shared >= SHARE * max(len(links), len(self._links), 1)


def _place(url: str) -> str:
    parts = urlsplit(url)
    path = re.sub(r"/(?:index|default)\.\w{3,5}$", "/", parts.path) or "/"
    return parts.netloc.lower().removeprefix("www.") + path + (f"?{parts.query}" if parts.query else "")
