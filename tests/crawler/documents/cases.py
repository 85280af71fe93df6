"""The corpus as the tests see it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rapidfuzz.distance import LCSseq

FOLDER = Path(__file__).parent / "corpus"


@dataclass(frozen=True)
class Expected:
    """One file and what a perfect reading gives; the words are those of `making.Case`."""

    name: str
    kind: str
    form: str
    lines: list[str]
    exact_lines: bool
    pages: int | None
    scanned_pages: int
    fault: str | None
    warning: str | None
    members: list[list[str]]
    any_text: bool = False
    """What could be read before the damage may be given."""
    seen: list[str] = field(default_factory=list)
    """The text once OCR has read the pages that are pictures, where a perfect one is known."""

    @property
    def body(self) -> bytes:
        return (FOLDER / self.name).read_bytes()


def load() -> list[Expected]:
    entries: list[dict[str, Any]] = json.loads((FOLDER / "corpus.json").read_text("utf-8"))
    return [Expected(**entry) for entry in entries]


def solid(text: str) -> str:
    """Without white space."""
    return "".join(text.split())


def recall(found: str, wanted: str) -> float:
    """The share of the wanted characters that were found in their order."""
    wanted = solid(wanted)
    return LCSseq.similarity(solid(found), wanted) / len(wanted) if wanted else 1.0
