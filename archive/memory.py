"""What a list page said last, as JSON: so that a 304 can be answered from memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from archive.records import FrontierKind, How, Link, ListingRecord, Verdict


def remember(listing: ListingRecord | None, links: Sequence[Link]) -> dict[str, Any]:
    """The JSON kept in ``frontier.listing``."""
    return {
        "listing": None if listing is None else _listing_to_json(listing),
        "links": [_link_to_json(link) for link in links],
    }


def recall(kept: Mapping[str, Any] | None) -> tuple[ListingRecord | None, tuple[Link, ...]]:
    """The records behind that JSON; nothing was kept: ``(None, ())``."""
    if kept is None:
        return None, ()
    listing = kept["listing"]
    return (
        None if listing is None else _listing_from_json(listing),
        tuple(_link_from_json(link) for link in kept["links"]),
    )


def _listing_to_json(listing: ListingRecord) -> dict[str, Any]:
    return {
        "entries": listing.entries,
        "total": listing.total,
        "page_count": listing.page_count,
        "page_number": listing.page_number,
        "pages": list(listing.pages),
        "warnings": list(listing.warnings),
        "rows": list(listing.rows),
        "beside": list(listing.beside),
    }


def _listing_from_json(kept: Mapping[str, Any]) -> ListingRecord:
    tuples = {
        name: tuple(kept.get(name, ())) for name in ("pages", "warnings", "rows", "beside")
    }  # two are new
    return ListingRecord(**{**kept, **tuples})


def _link_to_json(link: Link) -> dict[str, Any]:
    return {
        "url": link.url,
        "kind": link.kind.value,
        "how": link.how.value,
        "title": link.title,
        "listed_date": None if link.listed_date is None else link.listed_date.isoformat(),
        "fetch_url": link.fetch_url,
        "priority": link.priority,
        "verdict": link.verdict.value,
        "reason": link.reason,
        "column": link.column,
    }


def _link_from_json(kept: Mapping[str, Any]) -> Link:
    listed = kept["listed_date"]
    return Link(
        **{
            **kept,
            "kind": FrontierKind(kept["kind"]),
            "how": How(kept["how"]),
            "verdict": Verdict(kept["verdict"]),
            "listed_date": None if listed is None else date.fromisoformat(listed),
        }
    )
