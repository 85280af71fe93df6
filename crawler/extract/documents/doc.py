"""Binary Word files, Word 97 to 2003 and what WPS writes in their stead; Word 6 and 95 where simply saved."""

from __future__ import annotations

from dataclasses import dataclass, field

from crawler.extract.documents import doc_lists, lines
from crawler.extract.documents.doc_file import (
    WORD_97,
    Runs,
    WordFile,
    character_runs,
    modifiers,
    open_word,
    paragraph_runs,
)
from crawler.extract.documents.doc_pieces import Piece, pieces
from crawler.extract.documents.model import Budget, Content, Fault, Unreadable
from crawler.extract.documents.tables import Cell, table_lines

_DELETED, _HIDDEN, _SYMBOL = 0x0800, 0x083C, 0x6A09
_IN_TABLE, _ROW_END, _DEPTH = 0x2416, 0x2417, 0x6649
_FIELD, _RESULT, _FIELD_END = "\x13", "\x14", "\x15"
_CELL, _PARAGRAPH, _PAGE, _BREAK, _COLUMN = "\x07", "\r", "\x0c", "\x0b", "\x0e"
_PLAIN = {"\x1e": "-", "\xa0": " ", "\t": " "}
_NOTHING = frozenset("\x00\x01\x02\x03\x04\x05\x06\x08\x1f\x28")
_CHINESE = 0x0804
_MIN_CJK = 0.2
"""Share of Chinese among the letters below which the text is doubted; reports have 0.95."""
_ODD = 0.05
_LITTLE_TEXT = 50


def read(body: bytes, budget: Budget) -> Content:
    """Reads a binary Word file.

    Raises:
        Unreadable: encrypted, damaged, or of a Word before its piece tables were documented.
    """
    word = open_word(body, budget)
    if word.version < WORD_97:
        return _old(word)
    main, notes, headers, macros, comments, ends, boxes = word.lengths[:7]
    if main <= 0 or min(word.lengths) < 0:
        raise Unreadable(Fault.DAMAGED, "the Word file says that it has no text")
    wanted = main + notes + headers + macros + comments + ends + boxes
    found, whole = pieces(word, wanted)
    numbering, numbered = doc_lists.read(word)
    reader = _Reader(_Marks(character_runs(word, budget), paragraph_runs(word, budget)), numbering, budget)
    text = reader.text(found, 0, main)
    if notes:
        text += reader.text(found, main, main + notes)
    before_ends = main + notes + headers + macros + comments
    if ends:
        text += reader.text(found, before_ends, before_ends + ends)
    boxed = reader.text(found, before_ends + ends, wanted) if boxes else []
    return _content(lines.joined([*text, *boxed]), reader, boxed, whole=whole, numbered=numbered)


def _content(text: str, reader: _Reader, boxed: list[str], *, whole: bool, numbered: bool) -> Content:
    warnings = []
    if reader.deleted:
        warnings.append(f"{reader.deleted} deleted characters of tracked changes left out")
    if boxed:
        warnings.append(f"{len(boxed)} lines of text boxes put at the end")
    if not numbered:
        warnings.append("the automatic numbers of its lists could not be read")
    if reader.pictures and len(text) < _LITTLE_TEXT:
        warnings.append(f"{reader.pictures} pictures and hardly any text: scanned")
    fault, detail = (None, "") if whole else (Fault.DAMAGED, "the file has no end: it is cut")
    odd = _doubt(text)
    if odd:
        fault, detail = Fault.DAMAGED, odd
    scanned = reader.pictures if len(text) < _LITTLE_TEXT else 0
    return Content(text=text, scanned_pages=scanned, warnings=tuple(warnings), fault=fault, detail=detail)


def _doubt(text: str) -> str:
    """Says what is wrong with a text that cannot be what its author wrote.

    Other readers return garbage for such files without an error.
    """
    letters = [c for c in text if c.isalpha()]
    odd = len(lines.UNMAPPED.findall(text))
    if odd > _ODD * max(len(text), 1):
        return f"{odd} of its {len(text)} characters are no characters"
    foreign = sum("\x80" <= c <= "\u024f" for c in letters)
    if len(letters) > _LITTLE_TEXT and foreign > (1 - _MIN_CJK) * len(letters):
        return "its letters are those of a wrongly read code page"
    return ""


def _old(word: WordFile) -> Content:
    """Word 6 and 95: eight-bit text in the code page of the system."""
    if word.fast_saved:
        raise Unreadable(Fault.UNREADABLE, "Word 6 or 95, fast-saved")
    start, end = word.main.u32(0x18), word.main.u32(0x1C)
    data = word.main.slice(start, end - start)
    text = data.decode("gb18030" if word.language == _CHINESE else "cp1252", "replace")
    reader = _Reader(_Marks(Runs(), Runs()), doc_lists.Numbering(), None)
    out = reader.text([Piece(0, text, 0, 1, b"")], 0, len(text))
    found = _content(lines.joined(out), reader, [], whole=True, numbered=True)
    note = "a file of Word 6 or 95: deleted and hidden passages cannot be told from the text"
    return Content(text=found.text, warnings=(*found.warnings, note), fault=found.fault, detail=found.detail)


@dataclass(slots=True)
class _Marks:
    characters: Runs
    paragraphs: Runs
    _cache: dict[bytes, bool] = field(default_factory=dict)

    def gone(self, piece: Piece) -> list[bool]:
        """For each character of a piece, whether it is deleted or hidden."""
        out = [self._drops(piece.modifiers)] * len(piece.text)
        end = piece.offset + len(piece.text) * piece.width
        for start, stop, group in self.characters.over(piece.offset, end):
            if self._drops(group):
                first = (start - piece.offset) // piece.width
                last = (stop - piece.offset + piece.width - 1) // piece.width
                out[first:last] = [True] * (min(last, len(out)) - first)
        return out

    def _drops(self, group: bytes) -> bool:
        if group not in self._cache:
            self._cache[group] = any(
                code in (_DELETED, _HIDDEN) and operand and operand[0] & 1
                for code, operand in modifiers(group)
            )
        return self._cache[group]


class _Reader:
    def __init__(self, marks: _Marks, numbering: doc_lists.Numbering, budget: Budget | None) -> None:
        self.marks = marks
        self.numbering = numbering
        self.budget = budget
        self.deleted = 0
        self.pictures = 0
        self._reset()

    def _reset(self) -> None:
        self.out: list[str] = []
        self.parts: list[str] = []
        self.fields: list[bool] = []  # for each open field, whether its result has begun
        self.cell: list[str] = []
        self.nested = False
        self.row: list[Cell] = []
        self.rows: list[list[Cell]] = []

    def text(self, found: list[Piece], start: int, end: int) -> list[str]:
        """The lines of the characters from ``start`` to ``end``."""
        self._reset()
        for piece in found:
            first, last = max(start - piece.start, 0), min(end - piece.start, len(piece.text))
            if first < last:
                if self.budget is not None:
                    self.budget.tick()
                self._piece(piece, first, last)
        self._paragraph(b"", in_table=False)
        self._table()
        return self.out

    def _piece(self, piece: Piece, first: int, last: int) -> None:
        gone = self.marks.gone(piece)
        for at in range(first, last):
            character = piece.text[at]
            if gone[at]:
                self.deleted += 1
                continue
            if character == _FIELD:
                self.fields.append(False)
            elif character == _RESULT and self.fields:
                self.fields[-1] = True
            elif character == _FIELD_END and self.fields:
                self.fields.pop()
            elif character in (_CELL, _PARAGRAPH, _PAGE, _BREAK, _COLUMN):
                self._end(character, piece, at)
            elif all(self.fields):
                self._character(character, piece, at)

    def _character(self, character: str, piece: Piece, at: int) -> None:
        if character == "\x28":
            self.parts.append(self._symbol(piece, at))
        elif character not in _NOTHING:
            self.parts.append(_PLAIN.get(character, character))
        elif character in "\x01\x08":
            self.pictures += 1

    def _symbol(self, piece: Piece, at: int) -> str:
        """A bracket that stands for a character of a symbol font is none (2.6.1 sprmCSymbol)."""
        group = self.marks.characters.at(piece.offset + at * piece.width)
        for code, operand in modifiers(group or b""):
            if code == _SYMBOL and len(operand) == 4:
                symbol = operand[2] | operand[3] << 8
                return "" if 0xE000 <= symbol <= 0xF8FF or symbol < 0x20 else chr(symbol)
        return "("

    def _end(self, character: str, piece: Piece, at: int) -> None:
        if character == _BREAK:
            self.parts.append("\n")
            return
        group = self.marks.paragraphs.at(piece.offset + at * piece.width)
        properties = dict(modifiers((group or b"")[2:]))
        in_table = bool(any(properties.get(_IN_TABLE, b""))) or character == _CELL
        depth = properties.get(_DEPTH, b"")
        self.nested = self.nested or (len(depth) == 4 and depth[0] > 1)
        if character != _CELL:
            self._paragraph(group or b"", in_table=in_table)
            return
        row_ends = any(properties.get(_ROW_END, b"")) if group is not None else not (self.parts or self.cell)
        if row_ends and not self.parts:
            self.rows.append(self.row)
            self.row, self.cell, self.nested = [], [], False
        else:
            self._paragraph(group or b"", in_table=True)
            self.row.append(Cell(paragraphs=tuple(self.cell), nested=self.nested))
            self.cell, self.nested = [], False

    def _paragraph(self, group: bytes, *, in_table: bool) -> None:
        # Counted as two characters in the file, read as one.
        text = "".join(self.parts).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        self.parts.clear()
        label = self.numbering.label(group) if text.strip() else ""
        found = [lines.paragraph(piece) for piece in text.split("\n")]
        if label and found[0]:
            found[0] = lines.paragraph(label + found[0])
        own = [piece for piece in found if piece]
        if in_table:
            self.cell += own
        else:
            self._table()
            self.out += own

    def _table(self) -> None:
        if self.cell:
            self.row.append(Cell(paragraphs=tuple(self.cell), nested=self.nested))
        if self.row:
            self.rows.append(self.row)
        if self.rows:
            self.out += table_lines(self.rows)
        self.cell, self.row, self.rows, self.nested = [], [], [], False
