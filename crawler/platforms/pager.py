"""What the pages of a column say of its other pages."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from lxml.html import HtmlElement

MAX_PAGES = 2000
"""No column of one publisher is longer; a greater number is an error or a trap."""


@dataclass(frozen=True, kw_only=True)
class Pager:
    """What a pager says. ``pages`` are further pages, without this one and without the first."""

    pages: tuple[str, ...] = ()
    total: int | None = None
    page_count: int | None = None
    page_number: int | None = None
    """0-based."""
    warnings: tuple[str, ...] = ()
    element: HtmlElement | None = field(default=None, compare=False)
    """Where it stands on the page: the column's list is what stands nearest to it."""

    def __bool__(self) -> bool:
        """True if it says anything."""
        return bool(self.pages) or self.total is not None or self.page_count is not None

    def or_else(self, other: Pager) -> Pager:
        """This pager, what it leaves open filled from another one on the same page."""
        return replace(
            self,
            pages=self.pages or other.pages,
            total=self.total if self.total is not None else other.total,
            page_count=self.page_count if self.page_count is not None else other.page_count,
            page_number=self.page_number if self.page_number is not None else other.page_number,
            element=self.element if self.element is not None else other.element,
            warnings=tuple(dict.fromkeys((*self.warnings, *other.warnings))),
        )
