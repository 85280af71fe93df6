"""How to cite a report: one line in the order of GB/T 7714-2015 for an electronic resource.

``责任者. 题名[EB/OL]. (发布日期)[存档日期]. URL. SHA-256: 摘要.`` The date in square brackets is GB/T 7714's date of
citation: the day (UTC) on which the archive fetched the bytes that the text was read from. The digest is the
beginning of the SHA-256 of the normalised text (docs/archive.md), which proves later that the same text is meant.
What is not known is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from archive.terminal import one_line

if TYPE_CHECKING:
    from archive.reader import Archive

DIGITS = 16
"""Of the digest; 64 bits tell a hundred million texts apart."""
LONGEST_TITLE = 300
"""Characters of a title in the line; the longest real one known has 59."""


@dataclass(frozen=True, kw_only=True)
class Citation:
    """What a citation says, field by field."""

    publishers: str | None
    """Joined by 、, in printed order."""
    title: str | None
    published: date | None
    """As printed on the page."""
    url: str
    archived_at: datetime
    """When the bytes behind the text were fetched."""
    text_sha256: str

    @property
    def line(self) -> str:
        """The citation, with nothing in it that could steer a terminal."""
        names = one_line(self.publishers or "").replace("、", ", ")
        title = one_line(self.title or "")
        if len(title) > LONGEST_TITLE:
            title = title[: LONGEST_TITLE - 1] + "…"
        printed = "" if self.published is None else f"({self.published.isoformat()})"
        pieces = [
            *([names] if names else []),
            f"{title or '[题名不详]'}[EB/OL]",
            f"{printed}[{self.archived_at.date().isoformat()}]",
            one_line(self.url),
            f"SHA-256: {self.text_sha256[:DIGITS]}",
        ]
        return ". ".join(pieces) + "."


def cite(archive: Archive, ref: str) -> Citation:
    """The citation of what a reference names: a report as it stands, or the document at a URL.

    Raises:
        UsageError: the reference is unknown or ambiguous.
        DatabaseUnusable: the database fails.
    """
    target = archive.resolve(ref)
    version = archive.version(target.document_id)
    report = None if target.report_id is None else archive.report(target.report_id)
    return Citation(
        publishers=None if report is None else report.publishers,
        title=version.title or (None if report is None else report.title),
        published=version.published or (None if report is None else report.published),
        url=version.url,
        archived_at=version.fetched_at,
        text_sha256=version.text_sha256,
    )
