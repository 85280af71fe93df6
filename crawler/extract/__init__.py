"""Bytes to a text that can be vouched for: pure functions, no network, no database.

``extract`` reads one page. It decides the charset, finds the body, leaves out what stands around it, and
collects what the page says about itself, each value with its evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from lxml import html as lxml_html

from crawler.extract import metadata, title
from crawler.extract.body import Body, find
from crawler.extract.charset import Decoded, decode
from crawler.extract.furniture import bare
from crawler.extract.html import named, parse, prune
from crawler.extract.metadata import Facts
from crawler.extract.model import Evidence, Extraction

__all__ = ["EXTRACTOR", "VERSION", "Evidence", "Extraction", "extract", "for_scoring"]

EXTRACTOR = "pages"
VERSION = "3"


def extract(
    body: bytes,
    *,
    url: str | None = None,
    content_type: str | None = None,
    containers: Sequence[str] = (),
    title_hint: str | None = None,
    decoded: Decoded | None = None,
) -> Extraction:
    """Reads a page.

    Args:
        body: The page as received, content encoding removed. Any bytes: damaged markup gives what can be
            read and a warning.
        url: Where the page stands; only the date in it is used.
        content_type: The Content-Type header as sent.
        containers: CSS selectors of the platform's article body, most specific first.
        title_hint: The title under which a list links the page.
        decoded: What ``charset.decode`` made of ``body``, if it was asked already.

    Raises:
        ValueError: one of ``containers`` is no CSS selector.
    """
    decoded = decoded or decode(body, content_type)
    parsed = parse(decoded.text)
    tree = parsed.tree
    warnings = [*decoded.warnings, *parsed.warnings]
    facts = Facts()
    known = metadata.metas(tree, decoded.text)
    metadata.read_metas(facts, known)
    printed = _page_title(tree)
    prune(tree, warnings)
    guess = facts.best("title") or title_hint or printed
    names = named(tree)
    found = find(tree, names, containers, guess)
    metadata.read_column(facts, names)
    metadata.read_lines(facts, found.page, found.start, found.end)
    metadata.read_body(facts, found.lines)
    metadata.read_opening(facts, found.lines)
    metadata.settle_published(facts, url)
    labels = [content for key in ("sitename", "columnname", "lanmu") for _, content in known.get(key, ())]
    labels += [e.value for e in facts.fields.get("column", [])]
    for form in title.page_title(printed, labels):
        facts.add("title", form, "title", printed)
    for where, text in title.headings(tree, names):
        facts.add("title", text, where, text)
    _settle_title(facts, found, title_hint, labels, printed)
    if not found.lines and tree.find(".//iframe") is not None:
        warnings.append("no text, but an iframe: the body may stand there")
    published = facts.best("published")
    return Extraction(
        text="\n".join(line.text for line in found.lines),
        title=facts.best("title"),
        published=date.fromisoformat(published) if published else None,
        source=facts.best("source"),
        column=facts.best("column"),
        site_id_code=facts.best("site_id_code"),
        evidence=facts.frozen(),
        charset=decoded.charset,
        container=found.container,
        warnings=(*warnings, *found.warnings),
    )


def _page_title(tree: lxml_html.HtmlElement) -> str:
    for element in tree.iter("title"):
        text = title.clean("".join(element.itertext()))
        if text:
            return text
    return ""


def _settle_title(facts: Facts, found: Body, hint: str | None, labels: Sequence[str], printed: str) -> None:
    if hint:
        facts.add("title", title.clean(hint), "list", hint)
    for above in title.above(found.page.lines[: found.start]):
        facts.add("title", above, title.OVER, above)
    for opening in title.opening(found.lines, printed):
        facts.add("title", opening, "opening", opening)
    if "title" in facts.fields:
        head = "".join(line.text for line in found.page.lines[: found.start + 4]) if found.lines else None
        facts.fields["title"] = title.decide(
            facts.fields["title"], labels, printed, None if head is None else bare(head)
        )


def for_scoring(html: bytes, url: str | None) -> dict[str, str | None]:
    """The interface of the evaluation's scorer."""
    result = extract(html, url=url)
    return {
        "text": result.text,
        "title": result.title,
        "published": result.published.isoformat() if result.published else None,
    }
