"""The title of a page: metas, heading, list, first lines and <title> disagree; the best supported wins."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml import html as lxml_html

from crawler.extract.furniture import is_furniture
from crawler.extract.model import Evidence
from crawler.extract.render import Line, fold

_TAGS = re.compile(r"<[^<>]{0,500}>")
_NAMED = re.compile(
    r"(?:^|[-_ ])(?:title|tit|bt|biaoti|headline|h1|xl[-_]?title)\w{0,4}(?:$|[-_ ])|title|biaoti",
    re.I,
)
_SEPARATORS = re.compile(
    r"\s*(?:_+|\|+|｜|\s[-–—]+\s|-{2,}|>+|<+|»|·(?=\S{2,12}(?:网|政府)))\s*|-(?=[\u4e00-\u9fff]{2,20}$)"
)
_SITE = re.compile(
    r"(?:网|网站|政府|门户|政务|平台|频道|首页|公报|在线|信息公开|栏目|官网|管委会|委员会|局|厅|办公室|中心|门户网站)$|^(?:首页|政府信息公开|信息公开)"
)
_KIND = re.compile(
    r"(?:报告|通知|意见|办法|决定|公告|通报|函|规定|方案|总结|情况|要点|计划|批复|通告|条例|公示|解读|汇报|决议|令|细则|纲要|规划|预案|名单|公开表)(?:[(（].{0,40}[)）])?$"
)
_OPENS = re.compile(r"^(?:关于|转发|印发)")


def clean(text: str) -> str:
    """A title without markup, entities' leftovers and folded white space."""
    return fold(_TAGS.sub("", text).replace("&nbsp;", " ").replace("&ensp;", " ").replace("&emsp;", " "))


def bare(text: str) -> str:
    """Letters and digits only: how two forms of a title are compared."""
    return re.sub(r"[\W_]+", "", text)


def headings(
    tree: lxml_html.HtmlElement, named: Sequence[tuple[lxml_html.HtmlElement, str]]
) -> list[tuple[str, str]]:
    """What stands in heading elements and in elements named for a title, in document order."""
    marked = [(e, e.tag) for e in tree.iter("h1", "h2", "h3")]
    marked += [(e, "title block") for e, names in named if _NAMED.search(names)]
    found: list[tuple[str, str]] = []
    for element, where in marked[:200]:
        if len(element) > 20:
            continue
        text = clean(_start(element))
        if 4 <= len(text) <= 200:
            found.append((where, text))
    return found


def _start(element: lxml_html.HtmlElement) -> str:
    """The text of an element, no more than tells that it is too long for a title."""
    pieces: list[str] = []
    size = 0
    for piece in element.itertext():
        pieces.append(piece)
        size += len(piece.strip())
        if size > 200:
            break
    return "".join(pieces)


def page_title(raw: str, site: Sequence[str]) -> list[str]:
    """<title> in its possible forms: whole, and without the site and column names behind or before it."""
    text = clean(raw)
    if not text:
        return []
    parts = [p for p in _SEPARATORS.split(text) if p]
    if not parts:
        return []
    known = {bare(s) for s in site if s}
    while len(parts) > 1 and (
        bare(parts[-1]) in known or (_SITE.search(parts[-1]) and not _KIND.search(parts[-1]))
    ):
        parts.pop()
    while len(parts) > 1 and bare(parts[0]) in known:
        parts.pop(0)
    # Cut where the pieces that remain begin and end, so that separators inside the title survive.
    start = text.find(parts[0])
    end = text.rfind(parts[-1]) + len(parts[-1])
    forms = [text[start:end], max(parts, key=lambda p: (bool(_KIND.search(p)), len(p)))]
    return list(dict.fromkeys(f for f in forms if f))


def opening(lines: Sequence[Line]) -> str | None:
    """The title printed over the text itself: up to three short lines, letterhead and title joined.

    天津市某区某街道办事处 / 关于2023年度法治政府建设情况的报告 is one title over two lines.
    """
    head: list[str] = []
    for line in lines[:5]:
        text = line.text
        if (
            len(text) > 60
            or re.search("[。；，：:\t]", text)
            or re.match(r"[一二三四五六七八九十]+、|[(（]", text)
        ):
            break
        head.append(text)
        if _KIND.search(text):
            start = len(head) - 1
            if (_OPENS.match(text) and start and len(head[start - 1]) >= 4) or (
                start and len(bare(text)) < 12 and not re.match(r"\d{4}|.{2,20}(?:街道|镇|乡|局|委)", text)
            ):
                start -= 1
            return "".join(head[start:])
    return None


def above(line: Line) -> str | None:
    """A line above the text that reads like a title: no link, no sentence, and it names a kind of paper."""
    text = line.text
    if line.linked or not 8 <= len(text) <= 90 or re.search("[。；\t]", text) or not _KIND.search(text):
        return None
    return None if is_furniture(text) else clean(text)


def decide(candidates: Sequence[Evidence], column: Sequence[str]) -> list[Evidence]:
    """Orders the candidates, the decisive one first.

    Each candidate gains from others that agree with it; column and site names, template leftovers and cut
    forms lose. Equal ones keep the given order.
    """
    names = {bare(c) for c in column if c}
    bared = [bare(e.value) for e in candidates]

    def weight(e: Evidence, own: str) -> float:
        if len(own) < 4 or own in names:
            return -10.0
        score = {
            "meta ArticleTitle": 3.0,
            "heading": 2.5,
            "h1": 2.5,
            "title": 1.5,
            "list": 1.5,
            "index": 2.0,
            "opening": 0.8,
        }.get(e.where, 1.0)
        for other, theirs in zip(candidates, bared, strict=True):
            if other is e or other.where == e.where:
                continue
            if theirs == own:
                score += 2.0
            elif len(own) >= 8 and own in theirs:
                score += 0.6
            elif len(theirs) >= 8 and theirs in own:
                score += 0.4
        if _KIND.search(e.value):
            score += 0.5
        if re.search(r"(?:\.{3}|…)$", e.value):
            score -= 3.0
        if _SITE.search(e.value) and not _KIND.search(e.value) and len(own) < 14:
            score -= 2.0
        return score

    weights = [weight(e, own) for e, own in zip(candidates, bared, strict=True)]
    order = sorted(range(len(candidates)), key=lambda i: (-weights[i], i))
    return [candidates[i] for i in order if weights[i] > -5.0]
