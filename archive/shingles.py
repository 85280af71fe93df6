"""How much of their wording two texts share: shingles, exact measures, signatures that find candidates.

The shingles of a text are the distinct runs of ``LENGTH`` characters of its normalised form
(``archive.text.normalise``) without spaces: how a page is typeset leaves no trace. Character runs
need no segmenter, so a new segmenter changes no figure. Five characters: on five real reports of
different provinces unrelated texts share 1.9 % of them (three: 7.0 %, four: 3.3 %, eight: 0.6 %),
and one changed character still costs only five.

A signature is a MinHash: each of its ``LANES`` 16-bit lanes agrees between two texts with the
probability of their Jaccard similarity. ``ROWS`` neighbouring lanes make a band; texts that agree in
a band are candidates of each other: one of ``BANDS`` agrees with probability 1 - (1 - s^3)^48, which
is .998 at similarity .5 and one in 3,000 at .019. Candidates are always confirmed on the texts.
"""

from __future__ import annotations

import hashlib
import re
import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from operator import eq

from archive.text import normalise

LENGTH = 5
ROWS = 3
BANDS = 48
LANES = ROWS * BANDS
BAND_BYTES = 2 * ROWS

SHORTEST = 50
"""Characters of the normalised text without spaces; shorter ones (a line, a file name) share by chance."""

LONGEST = 400_000
"""The same upwards: no report is longer, and the shingles of one text must fit into memory."""

MARGIN = 0.2
"""Candidates are dropped unread when their signatures differ this much from what is wanted: the
estimate's standard deviation is at most 0.5 / sqrt(144) = 0.042, a fifth of this."""

_LANES_BY_BAND = struct.Struct(f"{BAND_BYTES}s" * BANDS)
_SEED = 20_260_101
_PROBE = "法治政府建设年度报告是各级人民政府和政府部门每年公开的报告"


@dataclass(frozen=True, slots=True)
class Overlap:
    """What two texts share, counted on the whole texts."""

    jaccard: float
    """Shared shingles of all shingles of both."""
    contained: float
    """Share of the first text's shingles that stand in the second too."""
    contains: float
    """Share of the second text's shingles that stand in the first too."""
    shared: int
    """Shingles that stand in both."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A text's signature, and of how many shingles."""

    shingles: int
    signature: bytes


def wording(text: str) -> str:
    """The characters that are compared: the normalised text without spaces."""
    return normalise(text).replace(" ", "")


def shingles(text: str) -> set[str]:
    """The distinct shingles of a text."""
    words = wording(text)
    return {words[place : place + LENGTH] for place in range(len(words) - LENGTH + 1)}


def why_excluded(text: str) -> str | None:
    """Why a text is left out of all comparison; None: it is not."""
    length = len(wording(text))
    if length < SHORTEST:
        return f"too short to compare: {length} characters, at least {SHORTEST} are needed"
    if length > LONGEST:
        return f"too long to compare: {length:,} characters, at most {LONGEST:,} are read"
    return None


def overlap(one: set[str], other: set[str]) -> Overlap:
    """The exact measures of two sets of shingles; all 0 where one is empty."""
    shared = len(one & other)
    if not shared:
        return Overlap(jaccard=0.0, contained=0.0, contains=0.0, shared=0)
    return Overlap(
        jaccard=shared / (len(one) + len(other) - shared),
        contained=shared / len(one),
        contains=shared / len(other),
        shared=shared,
    )


def sign(text: str) -> Signed | None:
    """The signature of a text; None for one that is excluded."""
    if why_excluded(text) is not None:
        return None
    found = shingles(text)
    return Signed(len(found), _signature(found))


def estimate(one: bytes, other: bytes) -> float:
    """The Jaccard similarity as two signatures tell it."""
    same: int = sum(map(eq, memoryview(one).cast("H"), memoryview(other).cast("H")))
    return same / LANES


def band_hashes(signature: bytes) -> tuple[int, ...]:
    """A hash of 24 bits for every band."""
    # A multiplier without structure (2^64 / golden ratio): the upper bits depend on all lanes.
    return tuple(
        ((low | middle << 16 | high << 32) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF) >> 40
        for low, middle, high in struct.iter_unpack("<3H", signature)
    )


def first_common_band(one: bytes, other: bytes) -> int | None:
    """The first band in which two signatures agree."""
    same = map(eq, _LANES_BY_BAND.unpack(one), _LANES_BY_BAND.unpack(other))
    return next((band for band, agrees in enumerate(same) if agrees), None)


@lru_cache(maxsize=1)
def scheme() -> str:
    """Names everything that a signature depends on; signatures of another scheme cannot be compared.

    The digest is of the signature of a fixed text: a library that hashes otherwise is noticed.
    """
    probe = hashlib.sha256(_signature(shingles(_PROBE))).hexdigest()[:8]
    return f"shingles {LENGTH}, minhash {BANDS}x{ROWS}x16, probe {probe}"


def clauses(text: str) -> Iterator[tuple[int, int, str]]:
    """The clauses of a text with at least ``_CLAUSE`` characters: start, end (behind the stop), wording.

    Clauses end at Chinese stops, commas among them: a whole sentence is seldom copied unchanged,
    the set phrases inside it are.
    """
    for found in _CLAUSES.finditer(text):
        words = wording(found.group(1))
        if len(words) >= _CLAUSE:
            yield found.start(), found.end(), words


def clause_hash(words: str) -> int:
    """64 bits of a clause's wording, signed as databases keep them."""
    return int.from_bytes(hashlib.blake2b(words.encode(), digest_size=8).digest(), "big", signed=True)


_CLAUSES = re.compile(r"([^。！？；，：!?;,:\n]+)[。！？；，：!?;,:\n]?")
_CLAUSE = 8


def _signature(found: set[str]) -> bytes:
    from rensa import RMinHash

    sketch = RMinHash(num_perm=LANES, seed=_SEED)
    sketch.update(found)
    lanes = array("H", (value & 0xFFFF for value in sketch.digest()))
    return struct.pack(f"<{LANES}H", *lanes)
