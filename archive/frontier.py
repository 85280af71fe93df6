"""The crawl frontier: every URL we know of, and what is to be fetched next."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import places, quarantine, schema
from archive.records import FrontierEntry, FrontierKind, FrontierState, How, Link, Outcome, Verdict
from archive.text import bytes_digest, clean
from archive.transaction import AnyRow, Transaction

AHEAD = timedelta(hours=36)
"""What was looked at so much later than now was dated by a wrong clock; a zone set wrong is less."""
LONGEST_URL = 2000
"""Characters. Browsers and servers agree on about that; PostgreSQL's index takes 2,704 bytes of a
key, and hostile pages carry links of any length."""

DOCUMENT_KINDS = (FrontierKind.PAGE, FrontierKind.ATTACHMENT, FrontierKind.ANNEX)
_LIST_KINDS = (FrontierKind.COLUMN, FrontierKind.HUB)
_BATCH = 500
_SURER = {Verdict.NO: 0, Verdict.UNSURE: 1, Verdict.REPORT: 2}
_STRONGER = {How.DISCOVERED: 0, How.LISTED: 1, How.LEARNED: 2, How.DECLARED: 3}
_table = schema.frontier


def enqueue(tx: Transaction, links: Sequence[Link], found_on_id: int | None) -> int:
    """Puts links into the frontier by the rules of ``Store.enqueue``; returns how many were newly queued."""
    merged = _merge(links)
    known: dict[str, AnyRow] = {}
    wanted: dict[str, Link] = {}
    urls = list(merged)
    for start in range(0, len(urls), _BATCH):
        some = urls[start : start + _BATCH]
        rows = {row.url: row for row in tx.connection.execute(_KNOWN, _in_all_forms(tx.portal_id, some))}
        for url in some:
            row = next((rows[form] for form in places.forms(url) if form in rows), None)
            link = merged[url] if row is None else _as_known(merged[url], row)
            wanted[link.url] = link
            if row is not None:
                known[link.url] = row
    fresh = [_new_row(tx, link, found_on_id) for url, link in wanted.items() if url not in known]
    if fresh:
        tx.connection.execute(_table.insert(), fresh)
    queued = sum(row["state"] == FrontierState.QUEUED for row in fresh)

    updates: dict[frozenset[str], list[dict[str, Any]]] = defaultdict(list)
    listed_again = []
    for url, row in known.items():
        values = _news(row, wanted[url], tx)
        queued += values.get("state") == FrontierState.QUEUED
        if values:
            updates[frozenset(values)].append({"row_id": row.id, **values})
        if row.last_listed_run_id != tx.run_id:
            listed_again.append(row.id)
    for rows_alike in updates.values():
        tx.connection.execute(_UPDATE.values(dict.fromkeys(rows_alike[0].keys() - {"row_id"})), rows_alike)
    for start in range(0, len(listed_again), _BATCH):
        ids = listed_again[start : start + _BATCH]
        tx.connection.execute(_LISTED_AGAIN, {"listed_run": tx.run_id, "ids": ids})
    return int(queued)


def plan_rechecks(
    tx: Transaction, *, now: datetime, everything: bool, minimum: int, share: float, interval: timedelta
) -> int:
    """Queues known documents for another look by the rules of ``Store.plan_rechecks``; returns how many."""
    rows = tx.connection.execute(
        sa.select(_table.c.id, _table.c.state, _table.c.last_checked)
        .where(
            _table.c.portal_id == tx.portal_id,
            _table.c.kind.in_(DOCUMENT_KINDS),
            _table.c.state.in_([FrontierState.DONE, FrontierState.GONE, FrontierState.FAILED]),
            sa.or_(_table.c.last_run_id.is_(None), _table.c.last_run_id != tx.run_id),
        )
        .order_by(_table.c.last_checked, _table.c.id)
    ).all()
    audit = max(minimum, math.ceil(share * len(rows)))
    doubted = quarantine.to_fetch(tx.connection, tx.portal_id, now)
    chosen = [
        row.id
        for place, row in enumerate(rows)
        if everything
        or place < audit
        or row.state == FrontierState.FAILED
        or row.id in doubted
        or not now - interval <= row.last_checked <= now + AHEAD
    ]
    for start in range(0, len(chosen), _BATCH):
        tx.connection.execute(_REQUEUE, {"since": tx.now, "ids": chosen[start : start + _BATCH]})
    return len(chosen)


def rest(tx: Transaction, ids: Collection[int]) -> None:
    """Takes known list pages out of the queue by the rules of ``Store.rest``."""
    chosen = sorted(ids)
    for start in range(0, len(chosen), _BATCH):
        tx.connection.execute(_REST, {"ids": chosen[start : start + _BATCH]})


def requeue(tx: Transaction, moments: Mapping[str, datetime]) -> int:
    """Queues known addresses for another look by the rules of ``Store.requeue``; returns how many were left."""
    chosen: list[int] = []
    older = 0
    urls = list(moments)
    for start in range(0, len(urls), _BATCH):
        some = urls[start : start + _BATCH]
        rows = tx.connection.execute(
            sa.select(_table.c.id, _table.c.url, _table.c.fetch_url, _table.c.last_checked).where(
                _table.c.portal_id == tx.portal_id,
                sa.or_(_table.c.url.in_(some), _table.c.fetch_url.in_(some)),
                _table.c.last_checked.is_not(None),
            )
        )
        for row in rows:
            moment = moments.get(row.fetch_url) or moments[row.url]
            if row.last_checked < moment:
                chosen.append(row.id)
            elif row.last_checked > moment:
                older += 1
    for start in range(0, len(chosen), _BATCH):
        tx.connection.execute(_REQUEUE, {"since": tx.now, "ids": chosen[start : start + _BATCH]})
    return older


def next_entries(
    connection: Connection, run_id: int, portal_id: int, exclude: Collection[int], limit: int
) -> list[FrontierEntry]:
    """Queued rows not yet processed in this run, highest priority first, without those in ``exclude``."""
    parameters = {"portal_id": portal_id, "run_id": run_id, "most": limit + len(exclude)}
    rows = connection.execute(_NEXT, parameters)
    wanted = [row for row in rows if row.id not in exclude][:limit]
    return [
        FrontierEntry(
            id=row.id,
            url=row.url,
            fetch_url=row.fetch_url,
            kind=FrontierKind(row.kind),
            how=How(row.how),
            title=row.title,
            listed_date=row.listed_date,
            column=row.column,
            verdict=Verdict(row.verdict),
            etag=row.etag,
            last_modified=row.last_modified,
            payload_sha256=row.payload_sha256,
            attempts=row.attempts,
            found_on=row.found_on,
            known=row.document_id is not None,
        )
        for row in wanted
    ]


def _merge(links: Iterable[Link]) -> dict[str, Link]:
    """One link per place: a page often links twice, once as 查看 and once by its title, or by http and by https."""
    merged: dict[str, Link] = {}
    by_place: dict[str, str] = {}
    for given in links:
        link = _fit(given)
        url = by_place.setdefault(places.key(link.url), link.url)
        first = merged.get(url)
        if first is None:
            merged[url] = link
            continue
        better, other = (link, first) if _SURER[link.verdict] > _SURER[first.verdict] else (first, link)
        merged[url] = replace(
            better,
            url=url,
            fetch_url=better.fetch_url or other.fetch_url,
            title=better.title or other.title,
            listed_date=better.listed_date or other.listed_date,
            column=better.column or other.column,
            priority=max(better.priority, other.priority),
        )
    return merged


def _in_all_forms(portal_id: int, urls: Iterable[str]) -> dict[str, Any]:
    return {"portal_id": portal_id, "urls": [form for url in urls for form in places.forms(url)]}


def _as_known(link: Link, row: AnyRow) -> Link:
    """The link with the address under which its place is known (``http`` for ``https``, with or without ``www.``).

    It is fetched as before, unless that failed last time or a person declared the new form: not every form works.
    """
    if link.url == row.url:
        return link
    moved = link.how is How.DECLARED or row.state in (FrontierState.FAILED, FrontierState.GONE)
    return replace(link, url=row.url, fetch_url=link.fetch_url or (link.url if moved else None))


def _fit(link: Link) -> Link:
    """A URL too long to be indexed is remembered as refused, under a short name of its own."""
    longest = max(
        len(link.url.encode(errors="replace")), len((link.fetch_url or "").encode(errors="replace"))
    )
    if longest <= LONGEST_URL:
        url = clean(link.url)
        return link if url == link.url else replace(link, url=url)
    mark = bytes_digest(link.url.encode(errors="replace"))
    return replace(
        link,
        url=f"{link.url[:200]}…#{mark}",
        fetch_url=None,
        verdict=Verdict.NO,
        reason=f"address of {longest} bytes, longer than {LONGEST_URL}",
    )


def _new_row(tx: Transaction, link: Link, found_on_id: int | None) -> dict[str, Any]:
    refused = link.verdict is Verdict.NO
    return {
        "portal_id": tx.portal_id,
        "url": link.url,
        "fetch_url": link.fetch_url or link.url,
        "kind": link.kind,
        "how": link.how,
        "state": FrontierState.REFUSED if refused else FrontierState.QUEUED,
        "priority": link.priority,
        "title": link.title,
        "listed_date": link.listed_date,
        "column": link.column,
        "verdict": link.verdict,
        "reason": link.reason,
        "attempts": 0,
        "due": None if refused else tx.now,
        "found_on_id": found_on_id,
        "last_listed_run_id": tx.run_id,
    }


def _news(row: AnyRow, link: Link, tx: Transaction) -> dict[str, Any]:
    """What a link that names a known row changes in it."""
    now_known = {
        "title": _fuller(row.title, link.title),
        "listed_date": link.listed_date or row.listed_date,
        "column": link.column or row.column,
        "fetch_url": link.fetch_url or row.fetch_url,
        "priority": max(link.priority, row.priority),
        "how": max(link.how, How(row.how), key=_STRONGER.__getitem__),
        "kind": _kind(row, link),
    }
    if _SURER[link.verdict] > _SURER[Verdict(row.verdict)]:
        now_known |= {"verdict": link.verdict, "reason": link.reason}
    elif row.last_checked is None and link.verdict is Verdict(row.verdict) and link.reason:
        now_known["reason"] = link.reason
    values = {name: value for name, value in now_known.items() if value != getattr(row, name)}
    if _to_queue(row, link, values, tx.run_id):
        values |= {"state": FrontierState.QUEUED, "due": tx.now}
    return values


def _to_queue(row: AnyRow, link: Link, values: dict[str, Any], run_id: int | None) -> bool:
    if link.verdict is Verdict.NO or row.last_run_id == run_id or row.state == FrontierState.QUEUED:
        return False
    if row.state == FrontierState.REFUSED:
        # Refused by its link text: a surer link is enough. Refused after it was read: only if the
        # page is announced differently now, else every run would fetch and refuse it again.
        return "verdict" in values or (row.last_checked is not None and "title" in values)
    if values.get("kind", row.kind) in _LIST_KINDS:
        return True
    return bool(row.state == FrontierState.FAILED)


def _kind(row: AnyRow, link: Link) -> FrontierKind:
    known = FrontierKind(row.kind)
    # What was only guessed of a page nobody has read yet gives way to what a list or a site file says of it.
    guessed = row.last_checked is None and How(row.how) is How.DISCOVERED and link.how is not How.DISCOVERED
    upgraded = known is FrontierKind.HUB and link.kind is FrontierKind.COLUMN
    if link.how is How.DECLARED or upgraded or guessed:
        return link.kind
    if (
        known is FrontierKind.ANNEX
        and link.kind is FrontierKind.ATTACHMENT
        and link.verdict is Verdict.REPORT
    ):
        return link.kind  # beside one report, and offered as a report elsewhere
    if known is FrontierKind.ATTACHMENT and link.kind is FrontierKind.ANNEX and row.verdict == Verdict.NO:
        return link.kind  # refused so far
    return known


def _fuller(known: str | None, given: str | None) -> str | None:
    """The newer title, unless it is only the known one cut short by a list."""
    if not given or (known and known.startswith(given.rstrip(".…· "))):
        return known
    return given


_KNOWN = sa.select(
    _table.c.id,
    _table.c.url,
    _table.c.fetch_url,
    _table.c.kind,
    _table.c.how,
    _table.c.state,
    _table.c.priority,
    _table.c.title,
    _table.c.listed_date,
    _table.c.column,
    _table.c.verdict,
    _table.c.reason,
    _table.c.last_checked,
    _table.c.last_run_id,
    _table.c.last_listed_run_id,
).where(
    _table.c.portal_id == sa.bindparam("portal_id"), _table.c.url.in_(sa.bindparam("urls", expanding=True))
)
_UPDATE = _table.update().where(_table.c.id == sa.bindparam("row_id"))
_LISTED_AGAIN = (
    _table.update()
    .where(_table.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(last_listed_run_id=sa.bindparam("listed_run"))
)
_REQUEUE = (
    _table.update()
    .where(_table.c.id.in_(sa.bindparam("ids", expanding=True)))
    .values(state=FrontierState.QUEUED, due=sa.bindparam("since"))
)
_REST = (
    _table.update()
    .where(
        _table.c.id.in_(sa.bindparam("ids", expanding=True)),
        _table.c.state == FrontierState.QUEUED,
        _table.c.last_checked.is_not(None),
    )
    .values(
        due=None,
        state=sa.case(
            (_table.c.last_outcome.in_([Outcome.OK, Outcome.NOT_MODIFIED]), FrontierState.DONE),
            (_table.c.last_outcome == Outcome.GONE, FrontierState.GONE),
            else_=FrontierState.FAILED,
        ),
    )
)
_from = _table.alias("found_on")
_NEXT = (
    sa.select(
        _table.c.id,
        _table.c.url,
        _table.c.fetch_url,
        _table.c.kind,
        _table.c.how,
        _table.c.title,
        _table.c.listed_date,
        _table.c.column,
        _table.c.verdict,
        _table.c.etag,
        _table.c.last_modified,
        _table.c.payload_sha256,
        _table.c.attempts,
        _from.c.url.label("found_on"),
        schema.document.c.id.label("document_id"),
    )
    .outerjoin_from(_table, _from, _from.c.id == _table.c.found_on_id)
    .outerjoin(schema.document, schema.document.c.frontier_id == _table.c.id)
    .where(
        _table.c.portal_id == sa.bindparam("portal_id"),
        _table.c.state == FrontierState.QUEUED,
        sa.or_(_table.c.last_run_id.is_(None), _table.c.last_run_id != sa.bindparam("run_id")),
    )
    .order_by(_table.c.priority.desc(), _table.c.id)
    .limit(sa.bindparam("most"))
)
