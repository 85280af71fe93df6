"""What a recording holds: answers by address, the newest first."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

MOST_BYTES = 50 * 1024 * 1024
"""Of one answer, decoded; as in a crawl (``DOWNLOAD_MAXSIZE``)."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One recorded answer."""

    url: str
    method: str = "GET"
    request_body: bytes = b""
    """Of a POST: lists that are asked for by form differ by nothing else."""
    status: int
    headers: Mapping[str, str]
    """Names in lower case; without those that described the transfer."""
    body: bytes = field(repr=False)
    """Transfer and content encoding removed."""
    recorded_at: datetime
    """UTC."""
    source: str
    """Name of the file it stands in."""


class Recording:
    """Answers by address. http and https are the same address: which of the two worked says nothing.

    Args:
        path: Where it was read from.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.warnings: list[str] = []
        self._answers: dict[tuple[str, str, str], Answer] = {}

    def add(self, answer: Answer) -> None:
        """Takes an answer; of several at one address the newest that is no error stands."""
        key = _key(answer.method, answer.url, answer.request_body)
        known = self._answers.get(key)
        if known is None or _rank(answer) >= _rank(known):
            self._answers[key] = answer

    def find(self, url: str, method: str = "GET", body: bytes = b"") -> Answer | None:
        """The answer to a request, or None if it was not recorded."""
        return self._answers.get(_key(method, url, body))

    def __len__(self) -> int:
        return len(self._answers)

    def __iter__(self) -> Iterator[Answer]:
        return iter(self._answers.values())


def _rank(answer: Answer) -> tuple[bool, datetime]:
    return (answer.status < 400, answer.recorded_at)


def _key(method: str, url: str, body: bytes) -> tuple[str, str, str]:
    parts = urlsplit(url)
    address = urlunsplit(("", parts.netloc.lower(), parts.path or "/", parts.query, ""))
    return method.upper(), address, hashlib.sha256(body).hexdigest() if body else ""
