"""The densest block of a page: where most of its sentences stand together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from lxml import etree
from lxml import html as lxml_html

from crawler.extract.furniture import is_furniture
from crawler.extract.render import Line

_SENTENCE = re.compile("[，。；：！？、,.;!?]")
# A block is left for one of its parts while that part holds this much of the block's sentences. Below it the
# parts are paragraphs or sections of one text.
_DOMINANT = 0.8


@dataclass
class Weights:
    """What the elements of a page hold, by element."""

    prose: dict[lxml_html.HtmlElement, float] = field(default_factory=dict)
    """Characters of sentences that are no links."""
    count: dict[lxml_html.HtmlElement, int] = field(default_factory=dict)
    """Lines of such sentences."""


def prose(line: Line) -> float:
    """How many characters of a line count as running text."""
    bare = len(line.text.replace(" ", "")) - line.linked
    if bare <= 0 or is_furniture(line.text):
        return 0.0
    if line.linked > bare:
        return bare * 0.1
    if _SENTENCE.search(line.text) or "\t" in line.text:
        return float(bare)
    return bare * (1.0 if bare >= 20 else 0.3)


def weigh(tree: lxml_html.HtmlElement, lines: Sequence[Line]) -> Weights:
    """Adds up the prose of every element; each line counts for all elements it stands in."""
    weights = Weights()
    sums, counts = weights.prose, weights.count
    for line in lines:
        value = prose(line)
        if value and line.block is not None:
            sums[line.block] = sums.get(line.block, 0.0) + value
            counts[line.block] = counts.get(line.block, 0) + 1
    # Inside out in one pass: walking up from every line would cost lines times depth.
    for element in reversed(list(tree.iter(etree.Element))):
        if element in sums:
            parent = element.getparent()
            if parent is not None:
                sums[parent] = sums.get(parent, 0.0) + sums[element]
                counts[parent] = counts.get(parent, 0) + counts[element]
    return weights


def chain(root: lxml_html.HtmlElement, weights: Weights) -> list[lxml_html.HtmlElement]:
    """From the page inwards, always into the part with most prose, down to the last that is no paragraph."""
    found = [root]
    at = root
    while True:
        parts = [child for child in at if weights.prose.get(child)]
        if not parts:
            return found
        best = max(parts, key=lambda child: weights.prose[child])
        if weights.count[best] < 2 and weights.count[at] > 1:
            return found
        found.append(best)
        at = best


def densest(root: lxml_html.HtmlElement, weights: Weights) -> lxml_html.HtmlElement:
    """The innermost block that still holds the text as a whole."""
    steps = chain(root, weights)
    at = steps[0]
    for inner in steps[1:]:
        if weights.prose[inner] < weights.prose.get(at, 0.0) * _DOMINANT:
            break
        at = inner
    return at
