"""How the address of page *n* follows from *n*, learned from the addresses a pager shows.

Met: the number itself (``2.html``, ``?page=2``), one less (TRS ``index_1.html`` is page 2), and counted from the
end (博达 VSB ``list/57.htm`` is page 2 of 58, ``list/1.htm`` the last).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from crawler.platforms.links import parts_of

_NUMBER = re.compile(r"(?<!\d)(?:0|[1-9]\d{0,4})(?!\d)")


@dataclass(frozen=True)
class Template:
    """The addresses of a column's pages but the first: ``head``, a number, ``tail``."""

    head: str
    tail: str
    sign: int
    """-1 where pages are numbered from the end."""
    offset: int

    def url(self, page: int) -> str:
        """The address of a page; pages count from 1."""
        return f"{self.head}{self.sign * page + self.offset}{self.tail}"

    def page(self, url: str) -> int | None:
        """The page an address is of; None for an address of another shape."""
        if not (url.startswith(self.head) and url.endswith(self.tail)):
            return None
        middle = url[len(self.head) : len(url) - len(self.tail)]
        if not _NUMBER.fullmatch(middle):
            return None
        return self.sign * (int(middle) - self.offset)

    def holds(self, page: int) -> bool:
        """True if a page has an address of this shape: numbers are never negative, nor 0 from the end."""
        number = self.sign * page + self.offset
        return number > 0 or (number == 0 and self.sign > 0)


def learn(shown: Mapping[int, str]) -> Template | None:
    """The template at least two shown addresses agree on; None if there is none.

    Args:
        shown: Page number, from 1, to address.
    """
    votes: Counter[Template] = Counter()
    for page, url in shown.items():
        for head, value, tail in _numbers(url):
            votes[Template(head, tail, 1, value - page)] += 1
            votes[Template(head, tail, -1, value + page)] += 1
    fitting = [(count, template) for template, count in votes.items() if count >= 2]
    if not fitting:
        return None
    # Two addresses of one place agree on one direction only, unless they are of one page.
    return max(fitting, key=lambda pair: (pair[0], pair[1].sign, len(pair[1].head)))[1]


def guess(second: str, count: int) -> Template | None:
    """The template from the address of page 2 alone, where it can be only one.

    Args:
        second: Address of page 2.
        count: Pages of the column.
    """
    found = []
    for head, value, tail in _numbers(second):
        if value in {1, 2}:
            found.append(Template(head, tail, 1, value - 2))
        if value in {count - 1, count} and value > 2:
            found.append(Template(head, tail, -1, value + 2))
    return found[-1] if len({(t.head, t.tail) for t in found}) == 1 and len(found) == 1 else None


def ends_with(last: str, count: int) -> Template | None:
    """The template from the address of the last page and the number of pages.

    Args:
        last: Address of the last page.
        count: Pages of the column, at least two.
    """
    for head, value, tail in reversed(_numbers(last)):
        if value in {count, count - 1}:
            return Template(head, tail, 1, value - count)
        if value == 1:
            return Template(head, tail, -1, count + 1)
    return None


def _numbers(url: str) -> list[tuple[str, int, str]]:
    """The numbers in path and query of an address, each with what stands before and behind it."""
    parts = parts_of(url)
    start = (
        url.find(parts.path, len(parts.scheme) + 3 + len(parts.netloc)) if parts and parts.path else len(url)
    )
    return [
        (url[: match.start()], int(match[0]), url[match.end() :])
        for match in _NUMBER.finditer(url, max(start, 0))
    ]
