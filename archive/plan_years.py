"""Which two reports are compared when plans are set against the year after."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import parts, references, schema, views
from archive.errors import UsageError
from archive.findings import Report
from archive.plans import PLANS, WORK, Plan, Sentence, compare, sentences
from archive.similar import text_of
from archive.similar_index import withdrawn

NOTE = "a comparison of words, not a judgement of what was done"
"""Stands in every output."""

_SHOWN = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class PlansAnswer:
    """The plans of one report beside the work of its publisher's next one."""

    note: str
    publishers: str | None
    """Names in printed order, joined by 、."""
    year: int
    """The year whose report tells the plans."""
    report_id: int
    document_id: int
    version: int
    next_report_id: int | None
    """None: the archive has no report on the year after."""
    next_document_id: int | None
    next_version: int | None
    why: str | None
    """Why nothing is compared; None: it is."""
    plans: tuple[Plan, ...]
    new: tuple[Sentence, ...]
    """What no plan's words are found in."""
    cut: bool
    """A side was too long, its end was left out."""


def answer(connection: Connection, who: str, year: int | None = None) -> PlansAnswer:
    """Compares a publisher's plans with its report on the year after.

    Args:
        connection: a read transaction.
        who: a report, as in ``Archive.resolve``; or part of a publisher's name, or its code.
        year: the year whose report tells the plans; by default that of the report named, or the
            newest of the publisher's years that the archive has a report on the year after.

    Raises:
        UsageError: unknown, or ambiguous; the message names the matches.
    """
    first = _first(connection, who.strip(), year)
    if first.year is None:
        raise UsageError(f"it is not known which year report {first.report_id} is on")
    following = _of_years(connection, first.report_id, (first.year + 1,))
    second = following[0] if following else None
    planned = _sentences(connection, first, (PLANS,))
    done = [] if second is None else _sentences(connection, second, WORK)
    why = None
    if second is None:
        why = f"the archive has no report on {first.year + 1} by the same publisher"
    elif planned is None or done is None:
        why = "a text was withdrawn"
    elif not planned:
        why = f"no heading of report {first.report_id} announces its plans (part {PLANS})"
    elif not done:
        why = f"no heading of report {second.report_id} announces what was done (part {WORK[0]})"
    found = None if why is not None else compare(planned or (), done or ())
    return PlansAnswer(
        note=NOTE,
        publishers=first.publishers,
        year=first.year,
        report_id=first.report_id,
        document_id=first.document_id,
        version=first.version,
        next_report_id=None if second is None else second.report_id,
        next_document_id=None if second is None else second.document_id,
        next_version=None if second is None else second.version,
        why=why,
        plans=() if found is None else found.plans,
        new=() if found is None else found.new,
        cut=found is not None and found.cut,
    )


def _first(connection: Connection, who: str, year: int | None) -> Report:
    """The report that tells the plans."""
    named = [] if "://" in who or not who else _by_publisher(connection, who)
    if not named or _is_number(who):
        report_id = references.resolve(connection, who).report_id
        if report_id is None:
            raise UsageError(f"{who} names a document that nobody has judged; it is no report yet")
        if year is None:
            return _reports(connection, [report_id])[0]
        found = _of_years(connection, report_id, (year,))
        if not found:
            raise UsageError(f"the archive has no report on {year} by the publisher of report {report_id}")
        return found[0]
    bodies = sorted({row.publishers or "" for row in named})
    if len(bodies) > 1:
        more = " and more" if len(bodies) > _SHOWN else ""
        raise UsageError(f"{who!r} names several publishers, name one: {'; '.join(bodies[:_SHOWN])}{more}")
    years = {row.year for row in named if row.year is not None}
    followed = [known for known in years if known + 1 in years]
    wanted = year if year is not None else max(followed or years, default=None)
    matching = [row for row in named if row.year == wanted]
    if not matching or wanted is None:
        known = ", ".join(map(str, sorted(years))) or "none"
        raise UsageError(
            f"the archive has no report on {wanted or 'a known year'} by {bodies[0]}; years: {known}"
        )
    return matching[0]


def _is_number(who: str) -> bool:
    """A report's number; publisher codes have six digits and more, and are looked for first."""
    return who.isascii() and who.isdigit() and len(who) < 6


def _by_publisher(connection: Connection, who: str) -> list[Report]:
    wanted = references.reports(publisher=who)
    return _rows(connection, views.reports.c.report_id.in_(wanted))


def _of_years(connection: Connection, report_id: int, years: tuple[int, ...]) -> list[Report]:
    """The reports of these years by the same publishers, those that name the same ones first."""
    named, row = schema.report_publisher.c, schema.report.c
    own = set(connection.execute(sa.select(named.publisher_id).where(named.report_id == report_id)).scalars())
    query = (
        sa.select(named.report_id, named.publisher_id)
        .join(schema.report, row.id == named.report_id)
        .where(
            named.report_id.in_(sa.select(named.report_id).where(named.publisher_id.in_(own))),
            row.year.in_(years),
        )
    )
    by_report: dict[int, set[int]] = {}
    for other_id, publisher_id in connection.execute(query):
        by_report.setdefault(other_id, set()).add(publisher_id)
    nearest = sorted(by_report, key=lambda other_id: (len(by_report[other_id] ^ own), other_id))
    found = {report.report_id: report for report in _reports(connection, nearest)}
    return [found[other_id] for other_id in nearest if other_id in found]


def _reports(connection: Connection, report_ids: list[int]) -> list[Report]:
    return _rows(connection, views.reports.c.report_id.in_(report_ids))


def _rows(connection: Connection, condition: sa.ColumnElement[bool]) -> list[Report]:
    query = sa.select(views.reports).where(condition).order_by(views.reports.c.report_id)
    return [Report(**row) for row in connection.execute(query).mappings()]


def _sentences(connection: Connection, report: Report, wanted: tuple[int, ...]) -> list[Sentence] | None:
    """The sentences under some parts of a report as it stands; None if its text was withdrawn."""
    redacted = sa.select(withdrawn(sa.literal(report.text_sha256)))
    if connection.execute(redacted).scalar():
        return None
    found = parts.sections(connection, parts.version_id(report.document_id, report.version))
    return sentences(text_of(connection, report.text_sha256), found, wanted)
