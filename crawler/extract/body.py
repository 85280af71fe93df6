"""The body of a page: which element holds it, and its lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import trafilatura
from lxml import etree
from lxml import html as lxml_html

from crawler.extract import containers, furniture
from crawler.extract.density import Weights, chain, densest, prose, weigh
from crawler.extract.fold import despaced
from crawler.extract.render import Line, Rendered, render

_GRAM = 4
# A container with less than this share of the page's prose is compared with the densest block: CMSes leave an
# empty editor element behind, and footers wear the same class names.
_CONVINCING = 0.5
# How much longer the densest block must be to be taken instead of a known container.
_FAR_LONGER = 1.6
# Share of prose in what a block holds, from which on it may be a text: reports have more than nine tenths.
_DENSE = 0.6
# trafilatura needs about 30 ms for a page of 80,000 characters and grows faster than the page.
_MAX_FOR_TRAFILATURA = 400_000
_MAX_LINES_FOR_TRAFILATURA = 8_000
_MAX_DEPTH_FOR_TRAFILATURA = 100
_MAX_STEPS = 40
# A remark under a text (地址, 邮编) is shorter than the paragraphs of a text that goes on.
_A_PARAGRAPH = 60
# Lines of a text that may stand outside the block of its paragraphs: letterhead, number, addressee, preface.
_FIRST_LINES = 10


@dataclass
class Body:
    """The text of a page."""

    lines: list[Line]
    container: str | None
    """Which element was taken, as a selector; ``trafilatura`` or ``densest block`` if none was known."""
    page: Rendered
    """The whole page as lines."""
    start: int
    """Index in ``page.lines`` of the first line of the text."""
    end: int
    """Index of the line after its last."""
    warnings: list[str] = field(default_factory=list)


class _Sums:
    """Sums of a measure over ranges of lines, each line measured once."""

    def __init__(self, lines: Sequence[Line], measure: Callable[[Line], float]) -> None:
        self.total = [0.0, *accumulate(measure(line) for line in lines)]

    def over(self, span: tuple[int, int]) -> float:
        return self.total[span[1]] - self.total[span[0]]


def find(
    tree: lxml_html.HtmlElement,
    names: Sequence[tuple[lxml_html.HtmlElement, str]],
    selectors: Sequence[str] = (),
    title: str | None = None,
) -> Body:
    """Finds the body of a pruned page.

    Args:
        tree: The page after ``html.prune``.
        names: What ``html.named`` says of it.
        selectors: CSS selectors the platform knows, most specific first.
        title: The page's title if known, to tell a repeated title from a paragraph.

    Raises:
        ValueError: a selector is no CSS.
    """
    own = containers.declared(tree, names, selectors)
    candidates = list(dict.fromkeys([*own, *containers.known(names)]))
    page = render(tree, candidates)
    texts = _Sums(page.lines, prose)
    chosen = _known(candidates, frozenset(own), page)
    if chosen is None:
        return _unknown(tree, None, weigh(tree, page.lines), title, [])
    held = texts.over(page.spans[chosen])
    if held > 0 and held >= texts.over((0, len(page.lines))) * _CONVINCING:
        return _body(chosen, page, title)
    weights = weigh(tree, page.lines)
    if held > 0 and not _outweighed(held, densest(tree, weights), tree, title):
        return _body(chosen, page, title)
    return _unknown(
        tree, chosen, weights, title, [f"container {containers.name(chosen)} holds little of the text"]
    )


def _outweighed(
    held: float, block: lxml_html.HtmlElement, tree: lxml_html.HtmlElement, title: str | None
) -> bool:
    """True if the densest block, without the furniture it brings along, is far longer than the container.

    Being around the container it may be the better reading of one that was closed too early. A block of menus
    with a few sentences between them is no text, however long.
    """
    around = render(tree, [block])
    start, end = around.spans[block]
    lines = furniture.body(around.lines[start:end], title, loose=True)
    rival = sum(prose(line) for line in lines)
    return rival > held * _FAR_LONGER and rival >= _DENSE * sum(len(line.text) for line in lines)


def _known(
    candidates: Sequence[lxml_html.HtmlElement], own: frozenset[lxml_html.HtmlElement], page: Rendered
) -> lxml_html.HtmlElement | None:
    """The known container with most text; of nested ones the outer, unless it brings page furniture along."""
    sums = _Sums(page.lines, _plain)
    size = {e: sums.over(page.spans[e]) for e in candidates if e in page.spans}
    filled = [e for e in candidates if size.get(e, 0.0) > 0]
    if not filled:
        return None
    best = max(filled, key=lambda e: size[e])
    preferred = [e for e in filled if e in own]
    if preferred:
        favourite = max(preferred, key=lambda e: size[e])
        best = favourite if size[favourite] >= size[best] * _CONVINCING else best
    around = _Sums(page.lines, lambda line: float(_is_around(line)))
    while True:
        outer = page.spans[best]
        inner = [
            e
            for e in filled
            if _within(page.spans[e], outer)
            and size[e] >= size[best] * _DENSE
            and around.over(outer) > around.over(page.spans[e])
        ]
        if not inner:
            return best
        best = max(inner, key=lambda e: size[e])


def _within(inner: tuple[int, int], outer: tuple[int, int]) -> bool:
    return outer[0] <= inner[0] and inner[1] <= outer[1] and inner != outer


def _is_around(line: Line) -> bool:
    return (
        furniture.is_furniture(line.text) and not furniture.is_bare_date(line.text)
    ) or furniture.is_index_row(line.text)


def _plain(line: Line) -> float:
    if furniture.is_furniture(line.text):
        return 0.0
    return max(0, len(line.text) - line.linked) + line.linked * 0.1


def _body(
    element: lxml_html.HtmlElement,
    page: Rendered,
    title: str | None,
    warnings: Sequence[str] = (),
    how: str | None = None,
) -> Body:
    start, end = page.spans[element]
    notes = list(warnings)
    if how is None:
        behind = _spilled(element, page, end)
        if behind > end:
            notes.append(f"{behind - end} lines stood behind the end of {containers.name(element)}")
            end = behind
    if how is not None:
        start = _begun(page.lines, start)
    headed = how is None or furniture.is_headed(page.lines[:start], title)
    lines = furniture.body(page.lines[start:end], title, loose=how is not None, headed=headed)
    if lines:
        place = {id(line): i for i, line in enumerate(page.lines)}
        start, end = place[id(lines[0])], place[id(lines[-1])] + 1
    return Body(lines, how or containers.name(element), page, start, end, notes)


def _begun(lines: Sequence[Line], start: int) -> int:
    """Where a text really begins if its first lines stand outside the block that holds its paragraphs.

    These (an addressee, the name of a decree) stand between publish line and block, neither link nor furniture.
    """
    for i in range(start - 1, max(-1, start - _FIRST_LINES), -1):
        line = lines[i]
        if furniture.is_publish(line.text):
            return i + 1
        if line.linked or _is_around(line) or furniture.is_tool(line) or furniture.is_marker(line):
            return start
    return start


def _spilled(element: lxml_html.HtmlElement, page: Rendered, end: int) -> int:
    """Where the text really ends if a stray end tag closed its container too early.

    Then nameless paragraphs go on right behind the container, as its siblings, up to the first furniture.
    """
    parent = element.getparent()
    if parent is None or parent.tag in ("body", "html"):
        return end
    last = end
    for line in page.lines[end:]:
        block = line.block
        # A date alone is furniture above a text and its signature below.
        signed = last > end and furniture.is_bare_date(line.text)
        strange = line.linked or furniture.is_furniture(line.text) or furniture.is_marker(line)
        if block is None or (strange and not signed):
            break
        nameless = block.tag == "p" and not block.get("id") and block.getparent() is parent
        if not nameless and block is not parent:
            break
        last += 1
    behind = [line.text for line in page.lines[end:last]]
    goes_on = sum(map(len, behind)) >= _A_PARAGRAPH and any("。" in text for text in behind)
    return last if goes_on else end


def _unknown(
    tree: lxml_html.HtmlElement,
    chosen: lxml_html.HtmlElement | None,
    weights: Weights,
    title: str | None,
    warnings: list[str],
) -> Body:
    """Nothing known holds the text: trafilatura says what it is, the page's blocks say where it ends."""
    steps = chain(tree, weights)
    best = densest(tree, weights)
    page = render(tree, [*steps, *([chosen] if chosen is not None else [])])
    seen = _trafilatura(tree, page, warnings)
    if seen:
        by_span = {
            page.spans[e]: e for e in [*steps, *([chosen] if chosen is not None else [])] if e in page.spans
        }
        best = _closest(seen, page, list(by_span.values())[-_MAX_STEPS:], title)
    return _body(best, page, title, warnings, "trafilatura" if seen else "densest block")


def _closest(
    seen: str, page: Rendered, elements: Sequence[lxml_html.HtmlElement], title: str | None
) -> lxml_html.HtmlElement:
    """The element whose text agrees best with what trafilatura says; of equal ones the outermost."""
    wanted = _grams(_units(seen))
    best, most = elements[0], -1.0
    known: dict[str, float] = {}
    # From the inside out: the blocks around an article are too long to agree better, which their length tells.
    for element in reversed(elements):
        start, end = page.spans[element]
        lines = furniture.body(page.lines[start:end], title, loose=True)
        # A disclaimer, a list of other pages, or what readers say.
        if not lines or furniture.is_marker(lines[0]) or _are_comments(page.lines, start, lines[0]):
            continue
        text = "".join(line.text for line in lines)
        if text not in known:
            known[text] = _agreement(text, wanted, most)
        if known[text] >= most:
            best, most = element, known[text]
    return best


def _are_comments(lines: Sequence[Line], start: int, first: Line) -> bool:
    while lines[start] is not first:
        start += 1
    return start > 0 and furniture.are_comments(lines[start - 1].text)


def _agreement(text: str, wanted: Counter[int], least: float) -> float:
    """Share of grams that two texts have in common; -1 where their lengths say that it is below ``least``."""
    units = _units(text)
    own, other = max(0, len(units) // 2 - _GRAM + 1), wanted.total()
    everything = max(1, own + other)
    if 2 * min(own, other) / everything < least:
        return -1.0
    have = _grams(units)
    both = have.keys() & wanted.keys()
    return 2 * sum(map(min, map(have.__getitem__, both), map(wanted.__getitem__, both))) / everything


def _units(text: str) -> bytes:
    """A text without white space, two bytes a character."""
    return despaced(text).encode("utf-16-le", "replace")


def _grams(units: bytes) -> Counter[int]:
    """All pieces of four characters, each as the number that its eight bytes make."""
    grams: Counter[int] = Counter()
    for start in range(0, 2 * _GRAM, 2):
        piece = memoryview(units)[start:]
        grams.update(piece[: len(piece) // 8 * 8].cast("Q"))
    return grams


def _trafilatura(tree: lxml_html.HtmlElement, page: Rendered, warnings: list[str]) -> str:
    if (
        page.depth > _MAX_DEPTH_FOR_TRAFILATURA
        or len(page.lines) > _MAX_LINES_FOR_TRAFILATURA
        or sum(len(line.text) for line in page.lines) > _MAX_FOR_TRAFILATURA
    ):
        warnings.append("too large or too deep for trafilatura")
        return ""
    try:
        found = trafilatura.bare_extraction(tree, with_metadata=False, include_comments=False)
    except (RecursionError, ValueError, TypeError, AttributeError, IndexError, etree.LxmlError) as error:
        # It is written for pages, not for attacks on parsers; the densest block is the answer then.
        warnings.append(f"trafilatura failed: {type(error).__name__}")
        return ""
    return str(getattr(found, "text", "") or "") if found is not None else ""
