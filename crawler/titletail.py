"""What follows the topic in a title, read as a row of word classes.

After 法治政府建设 a real title has nothing but filler, a year, and what the paper calls itself; many add
next year's plan as a second part (暨2023年工作要点). Classes instead of one long pattern keep this linear on
hostile input.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Tail(StrEnum):
    """How the words after the topic end."""

    REPORT = "report"  # says it is a report or a summary
    ORAL = "oral"  # 汇报: a briefing or the report itself
    STATE = "state"  # 情况 without a head noun
    PUBLISHED = "published"  # a report, made public (公示, 公告)
    CARRIED = "carried"  # a report, and the notice round it
    NOTHING = "nothing"  # the topic is the last word
    PLAN = "plan"  # about a coming year only
    OTHER = "other"  # words that are not of a report title


@dataclass(frozen=True, slots=True)
class TailReading:
    """The tail, read."""

    shape: Tail
    head: str
    """The words from the decisive noun on, or what was left."""
    first_part: str
    """The tail without the second part that names a coming year's plan."""


# y year, n next-year word, c conjunction, d 的, h head noun, b briefing, p plan noun, s 情况, f filler,
# w published as, q sent with, x anything else
_TOKENS = re.compile(
    r"(?P<y>20\d\d年?年?度?|上一?年度?|本年度|(?:全年|年终|年底|年末)(?=的?(?:工作|总结|情况|报告)))"
    r"|(?P<n>下一?年度?|明年|来年|下一?阶段|下一?步|今后)"
    r"|(?P<h>年度报告书?|报告书?|总结|年报|小结)"
    r"|(?P<b>汇报(?:材料|稿)?)"
    r"|(?P<p>重点工作|要点|计划|打算|安排|思路|谋划|规划|设想|建议)"
    r"|(?P<q>(?:紧急|补充)?通知|请示|函)"
    r"|(?P<w>(?:予以)?(?:公告|公示|通告|公布|公开|发布|全文)+)"
    r"|(?P<s>情况|成效|成果|进展)"
    r"|(?P<c>以及|和|与|暨|及|并|、|,|/|;|-+)"
    r"|(?P<d>的|[()])"
    r"|(?P<f>行政执法监督|执法监督|规范性文件|合法性审[查核]|行政诉讼|行政立法|人民调解|法律服务|司法行政|信访|平安"
    r"|工作|年度|建设|推进|落实|开展|完成|执行|履行|履职|主要|重点|任务|目标|责任制|主体责任|责任|职责|相关|有关|具体|总体|基本"
    r"|自身|举措|措施|做法|亮点|特色|问题|存在|其|法[治制冶]政府|建设|依法行政|法[治制](?:社会)?(?:建设|工作|宣传教育|宣传)|依法治理|普法|行政执法|执法"
    r"|向(?:同级)?[本省市区县旗州镇乡党]{0,2}(?:委|人大|人民代表大会)(?:和|、)?(?:常委会|常务委员会|人民政府|政府)?"
    r"|行政复议|行政应诉|复议|应诉|平安建设|加快|加强|深化|深入|全面|持续|统筹|依法治[国省市县区镇乡街州旗盟]+|政务公开|放管服改革|优化营商环境"
    r"|营商环境|改革|年|度|〓|各项|本|全)"
    r"|(?P<x>.)",
    re.S,
)
_YEARLY = r"[fysdc]*"
_PLAN_PART = r"c[ydn]*[fsyd]*p[fsp]*"
_SHAPES: tuple[tuple[Tail, re.Pattern[str]], ...] = tuple(
    (shape, re.compile(pattern))
    for shape, pattern in (
        (Tail.NOTHING, r"$"),
        (Tail.REPORT, rf"{_YEARLY}h(?:d?[fs]*h)*(?:{_PLAN_PART})?(?:d?[fs]*h)?(?:c?d?yd?)?$"),
        (Tail.REPORT, rf"{_YEARLY}{_PLAN_PART}d?[fs]*h$"),
        (Tail.ORAL, rf"{_YEARLY}h?b(?:{_PLAN_PART})?$"),
        (Tail.PUBLISHED, rf"{_YEARLY}h(?:d?[fs]*h)*(?:{_PLAN_PART})?(?:d?[fs]*h)?d?w$"),
        (Tail.CARRIED, rf"{_YEARLY}[hb](?:d?[fs]*h)*(?:{_PLAN_PART})?(?:d?[fs]*h)?d?[wq]+$"),
        (Tail.CARRIED, r"[fysdc]*s[df]*w+$"),
        (Tail.STATE, rf"{_YEARLY}s[fy]*(?:{_PLAN_PART})?$"),
        (Tail.PLAN, r"[fysdcn]*p[fsydc]*[hwq]?$"),
    )
)


def read_tail(tail: str) -> TailReading:
    """Class the words after the topic."""
    classes: list[str] = []
    starts: list[int] = []
    for token in _TOKENS.finditer(tail):
        classes.append(token.lastgroup or "x")
        starts.append(token.start())
    row = "".join(classes)
    shape = next((shape for shape, pattern in _SHAPES if pattern.match(row)), Tail.OTHER)
    cut = len(tail)
    if "p" in row:
        conjunction = row.rfind("c", 0, row.index("p"))
        if conjunction >= 0:
            cut = starts[conjunction]
    nouns = [i for i, kind in enumerate(row) if kind in "hb"]
    head = tail[starts[_head_start(row, nouns[-1])] :] if nouns else tail
    return TailReading(shape=shape, head=head, first_part=tail[:cut])


def _head_start(row: str, noun: int) -> int:
    start = noun
    while start and row[start - 1] in "fsd":
        start -= 1
    return start
