"""Where on a page the text stands: containers the platforms are known for, else the densest block."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import cast

from cssselect import HTMLTranslator, SelectorError
from lxml import etree
from lxml import html as lxml_html

# Class names and ids that hold the text and nothing else, over many portals (platforms.md, section 3): TRS,
# Hanweb, UCAP, VSB, Shanghai, Jiangsu, Epoint, SiteServer and the common hand-made templates.
_KNOWN = frozenset(
    {
        "zoom",
        "fontzoom",
        "ucap-content",
        "ucapcontent",
        "v_news_content",
        "ivs_content",
        "main-txt",
        "main_txt",
    }
    | {
        "maintxt",
        "context",
        "gsj_htmlcon",
        "j-fontcontent",
        "dochtmlcon",
        "wp_articlecontent",
        "entry-content",
        "mw-parser-output",
    }
)
# Names put together from a word for the text and a word for its place, as templates do everywhere:
# article_content, news-con, wenzhang-content, xxgk_txt, vsb_content_501, ewb-article-info.
_MADE = re.compile(
    r"trs_?(?:editor|ueditor|webeditor|preappend)(?:_view)?"
    r"|(?:vsb|zwxl|ewb|ucap|easysite)[-_](?:[a-z]+[-_])?(?:article|content|con|text|info|news)\w{0,8}(?:[-_]\w{1,8})?"
    r"|(?:article|articel|artical|arti|art|arc|news|info|details?|wenzhang|wz|zw|zhengwen|nr|xl|xq|xxgk|text|txt|doc"
    r"|post|pages?|main|view|body|con)[-_]?"
    r"(?:contents?|con|conts?|text|txt|body|nr|neirong|zw|box[-_]content|detail|area[-_]content)(?:[-_]?\d{1,3})?"
    r"|(?:content|con|nr)[-_]?(?:text|txt|body|box|detail|article|nr|main)(?:[-_]?\d{1,3})?"
)


@lru_cache(maxsize=4096)
def _is_known(word: str) -> bool:
    return len(word) < 60 and (word in _KNOWN or _MADE.fullmatch(word) is not None)


# Ids, classes, tags and their nesting: all names must be on the page for such a selector to match anything.
_SIMPLE = re.compile(r"[\w\s.#>-]+", re.ASCII)
_NAME = re.compile(r"[.#]([\w-]+)", re.ASCII)


@lru_cache(maxsize=256)
def _selector(css: str) -> tuple[frozenset[str], etree.XPath]:
    """The names a page must have to be searched, in lower case, and the search."""
    search = etree.XPath(HTMLTranslator().css_to_xpath(css))
    names = _NAME.findall(css.lower()) if _SIMPLE.fullmatch(css) else ()
    return frozenset(names), search


def declared(
    tree: lxml_html.HtmlElement,
    names: Iterable[tuple[lxml_html.HtmlElement, str]],
    selectors: Sequence[str],
) -> list[lxml_html.HtmlElement]:
    """Elements that match a platform's own selectors, in the order of the selectors.

    Args:
        tree: The page.
        names: What ``html.named`` says of it; a platform knows twenty selectors, a page has one of them.
        selectors: CSS, most specific first.

    Raises:
        ValueError: a selector is no CSS.
    """
    present = {word for _, words in names for word in words.split()} if selectors else set()
    found: list[lxml_html.HtmlElement] = []
    for css in selectors:
        try:
            wanted, search = _selector(css)
        except SelectorError as error:
            raise ValueError(f"not a CSS selector: {css!r}: {error}") from error
        if wanted <= present:
            found += cast(list[lxml_html.HtmlElement], search(tree))
    return found


def known(named: Iterable[tuple[lxml_html.HtmlElement, str]]) -> list[lxml_html.HtmlElement]:
    """Elements that carry a known container's name, in document order."""
    return [element for element, names in named if any(_is_known(word) for word in names.split())]


def name(element: lxml_html.HtmlElement) -> str:
    """How an element is written in a selector: ``div#zoom``, ``div.TRS_Editor``."""
    if element.get("id"):
        return f"{element.tag}#{element.get('id')}"[:80]
    classes = (element.get("class") or "").split()
    return f"{element.tag}.{classes[0]}"[:80] if classes else str(element.tag)
