"""How people name what they want to read: by number, URL or words."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import schema, views
from archive.errors import UsageError
from archive.findings import Target
from archive.records import Verdict

_SHOWN_MATCHES = 10
_LARGEST_ID = 2**31 - 1


def resolve(connection: Connection, ref: str) -> Target:
    """The target of a reference, by the rules of ``Archive.resolve``.

    Raises:
        UsageError: unknown, or ambiguous; the message names the matches.
    """
    ref = ref.strip()
    if not ref:
        raise UsageError("name a report by number, URL or words of its title; `archive list` shows them")
    if ref.isascii() and ref.isdigit():
        return _by_number(connection, ref)
    return _by_url(connection, ref) if "://" in ref else _by_words(connection, ref)


def reports(
    *,
    portal: str | None = None,
    year: int | None = None,
    place: str | None = None,
    publisher: str | None = None,
    title: str | None = None,
) -> sa.Select[Any]:
    """Selects the ids of reports by the filters of ``Archive.reports``."""
    query = sa.select(schema.report.c.id).where(schema.report.c.merged_into_id.is_(None))
    if portal is not None or place is not None:
        query = query.join(schema.portal, schema.portal.c.id == schema.report.c.portal_id)
    if portal is not None:
        query = query.where(schema.portal.c.key == portal)
    if place is not None:
        named = schema.portal.c.name.icontains(place, autoescape=True)
        coded = schema.portal.c.division_code.startswith(place, autoescape=True)
        query = query.where(sa.or_(named, coded))
    if year is not None:
        query = query.where(schema.report.c.year == year)
    if publisher is not None:
        query = query.where(_has_publisher(publisher))
    for word in (title or "").split():
        query = query.where(schema.report.c.title.icontains(word, autoescape=True))
    return query


def _by_number(connection: Connection, ref: str) -> Target:
    view = views.reports.c
    # The number itself may be longer than any the database takes.
    wanted = int(ref) if len(ref) <= len(str(_LARGEST_ID)) else _LARGEST_ID + 1
    found = None
    if wanted <= _LARGEST_ID:
        query = sa.select(view.report_id, view.document_id).where(view.report_id == wanted)
        found = connection.execute(query).one_or_none()
    if found is None and wanted <= _LARGEST_ID:
        numbers = views.report_numbers.c
        now = sa.select(numbers.current_id).where(numbers.report_id == wanted).scalar_subquery()
        query = sa.select(view.report_id, view.document_id).where(view.report_id == now)
        found = connection.execute(query).one_or_none()
    if found is None:
        raise UsageError(f"there is no report {ref[:20]}; `archive list` shows the numbers")
    return Target(report_id=found.report_id, document_id=found.document_id)


def _by_url(connection: Connection, url: str) -> Target:
    row, frontier = schema.document.c, schema.frontier.c
    found = connection.execute(
        sa.select(row.id, row.report_id).where(row.url == url).order_by(row.id)
    ).first()
    if found is not None:
        return Target(report_id=found.report_id, document_id=found.id)
    known = connection.execute(sa.select(frontier.state, frontier.reason).where(frontier.url == url)).first()
    if known is None:
        raise UsageError(f"the archive does not know {url}; `archive list` shows what it holds, by number")
    why = f" ({known.reason})" if known.reason else ""
    raise UsageError(f"no document stands at {url}; it is {known.state}{why}")


def _by_words(connection: Connection, ref: str) -> Target:
    view = views.reports.c
    query = sa.select(view.report_id, view.document_id, view.title, view.portal_name)
    # One exact title is meant, however many longer ones contain it.
    exact = connection.execute(query.where(_same_title(ref)).limit(2)).all()
    if len(exact) == 1:
        return Target(report_id=exact[0].report_id, document_id=exact[0].document_id)
    matching = query.where(view.report_id.in_(_with_words(ref))).order_by(view.report_id)
    found = connection.execute(matching.limit(_SHOWN_MATCHES + 1)).all()
    if len(found) == 1:
        return Target(report_id=found[0].report_id, document_id=found[0].document_id)
    if found:
        raise UsageError(
            _ambiguous(ref, [f"{row.report_id}: {row.title} ({row.portal_name})" for row in found])
        )
    document = views.documents.c
    unsure = sa.select(document.report_id, document.document_id, document.url, document.title).where(
        document.verdict == Verdict.UNSURE,
        *(document.title.icontains(word, autoescape=True) for word in ref.split()),
    )
    doubtful = connection.execute(unsure.order_by(document.document_id).limit(_SHOWN_MATCHES + 1)).all()
    if len(doubtful) == 1:
        return Target(report_id=doubtful[0].report_id, document_id=doubtful[0].document_id)
    if doubtful:
        raise UsageError(_ambiguous(ref, [f"{row.url}: {row.title}" for row in doubtful]))
    raise UsageError(f"no report matches {ref!r}; `archive list` shows them")


def _same_title(ref: str) -> sa.ColumnElement[bool]:
    return views.reports.c.report_id.in_(sa.select(schema.report.c.id).where(schema.report.c.title == ref))


def _with_words(ref: str) -> sa.Select[Any]:
    query = sa.select(schema.report.c.id).join(schema.portal, schema.portal.c.id == schema.report.c.portal_id)
    for word in ref.split():
        places = [
            schema.report.c.title.icontains(word, autoescape=True),
            schema.portal.c.name.icontains(word, autoescape=True),
            _has_publisher(word),
        ]
        if word.isascii() and word.isdigit() and len(word) == 4:
            places.append(schema.report.c.year == int(word))
        query = query.where(sa.or_(*places))
    return query


def _has_publisher(words: str) -> sa.ColumnElement[bool]:
    named, publisher = schema.report_publisher.c, schema.publisher.c
    return schema.report.c.id.in_(
        sa.select(named.report_id)
        .join(schema.publisher, publisher.id == named.publisher_id)
        .where(sa.or_(publisher.name.icontains(words, autoescape=True), publisher.code == words))
    )


def _ambiguous(ref: str, matches: list[str]) -> str:
    more = " and more" if len(matches) > _SHOWN_MATCHES else ""
    shown = "; ".join(matches[:_SHOWN_MATCHES])
    return f"{ref!r} matches several, name one by its number or URL: {shown}{more}"
