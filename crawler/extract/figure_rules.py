"""All rules that turn a quantity into a counted fact, by unit."""

from __future__ import annotations

from collections.abc import Mapping

from crawler.extract.figure_rule import Rule
from crawler.extract.rules_authority import ADVICE, AFFAIRS, COURT, ENFORCEMENT
from crawler.extract.rules_public import DISPUTES, PUBLICITY, STUDY

__all__ = ["RULES", "RULES_BY_UNIT", "Rule"]

RULES = (*ENFORCEMENT, *COURT, *DISPUTES, *PUBLICITY, *ADVICE, *STUDY, *AFFAIRS)
"""All rules; the first that fits decides."""


def _by_unit() -> Mapping[str, tuple[Rule, ...]]:
    units = {unit for rule in RULES for unit in rule.units}
    return {unit: tuple(rule for rule in RULES if unit in rule.units) for unit in units}


RULES_BY_UNIT = _by_unit()
"""The rules that can fit a quantity of a unit, in their order."""
