"""Automatic numbering in binary Word files: list definitions, overrides, and the styles that number."""

from __future__ import annotations

from dataclasses import dataclass, field

from crawler.extract.documents.doc_file import Bytes, WordFile, modifiers
from crawler.extract.documents.lists import LEVELS, Counters, Level
from crawler.extract.documents.model import Unreadable
from crawler.extract.documents.numerals import BINARY

_STYLES, _LISTS, _OVERRIDES = 0xA2, 0x2E2, 0x2EA
_LSTF, _LVLF, _LFO = 28, 28, 16
_MAX_LISTS = 4_000
_MAX_BASED_ON = 20
ILVL, ILFO = 0x260A, 0x460B
_SPACES = {1: " "}


@dataclass(frozen=True, slots=True)
class _List:
    family: str
    levels: tuple[Level, ...]
    starts: dict[int, int]


@dataclass(slots=True)
class Numbering:
    """The lists of one document, counted while its paragraphs are passed in order."""

    lists: list[_List | None] = field(default_factory=list)
    styles: dict[int, tuple[int | None, int | None]] = field(default_factory=dict)
    counters: Counters = field(default_factory=Counters)

    def label(self, group: bytes) -> str:
        """The number before a paragraph.

        Args:
            group: Its formatting: two bytes of style number, then modifiers.
        """
        if not self.lists or len(group) < 2:
            return ""
        number, level = self.styles.get(group[0] | group[1] << 8, (None, None))
        own_number, own_level = _numbered(group[2:])
        number = number if own_number is None else own_number
        level = level if own_level is None else own_level
        if not number or number > len(self.lists):
            return ""
        chosen = self.lists[number - 1]
        if chosen is None:
            return ""
        return self.counters.label(
            family=chosen.family,
            instance=str(number),
            level=level or 0,
            levels=chosen.levels,
            starts=chosen.starts,
        )


def _numbered(group: bytes) -> tuple[int | None, int | None]:
    number = level = None
    for code, operand in modifiers(group):
        if code == ILFO and len(operand) == 2:
            number = operand[0] | operand[1] << 8
        elif code == ILVL and operand:
            level = operand[0]
    return number, level


def read(word: WordFile) -> tuple[Numbering, bool]:
    """The lists of a file, and whether they could be read: text without its numbers is still the text."""
    try:
        found = Numbering(lists=_overrides(word, _definitions(word)))
        if found.lists:
            found.styles = _styles(word)
    except Unreadable:
        return Numbering(), False
    return found, True


def _definitions(word: WordFile) -> dict[int, tuple[Level, ...]]:
    """2.9.182 PlfLst, and behind it the levels of each list."""
    offset, size = word.stretch(_LISTS)
    if not size:
        return {}
    table = word.table
    count = table.u16(offset)
    if count > _MAX_LISTS:
        return {}
    at = offset + 2 + _LSTF * count
    found: dict[int, tuple[Level, ...]] = {}
    for number in range(count):
        start = offset + 2 + _LSTF * number
        simple = table.u8(start + 26) & 1
        levels = []
        for _ in range(1 if simple else LEVELS):
            level, at = _level(table, at)
            levels.append(level)
        found[table.i32(start)] = tuple(levels)
    return found


def _level(table: Bytes, at: int) -> tuple[Level, int]:
    """2.9.150 LVL."""
    start, nfc, flags = table.i32(at), table.u8(at + 4), table.u8(at + 5)
    follow = table.u8(at + 15)
    sizes = table.u8(at + 24) + table.u8(at + 25)
    limit = table.u8(at + 26)
    text_at = at + _LVLF + sizes
    length = table.u16(text_at)
    raw = table.slice(text_at + 2, 2 * length).decode("utf-16-le", "replace")
    text = "".join(f"%{ord(c) + 1}" if ord(c) < LEVELS else c for c in raw)
    level = Level(
        number_format=BINARY.get(nfc, "decimal"),
        text=text,
        start=start,
        restart=limit if flags & 0x08 else None,
        legal=bool(flags & 0x04),
        space=_SPACES.get(follow, ""),
    )
    return level, text_at + 2 + 2 * length


def _overrides(word: WordFile, definitions: dict[int, tuple[Level, ...]]) -> list[_List | None]:
    """2.9.181 PlfLfo: the lists that paragraphs name, each made from a definition."""
    offset, size = word.stretch(_OVERRIDES)
    if not size or not definitions:
        return []
    table = word.table
    count = table.u32(offset)
    if count > _MAX_LISTS:
        return []
    at = offset + 4 + _LFO * count
    found: list[_List | None] = []
    for number in range(count):
        start = offset + 4 + _LFO * number
        lsid = table.i32(start)
        levels, starts = list(definitions.get(lsid, ())), {}
        at += 4
        for _ in range(table.u8(start + 12)):
            first, flags = table.i32(at), table.u32(at + 4)
            at += 8
            place = flags & 0x0F
            if flags & 0x20:
                level, at = _level(table, at)
                if place < len(levels):
                    levels[place] = level
            if flags & 0x10:
                starts[place] = levels[place].start if flags & 0x20 and place < len(levels) else first
        found.append(_List(str(lsid), tuple(levels), starts) if levels else None)
    return found


def _styles(word: WordFile) -> dict[int, tuple[int | None, int | None]]:
    """2.9.271 STSH: for each paragraph style that numbers, its list and level."""
    offset, size = word.stretch(_STYLES)
    table = Bytes(word.table.slice(offset, size))
    at = 2 + table.u16(0)
    count, base = table.u16(2), table.u16(4)
    own: dict[int, tuple[int | None, int | None]] = {}
    parents: dict[int, int] = {}
    for number in range(count):
        length = table.u16(at)
        style = Bytes(table.slice(at + 2, length))
        at += 2 + length + length % 2
        if length < base + 2:
            continue
        kind = style.u16(2)
        if kind & 0x0F != 1:
            continue
        parents[number] = kind >> 4
        place = base + 2 + 2 * style.u16(base) + 2
        own[number] = _of_style(style, place + place % 2)
    found = {}
    for number in own:
        chosen: tuple[int | None, int | None] = (None, None)
        above = number
        for _ in range(_MAX_BASED_ON):
            listed, level = own.get(above, (None, None))
            chosen = (listed if chosen[0] is None else chosen[0], level if chosen[1] is None else chosen[1])
            above = parents.get(above, 0xFFF)
            if above == 0xFFF:
                break
        if chosen[0] is not None:
            found[number] = chosen
    return found


def _of_style(style: Bytes, place: int) -> tuple[int | None, int | None]:
    if place + 2 > len(style.data):
        return None, None
    return _numbered(style.data[place + 4 : place + 2 + style.u16(place)])
