"""Near-duplicates: which reports share text, as a relation that is found and shown, never a merge.

Candidates come from the signatures (``archive.similar_index``); every figure given is counted on the
whole texts (``archive.shingles``). Streets copy a template from each other, and publishers their own
text of last year: both are findings about the reports, and no reason to think them one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from heapq import nlargest
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import schema, views
from archive.canonical import driver, driver_errors
from archive.errors import UsageError
from archive.findings import Report, Target
from archive.shingles import (
    MARGIN,
    Overlap,
    band_hashes,
    estimate,
    first_common_band,
    overlap,
    shingles,
    sign,
    why_excluded,
)
from archive.similar_index import State, found_in, segments, state, uncovered, withdrawn

LEAST = 0.5
"""Jaccard similarity asked for unless said otherwise; below it candidates are missed more often."""

COMMON = 0.05
"""Share of the reports in which a clause stands that is called boilerplate, unless said otherwise."""


class Among(StrEnum):
    """Which other reports are compared."""

    SAME_YEAR = "same-year"
    OTHER_YEARS = "other-years"
    SAME_PLACE = "same-place"  # the same division code of the portal, or the same portal
    SAME_PUBLISHER = "same-publisher"


@dataclass(frozen=True, slots=True, kw_only=True)
class Similar:
    """Another report that shares text, by its version that shares most."""

    report_id: int
    year: int | None
    title: str
    publishers: str | None
    """Names in printed order, joined by 、."""
    portal_key: str
    portal_name: str
    same_place: bool
    same_publisher: bool
    document_id: int
    version: int
    newest: bool
    """The version is the report's text as it stands today."""
    text_sha256: str
    jaccard: float
    """Shared shingles of all shingles of both texts."""
    contained: float
    """Share of the asked report's shingles that stand in this one too."""
    contains: float
    """Share of this report's shingles that stand in the asked one too."""
    shared: int
    """Shingles that stand in both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a text shares with others."""

    report_id: int | None
    document_id: int
    version: int
    text_sha256: str
    excluded: str | None
    """Why the text is not compared at all; None: it is."""
    uncovered: int
    """Texts that have no signature yet, and were therefore not compared."""
    found: tuple[Similar, ...]
    """Most similar first."""


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest version of a document."""

    document_id: int
    version: int
    text_sha256: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that may be similar."""

    text_sha256: str
    estimate: float
    """Jaccard similarity as the signatures tell it."""


@dataclass(frozen=True, slots=True)
class _Best:
    """The text of another report that shares most with the one asked about."""

    measured: Overlap
    text_sha256: str
    document_id: int
    version: int


_T = TypeVar("_T")


def answer(
    connection: Connection,
    target: Target,
    *,
    least: float = LEAST,
    among: Collection[Among] = (),
    limit: int | None = None,
) -> Answer:
    """The reports that share text with one, by their versions of all times.

    Args:
        connection: a read transaction.
        target: the report, or the document that nobody has judged yet.
        least: Jaccard similarity from which on.
        among: kinds of other reports, all of which must hold; none: all reports.
        limit: the so many most similar.

    Raises:
        UsageError: the kinds contradict each other, or the target is no report and has neither
            year nor place.
    """
    if {Among.SAME_YEAR, Among.OTHER_YEARS} <= set(among):
        raise UsageError("a report is of the same year or of another; ask for one of the two")
    if among and target.report_id is None:
        raise UsageError("what nobody has judged has no year and no publisher; ask without these filters")
    version = newest(connection, target)
    content = text_of(connection, version.text_sha256)
    excluded = why_excluded(content)
    now = state(connection)
    found: Sequence[Similar] = ()
    if excluded is None:
        own = shingles(content)
        signed = sign(content)
        candidates = [] if signed is None else similar_texts(connection, signed.signature, least)
        candidates.insert(0, Candidate(version.text_sha256, 1.0))  # other reports with the very same text
        best = _confirmed(connection, target.report_id, own, candidates, least, among, limit)
        found = _described(connection, target.report_id, best, limit)
    return Answer(
        report_id=target.report_id,
        document_id=version.document_id,
        version=version.version,
        text_sha256=version.text_sha256,
        excluded=excluded,
        uncovered=uncovered(connection, now),
        found=tuple(found),
    )


def similar_texts(connection: Connection, signature: bytes, least: float = LEAST) -> list[Candidate]:
    """The texts whose signatures say that they may be so similar, likeliest first; to be confirmed."""
    now = state(connection)
    numbers = _numbers(connection, now, band_hashes(signature))
    columns = (schema.similar_text.c.text_sha256, schema.similar_text.c.signature)
    query = sa.select(*columns).where(~withdrawn(columns[0]))
    found: list[Candidate] = []
    for some in chunks(sorted(numbers), 500):
        for digest, other in connection.execute(query.where(schema.similar_text.c.id.in_(some))):
            found.append(Candidate(digest, estimate(signature, other)))
    for digest, other in connection.execute(query.where(schema.similar_text.c.id >= now.sealed)):
        if first_common_band(signature, other) is not None:
            found.append(Candidate(digest, estimate(signature, other)))
    kept = [candidate for candidate in found if candidate.estimate >= least - MARGIN]
    return sorted(kept, key=lambda candidate: (-candidate.estimate, candidate.text_sha256))


def boilerplate(connection: Connection, share: float = COMMON) -> frozenset[int]:
    """Hashes of the clauses that stand in more than this share of the sampled texts.

    Raises:
        UsageError: the share is below what is kept.
    """
    if not 0.01 <= share <= 1:
        raise UsageError("boilerplate is counted from 1 to 100 percent of the texts")
    clause = schema.similar_clause.c
    query = sa.select(clause.hash).where(clause.texts > share * state(connection).sampled)
    return frozenset(connection.execute(query).scalars())


def newest(connection: Connection, target: Target) -> Newest:
    """The newest version of a target's document.

    Raises:
        UsageError: its text was withdrawn.
    """
    row = schema.version.c
    query = (
        sa.select(row.document_id, row.number, row.text_sha256, withdrawn(row.text_sha256).label("withdrawn"))
        .where(row.document_id == target.document_id)
        .order_by(row.number.desc())
        .limit(1)
    )
    found = connection.execute(query).one()
    if found.withdrawn:
        raise UsageError(f"the text of document {target.document_id} was withdrawn; nothing compares it")
    return Newest(found.document_id, found.number, found.text_sha256)


def text_of(connection: Connection, digest: str) -> str:
    """The text behind a digest.

    Raises:
        UsageError: there is none, or it was withdrawn.
    """
    text = schema.text_.c
    found = connection.execute(sa.select(text.content).where(text.sha256 == digest, ~withdrawn(text.sha256)))
    content = found.scalar()
    if content is None:
        raise UsageError(f"the archive holds no text {digest}, or it was withdrawn")
    return str(content)


def chunks(items: Sequence[_T], size: int) -> Iterator[Sequence[_T]]:
    """The items, so many at a time: databases take only so many parameters."""
    return (items[start : start + size] for start in range(0, len(items), size))


def _numbers(connection: Connection, now: State, hashes: Sequence[int]) -> set[int]:
    """The numbers of the texts in segments that agree with these bands (but for chance, one in 2^24)."""
    wanted = {
        segment.key(band, hashed): (segment.first, segment.rest(hashed))
        for segment in segments(now.sealed)
        for band, hashed in enumerate(hashes)
    }
    found: set[int] = set()
    for key, entries in _blocks(connection, sorted(wanted)):
        first, rest = wanted[key]
        found.update(first + number for number in found_in(entries, rest))
    return found


def _blocks(connection: Connection, keys: list[int]) -> Iterable[Sequence[Any]]:
    """Key and entries of blocks, by the fastest way each database knows: there are 1,500 at a million texts."""
    query = "SELECT key, entries FROM similar_block WHERE key"
    listed = ",".join(
        map(str, keys)
    )  # our own numbers; bound one by one, each would cost more than its answer
    if connection.dialect.name == "sqlite":
        return connection.exec_driver_sql(f"{query} IN ({listed})").all()
    with driver_errors(connection.engine), driver(connection).cursor(binary=True) as cursor:
        rows: list[Sequence[Any]] = cursor.execute(
            f"{query} = ANY(%s::bigint[])", [f"{{{listed}}}"]
        ).fetchall()
        return rows


def _confirmed(
    connection: Connection,
    own_id: int | None,
    own: set[str],
    candidates: Sequence[Candidate],
    least: float,
    among: Collection[Among],
    limit: int | None,
) -> dict[int, _Best]:
    """By report: the candidates that are as similar as wanted, measured on their texts."""
    places = _places(connection, own_id, candidates)
    wanted = _wanted(connection, own_id, {place[0] for found in places.values() for place in found}, among)
    best: dict[int, _Best] = {}
    for some in chunks([candidate for candidate in candidates if candidate.text_sha256 in places], 32):
        if limit is not None and len(best) >= limit:
            least_shown = nlargest(limit, (found.measured.jaccard for found in best.values()))[-1]
            if some[0].estimate + MARGIN < least_shown:
                break
        chosen = [
            candidate.text_sha256
            for candidate in some
            if any(place[0] in wanted for place in places[candidate.text_sha256])
        ]
        contents = sa.select(schema.text_.c.sha256, schema.text_.c.content)
        for digest, content in connection.execute(contents.where(schema.text_.c.sha256.in_(chosen))):
            measured = overlap(own, shingles(content))
            if measured.jaccard < least:
                continue
            for report_id, document_id, number in places[digest]:
                known = best.get(report_id)
                if report_id in wanted and (known is None or known.measured.jaccard < measured.jaccard):
                    best[report_id] = _Best(measured, digest, document_id, number)
    return best


def _places(
    connection: Connection, own_id: int | None, candidates: Sequence[Candidate]
) -> dict[str, list[tuple[int, int, int]]]:
    """By text: report, document and version at which it stands or stood, newest version first."""
    version, document = schema.version.c, schema.document.c
    query = (
        sa.select(version.text_sha256, document.report_id, document.id, version.number)
        .join(schema.document, document.id == version.document_id)
        .where(document.report_id.is_not(None), document.report_id != (own_id or 0))
        .order_by(version.text_sha256, document.report_id, version.number.desc(), document.id)
    )
    found: dict[str, list[tuple[int, int, int]]] = {}
    for some in chunks([candidate.text_sha256 for candidate in candidates], 500):
        for digest, *place in connection.execute(query.where(version.text_sha256.in_(some))):
            found.setdefault(digest, []).append((place[0], place[1], place[2]))
    return found


def _wanted(
    connection: Connection, own_id: int | None, report_ids: Collection[int], among: Collection[Among]
) -> Collection[int]:
    if not among or own_id is None:
        return report_ids
    report, portal = schema.report.c, schema.portal.c
    query = sa.select(report.id)
    if Among.SAME_PLACE in among:
        query = query.join(schema.portal, portal.id == report.portal_id).where(_in_place_of(own_id))
    if Among.SAME_PUBLISHER in among:
        query = query.where(report.id.in_(_with_publishers_of(own_id)))
    year = sa.select(report.year).where(report.id == own_id).scalar_subquery()
    if Among.SAME_YEAR in among:
        query = query.where(report.year == year)
    if Among.OTHER_YEARS in among:
        query = query.where(report.year != year)
    return {
        report_id
        for some in chunks(sorted(report_ids), 500)
        for report_id in connection.execute(query.where(report.id.in_(some))).scalars()
    }


def _in_place_of(report_id: int) -> sa.ColumnElement[bool]:
    """Condition on ``portal``: the same division code, or the same portal, as that of a report."""
    own = schema.portal.alias("own")
    of = sa.select(own.c.id).join(schema.report, schema.report.c.portal_id == own.c.id)
    of = of.where(schema.report.c.id == report_id).correlate(None)
    code = of.with_only_columns(own.c.division_code)
    return sa.or_(
        schema.portal.c.id == of.scalar_subquery(), schema.portal.c.division_code == code.scalar_subquery()
    )


def _with_publishers_of(report_id: int) -> sa.Select[tuple[int]]:
    """The reports that have a publisher of this one."""
    named = schema.report_publisher.c
    own = sa.select(named.publisher_id).where(named.report_id == report_id)
    return sa.select(named.report_id).where(named.publisher_id.in_(own))


def _described(
    connection: Connection, own_id: int | None, best: dict[int, _Best], limit: int | None
) -> list[Similar]:
    chosen = sorted(best, key=lambda report_id: (-best[report_id].measured.jaccard, report_id))[:limit]
    rows: dict[int, Report] = {}
    for some in chunks(chosen, 500):
        query = sa.select(views.reports).where(views.reports.c.report_id.in_(some))
        for row in connection.execute(query).mappings():
            rows[row["report_id"]] = Report(**row)
    near = _wanted(connection, own_id, chosen, (Among.SAME_PLACE,)) if own_id is not None else ()
    same = _wanted(connection, own_id, chosen, (Among.SAME_PUBLISHER,)) if own_id is not None else ()
    return [
        Similar(
            report_id=report_id,
            year=rows[report_id].year,
            title=rows[report_id].title,
            publishers=rows[report_id].publishers,
            portal_key=rows[report_id].portal_key,
            portal_name=rows[report_id].portal_name,
            same_place=report_id in near,
            same_publisher=report_id in same,
            document_id=best[report_id].document_id,
            version=best[report_id].version,
            newest=best[report_id].text_sha256 == rows[report_id].text_sha256,
            text_sha256=best[report_id].text_sha256,
            jaccard=best[report_id].measured.jaccard,
            contained=best[report_id].measured.contained,
            contains=best[report_id].measured.contains,
            shared=best[report_id].measured.shared,
        )
        for report_id in chosen
    ]
