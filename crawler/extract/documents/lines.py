"""Characters of a text as this archive wants them: white space folded, doubles of Chinese characters undone."""

from __future__ import annotations

import re
import unicodedata

_SPACES = re.compile(r"[^\S\t\n]+")
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufffe\uffff]"
)
CJK = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
WIDE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U000323af“”‘’—…·]")
UNMAPPED = re.compile("[\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff]")
"""Private use and replacement: what a font without a table gives."""

# Fonts of PDF files that were cut down by Word or WPS often map a character to the radical that looks the same.
# NFKC folds the Kangxi radicals; of the supplement it folds only two.
_RADICALS = {
    code: unicodedata.normalize("NFKC", chr(code)) for code in (*range(0x2F00, 0x2FD6), 0x2E9F, 0x2EF3)
}
_RADICALS |= {
    ord(radical): character
    for radical, character in zip(
        "⺁⺇⺌⺎⺏⺐⺑⺒⺓⺝⺟⺠⺫⺬⺯⺸⺼⻁⻄⻅⻆⻉⻋⻓⻔⻗⻘⻙⻚⻛⻜⻢⻣⻤⻥⻦⻧⻨⻩⻬⻮⻰⻳",
        "厂几小兀尣尢尣巳幺月母民目示糸羊肉虎西见角贝车长门雨青韦页风飞马骨鬼鱼鸟卤麦黄齐齿龙龟",
        strict=True,
    )
}


def clean(text: str) -> str:
    """Text with tabs and line breaks as they are, other white space folded, invisible characters gone."""
    return _SPACES.sub(" ", _INVISIBLE.sub("", text)).translate(_RADICALS)


def paragraph(text: str) -> str:
    """One paragraph on one line."""
    return " ".join(clean(text.replace("\t", " ").replace("\n", " ")).split())


def row(cells: list[str]) -> str:
    """One table row on one line, without the empty cells at its end."""
    return "\t".join(paragraph(cell) for cell in cells).rstrip("\t")


def joined(lines: list[str]) -> str:
    """Lines without the empty ones."""
    return "\n".join(line for line in lines if line.strip())


def glue(left: str, right: str) -> str:
    """Two halves of a broken line: a space between words of letters, none beside Chinese."""
    if not left or not right:
        return left + right
    if WIDE.match(left[-1]) or WIDE.match(right[0]) or left.endswith(("-", "/")):
        return left + right
    both_digits = left[-1].isdigit() and right[0].isdigit()
    return left + right if both_digits else f"{left} {right}"
