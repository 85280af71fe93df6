"""WARC 1.1 (ISO 28500): captures as records that other programs read, the same bytes on every run.

What stands in a record is what the archive kept: status, headers, the body after transfer and content decoding.
Headers that described the transfer stay under ``X-Archive-Orig-…``, as in other archives that keep decoded bodies.
Of a redirect only the addresses were kept: its answer is rebuilt (302, ``Location``) and says so in a header. The
last record counts the others, so that a file cut between two records is told from a whole one.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import re
import uuid
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Protocol
from urllib.parse import quote, unquote, urldefrag, urlsplit

from archive.exporting.surt import surt

ENDS = "fazhi-archive-end"
"""Name of the field that counts the records before the last one."""
REBUILT = "x-archive-rebuilt"
LEVEL = 6
"""Of gzip: 9, warcio's own, takes twice the time for one percent."""

_TRANSFER = frozenset(
    {"content-encoding", "transfer-encoding", "content-length", "connection", "keep-alive", "trailer"}
)
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_BREAKS = re.compile("[\x00-\x08\x0a-\x1f\x7f\u2028\u2029\x85]+")
_POST = "!post:"
_JSON_STARTS = ("%7B", "%7b", "%5B", "%5b", "{", "[")
_URI_SAFE = "!#$%&'()*+,/:;=?@[]~-._"
_NAMESPACE = uuid.UUID("5b1d6b3e-6a0f-5c55-9d0e-0f3d5c1a7e21")


class Output(Protocol):
    """Where records go."""

    def write(self, data: bytes, /) -> object:
        """Takes bytes."""

    def tell(self) -> int:
        """Bytes taken so far."""


class Seen(Protocol):
    """Remembers which payload was written first, and where: on the disk, for there may be millions."""

    def first(self, digest: str, record_id: str, uri: str, date: str) -> tuple[str, str, str] | None:
        """Record, address and date of the first record of these bytes; None if this is the first."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """Where a record stands, for an index."""

    uri: str
    date: datetime
    type: str
    status: int | None
    mime: str
    digest: str
    """Of the payload: ``sha256:`` and 64 hexadecimal digits."""
    offset: int
    length: int
    post: str | None
    """What was posted; None for a GET."""
    post_type: str | None


class WarcFile:
    """Writes captures to one compressed WARC file.

    Args:
        out: where to.
        seen: payloads written so far.
        told: is told of every record that an index names.
    """

    def __init__(self, out: Output, seen: Seen, told: Callable[[Span], None] | None = None) -> None:
        from warcio.warcwriter import WARCWriter

        self._out = out
        self._seen = seen
        self._told = told
        self._buffer = io.BytesIO()
        self._builder = WARCWriter(self._buffer, gzip=False, warc_version="1.1")
        self.records = 0

    def begin(self, date: datetime, fields: Mapping[str, str]) -> None:
        """Writes the ``warcinfo`` record. It does not name the file: under another name it has the same bytes.

        Args:
            date: of the newest capture: the clock would make every file another one.
            fields: what it says.
        """
        info = {
            "format": "WARC File Format 1.1",
            "conformsTo": "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            **fields,
        }
        self._info_id = _record_id("warcinfo", _date(date), repr(sorted(info.items())))
        self._fields("warcinfo", None, date, self._info_id, info, {})

    def add(self, row: Mapping[str, Any], body: bytes | None) -> None:
        """Writes a capture: rebuilt redirects, the answer (or a revisit), the request if it was a POST, its provenance.

        Args:
            row: as ``archive.exporting.captures`` gives it.
            body: its payload; None if none was kept or it is withheld.
        """
        date: datetime = row["fetched_at"]
        asked, post, post_type = split_post(row["url"])
        final = asked if post is not None else row["final_url"] or asked
        hops = (
            [*row["redirects"], final] if row["redirects"] else [asked, final] if asked != final else [final]
        )
        for here, there in itertools.pairwise(hops):
            # To the same key (http to https, www. added) it would lead a replay program in a circle.
            if surt(here) != surt(there):
                self._redirect(row, uri(here), uri(there))
        target = uri(final)
        record_id = _record_id("capture", row["capture_id"], target, _date(date), row["payload_sha256"])
        if body is not None:
            self._answer(row, target, record_id, body, post, post_type)
            if post is not None:
                self._request(target, date, record_id, post, post_type or "")
        self._provenance(row, target, record_id, withheld=body is None and row["payload_sha256"] is not None)

    def end(self, date: datetime) -> None:
        """Writes the last record, which counts those before it."""
        counted = {ENDS: str(self.records)}
        self._fields("metadata", None, date, _record_id("end", self._info_id, self.records), counted, {})

    def _answer(
        self,
        row: Mapping[str, Any],
        target: str,
        record_id: str,
        body: bytes,
        post: str | None,
        post_type: str | None,
    ) -> None:
        date, digest = _date(row["fetched_at"]), f"sha256:{row['payload_sha256']}"
        named = self._named(record_id, date, {"WARC-Payload-Digest": digest})
        mime = row["media_type"] or "application/octet-stream"
        if row["status"] is None:
            kind = "resource"
            named["WARC-Block-Digest"] = digest
            record = self._builder.create_warc_record(
                target,
                kind,
                payload=io.BytesIO(body),
                length=len(body),
                warc_content_type=_line(mime),
                warc_headers_dict=named,
            )
        else:
            head = _head(row["status"], _kept_headers(row["headers"], len(body)))
            before = self._seen.first(row["payload_sha256"], record_id, target, date) if body else None
            if before is None:
                kind = "response"
                named["WARC-Block-Digest"] = _sha256(head.headers_buff, body)
                record = self._builder.create_warc_record(
                    target,
                    kind,
                    payload=io.BytesIO(body),
                    length=len(body),
                    http_headers=head,
                    warc_headers_dict=named,
                )
            else:
                kind = "revisit"
                del named["WARC-Payload-Digest"]
                named |= {"WARC-Refers-To": before[0], "WARC-Block-Digest": _sha256(head.headers_buff)}
                record = self._builder.create_revisit_record(
                    target, digest, before[1], before[2], http_headers=head, warc_headers_dict=named
                )
        offset, length = self._write(record)
        if self._told is not None:
            span = Span(
                uri=target,
                date=row["fetched_at"],
                type=kind,
                status=row["status"],
                mime="warc/revisit" if kind == "revisit" else mime,
                digest=digest,
                offset=offset,
                length=length,
                post=post,
                post_type=post_type,
            )
            self._told(span)

    def _redirect(self, row: Mapping[str, Any], here: str, there: str) -> None:
        date: datetime = row["fetched_at"]
        head = _head(
            302,
            [("location", there), (REBUILT, "from the addresses that were kept"), ("content-length", "0")],
        )
        empty = _sha256(b"")
        named = self._named(
            _record_id("redirect", row["capture_id"], here, there, _date(date)),
            _date(date),
            {"WARC-Payload-Digest": empty, "WARC-Block-Digest": _sha256(head.headers_buff)},
        )
        record = self._builder.create_warc_record(
            here, "response", payload=io.BytesIO(), length=0, http_headers=head, warc_headers_dict=named
        )
        offset, length = self._write(record)
        if self._told is not None:
            span = Span(
                uri=here,
                date=date,
                type="response",
                status=302,
                mime="-",
                digest=empty,
                offset=offset,
                length=length,
                post=None,
                post_type=None,
            )
            self._told(span)

    def _request(self, target: str, date: datetime, answered: str, post: str, kind: str) -> None:
        from warcio.statusandheaders import StatusAndHeaders

        body, parts = post.encode(), urlsplit(target)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        lines = [("host", parts.netloc), ("content-type", kind), ("content-length", str(len(body)))]
        head = StatusAndHeaders(f"POST {path} HTTP/1.1", lines, is_http_request=True)
        head.compute_headers_buffer()
        named = self._named(
            _record_id("request", answered),
            _date(date),
            {
                "WARC-Concurrent-To": answered,
                "WARC-Payload-Digest": _sha256(body),
                "WARC-Block-Digest": _sha256(head.headers_buff, body),
            },
        )
        self._write(
            self._builder.create_warc_record(
                target,
                "request",
                payload=io.BytesIO(body),
                length=len(body),
                http_headers=head,
                warc_headers_dict=named,
            )
        )

    def _provenance(self, row: Mapping[str, Any], target: str, answered: str, *, withheld: bool) -> None:
        """What WARC has no field for."""
        fields = {
            "capture": row["capture_id"],
            "run": row["run_id"],
            "portal": row["portal_key"],
            "kind": row["kind"],
            "outcome": row["outcome"],
            "detail": row["detail"],
            "requested-url": row["url"],
            "redirects": " ".join(uri(hop) for hop in row["redirects"]),
            "part-of-capture": row["part_of_id"],
            "part": row["part"],
            "document": row["document_id"],
            "payload-sha256": row["payload_sha256"],
            "payload-withheld": "withdrawn from the archive's readers" if withheld else None,
        }
        named = {} if withheld or row["payload_sha256"] is None else {"WARC-Refers-To": answered}
        self._fields("metadata", target, row["fetched_at"], _record_id("metadata", answered), fields, named)

    def _fields(
        self,
        kind: str,
        target: str | None,
        date: datetime,
        record_id: str,
        fields: Mapping[str, object],
        named: Mapping[str, str],
    ) -> None:
        lines = (
            f"{name}: {_line(str(value))}\r\n" for name, value in fields.items() if value not in {None, ""}
        )
        block = "".join(lines).encode()
        headers = {"WARC-Block-Digest": _sha256(block), **named}
        if kind != "warcinfo":
            # warcio would add a SHA-1 of its own.
            headers = {"WARC-Warcinfo-ID": self._info_id, "WARC-Payload-Digest": _sha256(block), **headers}
        self._write(
            self._builder.create_warc_record(
                target,
                kind,
                payload=io.BytesIO(block),
                length=len(block),
                warc_content_type="application/warc-fields",
                warc_headers_dict={"WARC-Record-ID": record_id, "WARC-Date": _date(date), **headers},
            )
        )

    def _named(self, record_id: str, date: str, more: Mapping[str, str]) -> dict[str, str]:
        return {"WARC-Record-ID": record_id, "WARC-Date": date, "WARC-Warcinfo-ID": self._info_id, **more}

    def _write(self, record: Any) -> tuple[int, int]:  # noqa: ANN401  # warcio has no types
        """Writes a record as one gzip member: without name, its time 0."""
        self._buffer.seek(0)
        self._buffer.truncate()
        self._builder.write_record(record)
        packer = zlib.compressobj(LEVEL, zlib.DEFLATED, zlib.MAX_WBITS + 16)
        member = packer.compress(self._buffer.getbuffer()) + packer.flush()
        offset = self._out.tell()
        self._out.write(member)
        self.records += 1
        return offset, len(member)


def split_post(address: str) -> tuple[str, str | None, str | None]:
    """An address as the archive keeps it: what to request, and what to post there.

    Pages that only a POST brings are kept as ``https://host/path#!post:<form or JSON>``; the rules are those of
    ``crawler.platforms.post`` (a test holds the two equal).

    Returns:
        Address, body and media type; the last two are None for a GET.
    """
    url, fragment = urldefrag(address)
    if not fragment.startswith(_POST):
        return url, None, None
    sent = fragment.removeprefix(_POST)
    if "=" in sent or not sent.startswith(_JSON_STARTS):
        return url, sent, "application/x-www-form-urlencoded; charset=UTF-8"
    return url, unquote(sent), "application/json; charset=UTF-8"


def uri(url: str) -> str:
    """An address fit for a header: no fragment, nothing but what RFC 3986 allows."""
    return quote(urldefrag(url).url, safe=_URI_SAFE)


def _kept_headers(headers: Mapping[str, Any], length: int) -> list[tuple[str, str]]:
    kept = []
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name) or (name.lower() == "content-length" and str(value) == str(length)):
            continue
        kept.append((f"x-archive-orig-{name}" if name.lower() in _TRANSFER else name, _line(str(value))))
    return [*kept, ("content-length", str(length))]


def _head(status: int, lines: Sequence[tuple[str, str]]) -> Any:  # noqa: ANN401
    from warcio.statusandheaders import StatusAndHeaders

    known = {int(code): code.phrase for code in HTTPStatus}
    head = StatusAndHeaders(f"{status} {known.get(status, 'Unknown')}", list(lines), protocol="HTTP/1.1")
    head.compute_headers_buffer()
    return head


def _line(value: str) -> str:
    """One line of a header: what would begin another one is a space."""
    return _BREAKS.sub(" ", value).strip()


def _date(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _record_id(*of: object) -> str:
    return f"<urn:uuid:{uuid.uuid5(_NAMESPACE, chr(31).join(map(str, of)))}>"


def _sha256(*pieces: bytes) -> str:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return f"sha256:{digest.hexdigest()}"
