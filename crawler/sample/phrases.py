"""The small language of the sample portal's sentence stock.

``[a|b]`` one of several wordings; ``{slot}`` a fact; ``<12-30>`` a number, ``<0.8-3.6>`` one with a decimal,
``<~300-1800>`` a round one; ``<a=40-90>`` a number with a name, ``<a>`` the same again, ``<a-2>`` two less,
``<%a-2>`` that as a share of ``a``. Names live for one call of `expand`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from random import Random
from typing import Any

_SLOT = re.compile(r"\{(\w+)\}")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_NUMBER = re.compile(r"<([^<>]*)>")
_RANGE = re.compile(r"(?:(?P<name>[a-z])=)?(?P<round>~?)(?P<low>[\d.]+)-(?P<high>[\d.]+)")
_AGAIN = re.compile(r"(?P<share>%?)(?P<name>[a-z])(?:-(?P<less>\d+))?")


def expand(text: str, slots: Mapping[str, str], rng: Random) -> str:
    """Writes one sentence out: facts first, then the choice of wording, then the numbers.

    Raises:
        KeyError: for a slot or a number's name that nobody defined.
        ValueError: for a number that cannot be read.
    """
    while _SLOT.search(text):
        text = _SLOT.sub(lambda match: slots[match[1]], text)
    text = _CHOICE.sub(lambda match: rng.choice(match[1].split("|")), text)
    named: dict[str, int] = {}
    return _NUMBER.sub(lambda match: _number(match[1], named, rng), text)


def _number(spec: str, named: dict[str, int], rng: Random) -> str:
    if drawn := _RANGE.fullmatch(spec):
        low, high = drawn["low"], drawn["high"]
        if "." in low:
            return f"{rng.randint(round(float(low) * 10), round(float(high) * 10)) / 10:.1f}"
        value = rng.randint(int(low), int(high))
        if drawn["round"]:
            step = 100 if value >= 1000 else 10
            value -= value % step
        if drawn["name"]:
            named[drawn["name"]] = value
        return str(value)
    if again := _AGAIN.fullmatch(spec):
        whole = named[again["name"]]
        value = whole - int(again["less"] or 0)
        return f"{value / whole:.1%}" if again["share"] else str(value)
    raise ValueError(f"not a number of the stock: <{spec}>")


def seeded(key: str) -> Random:
    """A generator that draws the same for the same key in every run."""
    return Random(key)  # noqa: S311 - invented texts, nothing to guard


@cache
def stock(name: str) -> dict[str, Any]:
    """One file of ``crawler/sample/stock``, read once.

    Raises:
        FileNotFoundError: if there is no such file.
    """
    source = files("crawler.sample").joinpath("stock", f"{name}.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))
