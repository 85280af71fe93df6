"""The quality gate: is this reading to be trusted as a yearly report (design rule 4)?

A pure function of a reading. What it doubts goes to quarantine: bytes, text and extraction are kept, and no document
is made of them before a better reading, or a person, says so. A real report that is doubted costs a person's time,
a wrong text among the reports costs the archive's word: each limit stands far from all real reports measured, and
still on the right side of what it is there to catch.

Measured on: the five seeds, the three real reports and thirteen other pages among the 16 government pages of the
extraction evaluation, the 105 reports of the sample portal at first and two years later (see
``tests/crawler/test_quality.py``). "Chinese characters" are those of U+4E00 to U+9FFF.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from archive.records import Doubt, DoubtKind, ExtractionRecord, Verdict
from crawler.bodysigns import Form, read_body
from crawler.extract.fold import compatible
from crawler.recognise import judge_title

LEAST_CHARACTERS = 400
"""Chinese characters of a report. Real ones have 1,500 to 15,000 (shortest measured: 2,165); a quarter of the least
leaves room for the shortest of villages. A stub, a summary in a list or an error message has fewer."""

ERROR_CHARACTERS = 1_000
"""Chinese characters from which a text that mentions an error is an article about it."""

ERROR_SENTENCE = 40
"""Characters of a sentence that says an error; a sentence of prose that mentions one (针对网站页面不存在等问题…)
is longer."""

LEAST_EVERYDAY = 0.5
"""Share of everyday characters among letters. Real reports: at least .997, other Chinese government pages .996, a text
in traditional characters .64. Mojibake: UTF-8 read as GBK .12, GBK read as Big5 .21, as Latin-1 or UTF-8 .00."""

LEAST_LAW = 2.0
"""Words of the subject for 1,000 Chinese characters. Real reports: 7.6 to 33.9. Other government pages: 2.8 (the
专利代理条例), 0.5, and none in the others."""

LEAST_STOPS = 2.0
"""Ends of sentences for 1,000 Chinese characters. Real reports: at least 14.2; a list of links has none, a list of
names 2.4."""

LIST_LINES = 8
"""Lines a list has at least; a text of fewer that has no stops is a paragraph whose marks were lost."""

RIVAL_WORDS = 10
"""Times that another document names its own subject at least; a report may speak of its budget a few times."""

FIRST_YEAR = 2005
"""全面推进依法行政实施纲要 (March 2004) made it a duty to report; the oldest of the 60 real reports collected is on
2012. An earlier year is a misread number."""

EARLIEST_MONTH = 12
"""Reports appear from December of their own year (2 of 45 dated ones: 7 and 18 December) to June of the next."""

_HAN = re.compile(r"[一-鿿]+")
_LETTER = re.compile(r"[^\W\d_]+|[\ue000-\uf8ff\ufffd]+")
_EVERYDAY = re.compile(
    "["
    + "".join(
        bytes((high, low)).decode("gb2312")
        for high in range(0xB0, 0xD8)
        for low in range(0xA1, 0xFF)
        if (high, low) < (0xD7, 0xFA)
    )
    + "]+"
)
"""The 3,755 characters of the first level of GB 2312, which 99.7 % of running text consist of. Reading bytes in the
wrong charset gives Chinese characters, too, but rare ones."""
_LAW = re.compile(r"法[治制]|依法|執法|执法|普法")
_STOP = re.compile(r"[。!?;]")
_RIVALS = (
    ("a budget or an account", re.compile(r"预算|决算|三公")),
    ("a report on open government", re.compile(r"信息公开|依申请公开")),
    ("a tender", re.compile(r"招标|投标|中标|采购")),
    ("a recruitment", re.compile(r"招聘|应聘|报考|考生|面试|笔试")),
)
"""Other documents that a wrong link or a wrong attachment brings; in the reports measured each is named at most half as
often as the subject."""
_SENTENCE = re.compile(r"[^。!?;,\n]+")
_ERROR = re.compile(
    r"(?:页面|网页|内容|信息|文件|文章|稿件|栏目|网址|链接|附件|数据|记录)[^。]{0,6}?"
    r"(?:不存在|(?:没有|未|无法|不能)(?:找到|查到|显示|访问|打开|加载)|找不到|(?:已|已经|已被|被)(?:删除|下线|撤销|移除)"
    r"|(?:已|已经)?(?:失效|过期)|(?:加载|读取|获取|打开)(?:失败|出错|异常))"
    r"|(?:找不到|没有找到|未找到|未查到)[^。]{0,10}(?:页面|网页|内容|信息|文件|文章|数据|记录)"
    r"|(?:系统|网站|服务器?|平台|页面|栏目)(?:内部|正在|正|暂时|暂|维护)*(?:维护中?|升级中?|建设中|改版中?|错误|异常|繁忙|出错|不可用|停止服务|关闭)$"
    r"|(?:系统|网站|平台|栏目)(?:正在|正|暂停|进行)[^。]{0,6}(?:维护|升级|建设|改版|访问|服务)"
    r"|(?:没有|无|暂无|缺少)(?:访问|查看|浏览|阅读|操作|相关|足够的?)*权限|权限不足|无权(?:访问|查看|浏览)"
    r"|(?:请|需要?|您?尚未|您?还?未)先?登录|登录(?:超时|失效|后(?:方可|才能|可)?(?:查看|访问|浏览|阅读))|会话(?:已|已经)?(?:过期|超时|失效)"
    r"|访问(?:的)?(?:人数|次数|请求)?(?:过多|过于频繁|太频繁|受限|被拒绝|异常)|(?:操作|请求)(?:过于|太)频繁|请稍[后候]再?试|请输入验证码"
    r"|(?:请|需要?)(?:启用|开启|打开|允许).{0,6}javascript|(?:暂无|没有|无)(?:相关|任何)?(?:数据|内容|信息|记录)$"
    r"|正在加载|加载中|\b(?:404|403|500|502|503)\b.{0,12}(?:not found|forbidden|error|bad gateway|unavailable|错误)"
    r"|not found|access denied|internal server error|bad gateway|service (?:temporarily )?unavailable|exception\b",
    re.I,
)


def find(
    reading: ExtractionRecord, *, fetched: date | None, listed: date | None = None, covers_file: bool = False
) -> tuple[Doubt, ...]:
    """Why a reading is not to be trusted; empty for nearly all.

    Args:
        reading: Only what may be a report is judged: verdict REPORT or UNSURE, with a text. Where neither title nor
            verdict claim a report, only what nobody could judge is doubted; a person looks at the rest anyway.
        fetched: The day the bytes came, None if the portal's calendar is not ours.
        listed: The date under which the column lists the page.
        covers_file: The page offers files that will be read in its place: it needs no text of its own.

    Returns:
        The doubts, the most telling first.
    """
    if reading.verdict is Verdict.NO or reading.error is not None or not reading.text.strip():
        return ()
    text = compatible(reading.text)
    han = sum(map(len, _HAN.findall(text)))
    claims = reading.verdict is Verdict.REPORT or judge_title(reading.title or "").verdict is Verdict.REPORT
    doubts = list(_error(text, han))
    if not (covers_file and han < LEAST_CHARACTERS):
        doubts += _not_chinese(text)
        if claims:
            doubts += _short(han) if han < LEAST_CHARACTERS else _another(text, han)
    if claims:
        doubts += _year(reading, fetched, listed)
    return tuple(doubts)


def is_short(text: str) -> bool:
    """True for a text too short to be a report: what the page offers as files may be the report."""
    return sum(map(len, _HAN.findall(text))) < LEAST_CHARACTERS


def _error(text: str, han: int) -> Iterator[Doubt]:
    if han >= ERROR_CHARACTERS or (han >= LEAST_CHARACTERS and _for_thousand(_LAW, text, han) >= LEAST_LAW):
        return
    for sentence in _SENTENCE.findall(text):
        words = " ".join(sentence.split())
        if len(words) <= ERROR_SENTENCE and _ERROR.search(words):
            yield Doubt(
                kind=DoubtKind.ERROR_PHRASE,
                detail=f"a text of {han} Chinese characters (errors are looked for below {ERROR_CHARACTERS}) "
                f"says: {words}",
            )
            return


def _not_chinese(text: str) -> Iterator[Doubt]:
    letters = sum(map(len, _LETTER.findall(text)))
    share = sum(map(len, _EVERYDAY.findall(text))) / letters if letters else 0.0
    if share < LEAST_EVERYDAY:
        yield Doubt(
            kind=DoubtKind.NOT_CHINESE,
            detail=f"{share:.0%} of its {letters} letters are everyday Chinese characters, "
            f"at least {LEAST_EVERYDAY:.0%} expected",
        )


def _short(han: int) -> Iterator[Doubt]:
    yield Doubt(
        kind=DoubtKind.SHORT, detail=f"{han} Chinese characters, at least {LEAST_CHARACTERS} expected"
    )


def _another(text: str, han: int) -> Iterator[Doubt]:
    """A list of links, or a document on something else, under the title of a report."""
    why = _no_prose(text, han) or _rival(text)
    law = _for_thousand(_LAW, text, han)
    if why is None and law < LEAST_LAW:
        why = f"{law:.1f} words on 法治 or 依法 for 1,000 characters, at least {LEAST_LAW:.0f} expected"
    if why is not None:
        yield Doubt(kind=DoubtKind.TITLE_BODY, detail=f"the title is a report's, the text is not: {why}")


def _no_prose(text: str, han: int) -> str | None:
    signs = read_body(text)
    if signs.form is Form.LIST:
        return f"a list of links, {signs.why}"
    lines = sum(1 for line in text.splitlines() if line.strip())
    stops = _for_thousand(_STOP, text, han)
    if lines >= LIST_LINES and stops < LEAST_STOPS:
        return (
            f"{lines} lines with {stops:.1f} ends of sentences for 1,000 characters, "
            f"at least {LEAST_STOPS:.0f} expected"
        )
    return None


def _rival(text: str) -> str | None:
    subject = len(_LAW.findall(text))
    for name, words in _RIVALS:
        found = len(words.findall(text))
        if found >= RIVAL_WORDS and found > subject:
            return f"it reads like {name}: {found} words on that, {subject} on 法治 or 依法"
    return None


def _year(reading: ExtractionRecord, fetched: date | None, listed: date | None) -> Iterator[Doubt]:
    year = reading.report_year
    if year is None:
        return
    dates = [day for day in (reading.published, listed) if day is not None]
    if year < FIRST_YEAR:
        yield Doubt(kind=DoubtKind.YEAR, detail=f"report on {year}, before the first of them ({FIRST_YEAR})")
    elif fetched is not None and fetched < _earliest(year):
        yield Doubt(
            kind=DoubtKind.YEAR,
            detail=f"report on {year}, which was not over when it was fetched on {fetched} "
            f"(limit: {_earliest(year)})",
        )
    elif dates and max(dates) < _earliest(year):
        yield Doubt(
            kind=DoubtKind.YEAR,
            detail=f"report on {year}, which was not over when it was published on {max(dates)} "
            f"(limit: {_earliest(year)})",
        )


def _earliest(year: int) -> date:
    return date(min(year, date.max.year), EARLIEST_MONTH, 1)


def _for_thousand(words: re.Pattern[str], text: str, han: int) -> float:
    return len(words.findall(text)) * 1000 / han if han else 0.0
