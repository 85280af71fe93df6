r"""RTF files (specification 1.9.1), as Word and WPS write them: bytes in code pages, \u escapes, tables by rows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from crawler.extract.documents import lines
from crawler.extract.documents.model import Budget, Content, Fault
from crawler.extract.documents.tables import Cell, table_lines

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{0,2})|\\([^a-zA-Z'])|([{}])|([\r\n]+)|([^\\{}\r\n]+)"
)
_CHARSETS = {
    0: "cp1252",
    77: "mac_roman",
    128: "cp932",
    129: "cp949",
    134: "gb18030",
    136: "big5",
    204: "cp1251",
}
_CODE_PAGES = {936: "gb18030", 950: "big5", 932: "cp932", 949: "cp949", 65001: "utf-8", 10000: "mac_roman"}
# Destinations whose writing is no part of the text. \listtext and \pntext hold automatic numbers: they stay.
_SILENT = frozenset(
    {
        "fonttbl",
        "colortbl",
        "stylesheet",
        "info",
        "pict",
        "header",
        "headerl",
        "headerr",
        "headerf",
        "footer",
        "footerl",
        "footerr",
        "footerf",
        "object",
        "fldinst",
        "listtable",
        "listoverridetable",
        "revtbl",
        "themedata",
        "colorschememapping",
        "latentstyles",
        "datastore",
        "generator",
        "rsidtbl",
        "filetbl",
        "pgdsctbl",
        "atnid",
        "atnauthor",
        "annotation",
        "atnref",
        "atndate",
        "atnicn",
        "bkmkstart",
        "bkmkend",
        "xmlnstbl",
        "mmathPr",
        "objdata",
        "objclass",
        "shppict",
        "nonshppict",
        "falt",
        "panose",
        "fontemb",
        "fontfile",
        "private",
        "pn",
        "pnseclvl",
        "wgrffmtfilter",
        "sp",
        "ftnsep",
        "ftnsepc",
        "ftncn",
        "aftnsep",
        "aftnsepc",
        "aftncn",
        "xe",
        "tc",
        "userprops",
        "txfieldinst",
        "template",
        "comment",
        "operator",
    }
)
_BREAKS = frozenset(["par", "sect", "page", "column", "cell", "nestcell", "row", "nestrow"])
_SHOWN = frozenset(["shptxt", "shpinst", "listtext", "pntext", "fldrslt", "shp", "nesttableprops", "ud"])
"""Starred or not, these are read."""
_SIGNS = {
    "emdash": "—",
    "endash": "–",
    "bullet": "",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "emspace": " ",
    "enspace": " ",
    "qmspace": " ",
    "tab": " ",
    "line": "\n",
    "lbr": "\n",
    "softline": "\n",
}
_DEEPEST = 10_000
_TICK = 20_000


@dataclass(frozen=True, slots=True)
class _State:
    silent: bool = False
    hidden: bool = False
    deleted: bool = False
    font: int = -1
    skip: int = 1
    r"""Bytes of the substitute after a \u escape."""
    fonts: bool = False
    in_table: bool = False
    label: bool = False
    """In the number before a paragraph, which a tab only sets off."""

    def after(self, word: str, number: int | None) -> _State:
        """The state after a control word that changes properties; the same for others."""
        on = number != 0
        match word:
            case "intbl":
                return replace(self, in_table=True)
            case "pard":
                return replace(self, in_table=False)
            case "plain":
                return replace(self, hidden=False, deleted=False, font=-1)
            case "v":
                return replace(self, hidden=on)
            case "deleted":
                return replace(self, deleted=on)
            case "f":
                return replace(self, font=number or 0)
            case "uc":
                return replace(self, skip=min(max(number or 0, 0), 8))
            case _:
                return self


@dataclass(slots=True)
class _Reader:
    budget: Budget
    page: str = "cp1252"
    charsets: dict[int, str] = field(default_factory=dict)
    default: int = -1
    font: int = -1
    state: _State = field(default_factory=_State)
    stack: list[_State] = field(default_factory=list)
    starred: bool = False
    opening: bool = False
    raw: bytearray = field(default_factory=bytearray)
    parts: list[str] = field(default_factory=list)
    skipping: int = 0
    high: int = 0
    cell: list[str] = field(default_factory=list)
    row: list[Cell] = field(default_factory=list)
    rows: list[list[Cell]] = field(default_factory=list)
    out: list[str] = field(default_factory=list)
    deleted: int = 0
    closed: bool = False
    complete: bool = True

    def run(self, body: bytes) -> None:
        at = count = 0
        while at < len(body) and not self.closed:
            count += 1
            if count % _TICK == 0:
                self.budget.tick()
            found = _TOKEN.match(body, at)
            if found is None:
                at += 1
                continue
            at = found.end()
            word, argument, code, sign, brace, _, plain = found.groups()
            if word is not None and at == len(body):
                break  # cut within a control word: a whole file ends with a bracket
            if word is not None:
                number = int(argument) if argument else None
                if word == b"bin":
                    at += max(0, number or 0)
                else:
                    self.control(word.decode("ascii"), number)
            elif code is not None:
                self.byte(bytes.fromhex(code.decode("ascii")) if len(code) == 2 else b"")
            elif plain is not None:
                self.byte(plain)
            elif brace == b"{":
                self.open()
            elif brace == b"}":
                self.close()
            elif sign is not None:
                self.sign(sign)
        self.complete = self.closed
        self.paragraph()
        self.table()

    def open(self) -> None:
        self.flush()
        if len(self.stack) < _DEEPEST:
            self.stack.append(self.state)
        self.starred, self.opening, self.skipping = False, True, 0

    def close(self) -> None:
        self.flush()
        self.skipping = 0
        self.opening = self.starred = False
        if self.stack:
            self.state = self.stack.pop()
        self.closed = not self.stack

    def byte(self, data: bytes) -> None:
        self.opening = False
        if self.skipping:
            left = max(0, self.skipping - len(data))
            data, self.skipping = data[self.skipping :], left
        if data and not self.state.silent:
            self.raw += data

    def sign(self, sign: bytes) -> None:
        if sign == b"*":
            self.starred = True
        elif sign in (b"\\", b"{", b"}"):
            self.byte(sign)
        elif sign == b"~":
            self.text(" ")
        elif sign == b"_":
            self.text("-")
        elif sign in (b"\r", b"\n") and not self.state.silent:
            self.paragraph()

    def flush(self) -> None:
        """Bytes gathered so far become text in the charset of their font."""
        if self.raw:
            # The last character of a cut file may be half there.
            errors = "replace" if self.complete else "ignore"
            self.text(self.raw.decode(self.charset(), errors), flushing=True)
            self.raw.clear()

    def charset(self) -> str:
        font = self.state.font if self.state.font >= 0 else self.default
        charset = self.charsets.get(font, self.page)
        if charset == "cp1252" and self.page != "cp1252" and any(byte >= 0x80 for byte in self.raw):
            return self.page  # Chinese typed in a Latin font is in the system's code page all the same
        return charset

    def text(self, text: str, *, flushing: bool = False) -> None:
        if not flushing:
            self.flush()
        if self.state.deleted:
            self.deleted += len(text)
        elif not self.state.silent and not self.state.hidden:
            self.parts.append(text)

    def control(self, word: str, number: int | None) -> None:
        opening, self.opening = self.opening, False
        if word == "u":
            self.unicode(number or 0)
            return
        if self.skipping:
            self.skipping = max(0, self.skipping - 1)
        self.flush()
        if opening and self.destination(word):
            return
        self.starred = False
        if word in _BREAKS:
            if not self.state.silent:
                self.structure(word)
        elif word in _SIGNS:
            if not (word == "tab" and self.state.label):
                self.text(_SIGNS[word])
        elif word == "fcharset" and self.state.fonts:
            self.charsets[self.state.font] = _CHARSETS.get(number or 0, self.page)
        elif word == "ansicpg":
            self.page = _CODE_PAGES.get(number or 0, "cp1252")
        elif word == "deff":
            self.default = number or 0
        else:
            self.state = self.state.after(word, number)

    def structure(self, word: str) -> None:
        nested = word.startswith("nest")
        if word.endswith("cell"):
            self.end_cell(nested=nested)
        elif word.endswith("row"):
            self.end_row(nested=nested)
        else:
            self.paragraph()

    def destination(self, word: str) -> bool:
        if word == "fonttbl":
            self.state = replace(self.state, silent=True, fonts=True)
            return True
        if word in ("listtext", "pntext"):
            self.state = replace(self.state, label=True)
            return True
        if word in _SILENT or (self.starred and word not in _SHOWN):
            self.state = replace(self.state, silent=True)
            return True
        return False

    def unicode(self, code: int) -> None:
        code &= 0xFFFF
        self.flush()
        self.skipping = self.state.skip
        if 0xD800 <= code < 0xDC00:
            self.high = code
            return
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((self.high - 0xD800) << 10) + (code - 0xDC00) if self.high else 0xFFFD
        self.high = 0
        if not 0xE000 <= code <= 0xF8FF:  # symbol fonts: bullets
            self.text(chr(code))

    def paragraph(self) -> None:
        self.flush()
        text = "".join(self.parts)
        self.parts.clear()
        own = [line for piece in text.split("\n") if (line := lines.paragraph(piece))]
        if self.state.in_table:
            self.cell += own
            return
        if own:
            self.table()
        self.out += own

    def end_cell(self, *, nested: bool) -> None:
        kept = self.state
        self.state = replace(kept, in_table=True)
        self.paragraph()
        self.state = kept
        if not nested:
            self.row.append(Cell(paragraphs=tuple(self.cell)))
            self.cell = []

    def end_row(self, *, nested: bool) -> None:
        if not nested:
            self.rows.append(self.row)
            self.row = []

    def table(self) -> None:
        if self.cell:
            self.row.append(Cell(paragraphs=tuple(self.cell)))
        if self.row:
            self.rows.append(self.row)
        self.out += table_lines(self.rows)
        self.cell, self.row, self.rows = [], [], []


def read(body: bytes, budget: Budget) -> Content:
    """Reads an RTF file.

    Raises:
        Unreadable: not within the time.
    """
    start = body.find(b"{\\rt")
    reader = _Reader(budget)
    reader.run(body[max(start, 0) :])
    warnings = []
    if reader.deleted:
        warnings.append(f"{reader.deleted} deleted characters of tracked changes left out")
    return Content(
        text=lines.joined(reader.out),
        warnings=tuple(warnings),
        fault=None if reader.closed else Fault.DAMAGED,
        detail="" if reader.closed else "the file has no end: it is cut",
    )
