"""Bytes to text: the bytes decide, what header and meta claim only breaks ties.

Government pages are UTF-8 today and GB2312/GBK/GB18030 before about 2019 and on old sub-sites; header and
meta disagree often enough that neither is believed. Some pages mix both: a template in one charset, a pasted
body or an included footer in the other.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

REPLACEMENT = "\ufffd"
# Bytes A3 A0, in GBK a place for characters of one's own: editors write a blank of full width there, and browsers
# read it as one (Encoding Standard, gb18030 decoder).
_USER_BLANK = "\ue5e5"

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (b"\x84\x31\x95\x33", "gb18030"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# Declared names whose bytes gb18030 reads as well (it is a superset of gb2312 and gbk).
_GB = frozenset(
    {"gb2312", "gbk", "gb18030", "gb_2312-80", "gb2312-80", "x-gbk", "cp936", "936", "hz-gb-2312"}
)
_BIG5 = frozenset({"big5", "big5-hkscs", "big5hkscs", "cp950", "x-x-big5", "big-5"})
# Others are believed only when declared and when nothing Chinese fits: two-byte codes accept anything.
_FOREIGN = frozenset(
    {"shift_jis", "euc-jp", "euc-kr", "koi8-r", "windows-1251", "windows-1252", "iso-8859-1", "iso-8859-15"}
)

# The most frequent characters of modern Chinese prose and of official papers, simplified and traditional: of
# text read in its true charset they are a third or more, of mojibake close to none.
_COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法"
    "所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四"
    "日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代"
    "想已通并提直题党程展五果料象员革位入常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指"
    "府治依推落服务强全责任规范监督执报告区县市镇街办处网站信息首页关于我们联系版权所有主办单位备案号返回打印关闭"
    "這個為來時們說會對發學過後還進動業開體經點實現長與關內無問電機應當種氣從給將書單話號區縣鎮務責監報標網頁"
    "，。、：；（）“”《》！？　"
)

_META = re.compile(
    rb"""<(?:meta|\?xml)\b[^>]{0,300}?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:-]{2,30})""", re.I
)
_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([A-Za-z0-9_:-]{2,30})""", re.I)
_XML_DECLARATION = re.compile(r"\A\s*<\?xml\b[^>]{0,200}\?>", re.I)
_BEYOND_ASCII = re.compile("[^\x00-\x7f]+")
_BEYOND_TWO_BYTES = re.compile("[\u0800-\U0010ffff]")
# No later byte of a two-byte GB18030 or Big5 character lies in these ranges: cutting there never cuts one.
_CUT = re.compile(rb"([\x00-\x2f\x3a-\x3f]+)")
# A whole piece of six bytes or more that may be UTF-8 and holds more than ASCII.
_UTF8_PIECE = re.compile(
    rb"(?<![0-9@-\xff])(?=[0-9@-\xff]{6})[0-9@-\x7f]*+"
    rb"(?:(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]|[\xf0-\xf4][\x80-\xbf]{2})[\x80-\xbf][0-9@-\x7f]*+)++"
    rb"(?![0-9@-\xff])"
)

# How far the bytes are looked at to find a declaration (the HTML standard says 1024, but templates put
# comments first) and to compare charsets: enough characters to be sure, independent of the page's size.
_SNIFF_META = 4096
_SNIFF_TEXT = 1 << 18


@dataclass(frozen=True)
class Decoded:
    """A page as text."""

    text: str
    """Without byte order mark, NULs and XML declaration (lxml refuses a ``str`` that declares a charset)."""
    charset: str
    """The charset the bytes were read in, whatever was declared."""
    warnings: tuple[str, ...] = ()
    """What was damaged, mixed or contradicted; empty for a clean page."""


def decode(body: bytes, content_type: str | None = None) -> Decoded:
    """Decodes a page by its bytes; never raises.

    Order: byte order mark, strict UTF-8, then the likeliest of GB18030, Big5 and damaged UTF-8 by the share
    of everyday characters each reading gives. Pieces that do not fit the page's charset are tried in another
    before they become U+FFFD.

    Args:
        body: The bytes as received, content encoding removed.
        content_type: The Content-Type header as sent.
    """
    warnings: list[str] = []
    text, charset = _read(body, content_type, warnings)
    if "\x00" in text:
        warnings.append(f"{text.count(chr(0))} NUL characters removed")
        text = text.replace("\x00", "")
    if charset == "gb18030":
        text = text.replace(_USER_BLANK, "\u3000")
    text = _XML_DECLARATION.sub("", text.removeprefix("\ufeff"))
    damaged = text.count(REPLACEMENT)
    if damaged:
        warnings.append(f"{damaged} characters unreadable in {charset} (U+FFFD)")
    return Decoded(text, charset, tuple(warnings))


def _read(body: bytes, content_type: str | None, warnings: list[str]) -> tuple[str, str]:
    for mark, charset in _BOMS:
        if body.startswith(mark):
            return _lenient(body[len(mark) :], charset, warnings), charset
    wide = _wide_without_mark(body)
    if wide is not None:
        return body.decode(wide, errors="replace"), wide
    claims = _declared(body, content_type)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        charset = _likeliest(body, ("utf-8", "gb18030", "big5hkscs"), claims)
    else:
        # Two-byte sequences alone are also pairs of GBK bytes (a list of a few words, a short JSON answer).
        doubtful = not text.isascii() and _BEYOND_TWO_BYTES.search(text) is None
        charset = _likeliest(body, ("utf-8", "gb18030"), claims) if doubtful else "utf-8"
        if charset == "utf-8":
            _contradicted(claims, charset, warnings)
            return text, charset
    _contradicted(claims, charset, warnings)
    return _lenient(body, charset, warnings), charset


def _wide_without_mark(body: bytes) -> str | None:
    """UTF-16 without its mark: ASCII markup leaves every second byte NUL."""
    head = body[:400]
    if len(head) < 8:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > len(head) * 0.3 and even == 0:
        return "utf-16-le"
    if even > len(head) * 0.3 and odd == 0:
        return "utf-16-be"
    return None


def _declared(body: bytes, content_type: str | None) -> tuple[str, ...]:
    """Charsets named by the header and by the page, in that order, as codec names we use."""
    names = _HEADER.findall(content_type or "")[:1]
    names += [m.decode("ascii") for m in _META.findall(body[:_SNIFF_META])[:2]]
    claims: list[str] = []
    for name in names:
        low = name.lower()
        claims.append(
            "gb18030" if low in _GB else "big5hkscs" if low in _BIG5 else low.replace("utf8", "utf-8")
        )
    return tuple(dict.fromkeys(claims))


def _contradicted(claims: tuple[str, ...], charset: str, warnings: list[str]) -> None:
    if claims and charset not in claims:
        warnings.append(f"declared {', '.join(claims)}, read as {charset}")


def _likeliest(body: bytes, candidates: tuple[str, ...], claims: tuple[str, ...]) -> str:
    sample = body[:_SNIFF_TEXT]
    if sample.isascii():
        at = re.search(rb"[\x80-\xff]", body)
        sample = body[at.start() : at.start() + _SNIFF_TEXT] if at else sample
    scores = {charset: _familiar(sample, charset) for charset in candidates}
    best = max(scores.values())
    # Within a twentieth of each other the readings are equally good and the declaration may decide.
    near = [c for c in candidates if scores[c] >= best - 0.05]
    for claim in claims:
        if claim in near:
            return claim
        if claim in _FOREIGN and best <= 0.05:
            return claim
    return max(near, key=lambda c: scores[c])


def _familiar(sample: bytes, charset: str) -> float:
    """Share of everyday characters less the share of unreadable ones, over what is not ASCII."""
    text = sample.decode(charset, errors="replace")
    if len(text) and text[-1] == REPLACEMENT:  # the sample may end inside a character
        text = text[:-1]
    beyond = Counter("".join(_BEYOND_ASCII.findall(text)))
    if not beyond:
        return 0.0
    common = sum(beyond[c] for c in beyond.keys() & _COMMON)
    return (common - beyond[REPLACEMENT]) / beyond.total()


def _lenient(body: bytes, charset: str, warnings: list[str]) -> str:
    """Reads in one charset; pieces that do not fit are tried in the other charset of these portals."""
    if charset not in ("utf-8", "gb18030", "big5hkscs"):
        return body.decode(charset, errors="replace")
    other = "gb18030" if charset == "utf-8" else "utf-8"
    if other == "utf-8":
        with suppress(UnicodeDecodeError):  # a damaged page is read piece by piece
            return _sound(body, charset, warnings)
    out: list[str] = []
    foreign = 0
    for piece in _CUT.split(body):
        if piece.isascii():
            out.append(piece.decode("ascii"))
            continue
        text, changed = _piece(piece, charset, other)
        foreign += changed
        out.append(text)
    _mixed(foreign, charset, other, warnings)
    return "".join(out)


def _sound(body: bytes, charset: str, warnings: list[str]) -> str:
    """Reads an undamaged page of a two-byte charset as a whole, except for pieces that are UTF-8.

    Raises:
        UnicodeDecodeError: bytes that are no characters of the charset.
    """
    out: list[str] = []
    at = foreign = 0
    for piece in _UTF8_PIECE.finditer(body):
        text, changed = _piece(piece.group(), charset, "utf-8")
        if changed:
            out += (body[at : piece.start()].decode(charset), text)
            at = piece.end()
            foreign += 1
    out.append(body[at:].decode(charset))
    _mixed(foreign, charset, "utf-8", warnings)
    return "".join(out)


def _mixed(foreign: int, charset: str, other: str, warnings: list[str]) -> None:
    if foreign:
        warnings.append(f"mixed charsets: {foreign} pieces of a {charset} page read as {other}")


def _piece(piece: bytes, charset: str, other: str) -> tuple[str, bool]:
    own = piece.decode(charset, errors="replace")
    text = piece.decode(other, errors="replace")
    bad, bad_other = own.count(REPLACEMENT), text.count(REPLACEMENT)
    if other == "utf-8":
        # Two or more sound UTF-8 characters are no accident in GB18030 bytes if they also read as Chinese.
        return (text, True) if not bad_other and len(piece) >= 6 and _better(text, own) else (own, False)
    if not bad:
        return own, False
    # A UTF-8 piece with a damaged spot is not GB18030: most of its bytes are sound UTF-8 characters.
    sound = sum(len(c.encode("utf-8")) for c in own if c > "\u07ff" and c != REPLACEMENT)
    if sound * 2 > len(piece) or bad_other * 2 >= bad or not _everyday(text):
        return own, False
    return text, True


def _everyday(text: str) -> float:
    return sum(c in _COMMON for c in text) / max(1, len(text))


def _better(text: str, own: str) -> bool:
    return _everyday(text) > _everyday(own)
