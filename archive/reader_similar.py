"""Questions about shared text: near-duplicates of a report, passages, plans taken up a year later."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from archive import plan_years, references, similar, similar_pairs, similar_passages
from archive.plan_years import PlansAnswer
from archive.reader_base import Readings
from archive.similar import COMMON, LEAST, Among, Answer, Newest
from archive.similar_index import state, uncovered
from archive.similar_pairs import Pair
from archive.similar_passages import Passage


class SimilarReadings(Readings):
    """What reports share with each other."""

    def similar(
        self,
        ref: str | int,
        *,
        least: float = LEAST,
        among: Collection[Among] = (),
        limit: int | None = None,
    ) -> Answer:
        """The reports that share text with one; a relation, not a judgement that they are one.

        Args:
            ref: see ``resolve``.
            least: Jaccard similarity from which on.
            among: kinds of other reports, all of which must hold; none: all reports.
            limit: the so many most similar.

        Raises:
            UsageError: the reference is unknown or ambiguous, or its text was withdrawn.
        """
        with self._reading() as connection:
            target = references.resolve(connection, str(ref))
            return similar.answer(connection, target, least=least, among=among, limit=limit)

    def similar_pairs(
        self, *, least: float = LEAST, year: int | None = None, place: str | None = None
    ) -> Iterator[Pair]:
        """All pairs of reports that share so much text today, in no particular order, one at a time.

        The snapshot stays open until the last pair is taken.

        Args:
            least: Jaccard similarity from which on.
            year: only between reports on this year.
            place: only between reports of this place; see ``reports``.
        """
        with self._reading() as connection:
            yield from similar_pairs.pairs(connection, least=least, year=year, place=place)

    def passages(self, text_sha256: str, other_sha256: str, *, boilerplate: float = COMMON) -> list[Passage]:
        """The passages that two texts share, in the order of the first.

        Args:
            text_sha256: digest of the first text.
            other_sha256: digest of the second.
            boilerplate: share of the reports in which a clause stands that is called boilerplate.

        Raises:
            UsageError: the archive holds no such text, or it was withdrawn.
        """
        with self._reading() as connection:
            common = similar.boilerplate(connection, boilerplate)
            one, other = (similar.text_of(connection, digest) for digest in (text_sha256, other_sha256))
        return similar_passages.shared(one, other, common)

    def compared(self, ref: str | int, other: str | int) -> tuple[Newest, Newest]:
        """The newest versions of two reports.

        Raises:
            UsageError: a reference is unknown or ambiguous, or its text was withdrawn.
        """
        with self._reading() as connection:
            one, two = (
                similar.newest(connection, references.resolve(connection, str(name))) for name in (ref, other)
            )
        return one, two

    def texts_not_covered(self) -> int:
        """Texts that have no signature yet; `archive similar-index` covers them."""
        with self._reading() as connection:
            return uncovered(connection, state(connection))

    def plans(self, who: str | int, year: int | None = None) -> PlansAnswer:
        """A publisher's plans beside its report on the year after; of words, not a judgement.

        Args:
            who: a report (see ``resolve``), or part of a publisher's name, or its code.
            year: the year whose report tells the plans; by default that of the report named, or the
                newest of the publisher's with a report on the year after.

        Raises:
            UsageError: unknown, or ambiguous; the message names the matches.
        """
        with self._reading() as connection:
            return plan_years.answer(connection, str(who), year)
