"""Search in the texts: a part of ``archive.reader``."""

from __future__ import annotations

from typing import Any, Literal

from archive import search, search_index
from archive.reader_base import Readings
from archive.search import Counted, Filters, Hit
from archive.search_index import Status


class SearchReadings(Readings):
    """Which texts say what."""

    def search(
        self,
        words: str,
        *,
        order: Literal["newest", "rank"] = "newest",
        limit: int | None = 20,
        **filters: Any,  # noqa: ANN401
    ) -> list[Hit]:
        """The reports' texts in which all words stand, with the passages.

        Args:
            words: separated by white space; a phrase in quotation marks. Any string is a query.
            order: ``newest`` year reported on first, or by ``rank``; see ``archive.search``.
            limit: at most so many; None: all.
            **filters: the fields of ``archive.search.Filters``: portal, place, level, year, publisher,
                kind, state, part, history.

        Raises:
            IndexUnusable: the index is incomplete or of another segmenter: `archive index rebuild`.
        """
        with self._reading() as connection:
            return search.search(connection, words, Filters(**filters), order=order, limit=limit)

    def search_counts(
        self,
        words: str,
        *,
        by: Literal["year", "place"] = "year",
        **filters: Any,  # noqa: ANN401
    ) -> list[Counted]:
        """How many reports answer a search, by year or by place; arguments and errors as of ``search``."""
        with self._reading() as connection:
            return search.counts(connection, words, Filters(**filters), by=by)

    def search_status(self) -> Status:
        """How the search index stands."""
        with self._reading() as connection:
            return search_index.status(connection)
