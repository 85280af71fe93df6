"""The reader's part for coverage: who must report, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from archive.reader_base import Readings

if TYPE_CHECKING:
    from archive.coverage_cells import Coverage


class CoverageReadings(Readings):
    """Answers about what is there and what is missing."""

    def coverage(
        self,
        years: Iterable[int],
        *,
        province: str | None = None,
        place: str | None = None,
        site: str | None = None,
        level: str | None = None,
        today: date | None = None,
    ) -> Coverage:
        """The state of every cell, place × year, that the roster has.

        Args:
            years: the years reported on.
            province: its name, or the beginning of it.
            place: a city, county, street … by name or by the beginning of its division code.
            site: key of a portal.
            level: ``province``, ``city``, ``county``, ``street``, ``town``, ``zone``, ``department``.
            today: the day in China up to which reports are owed; by default today.

        Raises:
            UsageError: the archive has no roster, or nobody in it fits.
        """
        from archive import coverage
        from archive.coverage_held import CHINA
        from archive.coverage_scope import Scope

        day = today or datetime.now(UTC).astimezone(CHINA).date()
        scope = Scope(province=province, place=place, site=site, level=level)
        with self._reading() as connection:
            return coverage.read(connection, scope, years, day)
