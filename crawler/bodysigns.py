"""What the text of a document says about what it is.

A report has the five standard parts of the 规定 of 2019, Art. 24 (in any order, merged or thematic),
speaks of 法治 throughout, and mostly announces itself (现将…报告如下). News, notices and interpretations
have forms of their own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from crawler.extract.fold import compatible

SHORT = 200
"""Chinese characters below which a text is no report. The shortest of the five seeds has over 2,000."""
_READ = 200_000
"""Characters read; a longer text has shown what it is by then."""


class Form(StrEnum):
    """What kind of text it looks like."""

    EMPTY = "empty"
    SHORT = "short"
    PROSE = "prose"
    NEWS = "news"
    NOTICE = "a notice"
    INTERPRETATION = "an interpretation"
    LIST = "a list of links"


@dataclass(frozen=True, slots=True, kw_only=True)
class BodySigns:
    """Evidence read from a text."""

    form: Form
    characters: int
    """Chinese characters."""
    mentions: int
    """Times the text names the subject (法治政府, 依法行政, 法治建设, 行政执法 …)."""
    parts: frozenset[int]
    """Standard parts (1-5) found among its headings."""
    announced: bool
    """现将…报告如下 or the like among the first paragraphs."""
    congress: bool
    """Read to a standing committee of a people's congress."""
    strong: bool
    """By itself enough to call it a yearly report."""
    thematic: bool
    """No standard parts, but its sections are about 法治: enough beside a title with issuer and year."""
    why: str
    """The decisive evidence, one short line."""


_HAN = re.compile(r"[一-鿿]+")
_SUBJECT = re.compile(r"法[治制]政府|依法行政|法[治制]建设|法治工作|依法治[国省市县区镇街]|第一责任人")
_AROUND = re.compile(
    r"法治|依法|执法|普法|行政复议|行政应诉|规范性文件|合法性审[查核]|法律顾问|放管服|权力清单|重大行政决策"
)
_ANNOUNCED = re.compile(
    r"现?[将就把].{0,80}?(?:报告|汇报|总结|公布|公开|公告)如下|(?:情况|工作|内容)(?:报告|汇报|总结)?如下|[报总](?:告|结)如下"
)
_HEADING = re.compile(
    r"^(?:第?[一二三四五六七八九十]{1,3}(?:[、.,:]|部分)|[(][一二三四五六七八九十]{1,3}[)]|[一二三四五六七八九十]{1,2}[)]|\d{1,2}[、.])\s*"
)
_PARTS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (3, re.compile(r"第一责任人|主要负责(?:人|同志).{0,12}履[行职]")),
    (
        4,
        re.compile(
            r"下一?(?:年度?|步|阶段)|(?:工作|初步|主要)(?:打算|安排|思路|计划)|努力方向|20\d\d年.{0,16}(?:打算|安排|思路|计划|要点)"
        ),
    ),
    (2, re.compile(r"不足|存在的?(?:主要)?(?:问题|困难)|问题(?:和|与|及|、)?(?:不足|原因)|薄弱环节")),
    (5, re.compile(r"其他需要(?:报告|说明)")),
    (
        1,
        re.compile(
            r"举措|成效|主要(?:做法|措施|工作)|工作(?:开展|推进|完成|总体)?情况|建设(?:的?(?:基本|主要|总体))?(?:工作)?情况|完成情况"
        ),
    ),
)
_SECTION = re.compile(r"^[一二三四五六七八九十]{1,3}[、.]")
_NEWS = re.compile(
    r"会议(?:强调|指出|要求|认为|审议|听取|传达|还?研究)|本报讯|记者|通讯员|主持(?:召开|会议)|出席(?:会议|活动)|近日,|日前,|\d+日(?:上午|下午),"
)
_NOTICE = re.compile(
    r"现(?:印发|转发|下发)给|请(?:认真)?(?:遵照|贯彻|结合).{0,12}(?:执行|落实)|特此(?:通知|公告|函)|请.{0,20}(?:前|之前)(?:将|报送|上报|提交)|请各.{0,20}(?:报送|上报)"
)
_INTERPRETATION = re.compile(
    r"(?:起草|出台|制定|编制|发布|文件)(?:的)?(?:背景|依据|目的|过程)|政策解读|解读(?:机关|单位|人)|主要内容(?:解读)?$|^[问答][::]",
    re.M,
)
_CONGRESS = re.compile(
    r"(?:各位|全体)(?:副主任|委员|代表)|主任、.{0,6}副主任|受.{2,14}政府(?:的)?委托|请予?审议|请(?:主任会议|常委会).{0,6}审议"
    r"|(?:人民代表大会|人大)常务?委员?会.{0,10}第.{1,6}次会议上"
)
_TAGGED = re.compile(r"(?:20\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}|\d{1,2}-\d{1,2})日?[\])]?$")
_ATTACHED = re.compile(r"附件|下载|点击|\.(?:pdf|docx?|wps|ofd)", re.I)


def read_body(text: str) -> BodySigns:
    """Read the signs of a text; never raises."""
    return _read(compatible(text[:_READ]))


@lru_cache(maxsize=2)
def _read(folded: str) -> BodySigns:
    """Kept for the text read last: recognition asks for its signs, and then the gate."""
    lines = [line.strip() for line in folded.splitlines() if line.strip()]
    characters = sum(map(len, _HAN.findall(folded)))
    mentions = len(_SUBJECT.findall(folded))
    around = len(_AROUND.findall(folded))
    parts = _standard_parts(lines)
    opening = "".join(lines[:12])[:1500]
    announced = _ANNOUNCED.search(opening) is not None
    congress = _CONGRESS.search(folded[:1200]) is not None
    form, seen = _form(folded, lines, characters, opening)
    dense = around * 1000 >= 6 * characters and around >= 8
    score = min(len(parts), 3) + announced + (mentions >= 3) + dense + (3 in parts or "第一责任人" in folded)
    long_enough = form is Form.PROSE and characters >= 2 * SHORT and mentions >= 2
    sections = [line[:60] for line in lines if _SECTION.match(line)]
    about = sum(1 for line in sections if _AROUND.search(line))
    strong = long_enough and score >= 3
    return BodySigns(
        form=form,
        characters=characters,
        mentions=mentions or around,
        parts=frozenset(parts),
        announced=announced,
        congress=congress,
        strong=strong,
        thematic=long_enough and dense and len(sections) >= 2 and 2 * about >= len(sections),
        why=seen or _why(parts, announced, mentions, around),
    )


def _why(parts: set[int], announced: bool, mentions: int, around: int) -> str:
    said = []
    if parts:
        said.append("standard parts " + ", ".join(str(p) for p in sorted(parts)))
    if announced:
        said.append("…如下 in the opening")
    said.append(f"{mentions} mentions of 法治政府 or 依法行政, {around} of 法治 and its kin")
    return "; ".join(said)


def _standard_parts(lines: list[str]) -> set[int]:
    parts: set[int] = set()
    for line in lines:
        numbered = _HEADING.match(line)
        if not numbered and (len(line) > 40 or line.endswith(("。", ";", ":"))):
            continue
        heading = re.split(r"[。:;]", line[numbered.end() if numbered else 0 :], maxsplit=1)[0][:60]
        for part, pattern in _PARTS:
            if pattern.search(heading):
                parts.add(part)
                break
    return parts


def _form(folded: str, lines: list[str], characters: int, opening: str) -> tuple[Form, str]:
    if not characters:
        return Form.EMPTY, "no text"
    dated = sum(1 for line in lines if len(line) < 80 and _TAGGED.search(line))
    if dated >= 5 and dated * 2 >= len(lines):
        return Form.LIST, f"{dated} of {len(lines)} lines end in a date"
    if characters < SHORT:
        attached = _ATTACHED.search(folded)
        return Form.SHORT, "an attachment or a link to it" if attached else "too short for a report"
    aids = {m.group() for m in _INTERPRETATION.finditer(folded[:4000])}
    if len(aids) >= 2:
        return Form.INTERPRETATION, "words of an interpretation: " + "、".join(sorted(aids)[:3])
    return (Form.PROSE, "") if _ANNOUNCED.search(opening) else _unannounced_form(folded, characters)


def _unannounced_form(folded: str, characters: int) -> tuple[Form, str]:
    """News and notices are short and never say 现将…报告如下."""
    news = {m.group() for m in _NEWS.finditer(folded[:3000])}
    if len(news) >= 2 and characters < 3000:
        return Form.NEWS, "words of news: " + "、".join(sorted(news)[:3])
    order = _NOTICE.search(folded)
    if order and characters < 4000:
        return Form.NOTICE, f"words of a notice: {order.group()[:20]}"
    return Form.PROSE, ""
