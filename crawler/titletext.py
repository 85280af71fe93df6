"""A title as printed on a portal, brought to one form before anybody judges it.

Lists, ``<title>`` elements, PDF names and letterheads write the same title in many ways: with spaces round
the year, with 二〇二三年 for 2023年, with tags, numbers, dates and file extensions round it. Nothing here
decides what a title means.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass

MAX_LENGTH = 200
"""Characters read of a title. The longest real one met has 52; what is longer is a sentence or an attack."""

# Big5 gateway copies (/gate/big5/) show the same titles in traditional characters; only the characters that
# decide a title are folded.
_TRADITIONAL = (
    "設況報總結關於區縣鎮鄉務辦處廳開發實績執門屬國會黨員說圖讀計劃規見導審議責職動體準號書業學習專題縱"
)
_SIMPLIFIED = (
    "设况报总结关于区县镇乡务办处厅开发实绩执门属国会党员说图读计划规见导审议责职动体准号书业学习专题纵"
)
_DROPPED = "\"'“”‘’「」『』﹁﹂\u00ad\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202c\u2060\ufeff\ufffd"
_FOLD: dict[int, str | None] = {ord(a): b for a, b in zip(_TRADITIONAL, _SIMPLIFIED, strict=True)}
_FOLD |= {ord(c): None for c in _DROPPED}
_FOLD |= {ord(c): "-" for c in "‐‑‒–—―﹣−"}
_FOLD |= {ord(c): "《" for c in "〈«"} | {ord(c): "》" for c in "〉»"}

_MARKUP = re.compile(r"</?(?:br|p|span|font|b|strong|div|em|i|u|img|a|h[1-6])\b[^<>]{0,200}>", re.I)
_CHINESE_YEAR = re.compile(
    r"二[〇○◯零Oo0][〇○◯零Oo0一二三四五六七八九][〇○◯零Oo0一二三四五六七八九](?=年|\))"
)
_CHINESE_DIGITS = {
    **dict.fromkeys("〇○◯零Oo0", "0"),
    **{c: str(n) for n, c in enumerate("一二三四五六七八九", 1)},
}
_EXTENSION = re.compile(
    r"\.(?:pdf|docx?|wps|ofd|rtf|txt|s?html?|xlsx?|zip|rar|ceb|pptx?|jpe?g|png|tif)$", re.I
)
_STAMP = re.compile(
    r"(?:(?:发布|公开|更新|成文)?(?:时间|日期)?:?)?"
    r"(?:(?<!\d)20\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:\d{1,2}:\d\d(?::\d\d)?)?|(?<![\d-])\d{1,2}[-/]\d{1,2})$"
)
_DOCUMENT_NUMBER = re.compile(r"(?:^[一-鿿]{1,8}|[发函字文办报呈通])?[〔\[(【]20\d\d[〕\])】]第?\d{1,4}号")
_TAIL_NOISE = re.compile(r"(?:NEW|HOT|[!。.,;:、·|_\-~>»☆★]|图|详情|查看|下载|已盖章)+$", re.I)
_TAIL_NOTE = re.compile(r"[(\[【]([^()\[\]【】]{1,30})[)\]】]$")
_LEAD_TAG = re.compile(r"^[\[【(]([^()\[\]【】]{1,20})[\]】)](?=.)")
_LEAD_NOISE = re.compile(
    r"^(?:[·•●■◆◇▪○◎★☆>»※\-_.,:;、。#*|&]+"
    r"|\d{1,3}[.、:)](?=\D|20\d\d)"
    r"|\d{1,2}(?=20\d\d年)"
    r"|[一二三四五六七八九十]{1,3}[、.]"
    r"|附(?:件|表|录)(?:\d{1,2}(?!\d)|[一二三四五六七八九十]{1,2})?[:.、\-_]*"
    r"|附:"
    r"|(?:置顶|最新|图文|NEW|HOT)(?=[^一-鿿]|.{10})"
    r"|(?:标题|名称|题目|公[示告]|通告):)",
    re.I,
)
_CREDITS = re.compile(
    r"(?:信息来源|来源|作者|发布(?:机构|单位|者)|浏览(?:次数|量)?|点击(?:次数|数|量|率)?|字号):.*$"
)
"""The line under a heading, where a list or a page title takes it along."""
_CUT = re.compile(r"\.{2,}|…|⋯")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """A title in one form."""

    text: str
    """Without white space, quotation marks, tags, notes, dates and numbers round it."""
    tags: tuple[str, ...] = ()
    """What stood in 【】 or [] before it, in order."""
    notes: tuple[str, ...] = ()
    """What stood in brackets after it, the last one first."""
    cut: bool = False
    """The portal shortened it with dots."""


def fold(text: str) -> str:
    """One form for characters: NFKC, decided traditional characters simplified, no quotes, no white space.

    Years in Chinese digits (二〇二三年) become 2023年.
    """
    folded = unicodedata.normalize("NFKC", text).translate(_FOLD)
    joined = "".join(folded.split())
    if not joined.isprintable():
        joined = "".join(c for c in joined if unicodedata.category(c) != "Cc")
    if "二" in joined:
        joined = _CHINESE_YEAR.sub(lambda m: "".join(_CHINESE_DIGITS[c] for c in m.group()), joined)
    return joined


def clean(title: str) -> Cleaned:
    """Bring a title to one form, keeping what was taken off as tags and notes."""
    raw = title[: 4 * MAX_LENGTH]
    if "&" in raw:
        raw = html.unescape(raw)
    if "<" in raw:
        raw = _MARKUP.sub("", raw)
    text = fold(raw)
    overlong = len(text) > MAX_LENGTH
    text = text[:MAX_LENGTH]
    if "号" in text:
        text = _DOCUMENT_NUMBER.sub("", text)
    tags: list[str] = []
    notes: list[str] = []
    cut = overlong
    before = ""
    while before != text:
        before = text
        # Looked at before a pattern is: most titles end in a Chinese word, and this is asked of every link of a page.
        if ":" in text:
            text = _CREDITS.sub("", text)
        if "." in text:
            text = _EXTENSION.sub("", text)
        if text[-1:].isdecimal() or text.endswith("日"):
            text = _STAMP.sub("", text)
        if _CUT.search(text[-6:]):
            cut = True
        if text.endswith((")", "]", "】")) and (note := _TAIL_NOTE.search(text)):
            notes.append(note.group(1))
            text = text[: note.start()]
        text = _TAIL_NOISE.sub("", text)
        if tag := _LEAD_TAG.match(text):
            tags.append(tag.group(1))
            text = text[tag.end() :]
        text = _LEAD_NOISE.sub("", text, count=1)
        if text.startswith("《") and text.endswith("》") and text.count("《") == 1:
            text = text[1:-1]
    if _CUT.search(text):
        cut = True
    return Cleaned(text=text, tags=tuple(tags), notes=tuple(notes), cut=cut)
