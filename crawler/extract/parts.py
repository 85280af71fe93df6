"""Which of the five standard parts a heading announces.

The parts are those of the 法治政府建设与责任落实督察工作规定 (2019), Art. 24: 1 举措和成效, 2 不足和原因,
3 第一责任人职责, 4 下一年度安排, 5 其他. The words are general ones (成效, 不足, 打算): names of plans and of
meetings change every five years and decide nothing here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from crawler.extract.fold import despaced, fold

PART_NAMES = {
    1: "上一年度推进法治政府建设的主要举措和成效",
    2: "上一年度推进法治政府建设存在的不足和原因",
    3: "上一年度党政主要负责人履行推进法治建设第一责任人职责，加强法治政府建设的有关情况",
    4: "下一年度推进法治政府建设的主要安排",
    5: "其他需要报告的情况",
}
"""The parts as the regulation names them."""

_READ = 90
"""Characters of a heading read; the longest official one has under 60."""
_QUOTES = str.maketrans("", "", "“”\"'‘’《》「」")
# 推荐 for 推进 is a slip met in print.
_SUBJECT = re.compile(
    r"^(?:.{0,10}?(?:20\d\d|上一|本|去)年度?(?:以来)?|[全我本].{1,4}?)?(?:的)?(?:推[进荐动行]|加强|开展|关于|落实)?(?:我?[全本]?[省市区县镇乡街局]|街道)?"
    r"(?:法治政府(?:建设)?|法治建设|依法行政|依法治[国省市区县镇乡街])(?:工作)?(?:的|及|与)?"
    r"(?=$|存在|主要|总体|基本|情况|工作|有关|取得|不足|问题|举措|措施|成效|成果|做法|开展|推进|落实|完成|进展|安排|打算|思路|目标|重点|计划|初步|下)"
)
_THEME = re.compile(
    r"^(?:始终|持续|全面|深入|着力|扎实|切实|积极|认真|不断|进一步|大力|高度|高位|严格|依法|广泛|稳步|精准|充分|坚定|牢牢|高效|科学|多措|从严|用心|用好|纵深|深化|深学"
    r"|坚持|强化|加强|完善|健全|提升|提高|优化|推进|推动|落实|压实|突出|聚焦|紧扣|紧盯|紧抓|把握|严抓|严守|严把|狠抓|规范|加大|加快|创新|夯实|筑牢|抓|发挥|发扬"
    r"|统筹|构建|打造|营造|围绕|以|强|聚力|凝聚|注重|立足|带头|增强|转变|履行|做[好实优强]|织密|化解|防范|维护|服务|普及|实施|开展|建立|建强|建设|锚定|党建|培育|拓宽|拓展"
    r"|坚决|守牢|守护|守好|扛牢|扛起|厘清|理顺|畅通|主动|自觉|学|用|树牢|树立|贯彻|传承|弘扬|深耕|擦亮|激发|释放|厚植|前移|关口|汇聚|延伸|保障|促进|助力|护航|支持|监督|制约|完成|回应|巩固)"
)
_DUTY = re.compile(
    r"第一责任人|主要负责(?:人|同志)履[行职]|主要负责(?:人|同志).{0,6}(?:履职|职责|述法)|党政(?:主要)?负责人履"
)
_SHORTFALL = re.compile(
    r"不足|存在的?(?:主要|突出|一些|几个|共性)?(?:问题|困难|短板|差距|薄弱|弱项|难点)|(?:主要|突出)?问题(?:和|与|及|以及|、)?(?:的)?(?:不足|原因|困难|短板|差距|整改)"
    r"|薄弱环节|(?:短板|差距)(?:和|与|及|、|$)|^(?:主要)?问题(?:$|及|和|与|、)|困难和问题|面临的?(?:主要)?(?:问题|困难|挑战|形势)|原因分析"
)
_THEME_SHORTFALL = re.compile(
    r"^(?:正视|查[摆找]|剖析|分析|深入(?:查摆|剖析)|认真(?:查摆|剖析)).*(?:问题|不足)|存在的?(?:主要)?(?:问题|不足)(?:(?:和|及|与|、)?(?:不足|原因|问题))?$"
)
_REMEDY = re.compile(r"解决|整改|针对|破解|聚焦|化解|导向")
_NEXT = re.compile(
    r"下一?(?:个)?(?:年度?|步|阶段|时期)(?!度?(?:化解|调处))|明年|来年|今后(?:一[个段]时期|工作|的|$)|新的一年|未来"
)
_PLAN = re.compile(
    r"打算|努力方向|(?:工作|主要|初步|重点|总体|任务|具体)安排|安排(?:和|及|与|、|$)|(?:工作|总体|主要|初步|下步)(?:思路|计划|谋划|规划|展望)|思路(?:和|及|与|、|目标|举措|措施|$)"
    r"|计划(?:和|及|与|、|$)|工作重点|重点工作(?:任务)?$|目标任务|工作(?:目标|要点)|展望$|^展望"
)
_YEAR_PLAN = re.compile(r"20\d\d年.{0,20}(?:打算|安排|思路|计划|要点|展望|目标|重点|规划)")
_REPAIR = re.compile(r"(?:改进|整改)(?:的?(?:措施|举措|方向|方案|打算|对策))|下?对策|改进工作的")
_DONE = re.compile(
    r"举措|措施|成效|成绩|成果|做法|工作(?:的)?(?:开展|推进|完成|总体|进展|落实|主要|基本|有关)?情况|完成情况|基本情况|总体情况|(?:主要|开展|进展|落实|推进|建设)(?:的)?情况"
    r"|主要工作|工作(?:总结|回顾|亮点|特色|进展|实绩)|(?:特色|亮点|创新)(?:工作|做法|经验)|工作$|^情况$|典型经验"
)
_DONE_STRONG = re.compile(
    r"举措|措施|成效|成绩|做法|工作(?:开展|推进|完成|总体|进展|落实)情况|完成情况|总体情况|开展情况|主要工作"
)
_PAST = re.compile(r"(?:总结|回顾|情况|成效)(?:和|及|以及|与|暨|、)")
_TOPIC = re.compile(r"法治|依法|行政|执法|决策|普法|矛盾|纠纷|监督|政府|政务|权力|营商|治理|规范性文件")
_OTHER = re.compile(
    r"其[他它](?:需要|应当|应|须|需)?(?:的)?(?:报告|说明|汇报|反映|报备)?的?(?:有关|重要)?(?:情况|事项|问题|工作|内容)|需要(?:报告|说明|反映)的(?:其[他它])?(?:情况|事项|问题)|^其[他它]$"
)
_SAYS_PART = re.compile(
    r"举措|措施|成效|做法|成绩|不足|问题|困难|责任人|负责|安排|打算|思路|计划|重点|目标|其[他它]"
)
_NO_HEADING = re.compile(
    r"[。;!?]|(?:报告|总结|通知|公告|公开|汇报|方案|办法|意见)$|如下|^关于|^附件|\d{3,}(?!\d|年)|,.*,|:"
)
_DONE_LINE = re.compile(
    r"(?:举措|措施|做法|成绩)(?:和|及|与|、)?(?:主要)?成效|^(?:主要|工作).{0,4}(?:举措|措施|做法)"
)
_ALONE = {
    1: re.compile(
        r"^(?:20\d\d年度?)?(?:主要|工作)(?:工作)?(?:举措|措施|做法)(?:和|及|与|、)(?:主要|工作)?成效$"
    ),
    2: re.compile(r"^(?:工作中)?存在的?(?:主要)?.{0,4}(?:不足|问题|困难)"),
    3: re.compile(r"^(?:20\d\d年度?)?.{0,8}主要负责(?:人|同志).*(?:职责|情况)$"),
    4: re.compile(
        r"^(?:20\d\d年度?|下一?(?:年度?|步|阶段)).{0,20}(?:安排|打算|思路|计划|举措|重点|措施|目标)$"
    ),
    5: re.compile(r"^其[他它]需要"),
}
"""How a heading of each part looks that stands in a line of its own, without number and without the full words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a heading announces."""

    parts: tuple[int, ...]
    """Standard parts in order, empty if none; several if merged (存在问题及下一步打算: 2 and 4)."""
    weak: tuple[int, ...] = ()
    """Parts it may cover if no other heading does: 整改措施 behind 问题 stands for 4."""
    thematic: bool = False
    """A theme of the work done (强化组织领导,夯实法治基础): a piece of part 1, if parts is (1,)."""


_NONE = Verdict(parts=())


def classify(heading: str) -> Verdict:
    """Names the standard part or parts of a heading, printed without its number; never raises.

    Most specific first: the duty of the first person responsible, then 其他, then shortfalls and plans, which may share
    a heading. A heading that begins with what was done (强化, 坚持, 以…) is a theme unless it says plainly otherwise.
    """
    return _classified(heading[: 3 * _READ])


@lru_cache(maxsize=1024)
def _classified(heading: str) -> Verdict:
    """Kept, because a heading is asked about three times: for its level, its part and the line behind it."""
    title = despaced(fold(heading)).translate(_QUOTES)[:_READ]
    if not title:
        return _NONE
    core = _SUBJECT.sub("", title, count=1)
    theme = core == title and _THEME.match(title) is not None
    duty = _DUTY.search(title)
    if duty:
        before = _DONE_STRONG.search(title[: duty.start()])
        return Verdict(parts=(1, 3) if before and not theme else (3,))
    if _OTHER.search(title) and not theme:
        return Verdict(parts=(5,))
    return _theme(title) if theme else _standard(title, core)


def _theme(title: str) -> Verdict:
    parts = []
    if _THEME_SHORTFALL.search(title) and not _REMEDY.search(title):
        parts.append(2)
    if _NEXT.search(title):
        parts.append(4)
    return Verdict(parts=tuple(parts)) if parts else Verdict(parts=(1,), thematic=True)


def _standard(title: str, core: str) -> Verdict:
    parts: list[int] = []
    weak: list[int] = []
    shortfall = _SHORTFALL.search(core)
    if shortfall:
        parts.append(2)
    plan = _NEXT.search(core) or _PLAN.search(core) or _YEAR_PLAN.search(core)
    if plan or _NEXT.search(title) or _YEAR_PLAN.search(title):
        parts.append(4)
    elif _REPAIR.search(core):
        (weak if parts else parts).append(4)
    if not parts:
        done = _DONE.search(core) is not None or (core != title and not core)
        parts += [1] if done else []
    elif (shortfall and _DONE_STRONG.search(core[: shortfall.start()])) or (
        plan and _PAST.search(core[: plan.start()]) and 2 not in parts
    ):
        parts.append(1)
    if parts:
        return Verdict(parts=tuple(sorted(parts)), weak=tuple(weak))
    halves = "," in core and len(core) >= 8
    about = len(title) >= 6 and _TOPIC.search(title) is not None
    return Verdict(parts=(1,), thematic=True) if halves or about else _NONE


def standard_line(line: str) -> bool:
    """Whether an unnumbered line is by itself a heading of a standard part.

    Such headings occur (the number was lost, or never typed). Only plain forms count: a short line, no sentence, no
    title of the report, with the words of a part and nothing else.
    """
    title = despaced(fold(line[:_READ])).translate(_QUOTES).rstrip(":")
    if not 4 <= len(title) <= 45 or not _SAYS_PART.search(title) or _NO_HEADING.search(title):
        return False
    verdict = classify(title)
    if verdict.thematic or not verdict.parts:
        return False
    core = _SUBJECT.sub("", title, count=1)
    own_words = core != title and (verdict.parts[0] != 1 or _DONE_LINE.search(core) is not None)
    return own_words or _ALONE[verdict.parts[0]].search(title) is not None
