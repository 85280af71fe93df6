"""CDXJ: the index by which replay programs find an answer in a WARC file, sorted by address and time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote_plus

from archive.exporting.surt import surt
from archive.warc import Span

_LONGEST_QUERY = 4096
"""Characters of what was posted that stand in a key, as in the Web Recorder's specification."""


def entry(span: Span, filename: str) -> tuple[str, str]:
    """The sort key of a record, and its line."""
    moment = timestamp(span.date)
    about: dict[str, Any] = {
        "url": span.uri,
        "mime": span.mime.partition(";")[0].strip().split(" ")[0] or "-",
        **({} if span.status is None else {"status": str(span.status)}),
        "digest": span.digest,
        "length": str(span.length),
        "offset": str(span.offset),
        "filename": filename,
    }
    address = span.uri
    if span.post is not None:
        sent = posted(span.post, span.post_type or "")
        about |= {"method": "POST", "requestBody": sent}
        address += f"{'&' if '?' in address else '?'}__wb_method=POST&{quote(sent, safe='=&')}"
    key = f"{surt(address)} {moment}"
    return key, f"{key} {json.dumps(about, ensure_ascii=True)}"


def timestamp(moment: datetime) -> str:
    """Fourteen digits."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")


def posted(body: str, kind: str) -> str:
    """What was posted, as the query that stands for it in an index."""
    if not kind.startswith("application/json"):
        return unquote_plus(body)[:_LONGEST_QUERY]
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return "&".join(f"{name}={quote(str(inner))}" for name, inner in _leaves(value))[:_LONGEST_QUERY]


def _leaves(value: object, name: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, name)
    else:
        yield name, value
