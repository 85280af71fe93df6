"""List pages of a portal: which of them gave reports, which one led to which, and where a lost column went."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import memory, places, schema
from archive.records import FrontierKind, FrontierState, How, Link
from archive.states import ChangeKind
from archive.transaction import Transaction, note

LEARNED_PRIORITY = 85
"""Above discovered columns, below declared and confirmed ones."""
BEST_LEARNED = 89
"""Of a column that gave 16 reports and more."""
_LISTS = (FrontierKind.COLUMN, FrontierKind.HUB)
_f = schema.frontier


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """One list page, or page on the way to one, as earlier runs left it."""

    id: int
    url: str
    fetch_url: str
    kind: FrontierKind
    how: How
    state: FrontierState
    title: str | None
    column: str | None
    found_on: int | None
    """Id of the page that first led here."""
    documents: int
    """Documents of the archive that it lists, or that were first found on it."""
    further: bool
    """A later page of the column that begins at ``found_on``."""

    @property
    def priority(self) -> int:
        """By yield: a column with twice the reports goes before."""
        return min(BEST_LEARNED, LEARNED_PRIORITY + max(0, self.documents.bit_length() - 1))


def list_pages(connection: Connection, portal_id: int) -> list[ListPage]:
    """The list pages of a portal that are not refused, in the order in which they became known."""
    found_on: dict[int, int] = defaultdict(int)
    stand: dict[str, int] = {}
    for document in connection.execute(_DOCUMENTS, {"portal_id": portal_id}):
        stand[places.key(document.url)] = document.id
        if document.found_on_id is not None:
            found_on[document.found_on_id] += 1
    rows = connection.execute(_PAGES, {"portal_id": portal_id}).all()
    pages: list[ListPage] = []
    further: dict[int, frozenset[str]] = {}
    for row in rows:
        listing, links = memory.recall(row.listing)
        further[row.id] = frozenset(map(places.key, listing.pages)) if listing is not None else frozenset()
        listed = {stand[key] for link in links if (key := places.key(link.url)) in stand}
        pages.append(
            ListPage(
                id=row.id,
                url=row.url,
                fetch_url=row.fetch_url,
                kind=FrontierKind(row.kind),
                how=How(row.how),
                state=FrontierState(row.state),
                title=row.title,
                column=row.column,
                found_on=row.found_on_id,
                documents=max(len(listed), found_on[row.id]),
                further=places.key(row.url) in further.get(row.found_on_id, frozenset()),
            )
        )
    return pages


def learned(pages: list[ListPage]) -> list[Link]:
    """Those that gave reports and were not lost since, the most fruitful first, first pages before further ones."""
    known = {page.id: page for page in pages}
    links = []
    for page in pages:
        if not page.documents or page.state is FrontierState.GONE:
            continue
        priority, head = page.priority, page
        while head.further and head.found_on in known and known[head.found_on].id < head.id:
            head = known[head.found_on]
            priority = min(priority, head.priority)
        links.append(
            Link(
                url=page.url,
                fetch_url=page.fetch_url if page.fetch_url != page.url else None,
                kind=FrontierKind.COLUMN,
                how=How.LEARNED,
                title=page.title,
                column=page.column,
                priority=priority,
                reason=f"gave {page.documents} report{'s' if page.documents > 1 else ''} in earlier runs",
            )
        )
    return sorted(links, key=lambda link: -link.priority)


def lose(tx: Transaction, url: str, reason: str, *, moved_to: str | None) -> None:
    """Notes by the rules of ``Store.lose_column`` that a column stands where it stood no longer."""
    where = f"moved to {moved_to}" if moved_to is not None else reason
    tx.connection.execute(
        _f.update()
        .where(_f.c.portal_id == tx.portal_id, _f.c.url == url)
        .values(state=FrontierState.GONE, reason=where)
    )
    if moved_to is not None:
        note(tx, ChangeKind.COLUMN_MOVED, document_id=None, report_id=None, detail=f"{url} → {moved_to}")


_PAGES = (
    sa.select(
        _f.c.id,
        _f.c.url,
        _f.c.fetch_url,
        _f.c.kind,
        _f.c.how,
        _f.c.state,
        _f.c.title,
        _f.c.column,
        _f.c.found_on_id,
        _f.c.listing,
    )
    .where(
        _f.c.portal_id == sa.bindparam("portal_id"),
        _f.c.state != FrontierState.REFUSED,
        _f.c.kind.in_(_LISTS),
    )
    .order_by(_f.c.id)
)
_DOCUMENTS = (
    sa.select(_f.c.id, _f.c.url, _f.c.found_on_id)
    .join(schema.document, schema.document.c.frontier_id == _f.c.id)
    .where(_f.c.portal_id == sa.bindparam("portal_id"))
)
