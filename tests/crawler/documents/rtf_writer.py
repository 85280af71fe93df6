"""Writes RTF as Chinese Word of the nineties and WPS do: text as bytes of GBK, or as \\u escapes."""

from __future__ import annotations

from collections.abc import Sequence

HEAD = (
    r"{\rtf1\ansi\ansicpg936\deff0\deflang1033\deflangfe2052{\fonttbl{\f0\froman\fprq2\fcharset0 Times New Roman;}"
    r"{\f1\fnil\fcharset134 \'cb\'ce\'cc\'e5;}}{\colortbl;\red0\green0\blue0;}{\stylesheet{\s0 Normal;}}"
    r"{\info{\title \'b1\'a8\'b8\'e6}{\author x}}{\header\pard\f1 \'c4\'da\'b2\'bf\par}{\footer\pard - {\field{\*\fldinst PAGE}{\fldrslt 1}} -\par}"
    "\n"
)


def gbk(text: str) -> str:
    """Two escaped bytes a character."""
    return "".join(
        c if c.isascii() and c not in "\\{}" else "".join(f"\\'{b:02x}" for b in c.encode("gb18030"))
        for c in text
    )


def escaped(text: str) -> str:
    """\\u escapes with a question mark for old readers."""
    out = ""
    for c in text:
        if c.isascii() and c not in "\\{}":
            out += c
            continue
        units = c.encode("utf-16-le")
        for at in range(0, len(units), 2):
            unit = units[at] | units[at + 1] << 8
            out += f"\\u{unit - 0x10000 if unit > 0x7FFF else unit}?"
    return out


def document(
    paragraphs: Sequence[str], *, unicode: bool = False, table: Sequence[Sequence[str]] = ()
) -> bytes:
    """A file of paragraphs and a table behind them."""
    write = escaped if unicode else gbk
    body = "".join(rf"{{\pard\plain\f1\fs32 {write(p)}\par}}" + "\n" for p in paragraphs)
    for row in table:
        cells = "".join(rf"\pard\intbl\f1 {write(cell)}\cell " for cell in row)
        ends = "".join(rf"\cellx{(at + 1) * 1500}" for at in range(len(row)))
        body += rf"\trowd{ends}{cells}\row" + "\n"
    return (HEAD + body + r"\pard\par}").encode("ascii")
