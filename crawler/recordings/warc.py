"""WARC files (ISO 28500), read by warcio; lengths and digests are checked here, for warcio takes cut files silently."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import IO, Any

from archive.terminal import first_line
from crawler.errors import BadRecording
from crawler.recordings.model import MOST_BYTES, Answer, Recording

_TRANSFER = frozenset({"transfer-encoding", "content-encoding", "content-length", "connection"})
_CHUNK = 1 << 20


def read_warc(file: IO[bytes], name: str, recording: Recording) -> None:
    """Adds the answers of a WARC file.

    ``revisit`` records take the body of the answer they name; a request's body is kept beside its answer, so that
    lists asked for by POST can be told apart.

    Args:
        file: Opened for reading bytes; must be seekable.
        name: What messages call it.
        recording: Takes the answers.

    Raises:
        BadRecording: The file is no WARC, ends in the middle of a record, or an answer differs from its digest.
    """
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    _check_end(file, name)
    bodies: dict[str, bytes] = {}
    requests: dict[str, tuple[str, bytes]] = {}
    waiting: list[tuple[str, Answer]] = []
    revisits: list[tuple[str, Answer]] = []
    try:
        for record in ArchiveIterator(file, check_digests=True):
            headers = record.rec_headers
            body = _body(record, name)
            url = headers.get_header("WARC-Target-URI") or ""
            if record.rec_type == "request" and record.http_headers is not None:
                beside = headers.get_header("WARC-Concurrent-To")
                if record.http_headers.protocol.upper() == "POST" and beside:
                    requests[beside] = ("POST", body)
            elif record.rec_type in ("response", "revisit") and record.http_headers is not None:
                answer = _answer(record, url, body, name)
                digest = headers.get_header("WARC-Payload-Digest") or ""
                if record.rec_type == "revisit":
                    revisits.append((digest, answer))
                else:
                    bodies.setdefault(digest, body)
                    waiting.append((headers.get_header("WARC-Record-ID") or "", answer))
    except (
        ArchiveLoadFailed,
        zlib.error,
        EOFError,
        ValueError,
        AttributeError,
        IndexError,
        TypeError,
    ) as error:
        # warcio checks no header: a cut one shows as whatever its code meets first.
        raise BadRecording(f"{name}: no readable WARC file ({first_line(error)})") from error
    for record_id, answer in waiting:
        method, sent = requests.get(record_id, ("GET", b""))
        recording.add(replace(answer, method=method, request_body=sent))
    for digest, answer in revisits:
        if digest in bodies:
            recording.add(replace(answer, body=bodies[digest]))
        else:
            recording.warnings.append(
                f"{answer.url}: a revisit whose answer is not in the recording; left out"
            )


def _check_end(file: IO[bytes], name: str) -> None:
    """Reads a compressed file to the end of its last member."""
    start = file.read(2)
    file.seek(0)
    if start != b"\x1f\x8b":
        return
    try:
        with gzip.GzipFile(fileobj=file) as members:
            while members.read(_CHUNK):
                pass
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadRecording(f"{name}: cut short or damaged ({first_line(error)}); record it again") from error
    file.seek(0)


def _body(record: Any, name: str) -> bytes:  # noqa: ANN401  # warcio has no types
    stream = record.content_stream() if record.http_headers is not None else record.raw_stream
    pieces, size = [], 0
    while piece := stream.read(_CHUNK):
        size += len(piece)
        if size > MOST_BYTES:
            raise BadRecording(f"{name}: an answer of more than {MOST_BYTES >> 20} MiB: {_target(record)}")
        pieces.append(piece)
    while record.raw_stream.read(_CHUNK):
        pass
    # A record whose header is cut has no length, and its stream no limit.
    if getattr(record.raw_stream, "limit", 1) > 0:
        raise BadRecording(f"{name}: ends in the middle of {_target(record)}; record it again")
    if record.digest_checker is not None and record.digest_checker.passed is False:
        raise BadRecording(
            f"{name}: differs from its digest: {_target(record)}; it was changed after recording"
        )
    return b"".join(pieces)


def _answer(record: Any, url: str, body: bytes, name: str) -> Answer:  # noqa: ANN401
    return Answer(
        url=url,
        status=int(record.http_headers.get_statuscode()),
        headers=_headers(record.http_headers.headers),
        body=body,
        recorded_at=_moment(record.rec_headers.get_header("WARC-Date")),
        source=name,
    )


def _headers(pairs: list[tuple[str, str]]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for key, value in pairs:
        low = key.lower()
        if low not in _TRANSFER:
            found[low] = f"{found[low]}, {value}" if low in found else value
    return found


def _moment(text: str | None) -> datetime:
    moment = datetime.fromisoformat((text or "").replace("Z", "+00:00"))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _target(record: Any) -> str:  # noqa: ANN401
    return record.rec_headers.get_header("WARC-Target-URI") or f"a {record.rec_type} record"
