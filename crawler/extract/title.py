"""The title of a page: metas, heading, list, first lines and <title> disagree; the best supported wins."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lxml import html as lxml_html

from crawler.extract.furniture import bare, heading, is_furniture, is_index_row, is_place, is_tool
from crawler.extract.model import Evidence
from crawler.extract.phrases import DATED, FULL_DATE, LINK_HEAD, PASSED, PUBLISH
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
# What templates say instead of a title.
_GENERIC = re.compile(
    r"(?:文章|信息|新闻|内容|通知公告|页面)?(?:详细|详情|内容|正文|查看|浏览)?(?:页面?|内容|信息|文章|新闻)?|首\s*页|网站首页"
    r"|.{0,6}导航|无标题(?:文档|页)?|(?i:untitled.{0,20}|index|document)|.{0,20}欢迎(?:您|访问|光临|加入).{0,60}|谢谢.{0,40}"
)
# Never part of a title, as dashes and blanks are.
_FIRM = re.compile(r"\s*(?:_+|\|+|｜)\s*")
_PIECES = re.compile(r"[\s_|｜>»·:：()（）【】\[\]-]+")
_SITE_FIRST = re.compile(r"([\u4e00-\u9fff·]{2,24})\s*[-–—:：]\s*(?=\S{6})")
_CUT = re.compile(r"\.{3,}|…+")
_LABEL = re.compile(r"[\s【\[]*(?:标\s*题|名\s*称|信息名称)[\s】\]]*[:：]?\s*")
# How far above the text its title may stand: index table and tool bar come between.
_REACH = 30
OVER = "line above the text"
_PRINTED = frozenset({"h1", "h2", "h3", "title block", OVER, "opening"})
_WEIGHTS = {
    "meta ArticleTitle": 3.0,
    "h1": 2.5,
    "title": 1.5,
    "list": 1.5,
    "index table": 2.0,
    OVER: 1.7,
    "opening": 0.8,
}
# A printed line shorter than this share of the longest piece of <title> is a name of column or site.
_LONGEST = 0.8
_TODAY = re.compile("农历|星期[一二三四五六日天]|℃|今天是")
_CLOSING = frozenset(")）]】")
_OPENS = re.compile(r"^(?:关于|转发|印发)")


def clean(text: str) -> str:
    """A title without markup, entities' leftovers and folded white space."""
    text = fold(_TAGS.sub("", text).replace("&nbsp;", " ").replace("&ensp;", " ").replace("&emsp;", " "))
    return DATED.sub("", text) if text[-1:] in _CLOSING else text


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
    first = _SITE_FIRST.match(text)
    if (
        first
        and (bare(first.group(1)) in known or _is_site(first.group(1)))
        and not _is_site(text[first.end() :])
    ):
        return page_title(text[first.end() :], site)
    while len(parts) > 1 and (bare(parts[-1]) in known or _is_site(parts[-1])):
        parts.pop()
    while len(parts) > 1 and (bare(parts[0]) in known or _is_site(parts[0]) or _GENERIC.fullmatch(parts[0])):
        parts.pop(0)
    # Cut where the pieces that remain begin and end, so that separators inside the title survive.
    start = text.find(parts[0])
    end = text.rfind(parts[-1]) + len(parts[-1])
    pieces = _FIRM.split(text[start:end])
    whole = max(pieces, key=lambda p: (bool(_KIND.search(p)), len(p)))
    forms = [whole, max(parts, key=lambda p: (bool(_KIND.search(p)), len(p)))]
    return list(dict.fromkeys(f for f in forms if f))


def opening(lines: Sequence[Line], raw: str = "") -> list[str]:
    """The title printed over the text itself: up to three short lines, letterhead and title joined.

    天津市某区某街道办事处 / 关于2023年度法治政府建设情况的报告 is one title over two lines.

    Args:
        lines: The text.
        raw: The page's <title>; first lines that stand in it are a title, whatever they say.
    """
    again = heading(lines, raw)
    found = ["".join(line.text for line in lines[:again])] if again else []
    named = _named_opening(lines)
    return [*found, named] if named else found


def _named_opening(lines: Sequence[Line]) -> str | None:
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
            about = next((i for i, part in enumerate(head) if re.search("关于|印发|转发", part)), start)
            if about < start and not any(map(_KIND.search, head[about:start])):
                start = about
                text = head[about]
            if (_OPENS.match(text) and start and len(head[start - 1]) >= 4) or (
                start and len(bare(text)) < 12 and not re.match(r"\d{4}|.{2,20}(?:街道|镇|乡|局|委)", text)
            ):
                start -= 1
            return "".join(head[start:])
    return None


def _is_site(part: str) -> bool:
    return _SITE.search(part) is not None and _KIND.search(part) is None


def above(lines: Sequence[Line]) -> list[str]:
    """What is printed nearest above a text and is no furniture, the likeliest first.

    Two lines of one make (same parent, tag and class) are one title, broken by hand.

    Args:
        lines: The lines of the page above the text.
    """
    run: list[Line] = []
    for line in list(reversed(lines))[:_REACH]:
        text = line.text
        if line.attachment or is_furniture(text) or is_index_row(text) or is_place(line) or is_tool(line):
            if run:
                break
            continue
        told = FULL_DATE.search(text) and PUBLISH.search(text) and PASSED.search(text) is None
        if told or _TODAY.search(text):
            if run:
                break
            continue
        if line.is_link or len(bare(text)) < 4 or not _is_titular(text):
            if run or len(text) > 120:
                break
            continue
        if run and not (_same_make(line, run[0]) or run[0].text.startswith("—")):
            break
        run.insert(0, line)
        if len(run) == 3:
            break
    if not run:
        return []
    texts = [clean(_LABEL.sub("", line.text, count=1)) for line in run]
    return list(dict.fromkeys(["".join(texts), texts[-1]]))


def _is_titular(text: str) -> bool:
    return len(text) <= 90 and re.search(r"[。；\t]|www\.|https?:|@", text) is None


def _same_make(one: Line, other: Line) -> bool:
    if one.block is None or other.block is None:
        return False
    if one.block is other.block:
        return True
    return (
        one.block.getparent() is other.block.getparent()
        and one.block.tag == other.block.tag
        and one.block.get("class") == other.block.get("class")
    )


def decide(
    candidates: Sequence[Evidence], column: Sequence[str], raw: str = "", head: str | None = None
) -> list[Evidence]:
    """Orders the candidates, the decisive one first.

    Each candidate gains from others that agree with it; column and site names, template leftovers and cut
    forms lose. Equal ones keep the given order.

    Args:
        candidates: All sightings.
        column: Names of columns and of the site.
        raw: The page's <title> as it is: what is printed over the text and stands in it is the title.
        head: `bare` of all lines above the text and the first of it; a heading that is not among them belongs to
            something else. None if there is no text.
    """
    names = {bare(c) for c in column if c}
    bared = [bare(e.value) for e in candidates]
    whole = bare(raw)
    longest = max((len(bare(p)) for p in _PIECES.split(raw)), default=0)
    begun = bare(_CUT.split(raw)[0]) if _CUT.search(raw) else ""
    elsewhere = [
        head is not None and e.where in _PRINTED and own not in head
        for e, own in zip(candidates, bared, strict=True)
    ]
    voices = [(e.where, own) for e, own, away in zip(candidates, bared, elsewhere, strict=True) if not away]
    said: dict[str, set[str]] = {}
    for where, own in voices:
        said.setdefault(own, set()).add(where)

    def weight(e: Evidence, own: str, away: bool) -> float:
        if len(own) < 4 or own in names or _GENERIC.fullmatch(e.value):
            return -10.0
        score = _WEIGHTS.get(e.where, 1.0)
        if away:
            return score - 2.0 + 2.0 * len(said.get(own, set()) - {e.where})
        others = [(where, theirs) for where, theirs in voices if where != e.where]
        score += 2.0 * len(said.get(own, set()) - {e.where})
        if len(own) >= 8 and any(own in theirs != own for _, theirs in others):
            score += 0.6
        if any(len(theirs) >= 8 and theirs in own != theirs for _, theirs in others):
            score += 0.4
        if _KIND.search(e.value):
            score += 0.5
        if _CUT.search(e.value[-4:]):
            score -= 3.0
        if _SITE.search(e.value) and not _KIND.search(e.value) and len(own) < 14:
            score -= 2.0
        if e.where in _PRINTED:
            if own in whole and (e.where == "h1" or (len(own) >= 6 and len(own) >= longest * _LONGEST)):
                score += 2.0
            if e.where == "h1" and whole.startswith(own):
                score += 1.5
            if len(begun) >= 8 and own.startswith(begun):
                score += 3.0
            if LINK_HEAD.fullmatch(e.value):
                score -= 2.0
        return score

    weights = [weight(*told) for told in zip(candidates, bared, elsewhere, strict=True)]
    order = sorted(range(len(candidates)), key=lambda i: (-weights[i], i))
    return [candidates[i] for i in order if weights[i] > -5.0]
