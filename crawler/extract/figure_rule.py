"""The form of a rule that turns a quantity into a counted fact.

The words are compared without white space, in half width (，is ","), and after fillers (共, 达到, 各类) next to the
number are dropped. A rule fires only if the words stand right at the number: far-off words are no evidence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

CASES = "件 起 宗 例 件次"
TIMES = "次 场 场次 期 批次"
PEOPLE = "人 名 位"
HEADS = "人 名 位 人次"
PAPERS = "份 册 张 本"
NEARBY = r"[^,、;:()]"
"""A character of the same item of a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One way of printing a counted fact."""

    measure: str
    units: frozenset[str]
    near: re.Pattern[str] | None
    """Must match up to the number, within the item of a list."""
    behind: re.Pattern[str] | None
    """Must match right behind the unit."""
    clause: re.Pattern[str] | None
    """Must be found in the clause before the number."""
    sentence: re.Pattern[str] | None
    """Must be found in the sentence before the number."""
    unless: re.Pattern[str] | None
    """Must not be found in the clause behind the number before."""


def rule(
    measure: str,
    units: str,
    near: str | None = None,
    *,
    behind: str | None = None,
    clause: str | None = None,
    sentence: str | None = None,
    unless: str | None = None,
) -> Rule:
    """A rule from its patterns; ``units`` is a list with spaces."""
    return Rule(
        measure=measure,
        units=frozenset(units.split()),
        near=re.compile(rf"(?:{near})\Z") if near else None,
        behind=re.compile(behind) if behind else None,
        clause=re.compile(clause) if clause else None,
        sentence=re.compile(sentence) if sentence else None,
        unless=re.compile(unless) if unless else None,
    )
