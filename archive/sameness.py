"""Is this the same report? What two readings say against it, and when two texts are one but for a slip of the pen.

The traps are real: streets of one district hand in the same template, a lazy office publishes last year's text under a
new title. Where in doubt two reports stay two; a person can merge them (``archive report merge``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from rapidfuzz.distance import Indel

from archive.publishers import same_body
from archive.records import PublisherRef
from archive.text import normalise

LEAST_ALIKE = 0.985
"""Share of equal characters (insertions and deletions) of two wordings of one text. A corrected word in a report of
3,000 characters leaves 0.999; no two of 78 real texts of portals, five reports among them, reach 0.22."""

LEAST_TEXT = 200
"""Characters under which a text has too little of its own to be told from another by a few words."""

_WEAK_PUBLISHER = re.compile(r"\(weak\)|^source|^parent page|^credit code")
_WEAK_YEAR = re.compile(r"^(?:published|url|parent page)")
_YEAR = re.compile(r"(?:19|20)\d\d(?=年)")
_NUMBER = re.compile(r"\d")
_BODY = re.compile(r"[一-鿿]{0,1}?(?:街道|镇|乡|苏木|区|县|市|旗|州|省|局|委员会)")
_MOST_NUMBERS = 2
_MOST_CHANGES = 40


def other_publishers(
    one: Sequence[PublisherRef],
    evidence: Mapping[str, Any],
    other: Sequence[PublisherRef],
    other_evidence: Mapping[str, Any],
) -> bool:
    """True if both readings print who issued them, and no body is among both.

    The source line of a page and the page above a file are no print: an editor puts any office there.
    """
    mine, theirs = _printed(one, evidence), _printed(other, other_evidence)
    return bool(mine and theirs) and not any(same_body(a, b) for a in mine for b in theirs)


def other_year(
    one: int | None, evidence: Mapping[str, Any], other: int | None, other_evidence: Mapping[str, Any]
) -> bool:
    """True if both readings print the year they report on, and these differ; a date of publication is no print."""
    if one is None or other is None or one == other:
        return False
    return _year_is_printed(one, evidence) and _year_is_printed(other, other_evidence)


def one_text(one: str, other: str) -> bool:
    """True if two texts differ by a few corrected words only, and in no word that tells reports apart.

    Told apart are reports by years (each year named as often in both), by the bodies named, and by figures: a text
    filled in anew differs in many of them.
    """
    a, b = normalise(one), normalise(other)
    if min(len(a), len(b)) < LEAST_TEXT or Counter(_YEAR.findall(a)) != Counter(_YEAR.findall(b)):
        return False
    if Indel.normalized_similarity(a, b, score_cutoff=LEAST_ALIKE) < LEAST_ALIKE:
        return False
    replaced: Counter[tuple[str, str]] = Counter()
    numbers = 0
    for code in Indel.opcodes(a, b):
        if code.tag == "equal":
            continue
        gone, come = a[code.src_start : code.src_end], b[code.dest_start : code.dest_end]
        before, behind = a[code.src_end :][:8], b[code.dest_end :][:8]
        if _names_body(gone, before) or _names_body(come, behind):
            return False
        numbers += bool(_NUMBER.search(gone + come))
        replaced[gone, come] += 1
    again = any(times > 1 and (gone or come).strip() for (gone, come), times in replaced.items())
    return not again and numbers <= _MOST_NUMBERS and replaced.total() <= _MOST_CHANGES


def _names_body(changed: str, behind: str) -> bool:
    """True if a changed stretch ends in, or stands right before, the word for a place or an office."""
    return bool(changed) and (_BODY.match(behind) or _BODY.search(changed)) is not None


def _printed(refs: Sequence[PublisherRef], evidence: Mapping[str, Any]) -> list[PublisherRef]:
    said: dict[str, list[str]] = {}
    for row in evidence.get("publisher", ()):
        said.setdefault(str(row.get("value")), []).append(str(row.get("where") or ""))
    return [
        ref
        for ref in refs
        if ref.name not in said or any(not _WEAK_PUBLISHER.search(where) for where in said[ref.name])
    ]


def _year_is_printed(year: int, evidence: Mapping[str, Any]) -> bool:
    places = [
        str(row.get("where") or "")
        for row in evidence.get("report_year", ())
        if str(row.get("value")) == str(year)
    ]
    return not places or any(not _WEAK_YEAR.search(where) for where in places)
