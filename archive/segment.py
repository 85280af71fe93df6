"""Words of a text, and the one form in which texts and queries are compared when searching.

``segment`` names every word of the dictionary that stands anywhere in a text, overlapping ones
included (the segmenter's full mode). A cut into *one* sequence of words depends on what stands
around a word, so a word may be cut otherwise in the text than in the query and be missed; in full
mode a word of the dictionary is named if and only if its characters stand there.

rjieba cuts (22 MB/s, a twentieth of jieba's time), jieba is the reference that tests compare it with.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from typing import Literal

from archive.text import is_folded

FORMAT = 2
"""Raised when ``fold`` or the tokens of ``archive.search_tokens`` change: an index of another one is rebuilt."""

OWN_WORDS = (
    "法治政府",
    "法治政府建设",
    "法治建设",
    "法治思维",
    "法治宣传",
    "法治宣传教育",
    "法治社会",
    "法治素养",
    "习近平法治思想",
    "行政执法",
    "行政执法监督",
    "行政执法人员",
    "执法人员",
    "执法监督",
    "执法力量",
    "综合执法",
    "综合行政执法",
    "行政决策",
    "重大行政决策",
    "规范性文件",
    "行政规范性文件",
    "合法性审查",
    "合法性审核",
    "公平竞争审查",
    "行政应诉",
    "行政审批",
    "行政许可",
    "行政权力",
    "行政争议",
    "负责人出庭应诉",
    "党政主要负责人",
    "第一责任人",
    "法律顾问",
    "公共法律服务",
    "人民调解",
    "矛盾纠纷",
    "营商环境",
    "优化营商环境",
    "政务服务",
    "政务公开",
    "政府信息公开",
    "权责清单",
    "负面清单",
    "双随机",
    "一网通办",
    "最多跑一次",
    "放管服",
    "三项制度",
    "八五普法",
    "七五普法",
    "普法责任制",
    "街道办事处",
    "依法治区",
    "依法治市",
    "依法治省",
    "全面依法治国",
    "市场监管",
    "社会治理",
    "基层治理",
    "行政机关",
    "依法行政",
    "人民政府",
)
"""Words of the reports that the segmenter's dictionary lacks: common ones of three and more characters
are then counted and ranked from the index alone."""

Engine = Literal["rjieba", "jieba"]
_FREQUENCY = 100

_HAN = re.compile("[\u4e00-\u9fd5]+")
"""What the segmenter looks up in its dictionary; the rest it passes through."""


@lru_cache(maxsize=1)
def stamp() -> str:
    """What an index is made with: the segmenter, its version, our words, the format of the tokens."""
    own = sha256("\n".join(OWN_WORDS).encode()).hexdigest()[:8]
    return f"rjieba {version('rjieba')}, {len(OWN_WORDS)} own words {own}, format {FORMAT}"


def segment(text: str, engine: Engine = "rjieba") -> Sequence[str]:
    """The words of a folded text, in its order, overlapping ones included; other pieces may be among them."""
    words: Sequence[str] = _cutter(engine)(text)
    return words


def long_words(folded: str) -> list[str]:
    """The dictionary words of three and more characters in a folded text, as often as they stand there."""
    # Pieces are of Han characters alone, and then dictionary words or single characters, or of none.
    return [word for word in segment(folded) if len(word) > 2 and "\u4e00" <= word[0] <= "\u9fd5"]


def is_word(word: str) -> bool:
    """True if ``segment`` names this word wherever its characters stand."""
    return _HAN.fullmatch(word) is not None and bool(_rjieba().has_word(word))


def fold(text: str) -> str:
    """The form in which texts and queries are compared.

    Character by character: compatibility forms (full-width letters and digits, ㈠, ①, ㎡) become plain
    ones (NFKC), capitals small, invisible characters vanish; white space, line ends included, vanishes
    unless it separates two Latin letters or digits: 第 一责任人, broken over two lines, is 第一责任人.
    """
    others = set(_OTHERS.findall(text))
    plain_forms = _plain_forms(others)
    odd = _ODD & others
    if len(odd) > _MANY:
        text = text.translate(_plain_forms(set(text)))
    else:  # what a character is folded into is folded already: the order does not matter
        for char in odd:
            text = text.replace(char, plain_forms[ord(char)])
    return _SPACES.sub(_separator, text)


def certain(folded: str) -> str:
    """The characters of a folded word that stand unchanged in every text whose folded form has the word."""
    return "".join(char for char in folded if "\u4e00" <= char <= "\u9fff" and char not in _folded_into())


def fold_with_places(text: str) -> tuple[str, list[int]]:
    """``fold(text)``, and for each of its characters the index of the one in ``text`` it comes from."""
    spaced: list[str] = []
    places: list[int] = []
    plain_forms = _plain_forms(set(text))
    for index, char in enumerate(text):
        plain = plain_forms[ord(char)]
        spaced.extend(plain)
        places.extend([index] * len(plain))
    whole = "".join(spaced)
    kept: list[int] = []
    end = 0
    for found in _SPACES.finditer(whole):
        kept.extend(places[end : found.start() + len(_separator(found))])
        end = found.end()
    kept.extend(places[end:])
    return _SPACES.sub(_separator, whole), kept


def _plain_forms(chars: set[str]) -> dict[int, str]:
    """What each of the characters, and those seen before, is folded into."""
    # A dict that works them out by itself when asked makes the translation three times as slow.
    for char in chars - _SEEN:
        plain = " " if char.isspace() else "" if is_folded(char) else _plain(char)
        _PLAIN[ord(char)] = plain
        if plain != char:
            _ODD.add(char)
        _SEEN.add(char)
    return _PLAIN


def _plain(char: str) -> str:
    """NFKC and small letters until nothing changes, so that folding a folded text changes nothing."""
    before, now = "", char
    while now != before:
        before, now = now, unicodedata.normalize("NFKC", now).casefold()
    return "".join(" " if part.isspace() else part for part in now if part.isspace() or not is_folded(part))


@lru_cache(maxsize=1)
def _folded_into() -> frozenset[str]:
    """What radicals, enclosed and compatibility characters are folded into."""
    return frozenset(fold("".join(chr(code) for block in _COMPATIBILITY for code in block)))


def _separator(found: re.Match[str]) -> str:
    """What a run of white space is folded into, by its neighbours."""
    text, start, end = found.string, found.start(), found.end()
    apart = start > 0 and end < len(text) and text[start - 1] in LATIN and text[end] in LATIN
    return " " if apart else ""


@lru_cache(maxsize=2)
def _cutter(engine: Engine) -> Callable[[str], Sequence[str]]:
    if engine == "rjieba":
        cut: Callable[[str], Sequence[str]] = _rjieba().cut_all
        return cut
    import jieba

    tokenizer = jieba.Tokenizer()
    for word in OWN_WORDS:
        tokenizer.add_word(word, _FREQUENCY)
    return lambda text: list(tokenizer.cut(text, cut_all=True))


@lru_cache(maxsize=1)
def _rjieba():  # type: ignore[no-untyped-def]  # noqa: ANN202  # the module has no types
    import rjieba

    cutter = rjieba.Jieba()
    for word in OWN_WORDS:
        cutter.add_word(word, _FREQUENCY, "n")
    return cutter


_COMPATIBILITY = (
    range(0x2E80, 0x2FE0),
    range(0x3000, 0x3400),
    range(0xF900, 0xFB00),
    range(0x1F200, 0x1F300),
    range(0x2F800, 0x2FA20),
)
"""The blocks whose characters NFKC turns into those of U+4E00 to U+9FFF (a test goes through all others)."""

_PLAIN: dict[int, str] = {}
_SEEN: set[str] = set()
_OTHERS = re.compile("[^0-9a-z\u4e00-\u9fff。、“”《》]")
"""What folding may change: it leaves the others as they are (a set of all characters would take half its time)."""

_ODD: set[str] = set()
"""Those of the seen that folding changes."""

_MANY = 60
"""A usual report has ten to twenty characters that are folded: replacing each takes a third of a translation's time."""
_SPACES = re.compile(" +")
LATIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
"""What folding leaves white space between."""
