"""The change sequence as an Atom feed (RFC 4287) with archive pages (RFC 5005, section 4).

Entries are told by their epoch and number, so an entry keeps its id for ever, also across a restore,
and two courses of an archive never share one. Archive pages hold a hundred entries each, counted from
the first change: a page that is full never loses or gains one. The same archive gives the same bytes.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin
from xml.sax.saxutils import escape

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from archive import feed, meta, views
from archive.errors import ArchiveError, UsageError
from archive.feed import Entry
from archive.meta import Facts
from archive.states import ChangeKind

PAGE = 100
"""Entries of an archive page, and of the document that readers subscribe to."""

_ATOM, _HISTORY = "http://www.w3.org/2005/Atom", "http://purl.org/syndication/history/1.0"
_QUOTES = {'"': "&quot;"}
_TITLED = (ChangeKind.NEW, ChangeKind.DUPLICATE, ChangeKind.CHANGED, ChangeKind.ANNEX)
"""Kinds of change whose detail is the title of the document."""

_LONGEST = 300
"""Characters of a title or a detail. Readers show one line; some titles are hostile."""

_UNWANTED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
)
"""What XML 1.0 forbids, and what steers a terminal or reorders text in a reader."""

_NO_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
_ENTRY_ID = re.compile(r"<entry>\n<id>[^<]*/(\d{1,18})</id>", re.ASCII)
_WEB = re.compile("https?://[^/]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the files."""

    entries: int
    pages: int
    """Archive pages beside the feed itself."""
    rewritten: int
    """Files that were not there or had other content."""


@dataclass(frozen=True, slots=True)
class _Feed:
    facts: Facts
    path: Path
    base_url: str
    title: str
    name: str
    """What tells this selection of changes from others of the same archive."""
    portal: str | None
    kind: str | None
    full: int
    """Archive pages that are full."""

    def file(self, number: int | None) -> Path:
        """Of an archive page, or (None) of the feed itself."""
        return (
            self.path
            if number is None
            else self.path.with_name(f"{self.path.stem}.{number}{self.path.suffix}")
        )

    def href(self, number: int | None) -> str:
        return urljoin(self.base_url, quote(self.file(number).name))

    def tag(self, what: str) -> str:
        # RFC 4151 wants a name that was ours on that day: ".invalid" is nobody's, the UUID before it ours.
        return f"tag:{self.facts.archive_id}.invalid,{self.facts.created:%Y-%m-%d}:{what}"

    def tag_of(self, entry: Entry) -> str:
        return self.tag(f"{entry.epoch}/{entry.change.seq}")


def write(
    connection: Connection,
    path: Path,
    *,
    base_url: str | None = None,
    portal: str | None = None,
    kind: str | None = None,
) -> Written:
    """Writes the feed to a file and its archive pages beside it, oldest first, each whole or not at all.

    Pages that are there already and are of this course of the archive are not made again.

    Args:
        connection: a read transaction that sees one snapshot.
        path: ``changes.xml``; the pages are ``changes.1.xml``, ``changes.2.xml`` …
        base_url: where the files will be served, for the links; without it they are relative.
        portal: only changes of this portal (its key).
        kind: only changes of this kind.

    Raises:
        UsageError: the base URL is none.
        ArchiveError: a file cannot be written.
    """
    if base_url is not None and not _WEB.match(base_url):
        raise UsageError(
            f"--base-url is where the files are served, http:// or https://, not {base_url[:80]!r}"
        )
    total = _count(connection, portal, kind)
    about = _Feed(
        facts=meta.facts(connection),
        path=path,
        base_url="" if base_url is None else base_url.rstrip("/") + "/",
        title=_line(" · ".join(word for word in ("法治政府建设年度报告", portal, kind) if word is not None)),
        name=quote("/".join(("changes", *(word or "" for word in (portal, kind)))).rstrip("/")),
        portal=portal,
        kind=kind,
        full=total // PAGE,
    )
    try:
        rewritten = _write_pages(connection, about)
        newest = list(_entries(connection, about, behind=max(total - PAGE, 0)))
        rewritten += _put(path, _page(connection, about, newest, None))
        _drop_pages_after(about)
    except OSError as error:
        raise ArchiveError(
            f"{path} cannot be written: {error.strerror}; name another file, or make room"
        ) from error
    return Written(entries=total, pages=about.full, rewritten=rewritten)


def _write_pages(connection: Connection, about: _Feed) -> int:
    """Makes the archive pages that are not there, and the last that is: it may lead to a next one now."""
    number = max(_pages_there(connection, about) - 1, 0)
    rewritten = 0
    for batch in _batches(_entries(connection, about, behind=number * PAGE)):
        number += 1
        if len(batch) == PAGE:
            rewritten += _put(about.file(number), _page(connection, about, batch, number))
    return rewritten


def _pages_there(connection: Connection, about: _Feed) -> int:
    """How many archive pages were written from this course of the archive, and say what they would say now.

    A page that ends with the right entry is right as a whole, and so are those before it: a course is
    told by its epochs, and what a page says of a change alters only where titles are withdrawn.
    """
    if not about.full or _withdrawn_since(connection, _newest_in(about.path)):
        return 0
    for number in range(about.full, 0, -1):
        file = about.file(number)
        if file.is_file():
            (last,) = _entries(connection, about, behind=number * PAGE - 1, limit=1)
            said = file.read_text(encoding="utf-8", errors="replace")
            if f"<id>{about.tag_of(last)}</id>" in said and _link("self", about.href(number)) in said:
                whole = all(about.file(before).is_file() for before in range(1, number))
                return number if whole else 0
    return 0


def _newest_in(path: Path) -> int:
    """The number of the newest change when the feed was last written; 0 if it was not."""
    if not path.is_file():
        return 0
    found = _ENTRY_ID.search(path.read_text(encoding="utf-8", errors="replace"))
    return 0 if found is None else int(found[1])


def _withdrawn_since(connection: Connection, seq: int) -> bool:
    view = views.changes.c
    query = sa.select(view.seq).where(view.kind == ChangeKind.REDACTED, view.seq > seq).limit(1)
    return connection.execute(query).first() is not None


def _entries(
    connection: Connection, about: _Feed, *, behind: int, limit: int | None = None
) -> Iterator[Entry]:
    """The feed's entries, the first so many left out."""
    since = 0
    if behind:
        query = _chosen(sa.select(views.changes.c.seq), about.portal, about.kind)
        query = query.order_by(views.changes.c.seq).offset(behind - 1).limit(1)
        since = connection.execute(query).scalar_one()
    return feed.follow(connection, about.facts, since, limit=limit, portal=about.portal, kind=about.kind)


def _page(connection: Connection, about: _Feed, entries: Sequence[Entry], number: int | None) -> bytes:
    updated = entries[-1].change.at if entries else about.facts.created
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="{_ATOM}"' + ("" if number is None else f' xmlns:fh="{_HISTORY}"') + ">",
        f"<id>{about.tag(about.name)}</id>",
        f"<title>{escape(about.title)}</title>",
        f"<updated>{_moment(updated)}</updated>",
        "<author><name>fazhi-archive</name></author>",
        _link("self", about.href(number)),
    ]
    if number is not None:
        lines += ["<fh:archive/>", _link("current", about.href(None))]
        if number < about.full:
            lines.append(_link("next-archive", about.href(number + 1)))
    before = about.full if number is None else number - 1
    if before:
        lines.append(_link("prev-archive", about.href(before)))
    titles = _titles(connection, entries)
    lines += [_entry(about, entry, titles.get(entry.change.seq)) for entry in reversed(entries)]
    return "\n".join((*lines, "</feed>", "")).encode()


def _entry(about: _Feed, entry: Entry, title: str | None) -> str:
    change = entry.change
    url = _web_address(change.url)
    said = {
        "change": change.seq,
        "portal": change.portal,
        "report": change.report_id,
        "document": change.document_id,
        "version": change.version,
        "text": change.text_sha256,
        "detail": change.detail,
    }
    words = "; ".join(f"{name}: {_line(str(value))}" for name, value in said.items() if value is not None)
    head = _line(f"{change.kind.value}: {title or change.url or change.portal}")
    return (
        f"<entry>\n<id>{about.tag_of(entry)}</id>\n<title>{escape(head)}</title>\n"
        f"<updated>{_moment(change.at)}</updated>\n"
        + ("" if url is None else f"{_link('alternate', url)}\n")
        + f'<category term="{change.kind.value}"/>\n<content type="text">{escape(words)}</content>\n</entry>'
    )


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """In hundreds, the last one shorter."""
    batch: list[Entry] = []
    for entry in entries:
        batch.append(entry)
        if len(batch) == PAGE:
            yield batch
            batch = []
    if batch:
        yield batch


def _count(connection: Connection, portal: str | None, kind: str | None) -> int:
    query = _chosen(sa.select(sa.func.count()).select_from(views.changes), portal, kind)
    return int(connection.execute(query).scalar_one())


def _chosen(query: sa.Select[Any], portal: str | None, kind: str | None) -> sa.Select[Any]:
    view = views.changes.c
    for column, wanted in ((view.portal_key, portal), (view.kind, kind)):
        if wanted is not None:
            query = query.where(column == wanted)
    return query


def _titles(connection: Connection, entries: Sequence[Entry]) -> dict[int, str]:
    """Per change the title that its document had then, as the changes up to it tell."""
    ids = {entry.change.document_id for entry in entries} - {None}
    if not ids:
        return {}
    view = views.changes.c
    query = (
        sa.select(view.seq, view.document_id, view.detail)
        .where(view.document_id.in_(ids), view.kind.in_(_TITLED), view.seq <= entries[-1].change.seq)
        .order_by(view.seq)
    )
    said: dict[int, list[tuple[int, str]]] = {}
    for row in connection.execute(query):
        if row.detail:
            said.setdefault(row.document_id, []).append((row.seq, row.detail))
    titles = {}
    for entry in entries:
        known = said.get(entry.change.document_id or 0, ())
        until = bisect_right(known, entry.change.seq, key=lambda pair: pair[0])
        if until:
            titles[entry.change.seq] = known[until - 1][1]
    return titles


def _put(path: Path, content: bytes) -> bool:
    """Writes a file unless it is there already, so that an unchanged page keeps its time."""
    if path.is_file() and path.read_bytes() == content:
        return False
    unfinished = path.with_name(f".{path.name}.part")
    try:
        unfinished.write_bytes(content)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return True


def _drop_pages_after(about: _Feed) -> None:
    """Pages of a course that is gone (a restore from an older backup): nothing leads to them any more."""
    number = about.full + 1
    while (left := about.file(number)).is_file():
        left.unlink()
        number += 1


def _web_address(url: str | None) -> str | None:
    """The address as a URI that XML and readers take; None for what no browser should open."""
    if url is None or not _WEB.match(url):
        return None
    plain = _NO_PERCENT.sub("%25", url.encode(errors="replace").decode())
    return quote(plain, safe="!#$%&'()*+,/:;=?@~")


def _line(text: str) -> str:
    words = _UNWANTED.sub("", " ".join(text[: 10 * _LONGEST].split()))
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")


def _link(rel: str, href: str) -> str:
    return f'<link rel="{rel}" href="{escape(href, _QUOTES)}"/>'
